#pragma once

#include "engine/world/entropy.h"

#include <array>
#include <cstdint>

namespace signalbox::sim {

/// Numbers that depend on a seed alone. A server over the real world must never be given this.
class SimEntropy final : public world::Entropy {
public:
    explicit SimEntropy(std::uint64_t seed);

    void fill(std::span<unsigned char> bytes) override;
    std::uint64_t next() override;
    std::unique_ptr<world::Entropy> fork(std::string_view name) override;

private:
    std::uint64_t const seed_;
    std::uint64_t forks_ = 0;
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace signalbox::sim
