#pragma once

#include "engine/base/bytes.h"
#include "engine/world/link.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace signalbox::protocol {

/// What stands at the beginning of a connection that a proxy passes on (PROXY protocol, versions 1
/// and 2).
struct ProxyHeader {
    enum class Kind {
        Incomplete,  ///< More bytes are needed to tell.
        Absent,      ///< The peer is no proxy: all bytes are its own.
        Present,
        Malformed,
    };

    Kind kind = Kind::Incomplete;
    std::size_t size = 0;                  ///< Of the header, when it is present.
    std::optional<world::Address> source;  ///< Who is behind the proxy; none: the peer itself.
    std::string_view fault;                ///< What is wrong with a malformed one.
};

/// Looks at all bytes that came so far. The first six decide whether it is a header, and as long as
/// they did not come nothing is decided, as in the reference.
ProxyHeader read_proxy_header(Bytes bytes);

}  // namespace signalbox::protocol
