#pragma once

#include "engine/base/time.h"

#include <QString>

namespace signalbox::gui {

/// Three digits and a prefix: `912`, `12.3 k`, `1.60 M`. Small fractions keep one digit.
QString shortCount(double value);

/// The same with a unit: `1.60 MB`.
QString shortBytes(double bytes);

/// A rate for a table's cell: a dash for nothing, so that what moves stands out.
QString rateCell(double perSecond);
QString byteRateCell(double perSecond);

/// Every digit, grouped as the locale does.
QString exactCount(quint64 value);

/// How long ago, in one unit: `now`, `4 s`, `3 min`, `2 h`, `5 d`.
QString ago(qint64 milliseconds);

/// A round trip or an answer's time: `84 µs`, `1.2 ms`, `3.4 s`.
QString shortDuration(base::Duration duration);

/// `14:03:22.518` in local time.
QString clockText(base::WallTime time);

/// With the date, for details.
QString dateText(base::WallTime time);

inline qint64 millisecondsOf(base::WallTime time) {
    return time.since_epoch().count() / 1'000'000;
}

/// Text from the wire, which may hold anything: what is no UTF-8 becomes U+FFFD.
QString wireText(std::string const& bytes);

}  // namespace signalbox::gui
