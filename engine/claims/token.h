#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/crypto/key_pair.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::claims {

/// What a JWT is about.
enum class ClaimKind {
    Operator,
    Account,
    User,
    Activation,
    AuthorizationRequest,
    AuthorizationResponse,
    Generic,
};

/// As `nats.type` has it.
std::string_view text_of(ClaimKind kind);

/// A JWT that holds together: of a known kind and version, signed by the key that it names as its
/// issuer, and that key is of a kind which may issue such claims. Whether the issuer is trusted is
/// the reader's business, and so are the times.
struct Token {
    std::string text;  ///< As it came; bearer tokens are secrets.
    ClaimKind kind = ClaimKind::Generic;
    int version = 2;      ///< Of the claims: 1 or 2.
    std::string subject;  ///< Whom it speaks of; for all but generic ones a public nkey.
    std::string issuer;   ///< A public nkey.
    std::string audience;
    std::string id;
    std::string name;
    WallTime issued_at;
    std::optional<WallTime> expires;
    std::optional<WallTime> not_before;
    std::vector<std::string> tags;
    Json body;  ///< The member `nats`.

    bool expired_at(WallTime now) const { return expires && now >= *expires; }
    bool valid_at(WallTime now) const {
        return !expired_at(now) && (!not_before || *not_before <= now);
    }
    bool is_self_signed() const { return issuer == subject; }
};

/// Longer texts are not even looked at.
constexpr std::size_t kMaxTokenBytes = 64 * 1024;

/// Errors: LimitExceeded (size, more than 32 levels of JSON), Malformed (three parts, JSON, a name
/// that stands twice, header, kind, version, keys), PermissionDenied (the signature, or a key that
/// may not issue such claims). The texts quote nothing of the token.
Result<Token> decode(std::string_view text);

/// As `decode`, of that kind alone. Errors: also InvalidArgument (another kind).
Result<Token> decode(std::string_view text, ClaimKind kind);

/// What is going to be signed.
struct Draft {
    ClaimKind kind = ClaimKind::Generic;
    std::string subject;
    std::string audience;
    std::string name;
    std::optional<WallTime> expires;
    std::optional<WallTime> not_before;
    std::vector<std::string> tags;
    /// The further members of `nats` as JSON, with their commas: `"a":1,"b":2`.
    std::string members;
};

/// The JWT of it, issued now.
std::string encode(Draft const& draft, crypto::KeyPair const& issuer, WallTime now);

/// A JWT of any header and payload: `encode` with nothing checked and nothing added.
std::string sign_parts(std::string_view header, std::string_view payload,
                       crypto::KeyPair const& issuer);

}  // namespace signalbox::claims
