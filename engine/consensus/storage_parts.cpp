#include "engine/consensus/storage_parts.h"

#include "engine/base/byte_reader.h"
#include "engine/consensus/memory_log.h"

#include <algorithm>
#include <utility>

namespace signalbox::consensus {
namespace {

constexpr std::uint64_t kMostBytesInFlight = std::uint64_t{256} << 20;

}  // namespace

Storage::Parts::Parts(World& world, Logger& log, StorageOptions options)
    : world_(world),
      log_(log),
      options_(std::move(options)),
      cache_(world.turn(), options_.cache_bytes),
      checkpointer_(world, log, options_.directory, *this) {
    if (!in_memory()) {
        journal_ = std::make_unique<store::Journal>(
            world, *this,
            store::JournalOptions{options_.directory + "/journal", options_.journal_file_bytes});
    }
}

Storage::Parts::~Parts() {
    world_.timers().cancel(checkpoint_timer_);
    world_.timers().cancel(sync_timer_);
}

void Storage::Parts::answer_later(OnDone done, Result<void> result) {
    world_.turn().defer([done = std::move(done), result = std::move(result)] { done(result); });
}

KeptStream* Storage::Parts::find(StreamId id) {
    auto const found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
}

/// Makes what belongs to a stream, and does not say so to anybody.
KeptStream& Storage::Parts::keep(StreamId id, StreamSettings settings) {
    auto kept = std::make_unique<KeptStream>();
    kept->id = id;
    bool const in_file = settings.medium == store::Medium::File && !in_memory();
    auto store = std::make_unique<store::SegmentStore>(
        world_, log_, cache_,
        store::SegmentStoreOptions{
            .stream = id,
            .medium = in_file ? store::Medium::File : store::Medium::Memory,
            .directory = options_.directory + "/streams/" + stream_directory_name(id),
            .block_bytes = options_.block_bytes,
            .smallest_segment = options_.smallest_segment,
            .largest_segment = options_.largest_segment});
    if (keeping_.size() <= id) {
        keeping_.resize(id + 1);
    }
    if (in_file) {
        auto log =
            std::make_unique<SoloLog>(world_, *this, static_cast<std::uint32_t>(id),
                                      settings.relaxed ? Durability::Relaxed : options_.durability);
        keeping_[id] = {log.get(), store.get()};
        kept->log = std::move(log);
    } else {
        kept->log = std::make_unique<MemoryLog>(world_);
    }
    kept->store = std::move(store);
    kept->settings = std::move(settings);
    last_id_ = std::max(last_id_, id);
    return *streams_.emplace(id, std::move(kept)).first->second;
}

KeptStream& Storage::Parts::create(StreamSettings settings, OnDone done) {
    KeptStream& made = keep(last_id_ + 1, std::move(settings));
    if (SoloLog* const log = log_of(made.id)) {
        log->replayed();
    }
    record({.id = static_cast<std::uint32_t>(made.id),
            .medium = made.settings.medium,
            .relaxed = made.settings.relaxed,
            .description = made.settings.description},
           std::move(done));
    return made;
}

void Storage::Parts::change(StreamId id, StreamSettings settings, OnDone done) {
    KeptStream* const kept = find(id);
    if (kept == nullptr) {
        answer_later(std::move(done), Error(Errc::NotFound, "there is no such stream"));
        return;
    }
    settings.medium = kept->settings.medium;
    kept->settings = std::move(settings);
    kept->log->set_durability(kept->settings.relaxed ? Durability::Relaxed : options_.durability);
    record({.id = static_cast<std::uint32_t>(id),
            .medium = kept->settings.medium,
            .relaxed = kept->settings.relaxed,
            .description = kept->settings.description},
           std::move(done));
}

void Storage::Parts::remove(StreamId id, OnDone done) {
    auto node = streams_.extract(id);
    if (node.empty()) {
        answer_later(std::move(done));
        return;
    }
    // Its log may be what is calling, and a checkpoint may be reading it.
    std::shared_ptr<KeptStream> last = std::move(node.mapped());
    if (keeping_[id].store != nullptr) {
        ended_.push_back(last);
        checkpointer_.retire("streams/" + stream_directory_name(id));
    }
    keeping_[id] = {};
    world_.turn().defer([this, last, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired() && !checkpointer_.is_running()) {
            ended_.clear();
        }
    });
    record({.kind = CatalogueChange::Kind::Remove, .id = static_cast<std::uint32_t>(id)},
           std::move(done));
}

