#include "engine/sim/sim_disk.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::sim {
namespace {

/// A directory is no more than the beginning of paths.
Result<void> rename_below(SimFiles& files, std::string const& from, std::string const& to) {
    std::string const before = concat(from, "/");
    std::vector<std::string> paths;
    for (auto at = files.lower_bound(before); at != files.end() && at->first.starts_with(before);
         ++at) {
        paths.push_back(at->first);
    }
    if (paths.empty()) {
        return Error(Errc::Io, concat(from, ": no such file"));
    }
    for (std::string const& path : paths) {
        auto node = files.extract(path);
        node.key() = to + path.substr(from.size());
        files.insert(std::move(node));
    }
    return {};
}

}  // namespace

Instant SimDisk::next_completion() {
    last_completion_ = std::max(simulation_.now() + faults_.latency, last_completion_);
    return last_completion_;
}

bool SimDisk::unlucky() {
    return faults_.writes_fail ||
           (faults_.write_failures_per_thousand > 0 &&
            simulation_.entropy().below(1000) < faults_.write_failures_per_thousand);
}

/// False once the machine has stopped.
bool SimDisk::may_change() {
    if (stopped()) {
        return false;
    }
    if (faults_.changes_left) {
        --*faults_.changes_left;
    }
    ++changes_;
    return true;
}

void SimDisk::read_file(std::string const& path, OnRead done) {
    simulation_.at(next_completion(), node_, [this, path, done = std::move(done)] {
        auto const found = files_.find(path);
        if (faults_.reads_fail) {
            done(Error(Errc::Io, concat(path, ": input/output error")));
        } else if (found == files_.end()) {
            done(Error(Errc::NotFound, concat(path, ": no such file")));
        } else {
            done(found->second.content);
        }
    });
}

void SimDisk::write(std::string const& path, std::function<Result<void>()> work, OnDone done) {
    simulation_.at(next_completion(), node_,
                   [this, path, work = std::move(work), done = std::move(done)] {
                       if (!may_change()) {
                           return;
                       }
                       if (unlucky()) {
                           done(Error(Errc::Io, concat(path, ": no space left on device")));
                       } else {
                           simulation_.fingerprint().add(path);
                           done(work());
                       }
                   });
}

void SimDisk::write_file(std::string const& path, std::string content, unsigned mode, OnDone done) {
    write(
        path,
        [this, path, content = std::move(content), mode] {
            SimFile& file = files_.try_emplace(path, SimFile{{}, mode}).first->second;
            file.content = content;
            file.unsynced.clear();
            return Result<void>();
        },
        std::move(done));
}

void SimDisk::append_file(std::string const& path, std::string content, unsigned mode,
                          OnDone done) {
    write(
        path,
        [this, path, content = std::move(content), mode] {
            SimFile& file = files_.try_emplace(path, SimFile{{}, mode}).first->second;
            file.content.append(content);
            return Result<void>();
        },
        std::move(done));
}

void SimDisk::remove_file(std::string const& path, OnDone done) {
    write(
        path,
        [this, path] {
            files_.erase(path);
            return Result<void>();
        },
        std::move(done));
}

void SimDisk::rename_file(std::string const& from, std::string const& to, OnDone done) {
    write(
        from,
        [this, from, to] {
            auto found = files_.find(from);
            if (found == files_.end()) {
                return rename_below(files_, from, to);
            }
            SimFile file = std::move(found->second);
            files_.erase(found);
            files_.insert_or_assign(to, std::move(file));
            return Result<void>();
        },
        std::move(done));
}

/// Directories are no more than the beginnings of paths.
void SimDisk::make_directory(std::string const& path, unsigned, OnDone done) {
    write(
        path, [] { return Result<void>(); }, std::move(done));
}

void SimDisk::list_directory(std::string const& path, OnListed done) {
    simulation_.at(next_completion(), node_, [this, path, done = std::move(done)] {
        if (faults_.reads_fail) {
            done(Error(Errc::Io, concat(path, ": input/output error")));
            return;
        }
        std::string const before = concat(path, "/");
        std::vector<std::string> names;
        for (auto at = files_.lower_bound(before);
             at != files_.end() && at->first.starts_with(before); ++at) {
            std::string name = at->first.substr(before.size());
            name.resize(std::min(name.size(), name.find('/')));
            if (names.empty() || names.back() != name) {
                names.push_back(std::move(name));
            }
        }
        done(std::move(names));
    });
}

}  // namespace signalbox::sim
