#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/crypto/nkey.h"
#include "engine/crypto/secret.h"

#include <array>
#include <string>
#include <string_view>

namespace signalbox::crypto {

/// The secret 32 bytes of a key of either curve.
using SeedBytes = std::array<unsigned char, 32>;

/// A seed as text (`SU…`, `SA…`): its 32 bytes and what kind of key they are for. The bytes are
/// wiped when it goes.
class Seed {
public:
    Seed(NkeyKind kind, SeedBytes const& bytes);

    /// Errors: Malformed (length, alphabet, checksum, a kind that is none); the text is not in
    /// them.
    static Result<Seed> parse(std::string_view text);

    NkeyKind kind() const { return kind_; }
    /// For the key that is made of it; lasts as long as the seed.
    unsigned char const* bytes() const;
    /// 58 characters beginning with `S`.
    Secret text() const;

private:
    Seed(NkeyKind kind, Secret bytes) : kind_(kind), bytes_(std::move(bytes)) {}

    NkeyKind kind_;
    Secret bytes_;
};

/// An Ed25519 key that signs (RFC 8032): a server's, an operator's, an account's or a user's.
class KeyPair {
public:
    /// Any 32 bytes are a key. `kind` is not Curve.
    static KeyPair from_seed_bytes(NkeyKind kind, SeedBytes const& bytes);

    /// Errors: Malformed (as `Seed::parse`, and a seed of a curve key, which signs nothing).
    static Result<KeyPair> from_seed(std::string_view text);

    PublicNkey const& public_key() const { return public_; }

    /// The 64 bytes of a signature of all of `message`.
    std::string sign(Bytes message) const;

    /// For who has to keep it.
    Secret seed() const { return seed_.text(); }

private:
    KeyPair(Seed seed, PublicNkey key) : seed_(std::move(seed)), public_(key) {}
    static KeyPair of(Seed seed);

    Seed seed_;
    PublicNkey public_;
};

/// Whether `signature`, which has to be of exactly 64 bytes, is that of `message` by `key`. Never
/// by a curve key.
bool verify_ed25519(PublicNkey const& key, Bytes message, Bytes signature);

/// As the field's clients send signatures: base64 of either alphabet, padded or not. False when it
/// is neither that nor the right one.
bool verify_ed25519_text(PublicNkey const& key, Bytes message, std::string_view signature);

}  // namespace signalbox::crypto
