#include "engine/base/text.h"

#include "engine/base/number.h"
#include "engine/base/utf8.h"

#include <algorithm>
#include <numeric>

namespace signalbox::base {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr char kHexDigits[] = "0123456789abcdef";

void append_hex_escape(std::string& out, unsigned char byte) {
    out += "\\x";
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
}

/// The letter after the backslash for a control byte that has one, else 0.
char short_escape(char c) {
    switch (c) {
        case '\a':
            return 'a';
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        case '\v':
            return 'v';
        case '\\':
            return '\\';
        case '"':
            return '"';
        default:
            return 0;
    }
}

}  // namespace

void append_part(std::string& out, double part) {
    out.append(shortest(part));
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        auto const at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

std::string join(std::vector<std::string> const& parts, std::string_view separator) {
    std::string out;
    for (std::string const& part : parts) {
        if (&part != &parts.front()) {
            out += separator;
        }
        out += part;
    }
    return out;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        char const c = text.front();
        auto const byte = static_cast<unsigned char>(c);
        std::size_t const length = utf8_length(text);
        if (char const letter = short_escape(c); letter != 0) {
            out += '\\';
            out += letter;
        } else if (byte < 0x20 || byte == 0x7f || length == 0) {
            append_hex_escape(out, byte);
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
    return out;
}

std::string cut(std::string_view text, std::size_t limit) {
    return text.size() <= limit ? std::string(text) : concat(text.substr(0, limit), "...");
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace signalbox::base
