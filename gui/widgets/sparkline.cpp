#include "gui/widgets/sparkline.h"

#include <QPainter>
#include <QPolygonF>

#include <algorithm>

namespace signalbox::gui {

void paintSparkline(QPainter& painter, QRectF const& area, Trail const& trail, std::size_t length,
                    QColor const& color) {
    if (trail.size() < 2 || length < 2 || area.width() < 4) {
        return;
    }
    float const most = *std::ranges::max_element(trail);
    if (most < 0.01F) {
        return;  // nothing moves: nothing is drawn
    }
    double const step = area.width() / static_cast<double>(length - 1);
    double x = area.right() - step * static_cast<double>(trail.size() - 1);
    QPolygonF line;
    line.reserve(static_cast<qsizetype>(trail.size()));
    for (float const value : trail) {
        double const height = static_cast<double>(value / most) * (area.height() - 1);
        line << QPointF(std::max(x, area.left()), area.bottom() - height);
        x += step;
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QColor fill = color;
    fill.setAlphaF(0.16F);
    QPolygonF below = line;
    below << QPointF(line.back().x(), area.bottom()) << QPointF(line.front().x(), area.bottom());
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawPolygon(below);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 1));
    painter.drawPolyline(line);
    painter.restore();
}

}  // namespace signalbox::gui
