#include "gui/topology/topology_painter.h"

#include "gui/models/figures.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPathStroker>

#include <algorithm>
#include <cmath>

namespace signalbox::gui {

namespace {

constexpr double kCardWidth = 168;
constexpr double kCardHeight = 64;
constexpr double kPillHeight = 24;
constexpr double kMark = 11;
constexpr double kHullMargin = 20;
constexpr double kHullRadius = 18;
/// More links than this have their figures told only where one points.
constexpr std::size_t kMostLabelled = 24;

QString tr(char const* text) {
    return QCoreApplication::translate("TopologyPainter", text);
}

QFont smallFont() {
    return Theme::scaled(0.86);
}

/// Counter-clockwise and without points in between (Andrew's monotone chain).
QPolygonF convexHull(std::vector<QPointF> points) {
    std::ranges::sort(points, [](QPointF a, QPointF b) {
        return a.x() != b.x() ? a.x() < b.x() : a.y() < b.y();
    });
    auto const turn = [](QPointF o, QPointF a, QPointF b) {
        return (a.x() - o.x()) * (b.y() - o.y()) - (a.y() - o.y()) * (b.x() - o.x());
    };
    QPolygonF hull;
    auto const add = [&](QPointF point, qsizetype from) {
        while (hull.size() >= from + 2 && turn(hull[hull.size() - 2], hull.back(), point) <= 0) {
            hull.pop_back();
        }
        hull << point;
    };
    for (QPointF const point : points) {
        add(point, 0);
    }
    qsizetype const lower = hull.size() - 1;
    for (auto point = points.rbegin(); point != points.rend(); ++point) {
        add(*point, lower);
    }
    return hull;
}

double rateOf(observe::TopologyLink const& link) {
    return link.forth_msgs.per_second + link.back_msgs.per_second;
}

QString shortName(TopologyNode const& node) {
    constexpr qsizetype kMost = 18;
    return node.name.size() <= kMost ? node.name : node.name.left(kMost - 1) + QStringLiteral("…");
}

QString addressOf(observe::TopologyServer const& server) {
    QString const host = wireText(server.host);
    return server.port == 0 ? host : QStringLiteral("%1:%2").arg(host).arg(server.port);
}

bool isCut(TopologyState state) {
    return state == TopologyState::Cut || state == TopologyState::CutForth ||
           state == TopologyState::CutBack;
}

}  // namespace

QRectF TopologyPainter::boundsOf(int index) const {
    QPointF const at = layout_.position(index);
    if (node(index).kind == TopologyNode::Kind::Server) {
        return {at.x() - kCardWidth / 2, at.y() - kCardHeight / 2, kCardWidth, kCardHeight};
    }
    QString const text = shortName(node(index));

    double const width = QFontMetricsF(smallFont()).horizontalAdvance(text) + 46;
    return {at.x() - width / 2, at.y() - kPillHeight / 2, width, kPillHeight};
}

QRectF TopologyPainter::bounds() const {
    QRectF all;
    for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
        all = all.united(boundsOf(i));
    }
    for (QString const& cluster : graph_.clusters()) {
        all = all.united(hullOf(cluster).boundingRect().adjusted(0, -24, 0, 0));
    }
    return all;
}

QPainterPath TopologyPainter::pathOf(int index) const {
    TopologyEdge const& one = edge(index);
    QPointF const from = layout_.position(one.from);
    QPointF const to = layout_.position(one.to);
    QPainterPath path(from);
    QPointF const way = to - from;
    double const length = std::hypot(way.x(), way.y());
    if (one.kind == TopologyEdge::Kind::Gateway && length > 1) {
        // Each side dials the other: bent, so that both can be seen.
        QPointF const aside(-way.y() / length, way.x() / length);
        path.quadTo((from + to) / 2 + aside * std::min(44.0, length * 0.12), to);
    } else {
        path.lineTo(to);
    }
    return path;
}

QPainterPath TopologyPainter::hullOf(QString const& cluster) const {
    std::vector<QPointF> corners;
    for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
        if (node(i).kind == TopologyNode::Kind::Server && node(i).cluster == cluster) {
            QRectF const box =
                boundsOf(i).adjusted(-kHullMargin, -kHullMargin, kHullMargin, kHullMargin);
            corners.insert(corners.end(),
                           {box.topLeft(), box.topRight(), box.bottomLeft(), box.bottomRight()});
        }
    }
    QPainterPath path;
    if (corners.empty()) {
        return path;
    }
    path.addPolygon(convexHull(std::move(corners)));
    path.closeSubpath();
    QPainterPathStroker round;
    round.setWidth(kHullRadius);
    round.setJoinStyle(Qt::RoundJoin);
    return path.united(round.createStroke(path)).simplified();
}

