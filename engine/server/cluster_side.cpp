#include "engine/server/cluster_side.h"

#include "engine/base/text.h"
#include "engine/config/tls_settings.h"

#include <utility>

namespace signalbox::server {
namespace {

constexpr char kEverywhere[] = "0.0.0.0";
constexpr char kLoopback[] = "127.0.0.1";
constexpr char kListener[] = "cluster";

/// Without an address given, only a cluster that asks who comes is open to all machines.
std::string host_of(config::ClusterOptions const& options) {
    if (!options.listen.host.empty()) {
        return options.listen.host;
    }
    bool const asks = !options.login.user.empty() || (options.tls && options.tls->verify);
    return asks ? kEverywhere : kLoopback;
}

}  // namespace

ClusterSide::ClusterSide(connection::ConnectionContext& context, ServerIdentity const& identity,
                         auth::Admission& admission, Hooks hooks)
    : connections_(context),
      secrets_(context.world.workers()),
      context_{.world = context.world,
               .log = context.log,
               .accounts = context.accounts,
               .dispatcher = context.dispatcher,
               .observation = context.observation,
               .flush = context.flush,
               .secrets = secrets_,
               .traces = *context.traces,
               .options = context.options,
               .server_id = identity.id,
               .server_name = identity.name},
      hooks_(std::move(hooks)),
      gateways_(context, identity),
      leafs_(context, identity, admission,
             {.next_number = hooks_.next_number,
              .cluster_name = [this] { return cluster_name(); },
              .other_urls = [this] { return leaf_urls_of_others(); }}) {}

/// Where else this cluster takes leaf nodes and other clusters in is told by its servers.
void ClusterSide::introduce(cluster::PeerInfo& info) const {
    if (leafs_.table() != nullptr && leafs_.table()->address().port != 0) {
        info.leafnode_urls = {leafs_.table()->advertised()};
    }
    if (gateways_.table() != nullptr) {
        info.gateway_url = gateways_.table()->own_url();
    }
}

void ClusterSide::servers_changed() {
    hooks_.servers_changed();
    std::vector<std::string> gateways;
    for (auto const& [id, server] : table_->servers()) {
        if (!server.info.gateway_url.empty()) {
            gateways.push_back(server.info.gateway_url);
        }
    }
    gateways_.others_listen_at(std::move(gateways));
    leafs_.urls_changed();
}

std::vector<std::string> ClusterSide::leaf_urls_of_others() const {
    std::vector<std::string> urls;
    if (table_) {
        for (auto const& [id, server] : table_->servers()) {
            urls.insert(urls.end(), server.info.leafnode_urls.begin(),
                        server.info.leafnode_urls.end());
        }
    }
    return urls;
}

Result<ClusterSide::Contexts> ClusterSide::make(config::ClusterOptions const& options) {
    Contexts contexts;
    if (options.enabled() && options.tls) {
        contexts.listen =
            TRY(tls::Context::create(tls::Role::Server, config::listening_settings(*options.tls)));
        contexts.dial =
            TRY(tls::Context::create(tls::Role::Client, config::dialling_settings(*options.tls)));
    }
    return contexts;
}

void ClusterSide::use(Contexts contexts) {
    context_.listen_tls = std::move(contexts.listen);
    context_.dial_tls = std::move(contexts.dial);
}

void ClusterSide::prepare() {
    context_.options = connections_.options;
    if (context_.cluster().enabled()) {
        table_ = std::make_unique<cluster::RouteTable>(
            context_,
            cluster::RouteTable::Hooks{.client_urls = hooks_.client_urls,
                                       .servers_changed = [this] { servers_changed(); },
                                       .introduce = [this](auto& info) { introduce(info); }});
    }
    leafs_.prepare();
    gateways_.prepare();
}

std::optional<connection::ListenerPlan> ClusterSide::listener() {
    if (!table_) {
        return std::nullopt;
    }
    return connection::ListenerPlan{
        .name = kListener,
        .host = host_of(context_.cluster()),
        .second_host = {},
        .port = context_.cluster().listen.port,
        .accept = [this](auto link) { table_->accept(std::move(link)); }};
}

void ClusterSide::start(world::Address const& address, std::vector<std::string> client_urls) {
    LOG(context_.log, Notice, "Cluster name is ", table_->cluster_name());
    if (table_->name_is_dynamic()) {
        LOG(context_.log, Warning, "Cluster name was dynamically generated, consider setting one");
    }
    LOG(context_.log, Notice, "Listening for route connections on ", address.host, ":",
        address.port);
    table_->start(address, std::move(client_urls));
}

void ClusterSide::lame_duck() {
    if (table_) {
        table_->say_lame_duck();
    }
}

void ClusterSide::stop() {
    leafs_.stop();
    gateways_.stop();
    if (table_) {
        table_->stop();
    }
}

void ClusterSide::settings_changed(config::ClusterOptions const& old) {
    if (table_) {
        table_->settings_changed(old);
    }
}

void ClusterSide::accounts_changed() {
    leafs_.accounts_changed();
    gateways_.accounts_changed();
    if (table_) {
        table_->accounts_changed();
    }
}

std::string const& ClusterSide::cluster_name() const {
    // Without others of its own, a server with gateways is a cluster by itself.
    return table_ ? table_->cluster_name() : context_.options->gateway.name;
}

}  // namespace signalbox::server
