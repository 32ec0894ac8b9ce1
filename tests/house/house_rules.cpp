#include "tests/house/house_rules.h"

#include <QLibraryInfo>

#include <algorithm>
#include <array>
#include <filesystem>

namespace signalbox::house {

namespace {

/// Headers of a library, by how their path begins, and the folders that may include them.
struct Library {
    std::string_view prefix;
    std::vector<std::string_view> folders;
};

std::vector<Library> const& libraries() {
    static std::vector<Library> const all = {
        {"simdjson.h", {"engine/base/"}},
        {"xxh", {"engine/base/"}},
        {"openssl/",
         {"engine/crypto/", "engine/tls/", "tests/bench/", "tests/support/certificates.cpp"}},
        {"sodium", {"engine/crypto/"}},
        {"crypt.h", {"engine/crypto/"}},
        {"zlib.h", {"engine/compress/", "tests/compress/"}},
        {"snappy", {"engine/compress/", "tests/compress/"}},
        {"zstd", {"engine/compress/"}},
        {"rocksdb/", {"engine/store/"}},
        {"raft", {"engine/consensus/"}},
        {"qcustomplot.h", {"gui/plots/"}},
        {"Qsci/", {"gui/editor/"}},
    };
    return all;
}

/// Headers of the system, of threads and of files, which only the edge of the engine may see.
constexpr std::array kEdgeHeaders = {
    "sys/",
    "unistd.h",
    "fcntl.h",
    "poll.h",
    "netdb.h",
    "netinet/",
    "arpa/",
    "net/",
    "csignal",
    "signal.h",
    "pthread.h",
    "dirent.h",
    "thread",
    "mutex",
    "future",
    "stop_token",
    "condition_variable",
    "shared_mutex",
    "latch",
    "semaphore",
    "barrier",
    "atomic",
    "fstream",
    "filesystem",
    "iostream",
    "syslog.h",
    "dlfcn.h",
    "sched.h",
    "termios.h",
    "pwd.h",
};

/// The engine's rooms that the front ends may see.
constexpr std::array kSeenByWindow = {"base",   "subject", "compress", "config",
                                      "claims", "observe", "capture",  "host"};
constexpr std::array kSeenByService = {"base", "config", "host"};

std::string at(Source const& source, int line, std::string_view what) {
    return source.path + ":" + std::to_string(line) + ": " + std::string(what);
}

bool is_edge(std::string_view path) {
    return path.starts_with("engine/native/") || path.starts_with("engine/host/");
}

/// The four types by which threads meet, and the check of their threads.
bool is_hand_over(std::string_view path) {
    constexpr std::array kFiles = {"engine/base/mutex.h", "engine/base/counter.h",
                                   "engine/base/spsc_ring.h", "engine/base/triple_buffer.h",
                                   "engine/base/thread_checker.h"};
    return std::ranges::find(kFiles, path) != kFiles.end();
}

bool matches_header(std::string_view path, std::string_view header) {
    return header.ends_with('/') ? path.starts_with(header) : path == header;
}

void check_library(Source const& source, Include const& include, std::vector<std::string>& broken) {
    for (Library const& library : libraries()) {
        bool const allowed = std::ranges::any_of(library.folders, [&](std::string_view folder) {
            return source.path.starts_with(folder);
        });
        if (include.path.starts_with(library.prefix) && !allowed) {
            broken.push_back(
                at(source, include.line, "<" + include.path + "> is not of this room"));
        }
    }
    bool const edge_only = std::ranges::any_of(
        kEdgeHeaders, [&](char const* header) { return matches_header(include.path, header); });
    if (edge_only && source.path.starts_with("engine/") && !is_edge(source.path) &&
        !is_hand_over(source.path)) {
        broken.push_back(at(source, include.line, "<" + include.path + "> is for native and host"));
    }
}

bool is_qt(Include const& include) {
    return !include.in_quotes && include.path.size() > 1 && include.path[0] == 'Q';
}

/// Models are tables of values: they paint nothing.
void check_models(Source const& source, Include const& include, std::vector<std::string>& broken) {
    std::string const headers = QLibraryInfo::path(QLibraryInfo::HeadersPath).toStdString();
    bool const in_core = include.path.starts_with("QtCore") ||
                         std::filesystem::exists(headers + "/QtCore/" + include.path);
    if (!in_core) {
        broken.push_back(at(source, include.line, "models include Qt Core alone"));
    }
}

template <std::size_t N>
void check_front_end(Source const& source, Include const& include,
                     std::array<char const*, N> const& allowed, std::vector<std::string>& broken) {
    std::string const room =
        include.path.substr(7, include.path.find('/', 7) - 7);  // behind "engine/"
    if (std::ranges::find(allowed, room) == allowed.end()) {
        broken.push_back(at(source, include.line, "the room " + room + " is not for front ends"));
    }
}

}  // namespace

std::vector<Room> parse_rooms(std::string_view text) {
    std::vector<Room> rooms;
    constexpr std::string_view kPlanned = "planned: ";
    for (std::string_view line : lines_of(text)) {
        bool const planned = line.starts_with(kPlanned);
        if (planned) {
            line.remove_prefix(kPlanned.size());
        }
        std::size_t const colon = line.find(':');
        if (line.empty() || line[0] == '#' || colon == std::string_view::npos) {
            continue;
        }
        rooms.push_back({std::string(line.substr(0, colon)), planned});
    }
    return rooms;
}

std::optional<std::size_t> HouseRules::room_of(std::string_view path) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
        bool const inside = path.starts_with("engine/" + rooms_[i].name + "/");
        if (inside && (!best || rooms_[i].name.size() > rooms_[*best].name.size())) {
            best = i;
        }
    }
    return best;
}

