#include "engine/claims/time_zone.h"

#include "engine/base/text.h"

#include <algorithm>
#include <cstddef>

namespace signalbox::claims {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::size_t kHeaderSize = 44;

Error malformed() {
    return {Errc::Malformed, "not a file of the time zone database"};
}

/// Big-endian and signed, of as many bytes as there are.
std::int64_t number(Bytes bytes) {
    std::uint64_t value =
        !bytes.empty() && static_cast<unsigned char>(bytes[0]) >= 0x80 ? ~std::uint64_t{0} : 0;
    for (char const c : bytes) {
        value = (value << 8U) | static_cast<unsigned char>(c);
    }
    return static_cast<std::int64_t>(value);
}

/// How many there are of what in one of the two blocks of a file.
struct Counts {
    std::size_t is_utc = 0;
    std::size_t is_standard = 0;
    std::size_t leaps = 0;
    std::size_t times = 0;
    std::size_t types = 0;
    std::size_t letters = 0;

    std::size_t block_size(std::size_t time_size) const {
        return times * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) +
               is_standard + is_utc;
    }
};

Result<Counts> counts_of(Bytes bytes) {
    if (bytes.size() < kHeaderSize || !bytes.starts_with("TZif")) {
        return malformed();
    }
    auto const count = [&](std::size_t n) {
        return static_cast<std::size_t>(number(bytes.substr(20 + 4 * n, 4)));
    };
    Counts const counts{.is_utc = count(0),
                        .is_standard = count(1),
                        .leaps = count(2),
                        .times = count(3),
                        .types = count(4),
                        .letters = count(5)};
    for (std::size_t const each : {counts.is_utc, counts.is_standard, counts.leaps, counts.times,
                                   counts.types, counts.letters}) {
        if (each > kMaxBytes) {
            return malformed();
        }
    }
    if (counts.types == 0) {
        return malformed();
    }
    return counts;
}

/// Reads a POSIX rule from its front.
class Rule {
public:
    explicit Rule(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }

