#include "engine/host/token_check.h"

#include "engine/auth/operator_trust.h"
#include "engine/protocol/info.h"

#include <chrono>

namespace signalbox::host {

Result<void> check_tokens(config::Options const& options) {
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    return auth::check_operators(options, protocol::kCompatibleVersion,
                                 WallTime(std::chrono::duration_cast<Duration>(now)));
}

}  // namespace signalbox::host
