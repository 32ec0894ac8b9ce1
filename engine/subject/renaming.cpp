#include "engine/subject/renaming.h"

#include "engine/base/text.h"
#include "engine/subject/tokens.h"
#include "engine/subject/transform.h"
#include "engine/subject/transform_function.h"

#include <utility>

namespace signalbox::subject {

Result<Renaming> Renaming::create(std::string_view exported, std::string_view local) {
    auto const from = Filter::parse(exported);
    if (!from.ok() || local.empty()) {
        return Error(Errc::InvalidArgument, "invalid subject");
    }
    Renaming made;
    made.exported_ = exported;
    made.there_ = read_exported(exported);
    for (Token const& token : made.there_.tokens) {
        made.wildcards_ += token.wildcard ? 1 : 0;
    }
    bool const to_one = made.wildcards_ == 0 && !made.there_.has_rest;
    if (!to_one) {
        // The strict form of a transform says what is wrong with it.
        TRY(Transform::create(exported, with_numbered_wildcards(local), TransformUse::Import));
    } else if (!Filter::parse(local).ok()) {
        return Error(Errc::InvalidArgument, "invalid subject");
    }
    made.here_ = TRY(read_local(local, made.wildcards_));
    std::size_t number = 0;
    for (Token const& token : made.here_.tokens) {
        append(made.local_, made.local_.empty() ? "" : ".", token.wildcard ? "*" : token.literal);
        made.in_order_ = made.in_order_ && (!token.wildcard || *token.wildcard == number++);
    }
    if (made.here_.has_rest) {
        append(made.local_, made.local_.empty() ? "" : ".", ">");
    }
    return made;
}

Renaming::Pattern Renaming::read_exported(std::string_view exported) {
    Pattern pattern;
    std::size_t number = 0;
    Tokens tokens(exported);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token == ">") {
            pattern.has_rest = true;
        } else if (token == "*") {
            pattern.tokens.push_back({.literal = {}, .wildcard = number++});
        } else {
            pattern.tokens.push_back({.literal = std::string(token), .wildcard = std::nullopt});
        }
    }
    return pattern;
}

Result<Renaming::Pattern> Renaming::read_local(std::string_view local, std::size_t wildcards) {
    Pattern pattern;
    std::size_t number = 0;
    Tokens tokens(local);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token == ">") {
            pattern.has_rest = true;
            continue;
        }
        if (token == "*") {
            pattern.tokens.push_back({.literal = {}, .wildcard = number++});
            continue;
        }
        FunctionCall const call = TRY(read_function(token));
        bool const refers = call.function == Transform::Function::Wildcard && wildcards > 0 &&
                            call.wildcards.front() > 0;
        if (refers) {
            pattern.tokens.push_back(
                {.literal = {}, .wildcard = static_cast<std::size_t>(call.wildcards.front() - 1)});
        } else {
            pattern.tokens.push_back({.literal = std::string(token), .wildcard = std::nullopt});
        }
    }
    return pattern;
}

/// A wildcard met is bound to a wildcard unless something else says more.
bool Renaming::bind_token(Token const& token, std::string_view met, Bound& bound) {
    if (!token.wildcard) {
        return met == token.literal || met == "*";
    }
    if (*token.wildcard >= bound.wildcards.size()) {
        return true;
    }
    std::string_view& known = bound.wildcards[*token.wildcard];
    if (known.empty() || known == "*") {
        known = met;
        return true;
    }
    return met == "*" || met == known;
}

/// Nothing: no subject is in both. `text` may be a filter or a subject that is literal.
std::optional<Renaming::Bound> Renaming::bind(Pattern const& pattern, std::string_view text,
                                              std::size_t wildcards) {
    Bound bound{.wildcards = std::vector<std::string_view>(wildcards), .rest = {}};
    std::string_view rest = text;
    bool done = false;
    for (Token const& token : pattern.tokens) {
        if (done) {
            return std::nullopt;
        }
        if (rest == ">") {
            bound.rest = rest;
            return bound;
        }
        std::size_t const dot = rest.find('.');
        if (!bind_token(token, rest.substr(0, dot), bound)) {
            return std::nullopt;
        }
        done = dot == std::string_view::npos;
        rest.remove_prefix(done ? rest.size() : dot + 1);
    }
    if (done == pattern.has_rest) {
        // One ends where the other goes on; unless that goes on with anything.
        return std::nullopt;
    }
    bound.rest = rest;
    return bound;
}

std::string Renaming::write(Pattern const& pattern, Bound const& bound) {
    std::string out;
    auto const add = [&](std::string_view token) { append(out, out.empty() ? "" : ".", token); };
    for (Token const& token : pattern.tokens) {
        if (!token.wildcard) {
            add(token.literal);
            continue;
        }
        bool const known =
            *token.wildcard < bound.wildcards.size() && !bound.wildcards[*token.wildcard].empty();
        add(known ? bound.wildcards[*token.wildcard] : "*");
    }
    if (pattern.has_rest) {
        add(bound.rest);
    }
    return out;
}

std::optional<std::string> Renaming::to_local(PublishSubject subject) const {
    if (!Filter::from_checked(exported_).matches(subject)) {
        return std::nullopt;
    }
    if (changes_nothing()) {
        return std::string(subject.text());
    }
    // What is published is literal but for odd subjects, whose wildcards are text and are renamed
    // as such.
    auto const bound = bind(there_, subject.text(), wildcards_);
    return bound ? std::optional(write(here_, *bound)) : std::nullopt;
}

std::optional<std::string> Renaming::to_exported(PublishSubject subject) const {
    if (!Filter::from_checked(local_).matches(subject)) {
        return std::nullopt;
    }
    if (changes_nothing()) {
        return std::string(subject.text());
    }
    auto const bound = bind(here_, subject.text(), wildcards_);
    return bound ? std::optional(write(there_, *bound)) : std::nullopt;
}

std::optional<std::string> Renaming::exported_filter(Filter wanted) const {
    auto const bound = bind(here_, wanted.text(), wildcards_);
    return bound ? std::optional(write(there_, *bound)) : std::nullopt;
}

}  // namespace signalbox::subject
