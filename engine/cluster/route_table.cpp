#include "engine/cluster/route_table.h"

#include "engine/base/text.h"
#include "engine/protocol/info.h"

#include <algorithm>
#include <set>
#include <utility>

namespace signalbox::cluster {

using connection::CloseReason;

namespace {

constexpr Duration kReconnect = base::seconds(1);
constexpr Duration kSpread = base::milliseconds(100);
constexpr std::size_t kDynamicName = 22;
constexpr std::string_view kLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Peers cannot make us keep more places than this for one of them.
constexpr std::int64_t kLargestPool = 256;

/// Into a name that is there, for g++ 12 misreads short texts that are handed over.
void make_up_name(world::Entropy& entropy, std::string& name) {
    name.resize(kDynamicName);
    for (char& letter : name) {
        letter = kLetters[entropy.below(kLetters.size())];
    }
}

/// FNV-1a, 32 bits: by which the field shares accounts out among the connections of a pool.
std::size_t pool_index_of(std::string_view account, std::size_t size) {
    std::uint32_t hash = 2'166'136'261U;
    for (char const c : account) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    }
    return size <= 1 ? 0 : hash % size;
}

}  // namespace

bool RemoteServer::is_empty() const {
    return any() == nullptr;
}

RouteConnection* RemoteServer::any() const {
    auto const found = std::ranges::find_if(pool, [](auto* each) { return each != nullptr; });
    return found != pool.end() ? *found : pinned.empty() ? nullptr : pinned.begin()->second;
}

bool RemoteServer::has_free_place() const {
    return std::ranges::find(pool, nullptr) != pool.end();
}

RouteTable::RouteTable(RouteContext& context, Hooks hooks)
    : context_(context),
      hooks_(std::move(hooks)),
      name_(context.cluster().name),
      interest_([this](account::Account& account, protocol::PeerInterest const& interest) {
          tell_change(account, interest);
      }),
      dialler_(
          context,
          {.reached = [this](auto link,
                             RouteOrigin origin) { accept(std::move(link), std::move(origin)); },
           .is_wanted =
               [this](RouteOrigin const& origin) {
                   auto const known = servers_.find(origin.remote_id);
                   if (known == servers_.end()) {
                       return true;
                   }
                   return origin.account.empty() ? known->second.has_free_place()
                                                 : !known->second.pinned.contains(origin.account);
               }}) {
    if (name_.empty()) {
        make_up_name(context.world.entropy(), name_);
        dynamic_ = true;
    }
    for (auto const& account : context_.accounts.all()) {
        interest_.count(*account);
    }
    context_.accounts.listen(interest_);
}

RouteTable::~RouteTable() {
    context_.accounts.stop_listening(interest_);
}

void RouteTable::start(world::Address const& address, std::vector<std::string> client_urls) {
    address_ = address;
    client_urls_ = std::move(client_urls);
    for (config::ServerUrl const& url : context_.cluster().routes) {
        dialler_.dial({.configured = true, .url = url}, Duration{0});
    }
    tell_client_urls();
}

void RouteTable::stop() {
    stopping_ = true;
    dialler_.stop();
    for (auto const& [rid, connection] : connections_) {
        connection->close(CloseReason::ServerShutdown);
    }
}

void RouteTable::accept(std::unique_ptr<world::Link> link, RouteOrigin origin) {
    if (stopping_) {
        return;
    }
    std::uint64_t const rid = next_rid_++;
    auto connection =
        std::make_unique<RouteConnection>(context_, *this, std::move(link), rid, std::move(origin));
    RouteConnection& kept = *connection;
    connections_.emplace(rid, std::move(connection));
    kept.start();
}

void RouteTable::say_lame_duck() {
    lame_duck_ = true;
    for (auto const& [id, server] : servers_) {
        if (RouteConnection* const connection = server.any()) {
            connection->say_info_again(true);
        }
    }
}

bool RouteTable::agree_on_name(RouteConnection const& with, std::string const& theirs,
                               bool theirs_is_dynamic) {
    if (theirs == name_) {
        return true;
    }
    // Of two made-up names the larger one stays.
    if (!dynamic_ || (theirs_is_dynamic && theirs < name_) || theirs.empty()) {
        return false;
    }
    LOG(context_.log, Notice, "Cluster name updated to ", theirs);
    name_ = theirs;
    dynamic_ = theirs_is_dynamic;
    for (auto const& [rid, connection] : connections_) {
        if (connection.get() != &with) {
            connection->close(CloseReason::ClusterNameConflict);
        }
    }
    hooks_.servers_changed();
    return true;
}

bool RouteTable::is_ours(PeerInfo const& info) {
    return info.runtime == protocol::kRuntime;
}

