#pragma once

#include "engine/sim/fabric.h"

namespace signalbox::sim {

/// A process's end of a connection.
class SimLink final : public world::Link {
public:
    SimLink(Fabric& fabric, ConnectionId id, unsigned side, world::Address local,
            world::Address remote)
        : fabric_(fabric),
          id_(id),
          side_(side),
          local_(std::move(local)),
          remote_(std::move(remote)) {}
    ~SimLink() override { fabric_.close(id_, side_); }

    SimLink(SimLink const&) = delete;
    SimLink& operator=(SimLink const&) = delete;

    void start(world::LinkOwner& owner) override { fabric_.start(id_, side_, owner); }
    std::size_t send(std::span<Bytes const> pieces) override {
        return fabric_.send(id_, side_, pieces);
    }
    void pause_reading() override { fabric_.set_paused(id_, side_, true); }
    void resume_reading() override { fabric_.set_paused(id_, side_, false); }
    world::Address const& local() const override { return local_; }
    world::Address const& remote() const override { return remote_; }

private:
    Fabric& fabric_;
    ConnectionId id_;
    unsigned side_;
    world::Address local_;
    world::Address remote_;
};

}  // namespace signalbox::sim
