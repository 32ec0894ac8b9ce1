#include "engine/base/duration_text.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <array>
#include <cmath>

namespace signalbox::base {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};

// Longer names first where one begins with another.
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\xc2\xb5s", 1'000},
                                         {"\xce\xbcs", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

constexpr std::int64_t kLargest = 9'200'000'000'000'000'000;

Unit const* unit_at_start(std::string_view text) {
    for (Unit const& unit : kUnits) {
        if (text.starts_with(unit.name)) {
            return &unit;
        }
    }
    return nullptr;
}

/// `value` over `unit` with its fraction, without trailing zeros: 1500 over 1000 is `1.5`.
std::string fraction(std::int64_t value, std::int64_t unit) {
    std::string out = std::to_string(value / unit);
    std::string rest = std::to_string(unit + value % unit).substr(1);
    while (!rest.empty() && rest.back() == '0') {
        rest.pop_back();
    }
    return rest.empty() ? out : concat(out, ".", rest);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    std::string_view const whole = text;
    auto const refuse = [&] {
        return Error(Errc::InvalidArgument, concat("invalid duration ", quoted(whole)));
    };
    bool const negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text == "0") {
        return Duration{0};
    }
    if (text.empty()) {
        return refuse();
    }
    long double total = 0;
    while (!text.empty()) {
        auto const digits = text.substr(0, text.find_first_not_of("0123456789."));
        text.remove_prefix(digits.size());
        auto const number = parse_double(digits);
        Unit const* unit = unit_at_start(text);
        if (!number || unit == nullptr) {
            return refuse();
        }
        text.remove_prefix(unit->name.size());
        total += static_cast<long double>(*number) * static_cast<long double>(unit->nanoseconds);
        if (total > static_cast<long double>(kLargest)) {
            return refuse();
        }
    }
    auto const count = static_cast<std::int64_t>(std::llround(total));
    return Duration{negative ? -count : count};
}

std::string duration_text(Duration duration) {
    std::int64_t n = duration.count();
    if (n == 0) {
        return "0s";
    }
    std::string out = n < 0 ? "-" : "";
    n = n < 0 ? -n : n;
    if (n < 1'000) {
        return concat(out, n, "ns");
    }
    if (n < 1'000'000) {
        return concat(out, fraction(n, 1'000), "\xc2\xb5s");
    }
    if (n < 1'000'000'000) {
        return concat(out, fraction(n, 1'000'000), "ms");
    }
    std::int64_t const hour = n / 3'600'000'000'000;
    std::int64_t const minute = n / 60'000'000'000 % 60;
    if (hour > 0) {
        append(out, hour, "h");
    }
    if (hour > 0 || minute > 0) {
        append(out, minute, "m");
    }
    append(out, fraction(n % 60'000'000'000, 1'000'000'000), "s");
    return out;
}

std::string uptime_text(Duration duration) {
    std::int64_t const total = duration.count() < 0 ? 0 : duration.count() / 1'000'000'000;
    std::int64_t const years = total / (365 * 86'400);
    std::int64_t const days = total / 86'400 % 365;
    std::int64_t const hour = total / 3'600 % 24;
    std::int64_t const minute = total / 60 % 60;
    std::string out;
    if (years > 0) {
        append(out, years, "y");
    }
    if (years > 0 || days > 0) {
        append(out, days, "d");
    }
    if (total >= 3'600) {
        append(out, hour, "h");
    }
    if (total >= 60) {
        append(out, minute, "m");
    }
    append(out, total % 60, "s");
    return out;
}

}  // namespace signalbox::base
