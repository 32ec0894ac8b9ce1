#pragma once

#include "engine/claims/token.h"

#include <string>
#include <string_view>

namespace signalbox::claims {

/// What a service answers that was asked whether someone may come in (ADR-26).
struct AuthorizationResponse {
    Token token;
    std::string user_jwt;
    std::string error;
    std::string issuer_account;
};

/// Errors: as `decode`, and Malformed (a member of another type; neither or both of JWT and error).
Result<AuthorizationResponse> decode_authorization_response(std::string_view text);

}  // namespace signalbox::claims
