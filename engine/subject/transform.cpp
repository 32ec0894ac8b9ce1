#include "engine/subject/transform.h"

#include "engine/base/text.h"
#include "engine/subject/tokens.h"
#include "engine/subject/transform_function.h"

#include <algorithm>
#include <utility>

namespace signalbox::subject {
namespace {

using Function = Transform::Function;
using Part = Transform::Part;

Error invalid_subject() {
    return {Errc::InvalidArgument, "invalid subject"};
}

/// The wildcards of a source, by the places of their tokens.
struct SourceShape {
    std::vector<std::size_t> stars;
    std::size_t tokens = 0;  ///< Without a `>` at the end.
    bool has_rest = false;
};

/// Nothing: an empty token, or one after `>`.
std::optional<SourceShape> shape_of(std::string_view filter) {
    SourceShape shape;
    Tokens tokens(filter);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token.empty() || shape.has_rest) {
            return std::nullopt;
        }
        if (token == ">") {
            shape.has_rest = true;
            continue;
        }
        if (token == "*") {
            shape.stars.push_back(shape.tokens);
        }
        ++shape.tokens;
    }
    return shape;
}

/// What only mappings ask of a destination.
Result<void> check_mapping_destination(std::string_view destination) {
    bool after_rest = false;
    Tokens tokens(destination);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        bool const blank = !looks_like_function(token) &&
                           token.find_first_of(" \t\n\f\r") != std::string_view::npos;
        if (token.empty() || after_rest || blank) {
            return mapping_error("invalid transform", {});
        }
        after_rest = token == ">";
    }
    return {};
}

/// A literal source has no wildcard to refer to; hashes and chance need none.
bool stands_alone(Function function) {
    return function == Function::Literal || function == Function::Partition ||
           function == Function::Random || function == Function::Rest;
}

Result<Part> place(FunctionCall call, SourceShape const& source, std::string_view token) {
    Part part{.function = call.function, .number = call.number, .text = std::move(call.text)};
    if (source.stars.empty() && !stands_alone(call.function)) {
        return mapping_error("wildcard index out of range", token);
    }
    for (std::int64_t const index : call.wildcards) {
        if (index > static_cast<std::int64_t>(source.stars.size())) {
            return mapping_error("wildcard index out of range", concat(token, ": [", index, "]"));
        }
        // 0 and less are the first token of all, as with the reference.
        part.tokens.push_back(index <= 0 ? 0 : source.stars[static_cast<std::size_t>(index - 1)]);
    }
    return part;
}

Result<void> check_import_part(FunctionCall const& call, std::string_view token) {
    bool const allowed = call.function == Function::Literal || call.function == Function::Wildcard;
    return allowed ? Result<void>()
                   : mapping_error(
                         "the only mapping function allowed for import transforms is "
                         "{{Wildcard()}}",
                         token);
}

/// FNV-1a, which is what partitions are counted by everywhere.
class PartitionHash {
public:
    void add(std::string_view text) {
        for (char const c : text) {
            value_ = (value_ ^ static_cast<unsigned char>(c)) * 16'777'619U;
        }
    }
    std::uint32_t value() const { return value_; }

private:
    std::uint32_t value_ = 2'166'136'261U;
};

/// A subject being made of another.
class Making {
public:
    Making(std::string_view subject, world::Entropy& chance) : subject_(subject), chance_(chance) {
        Tokens tokens(subject);
        while (!tokens.done()) {
            given_.push_back(tokens.next());
        }
    }

    void add(Part const& part, std::size_t source_tokens) {
        if (part.function == Function::Rest) {
            for (std::size_t i = source_tokens; i < given_.size(); ++i) {
                add_token(given_[i]);
            }
            return;
        }
        add_made(part);
    }

    std::string take() { return std::move(out_); }

private:
    void add_token(std::string_view token) {
        if (!out_.empty()) {
            out_ += '.';
        }
        out_ += token;
    }

    std::string_view token_of(Part const& part) const {
        return part.tokens.front() < given_.size() ? given_[part.tokens.front()]
                                                   : std::string_view();
    }

    void add_made(Part const& part) {
        switch (part.function) {
            case Function::Literal:
                add_token(part.text);
                return;
            case Function::Wildcard:
                add_token(token_of(part));
                return;
            case Function::Partition:
                add_token(std::to_string(partition(part)));
                return;
            case Function::Random:
                add_token(std::to_string(
                    part.number > 0 ? chance_.below(static_cast<std::uint64_t>(part.number)) : 0));
                return;
            case Function::Split:
                add_split(token_of(part), part.text);
                return;
            case Function::SplitFromLeft:
            case Function::SplitFromRight:
            case Function::SliceFromLeft:
            case Function::SliceFromRight:
            case Function::Left:
            case Function::Right:
                add_cut(part, token_of(part));
                return;
            case Function::Rest:
                return;
        }
    }

