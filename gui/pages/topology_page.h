#pragma once

#include "gui/pages/page.h"
#include "gui/topology/topology_view.h"

class QLabel;
class QSplitter;
class QStackedWidget;

namespace signalbox::gui {

class LabTools;
class LiveTable;
class TimelineModel;
class TopologyModel;

/// How servers hang together: clusters, routes, gateways, leaf nodes and clients, as a drawing or
/// as a table. Of a lab also where it is built and broken, and what happened.
class TopologyPage : public Page {
    Q_OBJECT

public:
    explicit TopologyPage(PageContext const& context);
    ~TopologyPage() override;

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;
    void saveLayout() override;

    /// The drawing or the table.
    void toggleTable();
    TopologyView& view() { return *view_; }

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void makeTools();
    void makeTable();
    QWidget* makeDetails();
    QWidget* makeTimeline();
    void showGraph(TopologyGraph graph);
    void showDetails();
    QString detailsOf(TopologyNode const& node) const;
    QString detailsOf(TopologyEdge const& edge) const;
    void openMenu(QPoint const& at);
    void selectInTable();
    void selectFromTable();
    void showDesign();
    void showState();
    QString layoutKey() const;

    LabSource* lab_;
    TopologyView* view_;
    TopologyModel* model_;
    LiveTable* table_ = nullptr;
    QStackedWidget* shapes_ = nullptr;
    QSplitter* columns_ = nullptr;
    QSplitter* rows_ = nullptr;
    QLabel* notice_ = nullptr;
    QLabel* heading_ = nullptr;
    QLabel* details_ = nullptr;
    QAction* clients_ = nullptr;
    QAction* asTable_ = nullptr;
    LabTools* tools_ = nullptr;
    TimelineModel* timeline_ = nullptr;
    bool selecting_ = false;  ///< One side follows the other.
    QString restored_;        ///< Whose positions were read.
};

}  // namespace signalbox::gui
