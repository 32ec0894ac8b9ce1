#include "engine/native/log_output.h"

#include "engine/base/text.h"

#include <ctime>
#include <string_view>

namespace signalbox::native {

namespace {

std::string_view label_of(LogLevel level) {
    switch (level) {
        case LogLevel::Fatal:
            return "FTL";
        case LogLevel::Error:
            return "ERR";
        case LogLevel::Warning:
            return "WRN";
        case LogLevel::Notice:
            return "INF";
        case LogLevel::Debug:
            return "DBG";
        case LogLevel::Trace:
            return "TRC";
    }
    return "INF";
}

std::string_view colour_of(LogLevel level) {
    switch (level) {
        case LogLevel::Fatal:
        case LogLevel::Error:
            return "31";
        case LogLevel::Warning:
            return "0;93";
        case LogLevel::Notice:
            return "32";
        case LogLevel::Debug:
            return "36";
        case LogLevel::Trace:
            return "33";
    }
    return "32";
}

void append_padded(std::string& out, int value, std::size_t digits) {
    std::string const text = std::to_string(value);
    out.append(digits > text.size() ? digits - text.size() : 0, '0');
    out += text;
}

/// What this machine's clock on the wall adds to UTC at that time.
Duration local_offset(WallTime time) {
    auto const seconds = static_cast<std::time_t>(time.since_epoch() / base::seconds(1));
    std::tm local{};
    return ::localtime_r(&seconds, &local) == nullptr ? Duration{0}
                                                      : Duration(base::seconds(local.tm_gmtoff));
}

void append_time(std::string& out, WallTime time, bool utc) {
    base::CivilTime const at = base::civil(time, utc ? Duration{0} : local_offset(time));
    append_padded(out, at.year, 4);
    out += '/';
    append_padded(out, static_cast<int>(at.month), 2);
    out += '/';
    append_padded(out, static_cast<int>(at.day), 2);
    out += ' ';
    append_padded(out, at.hour, 2);
    out += ':';
    append_padded(out, at.minute, 2);
    out += ':';
    append_padded(out, at.second, 2);
    out += '.';
    append_padded(out, at.nanosecond / 1'000, 6);
    out += ' ';
}

}  // namespace

std::string formatted(LogLine const& line, LineStyle const& style, std::uint64_t pid) {
    std::string out = concat("[", pid, "] ");
    if (style.time) {
        append_time(out, line.time, style.utc);
    }
    if (style.colour) {
        append(out, "[\x1b[", colour_of(line.level), "m", label_of(line.level), "\x1b[0m] ");
    } else {
        append(out, "[", label_of(line.level), "] ");
    }
    append(out, line.text, "\n");
    return out;
}

}  // namespace signalbox::native
