#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/config/address.h"
#include "engine/config/keys/peer_rows.h"

#include <algorithm>
#include <array>

namespace signalbox::config {

using C = ClusterOptions;

namespace {

void read_cluster_listen(Key const&, Value const& value, Target& target) {
    if (std::optional<ListenAddress> address = address_of(value, target.problems)) {
        target.as<C>().listen = std::move(*address);
    }
}

void read_cluster_port(Key const& key, Value const& value, Target& target) {
    if (std::optional<int> const port = port_of(key, value, target.problems)) {
        target.as<C>().listen.port = *port;
    }
}

void read_cluster_name(Key const& key, Value const& value, Target& target) {
    std::string& name = target.as<C>().name;
    read_value(key, value, target.problems, name);
    if (name.find(' ') != std::string::npos) {
        target.problems.error(value.position(), "cluster name cannot contain spaces");
    }
}

void read_routes(Key const&, Value const& value, Target& target) {
    std::vector<ServerUrl>& routes = target.as<C>().routes;
    routes.clear();
    auto const* const array = value.as<Value::Array>();
    if (array == nullptr) {
        return target.problems.error(
            value.position(),
            concat("error parsing routes: expected an array, got ", type_name(value)));
    }
    for (Value const& element : *array) {
        add_server_url("route", element, routes, target.problems);
    }
}

void read_pool_size(Key const& key, Value const& value, Target& target) {
    std::int64_t& size = target.as<C>().pool_size;
    read_value(key, value, target.problems, size);
    size = size == 0 ? C{}.pool_size : size;
}

void read_cluster_permissions(Key const& key, Value const& value, Target& target) {
    Target inner = target.of(&target.as<C>());
    read_block(key.inner, value, inner);
}

template <auto Member>
void read_rules(Key const& key, Value const& value, Target& target) {
    (target.as<C>().*Member) = read_subject_rules(key, value, target);
}

void read_login_timeout(Key const& key, Value const& value, Target& target) {
    if (std::optional<Duration> const timeout = read_seconds(key, value, target.problems)) {
        auto& login = target.as<PeerLogin>();
        login.timeout_given = timeout->count() != 0;
        login.timeout = login.timeout_given ? *timeout : PeerLogin{}.timeout;
    }
}

/// What other servers may not be admitted by.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kNotOfServers = {{
    {"users", "Cluster authorization does not allow multiple users"},
    {"token", "Cluster authorization does not support tokens"},
    {"auth_callout", "Cluster authorization does not support callouts"},
}};

/// Told by `check_login`, with the place of the whole block.
void read_refused(Key const&, Value const&, Target&) {}

void check_login(Value const& value, Value::Map const& map, Target& target) {
    for (auto const& [name, text] : kNotOfServers) {
        if (member(Block::PeerLogin, map, name) != nullptr) {
            target.problems.error(value.position(), text);
        }
    }
}

std::optional<CompressionMode> mode_of_word(std::string_view word, CompressionMode on) {
    struct Word {
        std::string_view text;
        CompressionMode mode;
    };
    static constexpr std::array<Word, 16> kWords = {{
        {"not_supported", CompressionMode::NotSupported},
        {"not supported", CompressionMode::NotSupported},
        {"off", CompressionMode::Off},
        {"disabled", CompressionMode::Off},
        {"false", CompressionMode::Off},
        {"accept", CompressionMode::Accept},
        {"s2_fast", CompressionMode::Fast},
        {"fast", CompressionMode::Fast},
        {"s2_better", CompressionMode::Better},
        {"better", CompressionMode::Better},
        {"s2_best", CompressionMode::Best},
        {"best", CompressionMode::Best},
        {"s2_auto", CompressionMode::Auto},
        {"auto", CompressionMode::Auto},
        {"s2_uncompressed", CompressionMode::Uncompressed},
        {"uncompressed", CompressionMode::Uncompressed},
    }};
    std::string const lower = base::to_lower(word);
    if (lower == "on" || lower == "enabled" || lower == "true") {
        return on;
    }
    auto const found = std::ranges::find(kWords, std::string_view(lower), &Word::text);
    return found == kWords.end() ? std::nullopt : std::optional(found->mode);
}

void read_mode(Value const& value, CompressionMode on, CompressionOptions& into,
               Problems& problems) {
    if (auto const* yes = value.as<bool>()) {
        into.mode = *yes ? on : CompressionMode::Off;
        return;
    }
    auto const* word = value.as<std::string>();
    if (word == nullptr) {
        return problems.error(value.position(),
                              concat("field \"compression\" should be a boolean or a structure, "
                                     "got ",
                                     type_name(value)));
    }
    std::optional<CompressionMode> const mode = mode_of_word(*word, on);
    if (!mode) {
        return problems.error(value.position(),
                              concat("unsupported compression mode ", base::quoted(*word)));
    }
    into.mode = *mode;
}

