#include "engine/base/encoding.h"

#include <array>

namespace signalbox::base {
namespace {

constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kStandardAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Writes `bytes` in digits of `bits` each, the last filled up with zero bits.
std::string in_digits(std::string_view bytes, unsigned bits, std::string_view alphabet) {
    std::string out;
    unsigned held = 0;
    std::uint32_t window = 0;
    for (char const c : bytes) {
        window = (window << 8) | static_cast<unsigned char>(c);
        held += 8;
        while (held >= bits) {
            held -= bits;
            out += alphabet[(window >> held) & ((1U << bits) - 1)];
        }
    }
    if (held > 0) {
        out += alphabet[(window << (bits - held)) & ((1U << bits) - 1)];
    }
    return out;
}

/// The value of one digit, or -1.
int base64_value(char c) {
    if (c == '+' || c == '-') {
        return 62;
    }
    if (c == '/' || c == '_') {
        return 63;
    }
    auto const at = kStandardAlphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

int base32_value(char c) {
    auto const at = kBase32Alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

Result<std::string> from_digits(std::string_view text, unsigned bits, int (*value)(char)) {
    std::string out;
    // At once in its full size: what is decoded may be a secret, of which no half is to stay
    // behind.
    out.reserve(text.size() * bits / 8 + 1);
    unsigned held = 0;
    std::uint32_t window = 0;
    for (char const c : text) {
        int const digit = value(c);
        if (digit < 0) {
            return Error(Errc::Malformed, "not a digit of the encoding");
        }
        window = (window << bits) | static_cast<std::uint32_t>(digit);
        held += bits;
        if (held >= 8) {
            held -= 8;
            out += static_cast<char>((window >> held) & 0xff);
        }
    }
    if (held >= bits) {
        return Error(Errc::Malformed, "the encoding is cut");
    }
    return out;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    return in_digits(bytes, 4, "0123456789abcdef");
}

std::string to_base64_url(std::string_view bytes) {
    return in_digits(bytes, 6, kUrlAlphabet);
}

std::string to_base64(std::string_view bytes) {
    std::string out = in_digits(bytes, 6, kStandardAlphabet);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

Result<std::string> from_base64(std::string_view text) {
    while (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    return from_digits(text, 6, base64_value);
}

std::string to_base32(std::string_view bytes) {
    return in_digits(bytes, 5, kBase32Alphabet);
}

Result<std::string> from_base32(std::string_view text) {
    return from_digits(text, 5, base32_value);
}

std::uint16_t crc16(std::string_view bytes) {
    std::uint32_t crc = 0;
    for (char const c : bytes) {
        crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 8;
        for (int i = 0; i < 8; ++i) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ 0x1021U : crc << 1;
        }
    }
    return static_cast<std::uint16_t>(crc & 0xffffU);
}

}  // namespace signalbox::base