/// Both keep as many as the one that keeps more.
std::size_t RouteTable::pool_size_with(PeerInfo const& info) const {
    if (!context_.pools() || info.pool_size <= 0) {
        return 1;
    }
    return static_cast<std::size_t>(
        std::max(context_.cluster().pool_size, std::min(info.pool_size, kLargestPool)));
}

std::optional<std::size_t> RouteTable::free_place(PeerInfo const& info) const {
    auto const known = servers_.find(info.server_id);
    if (known == servers_.end()) {
        return 0;
    }
    auto const& pool = known->second.pool;
    auto const free = std::ranges::find(pool, nullptr);
    return free == pool.end() ? std::nullopt
                              : std::optional(static_cast<std::size_t>(free - pool.begin()));
}

RouteConnection** RouteTable::place_of(RouteConnection const& connection,
                                       RemoteServer& server) const {
    if (!connection.account().empty()) {
        return &server.pinned[connection.account()];
    }
    std::size_t const index = connection.pool_index();
    return index < server.pool.size() ? &server.pool[index] : nullptr;
}

/// Both sides may have dialled at once. Between servers of our kind the one with the smaller id
/// keeps what it dialled; others insist on what they have, and so what we dialled and they have not
/// answered on yet gives way.
bool RouteTable::gives_way(RouteConnection const& held, RouteConnection const& next) const {
    if (held.peer().is_closing()) {
        return true;
    }
    if (!held.origin().dialled || next.origin().dialled) {
        return false;
    }
    return is_ours(next.remote_info()) ? next.remote_info().server_id < context_.server_id
                                       : !held.is_confirmed();
}

RouteTable::Entry RouteTable::enter(RouteConnection& connection) {
    PeerInfo const& info = connection.remote_info();
    bool const same_name = std::ranges::any_of(servers_, [&](auto const& each) {
        return each.first != info.server_id && each.second.info.server_name == info.server_name;
    });
    if (same_name || info.server_name == context_.server_name) {
        return Entry::SameName;
    }
    auto [at, is_new] = servers_.try_emplace(info.server_id);
    RemoteServer& server = at->second;
    if (is_new) {
        server.id = info.server_id;
        server.pools = context_.pools() && info.pool_size > 0;
        server.pool.resize(pool_size_with(info));
    }
    RouteConnection** const place = place_of(connection, server);
    if (place == nullptr) {
        if (is_new) {
            servers_.erase(at);
        }
        return Entry::WrongIndex;
    }
    if (*place != nullptr) {
        if (!gives_way(**place, connection)) {
            leave_address(connection);
            return Entry::Duplicate;
        }
        // The one that stays can be dialled again where the other one led.
        RouteOrigin& old = (*place)->origin();
        connection.origin().url = std::exchange(old.url, std::nullopt);
        connection.origin().configured = old.configured;
        (*place)->close(CloseReason::DuplicateRoute);
    }
    *place = &connection;
    server.info = info;
    connection.origin().remote_id = info.server_id;
    if (is_new) {
        first_connection(server, connection);
    }
    return Entry::Registered;
}

void RouteTable::leave_address(RouteConnection& connection) {
    RouteOrigin& origin = connection.origin();
    auto const known = servers_.find(connection.remote_info().server_id);
    if (!origin.url || known == servers_.end()) {
        return;
    }
    for (RouteConnection* const other : known->second.pool) {
        if (other != nullptr && (!other->origin().url || origin.configured)) {
            other->origin().url = origin.url;
            other->origin().configured = origin.configured;
        }
    }
    origin.url.reset();
}

void RouteTable::refused(RouteConnection& connection) {
    std::string const name = connection.origin().account;
    auto const known = servers_.find(connection.remote_info().server_id);
    connection.origin().url.reset();
    if (known == servers_.end() || name.empty()) {
        return;
    }
    RemoteServer& server = known->second;
    server.refused.insert(name);
    server.pinned.erase(name);
    account::Account const* const account = context_.accounts.find(name);
    RouteConnection* const instead = connection_for(server, name);
    if (account != nullptr && instead != nullptr) {
        tell_account(*instead, *account);
    }
}

void RouteTable::first_connection(RemoteServer& server, RouteConnection& connection) {
    connection.peer().note(LogLevel::Notice, concat("Route connection to ", server.info.server_name,
                                                    " (", server.id, ") is open"));
    if (server.info.jetstream) {
        LOG(context_.log, Notice, "Server ", server.info.server_name,
            " has JetStream: its messages pass, and this server takes no part in it");
    }
    introduce(server, connection);
    tell_client_urls();
    hooks_.servers_changed();
}

