#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/permission/permissions.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace signalbox::system {

/// Who is connected, as it may hear itself.
struct UserFacts {
    std::string user;
    std::string account;
    std::string account_name;  ///< As people know it.
    std::string user_name;     ///< Likewise; only of JWTs.
    /// Null: everything is allowed.
    std::shared_ptr<permission::Permissions const> permissions;
    std::optional<WallTime> expires;
};

/// What requests can make a server do, and what only it knows of its connections.
class ServerControl {
public:
    virtual ~ServerControl() = default;

    /// Reads its configuration again. Errors: those of `Server::reload`, Unavailable (nobody can
    /// read it).
    virtual void reload(std::function<void(Result<void>)> done) = 0;

    /// Closes a connection. Errors: NotFound.
    virtual Result<void> kick(std::uint64_t cid) = 0;

    /// Tells one client that it should go elsewhere. Errors: NotFound, Unavailable (it does not
    /// know what that means, or did not say yet that it does).
    virtual Result<void> warn_of_shutdown(std::uint64_t cid) = 0;

    /// There is none of that number: nothing.
    virtual std::optional<UserFacts> user_of(std::uint64_t cid) const = 0;
};

}  // namespace signalbox::system
