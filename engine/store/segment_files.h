#pragma once

#include "engine/store/segment/block_cache.h"
#include "engine/store/segment/segment_list.h"
#include "engine/store/stream_store.h"
#include "engine/world/world.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace signalbox::store {

/// The files of one stream's segments: blocks are written to them, fetched from them and synced.
///
/// What could not be written stays in memory and is tried again with the next sync.
class SegmentFiles {
public:
    using OnDone = std::function<void(Result<void>)>;
    /// Of a block that was to be fetched; it is in the cache when that is well.
    using OnFetched = std::function<void(std::uint64_t segment, std::uint32_t block, Result<void>)>;

    SegmentFiles(World& world, BlockCache& cache, SegmentList& segments, std::string directory,
                 std::uint64_t stream)
        : world_(world),
          cache_(cache),
          segments_(segments),
          directory_(std::move(directory)),
          stream_(stream) {}

    SegmentFiles(SegmentFiles const&) = delete;
    SegmentFiles& operator=(SegmentFiles const&) = delete;

    static std::string name_of(std::uint64_t segment);
    std::string path_of(std::uint64_t segment) const { return directory_ + "/" + name_of(segment); }

    void write_block(Segment& segment, std::uint32_t block);
    void write_footer(Segment& segment, std::string footer);

    /// Everything that was to be written is, and is on stable storage. Errors: Io.
    void sync(OnDone done);

    /// Answers with a ticket for the block's fetching, which may be under way already.
    FetchTicket fetch(Segment const& segment, std::uint32_t block, OnFetched done);
    void when_fetched(FetchTicket ticket, std::function<void()> resume);

    /// The segment is no more.
    void forget(std::uint64_t segment);

private:
    struct Fetch {
        std::uint64_t segment = 0;
        std::uint32_t block = 0;
        std::vector<std::function<void()>> waiting;
        bool again = false;  ///< A first answer was no good.
    };
    using Place = std::pair<std::uint64_t, std::uint64_t>;  ///< Segment and offset.
    struct Write {
        world::Disk::Content content;
        bool failed = false;
    };

    void make_directory();
    void write(std::uint64_t segment, std::uint64_t offset, world::Disk::Content content);
    void written(std::uint64_t segment, std::uint64_t offset, Result<void> const& done);
    void settle(Segment& segment, std::uint64_t offset);
    void read(std::uint64_t ticket, OnFetched done);
    void fetched(std::uint64_t ticket, Result<std::string> const& stored, OnFetched const& done);
    void sync_next();
    void finish_sync(Result<void> const& done);

    World& world_;
    BlockCache& cache_;
    SegmentList& segments_;
    std::string const directory_;
    std::uint64_t const stream_;
    std::map<Place, Write> unwritten_;  ///< Under way, or failed.
    std::set<Place> awaited_;           ///< Those that the sync waits for.
    Result<void> failure_;              ///< Of one of them.
    bool waiting_for_writes_ = false;
    bool directory_made_ = false;
    bool new_files_ = false;  ///< The directory is to be synced.
    std::vector<std::uint64_t> to_sync_;
    OnDone syncing_;
    std::map<std::uint64_t, Fetch> fetches_;  ///< By ticket.
    std::uint64_t last_ticket_ = 0;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');
};

}  // namespace signalbox::store
