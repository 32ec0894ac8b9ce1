#pragma once

#include "engine/base/result.h"
#include "engine/store/stored_message.h"
#include "engine/subject/subject.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace signalbox::store {

struct Found {
    StoredMessage
        message;  ///< Lasts until the next call that changes the store, or the turn's end.
};
struct NotFound {};
/// Names a read that is under way.
struct FetchTicket {
    std::uint64_t number = 0;
};
struct Fetching {
    FetchTicket ticket;  ///< Not in memory: read again once the ticket is completed.
};
using Load = std::variant<Found, NotFound, Fetching>;

/// Any of these lets a message through; none at all lets every one.
using Filters = std::span<subject::Filter const>;

enum class EraseMode : std::uint8_t {
    Forget,     ///< It is found no more.
    Overwrite,  ///< And its bytes are destroyed where they lie.
};

struct StoreState {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;     ///< As `counted_size` counts.
    Sequence first = 1;          ///< Of the oldest message; `last` + 1 when there is none.
    Sequence last = 0;           ///< The highest that was ever used.
    WallTime first_time;         ///< Of the oldest message; unset when there is none.
    WallTime last_time;          ///< Of the message that was appended last, also once it is gone.
    std::uint64_t deleted = 0;   ///< Sequences between `first` and `last` that hold no message.
    std::uint64_t subjects = 0;  ///< Different ones.
};

struct SubjectState {
    std::string_view subject;  ///< Lasts until the store changes.
    std::uint64_t messages = 0;
    Sequence first = 0;
    Sequence last = 0;
};

struct FilterTotals {
    std::uint64_t messages = 0;
    std::uint64_t subjects = 0;
    Sequence last = 0;  ///< 0 when there is no message.
};

/// The messages of one stream.
///
/// Applies no limits, deduplicates nothing and acknowledges nothing: those are the stream's.
/// Syncs nothing and takes nothing back: only committed entries are applied to it, and until a
/// checkpoint the journal is their durable copy. No call waits for a disk. The questions about
/// subjects and the state are always answered at once; only a message's bytes may be elsewhere.
class StreamStore {
public:
    virtual ~StreamStore() = default;

    /// `message.sequence` must be past `state().last`; a gap is kept as a gap.
    /// Errors: InvalidArgument (it is not), Io, and then the store refuses every later append.
    virtual Result<void> append(StoredMessage const& message) = 0;

    /// Uses up every sequence up to `last` without a message.
    virtual void skip(Sequence last) = 0;

    /// Errors, of this and the next three: Corrupt (its checksum does not hold), Io.
    virtual Result<Load> load(Sequence sequence) = 0;

    /// The first message at or after `from` that a filter lets through.
    virtual Result<Load> load_next(Filters filters, Sequence from) = 0;

    /// The last message at or before `from` that a filter lets through.
    virtual Result<Load> load_previous(Filters filters, Sequence from) = 0;

    /// The newest message on one subject, at or before `up_to`: what a key-value bucket reads.
    virtual Result<Load> load_last(std::string_view subject, Sequence up_to) = 0;
    Result<Load> load_last(std::string_view subject) { return load_last(subject, kLastSequence); }

    /// Calls `resume` once, never from within this call, and at the latest in the next turn when
    /// the ticket is completed already. Not at all once the store is gone.
    virtual void when_fetched(FetchTicket ticket, std::function<void()> resume) = 0;

    /// False when there was no such message. Errors: Io.
    virtual Result<bool> erase(Sequence sequence, EraseMode mode) = 0;

    /// Drops everything before `first`, which becomes `state().first` unless the first message that
    /// is left is later; past the end, the next sequence is `first`. Errors: Io.
    virtual Result<void> compact(Sequence first) = 0;

    virtual StoreState const& state() const = 0;

    /// Nothing when there is no message on it.
    virtual std::optional<SubjectState> subject_state(std::string_view subject) const = 0;

    /// Calls `visit` for each subject that the filter matches, in the order of their bytes, until
    /// it answers false. The store must not be changed meanwhile.
    virtual void visit_subjects(subject::Filter filter,
                                std::function<bool(SubjectState const&)> const& visit) const = 0;

    /// What the filters let through, each message once.
    virtual FilterTotals totals(Filters filters) const = 0;

    /// The messages at or after `from` that the filters let through.
    virtual std::uint64_t count_from(Filters filters, Sequence from) const = 0;

    /// The first sequence whose message is not older than `time`; `state().last` + 1 when none is.
    virtual Sequence first_not_before(WallTime time) const = 0;

    /// Calls `visit` for each run of sequences between `first` and `last` that hold no message, in
    /// order, until it answers false.
    virtual void visit_deleted(
        std::function<bool(Sequence first, Sequence last)> const& visit) const = 0;

    /// Sequences whose messages were stored and cannot be read any more, as far as is known.
    virtual std::uint64_t damaged() const { return 0; }
};

}  // namespace signalbox::store
