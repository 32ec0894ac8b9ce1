#pragma once

#include "engine/store/segment/subject_index.h"
#include "engine/store/segment_files.h"

#include <functional>
#include <memory>
#include <vector>

namespace signalbox::store {

/// Copies what is left in segments that have lost most of their messages into a new one, a block at
/// a time, so that nobody waits for it. The old ones stay as they are until it is done.
class SegmentCompactor {
public:
    /// The new segment, sealed and on its way to the disk; none when an old one cannot be read.
    using OnDone = std::function<void(std::unique_ptr<Segment>)>;

    struct Limits {
        std::uint64_t stream = 0;
        std::size_t block_bytes = 0;
        std::uint64_t largest_segment = 0;
    };

    SegmentCompactor(World& world, SegmentList& segments, SegmentFiles& files,
                     SubjectIndex const& index, Limits limits)
        : world_(world), segments_(segments), files_(files), index_(index), limits_(limits) {}

    SegmentCompactor(SegmentCompactor const&) = delete;
    SegmentCompactor& operator=(SegmentCompactor const&) = delete;

    bool is_running() const { return done_ != nullptr; }

    /// Neighbours that are worth it, by number; none when there are none.
    std::vector<std::uint64_t> candidates() const;

    void run(std::vector<std::uint64_t> olds, std::uint64_t number, OnDone done);

    std::vector<std::uint64_t> const& olds() const { return olds_; }

private:
    void next_block();
    void copy_block(std::uint64_t segment, std::uint32_t block, Result<std::string> const& stored);
    void copy_row(Segment const& old, Row const& row, Bytes records);
    void close_block();
    void finish();
    void end(std::unique_ptr<Segment> made);

    World& world_;
    SegmentList& segments_;
    SegmentFiles& files_;
    SubjectIndex const& index_;
    Limits const limits_;
    std::vector<std::uint64_t> olds_;
    std::size_t old_ = 0;      ///< Which of them is being copied,
    std::uint32_t block_ = 0;  ///< and which of its blocks is next.
    OnDone done_;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');
};

}  // namespace signalbox::store
