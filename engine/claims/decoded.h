#pragma once

#include "engine/base/json_writer.h"
#include "engine/claims/token.h"

namespace signalbox::claims {

/// The claims of an operator's or account's JWT as one object, in the field's order of members and
/// without those that say nothing. What no claim of that kind has is left out. All of it stood in
/// the JWT and is signed; nothing of it is a secret.
void write_decoded(JsonWriter& json, Token const& token);

}  // namespace signalbox::claims
