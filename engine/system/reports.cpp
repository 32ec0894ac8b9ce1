#include "engine/system/reports.h"

#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::system {
namespace {

constexpr Duration kFirstStats = base::milliseconds(250);
constexpr Duration kStatsInterval = base::seconds(10);
constexpr Duration kStatsAtMost = base::seconds(1);
constexpr Duration kConnectionsInterval = base::seconds(30);

}  // namespace

Reports::Reports(SystemParts const& parts, Publisher& publisher)
    : parts_(parts), publisher_(publisher), stats_interval_(kFirstStats) {}

Reports::~Reports() {
    *alive_ = false;
    parts_.world.timers().cancel(stats_timer_);
    parts_.world.timers().cancel(connections_timer_);
}

void Reports::start() {
    Instant const now = parts_.world.clock().now();
    stats_timer_ = parts_.world.timers().call_at(now + stats_interval_, [this] { stats_due(); });
    connections_timer_ =
        parts_.world.timers().call_at(now + kConnectionsInterval, [this] { connections_due(); });
}

void Reports::stats_due() {
    say_stats();
    stats_interval_ = std::min(stats_interval_ * 2, kStatsInterval);
    stats_timer_ = parts_.world.timers().call_at(parts_.world.clock().now() + stats_interval_,
                                                 [this] { stats_due(); });
}

void Reports::say_stats() {
    std::string subject = concat("$SYS.SERVER.", parts_.source.server().id, ".STATSZ");
    Instant const now = parts_.world.clock().now();
    bool const too_soon = stats_said_ != Instant() && now - stats_said_ < kStatsAtMost;
    // The first reports come faster by intent.
    bool const in_schedule = stats_interval_ <= kStatsAtMost;
    if ((too_soon && !in_schedule) || !publisher_.is_heard(subject)) {
        return;
    }
    stats_said_ = now;
    publisher_.publish(std::move(subject), event::to_json(publisher_.next_word(), stats()));
}

event::ServerStats Reports::stats() const {
    observe::ServerCounters const& counters = parts_.source.counters();
    monitor::ProcessFacts const process = parts_.source.process();
    event::ServerStats stats{.start = parts_.source.server().start,
                             .resident_bytes = process.usage.resident_bytes,
                             .cores = process.usage.cores,
                             .cpu_percent = process.cpu_percent,
                             .connections = counters.connections.get(),
                             .total_connections = counters.total_connections.get(),
                             .subscriptions = parts_.source.interest("").subscriptions,
                             .sent = {counters.out_msgs.get(), counters.out_bytes.get()},
                             .received = {counters.in_msgs.get(), counters.in_bytes.get()},
                             .slow_consumers = counters.slow_consumers.get(),
                             .stale_connections = counters.stale_connections.get(),
                             .stalled_clients = counters.stalled_clients.get()};
    parts_.source.visit_accounts([&](monitor::AccountFacts const& account) {
        stats.active_accounts += account.stat.connections + account.stat.leafnodes > 0 ? 1 : 0;
    });
    return stats;
}

void Reports::connections_changed(std::string_view account) {
    if (account == account::kGlobalAccount) {
        return;
    }
    if (changed_.empty()) {
        parts_.world.turn().defer([this, alive = alive_] {
            if (*alive) {
                say_changed();
            }
        });
    }
    changed_.emplace(account);
}

void Reports::say_changed() {
    for (std::string const& name : std::exchange(changed_, {})) {
        if (auto const account = parts_.source.find_account(name)) {
            say_connections(account->stat);
        }
    }
}

void Reports::connections_due() {
    parts_.source.visit_accounts([this](monitor::AccountFacts const& account) {
        bool const used = account.stat.connections + account.stat.leafnodes > 0;
        if (used && account.stat.account != account::kGlobalAccount) {
            say_connections(account.stat);
        }
    });
    connections_timer_ = parts_.world.timers().call_at(
        parts_.world.clock().now() + kConnectionsInterval, [this] { connections_due(); });
}

/// On the subject of today and on the one of before, for those who still listen there.
void Reports::say_connections(event::AccountStat const& stat) {
    event::EventFrame frame;
    for (std::string const& subject : {concat("$SYS.SERVER.ACCOUNT.", stat.account, ".CONNS"),
                                       concat("$SYS.ACCOUNT.", stat.account, ".SERVER.CONNS")}) {
        if (!publisher_.is_heard(subject)) {
            continue;
        }
        if (frame.id.empty()) {
            frame = publisher_.next_frame();
        } else {
            frame.server = publisher_.next_word();
        }
        publisher_.publish(subject, event::to_json(frame, stat));
    }
}

std::string Reports::connections_of(std::string_view account) {
    auto const facts = parts_.source.find_account(account);
    return facts ? event::to_json(publisher_.next_frame(), facts->stat) : std::string();
}

}  // namespace signalbox::system
