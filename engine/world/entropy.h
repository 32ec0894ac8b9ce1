#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace signalbox::world {

/// Random numbers, for keys and nonces as well as for choices.
class Entropy {
public:
    virtual ~Entropy() = default;

    virtual void fill(std::span<unsigned char> bytes) = 0;

    virtual std::uint64_t next() = 0;

    /// An independent source: what one part draws does not move what another gets.
    virtual std::unique_ptr<Entropy> fork(std::string_view name) = 0;

    /// From 0 to `bound` - 1, evenly; `bound` is not 0.
    std::uint64_t below(std::uint64_t bound) {
        // The high half of the product is even enough for bounds far below 2^32.
        return static_cast<std::uint64_t>(((next() >> 32) * (bound & 0xffffffffU)) >> 32);
    }
};

}  // namespace signalbox::world
