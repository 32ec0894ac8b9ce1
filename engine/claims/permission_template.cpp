#include "engine/claims/permission_template.h"

#include "engine/base/text.h"
#include "engine/subject/subject.h"

#include <optional>
#include <string_view>
#include <utility>

namespace signalbox::claims {
namespace {

using Texts = std::vector<std::string>;

/// What stands between the braces of a token that is a function; else nothing.
std::optional<std::string> function_of(std::string_view token) {
    if (!token.starts_with("{{") || !token.ends_with("}}") || token.size() < 4) {
        return std::nullopt;
    }
    return base::to_lower(base::trim(token.substr(2, token.size() - 4)));
}

/// The argument of `name(argument)`.
std::optional<std::string_view> argument_of(std::string_view function, std::string_view name) {
    if (function.size() < name.size() + 2 || !function.starts_with(name) ||
        function[name.size()] != '(' || !function.ends_with(')')) {
        return std::nullopt;
    }
    return base::trim(function.substr(name.size() + 1, function.size() - name.size() - 2));
}

Texts values_of_tag(Texts const& tags, std::string_view key) {
    Texts found;
    for (std::string const& tag : tags) {
        std::size_t const colon = tag.find(':');
        bool const same = colon != std::string::npos &&
                          base::equal_ignoring_case(std::string_view(tag).substr(0, colon), key);
        if (same && colon + 1 < tag.size()) {
            found.push_back(tag.substr(colon + 1));
        }
    }
    return found;
}

Result<Texts> values_of(std::string_view function, TemplateValues const& values) {
    if (function == "name()") {
        return Texts{values.name};
    }
    if (function == "subject()") {
        return Texts{values.subject};
    }
    if (function == "account-name()") {
        return Texts{values.account_name};
    }
    if (function == "account-subject()") {
        return Texts{values.account_subject};
    }
    if (auto const key = argument_of(function, "tag")) {
        return values_of_tag(values.tags, *key);
    }
    if (auto const key = argument_of(function, "account-tag")) {
        return values_of_tag(values.account_tags, *key);
    }
    return Error(Errc::InvalidArgument, "a template with an unknown function");
}

/// Whoever holds a scoped key chooses names and tags; none of them may reach past the template.
bool narrows(std::string_view value) {
    return subject::Subject::parse(value).ok();
}

/// Puts each of `values` behind each of `made`.
Result<void> multiply(Texts& made, Texts const& values) {
    if (made.size() * values.size() > kMaxExpansions) {
        return Error(Errc::LimitExceeded, "a template with more than 4096 expansions");
    }
    Texts out;
    out.reserve(made.size() * values.size());
    for (std::string const& before : made) {
        for (std::string const& value : values) {
            out.push_back(concat(before, value));
        }
    }
    made = std::move(out);
    return {};
}

/// All that one subject, or subject and queue group, stands for; none when a tag is missing.
Result<Texts> expand_one(std::string const& rule, TemplateValues const& values) {
    Texts made{""};
    std::size_t at = 0;
    while (at <= rule.size()) {
        std::size_t const found = rule.find_first_of(". ", at);
        std::size_t const end = found == std::string::npos ? rule.size() : found;
        std::string_view const token = std::string_view(rule).substr(at, end - at);
        Texts one{std::string(token)};
        if (auto const function = function_of(token)) {
            one = TRY(values_of(*function, values));
            for (std::string const& value : one) {
                if (!narrows(value)) {
                    return Error(Errc::InvalidArgument, "a template with a value that is no token");
                }
            }
        }
        TRY(multiply(made, one));
        if (end < rule.size()) {
            TRY(multiply(made, {std::string(1, rule[end])}));
        }
        at = end + 1;
    }
    return made;
}

Result<permission::SubjectRules> expand_rules(permission::SubjectRules const& rules,
                                              TemplateValues const& values) {
    permission::SubjectRules out;
    for (std::string const& rule : rules.allow) {
        Texts const expanded = TRY(expand_one(rule, values));
        out.allow.insert(out.allow.end(), expanded.begin(), expanded.end());
    }
    for (std::string const& rule : rules.deny) {
        Texts const expanded = TRY(expand_one(rule, values));
        if (expanded.empty()) {
            return Error(Errc::InvalidArgument, "a template that denies by a tag the user has not");
        }
        out.deny.insert(out.deny.end(), expanded.begin(), expanded.end());
    }
    if (out.allow.empty() && !rules.allow.empty()) {
        out.deny.emplace_back(">");
    }
    return out;
}

}  // namespace

Result<permission::Permissions> expand(permission::Permissions const& rules,
                                       TemplateValues const& values) {
    permission::Permissions out;
    out.publish = TRY(expand_rules(rules.publish, values));
    out.subscribe = TRY(expand_rules(rules.subscribe, values));
    out.responses = rules.responses;
    return out;
}

}  // namespace signalbox::claims
