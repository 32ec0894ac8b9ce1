#pragma once

#include "engine/compress/encoder.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::compress {

/// The framing format of Snappy: a stream identifier, then frames of at most 64 KiB of input, each
/// with a checksum, and as it is where compressing does not pay.
class SnappyFrames final : public Encoder {
public:
    SnappyFrames();

    void add(std::string_view bytes) override;
    std::string finish() override;

private:
    void write_frame(std::string_view bytes);

    std::string pending_;  ///< Of a frame that is not full.
    std::string out_;
};

/// CRC-32C (RFC 3720, B.4).
std::uint32_t crc32c(std::string_view bytes);

/// Checksums of data that holds checksums are turned and shifted, so that they stay good ones.
std::uint32_t masked(std::uint32_t crc);

}  // namespace signalbox::compress
