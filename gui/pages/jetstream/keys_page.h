#pragma once

#include "gui/models/jetstream/key_model.h"
#include "gui/models/jetstream/stored_message_model.h"
#include "gui/pages/jetstream/jetstream_page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QSplitter;
class QTextBrowser;

namespace signalbox::gui {

class LiveTable;
class PayloadView;

/// The keys of a key-value bucket, their values and what those were before; written, deleted, and
/// watched by looking.
class KeysPage : public JetStreamPage {
    Q_OBJECT

public:
    explicit KeysPage(PageContext const& context);

    void showStream(QString const& stream) override;
    void focusSearch() override;
    void prepareForPicture() override;
    void saveLayout() override;

protected:
    void refresh() override;
    void forget() override;
    void showActions() override;

private:
    struct Acts {
        QAction* create = nullptr;
        QAction* put = nullptr;
        QAction* edit = nullptr;
        QAction* remove = nullptr;
        QAction* purge = nullptr;
        QAction* undo = nullptr;
        QAction* drop = nullptr;
    };
    struct View {
        QComboBox* bucket = nullptr;
        QLineEdit* filter = nullptr;
        QLabel* note = nullptr;
        LiveTable* keys = nullptr;
        LiveTable* history = nullptr;
        PayloadView* value = nullptr;
        QTextBrowser* diff = nullptr;
        QSplitter* split = nullptr;
    };

    void makeActs();
    void makeView();
    void takeStreams(host::StreamsSeen const& seen);
    void load();
    void readChanges();
    void readVisible();
    void showSelected();
    void showHistory(std::string const& key);
    void showEntry();
    void showNote();
    std::string bucket() const;
    std::string prefix() const;
    std::string selectedKey() const;
    void put(QString const& key, QString const& value, quint64 revision);
    void write(std::string const& key, std::string payload,
               std::vector<std::pair<std::string, std::string>> headers, QString const& done);
    void removeSelected(bool purge);
    void undo();
    void drop();

    KeyModel* keys_;
    StoredMessageModel* history_;
    View view_;
    Acts acts_;
    QString wanted_;
    QString shown_;  ///< The bucket whose keys are listed.
    host::StreamState state_;
    bool expires_ = false;  ///< Keys may have their own time to live.
    quint64 seen_ = 0;      ///< The last sequence that was looked at.
    quint64 total_ = 0;
    bool reading_ = false;
    std::string historyOf_;
    std::pair<std::string, std::string> deleted_;  ///< Key and value, to be put back.
};

}  // namespace signalbox::gui
