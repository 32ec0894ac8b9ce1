#pragma once

#include "engine/consensus/replicated_log.h"
#include "engine/store/journal/journal.h"

#include <deque>
#include <memory>

namespace signalbox::consensus {

/// What the logs of one server share.
class LogHost {
public:
    virtual ~LogHost() = default;
    virtual store::Journal& journal() = 0;
    /// Whether more may be written. Errors: Unavailable, LimitExceeded.
    virtual Result<void> may_propose(std::size_t bytes) = 0;
};

/// The log of a stream without replicas: committed is what the shared journal has synced.
class SoloLog final : public ReplicatedLog {
public:
    SoloLog(World& world, LogHost& host, std::uint32_t group, Durability durability)
        : world_(world), host_(host), group_(group), durability_(durability) {}

    SoloLog(SoloLog const&) = delete;
    SoloLog& operator=(SoloLog const&) = delete;

    void start(StateMachine& machine) override;
    using ReplicatedLog::propose;
    Result<LogIndex> propose(std::span<Bytes const> pieces) override;
    void resume() override;
    bool is_leader() const override { return leader_; }
    LogIndex applied() const override { return applied_; }
    std::uint64_t bytes_waiting() const override { return bytes_waiting_; }
    void set_durability(Durability durability) override { durability_ = durability; }
    Durability durability() const override { return durability_; }

    // For the storage.

    /// Where an entry's bytes lie, which they keep from going away.
    struct Source {
        std::shared_ptr<void const> owner;
        std::uint64_t journal_file = 0;
    };

    /// What a checkpoint kept.
    void restore(LogIndex applied, Bytes state);
    /// An entry that was found in the journal.
    void replay(Source const& source, LogIndex index, Bytes entry);
    /// One that was there, and whose bytes are damaged.
    void replay_lost(LogIndex index);
    /// All that was in the journal has been replayed.
    void replayed();
    /// One that was proposed is committed; more than once changes nothing.
    void committed(Source const& source, LogIndex index, Bytes entry);
    void fail(Error const& error);

    /// The machine's state after `applied`.
    std::string save() const;
    /// The journal file with the oldest entry that is committed and not applied; `newest` when all
    /// are.
    std::uint64_t needs_file(std::uint64_t newest) const;
    /// Entries that the journal should have had and did not.
    std::uint64_t lost() const { return lost_; }
    /// Something was applied since the last time this was asked.
    bool take_dirty() { return std::exchange(dirty_, false); }

private:
    struct Waiting {
        Source source;
        LogIndex index = 0;
        Bytes entry;
        LogIndex lost_from = 0;  ///< Not 0: no entry, but those from here to `index` are lost.
    };

    void lose(LogIndex last);
    void take(Source const& source, LogIndex index, Bytes entry);
    bool apply(LogIndex index, Bytes entry);
    void plan();
    void catch_up();

    World& world_;
    LogHost& host_;
    std::uint32_t const group_;
    Durability durability_;
    StateMachine* machine_ = nullptr;
    std::string saved_;            ///< Until the machine has it.
    std::deque<Waiting> waiting_;  ///< Committed, and not yet applied.
    std::uint64_t bytes_waiting_ = 0;
    LogIndex last_ = 0;
    LogIndex applied_ = 0;
    std::uint64_t lost_ = 0;
    bool replayed_ = false;
    bool leader_ = false;
    bool held_ = false;  ///< The machine has to read something first.
    bool planned_ = false;
    bool dirty_ = false;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');
};

}  // namespace signalbox::consensus
