#include "gui/models/figures.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <array>
#include <cmath>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("figures", text);
}

/// Three significant digits.
QString threeDigits(double value) {
    int const decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return QLocale().toString(value, 'f', decimals);
}

struct Scaled {
    QString digits;
    QString prefix;
};

Scaled scaled(double value) {
    static constexpr std::array<char const*, 6> kPrefixes{"", "k", "M", "G", "T", "P"};
    std::size_t power = 0;
    while (value >= 999.5 && power + 1 < kPrefixes.size()) {
        value /= 1000;
        ++power;
    }
    if (power == 0) {
        bool const whole = value >= 9.95 || std::abs(value - std::round(value)) < 0.05;
        return {QLocale().toString(value, 'f', whole ? 0 : 1), {}};
    }
    return {threeDigits(value), QString::fromLatin1(kPrefixes[power])};
}

}  // namespace

QString shortCount(double value) {
    Scaled const text = scaled(std::max(0.0, value));
    return text.prefix.isEmpty() ? text.digits : text.digits + QChar(0x2009) + text.prefix;
}

QString shortBytes(double bytes) {
    Scaled const text = scaled(std::max(0.0, bytes));
    return text.digits + QChar(0x2009) + text.prefix + QLatin1Char('B');
}

QString rateCell(double perSecond) {
    if (perSecond < 0.05) {
        return QString(QChar(0x2013));
    }
    return perSecond < 9.95 ? QLocale().toString(perSecond, 'f', 1) : shortCount(perSecond);
}

QString byteRateCell(double perSecond) {
    return perSecond < 0.5 ? QString(QChar(0x2013)) : shortBytes(perSecond);
}

QString exactCount(quint64 value) {
    return QLocale().toString(value);
}

QString ago(qint64 milliseconds) {
    qint64 const seconds = milliseconds / 1000;
    if (seconds < 1) {
        return say("now");
    }
    if (seconds < 60) {
        return say("%1 s").arg(seconds);
    }
    if (seconds < 3600) {
        return say("%1 min").arg(seconds / 60);
    }
    if (seconds < 48 * 3600) {
        return say("%1 h").arg(seconds / 3600);
    }
    return say("%1 d").arg(seconds / 86400);
}

QString shortDuration(base::Duration duration) {
    double const micros = static_cast<double>(duration.count()) / 1000.0;
    if (micros < 999.5) {
        return QStringLiteral("%1 µs").arg(QLocale().toString(micros, 'f', micros < 9.95 ? 1 : 0));
    }
    if (micros < 999'500) {
        return QStringLiteral("%1 ms").arg(threeDigits(micros / 1000));
    }
    return QStringLiteral("%1 s").arg(threeDigits(micros / 1'000'000));
}

QString clockText(base::WallTime time) {
    return QDateTime::fromMSecsSinceEpoch(millisecondsOf(time))
        .toString(QStringLiteral("HH:mm:ss.zzz"));
}

QString dateText(base::WallTime time) {
    return QDateTime::fromMSecsSinceEpoch(millisecondsOf(time))
        .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"));
}

QString wireText(std::string const& bytes) {
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

}  // namespace signalbox::gui
