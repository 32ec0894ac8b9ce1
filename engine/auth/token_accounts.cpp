#include "engine/auth/token_accounts.h"

#include "engine/auth/account_options_of.h"
#include "engine/base/text.h"
#include "engine/claims/validation.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace signalbox::auth {
namespace {

/// Timers that are further away are set again on the way, so that no sum overflows.
constexpr Duration kLongestWait = base::hours(24);

}  // namespace

TokenAccounts::TokenAccounts(World& world, Logger& log, account::AccountDirectory& accounts,
                             Listeners listeners)
    : world_(world), log_(log), accounts_(accounts), listeners_(std::move(listeners)) {}

TokenAccounts::~TokenAccounts() {
    *alive_ = false;
    world_.timers().cancel(next_activation_end_);
    for (auto& [key, loaded] : loaded_) {
        world_.timers().cancel(loaded.expiry);
    }
}

void TokenAccounts::use(OperatorTrust trust, std::unique_ptr<AccountResolver> resolver) {
    trust_ = std::move(trust);
    resolver_ = std::move(resolver);
    // The resolver of before answers nobody any more.
    for (auto& [key, callers] : std::exchange(waiting_, {})) {
        for (OnFound const& done : callers) {
            done(Error(Errc::Unavailable, "the configuration changed"));
        }
    }
    std::vector<std::string> lost;
    for (auto const& [key, loaded] : loaded_) {
        if (!trust_.trusts(loaded.claims->token.issuer)) {
            lost.push_back(key);
        }
    }
    for (std::string const& key : lost) {
        forget(key);
    }
}

void TokenAccounts::refresh() {
    std::vector<std::string> keys;
    for (auto const& [key, loaded] : loaded_) {
        keys.push_back(key);
    }
    for (std::string const& key : keys) {
        resolver_->fetch(key, [this, alive = alive_, key](Result<std::string> const& jwt) {
            if (!*alive) {
                return;
            }
            if (!jwt.ok() && jwt.error().code() == Errc::NotFound) {
                forget(key);
                return;
            }
            Result<ClaimsPtr> const checked =
                jwt.ok() ? check(key, jwt.value()) : Result<ClaimsPtr>(jwt.error());
            if (!checked.ok()) {
                LOG(log_, Warning, "account ", key, " stays as it is: ", checked.error().detail());
                return;
            }
            if (ClaimsPtr const before = loaded(key);
                before && before->token.text != checked.value()->token.text) {
                apply(key, checked.value());
            }
        });
    }
}

TokenAccounts::ClaimsPtr TokenAccounts::loaded(std::string_view key) const {
    auto const found = loaded_.find(key);
    return found == loaded_.end() ? nullptr : found->second.claims;
}

WallTime TokenAccounts::updated(std::string_view key) const {
    auto const found = loaded_.find(key);
    return found == loaded_.end() ? WallTime() : found->second.came_at;
}

/// An expired one is fetched again, but not at the pace of those who try to connect.
bool TokenAccounts::is_current(Loaded const& loaded) const {
    return !loaded.claims->token.expired_at(world_.clock().wall_now()) ||
           world_.clock().now() - loaded.fetched_at < kFetchPause;
}

void TokenAccounts::find(std::string const& key, OnFound done) {
    auto const found = loaded_.find(key);
    if (found != loaded_.end() && is_current(found->second)) {
        done(found->second.claims);
        return;
    }
    // What is no key is nothing to ask for, and no name of a file.
    if (!crypto::is_public_nkey(key, crypto::NkeyKind::Account)) {
        done(Error(Errc::NotFound, "not an account key"));
        return;
    }
    std::vector<OnFound>& callers = waiting_[key];
    callers.push_back(std::move(done));
    if (callers.size() > 1) {
        return;
    }
    resolver_->fetch(key, [this, alive = alive_, key](Result<std::string> const& jwt) {
        if (*alive) {
            fetched(key, jwt);
        }
    });
}

