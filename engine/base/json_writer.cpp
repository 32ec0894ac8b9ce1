#include "engine/base/json_writer.h"

#include "engine/base/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace signalbox::base {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void append_unicode_escape(std::string& out, unsigned char byte) {
    out += "\\u00";
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
}

/// Whether the character stands for itself between the quotes.
bool is_plain(unsigned char byte) {
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != '<' && byte != '>' && byte != '&';
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            append_unicode_escape(out, static_cast<unsigned char>(c));
    }
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        auto const byte = static_cast<unsigned char>(text.front());
        std::size_t const length = utf8_length(text);
        if (length == 0) {
            out += "\\ufffd";
        } else if (length == 1 && !is_plain(byte)) {
            append_escaped(out, text.front());
        } else if (text.starts_with("\xe2\x80\xa8")) {
            out += "\\u2028";
        } else if (text.starts_with("\xe2\x80\xa9")) {
            out += "\\u2029";
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

/// As the reference writes it: an exponent only where there would be very many zeros, and then
/// without a leading zero below the line.
std::string number_text(double number) {
    double const size = std::abs(number);
    bool const plain = size == 0 || (size >= 1e-6 && size < 1e21);
    char text[40];
    auto const form = plain ? std::chars_format::fixed : std::chars_format::scientific;
    std::string out(text, std::to_chars(text, text + sizeof text, number, form).ptr);
    if (std::size_t const at = out.find("e-0"); at != std::string::npos) {
        out.erase(at + 2, 1);
    }
    return out;
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
    before_value();
    append_string(out_, name);
    out_ += indent_ > 0 ? ": " : ":";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    before_value();
    append_string(out_, text);
    return *this;
}

JsonWriter& JsonWriter::value(double number) {
    // JSON has no word for these.
    return raw(std::isfinite(number) ? number_text(number) : "0");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    before_value();
    out_ += json;
    return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
    before_value();
    out_ += bracket;
    ++depth_;
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    --depth_;
    if (!first_) {
        new_line();
    }
    out_ += bracket;
    first_ = false;
    return *this;
}

void JsonWriter::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!first_) {
        out_ += ',';
    }
    if (depth_ > 0) {
        new_line();
    }
    first_ = false;
}

void JsonWriter::new_line() {
    if (indent_ > 0) {
        out_ += '\n';
        out_.append(static_cast<std::size_t>(indent_ * depth_), ' ');
    }
}

}  // namespace signalbox::base
