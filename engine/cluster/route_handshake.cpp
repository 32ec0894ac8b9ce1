#include "engine/base/encoding.h"
#include "engine/base/text.h"
#include "engine/cluster/route_connection.h"
#include "engine/cluster/route_table.h"
#include "engine/config/address.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/info.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox::cluster {

namespace error_text = protocol::error_text;
using config::CompressionMode;
using connection::CloseReason;

namespace {

/// Whoever is dialled has to say INFO; a peer that says nothing is no server.
constexpr Duration kGreetingTimeout = base::seconds(5);
constexpr Duration kMoreForTls = base::seconds(1);
/// Before a peer is known, what it sends compressed is not larger than so.
constexpr std::size_t kUnknownBudget = 256 * 1024;
constexpr std::size_t kNonceBytes = 11;

}  // namespace

void RouteConnection::start() {
    auto const& tls = context_.cluster().tls;
    if (!tls) {
        peer_.start();
        begin();
        return;
    }
    auto session = origin_.dialled ? tls::Session::connect(context_.dial_tls, origin_.url->host)
                                   : tls::Session::accept(context_.listen_tls);
    peer_.secure(std::move(session), tls->timeout, [this](auto const&) { begin(); });
}

void RouteConnection::begin() {
    if (!origin_.dialled) {
        Duration timeout = context_.cluster().login.timeout;
        if (context_.cluster().tls && !context_.cluster().login.timeout_given) {
            timeout = context_.cluster().tls->timeout + kMoreForTls;
        }
        send_info(0, {});
        peer_.wait_for_peer(timeout, CloseReason::AuthenticationTimeout,
                            error_text::kAuthenticationTimeout);
        return;
    }
    PeerConnect connect;
    connect.echo = true;
    connect.user = origin_.url->user;
    connect.password = origin_.url->password;
    connect.tls_required = context_.cluster().tls.has_value();
    connect.headers = !context_.options->no_header_support;
    connect.name = context_.server_id;
    connect.cluster = table_.cluster_name();
    connect.cluster_dynamic = table_.name_is_dynamic();
    connect.knows_origins = true;
    peer_.send(connect_line(connect));
    peer_.wait_for_peer(kGreetingTimeout, CloseReason::StaleConnection, {});
}

void RouteConnection::send_info(std::int64_t pool_index, std::string const& account,
                                bool lame_duck) {
    config::ClusterOptions const& cluster = context_.cluster();
    std::string nonce(kNonceBytes, '\0');
    context_.world.entropy().fill({reinterpret_cast<unsigned char*>(nonce.data()), nonce.size()});
    PeerInfo info;
    info.server_id = context_.server_id;
    info.server_name = context_.server_name;
    info.version = protocol::kCompatibleVersion;
    info.host = table_.address().host;
    info.port = table_.address().port;
    info.headers = !context_.options->no_header_support;
    info.auth_required = !cluster.login.user.empty();
    info.tls_required = cluster.tls.has_value();
    info.tls_verify = cluster.tls && cluster.tls->verify;
    info.max_payload = context_.options->limits.max_payload;
    info.nonce = base::to_base64_url(nonce);
    info.cluster = table_.cluster_name();
    info.cluster_dynamic = table_.name_is_dynamic();
    info.lame_duck = lame_duck;
    bool const offers = state_ == State::Greeting && !origin_.dialled;
    info.compression = config::name_of(offers ? cluster.compression.mode : compression_);
    info.imports = cluster.imports;
    info.exports = cluster.exports;
    info.knows_origins = true;
    info.knows_origins_in_removal = true;
    info.pool_size = context_.pools() ? cluster.pool_size : 0;
    info.pool_index = pool_index;
    info.route_account = account;
    if (cluster.compression.mode == CompressionMode::NotSupported) {
        info.compression.clear();
    }
    if (!cluster.advertise.empty()) {
        auto const told = config::parse_address(cluster.advertise);
        info.host = told.ok() ? told.value().host : cluster.advertise;
        info.port = told.ok() ? told.value().port : info.port;
        info.ip = concat("nats-route://", info.host, ":", info.port, "/");
    }
    if (!cluster.no_advertise && !lame_duck) {
        info.connect_urls = table_.client_urls();
    }
    table_.add_introduction(info);
    peer_.send(info_line(info));
}

void RouteConnection::say_info_again(bool lame_duck) {
    if (is_open()) {
        send_info(0, {}, lame_duck);
    }
}

