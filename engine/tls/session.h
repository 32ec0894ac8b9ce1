#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/tls/context.h"
#include "engine/tls/memory_bio.h"
#include "engine/tls/peer_identity.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::tls {

/// An OCSP answer to be shown with the own certificate, in DER; null: none.
using Staple = std::shared_ptr<std::string const>;

/// One side of a TLS connection, as a codec: fed what came, drained of what is to be sent. Holds no
/// socket and asks no time.
///
/// First `advance` is called until the handshake is done, then `read` and `write`. All of a session
/// may move to another thread between two calls, so that the dear steps are done by workers.
class Session {
public:
    /// The side that listens. `context` is of a server.
    static std::unique_ptr<Session> accept(ContextPtr context, Staple staple = {});

    /// The side that dials. `host` is what the peer's certificate must be for, a name or a numeric
    /// address, unless nothing is verified.
    static std::unique_ptr<Session> connect(ContextPtr context, std::string const& host);

    ~Session();

    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    /// Bytes of the peer. Those of before must be used up, or kept.
    void feed(Bytes bytes);
    /// What was fed and not used yet is copied, for the bytes are about to go.
    void keep();

    enum class Progress {
        Done,
        NeedsMore,  ///< Bytes of the peer; what there is to send may have grown.
        Failed,     ///< `failure` says why; what there is to send tells the peer.
    };

    /// Goes on with the handshake. May take a millisecond or more: never on the engine's thread.
    Progress advance();

    enum class Read {
        Some,
        NeedsMore,  ///< All that was fed is used up.
        Closed,     ///< The peer said that it sends no more.
        Failed,
    };

    /// What the peer said, at most one record; `count` of it are in `into`, which is not empty.
    Read read(std::span<char> into, std::size_t& count);

    /// Adds it to what there is to send, in records of 16 KiB. False: it failed, and so will all
    /// later calls.
    bool write(Bytes bytes);

    /// Says that nothing more follows.
    void close();

    /// What there is to send; the owner takes from it as it likes.
    std::string& out() { return memory_.out; }

    /// Once the handshake is done.
    std::shared_ptr<PeerIdentity const> const& peer() const { return peer_; }
    std::string const& failure() const { return failure_; }
    Context const& context() const { return *context_; }

    /// Called by the library when a client asks for an OCSP answer.
    static int show_staple(SSL* session, void*);

private:
    Session(ContextPtr context, Staple staple);

    void learn_peer();
    bool is_admitted();
    std::string why();

    ContextPtr context_;
    Staple staple_;
    Memory memory_;
    std::string kept_;  ///< Where `memory_.in` lies after `keep`.
    SslPtr session_;
    std::shared_ptr<PeerIdentity const> peer_;
    std::string failure_;
};

}  // namespace signalbox::tls
