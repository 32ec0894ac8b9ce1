#include "engine/host/remote_documents.h"

#include "engine/base/duration_text.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace signalbox::host {

namespace {

/// Entries of one document that are read; a server sends no more than it was asked for.
constexpr std::size_t kMostEntries = 65'536;

std::string text_of(Json const& object, std::string_view name) {
    Json const* const member = object.find(name);
    std::string const* const text = member == nullptr ? nullptr : member->as_text();
    return text == nullptr ? std::string() : *text;
}

std::uint64_t count_of(Json const& object, std::string_view name) {
    Json const* const member = object.find(name);
    std::int64_t const number = member == nullptr ? 0 : member->as_int().value_or(0);
    return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

std::uint16_t port_of(Json const& object, std::string_view name) {
    std::uint64_t const number = count_of(object, name);
    return number > 65'535 ? std::uint16_t{0} : static_cast<std::uint16_t>(number);
}

bool flag_of(Json const& object, std::string_view name) {
    Json const* const member = object.find(name);
    bool const* const flag = member == nullptr ? nullptr : member->as_bool();
    return flag != nullptr && *flag;
}

WallTime time_of(Json const& object, std::string_view name) {
    return parse_rfc3339(text_of(object, name)).value_or(WallTime());
}

TrafficTotals traffic_of(Json const& object) {
    return {.in_msgs = count_of(object, "in_msgs"),
            .in_bytes = count_of(object, "in_bytes"),
            .out_msgs = count_of(object, "out_msgs"),
            .out_bytes = count_of(object, "out_bytes")};
}

/// `{"msgs":…,"bytes":…}` under that name.
std::pair<std::uint64_t, std::uint64_t> volume_of(Json const& object, std::string_view name) {
    Json const* const member = object.find(name);
    return member == nullptr ? std::pair<std::uint64_t, std::uint64_t>()
                             : std::pair(count_of(*member, "msgs"), count_of(*member, "bytes"));
}

Duration duration_of(Json const& object, std::string_view name) {
    return base::parse_duration(text_of(object, name)).value_or(Duration(0));
}

ConnectionFigures connection_of(Json const& object) {
    ConnectionFigures figures;
    observe::ConnectionIdentity& who = figures.identity;
    who.cid = count_of(object, "cid");
    who.kind = text_of(object, "kind");
    if (who.kind.empty()) {
        who.kind = "Client";
    }
    who.ip = text_of(object, "ip");
    who.port = port_of(object, "port");
    who.name = text_of(object, "name");
    who.lang = text_of(object, "lang");
    who.version = text_of(object, "version");
    who.account = text_of(object, "account");
    who.user = text_of(object, "authorized_user");
    who.start = time_of(object, "start");
    figures.traffic = traffic_of(object);
    figures.pending_bytes = count_of(object, "pending_bytes");
    figures.subscriptions = count_of(object, "subscriptions");
    figures.last_activity = time_of(object, "last_activity");
    figures.rtt = duration_of(object, "rtt");
    figures.stop = time_of(object, "stop");
    figures.reason = text_of(object, "reason");
    return figures;
}

/// Calls `visit` for each object of the array under that name.
template <class Visit>
void for_each_object(Json const& document, std::string_view name, Visit visit) {
    Json const* const member = document.find(name);
    Json::Array const* const entries = member == nullptr ? nullptr : member->as_array();
    if (entries == nullptr) {
        return;
    }
    std::size_t left = kMostEntries;
    for (Json const& entry : *entries) {
        if (left-- == 0) {
            return;
        }
        if (entry.as_object() != nullptr) {
            visit(entry);
        }
    }
}

PeerFigures peer_of(Json const& object, observe::TopologyLinkKind kind) {
    PeerFigures figures;
    figures.kind = kind;
    figures.ip = text_of(object, "ip");
    figures.port = port_of(object, "port");
    figures.traffic = traffic_of(object);
    figures.subscriptions = count_of(object, "subscriptions");
    figures.rtt = duration_of(object, "rtt");
    figures.start = time_of(object, "start");
    return figures;
}

/// One side of a gateway: its connection is described as a client's is.
void add_gateway(std::vector<PeerFigures>& peers, std::string const& cluster, bool inbound,
                 Json const& gateway) {
    Json const* const connection = gateway.find("connection");
    if (connection == nullptr || connection->as_object() == nullptr ||
        peers.size() >= kMostEntries) {
        return;
    }
    PeerFigures figures = peer_of(*connection, observe::TopologyLinkKind::Gateway);
    figures.inbound = inbound;
    figures.peer_cluster = cluster;
    figures.peer_id = text_of(*connection, "name");
    figures.pending_bytes = count_of(*connection, "pending_bytes");
    peers.push_back(std::move(figures));
}

/// Digits at `at`, exactly so many, and moves behind them.
std::optional<int> take_digits(std::string_view text, std::size_t& at, std::size_t count) {
    if (at + count > text.size()) {
        return std::nullopt;
    }
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        char const c = text[at + i];
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        number = number * 10 + (c - '0');
    }
    at += count;
    return number;
}

bool take(std::string_view text, std::size_t& at, char wanted) {
    bool const there = at < text.size() && text[at] == wanted;
    at += there ? 1 : 0;
    return there;
}

/// The six numbers of `2024-01-02T03:04:05`.
std::optional<std::array<int, 6>> take_civil(std::string_view text, std::size_t& at) {
    constexpr std::array<std::size_t, 6> kDigits = {4, 2, 2, 2, 2, 2};
    constexpr std::string_view kBetween = "--T::";
    std::array<int, 6> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::optional<int> const number = take_digits(text, at, kDigits[i]);
        if (!number || (i < kBetween.size() && !take(text, at, kBetween[i]))) {
            return std::nullopt;
        }
        parts[i] = *number;
    }
    return parts;
}

