#include "engine/client/workload.h"

#include <algorithm>

namespace signalbox::client {

namespace {

constexpr Duration kTick = base::milliseconds(10);

/// A stall, such as of a sleeping computer, is not made up for with a burst.
constexpr Duration kLongestTick = base::milliseconds(100);

/// Rates swing by a quarter around their mean, so that graphs show something.
constexpr Duration kSwing = base::seconds(40);

constexpr Duration kRequestTimeout = base::seconds(2);

/// In thousandths: from 750 up to 1250 and back.
std::uint64_t swing(Duration since_start) {
    std::int64_t const at = since_start.count() % kSwing.count();
    std::int64_t const half = kSwing.count() / 2;
    std::int64_t const height = at < half ? at : kSwing.count() - at;
    return static_cast<std::uint64_t>(750 + 500 * (height / 1000) / (half / 1000));
}

}  // namespace

Workload::Workload(World& world, ServerAddress server)
    : world_(world), server_(std::move(server)), chance_(world.entropy().fork("workload")) {
    add_listeners();
    add_publishers();
}

Workload::~Workload() {
    world_.timers().cancel(timer_);
}

Client& Workload::add_client(std::string_view name) {
    ClientOptions options;
    options.servers = {server_};
    options.name = name;
    clients_.push_back(std::make_unique<Client>(world_, std::move(options)));
    return *clients_.back();
}

void Workload::add_listener(std::string_view name, std::initializer_list<std::string_view> filters,
                            std::string_view queue_group) {
    Client& client = add_client(name);
    for (std::string_view const filter : filters) {
        CHECK(client.subscribe(filter, queue_group, [](Incoming const&) {}).ok());
    }
}

void Workload::add_worker(std::string_view name) {
    Client& client = add_client(name);
    Result<Sid> const sid = client.subscribe("svc.>", "workers", [&](Incoming const& message) {
        std::string const subject(message.subject);
        // Refused only when too much is pending; then the asker waits in vain, as it should.
        (void)client.publish(
            {.subject = message.reply, .payload = workload::answer_to(subject, *chance_)});
    });
    CHECK(sid.ok());
}

void Workload::add_stream(Client& client, std::uint64_t per_second, Make make) {
    streams_.push_back({&client, make, per_second});
}

void Workload::add_listeners() {
    add_listener("warehouse", {"orders.*.paid", "orders.*.packed", "orders.*.returned"});
    add_listener("billing-1", {"orders.*.created", "orders.*.cancelled"}, "billing");
    add_listener("billing-2", {"orders.*.created", "orders.*.cancelled"}, "billing");
    add_listener("analytics", {"orders.>", "chat.room.*"});
    add_listener("dashboard", {"sensors.*.*.temperature", "fleet.truck.*.position"});
    add_listener("historian", {"sensors.>"});
    add_listener("osaka-display", {"sensors.osaka.>"});
    add_listener("alice", {"chat.room.general", "chat.room.design", "chat.room.lunch"});
    add_listener("bob", {"chat.room.general", "chat.room.ops", "chat.room.chess"});
    add_listener("log-collector-1", {"logs.*.info", "logs.*.warn", "logs.*.error"}, "collectors");
    add_listener("log-collector-2", {"logs.*.info", "logs.*.warn", "logs.*.error"}, "collectors");
    add_listener("log-debugger", {"logs.*.debug"});
    add_listener("config-watch", {"kv.settings.>"});
    add_listener("session-cache", {"kv.sessions.*"});
    add_listener("web-front", {"media.thumbnails.>"});
    // Nothing ever burns: a subscription without traffic.
    add_listener("on-call", {"alerts.fire.>"});
    add_worker("worker-1");
    add_worker("worker-2");
    add_worker("worker-3");
}

void Workload::add_publishers() {
    add_stream(add_client("orders"), 180, workload::order_event);
    add_stream(add_client("sensors-berlin-lyon-osaka"), 900, workload::sensor_reading);
    add_stream(add_client("fleet"), 300, workload::truck_position);
    add_stream(add_client("chat"), 20, workload::chat_line);
    Client& logs = add_client("logs");
    add_stream(logs, 250, workload::log_line);
    add_stream(logs, 2, workload::heartbeat);
    add_stream(add_client("key-value"), 80, workload::key_value_update);
    add_stream(add_client("media"), 8, workload::thumbnail);
    for (std::string_view const name : {"web-1", "web-2"}) {
        add_stream(add_client(name), 50, workload::question);
        streams_.back().asks = true;
    }
}

void Workload::start() {
    for (auto const& client : clients_) {
        client->connect();
    }
    started_ = world_.clock().now();
    last_tick_ = started_;
    timer_ = world_.timers().call_at(started_ + kTick, [this] { tick(); });
}

void Workload::tick() {
    Instant const now = world_.clock().now();
    Duration const passed = std::min(now - last_tick_, kLongestTick);
    last_tick_ = now;
    auto const microseconds = static_cast<std::uint64_t>(passed.count() / 1000);
    std::uint64_t const factor = swing(now - started_);
    for (Stream& stream : streams_) {
        // What nobody could receive is not made, or it would wait and arrive all at once.
        if (stream.client->state() != State::Connected) {
            continue;
        }
        stream.owed += stream.per_second * factor * microseconds / 1'000'000;
        for (; stream.owed >= 1000; stream.owed -= 1000) {
            publish_one(stream);
        }
    }
    timer_ = world_.timers().call_at(now + kTick, [this] { tick(); });
}

void Workload::publish_one(Stream& stream) {
    workload::Sample const sample =
        stream.make(*chance_, stream.number++, world_.clock().wall_now());
    Outgoing const message{
        .subject = sample.subject, .headers = sample.headers, .payload = sample.payload};
    if (!stream.asks) {
        // Refused only when too much is pending: the message is left out.
        (void)stream.client->publish(message);
        return;
    }
    (void)stream.client->request(message, kRequestTimeout, [this](Result<Reply> const& reply) {
        bool const answered = reply.ok() && !reply.value().no_responders;
        ++(answered ? answered_ : failed_);
    });
}

std::size_t Workload::connected_count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        clients_, [](auto const& client) { return client->state() == State::Connected; }));
}

Counts Workload::counts() const {
    Counts all;
    for (auto const& client : clients_) {
        Counts const& one = client->counts();
        all.messages_in += one.messages_in;
        all.bytes_in += one.bytes_in;
        all.messages_out += one.messages_out;
        all.bytes_out += one.bytes_out;
        all.connects += one.connects;
    }
    return all;
}

}  // namespace signalbox::client
