#pragma once

#include "engine/config/schema.h"

#include <cstdint>
#include <limits>
#include <span>

/// The rows of the option table, apart from the code that reads them.
namespace signalbox::config {

std::span<Key const> top_keys();
std::span<Key const> authorization_keys();
std::span<Key const> user_keys();
std::span<Key const> own_keys();

}  // namespace signalbox::config
