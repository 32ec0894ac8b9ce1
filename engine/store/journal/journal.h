#pragma once

#include "engine/store/journal/journal_scan.h"
#include "engine/world/world.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace signalbox::store {

/// What was gathered in one turn and is made durable as one.
struct GroupCommit {
    std::string bytes;  ///< Records, frame, copies; what the file gets.
    std::uint64_t number = 0;
    std::uint64_t file = 0;
    std::uint64_t offset = 0;            ///< In the file.
    std::vector<std::uint32_t> records;  ///< Where they begin in `bytes`.
    world::Disk::Sync sync = world::Disk::Sync::Later;
};
using GroupCommitPtr = std::shared_ptr<GroupCommit>;

/// Who writes to the journal. Called on the engine's thread, never from within a call to it.
class JournalOwner {
public:
    virtual ~JournalOwner() = default;

    /// Its bytes are complete and on their way; what may be lost in a power cut is done now.
    virtual void submitted(GroupCommitPtr const& commit) = 0;

    /// It is on stable storage, or at least written if that was all that was asked for.
    virtual void committed(GroupCommitPtr const& commit) = 0;

    /// Nothing is written any more, and what was on its way may be there or not.
    virtual void journal_failed(Error const& error) = 0;
};

struct JournalOptions {
    std::string directory;
    std::uint64_t file_size = std::uint64_t{64} << 20;
};

/// Where a journal is taken up: every start has a file of its own, so that nothing of a torn tail
/// is ever taken for what was written after it.
struct JournalStart {
    JournalId id{};
    std::uint64_t file_number = 1;
    JournalPoint before;
    struct File {
        std::string name;
        std::uint64_t number = 0;
    };
    std::vector<File> files;              ///< That are still needed, by number.
    std::vector<std::string> free_names;  ///< Of files that may be written over.
    std::uint64_t last_name = 0;          ///< New ones have higher numbers as names.
};

/// The name of a journal file is a number, which says nothing of the order.
std::string journal_name(std::uint64_t number);

/// What all streams of a server append to, so that one sync makes everything durable.
///
/// All that is appended in a turn is one commit, and no timer holds it back: while a commit is
/// being synced the next one gathers, so that the batch follows the disk. A failed write or sync
/// ends the journal for good, for what the system did with the pages is not known.
class Journal {
public:
    Journal(World& world, JournalOwner& owner, JournalOptions options)
        : world_(world), owner_(owner), options_(std::move(options)) {}
    ~Journal() { world_.timers().cancel(proof_timer_); }

    Journal(Journal const&) = delete;
    Journal& operator=(Journal const&) = delete;

    using OnDone = std::function<void(Result<void>)>;

    /// Makes the first file, a smaller one where there is no room for a whole one.
    /// Errors: Io, LimitExceeded (not even for that).
    void start(JournalStart start, OnDone done);

    /// Adds a record to the commit that is gathered. Not after it failed.
    void append(RecordHeader header, std::span<Bytes const> pieces, world::Disk::Sync sync);

    bool failed() const { return failed_; }
    std::uint64_t bytes_in_flight() const { return bytes_in_flight_; }
    /// The file that what is appended now will be in, or one before it.
    std::uint64_t current_file() const { return files_.empty() ? 0 : files_.back().number; }
    std::uint64_t synced_commit() const { return synced_; }

    /// Files before this one are not needed any more and may be written over.
    void release_before(std::uint64_t file_number);

    /// Goes on in another file as soon as there is one, so that this one can be released.
    void roll() { roll_wanted_ = true; }

    /// Everything so far is on stable storage, and a later start can see that it was. Calls back
    /// with the number of the last commit.
    void seal(std::function<void(Result<std::uint64_t>)> done);

private:
    static constexpr std::size_t kMostInFlight = 2;

    /// A file that is ready to be written to.
    struct Spare {
        std::string name;  ///< Empty: there is none.
        std::uint64_t size = 0;
        bool preparing = false;
        std::uint64_t not_before = 0;  ///< The offset at which another attempt is due.
    };
    using File = JournalStart::File;
    /// Where the next commit goes.
    struct Place {
        std::uint64_t file = 0;
        std::uint64_t size = 0;  ///< Of the file, as reserved.
        std::uint64_t offset = 0;
        std::uint64_t commit = 1;
        std::uint64_t chain = 0;
    };

    void plan();
    void submit();
    void change_file();
    void write(GroupCommitPtr const& commit);
    void written(GroupCommitPtr const& commit, Result<void> const& done);
    void fail(Error const& error);
    void finish(GroupCommit& commit);
    void use_spare();
    void prepare_spare(OnDone done);
    void reserve(std::string const& name, std::uint64_t size, OnDone done);
    void look_for_spare();
    void plan_proof();
    std::string take_name();
    std::string header_of_next() const;
    std::string path_of(std::string const& name) const { return options_.directory + "/" + name; }
    std::string current_path() const { return path_of(files_.back().name); }

    World& world_;
    JournalOwner& owner_;
    JournalOptions options_;
    JournalId id_{};
    std::vector<File> files_;  ///< In the order of their numbers; the last is written to.
    std::vector<std::string> free_names_;
    std::uint64_t last_name_ = 0;
    Spare spare_;
    Place next_;
    GroupCommitPtr gathering_;
    std::uint64_t synced_ = 0;  ///< The last commit known to be on stable storage.
    std::uint64_t proven_ = 0;  ///< The last that a frame on the disk says so of.
    std::uint64_t bytes_in_flight_ = 0;
    std::size_t in_flight_ = 0;
    bool last_was_synced_ = true;  ///< The commit before `next_`, and so all before it.
    bool failed_ = false;
    bool planned_ = false;
    bool roll_wanted_ = false;
    world::TimerId proof_timer_;
};

}  // namespace signalbox::store
