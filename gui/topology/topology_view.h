#pragma once

#include "gui/topology/topology_painter.h"

#include <QElapsedTimer>
#include <QLineF>
#include <QTimer>
#include <QWidget>

#include <optional>
#include <vector>

namespace signalbox::gui {

/// A graph of servers to look at, move about and, in a lab, to cut. It moves only while it is seen
/// and something in it does.
class TopologyView : public QWidget {
    Q_OBJECT

public:
    explicit TopologyView(Theme const& theme, QWidget* parent = nullptr);

    void setGraph(TopologyGraph graph);
    TopologyGraph const& graph() const { return graph_; }

    /// What is chosen; it stays chosen while it is there.
    TopologyFocus selected() const { return selected_; }
    void select(TopologyFocus focus);

    /// The mouse draws a line across links, once; see `cutDrawn`.
    void setCutting(bool cutting);
    bool cutting() const { return cutting_; }

    /// Everything in sight, until one moves or zooms.
    void fit();
    void arrangeAnew();
    /// At once, for pictures.
    void settle();
    QPointF positionOf(int node) const { return layout_.position(node); }
    void setPinned(int node, bool pinned);
    bool isPinned(int node) const { return layout_.isPinned(node); }

    QVariantMap saveLayout() const { return layout_.save(); }
    void restoreLayout(QVariantMap const& kept) { layout_.restore(kept); }

    QSize sizeHint() const override { return {700, 460}; }

signals:
    void selectionChanged();
    void menuWanted(QPoint const& at);
    /// The line, in the graph's own measure, and the links it crosses; none is no cut.
    void cutDrawn(QLineF const& line, std::vector<int> const& edges);
    void cuttingChanged(bool cutting);
    /// From one server to another, or to an empty place: -1. Drawn with Shift.
    void linkDrawn(int from, int to);
    /// A double click where nothing is.
    void emptyPlaceChosen();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    TopologyPainter painter() const { return {theme_, graph_, layout_}; }
    QPointF toGraph(QPointF widget) const { return (widget - offset_) / scale_; }
    TopologyFocus at(QPointF widget) const;
    std::vector<int> crossedBy(QLineF const& line) const;
    void selectBeside(int dx, int dy);
    void selectNext(int step);
    void tick();
    void keepInSight();
    void tellSelection();

    Theme const& theme_;
    TopologyGraph graph_;
    TopologyLayout layout_;
    TopologyFocus hovered_;
    TopologyFocus selected_;
    QTimer timer_;
    QElapsedTimer clock_;
    double scale_ = 1;
    QPointF offset_;
    bool fitted_ = true;
    bool cutting_ = false;
    std::optional<QLineF> cut_;  ///< While it is drawn.
    int dragged_ = -1;
    int linked_ = -1;  ///< A link is drawn from this node.
    bool panning_ = false;
    bool moved_ = false;
    QPointF last_;
};

}  // namespace signalbox::gui
