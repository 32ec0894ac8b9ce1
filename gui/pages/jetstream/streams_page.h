#pragma once

#include "gui/models/jetstream/stream_model.h"
#include "gui/pages/jetstream/jetstream_page.h"

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSplitter;
class QTextBrowser;

namespace signalbox::gui {

class LiveTable;

/// The streams of the account: what each keeps and how; made, changed, purged, deleted, written to
/// a folder and read back from one.
class StreamsPage : public JetStreamPage {
    Q_OBJECT

public:
    explicit StreamsPage(PageContext const& context);

    void showStream(QString const& stream) override;
    void focusSearch() override;
    void prepareForPicture() override;
    void saveLayout() override;

    void createStream();
    void editSelected();
    void purgeSelected();
    void deleteSelected();

protected:
    void refresh() override;
    void forget() override;
    void showActions() override;

private:
    struct Acts {
        QAction* create = nullptr;
        QAction* edit = nullptr;
        QAction* purge = nullptr;
        QAction* remove = nullptr;
        QAction* backUp = nullptr;
        QAction* restore = nullptr;
        QAction* messages = nullptr;
        QAction* consumers = nullptr;
    };

    void makeTable();
    QWidget* makeDetails();
    void makeActs();
    void fillMenu(QPoint const& at);
    void take(host::StreamsSeen& seen);
    StreamPtr selected() const;
    void showSelected();
    void showSettings(QString const& stream);
    /// Asks for the settings as they are now, for what the list tells may be old.
    void withSettings(StreamPtr const& stream, std::function<void(QJsonObject const&)> then);
    void backUpThen(QString const& stream, QString const& folder, std::function<void()> then);
    void backUpSelected();
    void restoreStream();
    bool wantsTyping() const;

    StreamModel* model_;
    LiveTable* table_ = nullptr;
    QLineEdit* filter_ = nullptr;
    QLabel* use_ = nullptr;
    QLabel* count_ = nullptr;
    QTextBrowser* details_ = nullptr;
    QPlainTextEdit* json_ = nullptr;
    QSplitter* split_ = nullptr;
    Acts acts_;
    QString wanted_;  ///< To be selected once it is listed.
    QString shown_;   ///< Whose settings stand beside the list.
    bool asking_ = false;
};

}  // namespace signalbox::gui
