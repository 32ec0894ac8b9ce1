#include "engine/store/segment/block_cache.h"

namespace signalbox::store {

std::string const* BlockCache::find(Key const& key) {
    auto const found = by_key_.find(key);
    if (found == by_key_.end()) {
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front().block.get();
}

void BlockCache::put(Key const& key, Block block) {
    forget(key);
    bytes_ += block->size();
    entries_.push_front({key, std::move(block)});
    by_key_.emplace(key, entries_.begin());
    if (bytes_ > limit_) {
        plan_trim();
    }
}

void BlockCache::forget(Key const& key) {
    if (auto const found = by_key_.find(key); found != by_key_.end()) {
        bytes_ -= found->second->block->size();
        entries_.erase(found->second);
        by_key_.erase(found);
    }
}

void BlockCache::forget_segment(std::uint64_t stream, std::uint64_t segment) {
    auto at = by_key_.lower_bound({stream, segment, 0});
    while (at != by_key_.end() && at->first.stream == stream && at->first.segment == segment) {
        bytes_ -= at->second->block->size();
        entries_.erase(at->second);
        at = by_key_.erase(at);
    }
}

void BlockCache::plan_trim() {
    if (trim_planned_) {
        return;
    }
    trim_planned_ = true;
    // Two steps, for this may be asked for within a task that is deferred: what was found in the
    // turn is used in the turn.
    turn_.defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            turn_.defer([this, life] {
                if (!life.expired()) {
                    trim();
                }
            });
        }
    });
}

void BlockCache::trim() {
    trim_planned_ = false;
    while (bytes_ > limit_ && !entries_.empty()) {
        bytes_ -= entries_.back().block->size();
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
}

}  // namespace signalbox::store