void RouteConnection::connect(std::string_view json) {
    Result<PeerConnect> parsed = PeerConnect::parse(json);
    if (!parsed.ok() || origin_.dialled || connected_) {
        peer_.close(CloseReason::ProtocolViolation, error_text::kUnknownOperation);
        return;
    }
    PeerConnect const& connect = parsed.value();
    if (!connect.lang.empty()) {
        peer_.note(LogLevel::Error, "attempted to connect to route port");
        peer_.close(CloseReason::WrongPort, "attempted to connect to route port");
        return;
    }
    if (!connect.gateway.empty()) {
        std::string const text = concat("Rejecting connection from gateway ",
                                        base::quoted(connect.gateway), " on the Route port");
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::WrongGateway, text);
        return;
    }
    if (!is_known_by_certificate()) {
        admitted(false, connect);
        return;
    }
    authenticate(connect);
}

/// Where the configuration asks for it, a certificate has to name a host of one of the routes.
bool RouteConnection::is_known_by_certificate() const {
    config::ClusterOptions const& cluster = context_.cluster();
    if (!cluster.tls || !cluster.tls->verify_known_urls) {
        return true;
    }
    auto const& identity = peer_.identity();
    return identity && std::ranges::any_of(cluster.routes, [&](config::ServerUrl const& route) {
               return std::ranges::find(identity->dns_names, route.host) !=
                      identity->dns_names.end();
           });
}

void RouteConnection::authenticate(PeerConnect const& connect) {
    config::ClusterOptions const& cluster = context_.cluster();
    if (cluster.login.user.empty()) {
        admitted(true, connect);
        return;
    }
    auto const& identity = peer_.identity();
    if (cluster.tls && cluster.tls->verify_and_map && identity) {
        bool const maps =
            identity->subject == cluster.login.user ||
            std::ranges::find(identity->emails, cluster.login.user) != identity->emails.end() ||
            std::ranges::find(identity->dns_names, cluster.login.user) != identity->dns_names.end();
        admitted(maps, connect);
        return;
    }
    if (connect.user != cluster.login.user) {
        admitted(false, connect);
        return;
    }
    // A hash takes its time, and nothing is read meanwhile.
    peer_.hold();
    context_.secrets.compare(connect.password, cluster.login.password,
                             [this, alive = alive_, connect](bool same) {
                                 if (*alive && !peer_.is_closing()) {
                                     admitted(same, connect);
                                     peer_.resume();
                                 }
                             });
}

void RouteConnection::admitted(bool yes, PeerConnect const& connect) {
    if (!yes) {
        context_.observation.counters.auth_failures.add(1);
        peer_.note(LogLevel::Error, "authentication error");
        peer_.close(CloseReason::AuthenticationViolation, error_text::kAuthorization);
        return;
    }
    std::string const ours = table_.cluster_name();
    if (!table_.agree_on_name(*this, connect.cluster, connect.cluster_dynamic)) {
        std::string const text =
            concat("Rejecting connection, cluster name ", base::quoted(connect.cluster),
                   " does not match ", base::quoted(ours));
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::ClusterNameConflict, text);
        return;
    }
    connected_ = true;
    info_.headers = connect.headers;
    info_.knows_origins = connect.knows_origins;
}

void RouteConnection::info_came(std::string_view json) {
    Result<PeerInfo> parsed = PeerInfo::parse(json);
    if (!parsed.ok()) {
        peer_.note(LogLevel::Error, concat("bad INFO: ", parsed.error().detail()));
        peer_.close(CloseReason::ProtocolViolation, error_text::kUnknownOperation);
        return;
    }
    PeerInfo info = std::move(parsed).value();
    switch (state_) {
        case State::Greeting:
            first_info(std::move(info));
            return;
        case State::Compressing:
            if (info.server_id != info_.server_id) {
                peer_.close(CloseReason::ProtocolViolation, error_text::kUnknownOperation);
                return;
            }
            info_.pool_index = info.pool_index;
            info_.route_account = info.route_account;
            greeted();
            return;
        case State::Open:
            confirmed_ = true;
            peer_changed(std::move(info));
            return;
        case State::Closing:
            return;
    }
}

/// It tells of itself anew, or of another server.
void RouteConnection::peer_changed(PeerInfo info) {
    bool const itself = info.server_id == info_.server_id;
    bool const may_have_more = itself && info.exports != info_.exports;
    if (itself) {
        info_.imports = info.imports;
        info_.exports = info.exports;
    }
    table_.update(*this, std::move(info));
    if (may_have_more) {
        // What it refused before may be welcome now.
        table_.tell_all(*this);
    }
}

