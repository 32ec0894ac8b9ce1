#include "engine/consensus/storage_parts.h"

#include <algorithm>
#include <utility>

namespace signalbox::consensus {
namespace {

/// Hands the entries of a journal file to the logs they are of.
class Replay final : public store::ScanVisitor {
public:
    using Find = std::function<SoloLog*(std::uint64_t)>;

    Replay(SoloLog::Source source, Find find)
        : source_(std::move(source)), find_(std::move(find)) {}

    void record(store::RecordHeader const& header, Bytes payload) override {
        if (header.kind != store::RecordKind::Entry) {
            return;
        }
        if (SoloLog* const log = find_(header.group)) {
            log->replay(source_, header.index, payload);
        }
    }

    void lost(store::RecordHeader const& header) override {
        SoloLog* const log = find_(header.group);
        if (header.kind == store::RecordKind::Entry && log != nullptr) {
            log->replay_lost(header.index);
        }
    }

    void gap(std::uint64_t, std::uint64_t) override {}

private:
    SoloLog::Source source_;
    Find find_;
};

}  // namespace

void Storage::Parts::open(OnDone done) {
    if (in_memory()) {
        answer_later(std::move(done));
        return;
    }
    auto const recovery = std::make_shared<Recovery>(world_, log_, options_.directory);
    recovery->run([this, done = std::move(done)](Result<Recovered> found) mutable {
        take_recovered(std::move(found), std::move(done));
    });
}

void Storage::Parts::take_recovered(Result<Recovered> found, OnDone done) {
    if (!found.ok()) {
        LOG(log_, Error, options_.directory, ": cannot be opened: ", found.error().detail());
        done(found.error());
        return;
    }
    recovered_ = std::move(found).value();
    health_.damage_found = recovered_.damaged;
    // The next checkpoint must not be written over the only one that holds.
    bool const newest = recovered_.generation == recovered_.newest_generation;
    checkpointer_.start(recovered_.id,
                        newest ? recovered_.generation : recovered_.newest_generation + 1,
                        recovered_.previous_first_file, recovered_.checkpoint.to_remove);
    if (recovered_.fresh) {
        world_.disk().make_directory(
            options_.directory, 0700,
            [this, done = std::move(done)](Result<void> const& made) mutable {
                if (!made.ok()) {
                    done(made);
                    return;
                }
                make_fresh(2, std::move(done));
            });
        return;
    }
    last_id_ = recovered_.checkpoint.last_stream;
    for (store::SavedStream const& saved : recovered_.checkpoint.streams) {
        keep(saved.id,
             {.description = saved.description, .medium = saved.medium, .relaxed = saved.relaxed});
    }
    open_stores(recovered_.checkpoint.streams.begin(), std::move(done));
}

/// Both copies of the manifest, before there is anything else, so that from then on a missing one
/// is damage.
void Storage::Parts::make_fresh(std::size_t checkpoints, OnDone done) {
    if (checkpoints > 0) {
        checkpointer_.run([this, checkpoints, done = std::move(done)](Result<void> const& made) {
            if (made.ok()) {
                make_fresh(checkpoints - 1, done);
            } else {
                done(made);
            }
        });
        return;
    }
    start_journal(std::move(done));
}

void Storage::Parts::start_journal(OnDone done) {
    auto const ignore = [](Result<void> const&) {};
    world_.disk().make_directory(options_.directory + "/streams", 0700, ignore);
    world_.disk().make_directory(options_.directory + "/quarantine", 0700, ignore);
    world_.disk().make_directory(options_.directory + "/journal", 0700, ignore);
    world_.disk().sync_directory(options_.directory, ignore);
    look_at_space();
    journal_->start(recovered_.journal, [this, done = std::move(done)](Result<void> const& made) {
        if (!made.ok()) {
            health_.failure = made.error().detail();
        }
        done(made);
    });
}

void Storage::Parts::open_stores(std::vector<store::SavedStream>::const_iterator next,
                                 OnDone done) {
    if (next == recovered_.checkpoint.streams.end()) {
        set_aside_strays(std::move(done));
        return;
    }
    Keeping const keeping = keeping_[next->id];
    if (keeping.store == nullptr) {
        open_stores(next + 1, std::move(done));
        return;
    }
    keeping.log->restore(next->applied, next->machine);
    std::uint32_t const id = next->id;
    keeping.store->open(
        next->messages, [this, next, id, done = std::move(done)](Result<void> const& opened) {
            if (!opened.ok()) {
                // Its checkpoint's checksum held: this is a defect, and nothing is to be lost by
                // it.
                done(Error(opened.error().code(),
                           concat("stream storage ", id, ": ", opened.error().detail())));
                return;
            }
            look_for_strangers(next, done);
        });
}

/// Files in the stream's directory that its checkpoint does not know.
void Storage::Parts::look_for_strangers(std::vector<store::SavedStream>::const_iterator stream,
                                        OnDone done) {
    std::string const directory = "streams/" + stream_directory_name(stream->id);
    world_.disk().list_directory(
        options_.directory + "/" + directory, [this, stream, directory, done = std::move(done)](
                                                  Result<std::vector<std::string>> const& names) {
            std::vector<std::string> const& removed = recovered_.checkpoint.to_remove;
            Result<std::vector<std::string>> const strangers =
                names.ok() ? store::SegmentStore::strangers(stream->messages, names.value())
                           : names;
            for (std::string const& name :
                 strangers.ok() ? strangers.value() : std::vector<std::string>()) {
                std::string const path = concat(directory, "/", name);
                std::string const wiped = concat(store::SegmentStore::kWipe, path);
                if (std::ranges::find(removed, path) == removed.end() &&
                    std::ranges::find(removed, wiped) == removed.end()) {
                    set_aside(path, concat(stream_directory_name(stream->id), "-", name));
                }
            }
            open_stores(stream + 1, done);
        });
}

void Storage::Parts::set_aside(std::string const& path, std::string const& name) {
    ++health_.quarantined;
    std::string const to = concat(options_.directory, "/quarantine/", name, "-",
                                  world_.clock().wall_now().since_epoch().count());
    LOG(log_, Warning, options_.directory, "/", path, " is nothing that is known, and moved to ",
        to);
    world_.disk().make_directory(options_.directory + "/quarantine", 0700,
                                 [](Result<void> const&) {});
    world_.disk().rename_file(options_.directory + "/" + path, to, [](Result<void> const&) {});
}

/// Directories of no stream that is known, and not of one that was removed either.
void Storage::Parts::set_aside_strays(OnDone done) {
    std::string const directory = options_.directory + "/streams";
    world_.disk().list_directory(directory, [this, directory, done = std::move(done)](
                                                Result<std::vector<std::string>> const& names) {
        std::vector<std::string> const& removed = recovered_.checkpoint.to_remove;
        for (std::string const& name : names.ok() ? names.value() : std::vector<std::string>()) {
            bool const known = std::ranges::any_of(streams_, [&](auto const& kept) {
                return stream_directory_name(kept.first) == name;
            });
            if (known || std::ranges::find(removed, "streams/" + name) != removed.end()) {
                continue;
            }
            health_.damage_found = true;
            set_aside("streams/" + name, name);
        }
        std::vector<std::string> paths;
        paths.push_back(manifest_path(options_.directory, 0));
        paths.push_back(manifest_path(options_.directory, 1));
        paths.push_back(checkpoint_path(options_.directory, recovered_.generation));
        for (store::JournalStart::File const& file : recovered_.to_replay) {
            paths.push_back(options_.directory + "/journal/" + file.name);
        }
        sync_recovered(std::move(paths), done);
    });
}

/// What was read may not have been synced when the process ended, and from here on it is built on.
void Storage::Parts::sync_recovered(std::vector<std::string> paths, OnDone done) {
    if (paths.empty()) {
        start_journal(std::move(done));
        return;
    }
    std::string const path = std::move(paths.back());
    paths.pop_back();
    world_.disk().sync_file(
        path, [this, paths = std::move(paths), done = std::move(done)](Result<void> const& synced) {
            // One that is missing was reported, and cannot be lost.
            if (!synced.ok() && synced.error().code() != Errc::NotFound) {
                done(synced);
                return;
            }
            sync_recovered(paths, done);
        });
}

void Storage::Parts::replay(OnDone done) {
    if (in_memory()) {
        answer_later(std::move(done));
        return;
    }
    replay_next(0, std::move(done));
}

void Storage::Parts::replay_next(std::size_t file, OnDone done) {
    if (file == recovered_.to_replay.size()) {
        for (auto const& [id, kept] : streams_) {
            if (SoloLog* const log = log_of(id)) {
                log->replayed();
            }
        }
        recovered_.checkpoint.streams.clear();
        // Otherwise a server that is killed over and over again would have one file more to read at
        // each start, and keep them all.
        if (recovered_.to_replay.size() > 1) {
            checkpoint([](Result<void> const&) {});
        }
        answer_later(std::move(done));
        return;
    }
    std::string const path = options_.directory + "/journal/" + recovered_.to_replay[file].name;
    world_.disk().read_file(path,
                            [this, file, done = std::move(done),
                             life = std::weak_ptr<char const>(life_)](Result<std::string> bytes) {
                                if (life.expired()) {
                                    return;
                                }
                                if (!bytes.ok()) {
                                    done(bytes.error());
                                    return;
                                }
                                replay_file(file, std::move(bytes).value());
                                // Another turn, so that what it wrote can leave.
                                world_.turn().defer([this, file, done, life] {
                                    if (!life.expired()) {
                                        replay_next(file + 1, done);
                                    }
                                });
                            });
}

void Storage::Parts::replay_file(std::size_t file, std::string bytes) {
    std::uint64_t const number = recovered_.to_replay[file].number;
    auto const shared = std::make_shared<std::string const>(std::move(bytes));
    Result<store::JournalFileHeader> const header = store::decode_journal_file_header(*shared);
    if (!header.ok()) {
        return;
    }
    Replay replay({shared, number}, [this](std::uint64_t id) { return log_of(id); });
    scan_journal_file(*shared, header.value(),
                      {header.value().first_commit - 1, header.value().previous_chain},
                      recovered_.proven[number], replay);
}

}  // namespace signalbox::consensus