QColor TopologyPainter::colorOf(TopologyState state) const {
    ThemeTokens const& tokens = theme_.tokens();
    switch (state) {
        case TopologyState::Up:
            return tokens.good;
        case TopologyState::Starting:
            return tokens.accent;
        case TopologyState::Slow:
        case TopologyState::Paused:
        case TopologyState::Draining:
        case TopologyState::Stopping:
        case TopologyState::Missing:
            return tokens.warning;
        case TopologyState::Down:
        case TopologyState::Silent:
        case TopologyState::Cut:
        case TopologyState::CutForth:
        case TopologyState::CutBack:
            return tokens.error;
        case TopologyState::Heard:
        case TopologyState::Planned:
            return tokens.muted;
    }
    return tokens.muted;
}

QColor TopologyPainter::colorOf(TopologyEdge const& one) const {
    if (isAlarming(one.state)) {
        return colorOf(one.state);
    }
    ThemeTokens const& tokens = theme_.tokens();
    switch (one.kind) {
        case TopologyEdge::Kind::Route:
            return tokens.series[0];
        case TopologyEdge::Kind::Gateway:
            return tokens.series[1];
        case TopologyEdge::Kind::Leaf:
            return tokens.series[2];
        case TopologyEdge::Kind::Clients:
            return tokens.muted;
    }
    return tokens.muted;
}

void TopologyPainter::paint(QPainter& painter, Look const& look) const {
    painter.setRenderHint(QPainter::Antialiasing);
    int number = 0;
    for (QString const& cluster : graph_.clusters()) {
        paintHull(painter, cluster, number++);
    }
    for (int i = 0; i < static_cast<int>(graph_.edges.size()); ++i) {
        paintEdge(painter, i, look);
    }
    for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
        if (node(i).kind == TopologyNode::Kind::Server) {
            paintServer(painter, i, look);
        } else {
            paintClients(painter, i, look);
        }
    }
    // Above the cards: what a link does is what one looks for.
    for (int i = 0; i < static_cast<int>(graph_.edges.size()); ++i) {
        paintLabel(painter, i, look);
    }
}

void TopologyPainter::paintHull(QPainter& painter, QString const& cluster, int number) const {
    QPainterPath const hull = hullOf(cluster);
    QColor const color = theme_.tokens().series[static_cast<std::size_t>(number) % 6];
    QColor fill = color;
    fill.setAlphaF(theme_.kind() == ThemeKind::Dark ? 0.10F : 0.07F);
    QColor line = color;
    line.setAlphaF(0.55F);
    painter.setBrush(fill);
    painter.setPen(QPen(line, 1.2));
    painter.drawPath(hull);
    painter.setPen(theme_.tokens().muted);
    painter.setFont(Theme::scaled(1.0, QFont::DemiBold));
    // Where its upper edge begins, for a hull is no box.
    QRectF const box = hull.boundingRect();
    double left = box.right();
    for (int i = 0; i < hull.elementCount(); ++i) {
        QPainterPath::Element const point = hull.elementAt(i);
        left = point.y < box.top() + 2 ? std::min(left, point.x) : left;
    }
    painter.drawText(QRectF(left, box.top() - 24, 300, 20), Qt::AlignLeft | Qt::AlignVCenter,
                     cluster);
}

