#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/claims/time_zone.h"
#include "engine/world/disk.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace signalbox::auth {

/// The time zones that users' JWTs name, read from this machine's database when one is needed.
class TimeZones {
public:
    using OnOffset = std::function<void(Result<Duration>)>;

    explicit TimeZones(world::Disk& disk) : disk_(disk) {}
    ~TimeZones() { *alive_ = false; }

    TimeZones(TimeZones const&) = delete;
    TimeZones& operator=(TimeZones const&) = delete;

    /// How far that place is ahead of UTC at `time`. Answers once, also from within this call.
    /// Errors: InvalidArgument (not a name), NotFound, Malformed (the file), Io.
    void offset_of(std::string const& name, WallTime time, OnOffset done);

    /// Not more are kept; then all are read anew.
    static constexpr std::size_t kMaxKept = 256;

private:
    world::Disk& disk_;
    std::map<std::string, claims::TimeZone> zones_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what the disk completes.
};

}  // namespace signalbox::auth
