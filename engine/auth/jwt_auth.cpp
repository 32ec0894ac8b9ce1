#include "engine/auth/jwt_auth.h"

#include "engine/base/text.h"
#include "engine/claims/network.h"
#include "engine/claims/permission_template.h"
#include "engine/claims/time_windows.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace signalbox::auth {
namespace {

Verdict refused(std::string detail, Refusal why = Refusal::WrongCredentials) {
    return {.admitted = false, .identity = {}, .refusal = why, .detail = std::move(detail)};
}

/// One who wants in, on the way through all that has to be asked.
struct Applicant {
    claims::UserClaims user;
    Credentials credentials;
};

bool is_signed(Applicant const& applicant) {
    auto const key = crypto::PublicNkey::parse(applicant.user.token.subject);
    return key.ok() && !applicant.credentials.nonce.empty() &&
           crypto::verify_ed25519_text(key.value(), applicant.credentials.nonce,
                                       applicant.credentials.signature);
}

bool is_from(std::vector<std::string> const& sources, std::string_view address) {
    return sources.empty() || std::ranges::any_of(sources, [&](std::string const& source) {
               Result<claims::Network> const network = claims::Network::parse(source);
               return network.ok() && network.value().holds(address);
           });
}

/// The connection itself: how it comes, from where, and whether it has the key. Nothing: all is
/// well.
std::optional<Verdict> kept_out(Applicant const& applicant, claims::AccountClaims const& account,
                                claims::UserRights const& rights) {
    if (rights.proxy_required && applicant.credentials.proxy_key.empty()) {
        return refused("the user may come through a proxy alone", Refusal::ProxyRequired);
    }
    if (rights.bearer_token && account.limits.disallow_bearer) {
        return refused("the account admits no bearer tokens");
    }
    auto const types = claims::known_types(rights.connection_types);
    if (!types || !types->allows(applicant.credentials.type)) {
        return refused(concat("connection type ", permission::text_of(applicant.credentials.type),
                              " is not allowed for this user"));
    }
    if (!rights.bearer_token && !is_signed(applicant)) {
        return refused("the nonce is not signed by the user's key");
    }
    claims::Token const& token = applicant.user.token;
    if (claims::is_revoked(account.revocations, token.subject, token.issued_at)) {
        return refused("the user is revoked", Refusal::Revoked);
    }
    if (!is_from(rights.sources, applicant.credentials.remote.host)) {
        return refused("Bad src Ip");
    }
    return std::nullopt;
}

/// Since when and until when the account and the user hold.
std::optional<Verdict> out_of_time(claims::Token const& user, claims::Token const& account,
                                   WallTime now) {
    if (account.expired_at(now)) {
        return refused("the account has expired", Refusal::AccountExpired);
    }
    if (account.not_before && *account.not_before > now) {
        return refused("the account is not valid yet");
    }
    if (user.expired_at(now)) {
        return refused("the user has expired", Refusal::Expired);
    }
    return std::nullopt;
}

/// The last step, for which the offset of the place has to be known.
Verdict admit(Identity identity, claims::UserRights const& rights, WallTime now, Duration offset) {
    if (!rights.times.empty()) {
        auto const end = claims::end_of_window(rights.times, now, offset);
        if (!end) {
            return refused("Outside connect times");
        }
        if (!identity.expires || *end < *identity.expires) {
            identity.expires = *end;
        }
    }
    return {.admitted = true, .identity = std::move(identity)};
}

void judge(JwtAuth::Parts const& parts, Applicant const& applicant,
           claims::AccountClaims const& account, OnVerdict const& done) {
    WallTime const now = parts.world.clock().wall_now();
    OperatorTrust const& trust = parts.accounts.trust();
    if (auto const late = out_of_time(applicant.user.token, account.token, now)) {
        done(*late);
        return;
    }
    Result<claims::UserRights> const rights = rights_of(applicant.user, account, trust);
    if (!rights.ok()) {
        done(refused(rights.error().detail(), Refusal::SigningKeyGone));
        return;
    }
    if (auto const out = kept_out(applicant, account, rights.value())) {
        done(*out);
        return;
    }
    Result<Identity> identity = identity_of(applicant.user, account, trust);
    if (!identity.ok()) {
        done(refused(identity.error().detail()));
        return;
    }
    identity.value().proxy_key = applicant.credentials.proxy_key;
    if (rights.value().times.empty() || rights.value().times_location.empty()) {
        done(admit(std::move(identity).value(), rights.value(), now, Duration(0)));
        return;
    }
    parts.time_zones.offset_of(
        rights.value().times_location, now,
        [identity = std::move(identity).value(), rights = rights.value(), now,
         done](Result<Duration> const& offset) {
            done(offset.ok() ? admit(identity, rights, now, offset.value())
                             : refused(concat("no such time zone: ", offset.error().detail())));
        });
}

/// The permissions of the user, or those of the account when there are none.
Result<std::shared_ptr<permission::Permissions const>> permissions_of(
    claims::UserClaims const& user, claims::AccountClaims const& account,
    claims::UserRights const& rights, bool scoped) {
    permission::Permissions permissions = rights.permissions;
    if (scoped) {
        permissions = TRY(claims::expand(permissions, {.name = user.token.name,
                                                       .subject = user.token.subject,
                                                       .tags = user.token.tags,
                                                       .account_name = account.token.name,
                                                       .account_subject = account.token.subject,
                                                       .account_tags = account.token.tags}));
    }
    if (permissions == permission::Permissions()) {
        permissions = account.default_permissions;
    }
    if (permissions == permission::Permissions()) {
        return std::shared_ptr<permission::Permissions const>();
    }
    return std::shared_ptr<permission::Permissions const>(
        std::make_shared<permission::Permissions const>(std::move(permissions)));
}

}  // namespace

