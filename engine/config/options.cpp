#include "engine/config/options.h"

#include <algorithm>

namespace signalbox::config {

bool Options::authentication_required() const {
    bool const named = std::ranges::any_of(
        accounts, [](AccountOptions const& account) { return !account.users.empty(); });
    return named || operators.enabled() || authorization.callout || !authorization.user.empty() ||
           !authorization.token.empty() || !authorization.users.empty();
}

}  // namespace signalbox::config
