#pragma once

#include <cstdint>
#include <string_view>

namespace signalbox::base {

/// A well mixed 64-bit hash of short text; `seed` keeps foreign text from choosing its collisions.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0);

/// For unordered containers keyed by text, looked up by view.
struct TextHash {
    using is_transparent = void;
    std::uint64_t seed = 0;  ///< A secret, where foreign text could choose its collisions.
    std::size_t operator()(std::string_view text) const { return hash_of(text, seed); }
};

}  // namespace signalbox::base
