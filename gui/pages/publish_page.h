#pragma once

#include "gui/models/sent_model.h"
#include "gui/pages/page.h"

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QSplitter;
class QTableWidget;

namespace signalbox::gui {

class LiveTable;
class PayloadView;

/// Sends messages and asks questions, over a client connection as any program would.
class PublishPage : public Page {
    Q_OBJECT

public:
    explicit PublishPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;
    void saveLayout() override;

    void setSubject(QString const& subject);
    void publish();
    void request();

private:
    /// A run of the same message many times, of which a bounded number is under way at once.
    struct Run {
        JobToken row = 0;  ///< Of the history.
        host::OutgoingMessage message;
        int times = 0;
        int asked = 0;
        int done = 0;
        int failed = 0;
        QString error;
    };

    QWidget* form();
    QWidget* headersPart();
    QWidget* buttons();
    QWidget* answerPart();
    host::OutgoingMessage message() const;
    void check();
    void pump();
    void take(Job const& job);
    void takeAnswer(Job const& job);
    void showSent(QModelIndex const& index);
    void addHeader(QString const& name = {}, QString const& value = {});

    struct Form {
        QLineEdit* subject = nullptr;
        QLineEdit* reply = nullptr;
        QTableWidget* headers = nullptr;
        QPlainTextEdit* body = nullptr;
        QLabel* verdict = nullptr;
        QLabel* json = nullptr;
        QSpinBox* times = nullptr;
        QSpinBox* timeout = nullptr;
        QPushButton* publish = nullptr;
        QPushButton* request = nullptr;
    };

    SentModel* sent_;
    LiveTable* history_ = nullptr;
    PayloadView* answer_ = nullptr;
    QLabel* answerTitle_ = nullptr;
    QSplitter* split_ = nullptr;
    Form form_;
    Run run_;
    std::vector<JobToken> underWay_;
    JobToken asked_ = 0;
};

}  // namespace signalbox::gui
