#pragma once

#include "engine/base/logger.h"
#include "engine/consensus/replicated_log.h"
#include "engine/store/stream_store.h"
#include "engine/world/world.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace signalbox::consensus {

/// Names a stream within one server's storage; never used again for another.
using StreamId = std::uint64_t;

struct StorageOptions {
    /// Of the storage alone; those above it exist. Empty: everything is kept in memory.
    std::string directory;
    Durability durability = Durability::Synced;  ///< Of streams that do not say.
    /// How long what was relaxed may stay without a sync.
    Duration sync_interval = base::minutes(2);
    std::uint64_t cache_bytes = std::uint64_t{64} << 20;  ///< Of messages that were read last.
    std::uint64_t journal_file_bytes = std::uint64_t{64} << 20;
    std::uint64_t checkpoint_bytes = std::uint64_t{1} << 30;  ///< Of journal between checkpoints.
    Duration checkpoint_interval = base::seconds(60);
    /// Nothing more is written when less of the disk than this, or than a twentieth, is free.
    std::uint64_t reserve_bytes = std::uint64_t{1} << 30;
    /// Of the segments; for tests, which want many of them.
    std::uint64_t smallest_segment = std::uint64_t{512} << 10;
    std::uint64_t largest_segment = std::uint64_t{32} << 20;
    std::uint64_t block_bytes = std::uint64_t{64} << 10;
};

struct StreamSettings {
    /// What the stream's owner wants to find again: names, configuration. Not looked into.
    std::string description;
    store::Medium medium = store::Medium::File;
    bool relaxed = false;  ///< Whatever the server's default is.
};

/// What is kept of one stream. Lasts until the stream is removed or the storage is gone.
struct KeptStream {
    StreamId id = 0;
    StreamSettings settings;
    std::unique_ptr<store::StreamStore> store;
    std::unique_ptr<ReplicatedLog> log;
};

/// What an operator should know.
struct StorageHealth {
    std::string failure;  ///< Why nothing can be written any more; empty while all is well.
    bool nearly_full = false;
    std::uint64_t damaged_messages = 0;
    std::uint64_t lost_entries = 0;  ///< Of logs, by damage to the journal.
    std::uint64_t quarantined = 0;   ///< Things set aside, in all.
    bool damage_found = false;       ///< Anywhere, also where nothing was lost by it.
};

/// All that one server keeps on its disk for streams: opened, listed, created, removed.
///
/// The order of a start: `open`; for each of `streams()` the owner makes its state machine and
/// starts the stream's log; `replay`, in which those are brought to where they were. A stream is
/// removed because its owner says so and for no other reason: what is found on the disk and belongs
/// to no stream is moved aside and kept.
class Storage {
public:
    using OnDone = std::function<void(Result<void>)>;
    using Streams = std::map<StreamId, std::unique_ptr<KeptStream>>;

    Storage(World& world, Logger& log, StorageOptions options);
    ~Storage();

    Storage(Storage const&) = delete;
    Storage& operator=(Storage const&) = delete;

    /// Finds what there is. Never answers from within this call; once.
    /// Errors: Io, Corrupt (the catalogue of streams cannot be read), Unavailable (a newer format).
    void open(OnDone done);

    /// In the order of their making.
    Streams const& streams() const;
    KeptStream* find(StreamId id);

    /// Applies what the journal holds to the logs, to those that are started later once they are.
    /// Their leadership is gained when it is done. Errors: Io.
    void replay(OnDone done);

    /// The stream is there at once, and there after a restart once `done` says so.
    KeptStream& create(StreamSettings settings, OnDone done);

    /// Replaces what `create` was given, but for the medium.
    void change(StreamId id, StreamSettings settings, OnDone done);

    /// The stream's log stops and applies nothing more; it is gone for good once `done` says so.
    void remove(StreamId id, OnDone done);

    /// Saves everything as it is, so that less is to be replayed; by itself it is done now and
    /// then.
    void checkpoint(OnDone done);

    /// Brings everything to the disk, so that the next start has nothing to replay.
    void close(OnDone done);

    StorageHealth health() const;

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signalbox::consensus
