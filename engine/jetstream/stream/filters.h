#pragma once

#include <string_view>

namespace signalbox::jetstream {

/// Whether some subject is matched by both; both are valid filters.
bool filters_meet(std::string_view a, std::string_view b);

/// The name of a stream or consumer as a subject's token and a file's name can have it.
bool is_asset_name(std::string_view name);

}  // namespace signalbox::jetstream
