#include "engine/host/lab/plan.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/host/lab/scenario_parser.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <set>
#include <utility>

namespace signalbox::host::lab {

namespace {

constexpr std::uint16_t kClientPort = 4222;
constexpr std::uint16_t kMonitoringPort = 8222;
constexpr std::uint16_t kRoutePort = 6222;
constexpr std::uint16_t kGatewayPort = 7222;
constexpr std::uint16_t kLeafPort = 7422;

std::string url(PlannedServer const& server, std::uint16_t port) {
    return concat("\"nats://", server.host, ":", port, "\"");
}

std::string listen(PlannedServer const& server, std::uint16_t port) {
    return concat("listen: \"", server.host, ":", port, "\"");
}

}  // namespace

Plan::Plan(Topology topology, Addressing addressing, std::uint16_t first)
    : topology_(std::move(topology)) {
    for (ClusterSpec const& cluster : topology_.clusters) {
        for (std::uint32_t i = 1; i <= cluster.servers; ++i) {
            servers_.push_back({concat(cluster.name, "-", i), cluster.name, {}, {}, {}});
        }
    }
    for (LeafSpec const& leaf : topology_.leafs) {
        servers_.push_back({leaf.name, {}, leaf.hub, {}, {}});
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        PlannedServer& server = servers_[i];
        bool const machines = addressing == Addressing::Machines;
        server.host = machines ? concat("10.0.0.", i + 1) : "127.0.0.1";
        auto const port = [&](std::uint16_t usual) {
            return static_cast<std::uint16_t>(machines ? usual : usual + first + i);
        };
        server.ports.client = port(kClientPort);
        server.ports.monitoring = port(kMonitoringPort);
        if (!server.cluster.empty()) {
            server.ports.route = members(server.cluster).size() > 1 ? port(kRoutePort) : 0;
            server.ports.gateway = in_super_cluster(server.cluster) ? port(kGatewayPort) : 0;
            server.ports.leaf = is_hub(server.cluster) ? port(kLeafPort) : 0;
        }
    }
}

bool Plan::in_super_cluster(std::string const& cluster) const {
    return std::ranges::find(topology_.super_cluster, cluster) != topology_.super_cluster.end();
}

bool Plan::is_hub(std::string const& cluster) const {
    return std::ranges::find(topology_.leafs, cluster, &LeafSpec::hub) != topology_.leafs.end();
}

std::vector<std::size_t> Plan::members(std::string const& cluster) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i].cluster == cluster) {
            found.push_back(i);
        }
    }
    return found;
}

Result<std::size_t> Plan::find(std::string const& server) const {
    auto const found = std::ranges::find(servers_, server, &PlannedServer::name);
    if (found == servers_.end()) {
        return Error(Errc::NotFound, concat("there is no server ", server));
    }
    return static_cast<std::size_t>(found - servers_.begin());
}

Result<std::vector<std::size_t>> Plan::expand(Places const& places) const {
    std::set<std::size_t> found;
    for (std::string const& place : places) {
        std::size_t const before = found.size();
        std::vector<std::size_t> const cluster = members(place);
        bool named = !cluster.empty();
        found.insert(cluster.begin(), cluster.end());
        for (std::size_t i = 0; i < servers_.size(); ++i) {
            if (place == "all" || servers_[i].name == place) {
                found.insert(i);
                named = true;
            }
        }
        if (!named && found.size() == before) {
            return Error(Errc::NotFound,
                         concat("there is no server, cluster or leaf node ", place));
        }
    }
    return std::vector<std::size_t>(found.begin(), found.end());
}

bool Plan::linked(std::size_t a, std::size_t b) const {
    PlannedServer const& one = servers_[a];
    PlannedServer const& other = servers_[b];
    if (one.cluster.empty() || other.cluster.empty()) {
        return (one.cluster.empty() && one.hub == other.cluster && !other.cluster.empty()) ||
               (other.cluster.empty() && other.hub == one.cluster && !one.cluster.empty());
    }
    return one.cluster == other.cluster ||
           (in_super_cluster(one.cluster) && in_super_cluster(other.cluster));
}

shape::LinkProfile Plan::profile(std::size_t a, std::size_t b) const {
    shape::LinkProfile profile;
    for (LinkSpec const& link : topology_.links) {
        Result<std::vector<std::size_t>> const one = expand({link.a});
        Result<std::vector<std::size_t>> const other = expand({link.b});
        if (!one.ok() || !other.ok()) {
            continue;
        }
        auto const in = [](std::vector<std::size_t> const& set, std::size_t server) {
            return std::ranges::find(set, server) != set.end();
        };
        if ((in(one.value(), a) && in(other.value(), b)) ||
            (in(one.value(), b) && in(other.value(), a))) {
            profile = link.profile;
        }
    }
    return profile;
}

