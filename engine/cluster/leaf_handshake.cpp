#include "engine/base/encoding.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/cluster/leaf_connection.h"
#include "engine/cluster/leaf_table.h"
#include "engine/crypto/key_pair.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/info.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace signalbox::cluster {

namespace error_text = protocol::error_text;
using config::CompressionMode;
using connection::CloseReason;

namespace {

constexpr std::int64_t kLinesOfClients = 16;
/// 15 characters, as the reference's.
constexpr std::size_t kNonceBytes = 11;
/// Before it is known who this is, a small stream may not become a large one.
constexpr std::size_t kUnknownBudget = 256 * 1'024;
constexpr Duration kConnectInfoTimeout = base::seconds(2);
constexpr Duration kOldVersionPause = base::seconds(5);
constexpr Duration kRefusedPause = base::seconds(30);

/// What servers of another JetStream domain keep for themselves.
constexpr char const* kOfDomain[] = {"$JS.API.>", "$KV.>", "$OBJ.>"};
constexpr char const* kOfServers[] = {"$JSC.>", "$NRG.>"};

void add(std::vector<std::string>& to, std::vector<std::string> const& more) {
    to.insert(to.end(), more.begin(), more.end());
}

std::array<std::uint64_t, 3> version_of(std::string_view text) {
    std::array<std::uint64_t, 3> version{};
    std::vector<std::string_view> const parts =
        base::split(text.substr(0, text.find_first_of("-+")), '.');
    for (std::size_t i = 0; i < parts.size() && i < version.size(); ++i) {
        version.at(i) = base::parse_uint(parts[i]).value_or(0);
    }
    return version;
}

Duration auth_timeout(config::LeafOptions const& leaf) {
    bool const with_tls = leaf.tls && !leaf.authorization.timeout_given;
    return with_tls ? leaf.tls->timeout + base::seconds(1) : leaf.authorization.timeout;
}

}  // namespace

PeerSettings LeafConnection::peer_settings() const {
    config::Limits const& limits = context_.options().limits;
    PeerSettings settings{
        .form = {.kind = protocol::PeerKind::Leaf, .accounts = false},
        .label = concat("lid:", cid_),
        .kind = "Leafnode",
        .dialled = way_.has_value(),
        .max_pending = limits.max_pending,
        .ping_interval = limits.ping_interval,
        .ping_max = limits.ping_max,
        .write_deadline = limits.write_deadline,
        .limits = {.max_line =
                       static_cast<std::uint64_t>(limits.max_control_line * kLinesOfClients)},
    };
    settings.use(context_.leaf().times);
    return settings;
}

void LeafConnection::start() {
    peer_.note(LogLevel::Notice, "Leafnode connection created");
    nonce_ = nonce();
    if (way_) {
        start_dialled();
    } else {
        start_accepted();
    }
}

std::string LeafConnection::nonce() {
    std::array<unsigned char, kNonceBytes> random{};
    context_.world().entropy().fill(random);
    return base::to_base64_url(std::string(random.begin(), random.end()));
}

// Whoever comes in.

void LeafConnection::start_accepted() {
    std::optional<config::TlsOptions> const& tls = context_.leaf().tls;
    bool const tls_first = tls && tls->handshake_first != config::HandshakeFirst::Never;
    if (!tls_first) {
        send_info(false);
    }
    if (tls) {
        secure_accepted(tls_first);
        return;
    }
    await_connect();
    peer_.start();
}

void LeafConnection::secure_accepted(bool info_follows) {
    peer_.secure(tls::Session::accept(context_.listen_tls), context_.leaf().tls->timeout,
                 [this, info_follows](auto const&) {
                     if (info_follows) {
                         send_info(false);
                     }
                     await_connect();
                 });
}

void LeafConnection::await_connect() {
    peer_.wait_for_peer(auth_timeout(context_.leaf()), CloseReason::AuthenticationTimeout,
                        error_text::kAuthenticationTimeout);
}

