#include "engine/jetstream/stream/stream.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/event/client_info.h"
#include "engine/jetstream/stream/publish_ack.h"
#include "engine/jetstream/stream/removal.h"
#include "engine/message/built_message.h"
#include "engine/protocol/headers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::jetstream {
namespace {

/// Entries that only take away what is too old do not follow each other faster.
constexpr Duration kBetweenExpiries = base::milliseconds(100);

std::optional<subject::Transform> transform_of(std::string const& source,
                                               std::string const& destination) {
    auto made = subject::Transform::create(source, destination, subject::TransformUse::Stream);
    return made.ok() ? std::optional(std::move(made).value()) : std::nullopt;
}

}  // namespace

Stream::Stream(StreamSurroundings surroundings, consensus::KeptStream& kept, StreamConfig config,
               WallTime created, bool is_new)
    : around_(std::move(surroundings)),
      kept_(kept),
      core_(std::move(config), *kept.store),
      created_(created),
      reader_(*kept.store),
      direct_get_(around_, *kept.store, reader_),
      is_{.leader = false, .fresh = is_new, .closed = false} {
    settled();
    if (around_.make_consumers) {
        consumers_ = around_.make_consumers(*this);
    }
    core_.tell(consumers_.get(), this);
}

Stream::~Stream() {
    close(ConsumerPart::Close::Shutdown);
}

void Stream::begin() {
    if (is_.fresh) {
        core_.begin_new();
    }
    note_bytes(kept_.store->state().bytes);
    kept_.log->start(*this);
}

/// What follows from the configuration is made anew.
void Stream::settled() {
    StreamConfig const& config = core_.config();
    facts_.name = config.name;
    facts_.domain = around_.domain;
    facts_.retention = config.retention;
    facts_.subjects = config.subjects;
    facts_.max_messages_per_subject = config.max_messages_per_subject;
    facts_.sealed = config.sealed;
    facts_.memory = config.memory;
    facts_.replicas = static_cast<int>(config.replicas);
    facts_.max_consumers = config.max_consumers;
    facts_.consumer_max_ack_pending = config.consumer_limits.max_ack_pending;
    facts_.consumer_inactive_threshold = config.consumer_limits.inactive_threshold;
    around_.quota.fill_in(facts_);
    transform_.reset();
    republish_.reset();
    if (config.transform) {
        transform_ = transform_of(config.transform->source, config.transform->destination);
    }
    if (config.republish) {
        republish_ = transform_of(config.republish->source, config.republish->destination);
    }
    if (config.persist_async) {
        kept_.log->set_durability(consensus::Durability::Relaxed);
    }
}

void Stream::limits_changed() {
    around_.quota.fill_in(facts_);
    if (consumers_) {
        consumers_->facts_changed();
    }
}

std::uint64_t Stream::room_taken() const {
    std::int64_t const reserved = core_.config().max_bytes;
    return std::max(store_state().bytes,
                    static_cast<std::uint64_t>(std::max<std::int64_t>(reserved, 0)));
}

void Stream::listen() {
    for (std::string const& subject : core_.config().subjects) {
        subscriptions_.push_back(
            around_.dispatcher
                .subscribe(around_.account, {.recipient = this, .filter = subject, .sid = "stream"})
                .id);
    }
    StreamConfig const& config = core_.config();
    if (config.allow_direct || config.mirror_direct) {
        direct_get_.listen(config.name, config.mirror_direct && config.mirror ? config.mirror->name
                                                                              : std::string());
    }
}

void Stream::listen_not() {
    direct_get_.stop();
    for (subject::SubscriptionId const id : std::exchange(subscriptions_, {})) {
        if (message::Subscription* const subscription = around_.account.find(id)) {
            around_.dispatcher.unsubscribe(around_.account, *subscription);
        }
    }
}

void Stream::leadership_changed(bool leader) {
    if (is_.closed || leader == is_.leader) {
        return;
    }
    is_.leader = leader;
    if (leader) {
        proposed_ = core_.state().now;
        listen();
        plan_expiry();
    } else {
        listen_not();
        batches_.reset();
    }
    if (consumers_) {
        consumers_->leadership(leader);
    }
}