void TopologyPainter::paintEdge(QPainter& painter, int index, Look const& look) const {
    TopologyEdge const& one = edge(index);
    QPainterPath const path = pathOf(index);
    bool const pointed = look.hovered.edge == index || look.selected.edge == index;
    bool const of_clients = one.kind == TopologyEdge::Kind::Clients;
    double const rate = rateOf(one.link);
    QColor color = colorOf(one);
    double width = (of_clients ? 1.0 : 1.6) + std::log10(1 + rate) * 0.7;
    if (pointed) {
        QColor halo = theme_.tokens().accent;
        halo.setAlphaF(0.35F);
        painter.setPen(QPen(halo, width + 7, Qt::SolidLine, Qt::RoundCap));
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(path);
    }
    QPen pen(color, width, Qt::SolidLine, Qt::RoundCap);
    if (isCut(one.state) || one.state == TopologyState::Missing) {
        pen.setStyle(Qt::DashLine);
    } else if (one.kind == TopologyEdge::Kind::Gateway) {
        pen.setDashPattern({8, 3});
    } else if (one.kind == TopologyEdge::Kind::Leaf) {
        pen.setDashPattern({3, 2});
    }
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    if (rate < 0.05 || isCut(one.state)) {
        return;
    }
    // Pearls that move the way most goes, the quicker the more.
    bool const forth = one.link.forth_msgs.per_second >= one.link.back_msgs.per_second;
    double const speed = 6 + 10 * std::log10(1 + rate);
    double const distance = std::fmod(look.phase * speed, 26.0);
    color = theme_.tokens().text;
    color.setAlphaF(of_clients ? 0.45F : 0.8F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    double const length = path.length();
    for (double along = forth ? distance : 26 - distance; along < length; along += 26) {
        painter.drawEllipse(path.pointAtPercent(path.percentAtLength(along)), 1.5, 1.5);
    }
}

QString TopologyPainter::labelOf(TopologyEdge const& one, Look const& look, bool pointed) const {
    QStringList parts;
    if (isCut(one.state) || one.state == TopologyState::Missing) {
        parts << (isCut(one.state) ? QStringLiteral("✂ ") : QString()) + textOf(one.state);
    }
    if (!one.shaping.isEmpty()) {
        parts << one.shaping;
    }
    bool const of_clients = one.kind == TopologyEdge::Kind::Clients;
    if (pointed || (look.detailed && !of_clients && graph_.edges.size() <= kMostLabelled)) {
        if (QString const flow = flowText(one.link); !flow.isEmpty()) {
            parts << flow;
        }
        if (one.link.rtt.count() > 0) {
            parts << shortDuration(one.link.rtt);
        }
    }
    if (one.link.pending_bytes > 0 && (pointed || one.link.pending_bytes > 65'536)) {
        parts << tr("%1 pending").arg(shortBytes(static_cast<double>(one.link.pending_bytes)));
    }
    return parts.join(QStringLiteral("  "));
}

void TopologyPainter::paintLabel(QPainter& painter, int index, Look const& look) const {
    bool const pointed = look.hovered.edge == index || look.selected.edge == index;
    TopologyEdge const& one = edge(index);
    QString const text = labelOf(one, look, pointed);
    if (text.isEmpty()) {
        return;
    }
    painter.setFont(smallFont());
    QFontMetricsF const metrics(painter.font());
    QPainterPath const path = pathOf(index);
    QPointF const middle = path.pointAtPercent(0.5);
    QRectF box(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 4);
    box.moveCenter(middle);
    QColor back = theme_.tokens().base;
    back.setAlphaF(0.92F);
    painter.setBrush(back);
    painter.setPen(QPen(isAlarming(one.state) ? colorOf(one.state) : theme_.tokens().border, 1));
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(isAlarming(one.state) ? colorOf(one.state) : theme_.tokens().text);
    painter.drawText(box, Qt::AlignCenter, text);
}

void TopologyPainter::paintServer(QPainter& painter, int index, Look const& look) const {
    TopologyNode const& one = node(index);
    ThemeTokens const& tokens = theme_.tokens();
    QRectF const box = boundsOf(index);
    bool const selected = look.selected.node == index;
    bool const faint = one.state == TopologyState::Down || one.state == TopologyState::Heard ||
                       one.state == TopologyState::Silent || one.state == TopologyState::Planned;
    QPen border(
        selected ? tokens.accent : (isAlarming(one.state) ? colorOf(one.state) : tokens.border),
        selected ? 2.2 : 1.2);
    if (faint) {
        border.setStyle(Qt::DashLine);
    }
    painter.setPen(border);
    painter.setBrush(look.hovered.node == index ? tokens.hover : tokens.raised);
    painter.drawRoundedRect(box, 7, 7);
    if (selected && look.focused) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.accent, 1, Qt::DotLine));
        painter.drawRoundedRect(box.adjusted(-4, -4, 4, 4), 9, 9);
    }
    QRectF const mark(box.left() + 10, box.top() + 10, kMark, kMark);
    paintState(painter, mark, one.state);

    painter.setFont(Theme::scaled(1.0, QFont::DemiBold));
    painter.setPen(faint ? tokens.muted : tokens.text);
    QRectF line(mark.right() + 7, box.top() + 6, box.width() - 34, 19);
    QString const state = one.state == TopologyState::Up ? QString() : textOf(one.state);
    QFontMetricsF const small(smallFont());
    double const room = line.width() - (state.isEmpty() ? 0 : small.horizontalAdvance(state) + 8);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetricsF(painter.font()).elidedText(one.name, Qt::ElideRight, room));
    painter.setFont(smallFont());
    painter.setPen(colorOf(one.state));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, state);

    painter.setPen(tokens.muted);
    QString const rates = faint ? (one.note.isEmpty() ? addressOf(one.server) : one.note)
                                : tr("in %1/s   out %2/s")
                                      .arg(shortCount(one.server.in_msgs.per_second),
                                           shortCount(one.server.out_msgs.per_second));
    QString const holds =
        faint ? QString()
              : tr("%1 conns   %2 subs")
                    .arg(exactCount(one.server.connections), exactCount(one.server.subscriptions));
    QRectF second(box.left() + 10, box.top() + 26, box.width() - 20, 16);
    painter.drawText(second, Qt::AlignLeft | Qt::AlignVCenter,
                     small.elidedText(rates, Qt::ElideRight, second.width()));
    painter.drawText(second.translated(0, 17), Qt::AlignLeft | Qt::AlignVCenter, holds);
    if (layout_.isPinned(index)) {
        painter.drawText(second.translated(0, 17), Qt::AlignRight | Qt::AlignVCenter, tr("pinned"));
    }
}

