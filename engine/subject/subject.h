#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <string_view>

namespace signalbox::subject {

/// What one message is sent to, as the wire allows it: without white space. Tokens may be empty,
/// which match nothing, or `*` and `>`, which are ordinary text here.
///
/// A borrowed view that was checked once, at the edge, so that the inside need not ask again.
class PublishSubject {
public:
    PublishSubject() = default;

    /// Errors: InvalidArgument (empty, or white space in it).
    static Result<PublishSubject> parse(std::string_view text);

    /// For parsers that cut the text at white space, and so have checked it already.
    static PublishSubject from_token(std::string_view token) { return PublishSubject(token); }

    std::string_view text() const { return text_; }

    /// No token is empty, `*` or `>`.
    bool is_literal() const;

    /// No token is empty; a subject with one matches no filter.
    bool is_routable() const;

protected:
    explicit PublishSubject(std::string_view text) : text_(text) {}

private:
    std::string_view text_;
};

/// One that is literal, where only literals may stand: no token is empty, `*` or `>`.
class Subject : public PublishSubject {
public:
    /// Errors: InvalidArgument.
    static Result<Subject> parse(std::string_view text);

private:
    explicit Subject(std::string_view text) : PublishSubject(text) {}
};

/// What a subscription listens on: no empty token, `>` only as the last one. A borrowed view.
class Filter {
public:
    /// Errors: InvalidArgument.
    static Result<Filter> parse(std::string_view text);

    /// Of text that was a filter's before.
    static Filter from_checked(std::string_view text) { return Filter(text); }

    std::string_view text() const { return text_; }

    bool has_wildcard() const;
    std::size_t token_count() const;

    /// Whether a message on `subject` is for a subscription on this filter.
    bool matches(PublishSubject subject) const;

    /// Whether every subject that `other` matches is matched by this one too.
    bool covers(Filter other) const;

private:
    explicit Filter(std::string_view text) : text_(text) {}

    std::string_view text_;
};

}  // namespace signalbox::subject
