#include "tests/house/house_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace signalbox::house {

namespace {

constexpr int kFunctionLines = 70;
constexpr int kSourceLines = 700;
constexpr int kHeaderLines = 300;
constexpr int kMembers = 20;
constexpr int kParameters = 6;
constexpr std::size_t kNamesInFolder = 30;

/// Names of std that are clocks, randomness, threads, files or the console.
constexpr std::array kForbiddenOfStd = {
    "thread",
    "jthread",
    "async",
    "this_thread",
    "mutex",
    "timed_mutex",
    "shared_mutex",
    "recursive_mutex",
    "lock_guard",
    "unique_lock",
    "scoped_lock",
    "shared_lock",
    "condition_variable",
    "condition_variable_any",
    "call_once",
    "once_flag",
    "promise",
    "future",
    "atomic",
    "atomic_flag",
    "atomic_ref",
    "atomic_thread_fence",
    "random_device",
    "filesystem",
    "ifstream",
    "ofstream",
    "fstream",
    "cout",
    "cerr",
    "clog",
    "cin",
    "getenv",
    "rand",
    "srand",
    "time",
    "clock",
    "signal",
    "raise",
    "system",
    "fopen",
    "printf",
    "fprintf",
    "puts",
    "fputs",
    "fwrite",
    "localtime",
    "tmpfile",
};

/// Functions of C and of the system whose names nothing of ours has.
constexpr std::array kForbiddenCalls = {
    "clock_gettime", "gettimeofday",   "localtime",      "localtime_r",
    "getenv",        "secure_getenv",  "setenv",         "srand",
    "rand",          "rand_r",         "drand48",        "getrandom",
    "arc4random",    "usleep",         "nanosleep",      "sleep_for",
    "sleep_until",   "fopen",          "fwrite",         "fprintf",
    "printf",        "puts",           "mmap",           "munmap",
    "sigaction",     "epoll_wait",     "epoll_ctl",      "epoll_create1",
    "eventfd",       "timerfd_create", "getaddrinfo",    "gethostname",
    "getsockopt",    "setsockopt",     "pthread_create", "pthread_mutex_lock",
    "fsync",         "fdatasync",      "openat",         "waitpid",
};

template <std::size_t N>
bool holds(std::array<char const*, N> const& all, std::string_view word) {
    return std::ranges::find(all, word) != all.end();
}

std::string at(Source const& source, int line, std::string_view what) {
    return source.path + ":" + std::to_string(line) + ": " + std::string(what);
}

/// The exceptions, each with its reason.
bool is_excepted(std::string_view path, std::string_view name) {
    // Threads meet over these.
    constexpr std::array kHandOver = {"engine/base/mutex.h", "engine/base/counter.h",
                                      "engine/base/spsc_ring.h", "engine/base/triple_buffer.h",
                                      "engine/base/thread_checker.h"};
    // The last words of a program that found a bug in itself.
    bool const last_words = path == "engine/base/check.cpp" && name.find("f") != std::string::npos;
    return holds(kHandOver, path) || last_words;
}

/// Types that may be larger, and why. One row of what the window shows is read by column, and to
/// group its columns would only lengthen each name. A record of what a foreign document says, INFO
/// or the configuration, has a member for each of its words.
bool may_be_large(std::string_view head) {
    constexpr std::array kRows = {"struct ServerSnapshot", "struct TreeRow", "struct Info",
                                  "struct Options"};
    return holds(kRows, head.substr(0, head.find(" :")));
}

std::string_view last_of(std::string_view name) {
    std::size_t const colon = name.rfind("::");
    return colon == std::string_view::npos ? name : name.substr(colon + 2);
}

bool is_forbidden(Name const& name) {
    std::string_view const text = name.text;
    if (text == "thread_local") {
        return true;
    }
    // `now` of whichever clock; a clock of the world is an object, and its `now` a member.
    bool const reads_clock = text.find("_clock::") != std::string_view::npos;
    if (reads_clock && last_of(text) == "now") {
        return true;
    }
    if (text.starts_with("std::") || text.starts_with("::std::")) {
        std::string_view rest = text.substr(text.find("std::") + 5);
        return holds(kForbiddenOfStd, rest.substr(0, rest.find("::")));
    }
    if (text.starts_with("::") && name.called && !text.starts_with("::signalbox")) {
        return true;
    }
    return name.called && !name.is_member && text.find("::") == std::string_view::npos &&
           holds(kForbiddenCalls, text);
}

int line_count(std::string_view text) {
    return static_cast<int>(std::ranges::count(text, '\n'));
}

/// Whether the function's first lines, or the line above, say why it may be long.
bool says_why_long(std::vector<std::string_view> const& lines, int line) {
    int const from = std::max(0, line - 4);
    int const to = std::min(static_cast<int>(lines.size()), line + 1);
    return std::any_of(lines.begin() + from, lines.begin() + to, [](std::string_view text) {
        return text.find("NOLINT(readability-function-size): ") != std::string_view::npos ||
               text.find("NOLINTNEXTLINE(readability-function-size): ") != std::string_view::npos;
    });
}

}  // namespace

