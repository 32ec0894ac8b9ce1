#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/config/keys/peer_rows.h"
#include "engine/config/validate.h"
#include "engine/crypto/key_pair.h"
#include "engine/crypto/nkey.h"

#include <algorithm>
#include <array>

namespace signalbox::config {
namespace {

using L = LeafOptions;
using A = LeafAuthorization;
using R = LeafRemoteOptions;

/// The three numbers of `2.10.3`; nothing: it is no such text.
std::optional<std::array<std::uint64_t, 3>> version_of(std::string_view text) {
    if (text.starts_with('v')) {
        text.remove_prefix(1);
    }
    std::vector<std::string_view> const parts =
        base::split(text.substr(0, text.find_first_of("-+")), '.');
    if (parts.size() != 3) {
        return std::nullopt;
    }
    std::array<std::uint64_t, 3> version{};
    for (std::size_t i = 0; i < 3; ++i) {
        auto const number = base::parse_uint(parts[i]);
        if (!number) {
            return std::nullopt;
        }
        version[i] = *number;
    }
    return version;
}

void read_min_version(Key const& key, Value const& value, Target& target) {
    std::string text;
    std::size_t const before = target.problems.errors.size();
    read_value(key, value, target.problems, text);
    if (target.problems.errors.size() != before) {
        return;
    }
    auto const version = version_of(text);
    if (!version) {
        return target.problems.error(value.position(),
                                     "invalid leafnode's minimum version: invalid semver");
    }
    if (*version < std::array<std::uint64_t, 3>{2, 8, 0}) {
        return target.problems.error(value.position(),
                                     "the minimum version should be at least 2.8.0");
    }
    target.as<L>().min_version = text;
}

void read_leaf_nkey(Key const& key, Value const& value, Target& target) {
    std::string text;
    std::size_t const before = target.problems.errors.size();
    read_value(key, value, target.problems, text);
    if (target.problems.errors.size() != before) {
        return;
    }
    if (!crypto::is_public_nkey(text, crypto::NkeyKind::User)) {
        return target.problems.error(value.position(),
                                     "Not a valid public nkey for leafnode authorization");
    }
    target.as<A>().nkey = text;
}

void read_leaf_timeout(Key const& key, Value const& value, Target& target) {
    if (std::optional<Duration> const timeout = read_seconds(key, value, target.problems)) {
        auto& authorization = target.as<A>();
        authorization.timeout_given = timeout->count() != 0;
        authorization.timeout = authorization.timeout_given ? *timeout : A{}.timeout;
    }
}

void check_leaf_authorization(Value const& value, Value::Map const&, Target& target) {
    auto const& authorization = target.as<A>();
    if (authorization.users.empty()) {
        return;
    }
    if (!authorization.user.empty() || !authorization.nkey.empty()) {
        return target.problems.error(value.position(),
                                     "can not have a single user/pass and a users array");
    }
    std::set<std::string_view> names;
    for (LeafUser const& user : authorization.users) {
        if (!names.insert(user.name).second) {
            target.problems.error(value.position(),
                                  concat("duplicate user ", base::quoted(user.name),
                                         " detected in leafnode authorization"));
        }
    }
}

void read_remote_url(Key const&, Value const& value, Target& target) {
    add_server_url("leafnode", value, target.as<R>().urls, target.problems);
}

void read_remote_urls(Key const& key, Value const& value, Target& target) {
    read_server_urls("leafnode", key, value, target.as<R>().urls, target.problems);
}

void read_seed(Key const&, Value const& value, Target& target) {
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        return wrong_type(value, "string", target.problems);
    }
    if (!crypto::KeyPair::from_seed(*text).ok()) {
        return target.problems.error(value.position(), "Remote leafnode nkey is not a valid seed");
    }
    target.as<R>().nkey = crypto::Secret(*text);
}

template <auto Path>
void read_denied(Key const&, Value const& value, Target& target) {
    at<Path>(target.as<R>()) = permission_subjects(value, false, target.problems);
}

void check_remote(Value const& value, Value::Map const&, Target& target) {
    auto const& remote = target.as<R>();
    Position const& at = value.position();
    if (!remote.credentials.empty() && !remote.nkey.empty()) {
        target.problems.error(at, "Remote leafnode can not have both creds and nkey defined");
    }
    if (remote.urls.empty()) {
        target.problems.error(at, "Remote leafnode has no url");
    }
    for (ServerUrl const& url : remote.urls) {
        if (url.scheme == "ws" || url.scheme == "wss") {
            target.problems.error(at, concat("remote leafnode ", base::quoted(url.shown()),
                                             " belongs to WebSocket, which is not part of this "
                                             "build yet"));
        }
    }
}

std::string urls_of(R const& remote) {
    std::vector<std::string> texts;
    for (ServerUrl const& url : remote.urls) {
        texts.push_back(base::quoted(url.shown()));
    }
    return text_of(texts);
}

/// Two ways to the same servers for one account would be a loop.
void check_leafnodes(Value const& value, Value::Map const&, Target& target) {
    std::set<std::pair<std::string, std::string_view>> seen;
    for (R const& remote : target.as<L>().remotes) {
        if (!seen.emplace(urls_of(remote), remote.local_account()).second) {
            target.problems.error(value.position(),
                                  concat("duplicate remote urls=", urls_of(remote),
                                         ", account=", base::quoted(remote.local_account())));
        }
    }
}

constexpr Key compression(std::string_view about, Key::Read read) {
    Key one = block(row("compression", KeyType::Block, about, nullptr), Block::Compression, read,
                    "text or boolean");
    one.by_default = [] { return std::string(name_of(L{}.compression.mode)); };
    return one;
}

constexpr Key kLeafNodes[] = {
    row("listen", KeyType::Address,
        "Where leaf nodes connect: a port, or host:port. Port -1 asks for any free one. Without it "
        "none can.",
        read_listen<&L::listen>),
    nested<&L::listen, &ListenAddress::host>("host net", "The host of `listen` alone."),
    special(nested<&L::listen, &ListenAddress::port>("port", "The port of `listen` alone."),
            read_listen_port<&L::listen>),
    nested<&L::advertise>("leafnode_advertise advertise",
                          "The host[:port] that leaf nodes are told instead of `listen`."),
    nested<&L::no_advertise>("no_advertise",
                             "Leaf nodes are not told of other servers of this cluster."),
    block(row("authorization", KeyType::Block,
              "Who may attach a leaf node. Without it leaf nodes show what clients show.", nullptr),
          Block::LeafAuthorization, read_block_member<&L::authorization>),
    block(row("tls", KeyType::Block, "TLS for leaf nodes.", nullptr), Block::Tls,
          read_block_member<&L::tls>),
    row("min_version minimum_version", KeyType::String,
        "The oldest version of a leaf node that is let in, from 2.8.0.", read_min_version),
    compression("How connections with leaf nodes are compressed: `off`, `accept`, `s2_fast`, "
                "`s2_better`, `s2_best`, `s2_auto`, or a block.",
                read_compression<&L::compression, CompressionMode::Auto>),
    nested<&L::isolate>("isolate_leafnode_interest isolate",
                        "Leaf nodes are not told what other leaf nodes listen to."),
    nested<&L::times, &PeerTimes::write_deadline>("write_deadline",
                                                  "How long a leaf node may take nothing."),
    with_choices(nested<&L::times, &PeerTimes::write_timeout>(
                     "write_timeout",
                     "What becomes of one that takes nothing for so long: `close`, or `retry`, "
                     "which is the default."),
                 "default close retry"),
    blocks(
        row("remotes", KeyType::Blocks, "The servers that this one attaches itself to.", nullptr),
        Block::LeafRemote, read_blocks_member<&L::remotes>),
    nested<&L::reconnect>("reconnect reconnect_delay reconnect_interval",
                          "How long after a connection was lost it is dialled again."),
    nested<&L::dial_timeout>("dial_timeout", "How long connecting may take."),
};

constexpr Key kLeafAuthorization[] = {
    nested<&A::user>("user username", "The only user."),
    nested<&A::password>("password pass", "The only user's password, or its bcrypt hash."),
    row("nkey", KeyType::String, "The only user's public nkey, in place of a name.",
        read_leaf_nkey),
    nested<&A::account>("account", "The account that leaf nodes are attached to; `$G` by default."),
    blocks(row("users", KeyType::Blocks, "Those who may attach a leaf node.", nullptr),
           Block::LeafUser, read_blocks_member<&A::users>),
    nested<&A::proxy_required>("proxy_required",
                               "Leaf nodes come in only through a trusted proxy."),
    special(nested<&A::timeout>("timeout", "How long a leaf node may take to say who it is."),
            read_leaf_timeout, KeyType::Seconds),
};

constexpr Key kLeafUser[] = {
    nested<&LeafUser::name>("user username", "The user's name."),
    nested<&LeafUser::password>("password pass", "The password, or its bcrypt hash."),
    nested<&LeafUser::account>("account", "The account it is attached to; `$G` by default."),
    nested<&LeafUser::proxy_required>("proxy_required",
                                      "It comes in only through a trusted proxy."),
};

constexpr Key kLeafRemote[] = {
    row("url", KeyType::String,
        "Where: `nats-leaf://`, `nats://` or `tls://`, port 7422 when none "
        "is given, with user and password before the host.",
        read_remote_url),
    row("urls", KeyType::Strings, "Several servers of one cluster.", read_remote_urls),
    nested<&R::no_randomize>("no_randomize dont_randomize",
                             "They are tried in the order they are written."),
    nested<&R::account>("account local", "The account here that is attached; `$G` by default."),
    nested<&R::credentials>("credentials creds", "A file with a user's JWT and seed."),
    row("nkey seed", KeyType::Secret, "The seed of a user's nkey.", read_seed),
    block(row("tls", KeyType::Block, "How the connection is encrypted.", nullptr), Block::Tls,
          read_block_member<&R::tls>),
    nested<&R::hub>("hub", "This server is the hub, the other one the leaf node."),
    row("deny_imports deny_import", KeyType::Strings, "Subjects that are not taken from there.",
        read_denied<&R::deny_imports>),
    row("deny_exports deny_export", KeyType::Strings, "Subjects that are not sent there.",
        read_denied<&R::deny_exports>),
    compression("How the connection is compressed; as above.",
                read_compression<&R::compression, CompressionMode::Auto>),
    nested<&R::first_info_timeout>("first_info_timeout",
                                   "How long the other side may be silent "
                                   "at first."),
    nested<&R::dial_timeout>("dial_timeout",
                             "How long connecting may take; that of the whole block by default."),
    nested<&R::isolate>("isolate_leafnode_interest isolate",
                        "It is not told what leaf nodes attached here listen to."),
    nested<&R::request_isolation>("request_isolation",
                                  "Asks not to be told what other leaf nodes listen to."),
    nested<&R::ignore_discovered_servers>("ignore_discovered_servers",
                                          "Only the servers written here are dialled."),
    nested<&R::disabled>("disabled", "It is not dialled; a reload may change that."),
    absent("jetstream_cluster_migrate", "clustered JetStream"),
    absent("ws_compression", "WebSocket"),
    absent("ws_no_masking", "WebSocket"),
    absent("proxy", "WebSocket"),
};

Error invalid(std::string text) {
    return Error(Errc::InvalidArgument, std::move(text));
}

bool is_account(Options const& options, std::string_view name) {
    std::string_view const system =
        options.system_account.empty() ? "$SYS" : std::string_view(options.system_account);
    return name.empty() || name == "$G" || (name == system && !options.no_system_account) ||
           std::ranges::find(options.accounts, name, &AccountOptions::name) !=
               options.accounts.end();
}

Result<void> check_leaf_accounts(Options const& options) {
    LeafOptions const& leaf = options.leaf;
    auto const unknown = [](std::string_view name, std::string_view where) {
        return invalid(concat("cannot find local account ", base::quoted(name),
                              " specified in leafnode ", where));
    };
    for (LeafUser const& user : leaf.authorization.users) {
        if (!is_account(options, user.account)) {
            return unknown(user.account, "authorization");
        }
    }
    if (!is_account(options, leaf.authorization.account)) {
        return unknown(leaf.authorization.account, "authorization");
    }
    for (LeafRemoteOptions const& remote : leaf.remotes) {
        if (!is_account(options, remote.account)) {
            return unknown(remote.account, "remote");
        }
    }
    return {};
}

Result<void> check_leaf_with_operators(LeafOptions const& leaf) {
    if (!leaf.authorization.users.empty()) {
        return invalid("operator mode does not allow specifying users in leafnode config");
    }
    for (LeafRemoteOptions const& remote : leaf.remotes) {
        if (!crypto::is_public_nkey(remote.account, crypto::NkeyKind::Account)) {
            return invalid(
                "operator mode requires account nkeys in remotes. Please add an `account` key to "
                "each remote in your `leafnodes` section, to assign it to an account. Each account "
                "value should be a 56 character public key, starting with the letter 'A'");
        }
    }
    return {};
}

}  // namespace

