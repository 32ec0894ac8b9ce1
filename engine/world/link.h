#pragma once

#include "engine/base/bytes.h"

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::world {

/// A numeric address and a port, as a peer is known by.
struct Address {
    std::string host;  ///< `127.0.0.1` or `::1`; no brackets.
    std::uint16_t port = 0;

    friend auto operator<=>(Address const&, Address const&) = default;
};

/// Why a link ended without its owner asking for it.
enum class LinkEnd {
    ClosedByPeer,  ///< The peer sends no more.
    ReadError,
    WriteError,
};

/// Learns what happens on a link. Called on the engine's thread, never from within a call to the
/// link; may destroy the link from any of these.
class LinkOwner {
public:
    virtual ~LinkOwner() = default;

    /// Where the next bytes should be received, to save a copy of a large frame. Empty, the usual
    /// answer, means the engine's own read buffer.
    virtual std::span<char> receive_space() { return {}; }

    /// Bytes came. They last until this returns, unless they lie in the owner's `receive_space`.
    virtual void received(Bytes bytes) = 0;

    /// There is room again after a `send` that took less than it was given.
    virtual void writable() = 0;

    /// The link ended; nothing is called after this.
    virtual void ended(LinkEnd why, std::string_view detail) = 0;
};

/// A byte stream to one peer. Destroying it closes it at once, and nothing is called any more.
class Link {
public:
    virtual ~Link() = default;

    /// Begins to receive; called again, what comes from now on is another owner's, such as a layer
    /// that was put between.
    virtual void start(LinkOwner& owner) = 0;

    /// Hands over the pieces, in order, and answers how many bytes were taken. When that is less
    /// than all, `writable` follows once; a link that broke takes nothing and `ended` follows.
    virtual std::size_t send(std::span<Bytes const> pieces) = 0;

    /// Back-pressure: nothing is received until `resume_reading`.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;

    virtual Address const& local() const = 0;
    virtual Address const& remote() const = 0;
};

}  // namespace signalbox::world
