#pragma once

#include "engine/cluster/route_connection.h"
#include "engine/cluster/route_dialler.h"
#include "engine/cluster/route_interest.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::cluster {

/// Another server of the cluster, and the connections to it.
struct RemoteServer {
    std::string id;
    PeerInfo info;
    bool pools = false;                  ///< Else there is one connection for everything.
    std::vector<RouteConnection*> pool;  ///< By index; null: not there.
    std::map<std::string, RouteConnection*, std::less<>> pinned;  ///< By account.
    /// Accounts that it wants no connection for.
    std::set<std::string, std::less<>> refused;

    bool is_empty() const;
    bool has_free_place() const;
    RouteConnection* any() const;
};

/// The servers of the cluster as this one knows them: keeps connections to all of them, tells them
/// what is listened to here, and tells each of the others.
class RouteTable {
public:
    struct Hooks {
        /// Where clients can go changed.
        std::function<void(std::vector<std::string> const& urls)> client_urls;
        /// A server came, or its last connection went.
        std::function<void()> servers_changed = [] {};
        /// Adds to what the others are told of this server.
        std::function<void(PeerInfo&)> introduce = [](PeerInfo&) {};
    };

    /// `context` outlives it.
    RouteTable(RouteContext& context, Hooks hooks);
    ~RouteTable();

    RouteTable(RouteTable const&) = delete;
    RouteTable& operator=(RouteTable const&) = delete;

    /// It listens at `address`, which others are told, and clients are to be found at these.
    void start(world::Address const& address, std::vector<std::string> client_urls);
    void stop();
    /// A link that was accepted, or dialled.
    void accept(std::unique_ptr<world::Link> link, RouteOrigin origin = {});

    void say_lame_duck();
    /// The options changed; `old` is what they were.
    void settings_changed(config::ClusterOptions const& old);
    void accounts_changed();

    std::string const& cluster_name() const { return name_; }
    world::Address const& address() const { return address_; }
    std::vector<std::string> const& client_urls() const { return client_urls_; }
    void add_introduction(PeerInfo& info) const { hooks_.introduce(info); }
    std::map<std::string, RemoteServer> const& servers() const { return servers_; }
    /// By number.
    std::map<std::uint64_t, std::unique_ptr<RouteConnection>> const& connections() const {
        return connections_;
    }

    // What its connections ask.

    bool name_is_dynamic() const { return dynamic_; }
    /// Whether servers of these two names are of one cluster; where one of them gives its name up
    /// for the other's, all other connections close.
    bool agree_on_name(RouteConnection const& with, std::string const& theirs, bool dynamic);
    /// The index of a place that is not taken; nothing: there is none.
    std::optional<std::size_t> free_place(PeerInfo const& info) const;
    enum class Entry {
        Registered,
        Duplicate,
        WrongIndex,
        SameName,
    };
    Entry enter(RouteConnection& connection);
    /// What was dialled is not needed; where it led is where the others may be dialled again.
    void leave_address(RouteConnection& connection);
    /// The other side wants no connection for that account alone.
    void refused(RouteConnection& connection);
    bool has_own_connection(std::string_view account) const;
    /// Everything that the connection is to be told first.
    void tell_all(RouteConnection& connection);
    /// A server told of itself anew, or of another one.
    void update(RouteConnection& connection, PeerInfo info);
    void answered(RouteConnection& connection);
    void closed(RouteConnection& connection, connection::CloseReason reason);

private:
    static bool is_ours(PeerInfo const& info);
    std::size_t pool_size_with(PeerInfo const& info) const;
    RouteConnection** place_of(RouteConnection const& connection, RemoteServer& server) const;
    bool gives_way(RouteConnection const& held, RouteConnection const& next) const;
    void first_connection(RemoteServer& server, RouteConnection& connection);
    void introduce(RemoteServer const& server, RouteConnection const& connection);
    void hear_of(RouteConnection const& from, PeerInfo const& info);
    void dial_missing(RouteConnection const& connection);
    std::vector<std::string> pinned_accounts() const;
    /// The one that what is listened to in the account is told over; null: it is not there yet.
    RouteConnection* connection_for(RemoteServer const& server, std::string_view account) const;
    void permissions_changed(RouteConnection& connection, RoutePermissions const& before);
    void tell_account(RouteConnection& connection, account::Account const& account);
    void tell_change(account::Account& account, protocol::PeerInterest const& interest);
    void tell_client_urls();
    bool is_configured(PeerInfo const& info) const;

    RouteContext& context_;
    Hooks hooks_;
    std::string name_;
    bool dynamic_ = false;
    world::Address address_;
    std::vector<std::string> client_urls_;         ///< Of this server.
    std::map<std::string, RemoteServer> servers_;  ///< By id.
    RouteInterest interest_;
    RouteDialler dialler_;
    std::map<std::uint64_t, std::unique_ptr<RouteConnection>> connections_;
    std::uint64_t next_rid_ = 1;
    std::vector<std::string> told_urls_;
    bool lame_duck_ = false;
    bool stopping_ = false;
};

}  // namespace signalbox::cluster
