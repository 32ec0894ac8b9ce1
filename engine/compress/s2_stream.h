#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/compress/s2_block.h"

#include <cstddef>
#include <string>

namespace signalbox::compress {

/// Appends a whole S2 stream of `bytes`: identifier, then chunks of at most `kS2Block` with a
/// checksum each. Streams may follow one another.
void append_s2_stream(std::string& out, Bytes bytes, S2Level level);

/// Reads one S2 stream after the other, or Snappy ones, however they are cut on the way.
class S2Reader {
public:
    /// `budget`: so many bytes may come out of it, until more is allowed. A few bytes can stand for
    /// megabytes, and a peer that nobody knows yet gets no megabytes.
    explicit S2Reader(std::size_t budget) : budget_(budget) {}

    void allow(std::size_t budget) { budget_ = budget; }

    void feed(Bytes bytes) { in_.append(bytes); }

    /// What is in the next chunk that holds some; empty: it needs more bytes. Lasts until the next
    /// call. Errors: Malformed, LimitExceeded (the budget); each later call answers the same.
    Result<Bytes> next();

private:
    Result<bool> take_chunk();
    Result<void> open_chunk(unsigned char type, Bytes body);
    Result<void> take_content(unsigned char type, Bytes body);

    std::size_t budget_;
    std::string in_;
    std::size_t used_ = 0;  ///< Of `in_`.
    std::string out_;
    bool identified_ = false;
    bool failed_ = false;
};

}  // namespace signalbox::compress