void LeafConnection::send_info(bool connect_info) {
    config::Options const& options = context_.options();
    config::LeafOptions const& leaf = context_.leaf();
    PeerInfo info;
    info.server_id = context_.server_id;
    info.server_name = context_.server_name;
    info.version = protocol::kCompatibleVersion;
    info.host = table_.address().host;
    info.port = table_.address().port;
    info.headers = !options.no_header_support;
    info.auth_required = true;
    info.tls_required = leaf.tls.has_value();
    info.tls_verify = leaf.tls && leaf.tls->verify;
    info.max_payload = options.limits.max_payload;
    info.jetstream = options.jetstream.enabled;
    info.domain = options.jetstream.enabled ? options.jetstream.domain : std::string();
    info.ip = table_.advertised();
    info.client_id = cid_;
    info.cluster = context_.cluster_name();
    info.info_on_connect = true;
    info.connect_info = connect_info;
    info.leafnode_urls = table_.urls();
    if (connect_info) {
        info.remote_account = account_->name();
        info.account_is_system = account_->is_system();
        if (who_.permissions) {
            // What it may hear it may ask for, and what it may say it may send.
            info.imports = who_.permissions->subscribe;
            info.exports = who_.permissions->publish;
        }
    } else {
        info.nonce = nonce_;
        bool const agreed = state_ == State::Compressing;
        info.compression = config::name_of(agreed ? compression_.mode : leaf.compression.mode);
        if (leaf.compression.mode == CompressionMode::NotSupported) {
            info.compression.clear();
        }
    }
    peer_.send(info_line(info));
}

void LeafConnection::say_info_again() {
    if (is_open() && !way_) {
        send_info(true);
    }
}

void LeafConnection::connect(std::string_view json) {
    Result<PeerConnect> parsed = PeerConnect::parse(json);
    bool const expected = state_ == State::Greeting || state_ == State::Compressing;
    if (!parsed.ok() || way_ || !expected) {
        peer_.note(LogLevel::Error, parsed.ok() ? "unexpected CONNECT" : parsed.error().detail());
        peer_.close(CloseReason::ProtocolViolation);
        return;
    }
    connect_ = std::move(parsed).value();
    if (state_ == State::Greeting) {
        // Nothing is compressed: it says why not.
        compression_.mode = mode_named(connect_.compression).value_or(compression_.mode);
        compression_.mode =
            compresses(compression_.mode) ? CompressionMode::Off : compression_.mode;
    }
    state_ = State::Connecting;
    auto const answered = std::make_shared<bool>(false);
    auto const held = std::make_shared<bool>(false);
    context_.authenticator->authenticate(
        credentials(), [this, alive = alive_, answered, held](auth::Verdict const& verdict) {
            *answered = true;
            if (!*alive || peer_.is_closing()) {
                return;
            }
            judge(verdict);
            if (*held) {
                peer_.resume();
            }
        });
    if (!*answered) {
        *held = true;
        peer_.hold();
    }
}

auth::Credentials LeafConnection::credentials() const {
    auth::Credentials shown;
    shown.user = connect_.user;
    shown.password = connect_.password;
    shown.token = connect_.token;
    shown.nkey = connect_.nkey;
    shown.signature = connect_.signature;
    shown.jwt = connect_.jwt;
    shown.proxy_signature = connect_.proxy_signature;
    shown.nonce = nonce_;
    shown.remote = peer_.remote();
    shown.type = permission::ConnectionType::LeafNode;
    shown.peer = peer_.identity();
    shown.facts = {.cid = cid_,
                   .name = connect_.name,
                   .version = connect_.version,
                   .protocol = connect_.protocol};
    shown.proof = who_.proof;
    return shown;
}

void LeafConnection::judge(auth::Verdict const& verdict) {
    if (!verdict.admitted) {
        context_.clients.observation.counters.auth_failures.add(1);
        std::string const who = auth::shown_as(credentials());
        peer_.note(LogLevel::Error, concat("authentication error", who.empty() ? "" : " - ", who));
        if (!verdict.detail.empty()) {
            peer_.note(LogLevel::Debug, verdict.detail);
        }
        peer_.close(CloseReason::AuthenticationViolation, error_text::kAuthorization);
        say_refused();
        return;
    }
    who_ = verdict.identity;
    accepted();
}

void LeafConnection::say_refused() {
    if (context_.clients.events == nullptr) {
        return;
    }
    event::ClientRefused refused;
    describe(refused.client);
    refused.client.account = "N/A";
    refused.client.name = connect_.name;
    refused.client.name_tag.clear();
    refused.client.stop = context_.world().clock().wall_now();
    refused.reason = connection::text_of(CloseReason::AuthenticationViolation);
    context_.clients.events->say(std::move(refused));
}

