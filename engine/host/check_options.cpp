#include "engine/host/check_options.h"

#include "engine/server/check_options.h"

#include <chrono>

namespace signalbox::host {

Result<void> check_options(config::Options const& options) {
    return server::check_options(options,
                                 WallTime(std::chrono::duration_cast<Duration>(
                                     std::chrono::system_clock::now().time_since_epoch())));
}

}  // namespace signalbox::host
