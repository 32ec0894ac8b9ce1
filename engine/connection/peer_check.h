#pragma once

#include "engine/base/result.h"
#include "engine/tls/peer_identity.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace signalbox::connection {

/// Asks others about the certificate of a peer that has shaken hands already.
class PeerCheck {
public:
    using OnVerdict = std::function<void(Result<void>)>;
    /// A certificate of the verified chain, by its place from the peer's own, is not good. Said
    /// before the verdict, also when the peer is let in all the same.
    using OnInvalidLink = std::function<void(std::size_t place, std::string const& why)>;

    virtual ~PeerCheck() = default;

    /// `done` is called once, maybe from within this call; not at all when this is destroyed
    /// before. Errors, of `done`: PermissionDenied.
    virtual void check(std::shared_ptr<tls::PeerIdentity const> const& peer, OnVerdict done,
                       OnInvalidLink invalid) = 0;
};

}  // namespace signalbox::connection
