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

std::vector<Change> changes(Options const& old, Options const& now) {
    constexpr std::array kBlocks = {Block::Top, Block::Authorization, Block::Own};
    std::vector<Change> found;
    for (Block block : kBlocks) {
        for (Key const& key : keys_of(block)) {
            if (key.same != nullptr && !key.same(old, now)) {
                ReloadRule const rule =
                    allowed(key, old, now) ? ReloadRule::Applied : ReloadRule::Refused;
                found.push_back({.key = key.name(),
                                 .field = key.field,
                                 .was = key.print(old),
                                 .now = key.print(now),
                                 .reload = rule});
            }
        }
    }
    return found;
}

Result<std::vector<Change>> difference(Options const& old, Options const& now) {
    std::vector<Change> found = changes(old, now);
    for (Change const& change : found) {
        if (change.reload == ReloadRule::Refused) {
            return Error(Errc::InvalidArgument,
                         concat("config reload not supported for ", change.field,
                                ": old=", change.was, ", new=", change.now));
        }
    }
    return found;
}

}  // namespace signalbox::config