/// Tells all others of it, so that they connect as well.
void RouteTable::introduce(RemoteServer const& server, RouteConnection const& connection) {
    PeerInfo info = server.info;
    info.nonce.clear();
    info.pool_index = 0;
    if (info.ip.empty()) {
        config::ServerUrl url{
            .scheme = "nats-route", .host = connection.peer().remote().host, .port = info.port};
        info.ip = concat(url.shown(), "/");
    }
    std::string const line = info_line(info);
    for (auto const& [id, other] : servers_) {
        RouteConnection* const to = other.any();
        if (id != server.id && to != nullptr) {
            to->send(line);
        }
    }
}

RouteConnection* RouteTable::connection_for(RemoteServer const& server,
                                            std::string_view account) const {
    if (server.pools && has_own_connection(account) && !server.refused.contains(account)) {
        auto const own = server.pinned.find(account);
        return own == server.pinned.end() ? nullptr : own->second;
    }
    auto const own_size =
        static_cast<std::size_t>(std::max<std::int64_t>(context_.cluster().pool_size, 1));
    std::size_t const index = server.pools ? pool_index_of(account, own_size) : 0;
    return index < server.pool.size() ? server.pool[index] : nullptr;
}

void RouteTable::tell_account(RouteConnection& connection, account::Account const& account) {
    interest_.for_each(account,
                       [&](protocol::PeerInterest const& interest) { connection.tell(interest); });
}

void RouteTable::tell_all(RouteConnection& connection) {
    auto const known = servers_.find(connection.remote_info().server_id);
    if (known == servers_.end()) {
        return;
    }
    for (auto const& account : context_.accounts.all()) {
        if (connection_for(known->second, account->name()) == &connection) {
            tell_account(connection, *account);
        }
    }
    if (connection.origin().dialled && known->second.pools) {
        // The next one follows the answer, by which the peer has found a place for this.
        connection.peer().ping_now();
    }
}

void RouteTable::tell_change(account::Account& account, protocol::PeerInterest const& interest) {
    for (auto const& [id, server] : servers_) {
        if (RouteConnection* const to = connection_for(server, account.name())) {
            to->tell(interest);
        }
    }
}

void RouteTable::answered(RouteConnection& connection) {
    if (connection.origin().dialled) {
        dial_missing(connection);
    }
}

bool RouteTable::has_own_connection(std::string_view account) const {
    std::vector<std::string> const& named = context_.cluster().accounts;
    bool const system =
        !context_.options->no_system_account && context_.accounts.system().name() == account;
    return context_.pools() && (system || std::ranges::find(named, account) != named.end());
}

std::vector<std::string> RouteTable::pinned_accounts() const {
    std::vector<std::string> accounts = context_.cluster().accounts;
    std::string const& system = context_.accounts.system().name();
    if (has_own_connection(system) && std::ranges::find(accounts, system) == accounts.end()) {
        accounts.push_back(system);
    }
    return accounts;
}

void RouteTable::dial_missing(RouteConnection const& connection) {
    auto const known = servers_.find(connection.remote_info().server_id);
    if (known == servers_.end() || !known->second.pools || !connection.origin().url || stopping_) {
        return;
    }
    RemoteServer const& server = known->second;
    RouteOrigin next = connection.origin();
    next.attempts = 0;
    next.account.clear();
    if (server.has_free_place()) {
        dialler_.dial(next, Duration{0});
    }
    for (std::string const& account : pinned_accounts()) {
        if (!server.pinned.contains(account) && !server.refused.contains(account)) {
            next.account = account;
            dialler_.dial(next, Duration{0});
        }
    }
}

void RouteTable::update(RouteConnection& connection, PeerInfo info) {
    if (info.server_id != connection.remote_info().server_id) {
        hear_of(connection, info);
        return;
    }
    auto const known = servers_.find(info.server_id);
    if (known == servers_.end()) {
        return;
    }
    known->second.info.connect_urls =
        info.lame_duck ? std::vector<std::string>() : info.connect_urls;
    known->second.info.imports = info.imports;
    known->second.info.exports = info.exports;
    tell_client_urls();
}

bool RouteTable::is_configured(PeerInfo const& info) const {
    auto const theirs = config::ServerUrl::parse(info.ip);
    return std::ranges::any_of(context_.cluster().routes, [&](config::ServerUrl const& route) {
        bool const same_host =
            route.host == info.host || (theirs.ok() && route.host == theirs.value().host);
        return same_host && route.port == info.port;
    });
}

