#pragma once

#include <cstdint>

namespace signalbox::permission {

/// How closely the messages of one subscription are looked at before they are delivered.
enum class Screening : std::uint8_t {
    None,    ///< Nothing it matches is refused.
    Denied,  ///< Some of it is denied.
    /// It was let in by a narrower line, for wildcards are ordinary text there (`foo.*` lets
    /// `foo.>` in): what no line allows is not delivered either.
    All,
};

}  // namespace signalbox::permission
