#include "engine/consensus/solo_log.h"

#include "engine/base/check.h"

namespace signalbox::consensus {
namespace {

constexpr std::uint64_t kMostBytesWaiting = std::uint64_t{64} << 20;

}  // namespace

void SoloLog::restore(LogIndex applied, Bytes state) {
    applied_ = applied;
    last_ = applied;
    saved_ = std::string(state);
}

void SoloLog::start(StateMachine& machine) {
    CHECK(machine_ == nullptr);
    machine_ = &machine;
    plan();
}

Result<LogIndex> SoloLog::propose(std::span<Bytes const> pieces) {
    if (!leader_) {
        return Error(Errc::Unavailable, "the log has no leader");
    }
    std::size_t size = 0;
    for (Bytes const piece : pieces) {
        size += piece.size();
    }
    if (bytes_waiting_ > 0 && bytes_waiting_ + size > kMostBytesWaiting) {
        return Error(Errc::LimitExceeded, "too much waits to be applied");
    }
    if (Result<void> const may = host_.may_propose(size); !may.ok()) {
        return may.error();
    }
    bytes_waiting_ += size;
    store::RecordHeader header;
    header.group = group_;
    header.index = ++last_;
    host_.journal().append(
        header, pieces,
        durability_ == Durability::Synced ? world::Disk::Sync::Now : world::Disk::Sync::Later);
    return last_;
}

void SoloLog::replay(Source const& source, LogIndex index, Bytes entry) {
    if (index <= last_) {
        return;
    }
    if (index > last_ + 1) {
        lose(index - 1);
    }
    last_ = index;
    bytes_waiting_ += entry.size();
    take(source, index, entry);
}

void SoloLog::replay_lost(LogIndex index) {
    if (index > last_) {
        lose(index);
    }
}

void SoloLog::lose(LogIndex last) {
    lost_ += last - last_;
    waiting_.push_back({.index = last, .lost_from = last_ + 1});
    last_ = last;
    plan();
}

void SoloLog::replayed() {
    replayed_ = true;
    plan();
}

void SoloLog::committed(Source const& source, LogIndex index, Bytes entry) {
    LogIndex const known = waiting_.empty() ? applied_ : waiting_.back().index;
    if (index > known) {
        take(source, index, entry);
    }
}

void SoloLog::take(Source const& source, LogIndex index, Bytes entry) {
    if (!waiting_.empty() || held_ || machine_ == nullptr || !saved_.empty() ||
        !apply(index, entry)) {
        waiting_.push_back({source, index, entry});
        if (!held_) {
            plan();
        }
    }
}

bool SoloLog::apply(LogIndex index, Bytes entry) {
    if (machine_->apply(index, entry) == Applied::Wait) {
        held_ = true;
        return false;
    }
    applied_ = index;
    bytes_waiting_ -= entry.size();
    dirty_ = true;
    return true;
}

void SoloLog::resume() {
    held_ = false;
    plan();
}

void SoloLog::plan() {
    if (planned_) {
        return;
    }
    planned_ = true;
    world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            catch_up();
        }
    });
}

void SoloLog::catch_up() {
    planned_ = false;
    if (machine_ == nullptr) {
        return;
    }
    if (!saved_.empty()) {
        Result<void> const restored = machine_->restore(std::exchange(saved_, {}));
        if (!restored.ok()) {
            fail(restored.error());
            return;
        }
    }
    while (!waiting_.empty() && !held_) {
        Waiting const& next = waiting_.front();
        if (next.lost_from != 0) {
            machine_->entries_lost(next.lost_from, next.index);
            applied_ = next.index;
            dirty_ = true;
        } else if (!apply(next.index, next.entry)) {
            return;
        }
        waiting_.pop_front();
    }
    if (waiting_.empty() && replayed_ && !leader_) {
        leader_ = true;
        machine_->leadership_changed(true);
    }
}

void SoloLog::fail(Error const& error) {
    replayed_ = false;
    bool const led = std::exchange(leader_, false);
    if (machine_ != nullptr) {
        if (led) {
            machine_->leadership_changed(false);
        }
        machine_->log_failed(error);
    }
}

std::string SoloLog::save() const {
    return machine_ == nullptr || !saved_.empty() ? saved_ : machine_->save();
}

std::uint64_t SoloLog::needs_file(std::uint64_t newest) const {
    return waiting_.empty() ? newest : std::min(newest, waiting_.front().source.journal_file);
}

}  // namespace signalbox::consensus