void HouseRules::check_engine_include(Source const& source, Include const& include,
                                      Broken& broken) const {
    std::optional<std::size_t> const theirs = room_of(include.path);
    if (!theirs || rooms_[*theirs].planned) {
        broken.push_back(at(source, include.line, include.path + " is in no room of engine/ROOMS"));
        return;
    }
    std::optional<std::size_t> const ours = room_of(source.path);
    if (ours && *theirs > *ours) {
        broken.push_back(at(source, include.line,
                            "the room " + rooms_[*ours].name + " stands before " +
                                rooms_[*theirs].name + " and may not include it"));
    }
}

void HouseRules::check_includes(Source const& source, Broken& broken) const {
    bool const engine = source.path.starts_with("engine/");
    for (Include const& include : includes_of(source.text)) {
        check_library(source, include, broken);
        if (is_qt(include) && (engine || source.path.starts_with("headless/"))) {
            broken.push_back(at(source, include.line, "no Qt below engine/ and headless/"));
        }
        if (is_qt(include) && source.path.starts_with("gui/models/")) {
            check_models(source, include, broken);
        }
        if (!include.in_quotes) {
            continue;
        }
        if (include.path.starts_with("engine/")) {
            check_engine_include(source, include, broken);
            if (source.path.starts_with("gui/")) {
                check_front_end(source, include, kSeenByWindow, broken);
            } else if (source.path.starts_with("headless/")) {
                check_front_end(source, include, kSeenByService, broken);
            }
        } else if (engine) {
            broken.push_back(
                at(source, include.line, "\"" + include.path + "\" is not a path of the engine"));
        }
    }
}

std::vector<std::string> HouseRules::check(Source const& source) const {
    Broken broken;
    check_includes(source, broken);
    for (Broken const& more : {check_calls(source), check_sizes(source)}) {
        broken.insert(broken.end(), more.begin(), more.end());
    }
    if (source.path.starts_with("engine/world/") && source.path.ends_with(".cpp")) {
        broken.push_back(at(source, 1, "world holds interfaces and no implementation"));
    }
    return broken;
}

std::vector<std::string> HouseRules::check_folders(std::vector<std::string> const& folders) const {
    Broken broken;
    for (std::string const& folder : folders) {
        // Part of a room, or only a roof over rooms.
        bool const known = std::ranges::any_of(rooms_, [&](Room const& room) {
            return !room.planned && (room.name == folder || folder.starts_with(room.name + "/") ||
                                     room.name.starts_with(folder + "/"));
        });
        if (!known) {
            broken.push_back("engine/" + folder + " is not a room of engine/ROOMS");
        }
    }
    for (Room const& room : rooms_) {
        if (!room.planned && std::ranges::find(folders, room.name) == folders.end()) {
            broken.push_back("engine/ROOMS names " + room.name + ", which has no folder");
        }
    }
    return broken;
}

}  // namespace signalbox::house
