#include "engine/auth/callout_auth.h"

#include "engine/account/account.h"
#include "engine/auth/jwt_auth.h"
#include "engine/base/text.h"
#include "engine/claims/network.h"
#include "engine/claims/time_windows.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace signalbox::auth {
namespace {

using Parts = CalloutAuth::Parts;
using RulesPtr = std::shared_ptr<CalloutAuth::Rules const>;
using ClaimsPtr = TokenAccounts::ClaimsPtr;

bool holds(std::vector<std::string> const& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
}

/// The reference logs these reasons, and tells them in an event; the client hears what all hear.
Verdict refused(Parts const& parts, std::string detail, Refusal why = Refusal::WrongCredentials) {
    if (!detail.empty() && detail.front() >= 'a' && detail.front() <= 'z') {
        detail.front() = static_cast<char>(detail.front() - 'a' + 'A');
    }
    LOG(parts.log, Warning, detail);
    return {.admitted = false, .identity = {}, .refusal = why, .detail = std::move(detail)};
}

Verdict refused(Parts const& parts, Error const& error) {
    return refused(parts, error.detail(),
                   error.code() == Errc::TimedOut ? Refusal::TimedOut : Refusal::WrongCredentials);
}

/// Whoever is in the account of the service must not ask in the server's place.
Verdict guarded(Verdict verdict, std::string_view service_account) {
    if (!verdict.admitted || verdict.identity.account != service_account) {
        return verdict;
    }
    permission::Permissions rules =
        verdict.identity.permissions ? *verdict.identity.permissions : permission::Permissions();
    rules.publish.deny.emplace_back(kCalloutSubject);
    verdict.identity.permissions =
        std::make_shared<permission::Permissions const>(std::move(rules));
    return verdict;
}

/// What does not depend on whose word the answer is: the user it is about, and where from and when.
Result<claims::UserClaims> user_of(Parts const& parts, CalloutService::Answer const& answer,
                                   Credentials const& credentials) {
    if (!answer.response.error.empty()) {
        return Error(Errc::PermissionDenied,
                     concat("auth callout service returned an error: ", answer.response.error));
    }
    Result<claims::UserClaims> decoded = claims::decode_user(answer.response.user_jwt);
    if (!decoded.ok()) {
        return Error(Errc::Malformed,
                     concat("error decoding user JWT: ", decoded.error().detail()));
    }
    claims::UserClaims const& user = decoded.value();
    if (user.token.subject != answer.user_nkey) {
        return Error(Errc::PermissionDenied,
                     "auth callout violation: auth callout response is not for expected user");
    }
    if (!user.token.valid_at(parts.world.clock().wall_now())) {
        return Error(Errc::PermissionDenied, "the user JWT of the auth callout is not of now");
    }
    auto const& sources = user.rights.sources;
    bool const from_there =
        sources.empty() || std::ranges::any_of(sources, [&](std::string const& source) {
            Result<claims::Network> const network = claims::Network::parse(source);
            return network.ok() && network.value().holds(credentials.remote.host);
        });
    if (!from_there) {
        return Error(Errc::PermissionDenied, "invalid source address of the auth callout's user");
    }
    return decoded;
}

/// One who is asked about, in the account of the service.
struct Case {
    Parts parts;
    RulesPtr rules;
    Credentials credentials;
    std::string account;  ///< Of the service.
    OnVerdict done;
};
using CasePtr = std::shared_ptr<Case const>;

void refuse(Case const& of, Error const& error) {
    of.done(refused(of.parts, error));
}

/// The last step, for which the offset of the place has to be known.
void let_in_at(Case const& of, claims::UserClaims const& user, Identity identity, WallTime now,
               Duration offset) {
    if (!user.rights.times.empty()) {
        auto const end = claims::end_of_window(user.rights.times, now, offset);
        if (!end) {
            refuse(of, Error(Errc::PermissionDenied, "Outside connect times"));
            return;
        }
        identity.expires = identity.expires ? std::min(*identity.expires, *end) : *end;
    }
    of.done(guarded({.admitted = true, .identity = std::move(identity)}, of.account));
}

/// Lays over what only an answer has, and looks at the time of day, in its place.
void let_in(CasePtr const& of, claims::UserClaims const& user, Identity identity) {
    if (!user.token.name.empty()) {
        identity.user = user.token.name;
    }
    identity.by_callout = true;
    identity.proxy_key = of->credentials.proxy_key;
    WallTime const now = of->parts.world.clock().wall_now();
    std::string const& place = user.rights.times_location;
    if (user.rights.times.empty() || place.empty()) {
        let_in_at(*of, user, std::move(identity), now, Duration(0));
        return;
    }
    if (of->parts.time_zones == nullptr) {
        refuse(*of, Error(Errc::Unavailable, "no such time zone"));
        return;
    }
    of->parts.time_zones->offset_of(
        place, now,
        [of, user, identity = std::move(identity), now](Result<Duration> const& offset) {
            if (!offset.ok()) {
                refuse(*of, Error(Errc::InvalidArgument,
                                  concat("no such time zone: ", offset.error().detail())));
                return;
            }
            let_in_at(*of, user, identity, now, offset.value());
        });
}

/// Someone who may come in, but for the time of day.
struct Placed {
    claims::UserClaims user;
    Identity identity;
};

/// Without operators the one issuer that is configured signs both, and the audience of the user is
/// the account it comes into.
Result<Placed> judge_configured(Case const& of, CalloutService::Answer const& answer) {
    std::string const& issuer = of.rules->callout.issuer;
    auto const wrong_issuer = [&](std::string const& got) {
        return Error(
            Errc::PermissionDenied,
            concat("wrong issuer for auth callout response on account ", base::quoted(of.account),
                   ", expected ", base::quoted(issuer), " got ", base::quoted(got)));
    };
    if (answer.response.token.issuer != issuer) {
        return wrong_issuer(answer.response.token.issuer);
    }
    claims::UserClaims const user = TRY(user_of(of.parts, answer, of.credentials));
    if (user.token.issuer != issuer) {
        return wrong_issuer(user.token.issuer);
    }
    if (!user.issuer_account.empty()) {
        return Error(Errc::PermissionDenied,
                     concat("auth callout non operator mode: user claims on account ",
                            base::quoted(of.account), " name an issuer account"));
    }
    std::string const& place = user.token.audience;
    account::Account* const account = of.parts.accounts.find(place);
    if (account == nullptr) {
        return Error(Errc::PermissionDenied, concat("no valid account ", base::quoted(place),
                                                    " for auth callout response on account ",
                                                    base::quoted(of.account), ": account missing"));
    }
    Identity identity;
    identity.account = place;
    identity.user = user.token.subject;
    identity.label = concat("callout:", user.token.subject);
    if (user.rights.permissions != permission::Permissions()) {
        identity.permissions =
            std::make_shared<permission::Permissions const>(user.rights.permissions);
    }
    identity.max_subscriptions = user.rights.subscriptions;
    identity.max_payload = user.rights.payload;
    identity.expires = user.token.expires;
    identity.token = {.jwt = user.token.text,
                      .issuer_key = user.token.issuer,
                      .name_tag = {},
                      .user_name = user.token.name,
                      .tags = user.token.tags};
    return Placed{.user = user, .identity = std::move(identity)};
}

/// With operators the user's claims say into which account it comes, which the service's account
/// has to allow.
void judge_by_claims(CasePtr const& of, ClaimsPtr const& service, claims::UserClaims const& user) {
    std::string const place = user.account();
    auto const& allowed = service->authorization.allowed_accounts;
    if (place != of->account && !holds(allowed, "*") && !holds(allowed, place)) {
        of->done(refused(of->parts, concat("account ", base::quoted(place),
                                           " is not allowed for auth callout on account ",
                                           base::quoted(of->account))));
        return;
    }
    of->parts.operators->accounts().find(place, [of, user, place](Result<ClaimsPtr> const& found) {
        if (!found.ok()) {
            of->done(refused(of->parts,
                             concat("no valid account ", base::quoted(place),
                                    " for auth callout response on account ",
                                    base::quoted(of->account), ": ", found.error().detail())));
            return;
        }
        claims::AccountClaims const& account = *found.value();
        bool const holds =
            account.token.valid_at(of->parts.world.clock().wall_now()) &&
            !claims::is_revoked(account.revocations, user.token.subject, user.token.issued_at);
        if (!holds) {
            of->done(refused(
                of->parts,
                concat("account ", base::quoted(place), " does not admit the auth callout's user"),
                Refusal::AccountExpired));
            return;
        }
        OperatorTrust const& trust = of->parts.operators->accounts().trust();
        Result<Identity> identity = identity_of(user, account, trust);
        if (identity.ok()) {
            let_in(of, user, std::move(identity).value());
        } else {
            refuse(*of, identity.error());
        }
    });
}

void judge_by_operator(CasePtr const& of, CalloutService::Answer const& answer) {
    ClaimsPtr const service = of->parts.operators->accounts().loaded(of->account);
    if (!service) {
        of->done(refused(of->parts, "the account of the auth callout is gone"));
        return;
    }
    std::string const& signer = answer.response.token.issuer;
    if (signer != of->account && service->signing_key(signer) == nullptr) {
        of->done(refused(of->parts, "auth callout signing key is unknown"));
        return;
    }
    Result<claims::UserClaims> const user = user_of(of->parts, answer, of->credentials);
    if (!user.ok()) {
        of->done(refused(of->parts, user.error()));
        return;
    }
    judge_by_claims(of, service, user.value());
}

void ask(CasePtr const& of, CalloutService::Target const& target) {
    of->parts.service.ask(target, of->credentials, [of](Result<CalloutService::Answer> answer) {
        if (!answer.ok()) {
            of->done(refused(of->parts, answer.error()));
            return;
        }
        if (of->parts.operators != nullptr) {
            judge_by_operator(of, answer.value());
            return;
        }
        Result<Placed> placed = judge_configured(*of, answer.value());
        if (placed.ok()) {
            let_in(of, placed.value().user, std::move(placed).value().identity);
        } else {
            refuse(*of, placed.error());
        }
    });
}

/// Whether the configuration's own word on this one counts.
bool is_ours(CalloutAuth::Rules const& rules, Credentials const& credentials,
             Verdict const& verdict) {
    if (holds(rules.callout.auth_users, credentials.user) ||
        holds(rules.callout.auth_users, credentials.nkey)) {
        return true;
    }
    auto const& allowed = rules.callout.allowed_accounts;
    if (allowed.empty()) {
        return false;
    }
    KnownUser const* known = rules.users.by_name(credentials.user);
    if (known == nullptr && !credentials.nkey.empty()) {
        known = rules.users.by_nkey(credentials.nkey);
    }
    std::string const account = verdict.admitted   ? verdict.identity.account
                                : known != nullptr ? known->account
                                                   : std::string(account::kGlobalAccount);
    // Those nobody knows count as users of the global account, and are always asked about.
    return account != account::kGlobalAccount && !holds(allowed, account);
}

}  // namespace

