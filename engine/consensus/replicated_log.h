#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdint>
#include <span>
#include <string>

namespace signalbox::consensus {

/// An entry's place in its log, from 1.
using LogIndex = std::uint64_t;

enum class Applied : std::uint8_t {
    Done,
    /// Nothing was changed, for something has to be read first: the same entry is applied again
    /// after `ReplicatedLog::resume`, and those behind it wait. Only of this log.
    Wait,
};

/// What committed entries are applied to. Called on the engine's thread, never from within a call
/// to the log.
class StateMachine {
public:
    virtual ~StateMachine() = default;

    /// The same on a leader, a follower and a restart: depends on the entry and the state alone.
    /// Each index once and in order; `entry` lasts until this returns.
    virtual Applied apply(LogIndex index, Bytes entry) = 0;

    /// Entries that were committed cannot be read any more, for the only disk they were on is
    /// damaged; what they did is not known. Those behind them follow. A stream leaves out the
    /// sequences that they may have used, so that no later message takes their place.
    virtual void entries_lost(LogIndex /*first*/, LogIndex /*last*/) {}

    /// All of the state that is not in the stream's store, as of the last entry applied, for a
    /// checkpoint.
    virtual std::string save() const = 0;

    /// Takes up what `save` answered. Before the first `apply`, and not called when there is
    /// nothing saved. Errors: Corrupt.
    virtual Result<void> restore(Bytes state) = 0;

    /// Proposing is possible from now on, or no longer. Gained for the first time once all that was
    /// in the log before the start has been applied.
    virtual void leadership_changed(bool leader) = 0;

    /// Nothing that was proposed and not yet applied will be: its outcome is unknown. Comes after
    /// `leadership_changed(false)`.
    virtual void log_failed(Error const& error) = 0;
};

enum class Durability : std::uint8_t {
    Synced,   ///< Committed once it is on stable storage.
    Relaxed,  ///< Committed once it is handed to the operating system, and synced some time later.
};

/// The order of what is done to one stream, kept so that a restart, and with replicas the loss of a
/// minority, does not change it.
class ReplicatedLog {
public:
    virtual ~ReplicatedLog() = default;

    /// Restores the machine and applies to it what the log holds. Once; the machine outlives it.
    virtual void start(StateMachine& machine) = 0;

    /// Adds an entry made of the pieces, which are copied. The machine is given it once it is
    /// committed, in a later turn or at this one's end, never from within this call.
    /// Errors: Unavailable (not the leader, the log failed, or the disk is nearly full),
    /// LimitExceeded (too much is waiting).
    virtual Result<LogIndex> propose(std::span<Bytes const> pieces) = 0;
    Result<LogIndex> propose(Bytes entry) { return propose(std::span<Bytes const>(&entry, 1)); }

    /// After `Applied::Wait`.
    virtual void resume() = 0;

    /// Whether `propose` has a point: also false until what was there before has been applied.
    virtual bool is_leader() const = 0;

    /// The last entry that was applied; 0 when none was.
    virtual LogIndex applied() const = 0;

    /// Bytes that were proposed and are not yet applied.
    virtual std::uint64_t bytes_waiting() const = 0;

    virtual void set_durability(Durability durability) = 0;
    virtual Durability durability() const = 0;
};

}  // namespace signalbox::consensus
