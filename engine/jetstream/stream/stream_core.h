#pragma once

#include "engine/jetstream/stream/core_state.h"
#include "engine/jetstream/stream/stream_command.h"

#include <optional>
#include <string>

namespace signalbox::jetstream {

/// A stream as its log makes it: entries in, outcomes out. Knows no clock, no client and no chance,
/// so that it is the same on a leader, a follower and after a restart.
class StreamCore {
public:
    StreamCore(StreamConfig config, store::StreamStore& store)
        : state_{.config = std::move(config),
                 .store = store,
                 .consumers = nullptr,
                 .listener = nullptr,
                 .seen = {},
                 .lifetimes = {},
                 .sources = {},
                 .last_id = {},
                 .now = {}} {}

    StreamCore(StreamCore const&) = delete;
    StreamCore& operator=(StreamCore const&) = delete;

    /// Both outlive it; null: nobody.
    void tell(ConsumerPart* consumers, StoredListener* listener);

    CoreState const& state() const { return state_; }
    StreamConfig const& config() const { return state_.config; }

    /// Errors: Corrupt (it is no entry).
    Result<Outcome> apply(Bytes entry);

    /// The last message of a source that was taken; 0: none was.
    std::uint64_t source_position(std::string const& key) const;

    /// When something is too old next, by the log's time; nothing: never.
    std::optional<WallTime> next_expiry() const;

    /// All but the messages.
    void save(std::string& out) const;
    Result<void> restore(Unpacking& in);

    /// From within an entry of the consumers': none of them needs the message any more.
    void release(std::uint64_t sequence);

    /// A stream that is new begins at the sequence it was asked to.
    void begin_new();

    /// So many entries can not be read any more: no later message takes a sequence that they may
    /// have used.
    void leave_out(std::uint64_t entries);

private:
    struct Appended {
        PublishCommand const& message;
        PublishHeaders const& headers;
        Bytes stored_headers;
        Bytes stored_payload;
    };

    Outcome apply(PublishCommand const& message);
    Outcome apply(BatchCommand const& batch);
    Outcome apply(EraseCommand const& erase);
    Outcome apply(PurgeCommand const& purge);
    Outcome apply(ExpireCommand const&);
    Outcome apply(UpdateCommand const& update);
    Outcome apply(ConsumerEntry const& entry);
    Outcome apply(CopyCommand const& copy);
    Outcome apply(SourceCommand const& source);

    Outcome store_plain(PublishCommand const& message, PublishHeaders const& headers);
    Outcome store_counter(PublishCommand const& message, PublishHeaders const& headers);
    Outcome append(Appended const& what);
    Outcome append_stored(store::StoredMessage const& message, PublishHeaders const& headers);
    std::string settled_lifetime(PublishCommand const& message,
                                 PublishHeaders const& headers) const;
    void remember(PublishHeaders const& headers, std::uint64_t sequence);
    std::optional<store::FetchTicket> expire(std::uint64_t sequence);
    std::optional<store::FetchTicket> expire_with_marker(std::uint64_t sequence);
    std::optional<store::FetchTicket> expire_by_age();
    void leave_marker(std::string const& subject);

    CoreState state_;
};

}  // namespace signalbox::jetstream