/// It is known who it is; now whether it is what it should be.
void LeafConnection::accepted() {
    account::Account* const account = context_.clients.accounts.find(who_.account);
    auto const refuse = [this](CloseReason reason, std::string const& text) {
        peer_.note(LogLevel::Error, text);
        peer_.close(reason, text);
    };
    if (account == nullptr) {
        peer_.note(LogLevel::Error, concat("no account ", base::quoted(who_.account)));
        peer_.close(CloseReason::MissingAccount, error_text::kAuthorization);
        return;
    }
    if (!connect_.lang.empty()) {
        refuse(CloseReason::WrongPort, "attempted to connect to leaf node port");
        return;
    }
    if (!connect_.gateway.empty()) {
        refuse(CloseReason::WrongGateway,
               concat("Rejecting connection from gateway ", base::quoted(connect_.gateway),
                      " on the leafnode port"));
        return;
    }
    if (connect_.cluster.find(' ') != std::string::npos) {
        refuse(CloseReason::ProtocolViolation, "cluster name cannot contain spaces");
        return;
    }
    // One that is a leaf node itself is a cluster of its own.
    std::string const ours =
        context_.leaf().remotes.empty() ? context_.cluster_name() : context_.own_cluster();
    if (!ours.empty() && connect_.cluster == ours) {
        refuse(CloseReason::ClusterNamesIdentical, "remote leafnode has same cluster name");
        return;
    }
    std::string const& oldest = context_.leaf().min_version;
    if (!oldest.empty() && version_of(connect_.version) < version_of(oldest)) {
        account_ = account;
        send_info(true);
        account_ = nullptr;
        refuse(
            CloseReason::MinimumVersionRequired,
            concat("connection rejected since minimum version required is ", base::quoted(oldest)));
        return;
    }
    std::int64_t const most = account->limits().max_leafnodes;
    if (most >= 0 && account->usage().leafnodes >= most) {
        refuse(CloseReason::MaxAccountConnectionsExceeded,
               std::string(error_text::kMaxAccountConnections));
        return;
    }
    remote_ = {.name = connect_.name,
               .cluster = connect_.cluster.empty() ? connect_.name : connect_.cluster,
               .account = connect_.remote_account,
               .version = connect_.version,
               .headers = connect_.headers && !context_.options().no_header_support};
    role_.spoke = connect_.is_hub;
    role_.isolated = connect_.isolate || context_.leaf().isolate;
    table_.replace_duplicates(*this, *account);
    open(*account);
}

void LeafConnection::authenticate_again() {
    if (!is_open() || way_) {
        return;
    }
    auth::Credentials shown = credentials();
    shown.again = true;
    context_.authenticator->authenticate(
        shown, [this, alive = alive_](auth::Verdict const& verdict) {
            if (!*alive || !is_open()) {
                return;
            }
            if (!verdict.admitted || verdict.identity.account != who_.account) {
                peer_.close(verdict.admitted ? CloseReason::ClientClosed
                                             : CloseReason::AuthenticationViolation,
                            verdict.admitted ? std::string_view() : error_text::kAuthorization);
                return;
            }
            who_ = verdict.identity;
            rules_ = make_rules();
            say_info_again();
        });
}

// Whoever dialled.

void LeafConnection::start_dialled() {
    std::optional<config::TlsOptions> const& tls = way_->remote->options().tls;
    if (tls && tls->handshake_first != config::HandshakeFirst::Never) {
        secure_dialled();
        return;
    }
    peer_.wait_for_peer(way_->remote->options().first_info_timeout, CloseReason::ReadError, {});
    peer_.start();
}

void LeafConnection::secure_dialled() {
    tls::ContextPtr const context = way_->remote->tls();
    if (!context) {
        peer_.close(CloseReason::TlsHandshakeFailure);
        return;
    }
    std::optional<config::TlsOptions> const& tls = way_->remote->options().tls;
    peer_.secure(tls::Session::connect(context, way_->tls_host),
                 tls ? tls->timeout : config::TlsOptions{}.timeout, [this](auto const&) {
                     if (info_.server_id.empty()) {
                         peer_.wait_for_peer(way_->remote->options().first_info_timeout,
                                             CloseReason::ReadError, {});
                     } else {
                         negotiate();
                     }
                 });
}

void LeafConnection::info_came(std::string_view json) {
    Result<PeerInfo> parsed = PeerInfo::parse(json);
    if (!parsed.ok()) {
        peer_.note(LogLevel::Error, concat("bad INFO: ", parsed.error().detail()));
        peer_.close(CloseReason::ProtocolViolation);
        return;
    }
    PeerInfo info = std::move(parsed).value();
    if (!way_) {
        // Whoever came in says so only to agree on compression.
        if (state_ == State::Greeting) {
            begin_compression(context_.leaf().compression, info.compression);
        }
        return;
    }
    switch (state_) {
        case State::Greeting:
            if (info_.server_id.empty()) {
                info_ = std::move(info);
                first_info();
            }
            return;
        case State::Compressing:
            info_ = std::move(info);
            send_connect();
            return;
        case State::Connecting:
        case State::Open:
            info_changed(std::move(info));
            return;
        case State::Closing:
            return;
    }
}

