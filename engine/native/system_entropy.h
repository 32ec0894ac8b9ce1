#pragma once

#include "engine/world/entropy.h"

namespace signalbox::native {

/// The kernel's random numbers.
class SystemEntropy : public world::Entropy {
public:
    void fill(std::span<unsigned char> bytes) override;
    std::uint64_t next() override;
    std::unique_ptr<world::Entropy> fork(std::string_view name) override;
};

}  // namespace signalbox::native
