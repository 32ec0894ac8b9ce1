#include "gui/topology/topology_view.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPathStroker>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace signalbox::gui {

namespace {

constexpr int kFrameMilliseconds = 40;
constexpr double kSmallest = 0.25;
constexpr double kLargest = 2.5;
constexpr double kMargin = 36;
/// A hit is within so many pixels of a link.
constexpr double kReach = 12;

}  // namespace

TopologyView::TopologyView(Theme const& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(320, 220);
    setAccessibleName(tr("Topology"));
    setAccessibleDescription(
        tr("Servers and the links between them. Arrow keys choose a server, Ctrl+T shows the same "
           "as a table."));
    timer_.setInterval(kFrameMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &TopologyView::tick);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    clock_.start();
}

void TopologyView::setGraph(TopologyGraph graph) {
    QString const chosen =
        selected_.node >= 0 ? graph_.nodes[static_cast<std::size_t>(selected_.node)].id : QString();
    QString from;
    QString to;
    auto kind = TopologyEdge::Kind::Route;
    if (selected_.edge >= 0) {
        TopologyEdge const& edge = graph_.edges[static_cast<std::size_t>(selected_.edge)];
        from = graph_.nodes[static_cast<std::size_t>(edge.from)].id;
        to = graph_.nodes[static_cast<std::size_t>(edge.to)].id;
        kind = edge.kind;
    }
    graph_ = std::move(graph);
    layout_.setGraph(graph_);
    hovered_ = {};
    selected_ = {.node = chosen.isEmpty() ? -1 : graph_.indexOf(chosen), .edge = -1};
    for (std::size_t i = 0; i < graph_.edges.size() && !from.isEmpty(); ++i) {
        TopologyEdge const& edge = graph_.edges[i];
        if (edge.kind == kind && graph_.nodes[static_cast<std::size_t>(edge.from)].id == from &&
            graph_.nodes[static_cast<std::size_t>(edge.to)].id == to) {
            selected_.edge = static_cast<int>(i);
        }
    }
    // Their places in the graph may be others now.
    dragged_ = selected_.node >= 0 && dragged_ >= 0 ? selected_.node : -1;
    linked_ = selected_.node >= 0 && linked_ >= 0 ? selected_.node : -1;
    update();
}

void TopologyView::select(TopologyFocus focus) {
    if (focus == selected_) {
        return;
    }
    selected_ = focus;
    update();
    tellSelection();
}

void TopologyView::tellSelection() {
    if (selected_.node >= 0) {
        setAccessibleDescription(describe(graph_.nodes[static_cast<std::size_t>(selected_.node)]));
    } else if (selected_.edge >= 0) {
        setAccessibleDescription(
            describe(graph_, graph_.edges[static_cast<std::size_t>(selected_.edge)]));
    }
    emit selectionChanged();
}

void TopologyView::setCutting(bool cutting) {
    if (cutting_ == cutting) {
        return;
    }
    cutting_ = cutting;
    cut_.reset();
    setCursor(cutting ? Qt::CrossCursor : Qt::ArrowCursor);
    update();
    emit cuttingChanged(cutting);
}

void TopologyView::fit() {
    fitted_ = true;
    keepInSight();
    update();
}

void TopologyView::arrangeAnew() {
    layout_.unpinAll();
    fit();
}

void TopologyView::settle() {
    layout_.settle(600);
    fit();
}

void TopologyView::setPinned(int node, bool pinned) {
    layout_.setPinned(node, pinned);
    update();
}

void TopologyView::keepInSight() {
    if (!fitted_ || graph_.nodes.empty()) {
        return;
    }
    QRectF const all = painter().bounds();
    double const wide = (width() - 2 * kMargin) / std::max(1.0, all.width());
    double const high = (height() - 2 * kMargin) / std::max(1.0, all.height());
    scale_ = std::clamp(std::min(wide, high), kSmallest, 1.25);
    offset_ = QPointF(width() / 2.0, height() / 2.0) - all.center() * scale_;
}

void TopologyView::tick() {
    layout_.step();
    keepInSight();
    update();
}

