#include "engine/consensus/storage.h"

#include "engine/consensus/memory_log.h"
#include "engine/store/memory_store.h"

namespace signalbox::consensus {

Storage::Storage(World& world, Logger& log, StorageOptions options)
    : world_(world), log_(log), options_(std::move(options)) {}

Storage::~Storage() = default;

void Storage::answer_later(OnDone done) {
    world_.turn().defer([done = std::move(done)] { done({}); });
}

void Storage::open(OnDone done) {
    answer_later(std::move(done));
}

KeptStream* Storage::find(StreamId id) {
    auto const found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
}

void Storage::replay(OnDone done) {
    answer_later(std::move(done));
}

KeptStream& Storage::create(StreamSettings settings, OnDone done) {
    auto kept = std::make_unique<KeptStream>();
    kept->id = ++last_id_;
    kept->store = std::make_unique<store::MemoryStore>(world_.turn(), settings.medium);
    kept->log = std::make_unique<MemoryLog>(world_);
    kept->settings = std::move(settings);
    KeptStream& made = *streams_.emplace(last_id_, std::move(kept)).first->second;
    answer_later(std::move(done));
    return made;
}

void Storage::change(StreamId id, StreamSettings settings, OnDone done) {
    if (KeptStream* const kept = find(id)) {
        settings.medium = kept->settings.medium;
        kept->settings = std::move(settings);
    }
    answer_later(std::move(done));
}

void Storage::remove(StreamId id, OnDone done) {
    auto node = streams_.extract(id);
    if (!node.empty()) {
        // Its log may be what is calling.
        std::shared_ptr<KeptStream> const last = std::move(node.mapped());
        world_.turn().defer([last] {});
    }
    answer_later(std::move(done));
}

void Storage::close(OnDone done) {
    answer_later(std::move(done));
}

}  // namespace signalbox::consensus
