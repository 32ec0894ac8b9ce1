#include "engine/base/utf8.h"

namespace signalbox::base {
namespace {

struct Lead {
    std::size_t length;
    unsigned char second_low;
    unsigned char second_high;
};

/// What a first byte demands of the second; the bounds leave out overlong forms, surrogates and
/// what is past U+10FFFF (RFC 3629, 4).
Lead lead_of(unsigned char byte) {
    if (byte < 0x80) {
        return {1, 0, 0};
    }
    if (byte >= 0xc2 && byte <= 0xdf) {
        return {2, 0x80, 0xbf};
    }
    if (byte >= 0xe0 && byte <= 0xef) {
        unsigned char const low = byte == 0xe0 ? 0xa0 : 0x80;
        unsigned char const high = byte == 0xed ? 0x9f : 0xbf;
        return {3, low, high};
    }
    if (byte >= 0xf0 && byte <= 0xf4) {
        unsigned char const low = byte == 0xf0 ? 0x90 : 0x80;
        unsigned char const high = byte == 0xf4 ? 0x8f : 0xbf;
        return {4, low, high};
    }
    return {0, 0, 0};
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    Lead const lead = lead_of(static_cast<unsigned char>(text[0]));
    if (lead.length == 0 || lead.length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < lead.length; ++i) {
        auto const byte = static_cast<unsigned char>(text[i]);
        unsigned char const low = i == 1 ? lead.second_low : 0x80;
        unsigned char const high = i == 1 ? lead.second_high : 0xbf;
        if (byte < low || byte > high) {
            return 0;
        }
    }
    return lead.length;
}

std::string repaired_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::size_t const length = utf8_length(text);
        if (length == 0) {
            out += "\xef\xbf\xbd";
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return out;
}

}  // namespace signalbox::base
