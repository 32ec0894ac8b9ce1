#pragma once

#include "engine/base/result.h"
#include "engine/subject/subject.h"
#include "engine/world/entropy.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::subject {

/// What a transform is for, which decides what its destination may hold.
enum class TransformUse {
    Stream,   ///< Streams, their sources and republishing: every function.
    Mapping,  ///< Mappings of accounts: likewise, and no token may be empty or hold a blank.
    Import,   ///< Exactly one renaming: wildcards alone, and all of them.
};

/// Makes one subject of another: `orders.*.*` to `{{wildcard(2)}}.{{partition(10,1)}}` (ADR-30).
///
/// The source is a filter, empty for `>`. In the destination `$2` and `{{wildcard(2)}}` stand for
/// the second `*` of the source, `>` at the end for what its `>` matched, other functions for what
/// they make of those tokens. An empty destination leaves the subject as it is.
class Transform {
public:
    /// Errors: InvalidArgument, with the reference's text.
    static Result<Transform> create(std::string_view source, std::string_view destination,
                                    TransformUse use);

    std::string const& source() const { return source_; }
    std::string const& destination() const { return destination_; }

    bool matches(PublishSubject subject) const;

    /// Nothing when the source does not match. `chance` is drawn from by `{{random(n)}}` alone.
    std::optional<std::string> apply(PublishSubject subject, world::Entropy& chance) const;

    /// Of a subject that the source matches, also when that holds wildcards as text.
    std::string apply_matching(std::string_view subject, world::Entropy& chance) const;

    /// Whether equal subjects may be made into different ones.
    bool is_random() const;

    /// The functions, in the order in which their names are tried.
    enum class Function : std::uint8_t {
        Literal,
        Wildcard,
        Partition,
        SplitFromLeft,
        SplitFromRight,
        SliceFromLeft,
        SliceFromRight,
        Split,
        Left,
        Right,
        Random,
        Rest,  ///< `>`
    };

    /// One token of a destination.
    struct Part {
        Function function = Function::Literal;
        std::vector<std::size_t> tokens;  ///< Of the subject, from 0, that it is made of.
        std::int64_t number = 0;          ///< A count of characters, partitions or values.
        std::string text;                 ///< The literal, or the delimiter.
    };

private:
    Transform() = default;

    std::string source_;
    std::string destination_;
    std::vector<Part> parts_;
    std::size_t source_tokens_ = 0;  ///< Without a `>` at its end.
};

/// With `$1`, `$2` … for the wildcards `*` of a filter: a destination that leaves it as it is.
std::string with_numbered_wildcards(std::string_view filter);

}  // namespace signalbox::subject