    bool skip(char c) {
        if (!rest_.starts_with(c)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    /// `CET`, or `<+03>`.
    bool skip_name() {
        if (skip('<')) {
            std::size_t const end = rest_.find('>');
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
            return end != std::string_view::npos;
        }
        std::size_t const end = rest_.find_first_of("+-,0123456789");
        std::size_t const size = std::min(end, rest_.size());
        rest_.remove_prefix(size);
        return size > 0;
    }

    Result<std::int64_t> digits() {
        std::int64_t value = 0;
        std::size_t size = 0;
        while (size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9' && size < 4) {
            value = value * 10 + (rest_[size++] - '0');
        }
        if (size == 0) {
            return malformed();
        }
        rest_.remove_prefix(size);
        return value;
    }

    /// `[+-]hh[:mm[:ss]]`, in seconds.
    Result<std::int64_t> time() {
        std::int64_t const sign = skip('-') ? -1 : 1;
        skip('+');
        std::int64_t seconds = TRY(digits()) * 3600;
        if (skip(':')) {
            seconds += TRY(digits()) * 60;
            if (skip(':')) {
                seconds += TRY(digits());
            }
        }
        return sign * seconds;
    }

    bool starts_with_offset() const {
        return !rest_.empty() && rest_.find_first_of("+-0123456789") == 0;
    }

private:
    std::string_view rest_;
};

bool is_leap(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days from 1970 to the first of a month; of the proleptic Gregorian calendar.
std::int64_t days_to(std::int64_t year, std::int64_t month) {
    std::int64_t const y = month <= 2 ? year - 1 : year;
    std::int64_t const era = (y >= 0 ? y : y - 399) / 400;
    std::int64_t const of_era = y - era * 400;
    std::int64_t const day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
    std::int64_t const day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

/// The day of a rule in `year`, since 1970: `Mm.w.d`, `Jn` or `n`.
Result<std::int64_t> day_of(Rule& rule, std::int64_t year) {
    if (rule.skip('J')) {
        std::int64_t const day = TRY(rule.digits());
        // The 29th of February is never counted.
        return days_to(year, 1) + day - 1 + (is_leap(year) && day >= 60 ? 1 : 0);
    }
    if (!rule.skip('M')) {
        return days_to(year, 1) + TRY(rule.digits());
    }
    std::int64_t const month = TRY(rule.digits());
    rule.skip('.');
    std::int64_t const week = TRY(rule.digits());
    rule.skip('.');
    std::int64_t const weekday = TRY(rule.digits());
    if (month < 1 || month > 12 || week < 1 || week > 5 || weekday > 6) {
        return malformed();
    }
    std::int64_t const first = days_to(year, month);
    std::int64_t const next = month == 12 ? days_to(year + 1, 1) : days_to(year, month + 1);
    // The first day of 1970 was a Thursday.
    std::int64_t const first_weekday = ((first + 4) % 7 + 7) % 7;
    std::int64_t day = first + (weekday - first_weekday + 7) % 7 + (week - 1) * 7;
    while (day >= next) {
        day -= 7;
    }
    return day;
}

/// When a rule takes effect, in seconds of local time.
Result<std::int64_t> moment_of(Rule& rule, std::int64_t year) {
    std::int64_t const day = TRY(day_of(rule, year));
    std::int64_t of_day = 2 * 3600;
    if (rule.skip('/')) {
        of_day = TRY(rule.time());
    }
    return day * 86'400 + of_day;
}

std::int64_t year_of(std::int64_t seconds) {
    return base::civil(WallTime(base::seconds(seconds))).year;
}

}  // namespace

bool is_time_zone_name(std::string_view name) {
    if (name.size() > 64) {
        return false;
    }
    std::vector<std::string_view> const parts = base::split(name, '/');
    auto const is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return parts.size() <= 3 && std::ranges::all_of(parts, [&](std::string_view part) {
               return !part.empty() && is_letter(part.front()) &&
                      std::ranges::all_of(part, [&](char c) {
                          return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
                                 c == '-';
                      });
           });
}

Result<std::int32_t> offset_by_rule(std::string_view text, std::int64_t at) {
    Rule rule(text);
    if (!rule.skip_name()) {
        return malformed();
    }
    // The rule counts to the west.
    std::int64_t const standard = -TRY(rule.time());
    if (rule.at_end()) {
        return static_cast<std::int32_t>(standard);
    }
    if (!rule.skip_name()) {
        return malformed();
    }
    std::int64_t daylight = standard + 3600;
    if (rule.starts_with_offset()) {
        daylight = -TRY(rule.time());
    }
    if (!rule.skip(',')) {
        return malformed();
    }
    std::int64_t const year = year_of(at + standard);
    std::int64_t const begins = TRY(moment_of(rule, year)) - standard;
    if (!rule.skip(',')) {
        return malformed();
    }
    std::int64_t const ends = TRY(moment_of(rule, year)) - daylight;
    // In the south it begins late in the year.
    bool const is_daylight = begins < ends ? at >= begins && at < ends : at >= begins || at < ends;
    return static_cast<std::int32_t>(is_daylight ? daylight : standard);
}

Result<TimeZone> TimeZone::parse(Bytes bytes) {
    if (bytes.size() > kMaxBytes) {
        return Error(Errc::LimitExceeded, "a time zone of more than 64 KiB");
    }
    Counts counts = TRY(counts_of(bytes));
    std::size_t time_size = 4;
    std::size_t at = kHeaderSize;
    bool const has_second = bytes[4] >= '2';
    if (has_second) {
        // The first block is for readers of 32-bit times.
        at += counts.block_size(time_size);
        if (at > bytes.size()) {
            return malformed();
        }
        counts = TRY(counts_of(bytes.substr(at)));
        at += kHeaderSize;
        time_size = 8;
    }
    if (bytes.size() < at + counts.block_size(time_size)) {
        return malformed();
    }
    Bytes const times = bytes.substr(at, counts.times * time_size);
    Bytes const kinds = bytes.substr(at + times.size(), counts.times);
    Bytes const types = bytes.substr(at + times.size() + kinds.size(), counts.types * 6);
    auto const offset = [&](std::size_t type) {
        return static_cast<std::int32_t>(number(types.substr(type * 6, 4)));
    };
    TimeZone zone;
    zone.first_offset_ = offset(0);
    for (std::size_t i = 0; i < counts.times; ++i) {
        auto const type = static_cast<std::size_t>(static_cast<unsigned char>(kinds[i]));
        if (type >= counts.types) {
            return malformed();
        }
        zone.changes_.push_back(
            {.at = number(times.substr(i * time_size, time_size)), .offset = offset(type)});
    }
    if (has_second) {
        zone.rule_ = base::trim(bytes.substr(at + counts.block_size(time_size)));
    }
    return zone;
}

Duration TimeZone::offset_at(WallTime time) const {
    std::int64_t const at = time.since_epoch() / base::seconds(1);
    auto const next = std::ranges::upper_bound(changes_, at, {}, &Change::at);
    if (next == changes_.end() && !rule_.empty()) {
        Result<std::int32_t> const offset = offset_by_rule(rule_, at);
        if (offset.ok()) {
            return base::seconds(offset.value());
        }
    }
    return base::seconds(next == changes_.begin() ? first_offset_ : (next - 1)->offset);
}

}  // namespace signalbox::claims
