#include "engine/host/topology_picture.h"

#include "engine/base/text.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace signalbox::host {

namespace {

using observe::TopologyLink;
using observe::TopologyLinkKind;
using observe::TopologyServer;

double seconds_between(Instant from, Instant to) {
    bool const first = from == Instant();
    return first ? 0 : static_cast<double>((to - from).count()) / 1e9;
}

std::string key_of(PeerFigures const& peer) {
    std::string const& who = peer.peer_id.empty() ? peer.peer_name : peer.peer_id;
    return concat(static_cast<int>(peer.kind), peer.inbound ? " in " : " out ",
                  who.empty() ? concat(peer.ip, ":", peer.port) : who);
}

void add_to(TrafficTotals& sum, TrafficTotals const& one) {
    sum.in_msgs += one.in_msgs;
    sum.in_bytes += one.in_bytes;
    sum.out_msgs += one.out_msgs;
    sum.out_bytes += one.out_bytes;
}

}  // namespace

void TopologyPicture::add(std::uint32_t number, std::string name) {
    Asked& asked = asked_[number];
    asked.name = std::move(name);
    asked.row.name = asked.name;
    asked.row.asked = true;
}

void TopologyPicture::set_fresh(std::uint32_t number, bool fresh) {
    if (auto const found = asked_.find(number); found != asked_.end()) {
        found->second.fresh = fresh;
    }
}

void TopologyPicture::take(std::uint32_t number, ServerFigures const& figures, Instant now) {
    auto const found = asked_.find(number);
    if (found == asked_.end()) {
        return;
    }
    Asked& asked = found->second;
    double const seconds = seconds_between(asked.figures_at, now);
    asked.figures_at = now;
    TopologyServer& row = asked.row;
    row.name = figures.name.empty() ? asked.name : figures.name;
    row.id = figures.id;
    row.cluster = figures.cluster;
    row.version = figures.version;
    row.host = figures.host;
    row.port = figures.port;
    row.in_msgs = asked.rates.in_msgs.look(figures.traffic.in_msgs, seconds);
    row.in_bytes = asked.rates.in_bytes.look(figures.traffic.in_bytes, seconds);
    row.out_msgs = asked.rates.out_msgs.look(figures.traffic.out_msgs, seconds);
    row.out_bytes = asked.rates.out_bytes.look(figures.traffic.out_bytes, seconds);
    row.connections = figures.connections;
    row.subscriptions = figures.subscriptions;
    row.slow_consumers = figures.slow_consumers;
    row.resident_bytes = figures.resident_bytes;
    row.cores = figures.cores;
    row.start = figures.start;
    asked.figures = figures;
}

void TopologyPicture::take(std::uint32_t number, TopologyLinkKind kind,
                           std::vector<PeerFigures> const& peers, Instant now) {
    auto const found = asked_.find(number);
    if (found == asked_.end()) {
        return;
    }
    Asked& asked = found->second;
    auto const place = static_cast<std::size_t>(kind);
    double const seconds = seconds_between(asked.peers_at[place], now);
    asked.peers_at[place] = now;
    std::map<std::string, Peer> sums;
    for (PeerFigures const& one : peers) {
        auto const [sum, first] = sums.try_emplace(key_of(one));
        Peer& peer = sum->second;
        ++peer.connections;
        if (first) {
            peer.figures = one;
            continue;
        }
        add_to(peer.figures.traffic, one.traffic);
        peer.figures.pending_bytes += one.pending_bytes;
        peer.figures.subscriptions += one.subscriptions;
        peer.figures.start = std::min(peer.figures.start, one.start);
        if (one.rtt.count() > 0 && peer.figures.rtt.count() > 0) {
            peer.figures.rtt = std::min(peer.figures.rtt, one.rtt);
        } else {
            peer.figures.rtt = std::max(peer.figures.rtt, one.rtt);
        }
    }
    asked.peers[place].clear();
    for (auto& [key, peer] : sums) {
        TrafficRates& rates = asked.peer_rates[key];
        TrafficTotals const& totals = peer.figures.traffic;
        peer.rates = {rates.out_msgs.look(totals.out_msgs, seconds),
                      rates.out_bytes.look(totals.out_bytes, seconds),
                      rates.in_msgs.look(totals.in_msgs, seconds),
                      rates.in_bytes.look(totals.in_bytes, seconds)};
        asked.peers[place].push_back(std::move(peer));
    }
}

