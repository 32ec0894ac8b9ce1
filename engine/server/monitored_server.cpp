#include "engine/server/monitored_server.h"

#include "engine/base/text.h"
#include "engine/protocol/info.h"

#include <algorithm>
#include <memory>

namespace signalbox::server {
namespace {

using connection::ClientConnection;
using connection::ClosedConnection;
using message::Subscription;
using monitor::ConnectionFacts;
using monitor::SubscriptionFacts;

SubscriptionFacts facts_of(Subscription const& subscription, std::string const& account,
                           std::uint64_t cid) {
    return {.account = account,
            .subject = subscription.filter,
            .queue_group = subscription.queue,
            .sid = subscription.sid,
            .msgs = subscription.delivered,
            .max = subscription.max,
            .cid = cid};
}

ConnectionFacts facts_of(ClientConnection const& connection) {
    observe::ConnectionCounters const& counters = connection.counters();
    return {.identity = connection.observed_identity(),
            .in_msgs = counters.in_msgs.get(),
            .in_bytes = counters.in_bytes.get(),
            .out_msgs = counters.out_msgs.get(),
            .out_bytes = counters.out_bytes.get(),
            .pending_bytes = counters.pending_bytes.get(),
            .subscriptions = connection.subscriptions().size(),
            .stalls = counters.stalls.get(),
            .last_activity =
                WallTime(Duration(static_cast<std::int64_t>(counters.last_activity.get()))),
            .rtt = connection.rtt(),
            .token = connection.identity().token,
            .proxy_key = connection.identity().proxy_key,
            .stop = {},
            .reason = {},
            .had = nullptr};
}

ConnectionFacts facts_of(ClosedConnection const& closed) {
    return {.identity = closed.identity,
            .in_msgs = closed.in_msgs,
            .in_bytes = closed.in_bytes,
            .out_msgs = closed.out_msgs,
            .out_bytes = closed.out_bytes,
            .pending_bytes = 0,
            .subscriptions = closed.subscriptions ? closed.subscriptions->size() : 0,
            .stalls = closed.stalls,
            .last_activity = closed.last_activity,
            .rtt = closed.rtt,
            .token = closed.who.token,
            .proxy_key = closed.who.proxy_key,
            .stop = closed.stop,
            .reason = std::string(text_of(closed.reason)),
            .had = closed.subscriptions};
}

/// More are not told of at once.
constexpr std::size_t kMostResponses = 1'024;

}  // namespace

monitor::ServerFacts MonitoredServer::server() const {
    config::Options const& options = state_.options();
    return {.id = state_.identity().id,
            .name = state_.identity().name,
            .version = protocol::kCompatibleVersion,
            .own_version = protocol::kOwnVersion,
            .runtime = protocol::kRuntime,
            .host = state_.client_address().host,
            .port = state_.client_address().port,
            .connect_urls = state_.connect_urls(),
            .http_host = state_.monitoring_address().host,
            .http_port = state_.monitoring_address().port,
            .system_account = options.no_system_account ? "" : state_.accounts().system().name(),
            .pinned_account_fails =
                state_.operators() == nullptr ? 0 : state_.operators()->pinned_account_fails(),
            .auth_required = options.authentication_required(),
            .certificate_not_after = state_.certificate_not_after(),
            .start = state_.started_at(),
            .config_load_time = state_.configured_at(),
            .options = &options};
}

observe::ServerCounters const& MonitoredServer::counters() const {
    return state_.observation().counters;
}

std::string MonitoredServer::not_ready() const {
    return state_.ready() ? "" : "server";
}

monitor::ProcessFacts MonitoredServer::process() {
    World& world = state_.world();
    monitor::ProcessFacts facts;
    facts.now = world.clock().wall_now();
    facts.usage = world.usage();
    facts.cpu_percent = cpu_.percent(world.clock().now(), facts.usage.cpu_time);
    return facts;
}

void MonitoredServer::visit_accounts(VisitAccount const& visit) const {
    for (auto const& account : state_.accounts().all()) {
        visit(account_facts(*account));
    }
}

std::optional<monitor::AccountFacts> MonitoredServer::find_account(std::string_view name) const {
    account::Account const* const account = state_.accounts().find(name);
    return account == nullptr ? std::nullopt : std::optional(account_facts(*account));
}

monitor::AccountFacts MonitoredServer::account_facts(account::Account const& account) const {
    account::Usage const& usage = account.usage();
    auth::OperatorMode* const operators = state_.operators();
    auto const claims =
        operators == nullptr ? nullptr : operators->accounts().loaded(account.name());
    return {
        .stat = {.account = account.name(),
                 .name =
                     claims && !claims->token.name.empty() ? claims->token.name : account.name(),
                 .connections = usage.clients,
                 .leafnodes = usage.leafnodes,
                 .subscriptions = account.subscription_count(),
                 .sent = {usage.sent.msgs, usage.sent.bytes},
                 .received = {usage.received.msgs, usage.received.bytes},
                 .slow_consumers = usage.slow_consumers},
        .is_system = account.is_system(),
        .updated = claims ? operators->accounts().updated(account.name()) : state_.configured_at(),
        .options = &account.options(),
        .claims = claims};
}

monitor::SharingFacts MonitoredServer::sharing(std::string_view name) const {
    monitor::SharingFacts facts;
    account::Account const* const account = state_.accounts().find(name);
    if (account == nullptr) {
        return facts;
    }
    auto const streams = state_.sharing().streams_of(*account);
    auto const services = state_.sharing().services_of(*account);
    for (config::ImportOptions const& import : account->options().imports) {
        auto const same = [&](auto const& made) { return made && made->options() == import; };
        facts.in_force.push_back(std::ranges::any_of(streams, same) ||
                                 std::ranges::any_of(services, same));
    }
    state_.sharing().replies().for_each([&](dispatch::OpenReply const& open) {
        if (open.service == account && facts.responses.size() < kMostResponses) {
            facts.responses.push_back({.name = open.name,
                                       .reply = open.reply,
                                       .asker = open.asker->name(),
                                       .shares = open.shares});
        }
    });
    return facts;
}

void MonitoredServer::visit_open(VisitConnection const& visit) const {
    state_.connections().open().walk([&](ClientConnection const& connection) {
        if (connection.state() != ClientConnection::State::Closing) {
            visit(facts_of(connection));
        }
        return true;
    });
}

void MonitoredServer::visit_closed(VisitConnection const& visit) const {
    for (ClosedConnection const& closed : state_.connections().closed()) {
        visit(facts_of(closed));
    }
}

std::vector<SubscriptionFacts> MonitoredServer::subscriptions_of(std::uint64_t cid) const {
    std::vector<SubscriptionFacts> found;
    if (ClientConnection const* const connection = state_.connections().find(cid)) {
        connection->subscriptions().for_each([&](Subscription const& s) {
            found.push_back(facts_of(s, connection->account().name(), cid));
        });
    }
    return found;
}

void MonitoredServer::visit_subscriptions(std::string_view account,
                                          VisitSubscription const& visit) const {
    bool go_on = true;
    for (auto const& each : state_.accounts().all()) {
        if (!account.empty() && each->name() != account) {
            continue;
        }
        each->for_each_subscription([&](Subscription const& s) {
            // Those of other servers are listed with the routes.
            if (go_on && !message::is_elsewhere(s.kind)) {
                std::uint64_t const cid = s.recipient->connection_id();
                go_on = visit(facts_of(s, each->name(), cid));
            }
        });
    }
}

monitor::InterestFacts MonitoredServer::interest(std::string_view account) const {
    monitor::InterestFacts facts;
    for (auto const& each : state_.accounts().all()) {
        if (!account.empty() && each->name() != account) {
            continue;
        }
        dispatch::DispatchStats const stats = state_.dispatcher().stats(*each);
        facts.subscriptions += each->subscription_count();
        facts.inserts += each->inserts();
        facts.removes += each->removes();
        facts.matches += stats.matches;
        facts.cache_hits += stats.cache_hits;
        facts.cached += stats.cache_entries;
    }
    return facts;
}

monitor::FanoutFacts MonitoredServer::fanout(std::string_view account) const {
    monitor::FanoutFacts facts;
    std::uint64_t total = 0;
    std::uint64_t entries = 0;
    for (auto const& each : state_.accounts().all()) {
        if (!account.empty() && each->name() != account) {
            continue;
        }
        dispatch::FanoutStats const stats = state_.dispatcher().fanout(*each);
        facts.max = std::max(facts.max, stats.max);
        total += stats.total;
        entries += state_.dispatcher().stats(*each).cache_entries;
    }
    if (entries > 0) {
        facts.average = static_cast<double>(total) / static_cast<double>(entries);
    }
    return facts;
}

void MonitoredServer::measure_rtt(std::uint64_t cid) {
    if (ClientConnection* const connection = state_.connections().find(cid)) {
        connection->measure_rtt();
    }
}

}  // namespace signalbox::server
