#pragma once

#include "engine/base/result.h"
#include "engine/tls/peer_identity.h"

#include <functional>
#include <memory>

namespace signalbox::connection {

/// Asks others about the certificate of a peer that has shaken hands already.
class PeerCheck {
public:
    using OnVerdict = std::function<void(Result<void>)>;

    virtual ~PeerCheck() = default;

    /// `done` is called once, maybe from within this call; not at all when this is destroyed
    /// before. Errors, of `done`: PermissionDenied.
    virtual void check(std::shared_ptr<tls::PeerIdentity const> const& peer, OnVerdict done) = 0;
};

}  // namespace signalbox::connection