Result<TokenAccounts::ClaimsPtr> TokenAccounts::check(std::string const& key,
                                                      std::string const& jwt) const {
    auto claims = std::make_shared<claims::AccountClaims>(TRY(claims::decode_account(jwt)));
    if (claims->token.subject != key) {
        return Error(Errc::InvalidArgument, "subject does not match jwt content");
    }
    if (!trust_.trusts(claims->token.issuer)) {
        return Error(Errc::PermissionDenied, "operator requires issuer to be a signing key");
    }
    std::vector<claims::Issue> const issues = claims::validate(*claims, world_.clock().wall_now());
    auto const blocking = std::ranges::find_if(
        issues, [](claims::Issue const& issue) { return issue.blocking && !issue.time_check; });
    if (blocking != issues.end()) {
        return Error(Errc::InvalidArgument, blocking->description);
    }
    return ClaimsPtr(std::move(claims));
}

void TokenAccounts::fetched(std::string const& key, Result<std::string> const& jwt) {
    if (!jwt.ok()) {
        answer(key, jwt.error());
        return;
    }
    Result<ClaimsPtr> checked = check(key, jwt.value());
    if (!checked.ok()) {
        LOG(log_, Warning, "account ", key, " is not used: ", checked.error().detail());
        answer(key, checked.error());
        return;
    }
    apply(key, checked.value());
    load_exporters(key, [this, key] {
        ClaimsPtr const claims = loaded(key);
        answer(key, claims ? Result<ClaimsPtr>(claims)
                           : Result<ClaimsPtr>(Error(Errc::NotFound, "the account was deleted")));
    });
}

void TokenAccounts::answer(std::string const& key, Result<ClaimsPtr> const& result) {
    auto const found = waiting_.find(key);
    if (found == waiting_.end()) {
        return;
    }
    std::vector<OnFound> const callers = std::move(found->second);
    waiting_.erase(found);
    for (OnFound const& done : callers) {
        done(result);
    }
}

void TokenAccounts::apply(std::string const& key, ClaimsPtr claims) {
    Loaded& entry = loaded_[key];
    bool const changed = entry.claims && entry.claims->token.text != claims->token.text;
    entry.claims = std::move(claims);
    entry.fetched_at = world_.clock().now();
    entry.came_at = world_.clock().wall_now();
    put(*entry.claims);
    schedule_expiry(key);
    if (changed) {
        listeners_.changed(key);
    }
}

void TokenAccounts::put(claims::AccountClaims const& claims) {
    accounts_.put(account_options_of(claims));
    listeners_.sharing_changed();
    schedule_activations();
}

/// Permissions to import run out as users do.
void TokenAccounts::schedule_activations() {
    world_.timers().cancel(std::exchange(next_activation_end_, {}));
    WallTime const now = world_.clock().wall_now();
    std::optional<WallTime> next;
    for (auto const& [key, loaded] : loaded_) {
        for (claims::Import const& i : loaded.claims->imports) {
            Result<claims::ActivationClaims> const activation = claims::decode_activation(i.token);
            if (!activation.ok() || !activation.value().token.expires) {
                continue;
            }
            WallTime const end = *activation.value().token.expires;
            if (end > now && (!next || end < *next)) {
                next = end;
            }
        }
    }
    if (!next) {
        return;
    }
    Instant const when = world_.clock().now() + std::min(*next - now, kLongestWait);
    next_activation_end_ = world_.timers().call_at(when, [this] {
        next_activation_end_ = {};
        listeners_.sharing_changed();
        schedule_activations();
    });
}

bool TokenAccounts::is_activated(config::AccountOptions const& exporter,
                                 config::ExportOptions const& share, std::string_view importer,
                                 config::ImportOptions const& import) const {
    Result<claims::ActivationClaims> const decoded = claims::decode_activation(import.token);
    ClaimsPtr const owner = loaded(exporter.name);
    if (!decoded.ok() || !owner) {
        return false;
    }
    claims::ActivationClaims const& activation = decoded.value();
    claims::Token const& token = activation.token;
    auto const granted = subject::Filter::parse(activation.subject);
    auto const wanted = subject::Filter::parse(import.subject);
    bool const of_kind = (activation.direction == claims::Direction::Service) ==
                         (share.kind == config::ShareKind::Service);
    bool const signed_by_owner =
        token.issuer == exporter.name || owner->signing_key(token.issuer) != nullptr;
    claims::Revocations const revoked(share.revocations.begin(), share.revocations.end());
    return of_kind && signed_by_owner && activation.exporter() == exporter.name &&
           token.subject == importer && token.valid_at(world_.clock().wall_now()) && granted.ok() &&
           wanted.ok() && granted.value().covers(wanted.value()) &&
           !claims::is_revoked(revoked, importer, token.issued_at);
}

