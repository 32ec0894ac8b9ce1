#pragma once

#include "engine/consensus/storage.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/jetstream/stream/batch_desk.h"
#include "engine/jetstream/stream/consumer_part.h"
#include "engine/jetstream/stream/direct_get.h"
#include "engine/jetstream/stream/message_reader.h"
#include "engine/jetstream/stream/publish_queue.h"
#include "engine/jetstream/stream/stream_core.h"
#include "engine/jetstream/stream/stream_surroundings.h"
#include "engine/message/recipient.h"
#include "engine/subject/transform.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// Is told that a stream has more messages; only that it should look.
class StreamFollower {
public:
    virtual ~StreamFollower() = default;

    /// While an entry is applied: look later.
    virtual void origin_stored() = 0;
};

/// One stream: takes what is published on its subjects into its log, applies what the log holds,
/// and tells publishers and consumers.
///
/// What is decided by the log's order alone is in `StreamCore`; here is what only the server that
/// answers for the stream does.
class Stream final : public message::Recipient,
                     public message::Publisher,
                     public consensus::StateMachine,
                     public ConsumerHost,
                     private StoredListener {
public:
    using OnOutcome = std::function<void(Outcome const&)>;

    /// All outlive it. `config` is what it was made with; `is_new`: and that just now.
    Stream(StreamSurroundings surroundings, consensus::KeptStream& kept, StreamConfig config,
           WallTime created, bool is_new);
    ~Stream() override;

    Stream(Stream const&) = delete;
    Stream& operator=(Stream const&) = delete;

    /// Its own, which clients know it by.
    std::string_view name() const override { return core_.config().name; }
    StreamConfig const& config() const { return core_.config(); }
    WallTime created() const { return created_; }
    consensus::StreamId id() const { return kept_.id; }
    store::StoreState const& store_state() const { return kept_.store->state(); }
    store::StreamStore const& store() const { return *kept_.store; }
    ConsumerPart* consumers() const { return consumers_.get(); }
    std::size_t consumer_count() const { return consumers_ ? consumers_->count() : 0; }
    /// What it takes of its account's room: what was reserved, or what it holds.
    std::uint64_t room_taken() const;

    /// Restores and replays it; it answers once its log is.
    void begin();

    /// Each calls `done` once, later, unless the stream is closed before.
    void update(StreamConfig const& config, OnOutcome done);
    void erase(EraseCommand const& command, OnOutcome done);
    void purge(PurgeCommand const& command, OnOutcome done);

    MessageReader& reader() { return reader_; }

    /// Twice is once. A follower that goes says so before.
    void follow(StreamFollower& follower);
    void unfollow(StreamFollower& follower);
    Result<store::Load> read_next(store::Filters filters, std::uint64_t from) {
        return kept_.store->load_next(filters, from);
    }

    /// A message of a stream that this one copies, in its order. False: not now.
    bool copy(CopyCommand const& command);
    bool gather(SourceCommand const& command);
    /// The last message of a source that was taken; 0: none was.
    std::uint64_t source_position(std::string const& key) const {
        return core_.source_position(key);
    }
    std::uint64_t bytes_waiting() const { return kept_.log->bytes_waiting(); }

    /// Takes no more messages and tells nobody anything more.
    void close(ConsumerPart::Close why);

    /// The limits of its account are others.
    void limits_changed();

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    void finish(message::Subscription&) override {}

    // message::Recipient, message::Publisher
    std::uint64_t connection_id() const override { return 0; }

    // message::Publisher
    message::Recipient const* without_echo() const override { return nullptr; }
    void describe(event::ClientInfo& info) const override;
    void stall() override {}

    // consensus::StateMachine
    consensus::Applied apply(consensus::LogIndex index, Bytes entry) override;
    void entries_lost(consensus::LogIndex first, consensus::LogIndex last) override;
    std::string save() const override;
    Result<void> restore(Bytes state) override;
    void leadership_changed(bool leader) override;
    void log_failed(Error const& error) override;

    // ConsumerHost
    world::World& world() override { return around_.world; }
    Logger& log() override { return around_.log; }
    account::Account& account() override { return around_.account; }
    dispatch::Dispatcher& dispatcher() override { return around_.dispatcher; }
    StreamFacts const& facts() const override { return facts_; }
    store::StreamStore& store() override { return *kept_.store; }
    bool is_leader() const override { return is_.leader; }
    void propose(std::string command, Urgency urgency, OnApplied done) override;
    void release(std::uint64_t sequence) override;

private:
    struct Condition {
        bool leader = false;
        bool fresh = false;  ///< Made just now, not found.
        bool closed = false;
    };
    struct Expiry {
        std::optional<world::TimerId> timer;  ///< While one is planned.
        WallTime at;
    };

    // StoredListener
    void stored(store::StoredMessage const& message, std::uint64_t previous) override;

    void ingest(std::string_view subject, message::MessageView const& message);
    bool ingest_specially(PublishCommand const& command, PublishHeaders const& headers,
                          std::string_view reply);
    BatchDesk& batches();
    void answer_later(std::string_view reply, std::string headers, std::string payload);
    void tell_abandoned(std::string const& batch, std::string_view reason);
    void refuse(std::string_view reply, ApiError const& error);
    void propose_command(StreamCommand const& command, OnOutcome done);
    void publish(std::string_view subject, std::string_view reply, Bytes headers, Bytes payload);
    void answer(PendingPublish const& pending, Outcome const& outcome);
    void listen();
    void listen_not();
    void settled();
    void reconfigured();
    void note_bytes(std::uint64_t bytes);
    void plan_expiry();
    void expire();
    WallTime next_time();

    StreamSurroundings around_;
    consensus::KeptStream& kept_;
    StreamCore core_;
    WallTime created_;
    StreamFacts facts_;
    std::unique_ptr<ConsumerPart> consumers_;
    MessageReader reader_;
    DirectGet direct_get_;
    PublishQueue pending_;
    std::vector<StreamFollower*> followers_;
    std::unique_ptr<BatchDesk> batches_;  ///< Null: none was begun here.
    std::vector<subject::SubscriptionId> subscriptions_;
    std::optional<subject::Transform> transform_;
    std::optional<subject::Transform> republish_;
    WallTime proposed_;  ///< The time of the last entry.
    Expiry expiry_;
    std::int64_t noted_bytes_ = 0;  ///< What its account knows of.
    Condition is_;
};

}  // namespace signalbox::jetstream