void Stream::close(ConsumerPart::Close why) {
    if (is_.closed) {
        return;
    }
    is_.closed = true;
    is_.leader = false;
    batches_.reset();
    listen_not();
    if (expiry_.timer) {
        around_.world.timers().cancel(*expiry_.timer);
        expiry_.timer.reset();
    }
    if (consumers_) {
        consumers_->close(why);
    }
    note_bytes(0);
}

void Stream::log_failed(Error const& error) {
    LOG(around_.log, Error, "stream ", around_.account.name(), " > ", name(),
        " can not write: ", error.detail());
    Outcome const lost = Outcome::refusal(api_error(ApiErrc::ClusterNotAvail));
    for (PendingPublish const& pending : pending_.take_all()) {
        answer(pending, lost);
    }
}

message::Delivery Stream::deliver(message::Subscription&, message::MessageRun const& run) {
    for (message::MessageView const& message : run.messages) {
        ingest(run.subject.text(), message);
    }
    return {.taken = static_cast<std::uint32_t>(run.messages.size())};
}

WallTime Stream::next_time() {
    proposed_ = std::max(proposed_, around_.world.clock().wall_now());
    return proposed_;
}

void Stream::ingest(std::string_view subject, message::MessageView const& message) {
    std::string stripped;
    Bytes headers = message.headers;
    if (!headers.empty() && protocol::has_server_header(headers)) {
        stripped = protocol::without_server_headers(headers);
        headers = stripped == "NATS/1.0\r\n\r\n" ? Bytes() : Bytes(stripped);
    }
    std::string transformed;
    if (transform_) {
        if (auto made = transform_->apply(subject::PublishSubject::from_token(subject),
                                          around_.world.entropy())) {
            transformed = std::move(*made);
            subject = transformed;
        }
    }
    PublishCommand const command{subject, headers, message.payload};
    if (!headers.empty()) {
        PublishHeaders const read = PublishHeaders::of(headers);
        if (ingest_specially(command, read, message.reply)) {
            return;
        }
    }
    if (auto refusal = around_.quota.refusal_of(headers.size() + message.payload.size(),
                                                core_.config().memory)) {
        refuse(message.reply, *refusal);
        return;
    }
    std::string const head = publish_head(next_time(), command);
    std::array<Bytes, 3> const pieces{Bytes(head), headers, message.payload};
    Result<consensus::LogIndex> const index = kept_.log->propose(pieces);
    if (!index.ok()) {
        bool const full = index.error().code() == Errc::LimitExceeded;
        refuse(message.reply, full ? api_error(ApiErrc::StreamTooManyRequests)
                                   : api_error(ApiErrc::InsufficientResources));
    } else if (!message.reply.empty()) {
        pending_.add({.index = index.value(), .reply = std::string(message.reply), .done = {}});
    }
}

/// What does not go into the log by itself; false: the message is an ordinary one.
bool Stream::ingest_specially(PublishCommand const& command, PublishHeaders const& headers,
                              std::string_view reply) {
    if (headers.required_level) {
        auto const level = base::parse_int(*headers.required_level);
        if (!level || *level > kApiLevel) {
            refuse(reply, api_error(ApiErrc::RequiredApiLevel));
            return true;
        }
    }
    if (!headers.batch_id) {
        return false;
    }
    if (!core_.config().allow_atomic) {
        refuse(reply, api_error(ApiErrc::AtomicPublishDisabled));
    } else {
        batches().add(command, headers, reply);
    }
    return true;
}

BatchDesk& Stream::batches() {
    if (!batches_) {
        BatchDesk::Hooks hooks{
            .commit =
                [this](BatchCommand const& batch, std::string_view reply) {
                    propose_command(batch, [this, to = std::string(reply)](Outcome const& outcome) {
                        answer({.index = 0, .reply = to, .done = {}}, outcome);
                    });
                },
            .taken = [this](std::string_view reply) { answer_later(reply, {}, {}); },
            .refuse = [this](std::string_view reply,
                             ApiError const& error) { refuse(reply, error); },
            .abandoned = [this](std::string const& id,
                                std::string_view reason) { tell_abandoned(id, reason); }};
        batches_ =
            std::make_unique<BatchDesk>(around_.world, around_.batch_limits, std::move(hooks));
    }
    return *batches_;
}

