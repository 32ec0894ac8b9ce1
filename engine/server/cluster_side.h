#pragma once

#include "engine/auth/secret_check.h"
#include "engine/cluster/route_table.h"
#include "engine/connection/acceptor.h"
#include "engine/connection/connection_context.h"
#include "engine/server/gateway_side.h"
#include "engine/server/leaf_side.h"
#include "engine/server/server_identity.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::server {

/// The other servers that a server knows: those of its cluster, its leaf nodes and hubs,
/// other clusters. TLS for them, where they come in, what clients are told of them.
class ClusterSide {
public:
    struct Hooks {
        /// Where clients can go changed.
        std::function<void(std::vector<std::string> const& urls)> client_urls;
        std::function<void()> servers_changed;
        /// Connections with leaf nodes are counted with those of clients.
        std::function<std::uint64_t()> next_number;
    };

    /// All outlive it.
    ClusterSide(connection::ConnectionContext& context, ServerIdentity const& identity,
                auth::Admission& admission, Hooks hooks);

    /// Certificates for the other servers, of the options that the server begins with or is about
    /// to take.
    struct Contexts {
        tls::ContextPtr listen;
        tls::ContextPtr dial;
    };
    /// Errors: InvalidArgument.
    static Result<Contexts> make(config::ClusterOptions const& options);
    void use(Contexts contexts);

    /// Makes the cluster known before anybody listens; nothing where there is none.
    void prepare();

    /// Where the other servers come in; nothing where there is no cluster.
    std::optional<connection::ListenerPlan> listener();
    /// It listens there, and clients find the server at these.
    void start(world::Address const& address, std::vector<std::string> client_urls);
    void lame_duck();
    void stop();

    /// The options of the context are new; `old` are those of before.
    void settings_changed(config::ClusterOptions const& old);
    void accounts_changed();

    GatewaySide& gateways() { return gateways_; }
    GatewaySide const& gateways() const { return gateways_; }
    LeafSide& leafs() { return leafs_; }
    LeafSide const& leafs() const { return leafs_; }

    /// Null: there is no cluster.
    cluster::RouteTable const* routes() const { return table_.get(); }
    /// Empty: there is none.
    std::string const& cluster_name() const;

private:
    void introduce(cluster::PeerInfo& info) const;
    void servers_changed();
    std::vector<std::string> leaf_urls_of_others() const;

    connection::ConnectionContext& connections_;
    auth::SecretCheck secrets_;
    cluster::RouteContext context_;
    Hooks hooks_;
    std::unique_ptr<cluster::RouteTable> table_;
    GatewaySide gateways_;
    LeafSide leafs_;
};

}  // namespace signalbox::server
