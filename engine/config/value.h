#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox::config {

/// Where in which file something stands.
struct Position {
    std::shared_ptr<std::string const> file;
    int line = 1;
    int column = 0;  ///< Counted as `Token::column`.

    /// `<file>:<line>:<column>`.
    std::string text() const;
};

/// One value of a configuration as it was parsed. Its position is that of its key, or its own in an
/// array.
class Value {
public:
    using Array = std::vector<Value>;
    using Map = std::map<std::string, Value, std::less<>>;
    using Content = std::variant<bool, std::int64_t, double, std::string, WallTime, Array, Map>;

    Value() : content_(Map{}) {}
    Value(Content content, Position position)
        : content_(std::move(content)), position_(std::move(position)) {}

    template <class T>
    T const* as() const {
        return std::get_if<T>(&content_);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&content_);
    }

    Content const& content() const { return content_; }
    Position const& position() const { return position_; }
    void set_position(Position position) { position_ = std::move(position); }

    /// Grows in the order in which the values were read, through all included files.
    std::uint32_t order() const { return order_; }
    void set_order(std::uint32_t order) { order_ = order; }

    /// Some `$NAME` was resolved to it, so that it is no unknown key whatever its name.
    bool used_as_variable() const { return used_as_variable_; }
    void mark_used_as_variable() { used_as_variable_ = true; }

private:
    Content content_;
    Position position_;
    std::uint32_t order_ = 0;
    bool used_as_variable_ = false;
};

/// The value's type in the words of the reference's error texts: `int64`, `map[string]interface
/// {}`.
std::string_view type_name(Value const& value);

/// Members in the order they were read, which decides when two keys say the same.
std::vector<std::pair<std::string_view, Value const*>> in_order(Value::Map const& map);

/// `sha256:` and 64 digits, over the JSON of the map with sorted keys, those that served as
/// variables included, and a new line after it.
std::string digest_of(Value::Map const& map);

}  // namespace signalbox::config
