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

bool has_users(Options const& options) {
    return !options.authorization.users.empty() ||
           std::ranges::any_of(options.accounts, [](AccountOptions const& account) {
               return !account.users.empty();
           });
}

bool has_user(Options const& options, std::string_view id) {
    auto const is_it = [&](User const& user) { return user.id() == id; };
    return std::ranges::any_of(options.authorization.users, is_it) ||
           std::ranges::any_of(options.accounts, [&](AccountOptions const& account) {
               return std::ranges::any_of(account.users, is_it);
           });
}

Result<void> check_no_auth_user(Options const& options) {
    std::string const& name = options.authorization.no_auth_user;
    if (name.empty()) {
        return {};
    }
    if (options.operators.enabled()) {
        return invalid("no_auth_user not compatible with Trusted Operator");
    }
    if (!has_users(options)) {
        return invalid(concat("no_auth_user: ", base::quoted(name),
                              " present, but users/nkeys are not defined"));
    }
    if (!has_user(options, name)) {
        return invalid(concat("no_auth_user: ", base::quoted(name),
                              " not present as user or nkey in authorization block or account "
                              "configuration"));
    }
    return {};
}

Result<void> check_operators(Options const& options) {
    OperatorOptions const& operators = options.operators;
    if (!operators.operators.empty() && !operators.trusted_keys.empty()) {
        return invalid("conflicting options for 'TrustedKeys' and 'TrustedOperators'");
    }
    if (!operators.enabled()) {
        return operators.default_sentinel.empty()
                   ? Result<void>()
                   : invalid("default sentinel requires operators and accounts");
    }
    if (std::ranges::any_of(options.accounts,
                            [](AccountOptions const& account) { return account.name != "$G"; })) {
        return invalid("operators do not allow Accounts to be configured directly");
    }
    if (has_users(options)) {
        return invalid("operators do not allow users to be configured directly");
    }
    if (options.authorization.callout) {
        return invalid("operators do not allow authorization callouts to be configured directly");
    }
    return {};
}

Result<void> check_callout(Options const& options) {
    if (!options.authorization.callout) {
        return {};
    }
    AuthCallout const& callout = *options.authorization.callout;
    auto const defined = [&](std::string const& name) {
        return name == "$G" || std::ranges::find(options.accounts, name, &AccountOptions::name) !=
                                   options.accounts.end();
    };
    for (std::string const& name : callout.allowed_accounts) {
        if (!defined(name)) {
            return invalid(concat("auth_callout allowed account ", base::quoted(name),
                                  " not found in configured accounts"));
        }
    }
    return {};
}

Result<void> check_monitoring(Options const& options) {
    Monitoring const& monitoring = options.monitoring;
    if (monitoring.http && monitoring.https) {
        return invalid(concat("Can't start monitoring: can't specify both HTTP (",
                              monitoring.http->port, ") and HTTPs (", monitoring.https->port,
                              ") ports"));
    }
    if (monitoring.https && !options.tls) {
        return invalid("Can't start monitoring: TLS cert and key required for HTTPS");
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
    TRY(check_no_auth_user(options));
    TRY(check_operators(options));
    TRY(check_callout(options));
    return check_monitoring(options);
}

bool has_plaintext_secret(Options const& options) {
    Authorization const& authorization = options.authorization;
    auto const plain = [](User const& user) { return is_plain(user.password); };
    return is_plain(authorization.password) || is_plain(authorization.token) ||
           std::ranges::any_of(authorization.users, plain) ||
           std::ranges::any_of(options.accounts, [&](AccountOptions const& account) {
               return std::ranges::any_of(account.users, plain);
           });
}

}  // namespace signalbox::config