void Stream::tell_abandoned(std::string const& batch, std::string_view reason) {
    around_.advisor.say(around_.account, concat("STREAM.BATCH_ABANDONED.", name()),
                        "stream_batch_abandoned", [&](JsonWriter& json) {
                            json.field("account", around_.account.name()).field("stream", name());
                            json.field_unless_empty("domain", around_.domain);
                            json.field("batch", batch).field("reason", reason);
                        });
}

void Stream::refuse(std::string_view reply, ApiError const& error) {
    answer_later(reply, error.code == 429 ? "NATS/1.0 429 Too Many Requests\r\n\r\n" : "",
                 publish_refusal(name(), around_.domain, error));
}

/// The publisher is being served right now: it hears of it in the next turn.
void Stream::answer_later(std::string_view reply, std::string headers, std::string payload) {
    if (reply.empty() || core_.config().no_ack) {
        return;
    }
    around_.world.turn().defer([this, life = pending_.life(), reply = std::string(reply),
                                headers = std::move(headers), payload = std::move(payload)] {
        if (!life.expired()) {
            publish(reply, {}, headers, payload);
        }
    });
}

void Stream::publish(std::string_view subject, std::string_view reply, Bytes headers,
                     Bytes payload) {
    message::BuiltMessage const built(reply, headers, payload);
    around_.dispatcher.publish(around_.account,
                               built.run(subject::PublishSubject::from_token(subject)), *this);
}

void Stream::describe(event::ClientInfo& info) const {
    info.account = around_.account.name();
    info.kind = "JetStream";
    info.client_type.clear();
}

void Stream::answer(PendingPublish const& pending, Outcome const& outcome) {
    if (pending.done) {
        pending.done(outcome);
    } else if (!core_.config().no_ack && !pending.reply.empty()) {
        publish(pending.reply, {}, {}, publish_ack(name(), around_.domain, outcome));
    }
}

void Stream::entries_lost(consensus::LogIndex first, consensus::LogIndex last) {
    LOG(around_.log, Error, "stream ", around_.account.name(), " > ", name(), ": entries ", first,
        " to ", last, " of its log are damaged; the messages in them are lost");
    core_.leave_out(last - first + 1);
}

consensus::Applied Stream::apply(consensus::LogIndex index, Bytes entry) {
    if (is_.closed) {
        return consensus::Applied::Done;
    }
    Result<Outcome> const applied = core_.apply(entry);
    if (!applied.ok()) {
        LOG(around_.log, Error, "stream ", around_.account.name(), " > ", name(), ": ",
            applied.error().detail());
        return consensus::Applied::Done;
    }
    Outcome const& outcome = applied.value();
    if (outcome.waits_for) {
        kept_.store->when_fetched(*outcome.waits_for, [this, life = pending_.life()] {
            if (!life.expired()) {
                kept_.log->resume();
            }
        });
        return consensus::Applied::Wait;
    }
    if (outcome.reconfigured) {
        reconfigured();
    }
    if (auto const pending = pending_.take(index)) {
        answer(*pending, outcome);
    }
    note_bytes(kept_.store->state().bytes);
    if (is_.leader && !is_.closed) {
        plan_expiry();
    }
    return consensus::Applied::Done;
}

void Stream::follow(StreamFollower& follower) {
    if (std::ranges::find(followers_, &follower) == followers_.end()) {
        followers_.push_back(&follower);
    }
}

void Stream::unfollow(StreamFollower& follower) {
    std::erase(followers_, &follower);
}

bool Stream::copy(CopyCommand const& command) {
    return is_.leader && kept_.log->propose(encode(next_time(), command)).ok();
}

bool Stream::gather(SourceCommand const& command) {
    return is_.leader && kept_.log->propose(encode(next_time(), command)).ok();
}

