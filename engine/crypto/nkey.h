#pragma once

#include "engine/base/result.h"

#include <array>
#include <string>
#include <string_view>

namespace signalbox::crypto {

/// What a key of the field's encoding belongs to. Its text begins with the enumerator's letter.
enum class NkeyKind : unsigned char {
    Account,   ///< A
    Cluster,   ///< C
    Operator,  ///< O
    Server,    ///< N
    User,      ///< U
    Curve,     ///< X
};

/// A public key as text: base32, without padding, of a byte for the kind, the 32 bytes of the key
/// and a CRC-16 of those 33, little-endian. Always 56 characters.
class PublicNkey {
public:
    PublicNkey(NkeyKind kind, std::array<unsigned char, 32> const& bytes)
        : kind_(kind), bytes_(bytes) {}

    /// Errors: Malformed (length, alphabet, checksum, a kind that is none).
    static Result<PublicNkey> parse(std::string_view text);

    NkeyKind kind() const { return kind_; }
    std::array<unsigned char, 32> const& bytes() const { return bytes_; }
    std::string text() const;

    friend bool operator==(PublicNkey const&, PublicNkey const&) = default;

private:
    NkeyKind kind_;
    std::array<unsigned char, 32> bytes_;
};

/// Whether `text` is a public key of that kind.
bool is_public_nkey(std::string_view text, NkeyKind kind);

}  // namespace signalbox::crypto
