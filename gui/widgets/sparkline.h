#pragma once

#include "gui/models/roles.h"

#include <QColor>
#include <QRectF>

class QPainter;

namespace signalbox::gui {

/// Draws a trail as a line from the left, one step for each of `length` values, its highest value
/// at the top. Width one, as all lines: a wider pen costs the raster engine many times more.
void paintSparkline(QPainter& painter, QRectF const& area, Trail const& trail, std::size_t length,
                    QColor const& color);

}  // namespace signalbox::gui
