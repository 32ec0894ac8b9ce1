#pragma once

#include "engine/jetstream/api/api_call.h"

#include <span>

namespace signalbox::jetstream {

/// What can be asked of consumers, but for pull requests, which the consumers hear themselves.
std::span<ApiRoute const> consumer_routes();

}  // namespace signalbox::jetstream
