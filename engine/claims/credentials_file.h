#pragma once

#include "engine/base/result.h"
#include "engine/crypto/secret.h"

#include <string>
#include <string_view>

namespace signalbox::claims {

/// What a user connects with: the JWT, and the seed of its key. Bearer tokens come without a seed.
struct CredentialsFile {
    crypto::Secret jwt;
    crypto::Secret seed;
};

/// The text between the first pair of lines of dashes, without blanks; all of `text` when there is
/// no such line, as operators' files may be either.
std::string_view undecorated(std::string_view text);

/// Errors: Malformed (no JWT between such lines, a seed that is none). The text quotes nothing.
Result<CredentialsFile> parse_credentials(std::string_view text);

/// As `parse_credentials` reads it.
crypto::Secret format_credentials(CredentialsFile const& credentials);

}  // namespace signalbox::claims
