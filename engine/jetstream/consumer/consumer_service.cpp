#include "engine/jetstream/consumer/consumer_service.h"

#include "engine/base/number.h"
#include "engine/jetstream/consumer/advisories.h"
#include "engine/jetstream/consumer/consumer_rules.h"
#include "engine/protocol/headers.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {
namespace {

/// So many messages, then it is another consumer's turn.
constexpr int kTurn = 256;

/// A client that falls behind is left alone for so long.
constexpr Duration kStall = base::milliseconds(10);

/// Removal for not being used comes a little later for each, so that not all are removed at once.
constexpr Duration kLeastJitter = base::milliseconds(100);
constexpr std::uint64_t kJitterMilliseconds = 900;

}  // namespace

ConsumerService::ConsumerService(ConsumerHome& home, Consumer& consumer)
    : home_(home),
      consumer_(consumer),
      ack_subjects_(home.host().facts().name, consumer.name()),
      redelivery_(home, consumer, [this] { schedule(); }),
      pulls_(home, consumer, [this] { schedule(); }),
      catching_up_(consumer.config().replay == ReplayPolicy::Original),
      last_used_(home.host().world().clock().now()),
      resume_(home.host().world(), [this] { schedule(); }),
      idle_(home.host().world(), [this] { look_whether_used(); }) {
    if (consumer.config().is_push()) {
        push_ = std::make_unique<PushTarget>(home, consumer, [this] { schedule(); });
    }
    if (consumer.config().inactive_threshold.count() > 0) {
        look_whether_used();
    }
    set_pause_alarm();
    schedule();
}

void ConsumerService::schedule() {
    home_.schedule(consumer_);
}

void ConsumerService::wake() {
    schedule();
}

PullDesk::Supply ConsumerService::supply() const {
    return {.messages = consumer_.left() + redelivery_.size(),
            .ack_pending = consumer_.state().pending().size()};
}

void ConsumerService::pull(std::string reply, Bytes body) {
    last_used_ = home_.host().world().clock().now();
    if (push_ != nullptr) {
        home_.outlet().status(reply, "409 Consumer is push based");
        return;
    }
    pulls_.request(std::move(reply), body, supply());
}

bool ConsumerService::work() {
    if (is_paused()) {
        set_pause_alarm();
        return false;
    }
    if (std::exchange(paused_, false)) {
        home_.advisories().paused(consumer_, false);
    }
    if (fetching_) {
        return false;
    }
    if (push_ != nullptr) {
        look_for_interest();
    }
    Step step = Step::Delivered;
    for (int i = 0; i < kTurn && step != Step::Idle; ++i) {
        step = this->step();
    }
    home_.outlet().flush();
    if (home_.outlet().take_stalled()) {
        resume_.by(home_.host().world().clock().now() + kStall);
        return false;
    }
    return step != Step::Idle;
}

ConsumerService::Step ConsumerService::step() {
    WaitingPull const* pull = nullptr;
    if (push_ != nullptr) {
        if (!push_->is_open()) {
            return Step::Idle;
        }
    } else {
        pull = pulls_.choose(supply());
        if (pull == nullptr) {
            // Those that wait for much to be pending are looked at again with the next message.
            if (!pulls_.empty()) {
                consumer_.wait_for_message();
            }
            return Step::Idle;
        }
    }
    Step step = Step::Idle;
    std::optional<Picked> const picked = pick(step);
    if (!picked) {
        return step;
    }
    if (!is_in_time(*picked)) {
        return Step::Idle;
    }
    std::size_t const bytes = counts_bytes(pull) ? size_of(*picked) : 0;
    if (pull != nullptr) {
        if (!pulls_.fits(bytes)) {
            return Step::Again;
        }
        hand_out(*picked, pull->reply, pulls_.pin().id);
        pulls_.served(bytes);
        return Step::Delivered;
    }
    if (!push_->allows(bytes)) {
        return Step::Idle;
    }
    hand_out(*picked, consumer_.config().push.subject, {});
    push_->sent(bytes);
    return Step::Delivered;
}

