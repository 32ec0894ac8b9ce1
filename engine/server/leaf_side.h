#pragma once

#include "engine/auth/admission.h"
#include "engine/cluster/leaf_table.h"
#include "engine/connection/acceptor.h"
#include "engine/connection/connection_context.h"
#include "engine/server/server_identity.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::server {

/// The leaf nodes of a server and its hubs, as far as it has any: who may come in and where, TLS
/// for them.
class LeafSide {
public:
    struct Hooks {
        std::function<std::uint64_t()> next_number;  ///< They are counted with the clients.
        std::function<std::string()> cluster_name;
        /// Where the other servers of the cluster take leaf nodes in.
        std::function<std::vector<std::string>()> other_urls;
    };

    /// All outlive it.
    LeafSide(connection::ConnectionContext& context, ServerIdentity const& identity,
             auth::Admission& admission, Hooks hooks);

    /// The certificate for those who come in; null: none. Errors: InvalidArgument.
    static Result<tls::ContextPtr> make(config::LeafOptions const& options);
    void use(tls::ContextPtr context) { context_.listen_tls = std::move(context); }

    /// Makes leaf nodes known before anybody listens; nothing where there are none.
    void prepare();

    /// Where they come in; nothing where none may.
    std::optional<connection::ListenerPlan> listener();
    void listens_at(world::Address const& address);
    /// Begins to dial.
    void start();
    void stop();

    /// The options of the context are new; `old` are those of before.
    void settings_changed(config::LeafOptions const& old);
    void users_changed();
    void accounts_changed();
    /// Other servers of the cluster take leaf nodes in, or do no more.
    void urls_changed();

    /// False: there is none of that number.
    bool disconnect(std::uint64_t cid);

    /// Null: there are none.
    cluster::LeafTable const* table() const { return table_.get(); }

private:
    void make_table();
    void say(event::Event event);

    auth::Admission& admission_;
    Hooks hooks_;
    cluster::LeafContext context_;
    std::unique_ptr<auth::Authenticator> authenticator_;
    std::unique_ptr<cluster::LeafTable> table_;
};

}  // namespace signalbox::server
