#pragma once

#include <cstdint>

namespace signalbox::observe {

/// A total and how fast it grows now.
struct Rate {
    std::uint64_t total = 0;
    double per_second = 0;
};

}  // namespace signalbox::observe