void RouteConnection::first_info(PeerInfo info) {
    if (info.server_id.empty() || info.server_id.size() > 128 ||
        (!origin_.dialled && !connected_)) {
        peer_.close(CloseReason::ProtocolViolation, error_text::kUnknownOperation);
        return;
    }
    if (info.server_id == context_.server_id) {
        // It is this server itself, under another address.
        origin_.url.reset();
        peer_.close(CloseReason::DuplicateRoute);
        return;
    }
    info_ = std::move(info);
    peer_.parser().set_form({.kind = protocol::PeerKind::Route,
                             .accounts = true,
                             .origin_in_removal = info_.knows_origins_in_removal});
    if (origin_.dialled) {
        if (!table_.agree_on_name(*this, info_.cluster, info_.cluster_dynamic)) {
            peer_.note(LogLevel::Error, concat("cluster name ", base::quoted(info_.cluster),
                                               " does not match ours"));
            peer_.close(CloseReason::ClusterNameConflict);
            return;
        }
        if (info_.pool_index != 0) {
            std::string const text =
                concat("Route pool index should not be set but is set to ", info_.pool_index);
            peer_.note(LogLevel::Error, text);
            peer_.close(CloseReason::ProtocolViolation, text);
            return;
        }
    }
    if (!begin_compression(info_)) {
        greeted();
    }
}

/// True: it begins, or the peer asked for what there is not; INFO comes again, compressed.
bool RouteConnection::begin_compression(PeerInfo const& info) {
    auto const theirs = mode_named(info.compression);
    if (!theirs) {
        std::string const text =
            concat("unsupported route compression mode ", base::quoted(info.compression));
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::ProtocolViolation, text);
        return true;
    }
    compression_ = agreed(context_.cluster().compression.mode, *theirs);
    if (!compresses(compression_)) {
        return false;
    }
    level_ = level_of(compression_, context_.cluster().compression, Duration{0});
    state_ = State::Compressing;
    if (origin_.dialled) {
        send_info(0, {});
        peer_.compress(level_, kUnknownBudget);
    } else {
        peer_.compress(level_, kUnknownBudget);
        send_info(0, {});
    }
    return true;
}

/// All that is to be known of the peer is known.
void RouteConnection::greeted() {
    peer_.stop_waiting();
    peer_.trust_compression();
    if (origin_.dialled) {
        place_dialled();
    } else {
        place_accepted();
    }
}

void RouteConnection::place_dialled() {
    bool const both_pool = context_.pools() && info_.pool_size > 0;
    if (!origin_.account.empty()) {
        if (!both_pool) {
            send_info(0, origin_.account);
            refuse_account();
            return;
        }
        account_ = origin_.account;
    } else if (both_pool) {
        std::optional<std::size_t> const index = table_.free_place(info_);
        if (!index) {
            table_.leave_address(*this);
            peer_.close(CloseReason::DuplicateRoute);
            return;
        }
        pool_index_ = *index;
    }
    send_info(static_cast<std::int64_t>(pool_index_), account_);
    open();
}

/// A peer of old cannot have a connection for one account alone.
void RouteConnection::refuse_account() {
    origin_.url.reset();
    peer_.close(CloseReason::ProtocolViolation,
                concat("Not possible to have a dedicated route for account ",
                       base::quoted(origin_.account), " between those servers"));
}

void RouteConnection::place_accepted() {
    account_ = info_.route_account;
    if (!account_.empty() && !table_.has_own_connection(account_)) {
        std::string const text = concat("No route for account ", base::quoted(account_));
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::ProtocolViolation, text);
        return;
    }
    pool_index_ = account_.empty() && info_.pool_size > 0 && context_.pools()
                      ? static_cast<std::size_t>(std::max<std::int64_t>(info_.pool_index, 0))
                      : 0;
    open();
}

void RouteConnection::open() {
    switch (table_.enter(*this)) {
        case RouteTable::Entry::Registered:
            break;
        case RouteTable::Entry::Duplicate:
            origin_.url.reset();
            peer_.close(CloseReason::DuplicateRoute);
            return;
        case RouteTable::Entry::SameName:
            peer_.note(LogLevel::Error, concat("Remote server has a duplicate name: ",
                                               base::quoted(info_.server_name)));
            origin_.url.reset();
            peer_.close(CloseReason::DuplicateServerName);
            return;
        case RouteTable::Entry::WrongIndex: {
            std::string const text =
                concat("Invalid route pool index: ", info_.pool_index, " - pool size is ",
                       std::max(context_.cluster().pool_size, info_.pool_size));
            peer_.note(LogLevel::Error, text);
            peer_.close(CloseReason::ProtocolViolation, text);
            return;
        }
    }
    state_ = State::Open;
    if (!account_.empty()) {
        protocol::PeerForm form = peer_.parser().form();
        form.accounts = false;
        peer_.parser().set_form(form);
    }
    peer_.begin_pings();
    table_.tell_all(*this);
}

}  // namespace signalbox::cluster