std::int64_t take_nanoseconds(std::string_view text, std::size_t& at) {
    if (!take(text, at, '.')) {
        return 0;
    }
    std::int64_t nanoseconds = 0;
    std::int64_t place = 100'000'000;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        nanoseconds += place * (text[at] - '0');
        place /= 10;
        ++at;
    }
    return nanoseconds;
}

/// `Z`, `+01:00` or `-05:30`, in minutes.
std::optional<int> take_offset(std::string_view text, std::size_t& at) {
    if (take(text, at, 'Z')) {
        return 0;
    }
    bool const east = take(text, at, '+');
    if (!east && !take(text, at, '-')) {
        return std::nullopt;
    }
    std::optional<int> const hours = take_digits(text, at, 2);
    if (!hours || !take(text, at, ':')) {
        return std::nullopt;
    }
    std::optional<int> const minutes = take_digits(text, at, 2);
    if (!minutes) {
        return std::nullopt;
    }
    int const offset = *hours * 60 + *minutes;
    return east ? offset : -offset;
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    std::size_t at = 0;
    std::optional<std::array<int, 6>> const parts = take_civil(text, at);
    if (!parts) {
        return std::nullopt;
    }
    std::int64_t const nanoseconds = take_nanoseconds(text, at);
    std::optional<int> const offset = take_offset(text, at);
    if (!offset || at != text.size()) {
        return std::nullopt;
    }
    auto const& [year, month, day, hour, minute, second] = *parts;
    std::chrono::year_month_day const date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    // What nanoseconds in 64 bits reach: a zero time of the peer's language counts as none.
    if (!date.ok() || year < 1970 || year > 2261 || hour > 23 || minute > 59 || second > 60) {
        return std::nullopt;
    }
    Duration const days = std::chrono::sys_days(date).time_since_epoch();
    return WallTime(days + base::hours(hour) + base::minutes(minute - *offset) +
                    base::seconds(second) + Duration(nanoseconds));
}

Result<ServerFigures> read_varz(Json const& document) {
    ServerFigures figures;
    figures.id = text_of(document, "server_id");
    if (figures.id.empty()) {
        return Error(Errc::Malformed, "no server_id in it");
    }
    figures.name = text_of(document, "server_name");
    figures.version = text_of(document, "version");
    if (Json const* const cluster = document.find("cluster")) {
        figures.cluster = text_of(*cluster, "name");
    }
    figures.host = text_of(document, "host");
    figures.port = port_of(document, "port");
    figures.start = time_of(document, "start");
    figures.now = time_of(document, "now");
    figures.traffic = traffic_of(document);
    figures.connections = count_of(document, "connections");
    figures.total_connections = count_of(document, "total_connections");
    figures.subscriptions = count_of(document, "subscriptions");
    figures.slow_consumers = count_of(document, "slow_consumers");
    figures.stale_connections = count_of(document, "stale_connections");
    figures.max_pending = count_of(document, "max_pending");
    figures.resident_bytes = count_of(document, "mem");
    if (Json const* const cpu = document.find("cpu")) {
        figures.cores = std::max(0.0, cpu->as_double().value_or(0)) / 100;
    }
    return figures;
}

Result<ConnectionsDocument> read_connz(Json const& document) {
    if (document.find("connections") == nullptr) {
        return Error(Errc::Malformed, "no connections in it");
    }
    ConnectionsDocument read;
    read.total = count_of(document, "total");
    read.now = time_of(document, "now");
    for_each_object(document, "connections",
                    [&](Json const& one) { read.connections.push_back(connection_of(one)); });
    return read;
}

Result<SubscriptionsDocument> read_subsz(Json const& document) {
    if (document.find("num_subscriptions") == nullptr) {
        return Error(Errc::Malformed, "no num_subscriptions in it");
    }
    SubscriptionsDocument read;
    read.total = std::max(count_of(document, "total"), count_of(document, "num_subscriptions"));
    for_each_object(document, "subscriptions_list", [&](Json const& one) {
        read.subscriptions.push_back({.account = text_of(one, "account"),
                                      .filter = text_of(one, "subject"),
                                      .cid = count_of(one, "cid")});
    });
    return read;
}

