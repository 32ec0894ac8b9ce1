#pragma once

#include "gui/models/jetstream/stored_message_model.h"
#include "gui/pages/jetstream/jetstream_page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QScrollBar;
class QSplitter;

namespace signalbox::gui {

class LiveTable;
class PayloadView;

/// The messages of one stream, a page at a time, where they lie: no consumer is made, nothing is
/// consumed, and nobody's position moves.
class StoredPage : public JetStreamPage {
    Q_OBJECT

public:
    explicit StoredPage(PageContext const& context);

    void showStream(QString const& stream) override;
    void focusSearch() override;
    void prepareForPicture() override;
    void saveLayout() override;

protected:
    void refresh() override;
    void forget() override;
    void showActions() override;

private:
    enum class Where {
        Last,
        Sequence,
        Time,
        LastPerSubject,
    };
    struct Acts {
        QAction* first = nullptr;
        QAction* back = nullptr;
        QAction* forward = nullptr;
        QAction* last = nullptr;
        QAction* follow = nullptr;
        QAction* copy = nullptr;
        QAction* again = nullptr;
        QAction* remove = nullptr;
    };
    struct Controls {
        QComboBox* stream = nullptr;
        QLineEdit* filter = nullptr;
        QComboBox* where = nullptr;
        QLineEdit* value = nullptr;
        QLabel* note = nullptr;
        QScrollBar* position = nullptr;
    };

    void makeActs();
    QLayout* makeControls();
    void makeList();
    void takeStreams(host::StreamsSeen const& seen);
    void chooseStream();
    void go();
    void goTo(quint64 sequence);
    void read(host::MessageRange range);
    void readLastPerSubject();
    void take(host::MessagesRead& read, bool forward);
    void follow();
    void showPosition();
    void showSelected();
    void showNote();
    void removeSelected();
    host::StoredMessagePtr selected() const;
    std::string stream() const;
    std::string filter() const;
    void back();
    void forward();

    StoredMessageModel* model_;
    LiveTable* table_ = nullptr;
    PayloadView* payload_ = nullptr;
    QSplitter* split_ = nullptr;
    Acts acts_;
    Controls controls_;
    QString wanted_;
    QString shown_;  ///< The stream whose messages are listed.
    host::StreamState state_;
    bool mayDelete_ = true;  ///< The stream allows it.
    bool more_ = false;      ///< After the last one listed.
    bool cut_ = false;
    quint64 reading_ = 0;  ///< Numbers what is read, so that only the newest is shown.
};

}  // namespace signalbox::gui