void TopologyView::paintEvent(QPaintEvent*) {
    QPainter out(this);
    out.fillRect(rect(), theme_.tokens().base);
    out.save();
    out.translate(offset_);
    out.scale(scale_, scale_);
    painter().paint(out, {.hovered = hovered_,
                          .selected = selected_,
                          .phase = static_cast<double>(clock_.elapsed()) / 1000.0,
                          .detailed = scale_ > 0.6,
                          .focused = hasFocus()});
    out.restore();
    if (cut_) {
        out.setRenderHint(QPainter::Antialiasing);
        out.setPen(QPen(theme_.tokens().error, 2.5, Qt::DashLine));
        out.drawLine(QPointF(cut_->p1() * scale_ + offset_),
                     QPointF(cut_->p2() * scale_ + offset_));
    }
    if (linked_ >= 0) {
        out.setRenderHint(QPainter::Antialiasing);
        out.setPen(QPen(theme_.tokens().accent, 2, Qt::DashLine));
        out.drawLine(QPointF(layout_.position(linked_) * scale_ + offset_), last_);
    }
    if (cutting_) {
        out.setPen(theme_.tokens().error);
        out.drawText(rect().adjusted(12, 8, -12, -8), Qt::AlignTop | Qt::AlignHCenter,
                     tr("Draw a line across the links to cut. Esc leaves it."));
    }
}

void TopologyView::resizeEvent(QResizeEvent*) {
    keepInSight();
}

void TopologyView::showEvent(QShowEvent*) {
    timer_.start();
}

void TopologyView::hideEvent(QHideEvent*) {
    timer_.stop();
}

TopologyFocus TopologyView::at(QPointF widget) const {
    QPointF const point = toGraph(widget);
    TopologyPainter const look = painter();
    for (int i = static_cast<int>(graph_.nodes.size()) - 1; i >= 0; --i) {
        if (look.boundsOf(i).contains(point)) {
            return {.node = i, .edge = -1};
        }
    }
    QPainterPathStroker wide;
    wide.setWidth(kReach / scale_);
    for (int i = 0; i < static_cast<int>(graph_.edges.size()); ++i) {
        if (wide.createStroke(look.pathOf(i)).contains(point)) {
            return {.node = -1, .edge = i};
        }
    }
    return {};
}

std::vector<int> TopologyView::crossedBy(QLineF const& line) const {
    std::vector<int> edges;
    TopologyPainter const look = painter();
    QPainterPathStroker thin;
    thin.setWidth(1);
    QPainterPath stroke(line.p1());
    stroke.lineTo(line.p2());
    QPainterPath const area = thin.createStroke(stroke);
    for (int i = 0; i < static_cast<int>(graph_.edges.size()); ++i) {
        bool const between =
            graph_.edges[static_cast<std::size_t>(i)].kind != TopologyEdge::Kind::Clients;
        if (between && area.intersects(thin.createStroke(look.pathOf(i)))) {
            edges.push_back(i);
        }
    }
    return edges;
}

void TopologyView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    last_ = event->position();
    moved_ = false;
    if (cutting_) {
        cut_ = QLineF(toGraph(last_), toGraph(last_));
        return;
    }
    TopologyFocus const hit = at(event->position());
    select(hit);
    if (hit.node >= 0 && (event->modifiers() & Qt::ShiftModifier) != 0) {
        linked_ = hit.node;
        return;
    }
    dragged_ = hit.node;
    panning_ = hit == TopologyFocus();
}

void TopologyView::mouseMoveEvent(QMouseEvent* event) {
    QPointF const by = event->position() - last_;
    if (cut_) {
        cut_->setP2(toGraph(event->position()));
        update();
        return;
    }
    if (linked_ >= 0) {
        last_ = event->position();
        update();
        return;
    }
    if (dragged_ >= 0 && (moved_ || by.manhattanLength() > 3)) {
        moved_ = true;
        layout_.move(dragged_, layout_.position(dragged_) + by / scale_);
        layout_.setPinned(dragged_, true);
        layout_.wake();
        fitted_ = false;
        last_ = event->position();
        update();
        return;
    }
    if (panning_) {
        offset_ += by;
        fitted_ = false;
        last_ = event->position();
        update();
        return;
    }
    TopologyFocus const hit = at(event->position());
    if (!(hit == hovered_)) {
        hovered_ = hit;
        update();
    }
}

