#include "engine/claims/validation.h"

#include "engine/base/text.h"
#include "engine/claims/network.h"
#include "engine/claims/time_windows.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <utility>

namespace signalbox::claims {
namespace {

using crypto::NkeyKind;
using subject::Filter;

class Issues {
public:
    void block(std::string description) { list_.push_back({std::move(description), true, false}); }
    void warn(std::string description) { list_.push_back({std::move(description), false, false}); }
    void by_time(std::string description) { list_.push_back({std::move(description), true, true}); }
    void check_key(std::string_view key, NkeyKind kind, std::string_view what) {
        if (!crypto::is_public_nkey(key, kind)) {
            block(concat(what, " that is no public key of its kind"));
        }
    }
    /// `subject` may hold wildcards.
    void check_subject(std::string_view subject, std::string_view what) {
        if (!Filter::parse(subject).ok()) {
            block(concat("invalid subject ", base::quoted(base::cut(subject, 100)), " of ", what));
        }
    }
    std::vector<Issue> take() { return std::move(list_); }

private:
    std::vector<Issue> list_;
};

/// A subject, or a subject and a queue group.
void check_rules(Issues& issues, permission::SubjectRules const& rules) {
    for (auto const* list : {&rules.allow, &rules.deny}) {
        for (std::string const& rule : *list) {
            std::string_view const subject = std::string_view(rule).substr(0, rule.find(' '));
            issues.check_subject(subject, "a permission");
        }
    }
}

void check_permissions(Issues& issues, permission::Permissions const& permissions) {
    check_rules(issues, permissions.publish);
    check_rules(issues, permissions.subscribe);
}

bool has_wildcard(std::string_view subject) {
    auto const filter = Filter::parse(subject);
    return filter.ok() && filter.value().has_wildcard();
}

void check_token_position(Issues& issues, Export const& e) {
    if (e.account_token_position == 0) {
        return;
    }
    std::vector<std::string_view> const tokens = base::split(e.subject, '.');
    auto const position = static_cast<std::size_t>(e.account_token_position);
    if (e.account_token_position < 0 || position > tokens.size() || tokens[position - 1] != "*") {
        issues.block("an account token position at which there is no *");
    }
    if (e.token_required) {
        issues.block("an export by both token and account token position");
    }
}

void check_export(Issues& issues, Export const& e) {
    issues.check_subject(e.subject, "an export");
    check_token_position(issues, e);
    bool const service = e.direction == Direction::Service;
    bool const singleton = e.response_type.empty() || e.response_type == "Singleton";
    bool const known = singleton || e.response_type == "Stream" || e.response_type == "Chunked";
    if (!known || (!service && !e.response_type.empty())) {
        issues.block("an export whose response type is not of its kind");
    }
    if (e.response_threshold < Duration(0) || (!service && e.response_threshold != Duration(0))) {
        issues.block("an export whose response threshold is not of its kind");
    }
    if (!e.latency) {
        return;
    }
    // Of a service with several answers it is measured nothing, and the reference takes the claim.
    if (!service) {
        issues.block("latency of an export that is no service");
    }
    if (e.latency->sampling < 0 || e.latency->sampling > 100) {
        issues.block("latency whose sampling is not 1 to 100 percent");
    }
    if (!subject::Subject::parse(e.latency->results).ok()) {
        issues.block("latency whose results have no literal subject");
    }
}

/// Two exports of one kind may not say different things of the same subject.
void check_overlap(Issues& issues, std::vector<Export> const& exports) {
    for (Export const& e : exports) {
        for (Export const& other : exports) {
            auto const wide = Filter::parse(e.subject);
            auto const narrow = Filter::parse(other.subject);
            if (&e != &other && e.direction == other.direction && wide.ok() && narrow.ok() &&
                wide.value().covers(narrow.value())) {
                issues.block(concat("export ", base::quoted(other.subject), " lies within export ",
                                    base::quoted(e.subject)));
            }
        }
    }
}

void check_import(Issues& issues, AccountClaims const& claims, Import const& i) {
    issues.check_subject(i.subject, "an import");
    issues.check_key(i.account, NkeyKind::Account, "an import from an account");
    if (i.account == claims.token.subject) {
        issues.block("an import from itself");
    }
    if (!i.to.empty()) {
        issues.warn("the field to has been deprecated (use LocalSubject instead)");
    }
    if (!i.to.empty() && !i.local_subject.empty()) {
        issues.block("an import with two local subjects");
    }
    if (i.share && i.direction != Direction::Service) {
        issues.block("an import that shares who asks, and is no service");
    }
    if (i.token.empty()) {
        return;
    }
    auto const activation = decode_activation(i.token);
    if (!activation.ok()) {
        issues.block(concat("an import whose token is none: ", activation.error().detail()));
        return;
    }
    if (activation.value().exporter() != i.account ||
        activation.value().token.subject != claims.token.subject) {
        issues.block("an import with a token of others");
    }
}

void check_count(Issues& issues, std::int64_t limit, std::size_t count, std::string_view what) {
    if (limit >= 0 && static_cast<std::size_t>(limit) < count) {
        issues.block(concat("the account contains more ", what, " than allowed by the operator"));
    }
}

void check_limits(Issues& issues, AccountClaims const& claims) {
    check_count(issues, claims.limits.imports, claims.imports.size(), "imports");
    check_count(issues, claims.limits.exports, claims.exports.size(), "exports");
    bool const any = std::ranges::any_of(claims.exports,
                                         [](Export const& e) { return has_wildcard(e.subject); });
    if (any && !claims.limits.wildcards) {
        issues.block("the account contains wildcard exports that are not allowed by the operator");
    }
}

void check_mapping(Issues& issues, Mapping const& mapping) {
    issues.check_subject(mapping.source, "a mapping");
    std::map<std::string, std::int64_t> sums;
    for (WeightedSubject const& to : mapping.destinations) {
        if (to.weight < 0 || to.weight > 100) {
            issues.block("a mapping whose weight is not 0 to 100 percent");
            return;
        }
        sums[to.cluster] += to.weight;
    }
    if (std::ranges::any_of(sums, [](auto const& sum) { return sum.second > 100; })) {
        issues.block("a mapping whose weights are more than 100 percent");
    }
}

void check_authorization(Issues& issues, ExternalAuthorization const& authorization) {
    for (std::string const& user : authorization.auth_users) {
        issues.check_key(user, NkeyKind::User, "an auth user");
    }
    for (std::string const& account : authorization.allowed_accounts) {
        if (account == "*") {
            if (authorization.allowed_accounts.size() > 1) {
                issues.block("allowed accounts beside *");
            }
            continue;
        }
        issues.check_key(account, NkeyKind::Account, "an allowed account");
    }
    if (!authorization.xkey.empty()) {
        issues.check_key(authorization.xkey, NkeyKind::Curve, "an xkey");
    }
    bool const says_more = !authorization.allowed_accounts.empty() || !authorization.xkey.empty();
    if (says_more && !authorization.enabled()) {
        issues.block("external authorization without users of its own");
    }
}

void check_times(Issues& issues, Token const& token, WallTime now) {
    if (token.expired_at(now)) {
        issues.by_time("claim is expired");
    }
    if (token.not_before && *token.not_before > now) {
        issues.by_time("claim is not yet valid");
    }
}

}  // namespace

std::vector<Issue> validate(AccountClaims const& claims, WallTime now) {
    Issues issues;
    check_times(issues, claims.token, now);
    check_limits(issues, claims);
    for (Export const& e : claims.exports) {
        check_export(issues, e);
    }
    check_overlap(issues, claims.exports);
    for (Import const& i : claims.imports) {
        check_import(issues, claims, i);
    }
    for (SigningKey const& key : claims.signing_keys) {
        issues.check_key(key.key, NkeyKind::Account, "a signing key");
    }
    check_permissions(issues, claims.default_permissions);
    for (Mapping const& mapping : claims.mappings) {
        check_mapping(issues, mapping);
    }
    check_authorization(issues, claims.authorization);
    if (!claims.trace_destination.empty() &&
        !subject::Subject::parse(claims.trace_destination).ok()) {
        issues.block("a trace whose destination is no literal subject");
    }
    return issues.take();
}

std::vector<Issue> validate(UserRights const& rights) {
    Issues issues;
    check_permissions(issues, rights.permissions);
    for (std::string const& source : rights.sources) {
        if (!Network::parse(source).ok()) {
            issues.block("a source that is no network");
        }
    }
    for (TimeRange const& range : rights.times) {
        if (!time_of_day(range.start).ok() || !time_of_day(range.end).ok()) {
            issues.block("a time of day that is none");
        }
    }
    return issues.take();
}

Issue const* first_blocking(std::vector<Issue> const& issues) {
    auto const found = std::ranges::find_if(issues, &Issue::blocking);
    return found == issues.end() ? nullptr : &*found;
}

}  // namespace signalbox::claims
