#pragma once

#include "engine/base/result.h"

#include <functional>
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
};

}  // namespace signalbox::world
