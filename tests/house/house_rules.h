#pragma once

#include "tests/house/source_text.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::house {

/// A line of engine/ROOMS.
struct Room {
    std::string name;
    bool planned = false;
};

std::vector<Room> parse_rooms(std::string_view text);

/// What a file breaks, each as `path:line: sentence`. The rules are those of the house: which room
/// may know which, what only the rooms at the edge may call, and how large things may become.
class HouseRules {
public:
    explicit HouseRules(std::vector<Room> rooms) : rooms_(std::move(rooms)) {}

    std::vector<std::string> check(Source const& source) const;

    /// The list and the folders say the same; `folders` are those below engine/ that hold sources.
    std::vector<std::string> check_folders(std::vector<std::string> const& folders) const;

private:
    using Broken = std::vector<std::string>;

    void check_includes(Source const& source, Broken& broken) const;
    void check_engine_include(Source const& source, Include const& include, Broken& broken) const;
    /// The room of a path below engine/, the innermost that is listed.
    std::optional<std::size_t> room_of(std::string_view path) const;

    std::vector<Room> rooms_;
};

/// Calls that only the rooms at the edge may make, `throw` and `catch`.
std::vector<std::string> check_calls(Source const& source);

/// Lines of a file and of its functions, members of its classes, parameters.
std::vector<std::string> check_sizes(Source const& source);

/// At most thirty names in a folder, where `x.h` and `x.cpp` are one.
std::vector<std::string> check_folder_sizes(std::vector<std::string> const& paths);

}  // namespace signalbox::house
