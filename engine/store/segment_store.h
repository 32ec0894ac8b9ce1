#pragma once

#include "engine/base/logger.h"
#include "engine/store/segment/block_cache.h"
#include "engine/store/segment/subject_index.h"
#include "engine/store/segment_compactor.h"
#include "engine/store/segment_files.h"
#include "engine/store/stream_store.h"
#include "engine/world/world.h"

#include <map>
#include <string>
#include <vector>

namespace signalbox::store {

struct SegmentStoreOptions {
    std::uint64_t stream = 0;  ///< By which the storage knows it.
    Medium medium = Medium::Memory;
    std::string directory;  ///< Of this stream's segments.
    std::size_t block_bytes = std::size_t{64} << 10;
    std::uint64_t smallest_segment = std::uint64_t{512} << 10;
    std::uint64_t largest_segment = std::uint64_t{32} << 20;
};

/// The messages of one stream in segments, in files or in memory.
///
/// Messages gather in a block in memory, which is written once it is full or a checkpoint asks for
/// it; until then the journal has them. Where each message is, is in memory always; its block may
/// have to be fetched.
class SegmentStore final : public StreamStore {
public:
    SegmentStore(World& world, Logger& log, BlockCache& cache, SegmentStoreOptions options);
    ~SegmentStore() override;

    SegmentStore(SegmentStore const&) = delete;
    SegmentStore& operator=(SegmentStore const&) = delete;

    using StreamStore::load_last;
    Result<void> append(StoredMessage const& message) override;
    void skip(Sequence last) override;
    Result<Load> load(Sequence sequence) override;
    Result<Load> load_next(Filters filters, Sequence from) override;
    Result<Load> load_previous(Filters filters, Sequence from) override;
    Result<Load> load_last(std::string_view subject, Sequence up_to) override;
    void when_fetched(FetchTicket ticket, std::function<void()> resume) override;
    Result<bool> erase(Sequence sequence, EraseMode mode) override;
    Result<void> compact(Sequence first) override;
    StoreState const& state() const override { return state_; }
    std::optional<SubjectState> subject_state(std::string_view subject) const override;
    void visit_subjects(subject::Filter filter,
                        std::function<bool(SubjectState const&)> const& visit) const override;
    FilterTotals totals(Filters filters) const override;
    std::uint64_t count_from(Filters filters, Sequence from) const override;
    Sequence first_not_before(WallTime time) const override;
    void visit_deleted(std::function<bool(Sequence, Sequence)> const& visit) const override;
    std::uint64_t damaged() const override { return damaged_; }

    // What a checkpoint asks for.

    using OnDone = std::function<void(Result<void>)>;

    /// Whether something was changed since the last `save`.
    bool is_dirty() const { return dirty_; }

    /// All that it takes to open it again in this state, once `sync` is done.
    std::string save();

    /// Answers once all that `save` speaks of is on stable storage. Errors: Io.
    void sync(OnDone done) { files_.sync(std::move(done)); }

    /// Takes up what was saved, before anything else is called. What is found to be damaged is left
    /// out, counted and said in the log. Errors: Corrupt (of `saved`), Io.
    void open(Bytes saved, OnDone done);

    /// Of the names of files, those of segments that are older than what was saved and that it
    /// does not know. Errors: Corrupt.
    static Result<std::vector<std::string>> strangers(Bytes saved,
                                                      std::vector<std::string> const& names);

    /// Files whose messages are all gone, since the last call: to be removed once no checkpoint
    /// that may be gone back to needs them.
    /// One that is to be overwritten before has `kWipe` before its name.
    static constexpr std::string_view kWipe = "wipe:";
    std::vector<std::string> take_retired() { return std::exchange(retired_, {}); }

    std::uint64_t memory() const;

private:
    struct Reading;

    Segment& segment_to_append_to(std::size_t size);
    void close_block(Segment& segment);
    void seal(Segment& segment);
    void remove_row(Spot const& spot);
    void drop_empty_segments();
    void forget(Segment& segment);
    void update_first(Sequence from);
    void overwrite(Spot const& spot);
    void consider_compaction();
    void take_compacted(std::unique_ptr<Segment> made);
    std::uint64_t counted(Row const& row) const;

    Result<Load> read(Spot const& spot);
    Result<Load> fetch(Spot const& spot);
    Load found_or_fetched(std::optional<Spot> const& spot);
    std::optional<Spot> find_next(Filters filters, Sequence from);
    std::optional<Spot> find_previous(Filters filters, Sequence from);
    /// The subject that the only filter names, when that is so.
    static std::string_view only_subject(Filters filters);
    SubjectState describe(SubjectId id) const;

    Segment& attach(std::uint64_t number, SegmentContents contents);
    void open_next(std::shared_ptr<Reading> const& reading);
    void take_segment(std::shared_ptr<Reading> const& reading, Result<std::string> const& footer);
    void rebuild(std::shared_ptr<Reading> const& reading, Result<std::string> const& file);
    void settle(std::shared_ptr<Reading> const& reading, Segment* segment);
    void count_all();

    World& world_;
    Logger& log_;
    BlockCache& cache_;
    SegmentStoreOptions options_;
    SegmentList segments_;
    mutable SubjectIndex index_{segments_};  ///< Sorts itself when it is asked.
    SegmentFiles files_;
    SegmentCompactor compactor_;
    StoreState state_;
    std::vector<std::string> retired_;
    std::uint64_t next_segment_ = 1;
    std::uint64_t damaged_ = 0;
    bool dirty_ = false;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');  ///< For late tasks.
};

}  // namespace signalbox::store
