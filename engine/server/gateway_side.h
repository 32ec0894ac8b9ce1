#pragma once

#include "engine/auth/secret_check.h"
#include "engine/cluster/gateway_table.h"
#include "engine/connection/acceptor.h"
#include "engine/connection/connection_context.h"
#include "engine/server/server_identity.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::server {

/// The other clusters that a server knows, as far as it has gateways: TLS for them, where they come
/// in.
class GatewaySide {
public:
    /// All outlive it.
    GatewaySide(connection::ConnectionContext& context, ServerIdentity const& identity);

    /// Certificates for both ways; null: none.
    struct Contexts {
        tls::ContextPtr listen;
        tls::ContextPtr dial;
    };
    /// Errors: InvalidArgument.
    static Result<Contexts> make(config::GatewayOptions const& options);
    void use(Contexts contexts);

    /// Makes gateways known before anybody listens; nothing where there are none.
    void prepare();
    /// Where other clusters come in; nothing where there are none.
    std::optional<connection::ListenerPlan> listener();
    /// It listens there, and begins to dial.
    void start(world::Address const& address);
    void stop();
    void settings_changed();
    /// Where the other servers of this cluster take gateways in.
    void others_listen_at(std::vector<std::string> urls);
    void accounts_changed();

    /// Null: there are none.
    cluster::GatewayTable const* table() const { return table_.get(); }

private:
    auth::SecretCheck secrets_;
    cluster::GatewayContext context_;
    std::unique_ptr<cluster::GatewayTable> table_;
};

}  // namespace signalbox::server
