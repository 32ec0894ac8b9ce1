#include "engine/crypto/nkey.h"

#include "engine/base/encoding.h"
#include "engine/crypto/nkey_prefix.h"

#include <cstddef>
#include <optional>

namespace signalbox::crypto {

namespace {

constexpr std::size_t kTextSize = 56;

Error not_a_key() {
    return Error(base::Errc::Malformed, "not a public nkey");
}

}  // namespace

Result<PublicNkey> PublicNkey::parse(std::string_view text) {
    if (text.size() != kTextSize) {
        return not_a_key();
    }
    std::string const raw = TRY(base::from_base32(text));
    if (raw.size() != 35) {
        return not_a_key();
    }
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(raw[at]); };
    unsigned const checksum = byte(33) | (static_cast<unsigned>(byte(34)) << 8U);
    if (checksum != base::crc16(std::string_view(raw).substr(0, 33))) {
        return not_a_key();
    }
    std::optional<NkeyKind> const kind = nkey_kind_of(byte(0));
    if (!kind) {
        return not_a_key();
    }
    std::array<unsigned char, 32> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = byte(i + 1);
    }
    return PublicNkey(*kind, bytes);
}

std::string PublicNkey::text() const {
    std::string raw(1, static_cast<char>(nkey_prefix_of(kind_)));
    for (unsigned char byte : bytes_) {
        raw.push_back(static_cast<char>(byte));
    }
    unsigned const checksum = base::crc16(raw);
    raw.push_back(static_cast<char>(checksum & 0xffU));
    raw.push_back(static_cast<char>(checksum >> 8U));
    return base::to_base32(raw);
}

bool is_public_nkey(std::string_view text, NkeyKind kind) {
    Result<PublicNkey> const key = PublicNkey::parse(text);
    return key.ok() && key.value().kind() == kind;
}

}  // namespace signalbox::crypto
