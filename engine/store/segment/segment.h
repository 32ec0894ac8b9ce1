#pragma once

#include "engine/base/result.h"
#include "engine/store/segment/segment_table.h"
#include "engine/store/segment/subject_table.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace signalbox::store {

constexpr std::uint64_t kSegmentHeaderSize = 64;

/// A block of a segment, and where its bytes are.
struct SegmentBlock {
    std::uint64_t offset = 0;  ///< In the file; of its header.
    std::uint32_t stored = 0;  ///< With its header.
    std::uint32_t raw = 0;
    std::uint32_t live = 0;  ///< Messages in it that are not gone.
    bool written = false;    ///< In the file.
    bool damaged = false;    ///< It was read and is not what was written.
    /// Its records, while they are nowhere else: it is open, being written, or has no file.
    std::shared_ptr<std::string> records;
};

/// Some messages of one stream that follow each other, with the table that finds them. The last
/// segment of a stream is open; the others are sealed and only lose messages.
struct Segment {
    std::uint64_t number = 0;
    SegmentTable table;
    std::vector<SegmentBlock> blocks;
    std::vector<SubjectId> subjects;  ///< What the rows' subjects are to the stream.
    /// The other way, while it is open.
    std::unordered_map<SubjectId, std::uint32_t> own_subjects;
    std::uint64_t file_size = kSegmentHeaderSize;
    std::uint64_t footer_offset = 0;
    std::uint64_t footer_checksum = 0;
    bool sealed = false;
    bool dirty = false;  ///< Something in its file is not synced.
    bool has_header = false;
    bool wipe = false;  ///< Something in its file is to be destroyed.

    /// What is left in it should have another file.
    bool wants_compaction() const { return sealed && (wipe || table.live() * 2 < table.rows()); }
};

/// The first bytes of a segment's file.
std::string encode_segment_header(std::uint64_t stream, std::uint64_t segment);
/// Errors: Corrupt.
Result<void> check_segment_header(Bytes bytes, std::uint64_t stream, std::uint64_t segment);

/// Blocks, subjects and rows of a segment, with a checksum at the end: the footer of its file, or
/// for an open one a part of the checkpoint.
std::string encode_contents(Segment const& segment, SubjectTable const& subjects);

struct SegmentContents {
    std::vector<SegmentBlock> blocks;
    std::vector<Bytes> subjects;  ///< Into what was decoded.
    SegmentTable table;
};
/// Errors: Corrupt.
Result<SegmentContents> decode_contents(Bytes bytes);

}  // namespace signalbox::store
