#include "engine/store/journal/journal.h"

#include "engine/base/byte_reader.h"
#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::store {
namespace {

/// So long after the last commit of a busy time a frame is written that proves it synced.
constexpr Duration kProofDelay = base::milliseconds(50);

/// On a disk that is nearly full a file is made smaller, down to this part of a whole one.
constexpr std::uint64_t kSmallestPart = 64;

}  // namespace

std::string journal_name(std::uint64_t number) {
    std::string const digits = std::to_string(number);
    return concat(std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0'), digits, ".journal");
}

void Journal::start(JournalStart start, OnDone done) {
    id_ = start.id;
    files_ = std::move(start.files);
    free_names_ = std::move(start.free_names);
    last_name_ = start.last_name;
    next_ = {.file = start.file_number,
             .size = 0,
             .offset = kJournalHeaderSize,
             .commit = start.before.commit + 1,
             .chain = start.before.chain};
    synced_ = start.before.commit;
    proven_ = synced_;
    prepare_spare([this, done = std::move(done)](Result<void> const& made) {
        if (!made.ok()) {
            failed_ = true;
            done(made);
            return;
        }
        use_spare();
        auto header = std::make_shared<std::string>(header_of_next());
        world_.disk().write_journal(current_path(), 0, std::move(header), world::Disk::Sync::Now,
                                    [this, done](Result<void> const& written) {
                                        failed_ = !written.ok();
                                        prepare_spare([](Result<void> const&) {});
                                        done(written);
                                    });
    });
}

std::string Journal::header_of_next() const {
    return encode({.id = id_,
                   .number = next_.file,
                   .size = next_.size,
                   .previous_chain = next_.chain,
                   .first_commit = next_.commit});
}

std::string Journal::take_name() {
    if (free_names_.empty()) {
        return journal_name(++last_name_);
    }
    std::string name = std::move(free_names_.back());
    free_names_.pop_back();
    return name;
}

void Journal::use_spare() {
    next_.size = spare_.size;
    files_.push_back({std::exchange(spare_, {}).name, next_.file});
}

/// Reserves the space of a file that is not there yet, so that writing to the journal can fail
/// only for reasons that are no lack of space.
void Journal::prepare_spare(OnDone done) {
    spare_.preparing = true;
    reserve(take_name(), options_.file_size, [this, done = std::move(done)](Result<void> made) {
        spare_.preparing = false;
        done(std::move(made));
    });
}

void Journal::reserve(std::string const& name, std::uint64_t size, OnDone done) {
    world_.disk().set_size(
        path_of(name), size, [this, name, size, done = std::move(done)](Result<void> const& sized) {
            if (sized.ok()) {
                world_.disk().sync_directory(options_.directory,
                                             [this, name, size, done](Result<void> const& synced) {
                                                 spare_.name = name;
                                                 spare_.size = size;
                                                 done(synced);
                                             });
                return;
            }
            bool const full = sized.error().code() == Errc::LimitExceeded;
            if (full && size / 2 >= options_.file_size / kSmallestPart) {
                reserve(name, size / 2, done);
                return;
            }
            free_names_.push_back(name);
            done(sized);
        });
}

/// Without one the current file grows beyond what was reserved for it. Space may have come back
/// since the last attempt, and is not looked for with each commit.
void Journal::look_for_spare() {
    if (!spare_.preparing && next_.offset >= spare_.not_before) {
        spare_.not_before = next_.offset + options_.file_size / kSmallestPart;
        prepare_spare([](Result<void> const&) {});
    }
}

void Journal::append(RecordHeader header, std::span<Bytes const> pieces, world::Disk::Sync sync) {
    if (failed_) {
        return;
    }
    if (gathering_ == nullptr) {
        gathering_ = std::make_shared<GroupCommit>();
    }
    std::string& bytes = gathering_->bytes;
    std::size_t const begin = bytes.size();
    gathering_->records.push_back(static_cast<std::uint32_t>(begin));
    std::size_t size = 0;
    for (Bytes const piece : pieces) {
        size += piece.size();
    }
    bytes.resize(begin + kRecordHeaderSize);
    for (Bytes const piece : pieces) {
        bytes.append(piece);
    }
    bytes.resize(begin + kRecordHeaderSize + padded(size));
    header.length = static_cast<std::uint32_t>(size);
    // Its checksums depend on its place, which is known once the commit is closed.
    encode(header, 0, bytes.data() + begin);
    bytes_in_flight_ += kRecordHeaderSize + size;
    if (sync == world::Disk::Sync::Now) {
        gathering_->sync = sync;
    }
    plan();
}

void Journal::plan() {
    if (!planned_ && in_flight_ < kMostInFlight) {
        planned_ = true;
        world_.turn().defer([this] {
            planned_ = false;
            submit();
        });
    }
}

void Journal::submit() {
    if (failed_ || gathering_ == nullptr || in_flight_ >= kMostInFlight) {
        return;
    }
    bool const full = next_.offset >= next_.size;
    if (full && spare_.name.empty()) {
        look_for_spare();
    }
    if ((full || std::exchange(roll_wanted_, false)) && !spare_.name.empty() &&
        next_.offset > kJournalHeaderSize) {
        change_file();
    }
    GroupCommitPtr const commit = std::move(gathering_);
    gathering_ = nullptr;
    finish(*commit);
    write(commit);
    owner_.submitted(commit);
}

void Journal::change_file() {
    if (!last_was_synced_) {
        // What comes after lies in another file, whose sync says nothing of this one.
        world_.disk().write_journal(current_path(), next_.offset, std::make_shared<std::string>(),
                                    world::Disk::Sync::Now, [this](Result<void> const& done) {
                                        if (!done.ok()) {
                                            fail(done.error());
                                        }
                                    });
        last_was_synced_ = true;
    }
    ++next_.file;
    next_.offset = kJournalHeaderSize;
    use_spare();
    world_.disk().write_journal(current_path(), 0, std::make_shared<std::string>(header_of_next()),
                                world::Disk::Sync::Now, [this](Result<void> const& done) {
                                    if (!done.ok()) {
                                        fail(done.error());
                                        return;
                                    }
                                    // Not before: of files without a header only one is unused.
                                    prepare_spare([](Result<void> const&) {});
                                });
}

/// Gives the records their checksums, and the commit its frame and the copies of their headers.
void Journal::finish(GroupCommit& commit) {
    FileSeed const seed(id_, next_.file);
    commit.number = next_.commit;
    commit.file = next_.file;
    commit.offset = next_.offset;
    std::string copies;
    copies.reserve(commit.records.size() * kRecordHeaderSize);
    for (std::uint32_t const begin : commit.records) {
        char* const at = commit.bytes.data() + begin;
        std::uint64_t const here = seed.at(next_.offset + begin);
        std::uint32_t const length = ByteReader::load<std::uint32_t>(at + 8);
        ByteWriter::store(at + 32, payload_checksum({at + kRecordHeaderSize, length}, here));
        ByteWriter::store(at + 40, commit.number);
        reseal(at, here);
        copies.append(at, kRecordHeaderSize);
    }
    std::uint64_t const frame_at = next_.offset + commit.bytes.size();
    CommitFrame const frame{
        .all_before_synced = last_was_synced_,
        .records = static_cast<std::uint32_t>(commit.records.size()),
        .copies_checksum = static_cast<std::uint32_t>(payload_checksum(copies, seed.at(frame_at))),
        .commit = commit.number,
        .bytes = commit.bytes.size(),
        .chain = chain_hash(copies, next_.chain),
        .watermark = synced_};
    char bytes[kRecordHeaderSize];
    encode(frame, seed.at(frame_at), bytes);
    commit.bytes.append(bytes, sizeof bytes);
    commit.bytes.append(copies);
    proven_ = std::max(proven_, frame.proves());
    next_.chain = frame.chain;
    ++next_.commit;
    next_.offset += commit.bytes.size();
    last_was_synced_ = commit.sync == world::Disk::Sync::Now;
}

void Journal::write(GroupCommitPtr const& commit) {
    ++in_flight_;
    world_.disk().write_journal(
        current_path(), commit->offset, {commit, &commit->bytes}, commit->sync,
        [this, commit](Result<void> const& done) { written(commit, done); });
}

void Journal::written(GroupCommitPtr const& commit, Result<void> const& done) {
    --in_flight_;
    if (failed_) {
        return;
    }
    if (!done.ok()) {
        fail(done.error());
        return;
    }
    for (std::uint32_t const begin : commit->records) {
        bytes_in_flight_ -=
            kRecordHeaderSize + ByteReader::load<std::uint32_t>(commit->bytes.data() + begin + 8);
    }
    if (commit->sync == world::Disk::Sync::Now) {
        synced_ = commit->number;
    }
    if (gathering_ != nullptr) {
        plan();
    } else if (in_flight_ == 0 && proven_ < synced_) {
        plan_proof();
    }
    owner_.committed(commit);
}

/// Otherwise the last commit before a quiet time would look like one that was never finished,
/// should it be damaged.
void Journal::plan_proof() {
    world_.timers().cancel(proof_timer_);
    proof_timer_ = world_.timers().call_at(world_.clock().now() + kProofDelay, [this] {
        if (gathering_ == nullptr && in_flight_ == 0 && proven_ < synced_) {
            gathering_ = std::make_shared<GroupCommit>();
            submit();
        }
    });
}

void Journal::fail(Error const& error) {
    if (!std::exchange(failed_, true)) {
        gathering_ = nullptr;
        owner_.journal_failed(error);
    }
}

void Journal::seal(std::function<void(Result<std::uint64_t>)> done) {
    if (failed_) {
        world_.turn().defer([done] { done(Error(Errc::Io, "the journal has failed")); });
        return;
    }
    // Behind what is in flight; the commit that is gathered goes first.
    if (gathering_ != nullptr || in_flight_ >= kMostInFlight) {
        world_.timers().call_at(
            world_.clock().now() + base::milliseconds(1),
            [this, done = std::move(done)]() mutable { seal(std::move(done)); });
        return;
    }
    gathering_ = std::make_shared<GroupCommit>();
    gathering_->sync = world::Disk::Sync::Now;
    submit();
    std::uint64_t const last = next_.commit - 1;
    world_.disk().write_journal(current_path(), next_.offset, std::make_shared<std::string>(),
                                world::Disk::Sync::Now, [last, done](Result<void> const& synced) {
                                    if (synced.ok()) {
                                        done(last);
                                    } else {
                                        done(synced.error());
                                    }
                                });
}

void Journal::release_before(std::uint64_t file_number) {
    while (files_.size() > 1 && files_.front().number < file_number) {
        free_names_.push_back(std::move(files_.front().name));
        files_.erase(files_.begin());
    }
}

}  // namespace signalbox::store
