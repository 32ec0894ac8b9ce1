#pragma once

#include "engine/base/logger.h"
#include "engine/store/checkpoint.h"
#include "engine/world/world.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::consensus {

/// What a checkpoint is made of.
class CheckpointSource {
public:
    using OnDone = std::function<void(Result<void>)>;

    virtual ~CheckpointSource() = default;

    virtual std::vector<std::uint32_t> stream_ids() const = 0;
    /// Nothing when it is gone. `retired` gets the paths of files whose messages are gone.
    virtual std::optional<store::SavedStream> save(std::uint32_t id,
                                                   std::vector<std::string>& retired) = 0;
    /// What `save` spoke of is on stable storage.
    virtual void sync(std::uint32_t id, OnDone done) = 0;
    /// The oldest journal file with an entry that is not in what is saved from now on.
    virtual std::uint64_t needed_journal_file() const = 0;
    virtual std::uint64_t synced_commit() const = 0;
    virtual std::uint32_t last_stream() const = 0;

    /// Journal files before that one are not needed any more.
    virtual void published(std::uint64_t free_before) = 0;
    virtual void checkpoint_ended(Result<void> const& done) = 0;
};

/// Writes checkpoints, one at a time, and removes what only older ones needed.
///
/// Two generations are kept, with their files and their journal, so that one damaged file costs
/// time and nothing else.
class Checkpointer {
public:
    using OnDone = std::function<void(Result<void>)>;

    Checkpointer(World& world, Logger& log, std::string directory, CheckpointSource& source)
        : world_(world), log_(log), directory_(std::move(directory)), source_(source) {}

    Checkpointer(Checkpointer const&) = delete;
    Checkpointer& operator=(Checkpointer const&) = delete;

    /// Before the first checkpoint.
    void start(store::JournalId const& storage, std::uint64_t last_generation,
               std::uint64_t first_journal_file, std::vector<std::string> to_remove);

    bool is_running() const { return running_; }

    /// Errors: Io.
    void run(OnDone done);

    /// To be removed when it is safe.
    void retire(std::string path) { retired_.push_back(std::move(path)); }

private:
    void save_some();
    void sync_some();
    void write();
    void write_manifest(std::string const& checkpoint);
    void write_file(std::string const& path, std::string bytes, OnDone done);
    void publish();
    void remove(std::string const& path);
    void wipe(std::string const& path);
    void end(Result<void> const& done);

    World& world_;
    Logger& log_;
    std::string const directory_;
    CheckpointSource& source_;
    store::JournalId storage_{};
    std::uint64_t generation_ = 0;  ///< The last that was written, or may have been.
    store::Checkpoint next_;
    std::vector<std::uint32_t> ids_;
    std::size_t at_ = 0;
    std::uint64_t needed_file_ = 1;       ///< By the one that is being made.
    std::uint64_t published_file_ = 1;    ///< By the one before.
    std::vector<std::string> retired_;    ///< Since the last one was begun.
    std::vector<std::string> retiring_;   ///< Needed by the one before alone.
    std::vector<std::string> removable_;  ///< Needed by none once this is published.
    std::vector<OnDone> waiting_;
    std::vector<OnDone> again_;  ///< Asked for while one was running.
    bool running_ = false;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');
};

}  // namespace signalbox::consensus
