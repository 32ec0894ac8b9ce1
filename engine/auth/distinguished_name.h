#pragma once

#include "engine/base/result.h"
#include "engine/tls/peer_identity.h"

#include <string_view>
#include <vector>

namespace signalbox::auth {

/// A distinguished name, part by part.
using DistinguishedName = std::vector<tls::RelativeName>;

/// Reads one as it is written, the most specific part first: `CN=x+UID=y,OU=z,O=w` (RFC 4514).
/// Errors: Malformed.
Result<DistinguishedName> parse_distinguished_name(std::string_view text);

/// Whether both have the same parts in the same order. The attributes of one part have no order;
/// names of types are the same in either case, values are not.
bool same_name(DistinguishedName const& a, DistinguishedName const& b);

/// Whether both have the same parts, in any order.
bool same_parts(DistinguishedName const& a, DistinguishedName const& b);

}  // namespace signalbox::auth
