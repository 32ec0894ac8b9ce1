#pragma once

#include "engine/cluster/route_connection.h"
#include "engine/cluster/route_context.h"
#include "engine/world/network.h"

#include <functional>
#include <list>
#include <memory>

namespace signalbox::cluster {

/// Reaches other servers: those of the configuration for as long as it takes, those that others
/// told of a few times.
class RouteDialler {
public:
    struct Hooks {
        std::function<void(std::unique_ptr<world::Link>, RouteOrigin)> reached;
        /// Whether there is still a place for what is to be reached.
        std::function<bool(RouteOrigin const&)> is_wanted;
    };

    /// `context` outlives it.
    RouteDialler(RouteContext& context, Hooks hooks)
        : context_(context), hooks_(std::move(hooks)) {}
    ~RouteDialler() { stop(); }

    RouteDialler(RouteDialler const&) = delete;
    RouteDialler& operator=(RouteDialler const&) = delete;

    /// Dials after `delay`, unless one is on the way already that is the same.
    void dial(RouteOrigin origin, Duration delay);

    /// Whether somebody is on the way to that URL for that account.
    bool is_dialling(config::ServerUrl const& url, std::string_view account) const;

    /// Those of which `gone` holds are given up.
    void give_up(std::function<bool(RouteOrigin const&)> const& gone);
    void stop() { attempts_.clear(); }

private:
    /// Somebody on the way.
    struct Attempt {
        Attempt(World& of, RouteOrigin to) : world(of), origin(std::move(to)) {}
        ~Attempt() { world.timers().cancel(timer); }

        World& world;
        RouteOrigin origin;
        world::TimerId timer;
        std::unique_ptr<world::Dial> dial;
    };
    using Place = std::list<Attempt>::iterator;

    void wait(Place attempt, Duration delay);
    void begin(Place attempt);
    void failed(Place attempt, Error const& error);
    Duration pause_after(RouteOrigin const& origin) const;
    bool is_worth_a_line(RouteOrigin const& origin) const;

    RouteContext& context_;
    Hooks hooks_;
    std::list<Attempt> attempts_;
};

}  // namespace signalbox::cluster
