#include "engine/server/check_options.h"

#include "engine/auth/operator_trust.h"
#include "engine/protocol/info.h"

namespace signalbox::server {

Result<void> check_options(config::Options const& options, WallTime now) {
    return auth::check_operators(options, protocol::kCompatibleVersion, now);
}

}  // namespace signalbox::server
