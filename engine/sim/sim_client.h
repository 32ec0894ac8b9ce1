#pragma once

#include "engine/client/client.h"
#include "engine/sim/delivery_checker.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

namespace signalbox::sim {

/// A client on a machine of its own, that speaks the real protocol to one server and tells the
/// checker what it publishes and gets.
class SimClient {
public:
    struct Where {
        std::size_t place;  ///< Of its server among all.
        std::size_t hall;   ///< To the checker: who shares it hears one another.
    };
    /// Its server is that of the machine `server`.
    SimClient(Universe& universe, DeliveryChecker& checker, std::string const& machine, Where where,
              std::string const& server);

    SimClient(SimClient const&) = delete;
    SimClient& operator=(SimClient const&) = delete;

    void connect();
    void subscribe(std::string_view filter, std::string_view queue_group);

    /// Publishes one message every `interval`, on subjects of the pool by chance.
    void publish_every(Duration interval, std::vector<std::string> subjects);
    void stop_publishing();

    /// From now on what it publishes must arrive, and its connection must last.
    void be_sure();

    void close();

    std::size_t place() const { return where_.place; }
    std::string const& machine() const { return world_.machine(); }
    client::Client& client() { return client_; }
    SimWorld& world() { return world_; }

    /// Whatever a server that keeps to the protocol does not do, and what broke after `be_sure`.
    std::vector<std::string> const& complaints() const { return complaints_; }

private:
    void changed(client::State state, std::string_view detail);
    void refused(std::string_view text);
    void publish_one();

    DeliveryChecker& checker_;
    Where const where_;
    SimWorld world_;
    std::unique_ptr<world::Entropy> chance_;
    client::Client client_;
    PublisherNumber publisher_;
    std::vector<std::string> subjects_;
    Duration interval_{0};
    world::TimerId timer_;
    bool sure_ = false;
    std::vector<std::string> complaints_;
};

}  // namespace signalbox::sim
