#pragma once

#include "engine/jetstream/consumer/ack.h"
#include "engine/jetstream/consumer/alarm.h"
#include "engine/jetstream/consumer/consumer.h"
#include "engine/jetstream/consumer/pull_desk.h"
#include "engine/jetstream/consumer/push_target.h"
#include "engine/jetstream/consumer/redelivery.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// An ack as it came, to be dealt with once nothing is being handed out.
struct ReceivedAck {
    std::uint64_t stream_sequence = 0;
    std::uint64_t consumer_sequence = 0;
    AckKind kind = AckKind::Ack;
    std::optional<Duration> delay;
    std::string rest;
    std::string reply;
};

/// One consumer on its stream's leader: takes pull requests and acks, delivers, delivers again.
///
/// Everything happens in `work`, which is called soon after there is something to do, in turns with
/// the other consumers of the stream, and stops after so many messages.
class ConsumerService {
public:
    ConsumerService(ConsumerHome& home, Consumer& consumer);

    ConsumerService(ConsumerService const&) = delete;
    ConsumerService& operator=(ConsumerService const&) = delete;

    void pull(std::string reply, Bytes body);
    void ack(ReceivedAck const& ack);
    /// What a client of flow control answered; `headers` may say how far it is.
    void answer_flow(std::string_view reply, Bytes headers);

    /// Something was stored for it.
    void wake();
    /// Delivers what can be. True: there is more to do at once.
    bool work();

    /// A message that is pending is about to go from the stream.
    void message_removed(std::uint64_t sequence);
    void config_changed();
    /// The state was set back: what was to be delivered again is not any more.
    void restart();
    /// Whoever waits is told.
    void end(std::string_view status) { pulls_.end_all(status); }
    /// Looks anew who listens: on the deliver subject, or for what was pulled.
    void look_for_interest();

    bool is_paused() const;
    Duration pause_left() const;
    bool is_bound() const { return push_ != nullptr && push_->is_bound(); }
    std::size_t waiting() const { return pulls_.size(); }
    Pin const& pin() const { return pulls_.pin(); }
    bool unpin() { return pulls_.unpin("admin"); }
    std::optional<WallTime> last_delivered() const { return last_delivered_; }
    std::optional<WallTime> last_acked() const { return last_acked_; }

private:
    enum class Step : std::uint8_t {
        Delivered,
        Again,  ///< Nothing was delivered, but something else may be.
        Idle,   ///< Until something happens.
    };
    struct Picked {
        store::StoredMessage message;
        std::uint32_t deliveries = 1;
    };

    Step step();
    Step nothing_to_deliver(bool blocked);
    /// What comes next; `step` is set when nothing does.
    std::optional<Picked> pick(Step& step);
    std::optional<Picked> pick_again(std::uint64_t sequence, Step& step);
    Step await(store::Fetching const& fetching);
    bool is_in_time(Picked const& picked);
    void hand_out(Picked const& picked, std::string_view addressee, std::string_view pin_id);
    bool counts_bytes(WaitingPull const* pull) const;
    std::size_t size_of(Picked const& picked) const;
    PullDesk::Supply supply() const;
    bool may_deliver_new() const;

    void acked(ReceivedAck const& ack);
    void acked_all(std::uint64_t sequence);
    void sample(PendingDelivery const& delivery);
    void look_whether_used();
    void set_pause_alarm();
    void schedule();

    ConsumerHome& home_;
    Consumer& consumer_;
    AckSubjects ack_subjects_;
    Redelivery redelivery_;
    PullDesk pulls_;
    std::unique_ptr<PushTarget> push_;  ///< Null: it is pulled from.
    bool fetching_ = false;
    bool paused_ = false;  ///< Was, when it last looked.
    bool catching_up_;     ///< Of those that replay as it was: still in what was stored.
    WallTime replayed_;    ///< When the last message of the replay was stored,
    Instant replayed_at_;  ///< and when it was sent.
    Instant last_used_;
    std::optional<WallTime> last_delivered_;
    std::optional<WallTime> last_acked_;
    Alarm resume_;  ///< A pause, a slow reader or the replay is over.
    Alarm idle_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what is fetched.
};

}  // namespace signalbox::jetstream
