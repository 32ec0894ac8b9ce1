#include "engine/base/rfc3339.h"

#include <chrono>

namespace signalbox::base {
namespace {

/// Takes numbers and marks off the front of a text; once one does not fit, nothing fits any more.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool failed() const { return failed_; }
    bool done() const { return rest_.empty(); }

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
                failed_ = true;
                return 0;
            }
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    bool take(char mark) {
        if (rest_.empty() || rest_.front() != mark) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    void need(char mark) { failed_ = !take(mark) || failed_; }

    /// The digits behind a point, as nanoseconds; those past the ninth count for nothing.
    std::int64_t fraction() {
        std::int64_t value = 0;
        std::int64_t scale = 100'000'000;
        std::size_t count = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            value += (rest_.front() - '0') * scale;
            scale /= 10;
            rest_.remove_prefix(1);
            ++count;
        }
        failed_ = count == 0 || failed_;
        return value;
    }

private:
    std::string_view rest_;
    bool failed_ = false;
};

/// Minutes east of UTC.
int zone(Scanner& in) {
    if (in.take('Z') || in.take('z')) {
        return 0;
    }
    int const sign = in.take('-') ? -1 : 1;
    if (sign == 1) {
        in.need('+');
    }
    int const hour = in.digits(2);
    in.need(':');
    return sign * (hour * 60 + in.digits(2));
}

constexpr int kLastYear = 2261;  ///< The last one whole in 64 bits of nanoseconds.

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    Scanner in(text);
    int const year = in.digits(4);
    in.need('-');
    int const month = in.digits(2);
    in.need('-');
    int const day = in.digits(2);
    if (!in.take('t')) {
        in.need('T');
    }
    int const hour = in.digits(2);
    in.need(':');
    int const minute = in.digits(2);
    in.need(':');
    int const second = in.digits(2);
    std::int64_t const nanoseconds = in.take('.') ? in.fraction() : 0;
    int const offset = zone(in);
    std::chrono::year_month_day const date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    bool const valid =
        !in.failed() && in.done() && date.ok() && hour < 24 && minute < 60 && second < 60;
    if (!valid) {
        return std::nullopt;
    }
    if (year < 1970) {
        return WallTime();
    }
    if (year > kLastYear) {
        return WallTime(Duration::max());
    }
    Duration const days = std::chrono::sys_days(date).time_since_epoch();
    return WallTime(days + hours(hour) + minutes(minute - offset) + seconds(second) +
                    Duration(nanoseconds));
}

}  // namespace signalbox::base
