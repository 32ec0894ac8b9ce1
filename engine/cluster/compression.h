#pragma once

#include "engine/base/time.h"
#include "engine/compress/s2_block.h"
#include "engine/config/compression_options.h"

#include <optional>
#include <string_view>

namespace signalbox::cluster {

/// What the word of a peer's INFO stands for; nothing: it is none. Absent is `not supported`.
std::optional<config::CompressionMode> mode_named(std::string_view word);

/// What becomes of what this side and the other want.
config::CompressionMode agreed(config::CompressionMode ours, config::CompressionMode theirs);

/// Whether what is said is an S2 stream.
bool compresses(config::CompressionMode agreed);

/// How much work is put into it; of `Auto` by the round-trip time.
compress::S2Level level_of(config::CompressionMode agreed,
                           config::CompressionOptions const& options, Duration rtt);

/// As monitoring calls it: `s2_fast` of `Auto` over a way of 20 ms.
config::CompressionMode mode_of(compress::S2Level level);

}  // namespace signalbox::cluster
