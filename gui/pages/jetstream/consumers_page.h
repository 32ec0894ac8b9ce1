#pragma once

#include "gui/models/jetstream/consumer_model.h"
#include "gui/pages/jetstream/jetstream_page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QSplitter;
class QTextBrowser;

namespace signalbox::gui {

class LiveTable;

/// The consumers of a stream: how far each is, what holds it up; made, changed, paused, deleted.
class ConsumersPage : public JetStreamPage {
    Q_OBJECT

public:
    explicit ConsumersPage(PageContext const& context);

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
        QAction* edit = nullptr;
        QAction* pause = nullptr;
        QAction* unpin = nullptr;
        QAction* remove = nullptr;
    };

    void makeActs();
    void takeStreams(host::StreamsSeen const& seen);
    void lookAtConsumers();
    void showSelected();
    ConsumerPtr selected() const;
    void create();
    void editSelected();
    void pauseSelected();
    void unpinSelected();
    void removeSelected();

    ConsumerModel* model_;
    LiveTable* table_ = nullptr;
    QComboBox* stream_ = nullptr;
    QLineEdit* filter_ = nullptr;
    QLabel* note_ = nullptr;
    QTextBrowser* details_ = nullptr;
    QSplitter* split_ = nullptr;
    Acts acts_;
    QString wanted_;
    bool asking_ = false;
};

}  // namespace signalbox::gui