Result<std::vector<AccountFigures>> read_accstatz(Json const& document) {
    if (document.find("account_statz") == nullptr) {
        return Error(Errc::Malformed, "no account_statz in it");
    }
    std::vector<AccountFigures> accounts;
    for_each_object(document, "account_statz", [&](Json const& one) {
        AccountFigures figures;
        figures.name = text_of(one, "acc");
        figures.connections = count_of(one, "conns");
        figures.leaf_nodes = count_of(one, "leafnodes");
        figures.total_connections = count_of(one, "total_conns");
        figures.subscriptions = count_of(one, "num_subscriptions");
        figures.slow_consumers = count_of(one, "slow_consumers");
        std::tie(figures.traffic.in_msgs, figures.traffic.in_bytes) = volume_of(one, "received");
        std::tie(figures.traffic.out_msgs, figures.traffic.out_bytes) = volume_of(one, "sent");
        accounts.push_back(std::move(figures));
    });
    return accounts;
}

Result<std::vector<PeerFigures>> read_routez(Json const& document) {
    if (document.find("num_routes") == nullptr) {
        return Error(Errc::Malformed, "no num_routes in it");
    }
    std::vector<PeerFigures> peers;
    for_each_object(document, "routes", [&](Json const& one) {
        PeerFigures figures = peer_of(one, observe::TopologyLinkKind::Route);
        figures.peer_id = text_of(one, "remote_id");
        figures.peer_name = text_of(one, "remote_name");
        figures.pending_bytes = count_of(one, "pending_size");
        peers.push_back(std::move(figures));
    });
    return peers;
}

Result<std::vector<PeerFigures>> read_gatewayz(Json const& document) {
    if (document.find("server_id") == nullptr) {
        return Error(Errc::Malformed, "no server_id in it");
    }
    std::vector<PeerFigures> peers;
    Json const* const outbound = document.find("outbound_gateways");
    if (outbound != nullptr && outbound->as_object() != nullptr) {
        for (auto const& [cluster, gateway] : *outbound->as_object()) {
            add_gateway(peers, cluster, false, gateway);
        }
    }
    Json const* const inbound = document.find("inbound_gateways");
    if (inbound != nullptr && inbound->as_object() != nullptr) {
        for (auto const& [cluster, gateways] : *inbound->as_object()) {
            Json::Array const* const list = gateways.as_array();
            for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
                add_gateway(peers, cluster, true, (*list)[i]);
            }
        }
    }
    return peers;
}

Result<std::vector<PeerFigures>> read_leafz(Json const& document) {
    if (document.find("leafnodes") == nullptr) {
        return Error(Errc::Malformed, "no leafnodes in it");
    }
    std::vector<PeerFigures> peers;
    for_each_object(document, "leafs", [&](Json const& one) {
        PeerFigures figures = peer_of(one, observe::TopologyLinkKind::Leaf);
        figures.peer_name = text_of(one, "name");
        figures.inbound = !flag_of(one, "is_spoke");
        peers.push_back(std::move(figures));
    });
    return peers;
}

Result<ClientEvent> read_client_event(Json const& document) {
    Json const* const server = document.find("server");
    Json const* const client = document.find("client");
    if (server == nullptr || client == nullptr) {
        return Error(Errc::Malformed, "no server and client in it");
    }
    ClientEvent event;
    event.kind = text_of(document, "type").ends_with(".client_connect")
                     ? ClientEvent::Kind::Connect
                     : ClientEvent::Kind::Disconnect;
    event.server_id = text_of(*server, "id");
    event.time = time_of(document, "timestamp");
    observe::ConnectionIdentity& who = event.identity;
    who.cid = count_of(*client, "id");
    who.kind = text_of(*client, "kind");
    who.ip = text_of(*client, "host");
    who.name = text_of(*client, "name");
    who.lang = text_of(*client, "lang");
    who.version = text_of(*client, "ver");
    who.account = text_of(*client, "acc");
    who.user = text_of(*client, "user");
    who.start = time_of(*client, "start");
    event.reason = text_of(document, "reason");
    // Here `sent` is what the client sent.
    std::tie(event.traffic.in_msgs, event.traffic.in_bytes) = volume_of(document, "sent");
    std::tie(event.traffic.out_msgs, event.traffic.out_bytes) = volume_of(document, "received");
    return event;
}

Result<ServerGreeting> read_greeting(Json const& document) {
    ServerGreeting greeting;
    greeting.id = text_of(document, "server_id");
    if (greeting.id.empty()) {
        return Error(Errc::Malformed, "no server_id in INFO");
    }
    greeting.name = text_of(document, "server_name");
    greeting.version = text_of(document, "version");
    greeting.client_id = count_of(document, "client_id");
    greeting.tls_required = flag_of(document, "tls_required");
    greeting.tls_available = flag_of(document, "tls_available");
    greeting.auth_required = flag_of(document, "auth_required");
    greeting.headers = flag_of(document, "headers");
    return greeting;
}

Result<Json const*> data_of_answer(Json const& json) {
    if (Json const* const error = json.find("error"); error != nullptr && !error->is_null()) {
        std::string const text = text_of(*error, "description");
        return Error(Errc::Unavailable, text.empty() ? "the server answered with an error" : text);
    }
    Json const* const data = json.find("data");
    if (data == nullptr) {
        return Error(Errc::Malformed, "no data in the answer");
    }
    return data;
}

}  // namespace signalbox::host
