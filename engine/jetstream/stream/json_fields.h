#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// Reads the members of a JSON object one by one, keeps the first fault, and knows at the end which
/// members nobody asked for.
class JsonFields {
public:
    explicit JsonFields(Json const& object);

    /// The member; null when it is not there or null.
    Json const* find(std::string_view name);

    void read(std::string_view name, std::string& out);
    void read(std::string_view name, bool& out);
    void read(std::string_view name, std::int64_t& out);
    void read(std::string_view name, std::uint64_t& out);
    void read(std::string_view name, Duration& out);
    void read(std::string_view name, std::optional<WallTime>& out);
    void read(std::string_view name, std::vector<std::string>& out);

    /// A member's value is none that can be.
    void refuse(std::string why);
    /// A part of it was at fault.
    void take_fault(Result<void> const& part);

    /// The first fault; with `strict` also a member that was not asked for. Errors:
    /// InvalidArgument.
    Result<void> finish(bool strict);

private:
    void wrong_type(std::string_view name, Json const& value, std::string_view wanted);

    Json const& object_;
    std::vector<std::string> known_;
    std::string fault_;
};

/// Reads a time as RFC 3339 writes it, with any offset. Nothing when it is none.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace signalbox::jetstream