void Stream::stored(store::StoredMessage const& message, std::uint64_t previous) {
    for (StreamFollower* const follower : followers_) {
        follower->origin_stored();
    }
    if (!is_.leader || !republish_) {
        return;
    }
    auto const subject = republish_->apply(subject::PublishSubject::from_token(message.subject),
                                           around_.world.entropy());
    if (!subject) {
        return;
    }
    bool const bare = core_.config().republish->headers_only;
    std::string headers = message.headers.empty()
                              ? std::string(protocol::kHeaderVersion)
                              : std::string(message.headers.substr(0, message.headers.size() - 2));
    append(headers, "Nats-Stream: ", name(), "\r\nNats-Subject: ", message.subject,
           "\r\nNats-Sequence: ", message.sequence,
           "\r\nNats-Time-Stamp: ", base::rfc3339(message.time),
           "\r\nNats-Last-Sequence: ", previous, "\r\n");
    if (bare) {
        append(headers, "Nats-Msg-Size: ", message.payload.size(), "\r\n");
    }
    headers += "\r\n";
    publish(*subject, {}, headers, bare ? Bytes() : message.payload);
}

void Stream::propose_command(StreamCommand const& command, OnOutcome done) {
    Result<consensus::LogIndex> const index =
        is_.leader ? kept_.log->propose(encode(next_time(), command))
                   : Result<consensus::LogIndex>(Error(Errc::Unavailable, "no leader"));
    if (index.ok()) {
        pending_.add({.index = index.value(), .reply = {}, .done = std::move(done)});
        return;
    }
    around_.world.turn().defer([life = pending_.life(), done = std::move(done)] {
        if (!life.expired()) {
            done(Outcome::refusal(api_error(ApiErrc::ClusterNotAvail)));
        }
    });
}

void Stream::update(StreamConfig const& config, OnOutcome done) {
    JsonWriter json;
    write(json, config);
    std::string const text = json.take();
    propose_command(UpdateCommand{text}, std::move(done));
}

void Stream::reconfigured() {
    settled();
    if (is_.leader) {
        listen_not();
        listen();
    }
    if (consumers_) {
        consumers_->facts_changed();
    }
}

void Stream::erase(EraseCommand const& command, OnOutcome done) {
    propose_command(command, std::move(done));
}

void Stream::purge(PurgeCommand const& command, OnOutcome done) {
    propose_command(command, std::move(done));
}

void Stream::propose(std::string command, Urgency, OnApplied done) {
    propose_command(ConsumerEntry{command}, [done = std::move(done)](Outcome const& outcome) {
        if (done) {
            done(!outcome.refused);
        }
    });
}

void Stream::release(std::uint64_t sequence) {
    core_.release(sequence);
}

std::string Stream::save() const {
    std::string out;
    core_.save(out);
    std::string consumers;
    if (consumers_) {
        consumers_->save(consumers);
    }
    pack(out, std::string_view(consumers));
    return out;
}

Result<void> Stream::restore(Bytes state) {
    Unpacking in(state);
    TRY(core_.restore(in));
    Bytes const consumers = in.text();
    if (!in.sound()) {
        return Error(Errc::Corrupt, "a stream's state is too short");
    }
    settled();
    return consumers_ ? consumers_->restore(consumers) : Result<void>();
}

void Stream::note_bytes(std::uint64_t bytes) {
    auto const now = static_cast<std::int64_t>(bytes);
    if (now != noted_bytes_) {
        around_.quota.note(now - std::exchange(noted_bytes_, now), core_.config().memory);
    }
}

void Stream::plan_expiry() {
    auto const next = core_.next_expiry();
    if (!next || (expiry_.timer && expiry_.at <= *next)) {
        return;
    }
    if (expiry_.timer) {
        around_.world.timers().cancel(*expiry_.timer);
    }
    world::Clock& clock = around_.world.clock();
    Duration const wait = std::max(*next - clock.wall_now(), kBetweenExpiries);
    expiry_.at = *next;
    expiry_.timer = around_.world.timers().call_at(clock.now() + wait, [this] {
        expiry_.timer.reset();
        expire();
    });
}

void Stream::expire() {
    auto const next = core_.next_expiry();
    if (is_.leader && next && *next <= around_.world.clock().wall_now()) {
        propose_command(ExpireCommand{}, [](Outcome const&) {});
    } else if (is_.leader) {
        plan_expiry();
    }
}

}  // namespace signalbox::jetstream
