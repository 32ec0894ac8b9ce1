#include "engine/consensus/storage_parts.h"

namespace signalbox::consensus {

Storage::Storage(World& world, Logger& log, StorageOptions options)
    : parts_(std::make_unique<Parts>(world, log, std::move(options))) {}

Storage::~Storage() = default;

void Storage::open(OnDone done) {
    parts_->open(std::move(done));
}

Storage::Streams const& Storage::streams() const {
    return parts_->streams();
}

KeptStream* Storage::find(StreamId id) {
    return parts_->find(id);
}

void Storage::replay(OnDone done) {
    parts_->replay(std::move(done));
}

KeptStream& Storage::create(StreamSettings settings, OnDone done) {
    return parts_->create(std::move(settings), std::move(done));
}

void Storage::change(StreamId id, StreamSettings settings, OnDone done) {
    parts_->change(id, std::move(settings), std::move(done));
}

void Storage::remove(StreamId id, OnDone done) {
    parts_->remove(id, std::move(done));
}

void Storage::checkpoint(OnDone done) {
    parts_->checkpoint(std::move(done));
}

void Storage::close(OnDone done) {
    parts_->close(std::move(done));
}

StorageHealth Storage::health() const {
    return parts_->health();
}

}  // namespace signalbox::consensus