void read_block_mode(Key const&, Value const& value, Target& target) {
    read_mode(value, CompressionMode::Fast, target.as<CompressionOptions>(), target.problems);
}

void read_thresholds(Key const& key, Value const& value, Target& target) {
    auto& thresholds = target.as<CompressionOptions>().rtt_thresholds;
    auto const* const array = value.as<Value::Array>();
    if (array == nullptr || array->empty() || array->size() > 4) {
        return target.problems.error(value.position(),
                                     "expected an array of one to four round-trip times");
    }
    std::vector<Duration> found;
    Duration highest{0};
    for (Value const& element : *array) {
        Duration one{0};
        read_value(key, element, target.problems, one);
        bool const in_order = one.count() == 0 || one > highest;
        if (one.count() < 0 || !in_order) {
            return target.problems.error(element.position(),
                                         "round-trip times must be in ascending order");
        }
        highest = std::max(highest, one);
        found.push_back(one);
    }
    thresholds = std::move(found);
}

constexpr Key kCluster[] = {
    special(nested<&C::name>("name",
                             "The name all its servers have; one is made up, or taken "
                             "from the others, when none is given."),
            read_cluster_name),
    row("listen", KeyType::Address,
        "Where other servers connect: a port, or host:port. Port -1 asks for any free one.",
        read_cluster_listen),
    nested<&C::listen, &ListenAddress::host>("host net", "The host of `listen` alone."),
    special(nested<&C::listen, &ListenAddress::port>("port", "The port of `listen` alone."),
            read_cluster_port),
    block(described<&C::login>("authorization", kApplied, "", "Who other servers have to be."),
          Block::PeerLogin, read_block_member<&C::login>),
    row("routes", KeyType::Strings,
        "Where other servers are reached: `nats-route://user:password@host:port`. One is enough, "
        "for it tells of the others.",
        read_routes),
    block(described<&C::tls>("tls", kApplied, "", "TLS between the servers."), Block::Tls,
          read_block_member<&C::tls>),
    nested<&C::advertise>("cluster_advertise advertise",
                          "The host[:port] that other servers are told instead of `listen`."),
    nested<&C::no_advertise>("no_advertise", "Clients are not told where the other servers are."),
    amount_of<&C::connect_retries>("connect_retries",
                                   "How often a server that others told of is tried again."),
    nested<&C::connect_backoff>("connect_backoff",
                                "The time between two attempts doubles each time, up to 30s."),
    block(row("permissions", KeyType::Block, "What is taken from the others and given to them.",
              nullptr),
          Block::ClusterPermissions, read_cluster_permissions),
    special(nested<&C::pool_size>("pool_size",
                                  "Connections to each server, which the accounts share out "
                                  "among themselves; -1 is one for everything."),
            read_pool_size),
    nested<&C::accounts>("accounts", "Accounts that have a connection of their own."),
    block(described<&C::compression>("compression", kApplied, "",
                                     "`off`, `accept`, `s2_fast`, `s2_better`, `s2_best`, "
                                     "`s2_auto`, or a block."),
          Block::Compression, read_compression<&C::compression>, "text or boolean"),
    nested<&C::times, &PeerTimes::ping_interval>("ping_interval",
                                                 "The time between two PINGs, at most 30s."),
    amount_of<&C::times, &PeerTimes::ping_max>(
        "ping_max", "PINGs without an answer before a server counts as gone."),
    nested<&C::times, &PeerTimes::write_deadline>("write_deadline",
                                                  "How long a server may take nothing."),
    with_choices(nested<&C::times, &PeerTimes::write_timeout>(
                     "write_timeout",
                     "What becomes of one that takes nothing for so long: "
                     "`close`, or `retry`, which is the default."),
                 "default close retry"),
};

constexpr Key kPeerLogin[] = {
    nested<&PeerLogin::user>("user username", "The name they have to say."),
    nested<&PeerLogin::password>("password pass", "The password, or its bcrypt hash."),
    special(nested<&PeerLogin::timeout>("timeout", "How long they may take to say so."),
            read_login_timeout, KeyType::Seconds),
    row("users", KeyType::Strings, "Refused: servers are one user.", read_refused),
    row("token", KeyType::Secret, "Refused: servers have names and passwords.", read_refused),
    row("auth_callout", KeyType::Strings, "Refused: servers are not asked about.", read_refused),
};

constexpr Key kClusterPermissions[] = {
    block(row("import publish pub", KeyType::Block,
              "What is taken from the others; all when not "
              "given.",
              nullptr),
          Block::SubjectRules, read_rules<&C::imports>, "text or array of texts"),
    block(row("export subscribe sub", KeyType::Block, "What they may have; all when not given.",
              nullptr),
          Block::SubjectRules, read_rules<&C::exports>, "text or array of texts"),
};

