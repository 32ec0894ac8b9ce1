#include "tests/house/source_text.h"

#include <algorithm>
#include <cctype>

namespace signalbox::house {

namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Blanks out from `from` to before `to`, keeping the lines.
void blank(std::string& text, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < std::min(to, text.size()); ++i) {
        if (text[i] != '\n') {
            text[i] = ' ';
        }
    }
}

/// Past the end of the quoted text that begins at `at`.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    char const quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == quote || text[i] == '\n') {
            return i + 1;
        }
    }
    return text.size();
}

std::size_t end_of_raw_string(std::string_view text, std::size_t quote) {
    std::size_t const open = text.find('(', quote);
    if (open == std::string_view::npos) {
        return text.size();
    }
    std::string const end = ")" + std::string(text.substr(quote + 1, open - quote - 1)) + "\"";
    std::size_t const found = text.find(end, open);
    return found == std::string_view::npos ? text.size() : found + end.size();
}

std::size_t end_at(std::string_view text, std::string_view end, std::size_t from) {
    std::size_t const found = text.find(end, from);
    return found == std::string_view::npos ? text.size() : found + end.size();
}

/// What to do with the character at `i`: past which place the text is blank, or `i` itself when
/// it is code.
std::size_t end_of_blank(std::string_view text, std::size_t i) {
    char const c = text[i];
    char const next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '/' && next == '/') {
        return end_at(text, "\n", i);
    }
    if (c == '/' && next == '*') {
        return end_at(text, "*/", i + 2);
    }
    if (c == '"') {
        bool const raw = i > 0 && text[i - 1] == 'R' && (i < 2 || !is_word(text[i - 2]));
        return raw ? end_of_raw_string(text, i) : end_of_quoted(text, i);
    }
    // Between digits it is a separator of thousands.
    if (c == '\'' && (i == 0 || !is_word(text[i - 1]))) {
        return end_of_quoted(text, i);
    }
    return i;
}

}  // namespace

std::string without_comments_and_strings(std::string_view text) {
    std::string code(text);
    for (std::size_t i = 0; i < text.size();) {
        std::size_t const end = end_of_blank(text, i);
        if (end == i) {
            ++i;
            continue;
        }
        blank(code, i, end);
        i = end;
    }
    return code;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        std::size_t const end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::vector<Include> includes_of(std::string_view text) {
    std::vector<Include> includes;
    int number = 0;
    for (std::string_view line : lines_of(text)) {
        ++number;
        std::size_t const hash = line.find_first_not_of(" \t");
        if (hash == std::string_view::npos || line[hash] != '#') {
            continue;
        }
        std::size_t const word = line.find_first_not_of(" \t", hash + 1);
        if (word == std::string_view::npos || !line.substr(word).starts_with("include")) {
            continue;
        }
        std::size_t const open = line.find_first_of("<\"", word);
        std::size_t const close = line.find_first_of(">\"", open + 1);
        if (open != std::string_view::npos && close != std::string_view::npos) {
            includes.push_back(
                {std::string(line.substr(open + 1, close - open - 1)), line[open] == '"', number});
        }
    }
    return includes;
}

std::vector<Name> names_of(std::string_view code) {
    std::vector<Name> names;
    int line = 1;
    for (std::size_t i = 0; i < code.size();) {
        bool const global = code.substr(i).starts_with("::");
        bool const begins = global || (is_word(code[i]) && std::isdigit(code[i]) == 0);
        if (!begins) {
            line += code[i] == '\n' ? 1 : 0;
            // A number is passed over whole, so that its suffix is no name.
            std::size_t const start = i;
            while (is_word(code[start]) && i + 1 < code.size() && is_word(code[i + 1])) {
                ++i;
            }
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < code.size() && (is_word(code[end]) || code.substr(end).starts_with("::"))) {
            end += is_word(code[end]) ? 1 : 2;
        }
        std::size_t const before = code.substr(0, i).find_last_not_of(" \n");
        std::size_t const after = code.find_first_not_of(" \n", end);
        std::string_view const head =
            before == std::string_view::npos ? std::string_view() : code.substr(0, before + 1);
        // Behind `>` the `::` belongs to what stands before it.
        bool const continues = global && (head.ends_with(">") || head.ends_with(")"));
        names.push_back(
            {std::string(code.substr(continues ? i + 2 : i, end - (continues ? i + 2 : i))), line,
             after != std::string_view::npos && code[after] == '(',
             head.ends_with(".") || head.ends_with("->")});
        i = end;
    }
    return names;
}

}  // namespace signalbox::house
