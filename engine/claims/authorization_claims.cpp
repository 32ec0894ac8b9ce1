#include "engine/claims/authorization_claims.h"

#include "engine/claims/fields.h"

namespace signalbox::claims {

Result<AuthorizationResponse> decode_authorization_response(std::string_view text) {
    AuthorizationResponse response;
    response.token = TRY(decode(text, ClaimKind::AuthorizationResponse));
    Fields fields(response.token.body.is_null() ? nullptr : &response.token.body);
    fields.read("jwt", response.user_jwt);
    fields.read("error", response.error);
    fields.read("issuer_account", response.issuer_account);
    TRY(fields.outcome());
    if (response.user_jwt.empty() == response.error.empty()) {
        return Error(Errc::Malformed, "an authorization response has either a user or an error");
    }
    return response;
}

}  // namespace signalbox::claims
