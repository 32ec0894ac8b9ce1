#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/world/link.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::world {

/// Accepts links until it is destroyed.
class Listener {
public:
    virtual ~Listener() = default;

    /// With the port that was chosen when 0 was asked for.
    virtual Address const& address() const = 0;
};

/// An attempt to reach a peer; destroying it gives up, and its callback is not called.
class Dial {
public:
    virtual ~Dial() = default;
};

/// Makes links.
class Network {
public:
    using OnAccept = std::function<void(std::unique_ptr<Link>)>;
    using OnDialled = std::function<void(Result<std::unique_ptr<Link>>)>;
    using OnResolved = std::function<void(Result<std::vector<std::string>>)>;

    virtual ~Network() = default;

    /// Finds the numeric addresses of a host name; a numeric one is its own. Never answers from
    /// within this call. Errors: NotFound.
    virtual void resolve(std::string const& host, OnResolved done) = 0;

    /// `address` is numeric; port 0 asks for any free one. Errors: Io (in use, not ours).
    virtual Result<std::unique_ptr<Listener>> listen(Address const& address,
                                                     OnAccept on_accept) = 0;

    /// `host` may be a name. Never answers from within this call, and at the latest after
    /// `timeout`. Errors: NotFound, Io, TimedOut.
    virtual std::unique_ptr<Dial> dial(std::string const& host, std::uint16_t port,
                                       Duration timeout, OnDialled done) = 0;

    /// The numeric addresses of this machine, without loopback ones, for what listens on all.
    virtual std::vector<std::string> interface_addresses() = 0;
};

}  // namespace signalbox::world
