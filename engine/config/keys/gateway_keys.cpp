#include "engine/base/text.h"
#include "engine/config/keys/peer_rows.h"
#include "engine/config/validate.h"

namespace signalbox::config {
namespace {

using G = GatewayOptions;
using R = RemoteGatewayOptions;

void read_name(Key const& key, Value const& value, Target& target) {
    std::string name;
    read_value(key, value, target.problems, name);
    if (name.find_first_of(" \t\r\n") != std::string::npos) {
        return target.problems.error(value.position(), "gateway name cannot contain spaces");
    }
    target.as<G>().name = name;
}

void read_gateway_url(Key const&, Value const& value, Target& target) {
    add_server_url("gateway", value, target.as<R>().urls, target.problems);
}

void read_gateway_urls(Key const& key, Value const& value, Target& target) {
    read_server_urls("gateway", key, value, target.as<R>().urls, target.problems);
}

constexpr Key kGateway[] = {
    row("name", KeyType::String, "The name of this cluster.", read_name),
    row("listen", KeyType::Address,
        "Where other clusters connect: a port, or host:port. Port -1 asks for any free one.",
        read_listen<&G::listen>),
    nested<&G::listen, &ListenAddress::host>("host net", "The host of `listen` alone."),
    special(nested<&G::listen, &ListenAddress::port>("port", "The port of `listen` alone."),
            read_listen_port<&G::listen>),
    block(row("authorization", KeyType::Block, "What servers of other clusters have to show.",
              nullptr),
          Block::PeerLogin, read_block_member<&G::login>),
    block(row("tls", KeyType::Block, "TLS with other clusters, both ways.", nullptr), Block::Tls,
          read_block_member<&G::tls>),
    nested<&G::advertise>("advertise", "The host[:port] that other clusters are told."),
    amount_of<&G::connect_retries>("connect_retries",
                                   "How often a cluster that others told of is dialled again."),
    nested<&G::connect_backoff>("connect_backoff",
                                "Each attempt waits twice as long as the last, up to 30s."),
    nested<&G::reject_unknown>("reject_unknown reject_unknown_cluster",
                               "Clusters that `gateways` does not name are refused."),
    nested<&G::times, &PeerTimes::write_deadline>("write_deadline",
                                                  "How long a server may take nothing."),
    with_choices(nested<&G::times, &PeerTimes::write_timeout>(
                     "write_timeout",
                     "What becomes of one that takes nothing for so long: `close`, or `retry`, "
                     "which is the default."),
                 "default close retry"),
    blocks(row("gateways", KeyType::Blocks,
               "The clusters; this one may be among them, so that all can have the same list.",
               nullptr),
           Block::RemoteGateway, read_blocks_member<&G::gateways>),
};

constexpr Key kRemote[] = {
    nested<&R::name>("name", "The cluster's name."),
    row("url", KeyType::String, "Where one of its servers listens.", read_gateway_url),
    row("urls", KeyType::Strings, "Where several of them listen.", read_gateway_urls),
    block(
        row("tls", KeyType::Block, "TLS with it; that of the whole block when not given.", nullptr),
        Block::Tls, read_block_member<&R::tls>),
};

Error invalid(std::string text) {
    return Error(Errc::InvalidArgument, std::move(text));
}

}  // namespace

Result<void> check_gateway(Options const& options) {
    GatewayOptions const& gateway = options.gateway;
    bool const given = gateway.listen.port != 0 || !gateway.gateways.empty();
    if (gateway.name.empty()) {
        return given ? Result<void>(invalid("gateway has no name")) : Result<void>();
    }
    if (gateway.listen.port == 0) {
        return invalid(concat("gateway ", base::quoted(gateway.name),
                              " has no port specified (select -1 for random port)"));
    }
    for (std::size_t i = 0; i < gateway.gateways.size(); ++i) {
        RemoteGatewayOptions const& remote = gateway.gateways[i];
        if (remote.name.empty()) {
            return invalid(concat("gateway in the list ", i, " has no name"));
        }
        if (remote.urls.empty()) {
            return invalid(concat("gateway ", base::quoted(remote.name), " has no URL"));
        }
    }
    if (!is_advertisable(gateway.advertise)) {
        return invalid(concat("gateway advertise ", base::quoted(gateway.advertise),
                              " is not a host or host:port"));
    }
    std::string const& cluster = options.cluster.name;
    if (!cluster.empty() && cluster != gateway.name) {
        return invalid("cluster name conflicts between cluster and gateway definitions");
    }
    if (options.leaf.enabled() && options.system_account.empty()) {
        return invalid(
            "leaf nodes and gateways (both being defined) require a system account to also be "
            "configured");
    }
    return {};
}

/// Only what TLS goes by may change.
bool keeps_gateways(Options const& old, Options const& now) {
    G changed = old.gateway;
    changed.tls = now.gateway.tls;
    return changed == now.gateway && old.gateway.tls.has_value() == now.gateway.tls.has_value();
}

void read_gateway(Key const& key, Value const& value, Target& target) {
    target.options.gateway = {};
    Target inner = target.of(&target.options.gateway);
    inner.between_servers = true;
    read_block(key.inner, value, inner);
}

std::string print_gateway(Options const& options) {
    G const& gateway = options.gateway;
    return gateway.enabled() ? concat("{name=", gateway.name, " listen=", gateway.listen.host, ":",
                                      gateway.listen.port, "}")
                             : "";
}

bool same_gateway(Options const& a, Options const& b) {
    return a.gateway == b.gateway;
}

BlockSpec gateway_spec() {
    return {.path = "gateway",
            .about = "Connections with other clusters, which hear what they ask for.",
            .example =
                "gateway {\n"
                "  name: EAST\n"
                "  listen: \"0.0.0.0:7222\"\n"
                "  gateways: [\n"
                "    { name: EAST, url: \"nats://east.example.com:7222\" }\n"
                "    { name: WEST, urls: [ \"nats://west-1.example.com:7222\" ] }\n"
                "  ]\n"
                "}",
            .keys = kGateway,
            .not_a_map = [](Value const& value) {
                return concat("Expected gateway to be a map, got ", type_name(value));
            }};
}

BlockSpec remote_gateway_spec() {
    return {.path = "gateway.gateways[]",
            .about = "Another cluster.",
            .example = "gateways: [ { name: WEST, url: \"nats://west.example.com:7222\" } ]",
            .keys = kRemote,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected gateway entry to be a map/struct, got ", shown(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("Expected gateways field to be an array, got ", type_name(value));
                }};
}

}  // namespace signalbox::config
