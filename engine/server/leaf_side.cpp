#include "engine/server/leaf_side.h"

#include "engine/base/text.h"
#include "engine/config/tls_settings.h"

#include <utility>

namespace signalbox::server {
namespace {

constexpr char kEverywhere[] = "0.0.0.0";
constexpr char kLoopback[] = "127.0.0.1";
constexpr char kListener[] = "leafnode";

event::ClientInfo info_of(cluster::LeafConnection const& leaf) {
    event::ClientInfo info;
    leaf.describe(info);
    return info;
}

event::ClientDisconnected gone(cluster::LeafConnection const& leaf, connection::CloseReason reason,
                               WallTime now) {
    cluster::PeerConnection::Counts const& counts = leaf.peer().counts;
    event::ClientDisconnected event{.client = info_of(leaf),
                                    .sent = {counts.in_msgs, counts.in_bytes},
                                    .received = {counts.out_msgs, counts.out_bytes},
                                    .reason = std::string(connection::text_of(reason))};
    event.client.stop = now;
    return event;
}

}  // namespace

LeafSide::LeafSide(connection::ConnectionContext& context, ServerIdentity const& identity,
                   auth::Admission& admission, Hooks hooks)
    : admission_(admission),
      hooks_(std::move(hooks)),
      context_{.clients = context,
               .server_id = identity.id,
               .server_name = identity.name,
               .next_number = hooks_.next_number,
               .cluster_name = hooks_.cluster_name} {}

Result<tls::ContextPtr> LeafSide::make(config::LeafOptions const& options) {
    if (options.listen.port == 0 || !options.tls) {
        return tls::ContextPtr();
    }
    return tls::Context::create(tls::Role::Server, config::listening_settings(*options.tls));
}

void LeafSide::prepare() {
    if (context_.leaf().enabled()) {
        make_table();
    }
}

void LeafSide::make_table() {
    authenticator_ = admission_.for_leaf_nodes(context_.options());
    context_.authenticator = authenticator_.get();
    table_ = std::make_unique<cluster::LeafTable>(
        context_,
        cluster::LeafTable::Hooks{
            .opened =
                [this](cluster::LeafConnection const& leaf) {
                    say(event::ClientConnected{.client = info_of(leaf)});
                },
            .closed =
                [this](cluster::LeafConnection const& leaf, connection::CloseReason reason) {
                    say(gone(leaf, reason, context_.world().clock().wall_now()));
                },
            .other_urls = hooks_.other_urls});
    Result<void> const prepared = table_->prepare();
    if (!prepared.ok()) {
        LOG(context_.log(), Error, "leafnodes: ", prepared.error().detail());
    }
}

void LeafSide::say(event::Event event) {
    if (context_.clients.events != nullptr) {
        context_.clients.events->say(std::move(event));
    }
}

std::optional<connection::ListenerPlan> LeafSide::listener() {
    config::LeafOptions const& leaf = context_.leaf();
    if (!table_ || leaf.listen.port == 0) {
        return std::nullopt;
    }
    // Without an address given, only a server that asks who comes is open to all machines.
    bool const asks = !leaf.authorization.empty() || context_.options().authentication_required();
    std::string const host =
        leaf.listen.host.empty() ? asks ? kEverywhere : kLoopback : leaf.listen.host;
    return connection::ListenerPlan{
        .name = kListener,
        .host = host,
        .second_host = {},
        .port = leaf.listen.port,
        .accept = [this](auto link) { table_->accept(std::move(link)); }};
}

void LeafSide::listens_at(world::Address const& address) {
    LOG(context_.log(), Notice, "Listening for leafnode connections on ", address.host, ":",
        address.port);
    table_->listens_at(address);
}

void LeafSide::start() {
    if (table_) {
        table_->start();
    }
}

void LeafSide::stop() {
    if (table_) {
        table_->stop();
    }
}

void LeafSide::settings_changed(config::LeafOptions const& old) {
    if (!table_ && context_.leaf().enabled()) {
        // The first remotes of a server that had none.
        make_table();
        table_->start();
    } else if (table_) {
        Result<void> const changed = table_->settings_changed(old);
        if (!changed.ok()) {
            LOG(context_.log(), Error, "leafnodes: ", changed.error().detail());
        }
    }
}

void LeafSide::users_changed() {
    if (table_) {
        authenticator_ = admission_.for_leaf_nodes(context_.options());
        context_.authenticator = authenticator_.get();
        table_->authenticate_again();
    }
}

void LeafSide::accounts_changed() {
    if (table_) {
        table_->accounts_changed();
    }
}

void LeafSide::urls_changed() {
    if (table_) {
        table_->say_info_again();
    }
}

bool LeafSide::disconnect(std::uint64_t cid) {
    return table_ && table_->close(cid, connection::CloseReason::Kicked);
}

}  // namespace signalbox::server
