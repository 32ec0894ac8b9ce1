#include "tests/gui/fake_source.h"

#include <array>
#include <cmath>

namespace signalbox::gui {

namespace {

constexpr std::int64_t kNowMs = 1'790'000'000'000;

base::WallTime wallTime(std::int64_t milliseconds) {
    return base::WallTime(base::milliseconds(milliseconds));
}

observe::ConnectionIdentityPtr identity(std::uint64_t cid, std::string name) {
    auto one = std::make_shared<observe::ConnectionIdentity>();
    one->cid = cid;
    one->kind = "Client";
    one->ip = "127.0.0.1";
    one->port = static_cast<std::uint16_t>(40'000 + cid);
    one->name = std::move(name);
    one->lang = "cpp";
    one->version = "0.1.0";
    one->account = "$G";
    one->start = wallTime(kNowMs - 60'000);
    return one;
}

observe::TreeRow row(observe::NodeId node, std::uint8_t depth, std::string token,
                     std::string subject, double rate) {
    observe::TreeRow one;
    one.node = node;
    one.depth = depth;
    one.token = std::move(token);
    one.subject = std::move(subject);
    one.msgs_per_second = rate;
    one.bytes_per_second = rate * 96;
    one.msgs = static_cast<std::uint64_t>(rate * 100);
    one.bytes = one.msgs * 96;
    one.publishers = rate > 0 ? 2 : 0;
    one.last_size = 96;
    one.last_seen_ms = rate > 0 ? kNowMs - 100 : 0;
    return one;
}

observe::TreeSnapshot sampleTree(double wave) {
    observe::TreeSnapshot tree{.server = 1, .matching = 5};
    observe::TreeRow orders = row(1, 0, "orders", "orders", 900 * wave);
    orders.has_children = true;
    orders.expanded = true;
    tree.rows.push_back(orders);
    tree.rows.push_back(row(2, 1, "created", "orders.created", 600 * wave));
    tree.rows.back().subscribers = 3;
    tree.rows.push_back(row(3, 1, "shipped", "orders.shipped", 300 * wave));
    tree.rows.back().no_interest = true;
    tree.rows.push_back(row(4, 0, "audit.>", "audit.>", 0));
    tree.rows.back().is_filter = true;
    tree.rows.back().no_traffic = true;
    observe::TreeRow more = row(5, 0, {}, {}, 0);
    more.kind = observe::TreeRow::Kind::More;
    more.more = 48'210;
    tree.rows.push_back(more);
    return tree;
}

}  // namespace

observe::Snapshot sampleSnapshot(unsigned tick) {
    double const wave = 1 + 0.4 * std::sin(tick / 6.0);
    observe::Snapshot snapshot;
    snapshot.number = tick + 1;
    snapshot.wall_time = wallTime(kNowMs + tick * 100);
    snapshot.engine_cpu = 0.31;
    snapshot.resident_bytes = 48'000'000;
    observe::ServerSnapshot server;
    server.server = 1;
    server.name = "workbench";
    server.host = "127.0.0.1";
    server.port = 4222;
    server.ready = true;
    server.start = wallTime(kNowMs - 120'000);
    server.in_msgs = {1'200'000, 912 * wave};
    server.in_bytes = {120'000'000, 91'000 * wave};
    server.out_msgs = {2'400'000, 1'640 * wave};
    server.out_bytes = {260'000'000, 160'000 * wave};
    server.connections = 3;
    server.total_connections = 5;
    server.subscriptions = 12;
    server.slow_consumers = 1;
    server.subjects = 5;
    server.busiest = {{"orders.created", 600 * wave, 60'000}, {"orders.shipped", 300, 30'000}};
    std::array<char const*, 3> const names{"shop", "", "warehouse"};
    for (std::uint64_t cid = 1; cid <= names.size(); ++cid) {
        observe::ConnectionRow one;
        one.identity = identity(cid, names[cid - 1]);
        one.in_msgs = {1'000 * cid, 100.0 * static_cast<double>(cid) * wave};
        one.out_msgs = {2'000 * cid, 50.0};
        one.max_pending = 1'000'000;
        one.pending_bytes = cid == 3 ? 700'000 : 0;
        one.slow = cid == 3;
        one.subscriptions = cid;
        one.rtt = base::microseconds(80 * cid);
        server.open.push_back(one);
    }
    observe::ClosedConnectionRow gone;
    gone.identity = identity(9, "gone");
    gone.stop = wallTime(kNowMs);
    gone.reason = "Slow Consumer (Pending Bytes)";
    server.closed = std::make_shared<std::vector<observe::ClosedConnectionRow> const>(1, gone);
    server.tap = {.matched = 64, .sampled_out = 12, .dropped = 1};
    snapshot.servers.push_back(server);
    snapshot.tree = sampleTree(wave);
    return snapshot;
}

TapBatch sampleMessages(std::uint64_t first, std::size_t count) {
    TapBatch rows;
    for (std::size_t i = 0; i < count; ++i) {
        observe::TapRow one;
        one.number = first + i;
        one.time = wallTime(kNowMs + static_cast<std::int64_t>(i));
        one.account = "$G";
        one.cid = 1 + i % 3;
        one.subject = i % 2 == 0 ? "orders.created" : "orders.shipped";
        one.payload = R"({"id": 4711, "customer": "Ada", "items": [{"sku": "A-1", "count": 2}]})";
        one.payload_bytes = one.payload.size();
        one.recipients = i % 2 == 0 ? 3 : 0;
        if (i % 2 == 0) {
            one.headers = "NATS/1.0\r\nX-Env: test\r\nX-Trace: 81f2\r\n\r\n";
            one.header_bytes = one.headers.size();
        }
        rows.push_back(std::make_shared<observe::TapRow const>(one));
    }
    return rows;
}

}  // namespace signalbox::gui
