#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/crypto/key_pair.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::crypto {

/// A curve key, or xkey (`X…`, seed `SX…`): two who know each other's public half exchange what
/// nobody else can read or change. The bytes are `xkv1`, a nonce of 24, and NaCl's box of the text
/// (X25519, XSalsa20, Poly1305).
class CurveKey {
public:
    using Nonce = std::array<unsigned char, 24>;

    /// Any 32 bytes are a key.
    static CurveKey from_seed_bytes(SeedBytes const& bytes);

    /// Errors: Malformed (as `Seed::parse`, and a seed of another kind).
    static Result<CurveKey> from_seed(std::string_view text);

    PublicNkey const& public_key() const { return public_; }

    /// `nonce` comes from the world's entropy and is used once. Errors: InvalidArgument (`to` is no
    /// curve key, or a point with which there is no secret to share).
    Result<std::string> seal(PublicNkey const& to, Nonce const& nonce, Bytes plain) const;

    /// Errors: InvalidArgument (`from` is no curve key), Malformed (not the format, or not from
    /// that key to this).
    Result<std::string> open(PublicNkey const& from, Bytes sealed) const;

private:
    CurveKey(Seed seed, PublicNkey key) : seed_(std::move(seed)), public_(key) {}
    static CurveKey of(Seed seed);

    Seed seed_;
    PublicNkey public_;
};

}  // namespace signalbox::crypto
