#include "engine/config/change.h"

#include "engine/base/text.h"

#include <algorithm>
#include <array>

namespace signalbox::config {

namespace {

bool has_user(Authorization const& authorization, std::string_view name) {
    return std::ranges::any_of(authorization.users,
                               [&](User const& user) { return user.name == name; });
}

/// The user that clients without credentials become may go only together with the user itself:
/// otherwise those already in would have to be told who they are now.
bool allowed(Key const& key, Options const& old, Options const& now) {
    if (key.reload == ReloadRule::Applied) {
        return true;
    }
    return key.is_named("no_auth_user") && now.authorization.no_auth_user.empty() &&
           !has_user(now.authorization, old.authorization.no_auth_user);
}

}  // namespace

Result<std::vector<Change>> difference(Options const& old, Options const& now) {
    constexpr std::array kBlocks = {Block::Top, Block::Authorization, Block::Own};
    std::vector<Change> changes;
    for (Block block : kBlocks) {
        for (Key const& key : keys_of(block)) {
            if (key.same == nullptr || key.same(old, now)) {
                continue;
            }
            Change change{.key = key.name(),
                          .field = key.field,
                          .was = key.print(old),
                          .now = key.print(now),
                          .reload = key.reload};
            if (!allowed(key, old, now)) {
                return Error(Errc::InvalidArgument,
                             concat("config reload not supported for ", change.field,
                                    ": old=", change.was, ", new=", change.now));
            }
            changes.push_back(std::move(change));
        }
    }
    return changes;
}

}  // namespace signalbox::config
