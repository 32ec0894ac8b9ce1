#pragma once

#include "engine/base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::base {

/// A numeric address of IP version 4 or 6.
class IpAddress {
public:
    /// `192.0.2.1`, or `2001:db8::1` with or without an address of version 4 at its end; no zone,
    /// no brackets. Errors: Malformed.
    static Result<IpAddress> parse(std::string_view text);

    /// 4 or 16 bytes, in the order of the network.
    static IpAddress from_bytes(std::span<unsigned char const> bytes);

    bool is_v4() const { return size_ == 4; }
    /// An address of version 4 that stands within one of version 6, as itself.
    IpAddress unmapped() const;
    std::span<unsigned char const> bytes() const { return std::span(bytes_).first(size_); }

    /// As RFC 5952 writes it; an address of version 4 within one of version 6 as `::ffff:1.2.3.4`.
    std::string text() const;

    friend bool operator==(IpAddress const&, IpAddress const&) = default;

private:
    IpAddress() = default;

    std::array<unsigned char, 16> bytes_{};
    std::size_t size_ = 16;
};

}  // namespace signalbox::base
