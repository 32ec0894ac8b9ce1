#include "engine/sim/sim_turn.h"

#include <algorithm>

namespace signalbox::sim {

void SimTurn::run(world::Task const& task) {
    if (running_) {
        task();
        return;
    }
    running_ = true;
    task();
    // Only what is there now: a task that defers itself again must not hold up time.
    for (std::size_t left = deferred_.size(); left > 0; --left) {
        world::Task const next = std::move(deferred_.front());
        deferred_.pop_front();
        next();
    }
    end();
    running_ = false;
    if (!deferred_.empty() && !planned_) {
        planned_ = true;
        simulation_.at(simulation_.now(), node_, [this] { planned_ = false; });
    }
}

void SimTurn::end() {
    // By index, for a listener may add or remove listeners; a removed one leaves a hole.
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (listeners_[i] != nullptr) {
            listeners_[i]->end_of_turn();
        }
    }
    std::erase(listeners_, nullptr);
}

void SimTurn::add(world::EndOfTurn& listener) {
    listeners_.push_back(&listener);
}

void SimTurn::remove(world::EndOfTurn& listener) {
    auto const found = std::ranges::find(listeners_, &listener);
    if (found == listeners_.end()) {
        return;
    }
    if (running_) {
        *found = nullptr;
    } else {
        listeners_.erase(found);
    }
}

void SimTurn::defer(world::Task task) {
    deferred_.push_back(std::move(task));
    if (!running_ && !planned_) {
        planned_ = true;
        simulation_.at(simulation_.now(), node_, [this] { planned_ = false; });
    }
}

}  // namespace signalbox::sim