void TopologyPainter::paintClients(QPainter& painter, int index, Look const& look) const {
    TopologyNode const& one = node(index);
    ThemeTokens const& tokens = theme_.tokens();
    QRectF const box = boundsOf(index);
    bool const selected = look.selected.node == index;
    painter.setPen(QPen(selected ? tokens.accent : tokens.border, selected ? 2 : 1));
    painter.setBrush(look.hovered.node == index ? tokens.hover : tokens.base);
    painter.drawRoundedRect(box, kPillHeight / 2, kPillHeight / 2);
    painter.setFont(smallFont());
    QRectF const text = box.adjusted(9, 0, -9, 0);
    if (one.state == TopologyState::Slow) {
        paintState(painter, QRectF(box.left() + 6, box.top() + 7, 10, 10), one.state);
    }
    painter.setPen(tokens.text);
    painter.drawText(text.adjusted(one.state == TopologyState::Slow ? 11 : 0, 0, 0, 0),
                     Qt::AlignLeft | Qt::AlignVCenter, shortName(one));
    painter.setPen(tokens.muted);
    painter.drawText(text, Qt::AlignRight | Qt::AlignVCenter,
                     QStringLiteral("×%1").arg(shortCount(static_cast<double>(one.clients.count))));
}

/// Each state has a shape of its own.
void TopologyPainter::paintState(QPainter& painter, QRectF const& place,
                                 TopologyState state) const {
    QColor const color = colorOf(state);
    painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap));
    painter.setBrush(Qt::NoBrush);
    QRectF const inner = place.adjusted(1, 1, -1, -1);
    switch (state) {
        case TopologyState::Up:
            painter.setBrush(color);
            painter.drawEllipse(inner);
            break;
        case TopologyState::Slow:
        case TopologyState::Missing:
            painter.setBrush(color);
            painter.drawPolygon(QPolygonF(
                {{inner.center().x(), inner.top()}, inner.bottomRight(), inner.bottomLeft()}));
            break;
        case TopologyState::Starting:
            painter.drawArc(inner, 0, 270 * 16);
            break;
        case TopologyState::Draining:
        case TopologyState::Stopping:
            painter.drawEllipse(inner);
            painter.setBrush(color);
            painter.drawChord(inner, 180 * 16, 180 * 16);
            break;
        case TopologyState::Paused:
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawRect(QRectF(place.left() + 1, place.top(), 3.4, place.height()));
            painter.drawRect(QRectF(place.right() - 4.4, place.top(), 3.4, place.height()));
            break;
        case TopologyState::Down:
        case TopologyState::Cut:
        case TopologyState::CutForth:
        case TopologyState::CutBack:
            painter.drawLine(inner.topLeft(), inner.bottomRight());
            painter.drawLine(inner.topRight(), inner.bottomLeft());
            break;
        case TopologyState::Silent:
            painter.drawEllipse(inner);
            painter.drawLine(inner.topLeft() + QPointF(1, 1), inner.bottomRight() - QPointF(1, 1));
            break;
        case TopologyState::Heard:
        case TopologyState::Planned:
            painter.drawEllipse(inner);
            break;
    }
}

}  // namespace signalbox::gui
