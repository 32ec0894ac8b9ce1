#include "engine/subject/subject.h"

#include "engine/base/text.h"
#include "engine/subject/tokens.h"

#include <algorithm>

namespace signalbox::subject {
namespace {

bool has_blank(std::string_view text) {
    // One pass; a search for any of several characters is one search for each byte.
    return std::ranges::any_of(
        text, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v'); });
}

Error refuse(std::string_view what, std::string_view text) {
    return {Errc::InvalidArgument, concat(what, ": ", base::quoted(base::cut(text, 256)))};
}

/// Walks filter and subject side by side; wildcards in the subject are ordinary text.
bool match_tokens(std::string_view filter, std::string_view subject) {
    Tokens wanted(filter);
    Tokens given(subject);
    while (!wanted.done()) {
        std::string_view const token = wanted.next();
        if (given.done()) {
            return false;
        }
        if (token == ">") {
            return true;
        }
        std::string_view const met = given.next();
        if (token != met && (token != "*" || met.empty())) {
            return false;
        }
    }
    return given.done();
}

}  // namespace

Result<PublishSubject> PublishSubject::parse(std::string_view text) {
    if (text.empty() || has_blank(text)) {
        return refuse("not a subject", text);
    }
    return PublishSubject(text);
}

bool PublishSubject::is_literal() const {
    Tokens tokens(text_);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token.empty() || token == "*" || token == ">") {
            return false;
        }
    }
    return true;
}

bool PublishSubject::is_routable() const {
    return !text_.empty() && text_.front() != '.' && text_.back() != '.' &&
           text_.find("..") == std::string_view::npos;
}

Result<Subject> Subject::parse(std::string_view text) {
    if (has_blank(text) || !PublishSubject::from_token(text).is_literal()) {
        return refuse("not a literal subject", text);
    }
    return Subject(text);
}

Result<Filter> Filter::parse(std::string_view text) {
    if (has_blank(text)) {
        return refuse("not a subject", text);
    }
    Tokens tokens(text);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token.empty() || (token == ">" && !tokens.done())) {
            return refuse("not a subject", text);
        }
    }
    return Filter(text);
}

bool Filter::has_wildcard() const {
    Tokens tokens(text_);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token == "*" || token == ">") {
            return true;
        }
    }
    return false;
}

std::size_t Filter::token_count() const {
    return static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '.')) + 1;
}

bool Filter::matches(PublishSubject subject) const {
    return subject.is_routable() && match_tokens(text_, subject.text());
}

bool Filter::covers(Filter other) const {
    Tokens wanted(text_);
    Tokens given(other.text_);
    while (!wanted.done()) {
        std::string_view const token = wanted.next();
        if (given.done()) {
            return false;
        }
        if (token == ">") {
            return true;
        }
        std::string_view const met = given.next();
        if (met == ">" || (token != met && token != "*")) {
            return false;
        }
    }
    return given.done();
}

}  // namespace signalbox::subject
