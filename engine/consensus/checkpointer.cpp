#include "engine/consensus/checkpointer.h"

#include "engine/base/text.h"
#include "engine/consensus/recovery.h"
#include "engine/store/segment_store.h"

#include <utility>

namespace signalbox::consensus {
namespace {

/// So much is saved in one turn; the rest has the next.
constexpr std::size_t kStreamsInOneTurn = 128;

}  // namespace

void Checkpointer::start(store::JournalId const& storage, std::uint64_t last_generation,
                         std::uint64_t first_journal_file, std::vector<std::string> to_remove) {
    storage_ = storage;
    generation_ = last_generation;
    published_file_ = first_journal_file;
    retired_ = std::move(to_remove);
}

void Checkpointer::run(OnDone done) {
    if (running_) {
        again_.push_back(std::move(done));
        return;
    }
    running_ = true;
    waiting_.push_back(std::move(done));
    next_ = {};
    next_.generation = generation_ + 1;
    ids_ = source_.stream_ids();
    at_ = 0;
    needed_file_ = source_.needed_journal_file();
    world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            save_some();
        }
    });
}

void Checkpointer::save_some() {
    std::size_t const stop = std::min(ids_.size(), at_ + kStreamsInOneTurn);
    for (; at_ < stop; ++at_) {
        if (std::optional<store::SavedStream> saved = source_.save(ids_[at_], retired_)) {
            next_.streams.push_back(std::move(*saved));
        }
    }
    if (at_ < ids_.size()) {
        world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
            if (!life.expired()) {
                save_some();
            }
        });
        return;
    }
    next_.last_stream = source_.last_stream();
    at_ = 0;
    sync_some();
}

void Checkpointer::sync_some() {
    if (at_ == next_.streams.size()) {
        write();
        return;
    }
    source_.sync(next_.streams[at_++].id,
                 [this, life = std::weak_ptr<char const>(life_)](Result<void> const& done) {
                     if (life.expired()) {
                         return;
                     }
                     if (done.ok()) {
                         sync_some();
                     } else {
                         end(done);
                     }
                 });
}

void Checkpointer::write() {
    next_.to_remove = removable_;
    next_.to_remove.insert(next_.to_remove.end(), retiring_.begin(), retiring_.end());
    next_.to_remove.insert(next_.to_remove.end(), retired_.begin(), retired_.end());
    std::string bytes = store::encode(next_, storage_);
    std::string const path = checkpoint_path(directory_, next_.generation);
    write_file(path, bytes, [this, bytes, path](Result<void> const& done) {
        if (!done.ok()) {
            end(done);
            return;
        }
        world_.disk().sync_directory(
            directory_,
            [this, bytes, life = std::weak_ptr<char const>(life_)](Result<void> const& synced) {
                if (life.expired()) {
                    return;
                }
                if (synced.ok()) {
                    write_manifest(bytes);
                } else {
                    end(synced);
                }
            });
    });
}

void Checkpointer::write_manifest(std::string const& checkpoint) {
    store::Manifest const manifest{.storage = storage_,
                                   .generation = next_.generation,
                                   .checkpoint_size = checkpoint.size(),
                                   .checkpoint_checksum = store::checksum_of_checkpoint(checkpoint),
                                   .first_journal_file = needed_file_,
                                   .synced_commit = source_.synced_commit()};
    write_file(manifest_path(directory_, next_.generation), store::encode(manifest),
               [this](Result<void> const& done) {
                   if (!done.ok()) {
                       end(done);
                       return;
                   }
                   world_.disk().sync_directory(
                       directory_,
                       [this, life = std::weak_ptr<char const>(life_)](Result<void> const& synced) {
                           if (life.expired()) {
                               return;
                           }
                           if (synced.ok()) {
                               publish();
                           }
                           end(synced);
                       });
               });
}

void Checkpointer::write_file(std::string const& path, std::string bytes, OnDone done) {
    auto const step = [this, path, done = std::move(done),
                       life = std::weak_ptr<char const>(life_)](Result<void> const& written) {
        if (life.expired()) {
            return;
        }
        if (!written.ok()) {
            done(written);
            return;
        }
        world_.disk().sync_file(path, [done, life](Result<void> const& synced) {
            if (!life.expired()) {
                done(synced);
            }
        });
    };
    std::uint64_t const size = bytes.size();
    world_.disk().write_range(path, 0, std::make_shared<std::string>(std::move(bytes)),
                              [this, path, size, step](Result<void> const& written) {
                                  if (!written.ok()) {
                                      step(written);
                                      return;
                                  }
                                  // What a longer one left there before.
                                  world_.disk().set_size(path, size, step);
                              });
}

void Checkpointer::publish() {
    generation_ = next_.generation;
    for (std::string const& path : std::exchange(removable_, {})) {
        remove(path);
    }
    removable_ = std::move(retiring_);
    retiring_ = std::exchange(retired_, {});
    source_.published(std::min(published_file_, needed_file_));
    published_file_ = needed_file_;
}

/// A file, or a directory with nothing but files in it.
void Checkpointer::remove(std::string const& name) {
    if (name.starts_with(store::SegmentStore::kWipe)) {
        wipe(directory_ + "/" + name.substr(store::SegmentStore::kWipe.size()));
        return;
    }
    std::string const path = directory_ + "/" + name;
    if (name.find('.') != std::string::npos) {
        world_.disk().remove_file(path, [](Result<void> const&) {});
        return;
    }
    world_.disk().list_directory(path, [this, path, life = std::weak_ptr<char const>(life_)](
                                           Result<std::vector<std::string>> const& names) {
        if (life.expired() || !names.ok()) {
            return;
        }
        for (std::string const& file : names.value()) {
            world_.disk().remove_file(concat(path, "/", file), [](Result<void> const&) {});
        }
        world_.disk().remove_directory(path, [](Result<void> const&) {});
    });
}

/// Overwrites the file and removes it: what is asked for one path is done in the order of asking.
void Checkpointer::wipe(std::string const& path) {
    world_.disk().file_size(path, [this, path, life = std::weak_ptr<char const>(life_)](
                                      Result<std::uint64_t> const& size) {
        if (life.expired() || !size.ok()) {
            return;
        }
        constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
        auto const ignore = [](Result<void> const&) {};
        auto const zeros = std::make_shared<std::string>(std::min(kPiece, size.value()), '\0');
        for (std::uint64_t at = 0; at < size.value(); at += zeros->size()) {
            world_.disk().write_range(path, at, zeros, ignore);
        }
        world_.disk().sync_file(path, ignore);
        world_.disk().remove_file(path, ignore);
    });
}

void Checkpointer::end(Result<void> const& done) {
    running_ = false;
    if (!done.ok()) {
        // The manifest of that number may have been written in part: it is not used again.
        LOG(log_, Error, directory_, ": no checkpoint: ", done.error().detail());
    }
    source_.checkpoint_ended(done);
    for (OnDone const& answer : std::exchange(waiting_, {})) {
        answer(done);
    }
    std::vector<OnDone> again = std::exchange(again_, {});
    for (OnDone& next : again) {
        if (running_) {
            waiting_.push_back(std::move(next));
        } else {
            run(std::move(next));
        }
    }
}

}  // namespace signalbox::consensus