void RouteTable::hear_of(RouteConnection const&, PeerInfo const& info) {
    if (info.server_id == context_.server_id || info.server_id.empty() ||
        servers_.contains(info.server_id) || is_configured(info) || !info.gateway.empty()) {
        return;
    }
    Result<config::ServerUrl> url = config::ServerUrl::parse(info.ip);
    if (!url.ok() || url.value().port < 1) {
        return;
    }
    RouteOrigin origin{.url = std::move(url).value(), .remote_id = info.server_id};
    if (info.auth_required) {
        origin.url->user = context_.cluster().login.user;
        origin.url->password = context_.cluster().login.password;
    }
    LOG(context_.log, Debug, "Told of the server ", info.server_name, " at ",
        origin.url->authority());
    dialler_.dial(std::move(origin), Duration{0});
}

void RouteTable::closed(RouteConnection& connection, CloseReason reason) {
    auto const known = servers_.find(connection.remote_info().server_id);
    bool was_in = false;
    if (known != servers_.end()) {
        RemoteServer& server = known->second;
        auto const place = std::ranges::find(server.pool, &connection);
        was_in = place != server.pool.end();
        if (was_in) {
            *place = nullptr;
        }
        std::erase_if(server.pinned, [&](auto const& each) {
            return each.second == nullptr || each.second == &connection;
        });
        if (server.is_empty()) {
            servers_.erase(known);
            tell_client_urls();
            hooks_.servers_changed();
        }
    }
    RouteOrigin origin = connection.origin();
    bool const again = !stopping_ && origin.url && reason != CloseReason::RouteRemoved;
    std::uint64_t const rid = connection.rid();
    if (again) {
        auto const spread = static_cast<std::uint64_t>(kSpread.count());
        Duration const delay(
            (origin.configured ? kReconnect : Duration{0}) +
            Duration(static_cast<std::int64_t>(context_.world.entropy().below(spread))));
        origin.attempts = 0;
        dialler_.dial(std::move(origin), delay);
    }
    connections_.erase(rid);
}

void RouteTable::tell_client_urls() {
    std::vector<std::string> urls;
    if (!context_.cluster().no_advertise) {
        std::set<std::string> all(client_urls_.begin(), client_urls_.end());
        for (auto const& [id, server] : servers_) {
            all.insert(server.info.connect_urls.begin(), server.info.connect_urls.end());
        }
        urls.assign(all.begin(), all.end());
    }
    if (urls != told_urls_) {
        told_urls_ = urls;
        hooks_.client_urls(urls);
    }
}

void RouteTable::settings_changed(config::ClusterOptions const& old) {
    config::ClusterOptions const& now = context_.cluster();
    bool const other_permissions = old.imports != now.imports || old.exports != now.exports;
    for (auto const& [rid, connection] : connections_) {
        RoutePermissions const before = connection->settings_changed();
        if (other_permissions && connection->is_open()) {
            permissions_changed(*connection, before);
        }
    }
    auto const is_gone = [&](config::ServerUrl const& url) {
        return std::ranges::find(old.routes, url) != old.routes.end() &&
               std::ranges::find(now.routes, url) == now.routes.end();
    };
    dialler_.give_up([&](RouteOrigin const& origin) { return origin.url && is_gone(*origin.url); });
    bool const anew = old.pool_size != now.pool_size || old.accounts != now.accounts ||
                      !(old.compression == now.compression) ||
                      old.tls.has_value() != now.tls.has_value();
    for (auto const& [rid, connection] : connections_) {
        RouteOrigin const& origin = connection->origin();
        if (origin.url && origin.configured && is_gone(*origin.url)) {
            connection->close(CloseReason::RouteRemoved);
        } else if (anew) {
            // What is agreed on when a connection begins takes a new one.
            connection->close(CloseReason::ClientClosed);
        }
    }
    for (config::ServerUrl const& url : now.routes) {
        if (std::ranges::find(old.routes, url) == old.routes.end()) {
            dialler_.dial({.configured = true, .url = url}, Duration{0});
        }
    }
    tell_client_urls();
}

/// The other side learns what it may have, and is told anew what is taken from it.
void RouteTable::permissions_changed(RouteConnection& connection, RoutePermissions const& before) {
    auto const known = servers_.find(connection.remote_info().server_id);
    if (known == servers_.end()) {
        return;
    }
    for (auto const& account : context_.accounts.all()) {
        if (connection_for(known->second, account->name()) != &connection) {
            continue;
        }
        interest_.for_each(*account, [&](protocol::PeerInterest const& interest) {
            auto const filter = subject::Filter::from_checked(interest.filter);
            if (before.imports(filter) && !connection.permissions().imports(filter)) {
                connection.withdraw(interest);
            } else {
                connection.tell(interest);
            }
        });
    }
    connection.say_info_again(false);
}

/// Accounts that are gone take their subscriptions with them.
void RouteTable::accounts_changed() {
    for (auto const& account : context_.accounts.retired()) {
        for (auto const& [rid, connection] : connections_) {
            connection->forget(*account);
        }
    }
}

}  // namespace signalbox::cluster
