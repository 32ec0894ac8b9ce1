#pragma once

#include "engine/store/segment/segment.h"

namespace signalbox::store {

struct RebuiltContents {
    SegmentContents contents;  ///< Its subjects are views into the file's bytes or `texts`.
    std::vector<std::string> texts;
    std::uint64_t lost_blocks = 0;
};

/// Puts the table of a segment together from its blocks, as far as they are whole. Every row finds
/// the block it had, and a place that is damaged is a block in which nothing can be found.
RebuiltContents rebuild_contents(Bytes file, std::uint64_t stream, std::uint64_t segment);

}  // namespace signalbox::store
