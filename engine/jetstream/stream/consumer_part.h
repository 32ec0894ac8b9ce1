#pragma once

#include "engine/base/bytes.h"
#include "engine/base/logger.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/subject/subject.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace signalbox::account {
class Account;
}
namespace signalbox::dispatch {
class Dispatcher;
}
namespace signalbox::store {
class StreamStore;
}
namespace signalbox::world {
class World;
}

namespace signalbox::jetstream {

/// When a stream gives up messages beside its limits.
enum class Retention : std::uint8_t {
    Limits,     ///< Only by limits.
    Interest,   ///< Once every consumer that wants a message has acked it.
    WorkQueue,  ///< Once a consumer has acked it.
};

/// What consumers have to know of their stream and its account. Limits: -1 for none.
struct StreamFacts {
    std::string name;
    std::string domain;  ///< Of the server; empty: none.
    Retention retention = Retention::Limits;
    std::vector<std::string> subjects;
    std::int64_t max_messages_per_subject = -1;
    bool sealed = false;
    bool memory = false;  ///< Memory storage.
    int replicas = 1;
    std::int64_t max_consumers = -1;  ///< The stream's own.
    /// The stream's `consumer_limits`; 0 is none there.
    std::int64_t consumer_max_ack_pending = 0;
    Duration consumer_inactive_threshold{0};
    /// Of account and server; the lower counts.
    std::int64_t account_max_ack_pending = -1;
    std::int64_t server_max_ack_pending = -1;
    std::int64_t server_max_request_batch = -1;
};

/// How soon the entry of a proposed command has to be durable.
enum class Urgency : std::uint8_t {
    Soon,   ///< Somebody waits for it.
    Later,  ///< With whatever else is written next, or within a moment.
};

/// What consumers need of the stream that they belong to. Implemented by the stream; outlives them.
class ConsumerHost {
public:
    /// `applied`: false when the command was lost, with the leadership or because the log failed.
    using OnApplied = std::function<void(bool applied)>;

    virtual ~ConsumerHost() = default;

    virtual world::World& world() = 0;
    virtual Logger& log() = 0;
    /// Where its subjects are: deliveries and advisories are published there, acks and pull
    /// requests come from there. Not while a message is handed out; from timers, deferred tasks and
    /// the calls of ConsumerPart it is safe.
    virtual account::Account& account() = 0;
    virtual dispatch::Dispatcher& dispatcher() = 0;

    virtual StreamFacts const& facts() const = 0;
    virtual store::StreamStore& store() = 0;

    /// Whether this server is the one that answers for the stream: only there is anything
    /// delivered, proposed or published.
    virtual bool is_leader() const = 0;

    /// Puts a command into the stream's log, to come back by `ConsumerPart::apply`. Never applied
    /// from within this call. `done`, if any, is called right after that, or when it is lost.
    virtual void propose(std::string command, Urgency urgency, OnApplied done = {}) = 0;

    /// The message is needed by no consumer any more; a stream that keeps by interest removes it.
    /// Called from within `ConsumerPart::apply` alone, so that it happens to all replicas alike.
    virtual void release(std::uint64_t sequence) = 0;
};

/// A message as it was stored.
struct StoredNotice {
    std::uint64_t sequence = 0;
    subject::PublishSubject subject;
    WallTime stored_at;  ///< By the log, as it stands in the message.
};

/// All consumers of one stream: what the stream tells them. Implemented in `jetstream/consumer`.
///
/// Everything but `leadership`, `facts_changed` and `close` is called while an entry of the log is
/// applied, on every replica and again after a restart, and depends on nothing but what is applied.
class ConsumerPart {
public:
    virtual ~ConsumerPart() = default;

    /// A command of `ConsumerHost::propose` is committed; `now` is the entry's time by the log.
    virtual void apply(Bytes command, WallTime now) = 0;

    /// A message was appended to the store; called after.
    virtual void stored(StoredNotice const& notice) = 0;
    /// A message is about to go, for whatever reason, purges included: called once for each.
    virtual void removing(std::uint64_t sequence, subject::PublishSubject subject) = 0;
    /// Many messages went at once, and it was not said which: all before `first`, or others that
    /// `filter` matches when it is not empty. Counts are made anew from the store.
    virtual void purged(std::uint64_t first, std::string_view filter) = 0;

    /// Whether any consumer wants messages on `subject`: one that nobody wants is not kept by a
    /// stream of interest retention.
    virtual bool is_wanted(subject::PublishSubject subject) const = 0;
    /// Whether some consumer has yet to ack the message.
    virtual bool is_needed(std::uint64_t sequence, subject::PublishSubject subject) const = 0;

    /// Everything there is to know after a restart, but for messages. `restore` is called once,
    /// when the store is as it was at `save`, before anything else. Errors: Corrupt.
    virtual void save(std::string& out) const = 0;
    virtual Result<void> restore(Bytes saved) = 0;

    /// This server became the stream's leader, or is it no more. A stream that is alone becomes it
    /// once its log is applied, before it says anything to anyone.
    virtual void leadership(bool leader) = 0;
    /// The stream's configuration or the limits of its account are others.
    virtual void facts_changed() = 0;

    enum class Close : std::uint8_t {
        Deleted,   ///< The stream is gone for good.
        Shutdown,  ///< The server stops.
    };
    /// Tells those who wait, ends all subscriptions and timers; nothing is called after it.
    virtual void close(Close why) = 0;

    /// For stream info and limits; those that copy streams are not counted.
    virtual std::size_t count() const = 0;
};

}  // namespace signalbox::jetstream
