#include "engine/base/ip_address.h"

#include "engine/base/check.h"
#include "engine/base/encoding.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace signalbox::base {
namespace {

constexpr std::size_t kGroups = 8;

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::array<unsigned char, 4>> parse_v4(std::string_view text) {
    std::vector<std::string_view> const parts = split(text, '.');
    if (parts.size() != 4) {
        return std::nullopt;
    }
    std::array<unsigned char, 4> bytes{};
    for (std::size_t i = 0; i < 4; ++i) {
        // A leading zero means octal to some and nothing to others.
        bool const is_plain = parts[i].size() == 1 || !parts[i].starts_with('0');
        auto const number = all_digits(parts[i]) ? parse_uint(parts[i]) : std::nullopt;
        if (!number || *number > 255 || !is_plain || parts[i].size() > 3) {
            return std::nullopt;
        }
        bytes[i] = static_cast<unsigned char>(*number);
    }
    return bytes;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
    unsigned value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    bool const whole = error == std::errc() && end == text.data() + text.size();
    if (text.empty() || text.size() > 4 || text[0] == '-' || !whole) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(value);
}

/// The groups between colons, an address of version 4 as two; nothing when one is none.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text, bool may_end_in_v4) {
    std::vector<std::uint16_t> groups;
    if (text.empty()) {
        return groups;
    }
    std::vector<std::string_view> const parts = split(text, ':');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        bool const is_last = i + 1 == parts.size();
        if (auto const v4 = is_last && may_end_in_v4 ? parse_v4(parts[i]) : std::nullopt) {
            groups.push_back(static_cast<std::uint16_t>((*v4)[0] << 8 | (*v4)[1]));
            groups.push_back(static_cast<std::uint16_t>((*v4)[2] << 8 | (*v4)[3]));
            continue;
        }
        auto const group = parse_group(parts[i]);
        if (!group) {
            return std::nullopt;
        }
        groups.push_back(*group);
    }
    return groups;
}

std::optional<std::array<unsigned char, 16>> parse_v6(std::string_view text) {
    std::size_t const gap = text.find("::");
    bool const has_gap = gap != std::string_view::npos;
    auto const before = parse_groups(has_gap ? text.substr(0, gap) : text, !has_gap);
    auto const after = parse_groups(has_gap ? text.substr(gap + 2) : std::string_view(), true);
    if (!before || !after) {
        return std::nullopt;
    }
    std::size_t const count = before->size() + after->size();
    // The gap stands for at least one group.
    if (has_gap ? count >= kGroups : count != kGroups) {
        return std::nullopt;
    }
    std::array<unsigned char, 16> bytes{};
    auto const put = [&](std::size_t at, std::uint16_t group) {
        bytes[at * 2] = static_cast<unsigned char>(group >> 8);
        bytes[at * 2 + 1] = static_cast<unsigned char>(group & 0xff);
    };
    for (std::size_t i = 0; i < before->size(); ++i) {
        put(i, (*before)[i]);
    }
    for (std::size_t i = 0; i < after->size(); ++i) {
        put(kGroups - after->size() + i, (*after)[i]);
    }
    return bytes;
}

std::string text_of_v4(std::span<unsigned char const> bytes) {
    return concat(unsigned(bytes[0]), '.', unsigned(bytes[1]), '.', unsigned(bytes[2]), '.',
                  unsigned(bytes[3]));
}

/// Whether it is `::ffff:` and an address of version 4.
bool holds_v4(std::span<unsigned char const> bytes) {
    return bytes.size() == 16 && bytes[10] == 0xff && bytes[11] == 0xff &&
           std::ranges::all_of(bytes.first(10), [](unsigned char byte) { return byte == 0; });
}

/// The longest run of zeros, the first of equal ones; only two or more are left out.
std::pair<std::size_t, std::size_t> gap_in(std::array<unsigned, kGroups> const& groups) {
    std::pair<std::size_t, std::size_t> best{kGroups, 1};
    for (std::size_t i = 0; i < kGroups; ++i) {
        std::size_t size = 0;
        while (i + size < kGroups && groups[i + size] == 0) {
            ++size;
        }
        if (size > best.second) {
            best = {i, size};
        }
    }
    return best;
}

std::string hex_of(unsigned group) {
    std::array<char, 8> digits{};
    auto const [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), group, 16);
    return {digits.data(), end};
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
    if (auto const v4 = parse_v4(text)) {
        return from_bytes(*v4);
    }
    if (auto const v6 = parse_v6(text)) {
        return from_bytes(*v6);
    }
    return Error(Errc::Malformed, concat("not an IP address: ", quoted(cut(text, 64))));
}

IpAddress IpAddress::from_bytes(std::span<unsigned char const> bytes) {
    bool const is_known = bytes.size() == 4 || bytes.size() == 16;
    CHECK(is_known);
    IpAddress address;
    address.size_ = bytes.size();
    std::ranges::copy(bytes, address.bytes_.begin());
    return address;
}

IpAddress IpAddress::unmapped() const {
    return holds_v4(bytes()) ? from_bytes(bytes().subspan(12)) : *this;
}

std::string IpAddress::text() const {
    if (is_v4()) {
        return text_of_v4(bytes());
    }
    std::array<unsigned, kGroups> groups{};
    for (std::size_t i = 0; i < kGroups; ++i) {
        groups[i] = static_cast<unsigned>(bytes_[i * 2] << 8 | bytes_[i * 2 + 1]);
    }
    if (holds_v4(bytes())) {
        return concat("::ffff:", text_of_v4(bytes().subspan(12)));
    }
    auto const [gap, size] = gap_in(groups);
    std::string text;
    for (std::size_t i = 0; i < kGroups; ++i) {
        if (i == gap) {
            text += "::";
            i += size - 1;
            continue;
        }
        append(text, text.empty() || text.ends_with(':') ? "" : ":", hex_of(groups[i]));
    }
    return text;
}

}  // namespace signalbox::base
