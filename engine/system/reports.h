#pragma once

#include "engine/base/time.h"
#include "engine/system/publisher.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace signalbox::system {

/// What is said again and again: the server's figures, often at first and then every ten seconds,
/// and how many connections each account has, when that changes and every thirty seconds.
class Reports {
public:
    Reports(SystemParts const& parts, Publisher& publisher);
    ~Reports();

    Reports(Reports const&) = delete;
    Reports& operator=(Reports const&) = delete;

    void start();

    /// Connections of that account came or went; told once for all of a turn.
    void connections_changed(std::string_view account);

    /// Says the figures now, but not more than once a second.
    void say_stats();

    /// The figures as they are.
    event::ServerStats stats() const;

    /// `{…}` with the connections of one account; empty: there is none of that name.
    std::string connections_of(std::string_view account);

private:
    void stats_due();
    void connections_due();
    void say_changed();
    void say_connections(event::AccountStat const& stat);

    SystemParts parts_;
    Publisher& publisher_;
    Duration stats_interval_;
    Instant stats_said_;
    world::TimerId stats_timer_;
    world::TimerId connections_timer_;
    std::set<std::string, std::less<>> changed_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what is deferred.
};

}  // namespace signalbox::system
