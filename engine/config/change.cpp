#include "engine/config/change.h"

#include "engine/base/text.h"

#include <array>

namespace signalbox::config {

namespace {

bool allowed(Key const& key, Options const& old, Options const& now) {
    switch (key.reload) {
        case ReloadRule::Applied:
            return true;
        case ReloadRule::Partial:
            return key.allowed(old, now);
        case ReloadRule::Refused:
            return false;
    }
    return false;
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
