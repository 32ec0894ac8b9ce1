#pragma once

#include "engine/world/entropy.h"

#include <cstdint>
#include <string>

namespace signalbox::event {

/// Makes the ids of events: 22 characters that no other event has.
///
/// A random prefix, made once, and a number that grows by a random step, in base 62: the field's
/// NUID.
class EventIds {
public:
    explicit EventIds(world::Entropy& entropy);

    std::string next();

private:
    std::string prefix_;
    std::uint64_t number_;
    std::uint64_t step_;
};

}  // namespace signalbox::event
