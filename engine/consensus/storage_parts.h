#pragma once

#include "engine/consensus/checkpointer.h"
#include "engine/consensus/recovery.h"
#include "engine/consensus/solo_log.h"
#include "engine/consensus/storage.h"
#include "engine/store/segment_store.h"

#include <deque>

namespace signalbox::consensus {

/// What a storage is made of.
class Storage::Parts final : public store::JournalOwner, public LogHost, public CheckpointSource {
public:
    Parts(World& world, Logger& log, StorageOptions options);
    ~Parts() override;

    bool in_memory() const { return options_.directory.empty(); }
    Streams& streams() { return streams_; }
    KeptStream* find(StreamId id);

    void open(OnDone done);
    void replay(OnDone done);
    KeptStream& create(StreamSettings settings, OnDone done);
    void change(StreamId id, StreamSettings settings, OnDone done);
    void remove(StreamId id, OnDone done);
    void checkpoint(OnDone done);
    void close(OnDone done);
    StorageHealth health() const;

    // store::JournalOwner
    void submitted(store::GroupCommitPtr const& commit) override;
    void committed(store::GroupCommitPtr const& commit) override;
    void journal_failed(Error const& error) override;

    // LogHost
    store::Journal& journal() override { return *journal_; }
    Result<void> may_propose(std::size_t bytes) override;

    // CheckpointSource
    std::vector<std::uint32_t> stream_ids() const override;
    std::optional<store::SavedStream> save(std::uint32_t id,
                                           std::vector<std::string>& retired) override;
    void sync(std::uint32_t id, OnDone done) override;
    std::uint64_t needed_journal_file() const override;
    std::uint64_t synced_commit() const override;
    std::uint32_t last_stream() const override { return static_cast<std::uint32_t>(last_id_); }
    void published(std::uint64_t free_before) override;
    void checkpoint_ended(Result<void> const& done) override;

private:
    /// What the two of a kept stream really are; none for one in memory.
    struct Keeping {
        SoloLog* log = nullptr;
        store::SegmentStore* store = nullptr;
    };
    enum class Entries {
        Relaxed,
        All
    };

    KeptStream& keep(StreamId id, StreamSettings settings);
    SoloLog* log_of(std::uint64_t id) const {
        return id < keeping_.size() ? keeping_[id].log : nullptr;
    }
    void hand_out(store::GroupCommitPtr const& commit, Entries which);
    void record(CatalogueChange const& change, OnDone done);
    void answer_later(OnDone done, Result<void> result = {});

    void take_recovered(Result<Recovered> found, OnDone done);
    void make_fresh(std::size_t checkpoints, OnDone done);
    void sync_recovered(std::vector<std::string> paths, OnDone done);
    void start_journal(OnDone done);
    void open_stores(std::vector<store::SavedStream>::const_iterator next, OnDone done);
    void look_for_strangers(std::vector<store::SavedStream>::const_iterator stream, OnDone done);
    void set_aside_strays(OnDone done);
    void set_aside(std::string const& path, std::string const& name);
    void replay_next(std::size_t file, OnDone done);
    void replay_file(std::size_t file, std::string bytes);
    void arm_timers();
    void look_at_space();

    World& world_;
    Logger& log_;
    StorageOptions options_;
    store::BlockCache cache_;
    std::unique_ptr<store::Journal> journal_;
    Checkpointer checkpointer_;
    Streams streams_;
    std::vector<Keeping> keeping_;                    ///< By id.
    std::vector<std::shared_ptr<KeptStream>> ended_;  ///< Removed while a checkpoint reads them.
    StreamId last_id_ = 0;
    std::deque<OnDone> changes_waiting_;         ///< For their record in the journal.
    std::deque<std::uint64_t> files_in_flight_;  ///< Of commits that are not committed.
    Recovered recovered_;
    StorageHealth health_;
    std::uint64_t bytes_since_checkpoint_ = 0;
    Instant space_looked_at_;
    world::TimerId checkpoint_timer_;
    world::TimerId sync_timer_;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');
};

}  // namespace signalbox::consensus
