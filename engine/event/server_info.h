#pragma once

#include "engine/base/json_writer.h"
#include "engine/base/time.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace signalbox::event {

/// Which server says something, and as its how manieth word.
struct ServerInfo {
    std::string name;
    std::string host;
    std::string id;
    std::string cluster;  ///< Empty: it is of none.
    std::string version;  ///< The level of the reference that clients see.
    std::vector<std::string> tags;
    std::map<std::string, std::string> metadata;
    std::uint64_t sequence = 0;  ///< Grows with all that the server says.
    WallTime time;
};

/// One JSON object, the fields in the reference's order.
void write(JsonWriter& json, ServerInfo const& server);

}  // namespace signalbox::event
