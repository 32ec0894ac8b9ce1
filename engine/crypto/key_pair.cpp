#include "engine/crypto/key_pair.h"

#include "engine/base/check.h"
#include "engine/base/encoding.h"
#include "engine/crypto/nkey_prefix.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace signalbox::crypto {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kSeedTextSize = 58;
/// Two bytes for what it is, the key, and the checksum.
constexpr std::size_t kSeedSize = 36;
constexpr unsigned kSeedPrefix = 18U << 3U;

Error not_a_seed() {
    return Error(base::Errc::Malformed, "not a seed");
}

/// The bytes as the library wants them.
unsigned char const* raw(Bytes bytes) {
    return static_cast<unsigned char const*>(static_cast<void const*>(bytes.data()));
}

unsigned char byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

/// The kind a seed is for stands across its first two bytes, behind the five bits of the `S`.
std::optional<NkeyKind> kind_of_seed(std::string_view bytes) {
    if ((byte_at(bytes, 0) & 0xf8U) != kSeedPrefix) {
        return std::nullopt;
    }
    unsigned const prefix = ((byte_at(bytes, 0) & 7U) << 5U) | (byte_at(bytes, 1) >> 3U);
    return nkey_kind_of(static_cast<unsigned char>(prefix));
}

Key private_key(Seed const& seed) {
    Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.bytes(), kKeySize),
            &EVP_PKEY_free);
    // Any 32 bytes are a key: this fails only when the library has no memory.
    CHECK(key != nullptr);
    return key;
}

}  // namespace

Seed::Seed(NkeyKind kind, SeedBytes const& bytes)
    : kind_(kind), bytes_(std::string(bytes.begin(), bytes.end())) {}

Result<Seed> Seed::parse(std::string_view text) {
    if (text.size() != kSeedTextSize) {
        return not_a_seed();
    }
    Result<std::string> decoded = base::from_base32(text);
    if (!decoded.ok()) {
        return not_a_seed();
    }
    Secret const whole(std::move(decoded).value());
    std::string_view const bytes = whole.reveal();
    if (bytes.size() != kSeedSize) {
        return not_a_seed();
    }
    unsigned const checksum = byte_at(bytes, 34) | (unsigned{byte_at(bytes, 35)} << 8U);
    if (checksum != base::crc16(bytes.substr(0, 34))) {
        return not_a_seed();
    }
    std::optional<NkeyKind> const kind = kind_of_seed(bytes);
    if (!kind) {
        return not_a_seed();
    }
    return Seed(*kind, Secret(std::string(bytes.substr(2, kKeySize))));
}

unsigned char const* Seed::bytes() const {
    return raw(bytes_.reveal());
}

Secret Seed::text() const {
    unsigned const prefix = nkey_prefix_of(kind_);
    std::string whole;
    // At once in its full size, so that no half of it stays behind in memory.
    whole.reserve(kSeedSize);
    whole += static_cast<char>(kSeedPrefix | (prefix >> 5U));
    whole += static_cast<char>((prefix & 31U) << 3U);
    whole += bytes_.reveal();
    unsigned const checksum = base::crc16(whole);
    whole += static_cast<char>(checksum & 0xffU);
    whole += static_cast<char>(checksum >> 8U);
    Secret text(base::to_base32(whole));
    OPENSSL_cleanse(whole.data(), whole.size());
    return text;
}

KeyPair KeyPair::from_seed_bytes(NkeyKind kind, SeedBytes const& bytes) {
    CHECK(kind != NkeyKind::Curve);
    return of(Seed(kind, bytes));
}

Result<KeyPair> KeyPair::from_seed(std::string_view text) {
    Seed seed = TRY(Seed::parse(text));
    if (seed.kind() == NkeyKind::Curve) {
        return Error(base::Errc::Malformed, "a seed of a curve key, which signs nothing");
    }
    return of(std::move(seed));
}

KeyPair KeyPair::of(Seed seed) {
    Key const key = private_key(seed);
    std::array<unsigned char, kKeySize> bytes{};
    std::size_t size = bytes.size();
    CHECK(EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) == 1);
    CHECK(size == bytes.size());
    NkeyKind const kind = seed.kind();
    return {std::move(seed), PublicNkey(kind, bytes)};
}

std::string KeyPair::sign(Bytes message) const {
    Key const key = private_key(seed_);
    Digest const context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    CHECK(context != nullptr);
    CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
    std::array<unsigned char, kSignatureSize> out{};
    std::size_t size = out.size();
    CHECK(EVP_DigestSign(context.get(), out.data(), &size, raw(message), message.size()) == 1);
    CHECK(size == out.size());
    return {out.begin(), out.end()};
}

bool verify_ed25519(PublicNkey const& key, Bytes message, Bytes signature) {
    if (signature.size() != kSignatureSize || key.kind() == NkeyKind::Curve) {
        return false;
    }
    Key const library_key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes().data(),
                                                      key.bytes().size()),
                          &EVP_PKEY_free);
    Digest const context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    // Whatever the library does not take, such as bytes that are no point of the curve, is no
    // signature.
    return library_key != nullptr && context != nullptr &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, library_key.get()) == 1 &&
           EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message),
                            message.size()) == 1;
}

bool verify_ed25519_text(PublicNkey const& key, Bytes message, std::string_view signature) {
    Result<std::string> const bytes = base::from_base64(signature);
    return bytes.ok() && verify_ed25519(key, message, bytes.value());
}

}  // namespace signalbox::crypto
