#include "engine/jetstream/stream/decimal.h"

#include <algorithm>

namespace signalbox::jetstream {
namespace {

struct Number {
    bool negative = false;
    std::string digits;  ///< The lowest first, none for zero.
};

Number parse(std::string_view text) {
    Number number;
    if (text.starts_with('-') || text.starts_with('+')) {
        number.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
    number.digits.assign(text.rbegin(), text.rend());
    return number;
}

std::string write(Number const& number) {
    if (number.digits.empty()) {
        return "0";
    }
    std::string text(number.negative ? 1 : 0, '-');
    text.append(number.digits.rbegin(), number.digits.rend());
    return text;
}

int digit(std::string const& digits, std::size_t at) {
    return at < digits.size() ? digits[at] - '0' : 0;
}

bool is_smaller(std::string const& a, std::string const& b) {
    if (a.size() != b.size()) {
        return a.size() < b.size();
    }
    return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

std::string sum(std::string const& a, std::string const& b) {
    std::string out;
    int carry = 0;
    for (std::size_t at = 0; at < std::max(a.size(), b.size()) || carry > 0; ++at) {
        int const value = digit(a, at) + digit(b, at) + carry;
        out.push_back(static_cast<char>('0' + value % 10));
        carry = value / 10;
    }
    return out;
}

/// `a` is not smaller.
std::string difference(std::string const& a, std::string const& b) {
    std::string out;
    int borrow = 0;
    for (std::size_t at = 0; at < a.size(); ++at) {
        int const value = digit(a, at) - digit(b, at) - borrow;
        borrow = value < 0 ? 1 : 0;
        out.push_back(static_cast<char>('0' + value + 10 * borrow));
    }
    out.erase(out.find_last_not_of('0') + 1);
    return out;
}

}  // namespace

bool is_decimal(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string add_decimals(std::string_view a, std::string_view b) {
    Number const one = parse(a);
    Number const other = parse(b);
    if (one.negative == other.negative) {
        return write({one.negative, sum(one.digits, other.digits)});
    }
    return is_smaller(one.digits, other.digits)
               ? write({other.negative, difference(other.digits, one.digits)})
               : write({one.negative, difference(one.digits, other.digits)});
}

std::string negated(std::string_view number) {
    Number one = parse(number);
    one.negative = !one.negative;
    return write(one);
}

}  // namespace signalbox::jetstream
