#pragma once

#include "engine/base/text.h"
#include "engine/server/server.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/raw_client.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::server {

using base::milliseconds;
using base::seconds;
using crypto::Secret;
using support::RawClient;

class KeptLog : public base::LogSink {
public:
    void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }

    /// Where the first line with that text is; -1: nowhere.
    int place(std::string_view text) const {
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (lines[i].find(text) != std::string::npos) {
                return static_cast<int>(i);
            }
        }
        return -1;
    }
    bool says(std::string_view text) const { return place(text) >= 0; }

    std::vector<std::string> lines;
};

/// A server in a process, and what it said of its start and end.
struct Running {
    Running(sim::SimWorld& where, config::Options options)
        : world(where),
          observation(std::make_shared<observe::Observation>(1, observe::Watch::On)),
          server(std::make_unique<Server>(where, log, std::move(options), observation)) {}

    void start() {
        world.run([this] {
            server->start([this](Result<void> result) { started = std::move(result); });
        });
    }
    void stop() {
        world.run([this] { server->stop([this] { stopped = true; }); });
    }

    sim::SimWorld& world;
    KeptLog log;
    std::shared_ptr<observe::Observation> observation;
    std::unique_ptr<Server> server;
    std::optional<Result<void>> started;
    bool stopped = false;
};

struct Stage {
    Stage() {
        universe.exchange().add_machine("near", "10.0.0.1");
        universe.exchange().add_machine("far", "10.0.0.2");
        near = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "near");
        far = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "far");
    }

    ~Stage() {
        peers.clear();
        servers.clear();
    }

    Stage(Stage const&) = delete;
    Stage& operator=(Stage const&) = delete;

    Running& make(config::Options options) {
        servers.push_back(std::make_unique<Running>(*near, std::move(options)));
        return *servers.back();
    }
    Running& start(config::Options options) {
        Running& running = make(std::move(options));
        running.start();
        pass(milliseconds(50));
        return running;
    }

    /// From `where` to that address; what it is told first is kept.
    RawClient& dial(sim::SimWorld& where, std::string const& host, std::uint16_t port) {
        peers.push_back(std::make_unique<RawClient>());
        RawClient& peer = *peers.back();
        where.run([&] { peer.connect(where, host, port); });
        pass(milliseconds(50));
        return peer;
    }
    std::string ask(sim::SimWorld& where, RawClient& peer, std::string_view bytes) {
        peer.take_bytes();
        where.run([&] { peer.send(bytes); });
        pass(milliseconds(10));
        return peer.take_bytes();
    }

    Result<void> reload(Running& running, config::Options options) {
        Result<void> result;
        near->run([&] { result = running.server->reload(std::move(options)); });
        pass(milliseconds(50));
        return result;
    }

    void pass(Duration time) { universe.simulation().run_for(time); }
    sim::SimFiles& files() { return universe.simulation().files_of("near"); }

    sim::Universe universe{1};
    std::unique_ptr<sim::SimWorld> near;
    std::unique_ptr<sim::SimWorld> far;
    std::vector<std::unique_ptr<Running>> servers;
    std::vector<std::unique_ptr<RawClient>> peers;
};

inline config::Options on(std::string host, int port = 4222) {
    config::Options options;
    options.listen = {.host = std::move(host), .port = port};
    return options;
}

inline config::Options with_users(config::Options options) {
    options.authorization.user = "u";
    options.authorization.password = Secret("p");
    return options;
}

inline std::vector<observe::EventKind> events_of(observe::Observation& observation) {
    std::vector<observe::EventKind> kinds;
    observe::EventRing* const ring = observation.events();
    while (ring != nullptr && ring->front() != nullptr) {
        kinds.push_back(ring->front()->kind);
        ring->pop();
    }
    return kinds;
}

}  // namespace signalbox::server