constexpr Key kCompression[] = {
    row("mode", KeyType::String, "As `compression` itself.", read_block_mode),
    row("rtt_thresholds thresholds rtts rtt", KeyType::Strings,
        "Of `s2_auto`: up to the first round-trip time nothing is compressed, up to the second "
        "fast, up to the third better, above best.",
        read_thresholds),
};

}  // namespace

void add_server_url(std::string_view what, Value const& value, std::vector<ServerUrl>& out,
                    Problems& problems) {
    auto const* const text = value.as<std::string>();
    if (text == nullptr) {
        return wrong_type(value, "string", problems);
    }
    Result<ServerUrl> url = ServerUrl::parse(*text);
    if (!url.ok()) {
        return problems.error(value.position(),
                              concat("error parsing ", what, " url [", base::quoted(*text), "]"));
    }
    bool const twice = std::ranges::find(out, url.value()) != out.end();
    if (twice) {
        return problems.warning(value.position(), what,
                                concat("duplicate ", what, " url ", url.value().shown()));
    }
    out.push_back(std::move(url).value());
}

void read_server_urls(std::string_view what, Key const& key, Value const& value,
                      std::vector<ServerUrl>& out, Problems& problems) {
    auto const* const array = value.as<Value::Array>();
    if (array == nullptr) {
        return problems.error(
            value.position(),
            concat("Expected ", key.name(), " field to be an array, got ", type_name(value)));
    }
    for (Value const& element : *array) {
        add_server_url(what, element, out, problems);
    }
}

void read_compression_value(Key const& key, Value const& value, CompressionMode on,
                            CompressionOptions& into, Target& target) {
    if (value.as<Value::Map>() == nullptr) {
        read_mode(value, on, into, target.problems);
        return;
    }
    into.mode = on;
    Target inner = target.of(&into);
    read_block(key.inner, value, inner);
}

void read_cluster(Key const& key, Value const& value, Target& target) {
    target.options.cluster = {};
    Target inner = target.of(&target.options.cluster);
    inner.between_servers = true;
    read_block(key.inner, value, inner);
}

/// It changes with the servers' listener, which does not.
bool keeps_cluster_place(Options const& old, Options const& now) {
    C const& a = old.cluster;
    C const& b = now.cluster;
    return a.listen == b.listen && a.name == b.name;
}

std::string print_cluster(Options const& options) {
    C const& cluster = options.cluster;
    std::string out = concat("{name=", cluster.name, " listen=", cluster.listen.host, ":",
                             cluster.listen.port, " routes=[");
    for (ServerUrl const& route : cluster.routes) {
        append(out, out.ends_with('[') ? "" : " ", route.shown());
    }
    append(out, "] pool_size=", cluster.pool_size,
           " compression=", name_of(cluster.compression.mode), "}");
    return out;
}

bool same_cluster(Options const& a, Options const& b) {
    return a.cluster == b.cluster;
}

BlockSpec cluster_spec() {
    return {.path = "cluster",
            .about =
                "The servers that are one with this one: clients of any of them reach those "
                "of all.",
            .example =
                "cluster {\n"
                "  name: east\n"
                "  listen: \"0.0.0.0:6222\"\n"
                "  authorization { user: route, password: $ROUTE_PASSWORD }\n"
                "  routes: [ \"nats-route://route:secret@server-1:6222\" ]\n"
                "  compression: s2_auto\n"
                "}",
            .keys = kCluster,
            .not_a_map = [](Value const& value) {
                return concat("Expected map to define cluster, got ", type_name(value));
            }};
}

BlockSpec peer_login_spec() {
    return {.path = "cluster.authorization",
            .about = "Who other servers have to be.",
            .example = "authorization { user: route, password: $ROUTE_PASSWORD, timeout: 1 }",
            .keys = kPeerLogin,
            .not_a_map = plain_not_a_map,
            .check = check_login};
}

BlockSpec cluster_permissions_spec() {
    return {.path = "cluster.permissions",
            .about = "Which subjects pass between the servers.",
            .example =
                "permissions {\n"
                "  import { deny: \"local.>\" }\n"
                "  export: [ \"orders.>\", \"_INBOX.>\" ]\n"
                "}",
            .keys = kClusterPermissions,
            .not_a_map = plain_not_a_map};
}

BlockSpec compression_spec() {
    return {.path = "compression",
            .about = "Whether what servers say to each other is compressed.",
            .example = "compression { mode: s2_auto, rtt_thresholds: [10ms, 50ms, 100ms] }",
            .keys = kCompression,
            .not_a_map = plain_not_a_map};
}

}  // namespace signalbox::config