void LeafConnection::first_info() {
    if (info_.client_id == 0 || info_.leafnode_urls.empty() || info_.server_id.empty()) {
        std::string const text = "attempted to connect to wrong port";
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::WrongPort);
        return;
    }
    std::string const ours = context_.own_cluster();
    if (!info_.cluster.empty() && info_.cluster == ours) {
        peer_.note(LogLevel::Error, "remote leafnode has same cluster name");
        way_->remote->hold_off(kRefusedPause);
        peer_.close(CloseReason::ClusterNamesIdentical);
        return;
    }
    bool const secured = peer_.identity() != nullptr;
    if (!secured && (info_.tls_required || way_->remote->wants_tls())) {
        peer_.stop_waiting();
        secure_dialled();
        return;
    }
    negotiate();
}

/// Whether both compress; then what follows is said in that way.
void LeafConnection::negotiate() {
    peer_.wait_for_peer(kConnectInfoTimeout, CloseReason::StaleConnection,
                        "Stale Leaf Node Connection - Closing");
    if (!begin_compression(way_->remote->options().compression, info_.compression)) {
        send_connect();
    }
}

/// False: nothing is compressed, or it was told why not.
bool LeafConnection::begin_compression(config::CompressionOptions const& ours,
                                       std::string const& theirs) {
    auto const wanted = mode_named(theirs);
    if (!wanted) {
        std::string const text =
            concat("unsupported route compression mode ", base::quoted(theirs));
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::ProtocolViolation, text);
        return true;
    }
    compression_.mode = agreed(ours.mode, *wanted);
    if (!compresses(compression_.mode)) {
        return false;
    }
    compression_.level = level_of(compression_.mode, ours, Duration{0});
    state_ = State::Compressing;
    if (way_) {
        PeerInfo info;
        info.client_id = info_.client_id;
        info.compression = config::name_of(compression_.mode);
        peer_.send(info_line(info));
        peer_.compress(compression_.level, kUnknownBudget);
    } else {
        peer_.compress(compression_.level, kUnknownBudget);
        send_info(false);
    }
    return true;
}

void LeafConnection::send_connect() {
    config::Options const& options = context_.options();
    config::LeafRemoteOptions const& remote = way_->remote->options();
    state_ = State::Connecting;
    peer_.trust_compression();
    PeerConnect connect;
    connect.version = protocol::kCompatibleVersion;
    connect.server_id = context_.server_id;
    connect.name = context_.server_name;
    connect.cluster = context_.own_cluster();
    connect.headers = !options.no_header_support;
    connect.jetstream = options.jetstream.enabled;
    connect.domain = options.jetstream.enabled ? options.jetstream.domain : std::string();
    connect.is_hub = remote.hub;
    connect.deny_publish = remote.deny_imports;
    connect.isolate = remote.request_isolation;
    connect.compression = compression();
    connect.remote_account = remote.local_account();
    connect.protocol = kPeerProtocol;
    sign_in(connect);
    peer_.send(leaf_connect_line(connect));
    if (!info_.info_on_connect) {
        // Servers before 2.8 answer nothing.
        info_changed(std::exchange(info_, {}));
    }
}

void LeafConnection::sign_in(PeerConnect& connect) const {
    claims::CredentialsFile const& credentials = way_->credentials;
    crypto::Secret const& seed =
        credentials.jwt.empty() ? way_->remote->options().nkey : credentials.seed;
    if (!seed.empty()) {
        auto const key = crypto::KeyPair::from_seed(seed.reveal());
        if (key.ok()) {
            connect.jwt = credentials.jwt;
            connect.nkey = credentials.jwt.empty() ? key.value().public_key().text() : "";
            connect.signature = base::to_base64_url(key.value().sign(info_.nonce));
        }
        return;
    }
    connect.jwt = credentials.jwt;
    connect.user = way_->url.user;
    connect.password = way_->url.password;
    if (!connect.user.empty() && connect.password.empty()) {
        connect.token = crypto::Secret(connect.user);
    }
}

