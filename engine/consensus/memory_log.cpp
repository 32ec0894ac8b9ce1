#include "engine/consensus/memory_log.h"

#include "engine/base/check.h"

namespace signalbox::consensus {

void MemoryLog::start(StateMachine& machine) {
    CHECK(machine_ == nullptr);
    machine_ = &machine;
    plan();
}

Result<LogIndex> MemoryLog::propose(std::span<Bytes const> pieces) {
    if (!leader_) {
        return Error(Errc::Unavailable, "the log is not started");
    }
    std::size_t size = 0;
    for (Bytes const piece : pieces) {
        size += piece.size();
    }
    if (bytes_waiting_ + size > kMostBytesWaiting) {
        return Error(Errc::LimitExceeded, "too much waits to be applied");
    }
    std::string entry;
    entry.reserve(size);
    for (Bytes const piece : pieces) {
        entry.append(piece);
    }
    bytes_waiting_ += size;
    waiting_.push_back(std::move(entry));
    plan();
    return ++last_;
}

void MemoryLog::resume() {
    held_ = false;
    plan();
}

void MemoryLog::plan() {
    if (planned_) {
        return;
    }
    planned_ = true;
    world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            apply_all();
        }
    });
}

void MemoryLog::apply_all() {
    planned_ = false;
    if (!leader_) {
        leader_ = true;
        machine_->leadership_changed(true);
    }
    // Only what is there now: what is proposed meanwhile is of the next turn.
    for (std::size_t left = waiting_.size(); left > 0 && !held_; --left) {
        if (machine_->apply(applied_ + 1, waiting_.front()) == Applied::Wait) {
            held_ = true;
            return;
        }
        ++applied_;
        bytes_waiting_ -= waiting_.front().size();
        waiting_.pop_front();
    }
}

}  // namespace signalbox::consensus
