#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::house {

/// One file of the tree; `path` is from its top, with slashes.
struct Source {
    std::string path;
    std::string text;
};

struct Include {
    std::string path;
    bool in_quotes = false;
    int line = 0;
};

/// A name as it is written, with all its `::`.
struct Name {
    std::string text;
    int line = 0;
    bool called = false;     ///< An opening parenthesis follows.
    bool is_member = false;  ///< `.` or `->` stands before it.
};

struct FunctionSize {
    int line = 0;
    int lines = 0;
    int parameters = 0;
};

struct ClassSize {
    std::string head;
    int line = 0;
    int members = 0;
};

struct Sizes {
    std::vector<FunctionSize> functions;
    std::vector<ClassSize> classes;
};

/// The text with comments, strings and characters blanked out; its lines stay where they are.
std::string without_comments_and_strings(std::string_view text);

std::vector<Include> includes_of(std::string_view text);

/// Of a text that was blanked out.
std::vector<Name> names_of(std::string_view code);

/// How long functions are and how many members classes have. Reads the shape of the braces, no
/// more: enough for code that clang-format has written. Of a text that was blanked out.
Sizes sizes_of(std::string_view code);

/// The lines of the text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace signalbox::house
