#include "engine/auth/authenticator.h"

#include "engine/base/text.h"

namespace signalbox::auth {

std::string shown_as(Credentials const& credentials) {
    if (!credentials.nkey.empty()) {
        return concat("Nkey ", base::quoted(credentials.nkey));
    }
    if (!credentials.user.empty()) {
        return concat("User ", base::quoted(credentials.user));
    }
    if (!credentials.token.empty()) {
        return "Token \"[REDACTED]\"";
    }
    return {};
}

}  // namespace signalbox::auth
