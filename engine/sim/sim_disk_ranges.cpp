#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/sim/sim_disk.h"

#include <algorithm>

namespace signalbox::sim {
namespace {

constexpr std::size_t kSector = 512;

/// Keeps what lies in the sectors of the range, so that a power cut may bring it back.
void keep_old_sectors(SimFile& file, std::size_t offset, std::size_t size) {
    std::size_t const end = (offset + size + kSector - 1) / kSector;
    for (std::size_t sector = offset / kSector; sector < end; ++sector) {
        std::size_t const at = sector * kSector;
        if (at >= file.content.size()) {
            file.unsynced.try_emplace(sector, std::nullopt);
        } else {
            file.unsynced.try_emplace(sector, file.content.substr(at, kSector));
        }
    }
}

void bring_back(SimFile& file, std::size_t sector, std::optional<std::string> const& old) {
    std::size_t const at = sector * kSector;
    if (at >= file.content.size()) {
        return;
    }
    std::size_t const size = std::min(kSector, file.content.size() - at);
    std::string const content = old.value_or(std::string());
    for (std::size_t i = 0; i < size; ++i) {
        file.content[at + i] = i < content.size() ? content[i] : '\0';
    }
    // The file was not longer before, and nothing behind this sector was kept.
    if (at + size == file.content.size()) {
        file.content.resize(at + std::min(size, content.size()));
    }
}

}  // namespace

void Simulation::lose_unsynced(std::string const& machine) {
    SimFiles& files = machines_[machine];
    for (auto at = files.begin(); at != files.end();) {
        SimFile& file = at->second;
        if (!file.name_synced && entropy_.below(2) == 0) {
            at = files.erase(at);
            continue;
        }
        // From the end, so that what is cut off there is cut off as one.
        for (auto old = file.unsynced.rbegin(); old != file.unsynced.rend(); ++old) {
            if (entropy_.below(2) == 0) {
                bring_back(file, old->first, old->second);
            }
        }
        file.unsynced.clear();
        file.name_synced = true;
        ++at;
    }
}

Result<void> SimDisk::put(std::string const& path, std::uint64_t offset, std::string_view content) {
    simulation_.fingerprint().add(path);
    simulation_.fingerprint().add(std::to_string(base::hash_of(content, offset)));
    auto const [at, made] = files_.try_emplace(path, SimFile{{}, 0600});
    SimFile& file = at->second;
    if (made) {
        file.name_synced = false;
    }
    std::uint64_t const growth =
        std::max<std::uint64_t>(file.content.size(), offset + content.size()) - file.content.size();
    if (growth > faults_.free_space) {
        return Error(Errc::Io, concat(path, ": no space left on device"));
    }
    faults_.free_space -= growth;
    keep_old_sectors(file, offset, content.size());
    if (growth > 0) {
        file.content.resize(file.content.size() + growth);
    }
    file.content.replace(offset, content.size(), content);
    return {};
}

Result<void> SimDisk::sync(std::string const& path) {
    auto const found = files_.find(path);
    if (found == files_.end()) {
        return Error(Errc::NotFound, concat(path, ": no such file"));
    }
    SimFile& file = found->second;
    bool const fails = std::exchange(faults_.next_sync_fails, false);
    if (fails) {
        for (auto old = file.unsynced.rbegin(); old != file.unsynced.rend(); ++old) {
            bring_back(file, old->first, old->second);
        }
    }
    file.unsynced.clear();
    return fails ? Result<void>(Error(Errc::Io, concat(path, ": input/output error")))
                 : Result<void>();
}

void SimDisk::read_range(std::string const& path, std::uint64_t offset, std::uint64_t size,
                         OnRead done) {
    simulation_.at(next_completion(), node_, [this, path, offset, size, done = std::move(done)] {
        if (stopped()) {
            return;
        }
        auto const found = files_.find(path);
        if (faults_.reads_fail) {
            done(Error(Errc::Io, concat(path, ": input/output error")));
        } else if (found == files_.end()) {
            done(Error(Errc::NotFound, concat(path, ": no such file")));
        } else {
            std::string const& content = found->second.content;
            std::string part = offset < content.size() ? content.substr(offset, size) : "";
            if (!part.empty() &&
                simulation_.entropy().below(1000) < faults_.read_flips_per_thousand) {
                std::size_t const at = simulation_.entropy().below(part.size());
                part[at] = static_cast<char>(part[at] ^ 4);
            }
            done(std::move(part));
        }
    });
}

void SimDisk::write_range(std::string const& path, std::uint64_t offset, Content content,
                          OnDone done) {
    write(
        path,
        [this, path, offset, content = std::move(content)] { return put(path, offset, *content); },
        std::move(done));
}

/// Half its time is writing, half is syncing; a power cut between the two tears it.
void SimDisk::write_journal(std::string const& path, std::uint64_t offset, Content content,
                            Sync kind, OnDone done) {
    Instant const begin = std::max(simulation_.now(), last_journal_);
    last_journal_ = begin + faults_.latency;
    auto const result = std::make_shared<Result<void>>();
    std::string const directory = path.substr(0, path.rfind('/'));
    simulation_.at(begin + faults_.latency / 2, node_,
                   [this, path, directory, offset, content = std::move(content), result] {
                       if (!may_change()) {
                           return;
                       }
                       if (failed_journals_.contains(directory) || unlucky()) {
                           *result = Error(Errc::Io, concat(path, ": not written"));
                       } else {
                           *result = put(path, offset, *content);
                       }
                   });
    simulation_.at(last_journal_, node_,
                   [this, path, directory, kind, result, done = std::move(done)] {
                       if (stopped() || (kind == Sync::Now && !may_change())) {
                           return;
                       }
                       if (result->ok() && kind == Sync::Now) {
                           *result = sync(path);
                       }
                       if (!result->ok()) {
                           failed_journals_.insert(directory);
                       }
                       done(*result);
                   });
}

void SimDisk::sync_file(std::string const& path, OnDone done) {
    write(
        path, [this, path] { return sync(path); }, std::move(done));
}

void SimDisk::sync_directory(std::string const& path, OnDone done) {
    write(
        path,
        [this, path] {
            std::string const before = concat(path, "/");
            for (auto at = files_.lower_bound(before);
                 at != files_.end() && at->first.starts_with(before); ++at) {
                at->second.name_synced = true;
            }
            return Result<void>();
        },
        std::move(done));
}

void SimDisk::set_size(std::string const& path, std::uint64_t size, OnDone done) {
    write(
        path,
        [this, path, size] {
            auto const [at, made] = files_.try_emplace(path, SimFile{{}, 0600});
            at->second.name_synced = at->second.name_synced && !made;
            std::uint64_t const before = at->second.content.size();
            if (size > before && size - before > faults_.free_space) {
                return Result<void>(
                    Error(Errc::LimitExceeded, concat(path, ": no space left on device")));
            }
            faults_.free_space += before - size;
            at->second.content.resize(size);
            std::map<std::size_t, std::optional<std::string>>& unsynced = at->second.unsynced;
            unsynced.erase(unsynced.lower_bound((size + kSector - 1) / kSector), unsynced.end());
            return Result<void>();
        },
        std::move(done));
}

void SimDisk::file_size(std::string const& path, OnSize done) {
    simulation_.at(next_completion(), node_, [this, path, done = std::move(done)] {
        auto const found = files_.find(path);
        if (stopped()) {
            return;
        }
        if (found == files_.end()) {
            done(Error(Errc::NotFound, concat(path, ": no such file")));
        } else {
            done(std::uint64_t{found->second.content.size()});
        }
    });
}

void SimDisk::free_space(std::string const&, OnSpace done) {
    simulation_.at(next_completion(), node_, [this, done = std::move(done)] {
        if (!stopped()) {
            done(Space{faults_.free_space, std::uint64_t{1} << 40});
        }
    });
}

void SimDisk::remove_directory(std::string const& path, OnDone done) {
    write(
        path, [] { return Result<void>(); }, std::move(done));
}

}  // namespace signalbox::sim
