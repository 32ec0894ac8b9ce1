#pragma once

#include "engine/cluster/gateway_connection.h"
#include "engine/cluster/gateway_context.h"
#include "engine/cluster/gateway_interest.h"
#include "engine/cluster/gateway_replies.h"
#include "engine/world/network.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::cluster {

/// The other clusters that a server knows: to each it has one connection of its own, and takes in
/// any number of theirs.
class GatewayTable {
public:
    /// `context` outlives it.
    explicit GatewayTable(GatewayContext& context);
    ~GatewayTable();

    GatewayTable(GatewayTable const&) = delete;
    GatewayTable& operator=(GatewayTable const&) = delete;

    /// Others find it at this address; begins to dial.
    void start(world::Address const& address);
    void stop();
    void accept(std::unique_ptr<world::Link> link);
    void settings_changed();
    /// Some accounts are new, or are gone.
    void accounts_changed();

    world::Address const& address() const { return address_; }
    /// As other clusters are told.
    std::string own_url() const;
    /// The other servers of this cluster, which clusters that come in are told of.
    void others_listen_at(std::vector<std::string> urls);
    template <class Visit>
    void for_each(Visit visit) const {
        for (auto const& [gid, connection] : connections_) {
            visit(*connection);
        }
    }
    /// Whether the configuration names the cluster.
    bool is_configured(std::string_view name) const;

    // For its connections.

    PeerInfo own_info() const;
    /// Whether a cluster may come in.
    bool admits(std::string_view name) const {
        return !context_.gateway().reject_unknown || is_configured(name);
    }
    void opened(GatewayConnection& connection);
    void closed(GatewayConnection& connection, connection::CloseReason reason);
    /// Servers of a cluster listen there.
    void hear_of(std::string const& name, std::vector<std::string> const& urls);
    GatewayInterest const& interest() const { return interest_; }
    /// What stands before a reply that leads to this server.
    std::string const& way_back() const { return way_back_; }
    std::string const& own_hash() const { return hash_; }
    /// A request came from there, and whoever answers it answers that cluster.
    void expect_answer(account::Account& account, std::string_view full,
                       std::string const& cluster);
    bool answers_to(account::Account const& account, std::string_view subject,
                    std::string_view cluster) const {
        return replies_.leads_to(account, subject, cluster);
    }

private:
    /// Another cluster, and how it is reached.
    struct Remote {
        std::string name;
        bool configured = false;
        std::vector<config::ServerUrl> urls;
        GatewayConnection* outbound = nullptr;
        std::int64_t attempts = 0;
        world::TimerId timer;
        std::unique_ptr<world::Dial> dial;
    };

    void dial_later(Remote& remote, Duration delay);
    void dial(Remote& remote);
    void failed(Remote& remote, config::ServerUrl const& url, Error const& error);
    void add(std::unique_ptr<world::Link> link, std::optional<GatewayWay> way);
    message::Delivery send_answer(account::Account& account, std::string const& full,
                                  std::string const& cluster, message::MessageRun const& run);

    GatewayContext& context_;
    world::Address address_;
    std::vector<std::string> others_;
    std::string hash_;
    std::string way_back_;
    GatewayInterest interest_;
    GatewayReplies replies_;
    std::map<std::string, Remote, std::less<>> remotes_;  ///< By name.
    std::map<std::uint64_t, std::unique_ptr<GatewayConnection>> connections_;
    std::uint64_t next_gid_ = 1;
    bool stopping_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::cluster
