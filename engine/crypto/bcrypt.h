#pragma once

#include "engine/crypto/secret.h"

#include <string_view>

namespace signalbox::crypto {

/// Whether a configured password or token is a bcrypt hash and not the text itself: `$2a$`, `$2b$`,
/// `$2x$` or `$2y$`, two digits, `$`.
bool is_bcrypt(std::string_view text);

/// Whether `hash` was made of `password`. Takes as long as the hash's cost asks for, up to seconds:
/// callers run it on workers. A hash that cannot be read matches nothing.
bool bcrypt_matches(Secret const& password, std::string_view hash);

}  // namespace signalbox::crypto