Result<claims::UserRights> rights_of(claims::UserClaims const& user,
                                     claims::AccountClaims const& account,
                                     OperatorTrust const& trust) {
    if (user.account() != account.token.subject) {
        return Error(Errc::PermissionDenied, "the user is of another account");
    }
    if (user.token.issuer == account.token.subject) {
        if (trust.is_strict(account.token.issuer)) {
            return Error(Errc::PermissionDenied,
                         "the account's own key signs no users, says the operator");
        }
        return user.rights;
    }
    claims::SigningKey const* const key = account.signing_key(user.token.issuer);
    if (key == nullptr) {
        return Error(Errc::PermissionDenied, "the user is signed by no key of its account");
    }
    if (!key->scope) {
        return user.rights;
    }
    if (!user.rights.empty()) {
        return Error(Errc::PermissionDenied,
                     "the user of a scoped signing key has permissions or limits of its own");
    }
    return *key->scope;
}

Result<Identity> identity_of(claims::UserClaims const& user, claims::AccountClaims const& account,
                             OperatorTrust const& trust) {
    claims::UserRights const rights = TRY(rights_of(user, account, trust));
    claims::SigningKey const* const key = account.signing_key(user.token.issuer);
    bool const scoped = key != nullptr && key->scope.has_value();
    Identity identity;
    identity.account = account.token.subject;
    identity.user = user.token.subject;
    identity.label = concat("jwt:", user.token.subject);
    identity.permissions = TRY(permissions_of(user, account, rights, scoped));
    identity.max_subscriptions = rights.subscriptions;
    identity.max_payload = rights.payload;
    identity.expires = user.token.expires;
    identity.token = {.jwt = rights.bearer_token ? std::string() : user.token.text,
                      .issuer_key = user.token.issuer,
                      .name_tag = account.token.name,
                      .user_name = user.token.name,
                      .tags = user.token.tags};
    return identity;
}

void JwtAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    std::string_view jwt = credentials.jwt.reveal();
    if (jwt.empty()) {
        jwt = rules_.default_sentinel;
    }
    if (jwt.empty()) {
        done(refused("no JWT"));
        return;
    }
    Result<claims::UserClaims> user = claims::decode_user(jwt);
    if (!user.ok()) {
        done(refused(concat("JWT not valid: ", user.error().detail())));
        return;
    }
    claims::Token const& token = user.value().token;
    WallTime const now = parts_.world.clock().wall_now();
    if (!token.valid_at(now)) {
        done(refused("the user's JWT is not of now",
                     token.expired_at(now) ? Refusal::Expired : Refusal::WrongCredentials));
        return;
    }
    std::string const account = user.value().account();
    auto const& pinned = rules_.pinned_accounts;
    if (!pinned.empty() && std::ranges::find(pinned, account) == pinned.end()) {
        ++parts_.pinned_account_fails;
        done(refused("the account is not pinned"));
        return;
    }
    auto const applicant = std::make_shared<Applicant const>(
        Applicant{.user = std::move(user).value(), .credentials = credentials});
    parts_.accounts.find(account, [parts = parts_, applicant, done = std::move(done)](
                                      Result<TokenAccounts::ClaimsPtr> const& found) {
        if (!found.ok()) {
            done(refused(concat("no valid account: ", found.error().detail())));
            return;
        }
        judge(parts, *applicant, *found.value(), done);
    });
}

}  // namespace signalbox::auth
