#pragma once

#include "engine/base/hash.h"

#include <cstdint>
#include <string_view>

namespace signalbox::sim {

/// A running hash of all that happened: equal for two runs only when they were the same run.
class Fingerprint {
public:
    void add(std::string_view bytes) { value_ = base::hash_of(bytes, value_ + 1); }
    void add(std::uint64_t number) {
        // Mixed by multiplication, so that order counts.
        value_ = (value_ ^ number) * 0x9e3779b97f4a7c15U;
        value_ ^= value_ >> 29;
    }

    std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 0;
};

}  // namespace signalbox::sim