Result<void> check_leafnodes(Options const& options) {
    LeafOptions const& leaf = options.leaf;
    if (!leaf.enabled()) {
        return {};
    }
    if (!is_advertisable(leaf.advertise)) {
        return invalid(concat("leafnodes advertise ", base::quoted(leaf.advertise),
                              " is not a host or host:port"));
    }
    if (leaf.tls && leaf.tls->handshake_first == HandshakeFirst::Fallback) {
        return invalid("leafnodes tls: a time for 'handshake_first' is not part of this build yet");
    }
    if (options.operators.enabled()) {
        return check_leaf_with_operators(leaf);
    }
    return check_leaf_accounts(options);
}

/// TLS, compression and the servers that this one is attached to may change; who is listened for
/// may not.
bool keeps_leaf_listener(Options const& old, Options const& now) {
    L changed = old.leaf;
    changed.tls = now.leaf.tls;
    changed.compression = now.leaf.compression;
    changed.remotes = now.leaf.remotes;
    return changed == now.leaf && old.leaf.tls.has_value() == now.leaf.tls.has_value();
}

void read_leafnodes(Key const& key, Value const& value, Target& target) {
    target.options.leaf = {};
    Target inner = target.of(&target.options.leaf);
    read_block(key.inner, value, inner);
}