void Plan::append_cluster(std::string& out, std::size_t server) const {
    PlannedServer const& own = servers_[server];
    if (own.ports.route == 0) {
        return;
    }
    append(out, "\ncluster {\n  name: ", own.cluster, "\n  ", listen(own, own.ports.route),
           "\n  routes: [\n");
    for (std::size_t const peer : members(own.cluster)) {
        if (peer != server) {
            append(out, "    ", url(servers_[peer], servers_[peer].ports.route), "\n");
        }
    }
    append(out, "  ]\n}\n");
}

void Plan::append_gateway(std::string& out, std::size_t server) const {
    PlannedServer const& own = servers_[server];
    if (own.ports.gateway == 0) {
        return;
    }
    append(out, "\ngateway {\n  name: ", own.cluster, "\n  ", listen(own, own.ports.gateway),
           "\n  gateways: [\n");
    for (std::string const& cluster : topology_.super_cluster) {
        if (cluster == own.cluster) {
            continue;
        }
        std::vector<std::string> urls;
        for (std::size_t const peer : members(cluster)) {
            urls.push_back(url(servers_[peer], servers_[peer].ports.gateway));
        }
        append(out, "    { name: ", cluster, ", urls: [ ", base::join(urls, ", "), " ] }\n");
    }
    append(out, "  ]\n}\n");
}

void Plan::append_leafs(std::string& out, std::size_t server) const {
    PlannedServer const& own = servers_[server];
    if (own.ports.leaf != 0) {
        append(out, "\nleafnodes {\n  ", listen(own, own.ports.leaf), "\n}\n");
    }
    if (own.hub.empty()) {
        return;
    }
    std::vector<std::string> urls;
    for (std::size_t const peer : members(own.hub)) {
        urls.push_back(url(servers_[peer], servers_[peer].ports.leaf));
    }
    append(out, "\nleafnodes {\n  remotes: [\n    { urls: [ ", base::join(urls, ", "),
           " ] }\n  ]\n}\n");
}

std::string Plan::configuration(std::size_t server, bool monitored) const {
    PlannedServer const& own = servers_[server];
    std::string out = concat("server_name: ", own.name, "\n", listen(own, own.ports.client), "\n");
    if (monitored) {
        append(out, "http: \"", own.host, ":", own.ports.monitoring, "\"\n");
    }
    append_cluster(out, server);
    append_gateway(out, server);
    append_leafs(out, server);
    if (own.ports.gateway != 0 && own.ports.leaf != 0) {
        // Where both are, a system account has to be named.
        append(out, "\naccounts { SYS: {} }\nsystem_account: SYS\n");
    }
    if (!topology_.settings.empty()) {
        append(out, "\n", base::join(topology_.settings, "\n"), "\n");
    }
    return out;
}

namespace {

/// What a scenario says against what there is.
class Checker {
public:
    explicit Checker(Scenario const& scenario)
        : scenario_(scenario), plan_(scenario.topology, Addressing::Machines) {}

    Result<void> run() {
        TRY(check_names());
        TRY(check_loads());
        TRY(check_overlap());
        for (std::size_t i = 0; i < scenario_.steps.size(); ++i) {
            Step const& step = scenario_.steps[i];
            Result<void> sound = check_step(step);
            if (sound.ok()) {
                sound = check_undisturbed(i);
            }
            if (!sound.ok()) {
                return Error(Errc::Malformed, step.line == 0 ? sound.error().detail()
                                                             : concat("line ", step.line, ": ",
                                                                      sound.error().detail()));
            }
        }
        return {};
    }

private:
    Result<void> check_names() {
        Topology const& topology = scenario_.topology;
        std::set<std::string> names = {"all"};
        bool twice = false;
        for (ClusterSpec const& cluster : topology.clusters) {
            twice = !names.insert(cluster.name).second || twice;
        }
        for (PlannedServer const& server : plan_.servers()) {
            twice = !names.insert(server.name).second || twice;
        }
        if (twice) {
            return Error(Errc::Malformed, "two clusters, leaf nodes or servers have one name");
        }
        if (plan_.servers().empty() || plan_.servers().size() > kMostServers) {
            return Error(Errc::Malformed, concat("from 1 to ", kMostServers, " servers, not ",
                                                 plan_.servers().size()));
        }
        for (LeafSpec const& leaf : topology.leafs) {
            TRY(check_cluster(leaf.hub));
        }
        for (std::string const& cluster : topology.super_cluster) {
            TRY(check_cluster(cluster));
        }
        if (topology.super_cluster.size() == 1) {
            return Error(Errc::Malformed, "gateways are between two clusters and more");
        }
        for (LinkSpec const& link : topology.links) {
            TRY(plan_.expand({link.a, link.b}));
        }
        return {};
    }

