#pragma once

#include "engine/shape/shaped_network.h"

namespace signalbox::shape {

/// A world that is another one in everything but its network.
class ShapedWorld final : public World {
public:
    /// `inner` outlives this.
    explicit ShapedWorld(World& inner) : inner_(inner), network_(inner) {}

    world::Clock& clock() override { return inner_.clock(); }
    world::Timers& timers() override { return inner_.timers(); }
    ShapedNetwork& network() override { return network_; }
    world::Disk& disk() override { return inner_.disk(); }
    world::Entropy& entropy() override { return inner_.entropy(); }
    world::Workers& workers() override { return inner_.workers(); }
    world::Turn& turn() override { return inner_.turn(); }
    std::uint64_t process_id() const override { return inner_.process_id(); }
    std::string const& program_name() const override { return inner_.program_name(); }
    Usage usage() const override { return inner_.usage(); }

private:
    World& inner_;
    ShapedNetwork network_;
};

}  // namespace signalbox::shape
