#include "engine/config/options.h"

#include <algorithm>
#include <string_view>

namespace signalbox::config {

bool Options::authentication_required() const {
    bool const named = std::ranges::any_of(
        accounts, [](AccountOptions const& account) { return !account.users.empty(); });
    return named || operators.enabled() || authorization.callout || !authorization.user.empty() ||
           !authorization.token.empty() || !authorization.users.empty();
}

bool Options::admits_anyone_beside_system() const {
    std::string_view const named_system = system_account;
    std::string_view const system = named_system.empty() ? "$SYS" : named_system;
    std::size_t others = 0;
    bool system_has_users = false;
    for (AccountOptions const& account : accounts) {
        if (account.name == system) {
            system_has_users = !account.users.empty();
        } else if (account.name != "$G") {
            ++others;
        }
    }
    Authorization said = authorization;
    if (!said.timeout_given) {
        // It may have grown to that of TLS, which says nothing of who may come in.
        said.timeout = Authorization{}.timeout;
    }
    return system_has_users && others == 0 && !operators.enabled() && said == Authorization{};
}

}  // namespace signalbox::config
