#include "engine/connection/client_connection.h"
#include "engine/connection/connection_table.h"

namespace signalbox::connection {

// What others are told of a connection: that it came, went, or was not let in.

event::ClientInfo ClientConnection::client_info() const {
    event::ClientInfo info{.start = handshake_.accepted_at,
                           .host = transport_.remote().host,
                           .id = cid_,
                           .account = who_.account,
                           .user = who_.user,
                           .name = options_.name,
                           .lang = options_.lang,
                           .version = options_.version,
                           .jwt = who_.token.jwt,
                           .issuer_key = who_.token.issuer_key,
                           .name_tag = who_.token.name_tag,
                           .tags = who_.token.tags};
    if (info.name_tag.empty()) {
        info.name_tag = who_.account;
    }
    return info;
}

void ClientConnection::say_connected() {
    if (context_.events != nullptr && !handshake_.announced) {
        handshake_.announced = true;
        context_.events->say(event::ClientConnected{.client = client_info()});
    }
}

template <class Gone>
Gone ClientConnection::gone(CloseReason reason) const {
    Gone event{.client = client_info(),
               .sent = {counters_->in_msgs.get(), counters_->in_bytes.get()},
               .received = {counters_->out_msgs.get(), counters_->out_bytes.get()},
               .reason = std::string(text_of(reason))};
    event.client.rtt = keep_alive_.rtt() > Duration{0} ? keep_alive_.rtt() : handshake_.took;
    event.client.stop = context_.world.clock().wall_now();
    return event;
}

void ClientConnection::say_disconnected() {
    if (context_.events != nullptr && handshake_.announced) {
        context_.events->say(gone<event::ClientDisconnected>(ending_.reason));
    }
}

/// With the name it gave, which nobody has confirmed.
void ClientConnection::say_refused(CloseReason reason, auth::Verdict const& verdict) {
    if (context_.events == nullptr) {
        return;
    }
    auto event = gone<event::ClientRefused>(reason);
    event.client.user = options_.user.empty() ? options_.nkey : options_.user;
    if (!verdict.identity.account.empty()) {
        event.client.account = verdict.identity.account;
        event.client.name_tag = verdict.identity.account;
        event.account_reason = verdict.detail;
    }
    context_.events->say(std::move(event));
}

}  // namespace signalbox::connection