std::vector<std::string> check_calls(Source const& source) {
    std::vector<std::string> broken;
    if (!source.path.starts_with("engine/")) {
        return broken;
    }
    bool const edge =
        source.path.starts_with("engine/native/") || source.path.starts_with("engine/host/");
    for (Name const& name : names_of(without_comments_and_strings(source.text))) {
        if (name.text == "throw") {
            broken.push_back(at(source, name.line, "nothing is thrown in the engine"));
        } else if (name.text == "catch" && name.called && !edge) {
            broken.push_back(at(source, name.line, "nothing is caught before native and host"));
        } else if (!edge && is_forbidden(name) && !is_excepted(source.path, name.text)) {
            broken.push_back(at(source, name.line, name.text + " is for native and host"));
        }
    }
    return broken;
}

std::vector<std::string> check_sizes(Source const& source) {
    std::vector<std::string> broken;
    bool const header = source.path.ends_with(".h");
    int const lines = line_count(source.text);
    if (lines > (header ? kHeaderLines : kSourceLines)) {
        broken.push_back(at(source, 1, std::to_string(lines) + " lines in one file"));
    }
    // Tests are tables as often as functions.
    if (source.path.starts_with("tests/")) {
        return broken;
    }
    Sizes const sizes = sizes_of(without_comments_and_strings(source.text));
    std::vector<std::string_view> const text = lines_of(source.text);
    for (FunctionSize const& function : sizes.functions) {
        if (function.lines > kFunctionLines && !says_why_long(text, function.line)) {
            broken.push_back(
                at(source, function.line, std::to_string(function.lines) + " lines in a function"));
        }
        if (function.parameters > kParameters) {
            broken.push_back(
                at(source, function.line, std::to_string(function.parameters) + " parameters"));
        }
    }
    for (ClassSize const& type : sizes.classes) {
        if (type.members > kMembers && !may_be_large(type.head)) {
            broken.push_back(at(source, type.line,
                                std::to_string(type.members) + " data members in " +
                                    type.head.substr(0, type.head.find(" :"))));
        }
    }
    return broken;
}

std::vector<std::string> check_folder_sizes(std::vector<std::string> const& paths) {
    std::map<std::string, std::set<std::string>> names;
    for (std::string const& path : paths) {
        std::size_t const slash = path.rfind('/');
        if (slash != std::string::npos) {
            std::string const file = path.substr(slash + 1);
            names[path.substr(0, slash)].insert(file.substr(0, file.find('.')));
        }
    }
    std::vector<std::string> broken;
    for (auto const& [folder, found] : names) {
        if (found.size() > kNamesInFolder && folder != "engine" && folder != "tests") {
            broken.push_back(folder + ": " + std::to_string(found.size()) + " names in one folder");
        }
    }
    return broken;
}

}  // namespace signalbox::house
