#pragma once

#include "engine/base/time.h"
#include "engine/world/entropy.h"

#include <cstdint>
#include <string>

/// What the parts of the bundled workload say. Each answers its `number`-th message; together they
/// use some two hundred subjects of two to four levels, with JSON, text and binary payloads.
namespace signalbox::client::workload {

struct Sample {
    std::string subject;
    std::string headers;  ///< A whole block, or empty.
    std::string payload;
};

Sample order_event(world::Entropy& chance, std::uint64_t number, WallTime now);
Sample sensor_reading(world::Entropy& chance, std::uint64_t number, WallTime now);
Sample truck_position(world::Entropy& chance, std::uint64_t number, WallTime now);
Sample chat_line(world::Entropy& chance, std::uint64_t number, WallTime now);
Sample log_line(world::Entropy& chance, std::uint64_t number, WallTime now);
Sample key_value_update(world::Entropy& chance, std::uint64_t number, WallTime now);
Sample thumbnail(world::Entropy& chance, std::uint64_t number, WallTime now);
/// On a subject that nobody listens to.
Sample heartbeat(world::Entropy& chance, std::uint64_t number, WallTime now);
/// A question to one of three services, to be asked as a request.
Sample question(world::Entropy& chance, std::uint64_t number, WallTime now);
/// What a service answers.
std::string answer_to(std::string const& subject, world::Entropy& chance);

}  // namespace signalbox::client::workload
