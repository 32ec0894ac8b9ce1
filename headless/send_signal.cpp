#include "headless/send_signal.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/host/local_files.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>

namespace signalbox::headless {

namespace {

std::optional<int> pid_of(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    std::optional<std::int64_t> const number = base::parse_int(text);
    if (!number || *number <= 0 || *number > 0x7fff'ffff) {
        return std::nullopt;
    }
    return static_cast<int>(*number);
}

Result<int> signal_of(std::string const& command) {
    if (command == "stop") {
        return SIGKILL;
    }
    if (command == "quit") {
        return SIGINT;
    }
    if (command == "term") {
        return SIGTERM;
    }
    if (command == "reopen") {
        return SIGUSR1;
    }
    if (command == "reload") {
        return SIGHUP;
    }
    if (command == "ldm") {
        return SIGUSR2;
    }
    return Error(Errc::InvalidArgument, concat("unknown signal ", base::quoted(command)));
}

Result<std::vector<int>> only_one(std::string const& program, Processes& processes) {
    std::vector<int> const pids = TRY(processes.running(program));
    if (pids.empty()) {
        return Error(Errc::NotFound, concat("no ", program, " processes running"));
    }
    if (pids.size() > 1) {
        std::string text = concat("multiple ", program, " processes running:");
        for (int pid : pids) {
            append(text, "\n", pid);
        }
        return Error(Errc::InvalidArgument, text);
    }
    return pids;
}

Result<std::vector<int>> beginning_with(std::string_view prefix, std::string const& program,
                                        Processes& processes) {
    if (prefix.find_first_not_of("0123456789") != std::string_view::npos) {
        return Error(Errc::InvalidArgument, concat("invalid pid: ", prefix, "*"));
    }
    std::vector<int> const pids = TRY(processes.running(program));
    if (pids.empty()) {
        return Error(Errc::NotFound, concat("no ", program, " processes running"));
    }
    // That none of them begins so is no mistake: there is nothing to do then.
    std::vector<int> found;
    std::ranges::copy_if(pids, std::back_inserter(found),
                         [&](int pid) { return std::to_string(pid).starts_with(prefix); });
    return found;
}

Result<std::vector<int>> targets_of(std::string const& target, std::string const& program,
                                    Processes& processes) {
    if (target.empty()) {
        return only_one(program, processes);
    }
    if (target.ends_with('*')) {
        return beginning_with(std::string_view(target).substr(0, target.size() - 1), program,
                              processes);
    }
    bool exists = false;
    std::string text = processes.read_pid_file(target, exists);
    text = exists ? text : target;
    std::optional<int> const pid = pid_of(text);
    if (!pid) {
        return Error(Errc::InvalidArgument, concat("invalid pid: ", text));
    }
    return std::vector<int>{*pid};
}

/// In lower case, as the reference has it.
std::string text_of(int error) {
    std::string const text = std::strerror(error);
    return base::to_lower(text.substr(0, 1)) + text.substr(1);
}

}  // namespace

Result<std::vector<int>> LocalProcesses::running(std::string const& program) {
    DIR* const dir = ::opendir("/proc");
    if (dir == nullptr) {
        return Error(Errc::Unavailable, "unable to resolve pid, try providing one");
    }
    host::LocalFiles files;
    std::vector<int> found;
    while (dirent const* const entry = ::readdir(dir)) {
        std::optional<int> const pid = pid_of(entry->d_name);
        if (!pid || *pid == static_cast<int>(::getpid())) {
            continue;
        }
        Result<std::string> const name = files.read(concat("/proc/", *pid, "/comm"));
        // The system keeps 15 characters of a name.
        if (name.ok() && base::trim(name.value()) == std::string_view(program).substr(0, 15)) {
            found.push_back(*pid);
        }
    }
    ::closedir(dir);
    std::ranges::sort(found);
    return found;
}

Result<void> LocalProcesses::send(int pid, int signal) {
    if (::kill(pid, signal) != 0) {
        return Error(Errc::Io, text_of(errno));
    }
    return {};
}

std::string LocalProcesses::read_pid_file(std::string const& path, bool& exists) {
    host::LocalFiles files;
    Result<std::string> content = files.read(path);
    exists = content.ok();
    return std::move(content).value_or("");
}

Result<void> send_signal(config::SignalRequest const& request, std::string const& program,
                         Processes& processes) {
    int const signal = TRY(signal_of(request.command));
    std::string failed;
    for (int pid : TRY(targets_of(request.target, program, processes))) {
        Result<void> const sent = processes.send(pid, signal);
        if (!sent.ok()) {
            append(failed, "\nsignal ", base::quoted(request.command), " ", pid, ": ",
                   sent.error().detail());
        }
    }
    return failed.empty() ? Result<void>() : Error(Errc::Io, failed);
}

}  // namespace signalbox::headless
