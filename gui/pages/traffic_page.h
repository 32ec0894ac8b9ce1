#pragma once

#include "gui/pages/page.h"

class QLabel;

namespace signalbox::gui {

class TrafficPlot;

/// The traffic over time, to be looked at closely and taken along.
class TrafficPage : public Page {
    Q_OBJECT

public:
    explicit TrafficPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    bool wantsEverySnapshot() const override { return true; }
    void prepareForPicture() override;

    void goLive();
    void togglePause();

private:
    void makeTools();
    void exportPng();
    void exportCsv();
    void showState();

    TrafficPlot* plot_;
    QLabel* cursor_;
    QAction* live_ = nullptr;
};

}  // namespace signalbox::gui
