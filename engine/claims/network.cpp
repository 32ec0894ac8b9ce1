#include "engine/claims/network.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace signalbox::claims {
namespace {

using AddressBytes = std::array<unsigned char, 16>;

constexpr unsigned kBitsBeforeIpv4 = 96;

struct Parsed {
    AddressBytes bytes{};
    bool is_ipv4 = false;
};

/// Four numbers to `out`.
bool read_ipv4(std::string_view text, unsigned char* out) {
    std::vector<std::string_view> const parts = base::split(text, '.');
    if (parts.size() != 4) {
        return false;
    }
    for (std::size_t i = 0; i < 4; ++i) {
        auto const number = base::parse_uint(parts[i]);
        // A leading zero is octal to some, so it is nothing to us.
        bool const plain = parts[i].size() == 1 || !parts[i].starts_with('0');
        if (!number || *number > 255 || !plain) {
            return false;
        }
        out[i] = static_cast<unsigned char>(*number);
    }
    return true;
}

std::optional<std::uint16_t> group_of(std::string_view text) {
    if (text.empty() || text.size() > 4) {
        return std::nullopt;
    }
    unsigned value = 0;
    for (char const c : text) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<unsigned>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            digit = static_cast<unsigned>(c - 'A' + 10);
        } else {
            return std::nullopt;
        }
        value = value * 16 + digit;
    }
    return static_cast<std::uint16_t>(value);
}

/// Groups between colons, the last of which may be an IPv4 address, as bytes.
std::optional<std::vector<unsigned char>> read_groups(std::string_view text) {
    std::vector<unsigned char> out;
    if (text.empty()) {
        return out;
    }
    for (std::string_view const part : base::split(text, ':')) {
        if (part.find('.') != std::string_view::npos) {
            std::array<unsigned char, 4> last{};
            bool const at_end = part.data() + part.size() == text.data() + text.size();
            if (!at_end || !read_ipv4(part, last.data())) {
                return std::nullopt;
            }
            out.insert(out.end(), last.begin(), last.end());
            continue;
        }
        auto const group = group_of(part);
        if (!group) {
            return std::nullopt;
        }
        out.push_back(static_cast<unsigned char>(*group >> 8U));
        out.push_back(static_cast<unsigned char>(*group & 0xffU));
    }
    return out;
}

/// (RFC 4291, 2.2)
bool read_ipv6(std::string_view text, AddressBytes& out) {
    std::size_t const gap = text.find("::");
    auto const head = read_groups(text.substr(0, gap));
    if (!head || (gap == std::string_view::npos && head->size() != out.size())) {
        return false;
    }
    std::copy_n(head->begin(), std::min(head->size(), out.size()), out.begin());
    if (gap == std::string_view::npos) {
        return true;
    }
    auto const tail = read_groups(text.substr(gap + 2));
    if (!tail || head->size() + tail->size() + 2 > out.size()) {
        return false;
    }
    std::copy(tail->begin(), tail->end(), out.end() - static_cast<std::ptrdiff_t>(tail->size()));
    return true;
}

std::optional<Parsed> read_address(std::string_view text) {
    Parsed parsed;
    if (text.find(':') == std::string_view::npos) {
        parsed.bytes[10] = 0xff;
        parsed.bytes[11] = 0xff;
        parsed.is_ipv4 = true;
        if (!read_ipv4(text, &parsed.bytes[12])) {
            return std::nullopt;
        }
        return parsed;
    }
    // A zone belongs to the machine that wrote it.
    if (!read_ipv6(text.substr(0, text.find('%')), parsed.bytes)) {
        return std::nullopt;
    }
    return parsed;
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
    std::size_t const slash = text.find('/');
    if (slash == std::string_view::npos) {
        return Error(Errc::Malformed, "a network without a slash");
    }
    auto const address = read_address(text.substr(0, slash));
    auto const bits = base::parse_uint(text.substr(slash + 1));
    if (!address || !bits || *bits > (address->is_ipv4 ? 32U : 128U)) {
        return Error(Errc::Malformed, "not a network");
    }
    unsigned const of_all =
        static_cast<unsigned>(*bits) + (address->is_ipv4 ? kBitsBeforeIpv4 : 0U);
    return Network(address->bytes, of_all);
}

bool Network::holds(std::string_view address) const {
    auto const parsed = read_address(address);
    if (!parsed) {
        return false;
    }
    for (unsigned bit = 0; bit < bits_; ++bit) {
        unsigned const difference = parsed->bytes[bit / 8] ^ address_[bit / 8];
        if ((difference & (0x80U >> (bit % 8))) != 0) {
            return false;
        }
    }
    return true;
}

}  // namespace signalbox::claims