CalloutAuth::CalloutAuth(Parts const& parts, config::Options const& options,
                         std::unique_ptr<Authenticator> inner)
    : parts_(parts),
      rules_(std::make_shared<Rules const>(
          Rules{.callout = options.authorization.callout.value_or(config::AuthCallout()),
                .timeout = options.authorization.timeout,
                .users = UserDirectory(options),
                .default_sentinel = options.operators.default_sentinel})),
      inner_(std::move(inner)) {}

void CalloutAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    inner_->authenticate(credentials, [parts = parts_, rules = rules_, credentials,
                                       done = std::move(done)](Verdict const& verdict) {
        Case of{.parts = parts,
                .rules = rules,
                .credentials = credentials,
                .account = rules->callout.account.empty() ? account::kGlobalAccount
                                                          : rules->callout.account,
                .done = done};
        if (parts.operators == nullptr) {
            if (is_ours(*rules, credentials, verdict)) {
                done(guarded(verdict, of.account));
                return;
            }
            CalloutService::Target const target{.account = of.account,
                                                .issuer = rules->callout.issuer,
                                                .xkey = rules->callout.xkey,
                                                .timeout = rules->timeout};
            ask(std::make_shared<Case const>(std::move(of)), target);
            return;
        }
        std::string_view const shown = credentials.jwt.reveal();
        auto const user = claims::decode_user(shown.empty() ? rules->default_sentinel : shown);
        ClaimsPtr const service =
            user.ok() ? parts.operators->accounts().loaded(user.value().account()) : nullptr;
        if (!service || !service->authorization.enabled()) {
            done(verdict);
            return;
        }
        of.account = service->token.subject;
        if (holds(service->authorization.auth_users, user.value().token.subject)) {
            done(guarded(verdict, of.account));
            return;
        }
        CalloutService::Target const target{.account = of.account,
                                            .issuer = of.account,
                                            .xkey = service->authorization.xkey,
                                            .timeout = rules->timeout};
        ask(std::make_shared<Case const>(std::move(of)), target);
    });
}

}  // namespace signalbox::auth
