#include "engine/cluster/compression.h"

#include <array>

namespace signalbox::cluster {

using compress::S2Level;
using config::CompressionMode;

std::optional<CompressionMode> mode_named(std::string_view word) {
    static constexpr CompressionMode kModes[] = {
        CompressionMode::NotSupported, CompressionMode::Off,  CompressionMode::Accept,
        CompressionMode::Uncompressed, CompressionMode::Fast, CompressionMode::Better,
        CompressionMode::Best,         CompressionMode::Auto,
    };
    if (word.empty()) {
        return CompressionMode::NotSupported;
    }
    for (CompressionMode const mode : kModes) {
        if (word == config::name_of(mode)) {
            return mode;
        }
    }
    return std::nullopt;
}

CompressionMode agreed(CompressionMode ours, CompressionMode theirs) {
    bool const we_may = ours != CompressionMode::NotSupported && ours != CompressionMode::Off;
    if (!we_may || theirs == CompressionMode::NotSupported) {
        return theirs == CompressionMode::NotSupported || ours == CompressionMode::NotSupported
                   ? CompressionMode::NotSupported
                   : CompressionMode::Off;
    }
    if (theirs == CompressionMode::Off) {
        return CompressionMode::Off;
    }
    if (ours == CompressionMode::Accept) {
        // Who only accepts does what the other wants, and measures nothing.
        return theirs == CompressionMode::Accept ? CompressionMode::Off
               : theirs == CompressionMode::Auto ? CompressionMode::Fast
                                                 : theirs;
    }
    return ours;
}

bool compresses(CompressionMode agreed) {
    switch (agreed) {
        case CompressionMode::NotSupported:
        case CompressionMode::Off:
        case CompressionMode::Accept:
            return false;
        default:
            return true;
    }
}

S2Level level_of(CompressionMode agreed, config::CompressionOptions const& options, Duration rtt) {
    switch (agreed) {
        case CompressionMode::Fast:
            return S2Level::Fast;
        case CompressionMode::Better:
            return S2Level::Better;
        case CompressionMode::Best:
            return S2Level::Best;
        case CompressionMode::Auto:
            break;
        default:
            return S2Level::Uncompressed;
    }
    constexpr std::array kLevels = {S2Level::Uncompressed, S2Level::Fast, S2Level::Better,
                                    S2Level::Best};
    std::size_t const count = options.rtt_thresholds.size();
    for (std::size_t i = 0; i < count && i < kLevels.size(); ++i) {
        bool const left_out = options.rtt_thresholds[i].count() == 0;
        if (!left_out && rtt <= options.rtt_thresholds[i]) {
            return kLevels.at(i);
        }
    }
    return kLevels.at(count < kLevels.size() ? count : kLevels.size() - 1);
}

CompressionMode mode_of(S2Level level) {
    switch (level) {
        case S2Level::Uncompressed:
            return CompressionMode::Uncompressed;
        case S2Level::Fast:
            return CompressionMode::Fast;
        case S2Level::Better:
            return CompressionMode::Better;
        case S2Level::Best:
            return CompressionMode::Best;
    }
    return CompressionMode::Off;
}

}  // namespace signalbox::cluster