void TopologyView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    dragged_ = -1;
    panning_ = false;
    if (linked_ >= 0) {
        int const from = std::exchange(linked_, -1);
        int const to = at(event->position()).node;
        update();
        if (to != from) {
            emit linkDrawn(from, to);
        }
        return;
    }
    if (cut_) {
        QLineF const line = *cut_;
        cut_.reset();
        std::vector<int> const edges = crossedBy(line);
        if (!edges.empty()) {
            setCutting(false);
        }
        emit cutDrawn(line, edges);
        update();
    }
}

void TopologyView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (at(event->position()) == TopologyFocus()) {
        fit();
        emit emptyPlaceChosen();
    }
}

void TopologyView::leaveEvent(QEvent*) {
    hovered_ = {};
    update();
}

void TopologyView::wheelEvent(QWheelEvent* event) {
    double const factor = std::pow(1.0015, event->angleDelta().y());
    double const scale = std::clamp(scale_ * factor, kSmallest, kLargest);
    QPointF const kept = toGraph(event->position());
    scale_ = scale;
    offset_ = event->position() - kept * scale_;
    fitted_ = false;
    update();
    event->accept();
}

/// The nearest server in that direction.
void TopologyView::selectBeside(int dx, int dy) {
    if (selected_.node < 0) {
        selectNext(1);
        return;
    }
    QPointF const from = layout_.position(selected_.node);
    int best = -1;
    double least = 0;
    for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
        QPointF const way = layout_.position(i) - from;
        double const ahead = way.x() * dx + way.y() * dy;
        double const aside = std::abs(way.x() * dy) + std::abs(way.y() * dx);
        if (i == selected_.node || ahead < 1) {
            continue;
        }
        double const cost = ahead + 2.5 * aside;
        if (best < 0 || cost < least) {
            best = i;
            least = cost;
        }
    }
    if (best >= 0) {
        select({.node = best, .edge = -1});
    }
}

/// Through nodes and then links, in order.
void TopologyView::selectNext(int step) {
    auto const nodes = static_cast<int>(graph_.nodes.size());
    int const all = nodes + static_cast<int>(graph_.edges.size());
    if (all == 0) {
        return;
    }
    int const before = selected_.node >= 0   ? selected_.node
                       : selected_.edge >= 0 ? nodes + selected_.edge
                                             : (step > 0 ? -1 : all);
    int const next = (before + step + all) % all;
    select(next < nodes ? TopologyFocus{.node = next, .edge = -1}
                        : TopologyFocus{.node = -1, .edge = next - nodes});
}

void TopologyView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Left:
            selectBeside(-1, 0);
            return;
        case Qt::Key_Right:
            selectBeside(1, 0);
            return;
        case Qt::Key_Up:
            selectBeside(0, -1);
            return;
        case Qt::Key_Down:
            selectBeside(0, 1);
            return;
        case Qt::Key_N:
            selectNext(1);
            return;
        case Qt::Key_B:
            selectNext(-1);
            return;
        case Qt::Key_Plus:
        case Qt::Key_Minus:
            scale_ = std::clamp(scale_ * (event->key() == Qt::Key_Plus ? 1.2 : 1 / 1.2), kSmallest,
                                kLargest);
            fitted_ = false;
            update();
            return;
        case Qt::Key_0:
            fit();
            return;
        case Qt::Key_Escape:
            setCutting(false);
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Menu: {
            QPointF const place = selected_.node >= 0 ? layout_.position(selected_.node)
                                  : selected_.edge >= 0
                                      ? painter().pathOf(selected_.edge).pointAtPercent(0.5)
                                      : QPointF();
            emit menuWanted(mapToGlobal((place * scale_ + offset_).toPoint()));
            return;
        }
        default:
            QWidget::keyPressEvent(event);
    }
}

void TopologyView::contextMenuEvent(QContextMenuEvent* event) {
    select(at(event->pos()));
    emit menuWanted(event->globalPos());
}

bool TopologyView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) {
        return QWidget::event(event);
    }
    auto* const help = static_cast<QHelpEvent*>(event);
    TopologyFocus const hit = at(help->pos());
    QString text;
    if (hit.node >= 0) {
        text = describe(graph_.nodes[static_cast<std::size_t>(hit.node)]);
    } else if (hit.edge >= 0) {
        text = describe(graph_, graph_.edges[static_cast<std::size_t>(hit.edge)]);
    }
    QToolTip::showText(help->globalPos(), text, this);
    return true;
}

}  // namespace signalbox::gui
