#pragma once

#include "engine/event/account_event.h"
#include "engine/event/server_event.h"

#include <variant>

namespace signalbox::event {

/// All that is told of a server as it happens.
using Event = std::variant<ClientConnected, ClientDisconnected, ClientRefused, LameDuckBegun,
                           ServerStopping, PeerCertificateRefused, CertificateLinkInvalid>;

/// Who is told of events. Whoever says one knows not who listens.
class EventSink {
public:
    virtual ~EventSink() = default;

    /// May be called at any time; nothing that it leads to happens within the call.
    virtual void say(Event event) = 0;
};

/// Nobody listens.
class NoEvents final : public EventSink {
public:
    void say(Event) override {}
};

}  // namespace signalbox::event