    Result<void> check_cluster(std::string const& name) const {
        auto const& clusters = scenario_.topology.clusters;
        if (std::ranges::find(clusters, name, &ClusterSpec::name) == clusters.end()) {
            return Error(Errc::Malformed, concat("there is no cluster ", name));
        }
        return {};
    }

    Result<void> check_loads() const {
        std::set<std::string> names;
        std::size_t clients = 0;
        for (LoadSpec const& load : scenario_.loads) {
            if (!names.insert(load.name).second) {
                return Error(Errc::Malformed, concat("two loads are called ", load.name));
            }
            if (!load.from.empty()) {
                TRY(plan_.expand(load.from));
            }
            if (!load.to.empty()) {
                TRY(plan_.expand(load.to));
            }
            std::size_t const everywhere =
                scenario_.topology.clusters.size() + scenario_.topology.leafs.size();
            clients += load.from.empty() ? everywhere : load.from.size();
            clients += (load.to.empty() ? everywhere : load.to.size()) * load.workers;
        }
        if (clients > kMostClients) {
            return Error(Errc::Malformed,
                         concat("the loads have more than ", kMostClients, " clients"));
        }
        return {};
    }

    /// Whose message one is has to be plain from its subject.
    Result<void> check_overlap() const {
        for (LoadSpec const& load : scenario_.loads) {
            subject::Filter const filter = TRY(subject::Filter::parse(load.filter));
            for (LoadSpec const& other : scenario_.loads) {
                if (&other == &load) {
                    continue;
                }
                auto const shared = std::ranges::find_if(other.subjects, [&](auto const& subject) {
                    return filter.matches(subject::PublishSubject::from_token(subject));
                });
                if (shared != other.subjects.end()) {
                    return Error(Errc::Malformed, concat("loads ", load.name, " and ", other.name,
                                                         " share the subject ", *shared));
                }
            }
        }
        return {};
    }

    /// Delivery is told of a time in which nothing else is done.
    Result<void> check_undisturbed(std::size_t number) const {
        Step const& step = scenario_.steps[number];
        auto const* expect = std::get_if<Expect>(&step.action);
        if (expect == nullptr || expect->claim != Claim::Delivery) {
            return {};
        }
        for (std::size_t i = number + 1; i < scenario_.steps.size(); ++i) {
            Step const& next = scenario_.steps[i];
            bool const acts = !std::holds_alternative<Expect>(next.action);
            if (acts && next.at < step.at + expect->within + base::seconds(1)) {
                return Error(Errc::Malformed,
                             concat("what is done at ", base::duration_text(next.at),
                                    " comes before this can be told"));
            }
        }
        return {};
    }

    Result<void> check_step(Step const& step) const {
        TRY(std::visit([this](auto const& action) { return check_action(action); }, step.action));
        auto const* expect = std::get_if<Expect>(&step.action);
        if (step.at + (expect == nullptr ? Duration(0) : expect->within) > scenario_.until) {
            return Error(Errc::Malformed,
                         concat("this is after the end, ", base::duration_text(scenario_.until)));
        }
        return {};
    }

    Result<void> known(Places const& places) const {
        TRY(plan_.expand(places));
        return {};
    }
    Result<void> check_action(Cut const& cut) const {
        std::vector<std::size_t> const a = TRY(plan_.expand(cut.a));
        std::vector<std::size_t> const b = TRY(plan_.expand(cut.b));
        for (std::size_t const server : a) {
            if (std::ranges::find(b, server) != b.end()) {
                return Error(Errc::Malformed,
                             concat(plan_.servers()[server].name, " is on both sides of the cut"));
            }
        }
        return {};
    }
    Result<void> check_action(Heal const& heal) const {
        return heal.a.empty() ? Result<void>() : check_action(Cut{heal.a, heal.b, false});
    }
    Result<void> check_action(ChangeLink const& change) const {
        return known({change.link.a, change.link.b});
    }
    Result<void> check_action(Break const& broken) const { return known({broken.a, broken.b}); }
    Result<void> check_action(Act const& act) const { return known(act.servers); }
    Result<void> check_action(SetClock const& clock) const { return known(clock.servers); }
    Result<void> check_action(Expect const& expect) const {
        if (expect.server.empty()) {
            return {};
        }
        TRY(plan_.find(expect.server));
        return {};
    }

    Scenario const& scenario_;
    Plan plan_;
};

}  // namespace

Result<void> check(Scenario const& scenario) {
    std::size_t servers = scenario.topology.leafs.size();
    for (ClusterSpec const& cluster : scenario.topology.clusters) {
        servers += cluster.servers;
    }
    // Before a plan is made of it.
    if (servers > kMostServers) {
        return Error(Errc::Malformed,
                     concat("from 1 to ", kMostServers, " servers, not ", servers));
    }
    return Checker(scenario).run();
}

}  // namespace signalbox::host::lab
