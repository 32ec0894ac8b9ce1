#pragma once

#include "engine/base/result.h"

#include <array>
#include <string_view>

namespace signalbox::claims {

/// Addresses that share their first bits (`192.0.2.0/24`, `2001:db8::/32`).
class Network {
public:
    /// Errors: Malformed.
    static Result<Network> parse(std::string_view text);

    /// `address` is numeric, as a link has it; one that is none is in no network.
    bool holds(std::string_view address) const;

private:
    /// Those of IPv4 stand where IPv6 maps them.
    using AddressBytes = std::array<unsigned char, 16>;

    Network(AddressBytes const& address, unsigned bits) : address_(address), bits_(bits) {}

    AddressBytes address_;
    unsigned bits_;
};

}  // namespace signalbox::claims
