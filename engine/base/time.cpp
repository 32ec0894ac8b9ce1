#include "engine/base/time.h"

#include <cstdio>

namespace signalbox::base {

CivilTime civil(WallTime time, Duration offset) {
    using std::chrono::days;
    using std::chrono::floor;
    std::chrono::sys_time<Duration> const point(time.since_epoch() + offset);
    auto const day = floor<days>(point);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const clock(point - day);
    return {
        .year = static_cast<int>(date.year()),
        .month = static_cast<unsigned>(date.month()),
        .day = static_cast<unsigned>(date.day()),
        .hour = static_cast<int>(clock.hours().count()),
        .minute = static_cast<int>(clock.minutes().count()),
        .second = static_cast<int>(clock.seconds().count()),
        .nanosecond = static_cast<int>(clock.subseconds().count()),
    };
}

std::string rfc3339(WallTime time) {
    CivilTime const c = civil(time);
    char text[80];
    int const length =
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09d", c.year, c.month,
                      c.day, c.hour, c.minute, c.second, c.nanosecond);
    std::string out(text, static_cast<std::size_t>(length));
    while (out.back() == '0') {
        out.pop_back();
    }
    if (out.back() == '.') {
        out.pop_back();
    }
    out += 'Z';
    return out;
}

}  // namespace signalbox::base
