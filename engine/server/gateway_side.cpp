#include "engine/server/gateway_side.h"

#include "engine/config/tls_settings.h"

#include <utility>

namespace signalbox::server {
namespace {

constexpr char kEverywhere[] = "0.0.0.0";
constexpr char kLoopback[] = "127.0.0.1";
constexpr char kListener[] = "gateway";

/// Without an address given, only a server that asks who comes is open to all machines.
std::string host_of(config::GatewayOptions const& options) {
    if (!options.listen.host.empty()) {
        return options.listen.host;
    }
    bool const asks = !options.login.user.empty() || (options.tls && options.tls->verify);
    return asks ? kEverywhere : kLoopback;
}

}  // namespace

GatewaySide::GatewaySide(connection::ConnectionContext& context, ServerIdentity const& identity)
    : secrets_(context.world.workers()),
      context_{.clients = context,
               .secrets = secrets_,
               .server_id = identity.id,
               .server_name = identity.name} {}

Result<GatewaySide::Contexts> GatewaySide::make(config::GatewayOptions const& options) {
    Contexts contexts;
    if (options.enabled() && options.tls) {
        contexts.listen =
            TRY(tls::Context::create(tls::Role::Server, config::listening_settings(*options.tls)));
        contexts.dial =
            TRY(tls::Context::create(tls::Role::Client, config::dialling_settings(*options.tls)));
    }
    return contexts;
}

void GatewaySide::use(Contexts contexts) {
    context_.listen_tls = std::move(contexts.listen);
    context_.dial_tls = std::move(contexts.dial);
}

void GatewaySide::prepare() {
    if (context_.gateway().enabled()) {
        table_ = std::make_unique<cluster::GatewayTable>(context_);
    }
}

std::optional<connection::ListenerPlan> GatewaySide::listener() {
    if (!table_) {
        return std::nullopt;
    }
    return connection::ListenerPlan{
        .name = kListener,
        .host = host_of(context_.gateway()),
        .second_host = {},
        .port = context_.gateway().listen.port,
        .accept = [this](auto link) { table_->accept(std::move(link)); }};
}

void GatewaySide::start(world::Address const& address) {
    LOG(context_.log(), Notice, "Gateway name is ", context_.gateway().name);
    LOG(context_.log(), Notice, "Listening for gateways connections on ", address.host, ":",
        address.port);
    table_->start(address);
}

void GatewaySide::stop() {
    if (table_) {
        table_->stop();
    }
}

void GatewaySide::settings_changed() {
    if (table_) {
        table_->settings_changed();
    }
}

void GatewaySide::others_listen_at(std::vector<std::string> urls) {
    if (table_) {
        table_->others_listen_at(std::move(urls));
    }
}

void GatewaySide::accounts_changed() {
    if (table_) {
        table_->accounts_changed();
    }
}

}  // namespace signalbox::server