void Storage::Parts::record(CatalogueChange const& change, OnDone done) {
    if (in_memory()) {
        answer_later(std::move(done));
        return;
    }
    if (journal_->failed()) {
        answer_later(std::move(done), Error(Errc::Io, health_.failure));
        return;
    }
    std::string const bytes = encode(change);
    Bytes const piece = bytes;
    changes_waiting_.push_back(std::move(done));
    journal_->append({.kind = store::RecordKind::Catalogue}, {&piece, 1}, world::Disk::Sync::Now);
}

Result<void> Storage::Parts::may_propose(std::size_t bytes) {
    if (!health_.failure.empty()) {
        return Error(Errc::Unavailable, health_.failure);
    }
    if (world_.clock().now() - space_looked_at_ > base::seconds(1)) {
        look_at_space();
    }
    if (health_.nearly_full) {
        return Error(Errc::Unavailable, "the disk is nearly full");
    }
    if (journal_->bytes_in_flight() > 0 &&
        journal_->bytes_in_flight() + bytes > kMostBytesInFlight) {
        return Error(Errc::LimitExceeded, "too much waits for the disk");
    }
    return {};
}

void Storage::Parts::look_at_space() {
    space_looked_at_ = world_.clock().now();
    world_.disk().free_space(options_.directory, [this, life = std::weak_ptr<char const>(life_)](
                                                     Result<world::Disk::Space> const& space) {
        if (life.expired() || !space.ok()) {
            return;
        }
        std::uint64_t const reserve = std::min(options_.reserve_bytes, space.value().total / 20);
        bool const was = std::exchange(health_.nearly_full, space.value().free < reserve);
        if (was != health_.nearly_full) {
            LOG(log_, Warning, options_.directory, ": ", space.value().free,
                " bytes of the disk are free: messages are ",
                was ? "stored again" : "not stored any more");
        }
    });
}

void Storage::Parts::submitted(store::GroupCommitPtr const& commit) {
    files_in_flight_.push_back(commit->file);
    bytes_since_checkpoint_ += commit->bytes.size();
    hand_out(commit, Entries::Relaxed);
    arm_timers();
}

void Storage::Parts::committed(store::GroupCommitPtr const& commit) {
    files_in_flight_.pop_front();
    hand_out(commit, Entries::All);
}

void Storage::Parts::hand_out(store::GroupCommitPtr const& commit, Entries which) {
    SoloLog::Source const source{commit, commit->file};
    for (std::uint32_t const begin : commit->records) {
        char const* const at = commit->bytes.data() + begin;
        if (at[0] == static_cast<char>(store::RecordKind::Catalogue)) {
            if (which == Entries::All) {
                OnDone const done = std::move(changes_waiting_.front());
                changes_waiting_.pop_front();
                done({});
            }
            continue;
        }
        // Looked for each time, for what is handed out may remove the next one's stream.
        SoloLog* const log = log_of(ByteReader::load<std::uint32_t>(at + 12));
        if (log != nullptr && (which == Entries::All || log->durability() == Durability::Relaxed)) {
            log->committed(
                source, ByteReader::load<std::uint64_t>(at + 24),
                {at + store::kRecordHeaderSize, ByteReader::load<std::uint32_t>(at + 8)});
        }
    }
}

void Storage::Parts::journal_failed(Error const& error) {
    health_.failure = error.detail();
    LOG(log_, Error, options_.directory,
        ": the journal has failed, and no stream takes anything any more: ", error.detail());
    for (auto const& [id, kept] : streams_) {
        if (SoloLog* const log = log_of(id)) {
            log->fail(error);
        }
    }
    for (OnDone const& done : std::exchange(changes_waiting_, {})) {
        done(error);
    }
}

