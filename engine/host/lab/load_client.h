#pragma once

#include "engine/client/client.h"
#include "engine/host/lab/delivery_record.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::host::lab {

/// One client of a load: it publishes or asks, or subscribes and answers.
class LoadClient {
public:
    enum class Role {
        Publisher,
        Subscriber,
    };
    struct Options {
        std::string name;
        std::size_t load = 0;
        Role role = Role::Publisher;
        std::vector<client::ServerAddress> servers;  ///< It moves along them when it is cut off.
    };
    /// It is on another server than it was; empty: on none.
    using OnMoved = std::function<void(LoadClient const&, std::string const& server)>;

    LoadClient(World& world, LoadSpec const& load, Options options, DeliveryRecord& record,
               OnMoved on_moved);
    ~LoadClient();

    LoadClient(LoadClient const&) = delete;
    LoadClient& operator=(LoadClient const&) = delete;

    void start();
    /// From then on, at the load's rate.
    void publish_from(Instant when);
    void stop_publishing();
    /// Ends for good.
    void close();

    std::string const& name() const { return options_.name; }
    std::size_t load() const { return options_.load; }
    Role role() const { return options_.role; }
    bool connected() const { return client_.state() == client::State::Connected; }
    /// The name of the server it is connected to; empty: none.
    std::string const& server() const { return server_; }
    /// What a server that keeps to the protocol does not do.
    std::vector<std::string> const& complaints() const { return complaints_; }

private:
    void changed(client::State state, std::string_view detail);
    void subscribe();
    void tick();
    void publish_one();

    World& world_;
    LoadSpec const spec_;
    Options const options_;
    DeliveryRecord& record_;
    OnMoved const on_moved_;
    std::string server_;
    client::Client client_;
    DeliveryRecord::Publisher publisher_ = 0;
    DeliveryRecord::Subscriber subscriber_ = 0;
    Duration const interval_;  ///< Between two ticks.
    Instant last_tick_;
    std::uint64_t owed_ = 0;  ///< Publications, in thousand millionths.
    world::TimerId timer_;
    std::vector<std::string> complaints_;
};

}  // namespace signalbox::host::lab
