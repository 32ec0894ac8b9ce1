#include "engine/host/lab/load_client.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::host::lab {

namespace {

/// More often than this a client does not wake; what is due is published together.
constexpr Duration kShortestTick = base::milliseconds(2);
constexpr std::uint64_t kOne = 1'000'000'000;

/// What waits for a connection at most, and is then not published at all.
constexpr std::size_t kMostPending = std::size_t{1} << 20;

client::ClientOptions client_options(LoadClient::Options const& options) {
    client::ClientOptions own;
    own.servers = options.servers;
    own.name = options.name;
    own.ping_interval = base::seconds(2);
    own.dial_timeout = base::seconds(2);
    own.backoff.longest_wait = base::seconds(1);
    own.max_pending = kMostPending;
    return own;
}

std::string server_in(std::string const& info) {
    Result<Json> const json = Json::parse(info);
    Json const* const name = json.ok() ? json.value().find("server_name") : nullptr;
    return name == nullptr || name->as_text() == nullptr ? std::string("?") : *name->as_text();
}

}  // namespace

LoadClient::LoadClient(World& world, LoadSpec const& load, Options options, DeliveryRecord& record,
                       OnMoved on_moved)
    : world_(world),
      spec_(load),
      options_(std::move(options)),
      record_(record),
      on_moved_(std::move(on_moved)),
      client_(world, client_options(options_),
              {.state = [this](client::State state,
                               std::string_view detail) { changed(state, detail); },
               .error =
                   [this](std::string_view text) {
                       // Faults make a connection stale; nothing said here gives cause for others.
                       if (text != "Stale Connection") {
                           complaints_.push_back(concat(name(), ": an error: ", text));
                       }
                   }}),
      interval_(std::max(Duration(static_cast<std::int64_t>(kOne / spec_.rate)), kShortestTick)) {
    if (options_.role == Role::Publisher) {
        publisher_ = record_.add_publisher(options_.load);
    } else {
        subscriber_ = record_.add_subscriber(options_.load);
    }
}

LoadClient::~LoadClient() {
    stop_publishing();
}

void LoadClient::start() {
    if (options_.role == Role::Subscriber) {
        subscribe();
    }
    client_.connect();
}

void LoadClient::changed(client::State state, std::string_view detail) {
    if (detail.starts_with("not of the protocol")) {
        complaints_.push_back(concat(name(), ": ", detail));
    }
    std::string now;
    if (state == client::State::Connected) {
        now = server_in(client_.server_info());
    }
    if (now != server_) {
        server_ = std::move(now);
        on_moved_(*this, server_);
    }
}

void LoadClient::subscribe() {
    std::string const group = spec_.kind == LoadKind::Publish ? std::string() : spec_.name;
    Result<client::Sid> const done =
        client_.subscribe(spec_.filter, group, [this](client::Incoming const& message) {
            record_.received(subscriber_, message.subject, message.payload, world_.clock().now());
            if (spec_.kind == LoadKind::Request && !message.reply.empty()) {
                // Lost with the connection, as an answer is; whoever asked notices.
                static_cast<void>(
                    client_.publish({.subject = message.reply, .payload = "yes"}).ok());
            }
        });
    if (!done.ok()) {
        complaints_.push_back(concat(name(), ": cannot subscribe: ", done.error().detail()));
    }
}

void LoadClient::publish_from(Instant when) {
    last_tick_ = when;
    timer_ = world_.timers().call_at(when, [this] { tick(); });
}

void LoadClient::stop_publishing() {
    world_.timers().cancel(timer_);
}

void LoadClient::tick() {
    Instant const now = world_.clock().now();
    auto const passed = static_cast<std::uint64_t>((now - last_tick_).count());
    last_tick_ = now;
    // What a process that stood still did not publish it does not make up for.
    owed_ = std::min(owed_ + passed * spec_.rate,
                     kOne + 2 * static_cast<std::uint64_t>(interval_.count()) * spec_.rate);
    timer_ = world_.timers().call_at(now + interval_, [this] { tick(); });
    while (owed_ >= kOne) {
        owed_ -= kOne;
        publish_one();
    }
}

void LoadClient::publish_one() {
    // What nobody can take is not published: the record would miss it for ever.
    if (!connected() || client_.pending_bytes() > kMostPending / 2) {
        return;
    }
    DeliveryRecord::Message const message =
        record_.publish(publisher_, client_.counts().connects, world_.clock().now());
    client::Outgoing const out{.subject = message.subject, .payload = message.payload};
    Result<void> sent;
    if (spec_.kind == LoadKind::Request) {
        sent = client_.request(
            out, spec_.timeout,
            [this, number = message.number](Result<client::Reply> const& reply) {
                bool const none = reply.ok() && reply.value().no_responders;
                std::string_view const why =
                    none ? "no responders" : (reply.ok() ? std::string_view() : "no answer");
                Duration const after = reply.ok() ? reply.value().after : Duration(0);
                record_.answered(publisher_, number, after, why);
            });
    } else {
        sent = client_.publish(out);
    }
    if (!sent.ok()) {
        complaints_.push_back(concat(name(), ": cannot publish: ", sent.error().detail()));
    }
}

void LoadClient::close() {
    stop_publishing();
    client_.close();
}

}  // namespace signalbox::host::lab
