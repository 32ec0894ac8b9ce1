#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::world {

/// Files, by completions alone: no call waits for a disk, none answers from within itself, and what
/// is asked for one path is done in the order of asking. All errors are Io but where another is
/// named.
class Disk {
public:
    using OnDone = std::function<void(Result<void>)>;
    using OnRead = std::function<void(Result<std::string>)>;
    using OnListed = std::function<void(Result<std::vector<std::string>>)>;

    /// What is to be written, shared with who reads it meanwhile.
    using Content = std::shared_ptr<std::string const>;
    using OnSize = std::function<void(Result<std::uint64_t>)>;
    struct Space {
        std::uint64_t free = 0;
        std::uint64_t total = 0;
    };
    using OnSpace = std::function<void(Result<Space>)>;
    enum class Sync : std::uint8_t {
        Now,
        Later,
    };

    virtual ~Disk() = default;

    /// The whole file. Errors: NotFound.
    virtual void read_file(std::string const& path, OnRead done) = 0;

    /// Makes or replaces the file; `mode` is its permission bits when it is made.
    virtual void write_file(std::string const& path, std::string content, unsigned mode,
                            OnDone done) = 0;

    /// Adds at the end of the file, which is made when there is none.
    virtual void append_file(std::string const& path, std::string content, unsigned mode,
                             OnDone done) = 0;

    /// A file that is not there is removed already.
    virtual void remove_file(std::string const& path, OnDone done) = 0;

    /// Replaces `to` when there is one.
    virtual void rename_file(std::string const& from, std::string const& to, OnDone done) = 0;

    /// One that is there is made already; those above it have to be there.
    virtual void make_directory(std::string const& path, unsigned mode, OnDone done) = 0;

    /// The names of what is in the directory, in order. Errors: NotFound.
    virtual void list_directory(std::string const& path, OnListed done) = 0;

    // Large files, by ranges. What was written to them is on stable storage once the file has been
    // synced after, and that a file is there once its directory has been.

    /// At most `size` bytes from `offset`; fewer when the file ends before. Waits for no write that
    /// is under way. Errors: NotFound.
    virtual void read_range(std::string const& path, std::uint64_t offset, std::uint64_t size,
                            OnRead done) = 0;

    /// Writes at `offset` of the file, which is made when there is none; nobody else may read it.
    virtual void write_range(std::string const& path, std::uint64_t offset, Content content,
                             OnDone done) = 0;

    /// As `write_range`, in a queue of its own in which nothing slow stands before it, and then
    /// syncs what it wrote unless that may wait. A write begins when the one before it is done;
    /// after one in a directory failed, every later one there fails as well, for what the system
    /// did with the bytes is not known.
    virtual void write_journal(std::string const& path, std::uint64_t offset, Content content,
                               Sync sync, OnDone done) = 0;

    virtual void sync_file(std::string const& path, OnDone done) = 0;
    virtual void sync_directory(std::string const& path, OnDone done) = 0;

    /// Cuts the file, or makes it longer by zeros whose place is reserved where that is possible.
    /// Errors: LimitExceeded (there is no such place left; the file is as it was), Io.
    virtual void set_size(std::string const& path, std::uint64_t size, OnDone done) = 0;

    /// Errors: NotFound.
    virtual void file_size(std::string const& path, OnSize done) = 0;

    /// Of the disk that `path` lies on.
    virtual void free_space(std::string const& path, OnSpace done) = 0;

    /// Of an empty directory; one that is not there is removed already.
    virtual void remove_directory(std::string const& path, OnDone done) = 0;
};

}  // namespace signalbox::world