/// Whether anything depends on how large deliveries are.
bool ConsumerService::counts_bytes(WaitingPull const* pull) const {
    PushSettings const& push = consumer_.config().push;
    return pull != nullptr ? pull->request.max_bytes > 0 : push.flow_control || push.rate_limit > 0;
}

bool ConsumerService::may_deliver_new() const {
    AckSettings const& acks = consumer_.config().acks;
    return acks.policy == AckPolicy::None || acks.max_pending <= 0 ||
           static_cast<std::int64_t>(consumer_.state().pending().size()) < acks.max_pending;
}

std::optional<ConsumerService::Picked> ConsumerService::pick(Step& step) {
    if (std::optional<std::uint64_t> const again = redelivery_.next()) {
        return pick_again(*again, step);
    }
    if (!may_deliver_new()) {
        step = nothing_to_deliver(true);
        return std::nullopt;
    }
    Result<store::Load> const load = consumer_.next_message();
    if (!load.ok()) {
        LOG(home_.host().log(), Error, "consumer ", consumer_.name(), " of stream ",
            home_.host().facts().name, " cannot read its next message: ", load.error().detail());
        step = Step::Idle;
        return std::nullopt;
    }
    if (auto const* const found = std::get_if<store::Found>(&load.value())) {
        return Picked{.message = found->message, .deliveries = 1};
    }
    auto const* const fetching = std::get_if<store::Fetching>(&load.value());
    step = fetching != nullptr ? await(*fetching) : nothing_to_deliver(false);
    return std::nullopt;
}

std::optional<ConsumerService::Picked> ConsumerService::pick_again(std::uint64_t sequence,
                                                                   Step& step) {
    Result<store::Load> const load = home_.host().store().load(sequence);
    if (load.ok()) {
        if (auto const* const found = std::get_if<store::Found>(&load.value())) {
            PendingDelivery const* const pending = consumer_.state().find(sequence);
            return Picked{.message = found->message, .deliveries = pending->deliveries + 1};
        }
        if (auto const* const fetching = std::get_if<store::Fetching>(&load.value())) {
            step = await(*fetching);
            return std::nullopt;
        }
    }
    redelivery_.pop();
    message_removed(sequence);
    consumer_.state().forget(sequence);
    step = Step::Again;
    return std::nullopt;
}

ConsumerService::Step ConsumerService::await(store::Fetching const& fetching) {
    fetching_ = true;
    home_.host().store().when_fetched(fetching.ticket, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) {
            fetching_ = false;
            schedule();
        }
    });
    return Step::Idle;
}

ConsumerService::Step ConsumerService::nothing_to_deliver(bool blocked) {
    if (!blocked) {
        catching_up_ = false;
        consumer_.wait_for_message();
    }
    home_.outlet().flush();
    pulls_.ran_dry(blocked);
    return Step::Idle;
}

/// What is replayed as it was keeps the pauses there were.
bool ConsumerService::is_in_time(Picked const& picked) {
    if (!catching_up_ || picked.deliveries > 1) {
        return true;
    }
    Instant const now = home_.host().world().clock().now();
    if (replayed_.is_set()) {
        Duration const pause = picked.message.time - replayed_;
        if (replayed_at_ + pause > now) {
            resume_.by(replayed_at_ + pause);
            return false;
        }
    }
    replayed_ = picked.message.time;
    replayed_at_ = now;
    return true;
}

std::size_t ConsumerService::size_of(Picked const& picked) const {
    Position const& delivered = consumer_.state().delivered();
    bool const first = picked.deliveries == 1;
    std::uint64_t const left = consumer_.left() - (first ? 1 : 0);
    DeliveryName const name{.consumer = consumer_.name(),
                            .delivery_count = picked.deliveries,
                            .stream_sequence = picked.message.sequence,
                            .consumer_sequence = delivered.consumer_sequence + 1,
                            .time = picked.message.time.since_epoch().count(),
                            .pending = left};
    store::StoredMessage const& message = picked.message;
    return message.subject.size() + ack_subjects_.text(name).size() + message.headers.size() +
           (consumer_.config().headers_only ? 0 : message.payload.size());
}

