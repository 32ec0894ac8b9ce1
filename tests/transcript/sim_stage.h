#pragma once

#include "engine/sim/sim_server.h"

#include "tests/support/raw_client.h"
#include "tests/transcript/player.h"

namespace signalbox::transcript {

/// Our server in the simulated world.
class SimStage final : public Stage {
public:
    SimStage(std::string const& config, sim::LinkProfile const& profile);

    std::string const& failure() const { return failure_; }
    std::string log() const { return log_.last_lines(); }

    void open(std::string const& client) override;
    void close(std::string const& client) override;
    void send(std::string const& client, std::string_view bytes) override;
    void receive(std::string const& client, std::string& bytes, Duration limit) override;
    bool closed(std::string const& client) override;
    void pass(Duration time) override { universe_.simulation().run_for(time); }
    bool ours() const override { return true; }

private:
    sim::Universe universe_{1};
    sim::RunLog log_{universe_.simulation()};
    std::string failure_;
    std::unique_ptr<sim::SimServer> server_;
    std::unique_ptr<sim::SimWorld> clients_;
    std::map<std::string, std::unique_ptr<support::RawClient>> sockets_;
};

}  // namespace signalbox::transcript
