#include "engine/crypto/nkey.h"

#include "engine/base/check.h"
#include "engine/base/encoding.h"

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <optional>

namespace signalbox::crypto {

namespace {

constexpr std::size_t kTextSize = 56;

/// The five high bits of the first byte become the first letter, so a prefix is the letter's place
/// in the alphabet of base32 shifted by three.
constexpr unsigned char prefix_of(NkeyKind kind) {
    switch (kind) {
        case NkeyKind::Account:
            return 0 << 3;
        case NkeyKind::Cluster:
            return 2 << 3;
        case NkeyKind::Operator:
            return 14 << 3;
        case NkeyKind::Server:
            return 13 << 3;
        case NkeyKind::User:
            return 20 << 3;
        case NkeyKind::Curve:
            return 23 << 3;
    }
    return 0;
}

std::optional<NkeyKind> kind_of(unsigned char prefix) {
    for (NkeyKind kind : {NkeyKind::Account, NkeyKind::Cluster, NkeyKind::Operator,
                          NkeyKind::Server, NkeyKind::User, NkeyKind::Curve}) {
        if (prefix_of(kind) == prefix) {
            return kind;
        }
    }
    return std::nullopt;
}

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
    std::optional<NkeyKind> const kind = kind_of(byte(0));
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
    std::string raw(1, static_cast<char>(prefix_of(kind_)));
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

ServerKey ServerKey::from_seed(std::array<unsigned char, 32> const& seed) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
        &EVP_PKEY_free);
    // Any 32 bytes are a key: this fails only when the library has no memory.
    CHECK(key != nullptr);
    std::array<unsigned char, 32> bytes{};
    std::size_t size = bytes.size();
    CHECK(EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) == 1);
    CHECK(size == bytes.size());
    return ServerKey(PublicNkey(NkeyKind::Server, bytes));
}

}  // namespace signalbox::crypto
