#pragma once

#include "engine/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace signalbox::compress {

/// How much work is put into finding repetitions.
enum class S2Level : std::uint8_t {
    Uncompressed,
    Fast,
    Better,
    Best,
};

/// Larger blocks are not made, and not read when more than `kLargestS2Block`.
inline constexpr std::size_t kS2Block = 1024 * 1024;
inline constexpr std::size_t kLargestS2Block = 4 * 1024 * 1024;

/// Appends one block of the S2 format, which readers of Snappy can read too. `bytes` are at most
/// `kS2Block`; not of level `Uncompressed`.
void append_s2_block(std::string& out, Bytes bytes, S2Level level);

/// The size of what is in the block; nothing when its beginning is none.
std::optional<std::size_t> s2_block_size(Bytes block);

/// Appends what is in the block. False: it is damaged, and something may have been appended.
bool read_s2_block(std::string& out, Bytes block);

}  // namespace signalbox::compress
