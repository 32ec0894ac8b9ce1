#include "engine/sim/sim_client.h"

#include "engine/base/text.h"

namespace signalbox::sim {

namespace {

client::ClientOptions options_for(std::string const& machine, std::string const& server) {
    client::ClientOptions options;
    options.servers = {{server, 4222}};
    options.name = machine;
    options.ping_interval = base::seconds(3);
    options.backoff.longest_wait = base::seconds(1);
    options.max_pending = std::size_t{1} << 20;
    return options;
}

}  // namespace

SimClient::SimClient(Universe& universe, DeliveryChecker& checker, std::string const& machine,
                     Where where, std::string const& server)
    : checker_(checker),
      where_(where),
      world_(universe.simulation(), universe.exchange(), machine),
      chance_(world_.entropy().fork("chance")),
      client_(world_, options_for(machine, server),
              {.state = [this](client::State state,
                               std::string_view detail) { changed(state, detail); },
               .error = [this](std::string_view text) { refused(text); }}),
      publisher_(checker.add_publisher(where.hall)) {}

void SimClient::changed(client::State state, std::string_view detail) {
    if (detail.starts_with("not of the protocol")) {
        complaints_.emplace_back(detail);
    }
    if (sure_ && state != client::State::Connected) {
        complaints_.push_back(concat("lost its connection when all was well: ", detail));
    }
}

void SimClient::refused(std::string_view text) {
    // Faults make a connection stale; nothing that this client says gives cause for another error.
    if (sure_ || text != "Stale Connection") {
        complaints_.push_back(concat("an error: ", text));
    }
}

void SimClient::connect() {
    world_.run([this] { client_.connect(); });
}

void SimClient::subscribe(std::string_view filter, std::string_view queue_group) {
    SubscriptionNumber const number = checker_.add_subscription(where_.hall, filter, queue_group);
    world_.run([&] {
        CHECK(client_
                  .subscribe(filter, queue_group,
                             [this, number](client::Incoming const& message) {
                                 checker_.received(number, message.subject, message.payload);
                             })
                  .ok());
    });
}

void SimClient::publish_every(Duration interval, std::vector<std::string> subjects) {
    interval_ = interval;
    subjects_ = std::move(subjects);
    // Not all at the same time.
    Duration const first(
        static_cast<std::int64_t>(chance_->below(static_cast<std::uint64_t>(interval.count()))));
    timer_ = world_.timers().call_at(world_.clock().now() + first, [this] { publish_one(); });
}

void SimClient::stop_publishing() {
    world_.timers().cancel(timer_);
}

void SimClient::publish_one() {
    timer_ = world_.timers().call_at(world_.clock().now() + interval_, [this] { publish_one(); });
    if (client_.pending_bytes() > 500'000) {
        return;
    }
    std::string const& subject = subjects_[chance_->below(subjects_.size())];
    // What waits for a connection goes over the next one.
    bool const connected = client_.state() == client::State::Connected;
    std::uint64_t const connection = client_.counts().connects + (connected ? 0 : 1);
    std::string const payload = checker_.publish(publisher_, connection, subject, sure_);
    CHECK(client_.publish({.subject = subject, .payload = payload}).ok());
}

void SimClient::be_sure() {
    sure_ = true;
    if (client_.state() != client::State::Connected) {
        complaints_.emplace_back("is not connected when all is well");
    }
}

void SimClient::close() {
    sure_ = false;
    stop_publishing();
    world_.run([this] { client_.close(); });
}

}  // namespace signalbox::sim
