#pragma once

#include "engine/base/bytes.h"  // First: Qt 6.4's moc cannot read <concepts> and <compare> otherwise.

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::base {

/// Appends each part to `out`: text as it is, integers in decimal, `bool` as a word.
inline void append_part(std::string& out, std::string_view part) {
    out.append(part);
}
inline void append_part(std::string& out, char const* part) {
    out.append(part);
}
inline void append_part(std::string& out, char part) {
    out.push_back(part);
}
inline void append_part(std::string& out, bool part) {
    out.append(part ? "true" : "false");
}
inline void append_part(std::string& out, std::integral auto part) {
    out.append(std::to_string(part));
}
void append_part(std::string& out, double part);

template <class... Parts>
void append(std::string& out, Parts const&... parts) {
    (append_part(out, parts), ...);
}

/// One string of all parts, each as `append` writes it.
template <class... Parts>
std::string concat(Parts const&... parts) {
    std::string out;
    append(out, parts...);
    return out;
}

/// The ASCII letters in lower case, other bytes as they are.
std::string to_lower(std::string_view text);

/// Whether both are equal when ASCII letters of either case count as one.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// The text without blanks (space, tab, CR, LF) at its ends.
std::string_view trim(std::string_view text);

/// The parts between separators, empty ones included; they point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

std::string join(std::vector<std::string> const& parts, std::string_view separator);

/// The text in double quotes, with backslash escapes for quotes, control and non-UTF-8 bytes, as
/// the `%q` of the reference's language writes it: for error texts and logs that quote foreign
/// bytes.
std::string quoted(std::string_view text);

/// At most `limit` bytes of the text, and `...` when some were left off.
std::string cut(std::string_view text, std::size_t limit);

/// The number of single-byte edits that make `b` of `a`: for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace signalbox::base

namespace signalbox {
using base::append;
using base::concat;
}  // namespace signalbox
