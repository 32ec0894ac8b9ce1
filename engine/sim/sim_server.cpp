#include "engine/sim/sim_server.h"

namespace signalbox::sim {

SimServer::SimServer(Universe& universe, RunLog& log, std::string machine, config::Options options,
                     observe::Watch watch)
    : universe_(universe),
      log_(log, machine),
      machine_(std::move(machine)),
      options_(std::move(options)),
      watch_(watch) {}

void SimServer::start() {
    CHECK(!running());
    universe_.fabric().reset_lost(machine_);
    failure_.clear();
    world_ = std::make_unique<SimWorld>(universe_.simulation(), universe_.exchange(), machine_);
    observation_ = std::make_shared<observe::Observation>(++starts_, watch_);
    server_ = std::make_unique<server::Server>(*world_, log_, options_, observation_);
    if (watch_ == observe::Watch::On) {
        server_->set_tap(observe::TapFilter{});
    }
    world_->run([this] {
        server_->start([this](Result<void> started) {
            if (!started.ok()) {
                failure_ = started.error().detail();
            }
        });
    });
}

void SimServer::stop() {
    if (!running()) {
        return;
    }
    world_->run([this] {
        server_->stop([this] {
            // Not from within: the server is still on the stack.
            universe_.simulation().queue().after(Duration(0), [this] { kill(); });
        });
    });
}

void SimServer::kill() {
    // The process before its world; its links close as they are destroyed.
    server_.reset();
    world_.reset();
}

void SimServer::cut_power() {
    universe_.fabric().lose_silently(machine_);
    kill();
    universe_.simulation().lose_unsynced(machine_);
}

void SimServer::pause_for(Duration time) {
    if (running()) {
        world_->pause_until(universe_.simulation().now() + time);
    }
}

}  // namespace signalbox::sim
