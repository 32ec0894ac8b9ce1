#include "engine/auth/time_zones.h"

#include "engine/base/text.h"

#include <utility>

namespace signalbox::auth {
namespace {

constexpr char kDirectory[] = "/usr/share/zoneinfo/";

}  // namespace

void TimeZones::offset_of(std::string const& name, WallTime time, OnOffset done) {
    if (name == "UTC") {
        done(Duration(0));
        return;
    }
    if (!claims::is_time_zone_name(name)) {
        done(Error(Errc::InvalidArgument, "not the name of a time zone"));
        return;
    }
    auto const found = zones_.find(name);
    if (found != zones_.end()) {
        done(found->second.offset_at(time));
        return;
    }
    disk_.read_file(concat(kDirectory, name), [this, alive = alive_, name, time,
                                               done = std::move(done)](Result<std::string> file) {
        if (!*alive) {
            return;
        }
        if (!file.ok()) {
            done(file.error());
            return;
        }
        Result<claims::TimeZone> zone = claims::TimeZone::parse(file.value());
        if (!zone.ok()) {
            done(zone.error());
            return;
        }
        if (zones_.size() >= kMaxKept) {
            zones_.clear();
        }
        Duration const offset = zone.value().offset_at(time);
        zones_.insert_or_assign(name, std::move(zone).value());
        done(offset);
    });
}

}  // namespace signalbox::auth