    std::uint32_t partition(Part const& part) const {
        if (part.number <= 0) {
            return 0;
        }
        PartitionHash hash;
        if (part.tokens.empty()) {
            hash.add(subject_);
        }
        for (std::size_t const index : part.tokens) {
            hash.add(index < given_.size() ? given_[index] : std::string_view());
        }
        return hash.value() % static_cast<std::uint32_t>(part.number);
    }

    void add_split(std::string_view token, std::string_view delimiter) {
        if (delimiter.empty()) {
            add_slices(token, std::min<std::size_t>(1, token.size()), 1);
            return;
        }
        for (std::size_t begin = 0; begin <= token.size();) {
            std::size_t const end = std::min(token.find(delimiter, begin), token.size());
            if (end > begin) {
                add_token(token.substr(begin, end - begin));
            }
            begin = end + delimiter.size();
        }
    }

    void add_cut(Part const& part, std::string_view token) {
        if (part.number <= 0 || part.number >= static_cast<std::int64_t>(token.size())) {
            add_token(token);
            return;
        }
        auto const n = static_cast<std::size_t>(part.number);
        std::size_t const size = token.size();
        bool const from_right = part.function == Function::SplitFromRight ||
                                part.function == Function::SliceFromRight ||
                                part.function == Function::Right;
        std::size_t const cut = from_right ? size - n : n;
        if (part.function == Function::SliceFromLeft) {
            add_slices(token, n, n);
        } else if (part.function == Function::SliceFromRight) {
            add_slices(token, size % n == 0 ? n : size % n, n);
        } else if (part.function == Function::Left) {
            add_token(token.substr(0, cut));
        } else if (part.function == Function::Right) {
            add_token(token.substr(cut));
        } else {
            add_token(token.substr(0, cut));
            add_token(token.substr(cut));
        }
    }

    void add_slices(std::string_view token, std::size_t first, std::size_t n) {
        add_token(token.substr(0, first));
        for (std::size_t at = first; at < token.size(); at += n) {
            add_token(token.substr(at, n));
        }
    }

    std::string_view subject_;
    world::Entropy& chance_;
    std::vector<std::string_view> given_;
    std::string out_;
};

}  // namespace

Result<Transform> Transform::create(std::string_view source, std::string_view destination,
                                    TransformUse use) {
    Transform made;
    made.source_ = source.empty() ? ">" : source;
    made.destination_ = destination;
    auto const from = shape_of(made.source_);
    if (!from) {
        return invalid_subject();
    }
    made.source_tokens_ = from->tokens;
    if (destination.empty()) {
        return made;
    }
    if (use == TransformUse::Mapping) {
        TRY(check_mapping_destination(destination));
    }
    auto const to = shape_of(destination);
    if (!to || !to->stars.empty() || to->has_rest != from->has_rest) {
        return invalid_subject();
    }
    std::size_t used = 0;
    Tokens tokens(destination);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token == ">") {
            made.parts_.push_back({.function = Function::Rest});
            continue;
        }
        FunctionCall call = TRY(read_function(token));
        if (use == TransformUse::Import) {
            TRY(check_import_part(call, token));
        }
        used += call.wildcards.size();
        made.parts_.push_back(TRY(place(std::move(call), *from, token)));
    }
    if (use == TransformUse::Import && used < from->stars.size()) {
        return mapping_error("not using all of the token wildcard(s)", destination);
    }
    return made;
}

bool Transform::matches(PublishSubject subject) const {
    return Filter::from_checked(source_).matches(subject);
}

std::optional<std::string> Transform::apply(PublishSubject subject, world::Entropy& chance) const {
    if (!matches(subject)) {
        return std::nullopt;
    }
    return apply_matching(subject.text(), chance);
}

std::string Transform::apply_matching(std::string_view subject, world::Entropy& chance) const {
    if (parts_.empty()) {
        return std::string(subject);
    }
    Making making(subject, chance);
    for (Part const& part : parts_) {
        making.add(part, source_tokens_);
    }
    return making.take();
}

bool Transform::is_random() const {
    return std::ranges::any_of(parts_,
                               [](Part const& p) { return p.function == Function::Random; });
}

std::string with_numbered_wildcards(std::string_view filter) {
    std::string out;
    int number = 0;
    Tokens tokens(filter);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        append(out, out.empty() ? "" : ".");
        if (token == "*") {
            append(out, '$', ++number);
        } else {
            out += token;
        }
    }
    return out;
}

}  // namespace signalbox::subject
