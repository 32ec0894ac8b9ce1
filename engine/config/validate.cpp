#include "engine/config/validate.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/config/address.h"
#include "engine/crypto/bcrypt.h"

#include <algorithm>
#include <string>

namespace signalbox::config {

namespace {

Error invalid(std::string text) {
    return Error(Errc::InvalidArgument, std::move(text));
}

Result<void> check_no_auth_user(Authorization const& authorization) {
    std::string const& name = authorization.no_auth_user;
    if (name.empty()) {
        return {};
    }
    if (authorization.users.empty()) {
        return invalid(concat("no_auth_user: ", base::quoted(name),
                              " present, but users/nkeys are not defined"));
    }
    if (std::ranges::none_of(authorization.users,
                             [&](User const& user) { return user.name == name; })) {
        return invalid(concat("no_auth_user: ", base::quoted(name),
                              " not present as user or nkey in authorization block or account "
                              "configuration"));
    }
    return {};
}

/// A host, or a host and a port that one can connect to.
bool is_advertisable(std::string const& text) {
    if (text.empty() || text.find(':') == std::string::npos) {
        return text.find_first_of(" \t\r\n") == std::string::npos;
    }
    Result<ListenAddress> const address = parse_address(text);
    return address.ok() && !address.value().host.empty() && address.value().port > 0;
}

bool is_plain(crypto::Secret const& secret) {
    return !secret.empty() && !crypto::is_bcrypt(secret.reveal());
}

}  // namespace

Result<void> validate(Options const& options) {
    Limits const& limits = options.limits;
    if (options.lame_duck.grace_period >= options.lame_duck.duration) {
        return invalid(concat("lame duck grace period (",
                              base::duration_text(options.lame_duck.grace_period),
                              ") should be strictly lower than lame duck duration (",
                              base::duration_text(options.lame_duck.duration), ")"));
    }
    if (limits.max_payload > limits.max_pending) {
        return invalid(concat("max_payload (", limits.max_payload,
                              ") cannot be higher than max_pending (", limits.max_pending, ")"));
    }
    if (options.server_name.find_first_of(" \t\r\n") != std::string::npos) {
        return invalid("server name cannot contain spaces");
    }
    if (!is_advertisable(options.client_advertise)) {
        return invalid(concat("client_advertise ", base::quoted(options.client_advertise),
                              " is not a host or host:port"));
    }
    return check_no_auth_user(options.authorization);
}

bool has_plaintext_secret(Authorization const& authorization) {
    return is_plain(authorization.password) || is_plain(authorization.token) ||
           std::ranges::any_of(authorization.users,
                               [](User const& user) { return is_plain(user.password); });
}

}  // namespace signalbox::config