/// What the hub says once it knows who this is, and whenever that changes.
void LeafConnection::info_changed(PeerInfo info) {
    bool const first = state_ == State::Connecting;
    if (first && info_.info_on_connect && !info.connect_info) {
        return;
    }
    way_->remote->heard_of(info.leafnode_urls);
    info_ = std::move(info);
    if (!first) {
        rules_ = make_rules();
        return;
    }
    peer_.stop_waiting();
    std::string_view const ours = way_->remote->options().local_account();
    account::Account* const account = context_.clients.accounts.find(ours);
    if (account == nullptr) {
        peer_.note(LogLevel::Error, concat("no account ", base::quoted(ours)));
        peer_.close(CloseReason::MissingAccount);
        return;
    }
    remote_ = {.name = info_.server_name,
               .cluster = info_.cluster,
               .account = info_.remote_account,
               .version = info_.version,
               .headers = info_.headers && !context_.options().no_header_support};
    role_.spoke = !way_->remote->options().hub;
    role_.isolated = way_->remote->options().isolate || context_.leaf().isolate;
    way_->remote->settled();
    open(*account);
}

// Both.

void LeafConnection::open(account::Account& account) {
    account_ = &account;
    ++account.usage().leafnodes;
    ++account.usage().connections_ever;
    peer_.stop_waiting();
    peer_.trust_compression();
    state_ = State::Open;
    rules_ = make_rules();
    auto const kind =
        role_.spoke ? message::SubscriptionKind::Hub : message::SubscriptionKind::Leaf;
    recipient_ = std::make_unique<LeafRecipient>(*this, account, kind, remote_.cluster);
    interest_ = std::make_unique<LeafInterest>(
        LeafInterest::Listener{.itself = recipient_.get(),
                               .cluster = remote_.cluster,
                               .is_hub = role_.spoke,
                               .isolated = role_.isolated},
        [this](auto filter, auto queue, auto count) { tell(filter, queue, count); });
    table_.opened(*this);
    if (!way_) {
        send_info(true);
    }
    interest_->begin(account);
    tell_all();
    peer_.begin_pings();
}

LeafRules LeafConnection::make_rules() const {
    LeafRules::Parts parts;
    config::Options const& options = context_.options();
    if (!role_.spoke && who_.permissions) {
        parts.taken = who_.permissions->publish;
        parts.sent = who_.permissions->subscribe;
    }
    if (role_.spoke && info_.exports) {
        parts.sent = *info_.exports;
    }
    if (role_.spoke && info_.imports) {
        parts.told = *info_.imports;
    }
    if (way_) {
        config::LeafRemoteOptions const& remote = way_->remote->options();
        add(parts.taken.deny, remote.deny_imports);
        add(parts.told.deny, remote.deny_imports);
        add(parts.sent.deny, remote.deny_exports);
    } else {
        add(parts.sent.deny, connect_.deny_publish);
    }
    config::JetStreamOptions const& jetstream = options.jetstream;
    std::string const& theirs = way_ ? info_.domain : connect_.domain;
    // Only servers that share their system account and domain are one JetStream.
    bool const extended = account_->is_system() && theirs == jetstream.domain &&
                          (jetstream.enabled || !jetstream.domain.empty());
    if (!extended) {
        std::vector<std::string> denied(std::begin(kOfDomain), std::end(kOfDomain));
        if (account_->is_system()) {
            denied.insert(denied.end(), std::begin(kOfServers), std::end(kOfServers));
        }
        if (jetstream.enabled && !jetstream.domain.empty()) {
            // What is meant for this domain does not leave it.
            parts.sent.deny.push_back(concat("$JS.", jetstream.domain, ".API.>"));
        }
        add(parts.taken.deny, denied);
        add(parts.sent.deny, denied);
        add(parts.told.deny, denied);
    }
    return LeafRules(parts);
}

void LeafConnection::error_came(std::string_view text) {
    peer_.note(LogLevel::Error, concat("Leafnode Error ", base::cut(text, 256)));
    bool const loop = text.find("Loop detected") != std::string_view::npos;
    bool const same_name = text.find("has same cluster name") != std::string_view::npos;
    bool const refused = text.find("Permissions Violation") != std::string_view::npos;
    if (way_ && (loop || same_name || refused)) {
        way_->remote->hold_off(kRefusedPause);
    }
    if (way_ && text.find("minimum version required") != std::string_view::npos) {
        way_->remote->hold_off(kOldVersionPause);
    }
    if (loop && account_ != nullptr) {
        peer_.note(LogLevel::Error,
                   concat("Loop detected for leafnode account=", base::quoted(account_->name()),
                          ". Delaying attempt to reconnect for 30s"));
    }
    if (loop || refused || same_name) {
        peer_.close(CloseReason::ProtocolViolation);
    }
}

}  // namespace signalbox::cluster
