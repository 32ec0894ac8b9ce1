#pragma once

#include "engine/base/result.h"
#include "engine/subject/subject.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::subject {

/// How what one account exports is called by another, in both directions.
///
/// `local` repeats the wildcards of `exported` as `*`, in their order, or as `$1` and
/// `{{wildcard(1)}}`, in any; and `>` exactly if `exported` ends with it. Where `exported` has no
/// wildcard, those of `local` lead to it all the same: requests on many subjects to one service.
class Renaming {
public:
    /// Errors: InvalidArgument, with the reference's text.
    static Result<Renaming> create(std::string_view exported, std::string_view local);

    /// With `*` for each wildcard.
    std::string const& exported() const { return exported_; }
    std::string const& local() const { return local_; }
    bool changes_nothing() const { return exported_ == local_ && in_order_; }

    /// The name here of what is called `subject` there; nothing: it is not among what is exported.
    std::optional<std::string> to_local(PublishSubject subject) const;

    /// And the other way.
    std::optional<std::string> to_exported(PublishSubject subject) const;

    /// What to listen on there, to hear all that a subscription on `wanted` here is for; nothing:
    /// no subject is in both.
    std::optional<std::string> exported_filter(Filter wanted) const;

private:
    /// A token of a pattern: a literal, or the wildcard of that number, which `exported` counts
    /// from 0.
    struct Token {
        std::string literal;
        std::optional<std::size_t> wildcard;
    };
    struct Pattern {
        std::vector<Token> tokens;
        bool has_rest = false;
    };
    /// What stands for each wildcard, and for `>`.
    struct Bound {
        std::vector<std::string_view> wildcards;
        std::string_view rest;
    };

    static Result<Pattern> read_local(std::string_view local, std::size_t wildcards);
    static Pattern read_exported(std::string_view exported);
    static bool bind_token(Token const& token, std::string_view met, Bound& bound);
    static std::optional<Bound> bind(Pattern const& pattern, std::string_view text,
                                     std::size_t wildcards);
    static std::string write(Pattern const& pattern, Bound const& bound);

    std::string exported_;
    std::string local_;
    Pattern there_;
    Pattern here_;
    std::size_t wildcards_ = 0;  ///< Of `exported`.
    bool in_order_ = true;       ///< And so are those of `local`.
};

}  // namespace signalbox::subject
