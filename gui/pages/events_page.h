#pragma once

#include "gui/models/event_list_model.h"
#include "gui/pages/page.h"

#include <array>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QToolButton;

namespace signalbox::gui {

class LiveTable;

/// What happens to the broker and its connections, as it happens: who came and went and why, who
/// was not let in, who read too slowly, what was reloaded.
class EventsPage : public Page {
    Q_OBJECT

public:
    explicit EventsPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;
    void saveLayout() override;
    void focusSearch();

private:
    void makeTools();
    void makeTable();
    void showSelected();
    void showCounts();
    void showState();
    void fillMenu(QPoint const& at);
    EventLine const* selected() const;

    EventListModel* model_;
    LiveTable* table_ = nullptr;
    QPlainTextEdit* details_ = nullptr;
    QLineEdit* text_ = nullptr;
    QComboBox* grouping_ = nullptr;
    QAction* pause_ = nullptr;
    QLabel* count_ = nullptr;
    std::array<QToolButton*, kEventCategories> categories_{};
    quint64 dropped_ = 0;
};

}  // namespace signalbox::gui
