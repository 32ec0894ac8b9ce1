#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace signalbox::base {

/// A JSON value, read whole, by the reference's rules: text is repaired to UTF-8, of equal keys the
/// last counts, and members are found in any case of their ASCII letters, an exact match first.
class Json {
public:
    using Member = std::pair<std::string, Json>;
    using Array = std::vector<Json>;
    using Object = std::vector<Member>;

    /// Reads one document. Errors: Malformed, LimitExceeded (more than `kMaxDepth` levels).
    static Result<Json> parse(std::string_view text);

    static constexpr std::size_t kMaxDepth = 32;

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    bool const* as_bool() const { return std::get_if<bool>(&value_); }
    std::string const* as_text() const { return std::get_if<std::string>(&value_); }
    Array const* as_array() const { return std::get_if<Array>(&value_); }
    Object const* as_object() const { return std::get_if<Object>(&value_); }

    /// Nothing when it is no number, or one with a fraction or out of range.
    std::optional<std::int64_t> as_int() const;
    /// Nothing when it is no number.
    std::optional<double> as_double() const;

    /// The member of that name, or none, also when this is no object.
    Json const* find(std::string_view name) const;

private:
    friend class JsonBuilder;
    using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                               std::string, Array, Object>;
    Value value_;
};

}  // namespace signalbox::base

namespace signalbox {
using base::Json;
}  // namespace signalbox
