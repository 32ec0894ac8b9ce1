#pragma once

#include "gui/models/tap_expression.h"
#include "gui/models/tap_model.h"
#include "gui/pages/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QSplitter;

namespace signalbox::gui {

class LiveTable;
class PayloadView;

/// The tap: messages as they pass, chosen by a filter that runs in the engine.
class MessagesPage : public Page {
    Q_OBJECT

public:
    explicit MessagesPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;
    void saveLayout() override;

    /// Captures what matches the expression, from now on.
    void tap(QString const& expression);
    void focusSearch();
    void togglePause();

    /// For the status bar; empty while nothing is captured.
    QString stateText() const;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void makeFilterBar();
    void makeTools();
    void makeTable();
    QWidget* detail();
    QWidget* counters();
    void showVerdict();
    void startCapture();
    void stopCapture();
    void sendFilter();
    void showCounts(observe::TapCounts const& counts);
    void showLoad(observe::Sampling const& tap);
    void showRow(QModelIndex const& index);
    void showState();
    void fillMenu(QPoint const& at);
    void addCopyActions(QMenu& menu, observe::TapRow const& row);

    /// The bar that says what is captured, and what may be done with what was.
    struct Controls {
        QLineEdit* filter = nullptr;
        QLabel* verdict = nullptr;
        QComboBox* sample = nullptr;
        QComboBox* head = nullptr;
        QLineEdit* find = nullptr;
        QAction* capture = nullptr;
        QAction* pause = nullptr;
        QAction* follow = nullptr;
    };
    struct Counters {
        QLabel* matched = nullptr;
        QLabel* sampledOut = nullptr;
        QLabel* dropped = nullptr;
        QLabel* shown = nullptr;
    };

    TapModel* model_;
    LiveTable* table_ = nullptr;
    PayloadView* payload_ = nullptr;
    QLabel* message_ = nullptr;
    QSplitter* split_ = nullptr;
    Controls controls_;
    Counters counters_;
    QLabel* load_ = nullptr;
    TapExpression expression_;
    TapRowPtr current_;
    observe::TapCounts counts_;
    bool capturing_ = false;
    bool startedOnce_ = false;
    bool endedSeen_ = false;  ///< That the tap of a server elsewhere ended by itself.
};

/// The message as a command line that publishes it again.
QString publishCommand(observe::TapRow const& row, QString const& url);

}  // namespace signalbox::gui
