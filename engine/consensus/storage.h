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
    std::string directory;                       ///< Of the storage alone; those above it exist.
    Durability durability = Durability::Synced;  ///< Of streams that do not say.
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

/// All that one server keeps on its disk for streams: opened, listed, created, removed.
///
/// The order of a start: `open`; for each of `streams()` the owner makes its state machine and
/// starts the stream's log; `replay`, in which those are brought to where they were. A stream is
/// removed because its owner says so and for no other reason: what is found on the disk and belongs
/// to no stream is moved aside and kept.
class Storage {
public:
    using OnDone = std::function<void(Result<void>)>;

    Storage(World& world, Logger& log, StorageOptions options);
    ~Storage();

    Storage(Storage const&) = delete;
    Storage& operator=(Storage const&) = delete;

    /// Finds what there is. Never answers from within this call; once.
    /// Errors: Io, Corrupt (the catalogue of streams cannot be read), Unavailable (a newer format).
    void open(OnDone done);

    /// In the order of their making.
    std::map<StreamId, std::unique_ptr<KeptStream>> const& streams() const { return streams_; }
    KeptStream* find(StreamId id);

    /// Applies what the journal holds to the logs that were started; logs that are started later
    /// are brought up at once. Their leadership is gained when it is done. Errors: Io.
    void replay(OnDone done);

    /// The stream is there at once, and there after a restart once `done` says so.
    KeptStream& create(StreamSettings settings, OnDone done);

    /// Replaces what `create` was given, but for the medium.
    void change(StreamId id, StreamSettings settings, OnDone done);

    /// The stream's log stops and applies nothing more; it is gone for good once `done` says so.
    void remove(StreamId id, OnDone done);

    /// Brings everything to the disk, so that the next start has nothing to replay.
    void close(OnDone done);

private:
    void answer_later(OnDone done);

    World& world_;
    Logger& log_;
    StorageOptions options_;
    std::map<StreamId, std::unique_ptr<KeptStream>> streams_;
    StreamId last_id_ = 0;
};

}  // namespace signalbox::consensus
