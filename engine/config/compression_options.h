#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace signalbox::config {

/// Whether what two servers say to each other is compressed, as each of them wants it.
enum class CompressionMode : std::uint8_t {
    NotSupported,  ///< As if it was not known.
    Off,
    Accept,        ///< When the other wants it.
    Uncompressed,  ///< In its form, and not smaller: what `Auto` comes to over short ways.
    Fast,
    Better,
    Best,
    Auto,  ///< By the round-trip time.
};

/// As servers call it: `s2_fast`.
constexpr std::string_view name_of(CompressionMode mode) {
    switch (mode) {
        case CompressionMode::NotSupported:
            return "not supported";
        case CompressionMode::Off:
            return "off";
        case CompressionMode::Accept:
            return "accept";
        case CompressionMode::Uncompressed:
            return "s2_uncompressed";
        case CompressionMode::Fast:
            return "s2_fast";
        case CompressionMode::Better:
            return "s2_better";
        case CompressionMode::Best:
            return "s2_best";
        case CompressionMode::Auto:
            return "s2_auto";
    }
    return {};
}

struct CompressionOptions {
    CompressionMode mode = CompressionMode::Accept;
    /// Of `Auto`: up to the first not compressed, up to the second fast, up to the third better,
    /// else best. A zero leaves that level out.
    std::vector<Duration> rtt_thresholds{base::milliseconds(10), base::milliseconds(50),
                                         base::milliseconds(100)};

    friend bool operator==(CompressionOptions const&, CompressionOptions const&) = default;
};

}  // namespace signalbox::config