void ConsumerService::hand_out(Picked const& picked, std::string_view addressee,
                               std::string_view pin_id) {
    store::StoredMessage const& message = picked.message;
    WallTime const now = home_.now();
    ConsumerState& state = consumer_.state();
    Progress progress{.kind = Progress::Kind::Delivered,
                      .consumer = consumer_.id(),
                      .sequence = message.sequence};
    if (picked.deliveries == 1) {
        consumer_.advance(message.sequence, now);
    } else {
        progress.kind = Progress::Kind::Redelivered;
        redelivery_.pop();
        state.redeliver(message.sequence, now);
    }
    progress.consumer_sequence = state.delivered().consumer_sequence;
    home_.note(consumer_, progress);
    AckPolicy const policy = consumer_.config().acks.policy;
    home_.outlet().deliver(
        {.addressee = addressee,
         .subject = message.subject,
         .ack_subjects = policy == AckPolicy::FlowControl ? nullptr : &ack_subjects_,
         .name = {.consumer = {},
                  .delivery_count = picked.deliveries,
                  .stream_sequence = message.sequence,
                  .consumer_sequence = progress.consumer_sequence,
                  .time = message.time.since_epoch().count(),
                  .pending = consumer_.left()},
         .headers = message.headers,
         .payload = message.payload,
         .pin_id = pin_id,
         .headers_only = consumer_.config().headers_only});
    last_delivered_ = now;
    last_used_ = home_.host().world().clock().now();
    if (policy == AckPolicy::None) {
        home_.done_with(consumer_, message.sequence);
    } else {
        redelivery_.delivered();
    }
}

void ConsumerService::ack(ReceivedAck const& ack) {
    if (consumer_.config().acks.policy == AckPolicy::None) {
        return;
    }
    bool const known = ack.stream_sequence != 0 &&
                       ack.stream_sequence <= consumer_.state().delivered().stream_sequence;
    PendingDelivery const* const pending = consumer_.state().find(ack.stream_sequence);
    AckDetail const detail{.consumer_sequence = ack.consumer_sequence,
                           .stream_sequence = ack.stream_sequence,
                           .deliveries = pending == nullptr ? 1 : pending->deliveries};
    switch (ack.kind) {
        case AckKind::Ack:
            acked(ack);
            break;
        case AckKind::Next:
            acked(ack);
            if (!ack.reply.empty()) {
                pull(ack.reply, ack.rest);
            }
            return;
        case AckKind::Term:
            if (pending != nullptr) {
                home_.advisories().terminated(consumer_, detail, ack.rest);
            }
            acked(ack);
            break;
        case AckKind::Nak:
            if (pending != nullptr) {
                home_.advisories().nak(consumer_, detail);
            }
            redelivery_.nak(ack.stream_sequence, ack.delay);
            break;
        case AckKind::InProgress:
            redelivery_.extend(ack.stream_sequence);
            break;
        case AckKind::Nonsense:
            return;
    }
    if (known && !ack.reply.empty()) {
        home_.confirm(consumer_, ack.reply);
    }
}

void ConsumerService::acked(ReceivedAck const& ack) {
    if (ack.stream_sequence > consumer_.state().delivered().stream_sequence) {
        return;
    }
    bool const was_full = !may_deliver_new();
    bool const one =
        consumer_.config().acks.policy == AckPolicy::Explicit || ack.kind == AckKind::Term;
    if (one) {
        if (PendingDelivery const* const pending = consumer_.state().find(ack.stream_sequence)) {
            sample(*pending);
        }
        if (!consumer_.state().ack(ack.stream_sequence)) {
            return;
        }
        home_.note(consumer_, {.kind = Progress::Kind::Acked,
                               .consumer = consumer_.id(),
                               .sequence = ack.stream_sequence});
        home_.done_with(consumer_, ack.stream_sequence);
    } else {
        acked_all(ack.stream_sequence);
    }
    last_acked_ = home_.now();
    if (was_full) {
        schedule();
    }
}

