#pragma once

#include "gui/models/jetstream/object_model.h"
#include "gui/pages/jetstream/jetstream_page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSplitter;

namespace signalbox::gui {

class LiveTable;

/// The objects of an object store; put there from files and taken out into files.
class ObjectsPage : public JetStreamPage {
    Q_OBJECT

public:
    explicit ObjectsPage(PageContext const& context);

    void showStream(QString const& stream) override;
    void focusSearch() override;
    void prepareForPicture() override;
    void saveLayout() override;

    /// Without asking which file.
    void upload(QString const& file);
    void download(QString const& file);

protected:
    void refresh() override;
    void forget() override;
    void showActions() override;

private:
    struct Acts {
        QAction* create = nullptr;
        QAction* upload = nullptr;
        QAction* download = nullptr;
        QAction* remove = nullptr;
        QAction* drop = nullptr;
    };

    void makeActs();
    void takeStreams(host::StreamsSeen const& seen);
    void load();
    void showSelected();
    ObjectRow const* selected() const;
    std::string store() const;
    void removeSelected();
    void drop();

    ObjectModel* model_;
    LiveTable* table_ = nullptr;
    QComboBox* store_ = nullptr;
    QLineEdit* filter_ = nullptr;
    QLabel* note_ = nullptr;
    QPlainTextEdit* details_ = nullptr;
    QSplitter* split_ = nullptr;
    Acts acts_;
    QString wanted_;
    QString shown_;
    quint64 seen_ = 0;  ///< The last sequence when the list was made.
    quint64 bytes_ = 0;
};

}  // namespace signalbox::gui