std::string print_leafnodes(Options const& options) {
    L const& leaf = options.leaf;
    std::string out = concat("{listen=", leaf.listen.host, ":", leaf.listen.port, " remotes=[");
    for (R const& remote : leaf.remotes) {
        append(out, out.ends_with('[') ? "" : " ", remote.local_account(), urls_of(remote));
    }
    return out + "]}";
}

bool same_leafnodes(Options const& a, Options const& b) {
    return a.leaf == b.leaf;
}

BlockSpec leafnodes_spec() {
    return {
        .path = "leafnodes",
        .about = "Servers attached to this one by an account each, and those it is attached to.",
        .example =
            "leafnodes {\n"
            "  listen: \"0.0.0.0:7422\"\n"
            "  authorization { users: [ { user: edge, password: $EDGE_PASSWORD, account: SHOP } "
            "] }\n"
            "  remotes: [ { url: \"nats-leaf://edge:secret@hub.example.com\", account: SHOP } ]\n"
            "}",
        .keys = kLeafNodes,
        .not_a_map =
            [](Value const& value) {
                return concat("Expected map to define a leafnode, got ", type_name(value));
            },
        .check = check_leafnodes};
}

BlockSpec leaf_authorization_spec() {
    return {.path = "leafnodes.authorization",
            .about = "Who may attach a leaf node, and to which account.",
            .example =
                "authorization {\n"
                "  users: [ { user: edge, password: $EDGE_PASSWORD, account: SHOP } ]\n"
                "}",
            .keys = kLeafAuthorization,
            .not_a_map = plain_not_a_map,
            .check = check_leaf_authorization};
}

BlockSpec leaf_user_spec() {
    return {.path = "leafnodes.authorization.users[]",
            .about = "Someone who may attach a leaf node.",
            .example = "{ user: edge, password: $EDGE_PASSWORD, account: SHOP }",
            .keys = kLeafUser,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected user entry to be a map/struct, got ", shown(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("Expected users field to be an array, got ", shown(value));
                }};
}

BlockSpec leaf_remote_spec() {
    return {.path = "leafnodes.remotes[]",
            .about = "A server, or several of one cluster, that this one attaches itself to.",
            .example =
                "remotes: [ {\n"
                "  urls: [ \"tls://hub-1.example.com\", \"tls://hub-2.example.com\" ]\n"
                "  account: SHOP\n"
                "  credentials: \"/etc/signalbox/edge.creds\"\n"
                "  deny_exports: \"internal.>\"\n"
                "} ]",
            .keys = kLeafRemote,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected remote leafnode entry to be a map/struct, got ",
                                  shown(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("Expected remotes field to be an array, got ", type_name(value));
                },
            .check = check_remote};
}

}  // namespace signalbox::config