void ConsumerService::acked_all(std::uint64_t sequence) {
    bool any = false;
    consumer_.state().ack_all(sequence, [&](PendingDelivery const& delivery) {
        any = true;
        sample(delivery);
        home_.done_with(consumer_, delivery.stream_sequence);
    });
    if (any) {
        home_.note(
            consumer_,
            {.kind = Progress::Kind::AckedAll, .consumer = consumer_.id(), .sequence = sequence});
    }
}

void ConsumerService::sample(PendingDelivery const& delivery) {
    std::string const& frequency = consumer_.config().acks.sample_frequency;
    if (frequency.empty()) {
        return;
    }
    auto const percentage = static_cast<std::uint64_t>(sampling_percentage(frequency).value_or(0));
    if (home_.host().world().entropy().below(100) >= percentage) {
        return;
    }
    home_.advisories().ack_sample(
        consumer_,
        {.consumer_sequence = delivery.consumer_sequence,
         .stream_sequence = delivery.stream_sequence,
         .deliveries = delivery.deliveries},
        Duration(home_.now().since_epoch().count() - delivery.delivered_at));
}

void ConsumerService::answer_flow(std::string_view reply, Bytes headers) {
    if (push_ == nullptr) {
        return;
    }
    push_->answered(reply);
    if (consumer_.config().acks.policy != AckPolicy::FlowControl) {
        return;
    }
    auto const last = protocol::find_header_in_any_case(headers, "Nats-Last-Stream");
    if (std::optional<std::uint64_t> const sequence =
            last ? base::parse_uint(*last) : std::nullopt) {
        bool const was_full = !may_deliver_new();
        acked_all(*sequence);
        last_acked_ = home_.now();
        if (was_full) {
            schedule();
        }
    }
}

void ConsumerService::message_removed(std::uint64_t sequence) {
    if (PendingDelivery const* const pending = consumer_.state().find(sequence)) {
        home_.advisories().terminated(consumer_,
                                      {.consumer_sequence = pending->consumer_sequence,
                                       .stream_sequence = sequence,
                                       .deliveries = pending->deliveries},
                                      "Unacknowledged message was deleted");
    }
    if (!may_deliver_new()) {
        schedule();
    }
}

void ConsumerService::config_changed() {
    redelivery_.look();
    if (push_ != nullptr) {
        push_->config_changed();
    }
    if (consumer_.config().inactive_threshold.count() > 0) {
        look_whether_used();
    }
    set_pause_alarm();
    schedule();
}

void ConsumerService::restart() {
    redelivery_.clear();
    schedule();
}

void ConsumerService::look_for_interest() {
    if (push_ == nullptr) {
        pulls_.drop_unheard();
        return;
    }
    push_->look_for_interest();
    if (push_->is_bound()) {
        last_used_ = home_.host().world().clock().now();
    }
}

bool ConsumerService::is_paused() const {
    return pause_left().count() > 0;
}

Duration ConsumerService::pause_left() const {
    WallTime const until = consumer_.config().pause_until;
    if (!until.is_set()) {
        return Duration(0);
    }
    return std::max(until - home_.host().world().clock().wall_now(), Duration(0));
}

void ConsumerService::set_pause_alarm() {
    paused_ = is_paused();
    if (paused_) {
        resume_.by(home_.host().world().clock().now() + pause_left() + base::milliseconds(1));
    }
}

void ConsumerService::look_whether_used() {
    Duration const threshold = consumer_.config().inactive_threshold;
    if (threshold.count() == 0) {
        return;
    }
    Instant const now = home_.host().world().clock().now();
    if (!pulls_.empty()) {
        last_used_ = now;
    }
    Duration wait = threshold;
    if (push_ == nullptr && !consumer_.state().pending().empty()) {
        // Whoever has messages may still ack them.
        AckSettings const& acks = consumer_.config().acks;
        wait += acks.backoff.empty() ? acks.wait : *std::ranges::max_element(acks.backoff);
    }
    if (now - last_used_ < wait) {
        std::uint64_t const jitter = home_.host().world().entropy().below(kJitterMilliseconds);
        idle_.by(last_used_ + wait + kLeastJitter + base::milliseconds(jitter));
        return;
    }
    home_.remove_inactive(consumer_);
}

}  // namespace signalbox::jetstream
