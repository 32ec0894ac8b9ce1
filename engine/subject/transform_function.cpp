#include "engine/subject/transform_function.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <array>
#include <limits>
#include <optional>

namespace signalbox::subject {
namespace {

using Function = Transform::Function;

/// How often and with what a function is called.
enum class Shape : std::uint8_t {
    Index,      ///< (wildcard)
    Count,      ///< (number)
    Hash,       ///< (number, wildcard, …)
    Cut,        ///< (wildcard, number)
    Delimiter,  ///< (wildcard, text)
};

struct Known {
    Function function;
    Shape shape;
    std::string_view words;  ///< Each begins with an upper case letter here, and in either there.
};

constexpr std::array<Known, 10> kKnown = {{
    {Function::Wildcard, Shape::Index, "Wildcard"},
    {Function::Partition, Shape::Hash, "Partition"},
    {Function::SplitFromLeft, Shape::Cut, "SplitFromLeft"},
    {Function::SplitFromRight, Shape::Cut, "SplitFromRight"},
    {Function::SliceFromLeft, Shape::Cut, "SliceFromLeft"},
    {Function::SliceFromRight, Shape::Cut, "SliceFromRight"},
    {Function::Split, Shape::Delimiter, "Split"},
    {Function::Left, Shape::Cut, "Left"},
    {Function::Right, Shape::Cut, "Right"},
    {Function::Random, Shape::Count, "Random"},
}};

constexpr std::string_view kTooFew = "not enough arguments passed to the function";
constexpr std::string_view kTooMany = "too many arguments passed to the function";
constexpr std::string_view kWrongFormat = "function argument is invalid or in the wrong format";

/// The letters that begin a word may be of either case, the others may not.
bool is_named(std::string_view given, std::string_view words) {
    if (given.size() != words.size()) {
        return false;
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        bool const begins_word = words[i] >= 'A' && words[i] <= 'Z';
        bool const same = given[i] == words[i] || (begins_word && given[i] == words[i] - 'A' + 'a');
        if (!same) {
            return false;
        }
    }
    return true;
}

struct Written {
    Known const* known = nullptr;  ///< Null: no function has that form and name.
    std::vector<std::string_view> arguments;
};

/// Takes `{{ name (a, b) }}` apart.
Written take_apart(std::string_view token) {
    std::string_view const inside = base::trim(token.substr(2, token.size() - 4));
    std::size_t const open = inside.find('(');
    if (open == std::string_view::npos || inside.back() != ')') {
        return {};
    }
    std::string_view const name = base::trim(inside.substr(0, open));
    Written written;
    for (Known const& known : kKnown) {
        if (is_named(name, known.words)) {
            written.known = &known;
        }
    }
    written.arguments = base::split(inside.substr(open + 1, inside.size() - open - 2), ',');
    return written;
}

/// Blanks around it do not count.
std::optional<std::int64_t> integer(std::string_view text) {
    std::string_view trimmed = base::trim(text);
    if (trimmed.starts_with('+')) {
        trimmed.remove_prefix(1);
    }
    return base::parse_int(trimmed);
}

/// How many values a partition or a random number has.
std::optional<std::int64_t> value_count(std::string_view text) {
    auto const number = integer(text);
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    return number && *number <= kMost ? number : std::nullopt;
}

/// Reads the arguments after the first as wildcards.
bool read_wildcards(std::vector<std::string_view> const& arguments, FunctionCall& call) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        auto const index = integer(arguments[i]);
        if (!index) {
            return false;
        }
        call.wildcards.push_back(*index);
    }
    return true;
}

/// False: an argument is not what it should be. There are as many as there should be.
bool read_arguments(Shape shape, std::vector<std::string_view> const& arguments,
                    FunctionCall& call) {
    if (shape == Shape::Count || shape == Shape::Hash) {
        auto const number = value_count(arguments[0]);
        call.number = number.value_or(0);
        return number && read_wildcards(arguments, call);
    }
    auto const index = integer(arguments[0]);
    if (!index) {
        return false;
    }
    call.wildcards = {*index};
    if (shape == Shape::Cut) {
        auto const number = integer(arguments[1]);
        call.number = number.value_or(0);
        return number.has_value();
    }
    if (shape == Shape::Delimiter) {
        // What follows the comma is blank by habit; a blank behind it is part of the delimiter.
        std::string_view delimiter = arguments[1];
        delimiter.remove_prefix(std::min(delimiter.find_first_not_of(" \t"), delimiter.size()));
        call.text = delimiter;
        return delimiter.find_first_of(" .") == std::string_view::npos;
    }
    return true;
}

}  // namespace

Error mapping_error(std::string_view what, std::string_view token) {
    return {Errc::InvalidArgument,
            concat("invalid mapping destination: ", what, token.empty() ? "" : " in ", token)};
}

bool looks_like_function(std::string_view token) {
    return token.size() > 4 && token.starts_with("{{") && token.ends_with("}}");
}

Result<FunctionCall> read_function(std::string_view token) {
    FunctionCall call;
    if (token.size() > 1 && token.front() == '$') {
        auto const index = base::parse_uint(token.substr(1));
        if (index && *index <= std::numeric_limits<std::int32_t>::max()) {
            call.function = Function::Wildcard;
            call.wildcards = {static_cast<std::int64_t>(*index)};
            return call;
        }
    }
    if (!looks_like_function(token)) {
        call.text = token;
        return call;
    }
    Written const written = take_apart(token);
    if (written.known == nullptr) {
        return mapping_error("unknown function", token);
    }
    Shape const shape = written.known->shape;
    bool const two = shape == Shape::Cut || shape == Shape::Delimiter;
    std::size_t const wanted = two ? 2 : 1;
    std::vector<std::string_view> const& arguments = written.arguments;
    bool const none = base::trim(arguments[0]).empty() && shape != Shape::Count;
    if (arguments.size() < wanted || none) {
        return mapping_error(kTooFew, token);
    }
    if (arguments.size() > wanted && shape != Shape::Hash) {
        return mapping_error(kTooMany, token);
    }
    call.function = written.known->function;
    if (!read_arguments(shape, arguments, call)) {
        return mapping_error(kWrongFormat, token);
    }
    return call;
}

}  // namespace signalbox::subject
