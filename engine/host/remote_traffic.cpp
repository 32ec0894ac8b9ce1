#include "engine/host/remote_traffic.h"

#include "engine/base/text.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox::host {

namespace {

/// Equal subjects of several accounts are one row, so that one name for all of them does.
constexpr std::string_view kAccount;

}  // namespace

void BoundedSubscription::begin(std::string filter, std::uint32_t most_per_second, OnMessage done) {
    end();
    state_ = {.state = observe::Sampling::State::On,
              .filter = std::move(filter),
              .most_per_second = std::max<std::uint32_t>(most_per_second, 1)};
    done_ = std::move(done);
    second_ = world_.clock().now();
    messages_now_ = 0;
    bytes_now_ = 0;
    Result<client::Sid> const sid = client_.subscribe(
        state_.filter, {}, [this](client::Incoming const& message) { take(message); });
    if (!sid.ok()) {
        state_.note = sid.error().detail();
        state_.state = observe::Sampling::State::Refused;
        return;
    }
    sid_ = sid.value();
}

void BoundedSubscription::end() {
    // One that ended by itself goes on saying so.
    if (sid_ != 0) {
        stop(observe::Sampling::State::Off);
    }
}

void BoundedSubscription::stop(observe::Sampling::State why) {
    if (sid_ != 0) {
        client_.unsubscribe(std::exchange(sid_, 0));
    }
    state_.state = why;
    state_.per_second = 0;
}

void BoundedSubscription::take(client::Incoming const& message) {
    if (sid_ == 0) {
        return;  // on its way when the subscription ended
    }
    roll(world_.clock().now());
    std::size_t const bytes = message.headers.size() + message.payload.size();
    ++state_.messages;
    state_.bytes += bytes;
    ++messages_now_;
    bytes_now_ += bytes;
    if (messages_now_ > state_.most_per_second || bytes_now_ > kMostBytes) {
        stop(observe::Sampling::State::TooMuch);
        return;
    }
    done_(message);
}

void BoundedSubscription::roll(Instant now) {
    Duration const passed = now - second_;
    if (sid_ != 0 && passed >= base::seconds(1)) {
        state_.per_second =
            static_cast<double>(messages_now_) / std::chrono::duration<double>(passed).count();
        second_ = now;
        messages_now_ = 0;
        bytes_now_ = 0;
    }
}

bool BoundedSubscription::refused(std::string_view text) {
    if (sid_ == 0 ||
        text.find(concat("Subscription to \"", state_.filter, "\"")) == std::string_view::npos) {
        return false;
    }
    stop(observe::Sampling::State::Refused);
    state_.note = text;
    return true;
}

RemoteTraffic::RemoteTraffic(World& world, client::Client& client, std::uint32_t server)
    : world_(world),
      observation_(
          std::make_shared<observe::Observation>(server, observe::Watch::On, kMostSubjects)),
      maker_([](observe::EventRow&) {}),
      sampling_(world, client),
      tap_(world, client) {
    maker_.add(observation_, {.server = server, .ready = true});
}

void RemoteTraffic::set_sampling(std::optional<SamplingOrder> order) {
    if (!order) {
        sampling_.end();
        return;
    }
    sampling_.begin(std::move(order->filter), order->most_per_second,
                    [this](client::Incoming const& message) { count(message); });
}

void RemoteTraffic::set_tap(std::optional<observe::TapFilter> filter) {
    observation_->set_tap(filter);
    if (!filter) {
        tap_.end();
        return;
    }
    tap_.begin(filter->subject.empty() ? ">" : filter->subject, kMostTapped,
               [this](client::Incoming const& message) { offer(message); });
}

void RemoteTraffic::set_tree_query(std::optional<observe::TreeQuery> query) {
    has_query_ = query.has_value();
    if (query) {
        query->server = observation_->server();
    }
    maker_.set_query(std::move(query));
}

void RemoteTraffic::count(client::Incoming const& message) {
    std::size_t const bytes = message.headers.size() + message.payload.size();
    observe::SubjectIds& subjects = *observation_->subjects();
    // How many others heard it nobody tells; one did at least.
    subjects.published(subjects.id_for(kAccount, message.subject),
                       {.bytes = bytes, .last_size = bytes, .recipients = 1},
                       world_.clock().wall_now().since_epoch() / base::milliseconds(1));
}

void RemoteTraffic::offer(client::Incoming const& message) {
    if (observe::Tap* const tap = observation_->tap()) {
        tap->offer({.account = kAccount,
                    .subject = message.subject,
                    .reply = message.reply,
                    .headers = Bytes(message.headers),
                    .payload = Bytes(message.payload),
                    .recipients = observe::TapRow::kRecipientsUnknown},
                   world_.clock().wall_now(), world_.clock().now());
    }
}

void RemoteTraffic::take(SubscriptionsDocument const& document, std::uint64_t own_cid) {
    std::map<std::string, int> now;
    for (SubscriptionFigures const& one : document.subscriptions) {
        if (one.cid != own_cid && !one.filter.empty()) {
            ++now[one.filter];
        }
    }
    observe::SubjectIds& subjects = *observation_->subjects();
    for (auto const& [filter, count] : now) {
        auto const before = subscribed_.find(filter);
        int const change = count - (before == subscribed_.end() ? 0 : before->second);
        if (change != 0) {
            subjects.subscribed(kAccount, filter, change);
        }
    }
    for (auto const& [filter, count] : subscribed_) {
        if (!now.contains(filter)) {
            subjects.subscribed(kAccount, filter, -count);
        }
    }
    subscribed_ = std::move(now);
}

void RemoteTraffic::refused(std::string_view text) {
    if (!sampling_.refused(text)) {
        tap_.refused(text);
    }
}

observe::Snapshot RemoteTraffic::look(Instant now, WallTime wall) {
    sampling_.roll(now);
    tap_.roll(now);
    observe::Snapshot snapshot = maker_.make(now, wall);
    // A sample of one account does not know that nothing is published.
    for (observe::TreeRow& row : snapshot.tree.rows) {
        row.no_traffic = false;
    }
    return snapshot;
}

}  // namespace signalbox::host
