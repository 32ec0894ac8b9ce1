#pragma once

#include "engine/base/text.h"
#include "engine/base/time.h"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::base {

/// Writes one JSON document as it is told, compact or indented, in the reference's manner: keys in
/// the order given, `<`, `>` and `&` escaped, bytes that are not UTF-8 replaced.
///
/// The caller sees to it that keys stand only in objects.
class JsonWriter {
public:
    /// `indent` spaces for each level; none writes it on one line.
    explicit JsonWriter(int indent = 0) : indent_(indent) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(char const* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool yes) { return raw(yes ? "true" : "false"); }
    JsonWriter& value(std::integral auto number) { return raw(concat(number)); }
    JsonWriter& value(double number);
    JsonWriter& value(WallTime time) { return value(std::string_view(rfc3339(time))); }
    JsonWriter& null() { return raw("null"); }

    /// A value that is JSON already.
    JsonWriter& raw(std::string_view json);

    template <class T>
    JsonWriter& field(std::string_view name, T const& content) {
        return key(name).value(content);
    }

    /// Leaves the field out when it is false, zero or empty, as the reference's `omitempty` does.
    template <class T>
    JsonWriter& field_unless_empty(std::string_view name, T const& content) {
        return content == T{} ? *this : field(name, content);
    }

    std::string const& text() const { return out_; }
    /// What was written so far, and what comes next goes on from there.
    std::string take() { return std::exchange(out_, {}); }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void before_value();
    void new_line();

    std::string out_;
    int indent_;
    int depth_ = 0;
    bool first_ = true;  ///< Nothing stands yet in the innermost container.
    bool after_key_ = false;
};

}  // namespace signalbox::base

namespace signalbox {
using base::JsonWriter;
}  // namespace signalbox
