#pragma once

#include "gui/models/traffic_history.h"

#include <QString>

namespace signalbox::gui {

/// One line for each step of time with the average of each series, below a heading; times as
/// RFC 3339 in UTC, a dot as the decimal sign in every language.
QString historyCsv(std::vector<HistoryPoint> const& points);

}  // namespace signalbox::gui
