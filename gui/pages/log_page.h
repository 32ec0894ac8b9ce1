#pragma once

#include "gui/models/log_model.h"
#include "gui/pages/page.h"

class QComboBox;
class QLabel;
class QLineEdit;

namespace signalbox::gui {

class LiveTable;

/// The server's log: follows its end until one scrolls up, filters by level and text.
class LogPage : public Page {
    Q_OBJECT

public:
    explicit LogPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void saveLayout() override;
    void focusSearch();

private:
    void showCount();

    LogModel* model_;
    LiveTable* table_ = nullptr;
    QComboBox* level_ = nullptr;
    QLineEdit* text_ = nullptr;
    QLabel* count_ = nullptr;
    quint64 dropped_ = 0;
};

}  // namespace signalbox::gui
