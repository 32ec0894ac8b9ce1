#include "gui/models/history_text.h"

#include "engine/base/time.h"

#include <string>

namespace signalbox::gui {

QString historyCsv(std::vector<HistoryPoint> const& points) {
    QString csv = QStringLiteral(
        "time,msgs_in_per_second,msgs_out_per_second,bytes_in_per_second,bytes_out_per_second,"
        "connections,subscriptions\n");
    for (HistoryPoint const& point : points) {
        csv +=
            QString::fromStdString(base::rfc3339(base::WallTime(base::milliseconds(point.time))));
        for (Span const& span : point.values) {
            csv += QLatin1Char(',') + QString::number(static_cast<double>(span.avg), 'f', 1);
        }
        csv += QLatin1Char('\n');
    }
    return csv;
}

}  // namespace signalbox::gui