void TokenAccounts::schedule_expiry(std::string const& key) {
    Loaded& entry = loaded_.find(key)->second;
    world_.timers().cancel(std::exchange(entry.expiry, {}));
    if (!entry.claims->token.expires) {
        return;
    }
    Duration const left = *entry.claims->token.expires - world_.clock().wall_now();
    if (left <= Duration(0)) {
        return;
    }
    Instant const when = world_.clock().now() + std::min(left, kLongestWait);
    entry.expiry = world_.timers().call_at(when, [this, key] {
        auto const found = loaded_.find(key);
        if (found == loaded_.end()) {
            return;
        }
        found->second.expiry = {};
        if (found->second.claims->token.expired_at(world_.clock().wall_now())) {
            listeners_.changed(key);
            return;
        }
        schedule_expiry(key);
    });
}

void TokenAccounts::calendar_changed() {
    WallTime const now = world_.clock().wall_now();
    std::vector<std::string> over;
    for (auto& [key, loaded] : loaded_) {
        if (loaded.expiry && loaded.claims->token.expired_at(now)) {
            world_.timers().cancel(std::exchange(loaded.expiry, {}));
            over.push_back(key);
        }
    }
    for (auto const& [key, loaded] : loaded_) {
        schedule_expiry(key);
    }
    for (std::string const& key : over) {
        listeners_.changed(key);
    }
    listeners_.sharing_changed();
    schedule_activations();
}

/// Those who import from one another would wait for each other: what is already on its way is not
/// waited for. Each is asked for in a turn of its own, so that a long row of them needs no stack.
void TokenAccounts::load_exporters(std::string const& key, std::function<void()> done) {
    std::set<std::string> missing;
    for (claims::Import const& i : loaded_.find(key)->second.claims->imports) {
        if (!loaded_.contains(i.account) && !waiting_.contains(i.account)) {
            missing.insert(i.account);
        }
    }
    if (missing.empty()) {
        done();
        return;
    }
    struct Rest {
        std::size_t count;
        std::function<void()> done;
    };
    auto const rest = std::make_shared<Rest>(Rest{missing.size(), std::move(done)});
    auto const arrived = [this, alive = alive_, rest, key](Result<ClaimsPtr> const& found) {
        if (!*alive) {
            return;
        }
        if (!found.ok()) {
            LOG(log_, Debug, "account ", key,
                " imports from one that is not there: ", found.error().detail());
        }
        if (--rest->count == 0) {
            rest->done();
        }
    };
    for (std::string const& exporter : missing) {
        world_.turn().defer([this, alive = alive_, exporter, arrived] {
            if (*alive) {
                find(exporter, arrived);
            }
        });
    }
}

void TokenAccounts::update(std::string const& jwt, std::function<void(Result<bool>)> done) {
    Result<claims::Token> const token = claims::decode(jwt, claims::ClaimKind::Account);
    if (!token.ok()) {
        done(token.error());
        return;
    }
    std::string const key = token.value().subject;
    Result<ClaimsPtr> const checked = check(key, jwt);
    if (!checked.ok()) {
        done(checked.error());
        return;
    }
    auto const found = loaded_.find(key);
    bool const is_loaded = found != loaded_.end();
    if (is_loaded && found->second.claims->token.text != jwt) {
        apply(key, checked.value());
        load_exporters(key, [] {});
    }
    resolver_->keep(key, jwt, [is_loaded, done = std::move(done)](Result<bool> const& kept) {
        if (!kept.ok()) {
            done(kept.error());
            return;
        }
        done(kept.value() || is_loaded);
    });
}

void TokenAccounts::forget(std::string const& key) {
    auto const found = loaded_.find(key);
    if (found == loaded_.end()) {
        return;
    }
    auto expired = std::make_shared<claims::AccountClaims>(*found->second.claims);
    expired->token.expires = world_.clock().wall_now();
    expired->limits.connections = 0;
    expired->limits.leaf_nodes = 0;
    world_.timers().cancel(std::exchange(found->second.expiry, {}));
    found->second.claims = std::move(expired);
    found->second.fetched_at = world_.clock().now();
    put(*found->second.claims);
    listeners_.changed(key);
}

}  // namespace signalbox::auth
