#pragma once

#include "engine/base/json_reader.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/protocol/http_request.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::monitor {

/// A server to be monitored that is nothing but what a test put into it.
class Inventory : public MonitorSource {
public:
    Inventory();

    /// An open connection of `$G`; the reference lasts until the next.
    ConnectionFacts& add(std::uint64_t cid, std::string name = {}, std::string user = {},
                         std::string account = "$G");
    void subscribe(std::uint64_t cid, std::string subject, std::string queue_group = {});
    /// Moves it to those that are closed.
    void close(std::uint64_t cid, std::string reason, WallTime stop);

    ServerFacts server() const override { return facts; }
    observe::ServerCounters const& counters() const override { return totals; }
    HttpStats& http_stats() override { return stats; }
    ProcessFacts process() override { return of_process; }
    SystemFacts system() const override { return of_system; }
    jetstream::JetStream const* streams() const override { return nullptr; }
    void visit_accounts(VisitAccount const& visit) const override;
    std::optional<AccountFacts> find_account(std::string_view name) const override;
    SharingFacts sharing(std::string_view) const override { return of_sharing; }
    std::string not_ready() const override { return missing; }
    void visit_open(VisitConnection const& visit) const override;
    void visit_closed(VisitConnection const& visit) const override;
    std::vector<SubscriptionFacts> subscriptions_of(std::uint64_t cid) const override;
    void visit_subscriptions(std::string_view account,
                             VisitSubscription const& visit) const override;
    InterestFacts interest(std::string_view account) const override;
    FanoutFacts fanout(std::string_view) const override { return {.max = 2, .average = 1.5}; }
    void measure_rtt(std::uint64_t cid) override { measured.push_back(cid); }

    config::Options options;
    ServerFacts facts;
    observe::ServerCounters totals;
    HttpStats stats;
    ProcessFacts of_process;
    SystemFacts of_system;
    std::vector<AccountFacts> accounts;
    SharingFacts of_sharing;
    std::string missing;
    std::vector<ConnectionFacts> open;
    std::vector<ConnectionFacts> closed;
    std::vector<SubscriptionFacts> subscriptions;
    std::vector<std::uint64_t> measured;
};

/// When the server of an `Inventory` started, and a moment after.
constexpr WallTime kStart{base::seconds(1'700'000'000)};
WallTime after(Duration since_start);

/// A request for `target`, as the parser reads it.
protocol::HttpRequest request_for(std::string_view target);

/// All of an answer, its parts put together.
std::string whole_text(Answer answer);
Json whole_json(Answer answer);

/// The keys of a JSON object in the order in which they stand in its text.
std::vector<std::string> keys_of(Json const& object);

/// The member as an integer; -1 when there is none.
std::int64_t number_at(Json const& object, std::string_view name);
std::string text_at(Json const& object, std::string_view name);

}  // namespace signalbox::monitor
