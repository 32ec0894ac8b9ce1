#pragma once

#include <string>
#include <string_view>

namespace signalbox::monitor {

/// The page one finds at the root of the monitoring listener: links to the documents, relative to
/// `base_path`, without script or anything from elsewhere.
std::string root_page(std::string_view version, std::string_view own_version,
                      std::string_view base_path);

}  // namespace signalbox::monitor
