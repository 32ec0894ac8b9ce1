#pragma once

#include "engine/auth/auth_chain.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include <optional>
#include <string>
#include <utility>

namespace signalbox::auth {

/// Keeps the last line.
class LastLine : public base::LogSink {
public:
    void write(LogLevel, std::string_view text) override { line = text; }

    std::string line;
};

/// An authenticator of a configuration, in virtual time.
class AuthStage {
public:
    explicit AuthStage(config::Options options)
        : authenticator(make_authenticator(
              {.world = world, .log = log, .failures = &failures, .observation = &observation},
              options)) {}

    /// Shows these, and lets time pass until the answer comes.
    Verdict ask(Credentials const& credentials) {
        std::optional<Verdict> verdict;
        world.run([&] {
            authenticator->authenticate(credentials, [&](Verdict const& v) { verdict = v; });
        });
        at_once = verdict.has_value();
        Instant const asked = universe.simulation().now();
        universe.simulation().run_until([&] { return verdict.has_value(); }, base::seconds(10));
        took = universe.simulation().now() - asked;
        return verdict.value();
    }

    sim::Universe universe{1};
    LastLine sink;
    Logger log{sink};
    observe::Observation observation{1, observe::Watch::Off};
    FailureTable failures;
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    std::unique_ptr<Authenticator> authenticator;
    bool at_once = false;  ///< Of the last answer.
    Duration took{0};
};

}  // namespace signalbox::auth