void TopologyPicture::take(std::uint32_t number, ConnectionsDocument const& document, Instant now) {
    auto const found = asked_.find(number);
    if (found == asked_.end()) {
        return;
    }
    Asked& asked = found->second;
    double const seconds = seconds_between(asked.clients_at, now);
    asked.clients_at = now;
    std::map<std::string, Group> groups;
    for (ConnectionFigures const& one : document.connections) {
        // Leaf nodes are listed among them.
        if (one.identity.kind != "Client" && !one.identity.kind.empty()) {
            continue;
        }
        Group& group = groups[one.identity.name];
        ++group.row.count;
        group.row.pending_bytes += one.pending_bytes;
        std::uint64_t const most = asked.figures.max_pending;
        group.row.slow += most > 0 && one.pending_bytes > most / 2 ? 1 : 0;
        add_to(group.traffic, one.traffic);
    }
    asked.clients.clear();
    for (auto& [name, group] : groups) {
        TrafficRates& rates = asked.group_rates[name];
        group.row.name = name;
        group.row.in_msgs_per_second =
            rates.in_msgs.look(group.traffic.in_msgs, seconds).per_second;
        group.row.out_msgs_per_second =
            rates.out_msgs.look(group.traffic.out_msgs, seconds).per_second;
        asked.clients.push_back(std::move(group.row));
    }
    std::uint64_t const listed = document.connections.size();
    asked.unlisted = document.total > listed ? document.total - listed : 0;
}

/// Puts one topology together.
class TopologyPicture::Maker {
public:
    explicit Maker(std::map<std::uint32_t, Asked> const& asked) : asked_(asked) {
        for (auto const& [number, one] : asked) {
            if (!one.row.id.empty()) {
                names_[one.row.id] = one.row.name;
            }
            servers_[one.row.name] = one.row;
            servers_[one.row.name].answered = one.fresh;
        }
    }

    observe::TopologyPtr make() {
        auto topology = std::make_shared<observe::Topology>();
        for (auto const& [number, one] : asked_) {
            if (!one.fresh) {
                continue;
            }
            for (std::vector<Peer> const& peers : one.peers) {
                for (Peer const& peer : peers) {
                    add_link(one.row, peer);
                }
            }
            topology->clients_unlisted += one.unlisted;
            for (observe::TopologyClients row : one.clients) {
                row.server = one.row.name;
                topology->clients.push_back(std::move(row));
            }
        }
        for (auto& [key, link] : links_) {
            topology->links.push_back(std::move(link));
        }
        for (auto& [name, server] : servers_) {
            topology->servers.push_back(std::move(server));
        }
        std::ranges::stable_sort(topology->servers, [](auto const& a, auto const& b) {
            return std::tie(a.cluster, a.name) < std::tie(b.cluster, b.name);
        });
        return topology;
    }

private:
    using Key = std::tuple<TopologyLinkKind, std::string, std::string>;

    std::string peer_name(TopologyServer const& by, PeerFigures const& peer) {
        auto const known = names_.find(peer.peer_id);
        std::string name = known != names_.end() ? known->second : peer.peer_name;
        if (name.empty() && !peer.peer_cluster.empty()) {
            name = concat(peer.peer_cluster, " (", peer.ip, ":", peer.port, ")");
        } else if (name.empty()) {
            name = concat(peer.ip, ":", peer.port);
        }
        auto const [server, fresh] = servers_.try_emplace(name);
        if (fresh) {
            // Only heard of: of the reporter's cluster when there is a route to it.
            server->second.name = name;
            server->second.id = peer.peer_id;
            server->second.host = peer.ip;
            server->second.cluster =
                peer.kind == TopologyLinkKind::Route ? by.cluster : peer.peer_cluster;
        }
        return name;
    }

    void add_link(TopologyServer const& by, Peer const& peer) {
        std::string const other = peer_name(by, peer.figures);
        bool const route = peer.figures.kind == TopologyLinkKind::Route;
        bool const by_first = route ? by.name < other : !peer.figures.inbound;
        Key const key{peer.figures.kind, by_first ? by.name : other, by_first ? other : by.name};
        auto const [found, first] = links_.try_emplace(key);
        TopologyLink& link = found->second;
        link.pending_bytes += peer.figures.pending_bytes;
        if (!first) {
            // The other end has said all this; only what it does not know is added.
            link.rtt = link.rtt.count() > 0 ? link.rtt : peer.figures.rtt;
            return;
        }
        std::tie(link.kind, link.from, link.to) = key;
        link.connections = peer.connections;
        link.subscriptions = peer.figures.subscriptions;
        link.rtt = peer.figures.rtt;
        link.start = peer.figures.start;
        auto const& [out_msgs, out_bytes, in_msgs, in_bytes] = peer.rates;
        link.forth_msgs = by_first ? out_msgs : in_msgs;
        link.forth_bytes = by_first ? out_bytes : in_bytes;
        link.back_msgs = by_first ? in_msgs : out_msgs;
        link.back_bytes = by_first ? in_bytes : out_bytes;
    }

    std::map<std::uint32_t, Asked> const& asked_;
    std::map<std::string, std::string> names_;  ///< By id.
    std::map<std::string, TopologyServer> servers_;
    std::map<Key, TopologyLink> links_;
};

observe::TopologyPtr TopologyPicture::make() const {
    return Maker(asked_).make();
}

}  // namespace signalbox::host