StorageHealth Storage::Parts::health() const {
    StorageHealth health = health_;
    for (auto const& [id, kept] : streams_) {
        health.damaged_messages += kept->store->damaged();
        health.lost_entries += keeping_[id].log == nullptr ? 0 : keeping_[id].log->lost();
    }
    return health;
}

// Timers, checkpoints and the end.

void Storage::Parts::arm_timers() {
    Instant const now = world_.clock().now();
    if (bytes_since_checkpoint_ > options_.checkpoint_bytes && !checkpointer_.is_running()) {
        checkpoint([](Result<void> const&) {});
    }
    if (!checkpoint_timer_) {
        checkpoint_timer_ = world_.timers().call_at(now + options_.checkpoint_interval, [this] {
            checkpoint_timer_ = {};
            checkpoint([](Result<void> const&) {});
        });
    }
    if (!sync_timer_) {
        sync_timer_ = world_.timers().call_at(now + options_.sync_interval, [this] {
            sync_timer_ = {};
            journal_->seal([](Result<std::uint64_t> const&) {});
        });
    }
}

void Storage::Parts::checkpoint(OnDone done) {
    if (in_memory() || !health_.failure.empty()) {
        answer_later(std::move(done),
                     in_memory() ? Result<void>() : Result<void>(Error(Errc::Io, health_.failure)));
        return;
    }
    bytes_since_checkpoint_ = 0;
    checkpointer_.run(std::move(done));
}

void Storage::Parts::close(OnDone done) {
    if (in_memory() || journal_->failed()) {
        answer_later(std::move(done));
        return;
    }
    journal_->seal([this, done = std::move(done)](Result<std::uint64_t> const& sealed) {
        if (!sealed.ok()) {
            done(sealed.error());
            return;
        }
        checkpoint(done);
    });
}

std::vector<std::uint32_t> Storage::Parts::stream_ids() const {
    std::vector<std::uint32_t> ids;
    for (auto const& [id, kept] : streams_) {
        ids.push_back(static_cast<std::uint32_t>(id));
    }
    return ids;
}

std::optional<store::SavedStream> Storage::Parts::save(std::uint32_t id,
                                                       std::vector<std::string>& retired) {
    KeptStream* const kept = find(id);
    if (kept == nullptr) {
        return std::nullopt;
    }
    store::SavedStream saved{.id = id,
                             .medium = kept->settings.medium,
                             .relaxed = kept->settings.relaxed,
                             .description = kept->settings.description};
    if (keeping_[id].log != nullptr) {
        saved.applied = keeping_[id].log->applied();
        saved.machine = keeping_[id].log->save();
        saved.messages = keeping_[id].store->save();
        for (std::string const& name : keeping_[id].store->take_retired()) {
            bool const wipe = name.starts_with(store::SegmentStore::kWipe);
            std::string_view const kind = wipe ? store::SegmentStore::kWipe : std::string_view();
            retired.push_back(concat(kind, "streams/", stream_directory_name(id), "/",
                                     std::string_view(name).substr(kind.size())));
        }
    }
    return saved;
}

void Storage::Parts::sync(std::uint32_t id, OnDone done) {
    store::SegmentStore* const store = keeping_[id].store;
    if (store == nullptr) {
        done({});
        return;
    }
    store->sync(std::move(done));
}

std::uint64_t Storage::Parts::needed_journal_file() const {
    std::uint64_t file = journal_->current_file();
    if (file == 0) {
        return recovered_.first_journal_file;
    }
    if (!files_in_flight_.empty()) {
        file = std::min(file, files_in_flight_.front());
    }
    for (Keeping const& keeping : keeping_) {
        file = keeping.log == nullptr ? file : keeping.log->needs_file(file);
    }
    return file;
}

std::uint64_t Storage::Parts::synced_commit() const {
    return journal_->synced_commit();
}

void Storage::Parts::published(std::uint64_t free_before) {
    journal_->release_before(free_before);
}

void Storage::Parts::checkpoint_ended(Result<void> const&) {
    ended_.clear();
}

}  // namespace signalbox::consensus
