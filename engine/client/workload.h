#pragma once

#include "engine/client/client.h"
#include "engine/client/workload_messages.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::client {

/// The bundled workload: the clients of a small imaginary company, so that a server has something
/// to show. Orders, sensors, trucks, chat, logs, key-value updates, pictures, and services that
/// answer requests; some two thousand messages a second, rising and falling gently. One subject has
/// no listener, and one subscription no traffic.
///
/// Real clients over the world's network, driven by its timers. Ends with the object.
class Workload {
public:
    Workload(World& world, ServerAddress server);
    ~Workload();

    Workload(Workload const&) = delete;
    Workload& operator=(Workload const&) = delete;

    void start();

    std::size_t client_count() const { return clients_.size(); }
    std::size_t connected_count() const;

    /// Of all clients together.
    Counts counts() const;
    std::uint64_t requests_answered() const { return answered_; }
    std::uint64_t requests_failed() const { return failed_; }

private:
    using Make = workload::Sample (*)(world::Entropy&, std::uint64_t, WallTime);

    /// Something that is published all the time.
    struct Stream {
        Client* client = nullptr;
        Make make = nullptr;
        std::uint64_t per_second = 0;
        bool asks = false;  ///< Each message is a request.
        std::uint64_t number = 0;
        std::uint64_t owed = 0;  ///< In thousandths of a message.
    };

    Client& add_client(std::string_view name);
    void add_listener(std::string_view name, std::initializer_list<std::string_view> filters,
                      std::string_view queue_group = {});
    void add_worker(std::string_view name);
    void add_stream(Client& client, std::uint64_t per_second, Make make);
    void add_publishers();
    void add_listeners();
    void tick();
    void publish_one(Stream& stream);

    World& world_;
    ServerAddress const server_;
    std::unique_ptr<world::Entropy> chance_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Stream> streams_;
    world::TimerId timer_;
    Instant started_;
    Instant last_tick_;
    std::uint64_t answered_ = 0;
    std::uint64_t failed_ = 0;
};

}  // namespace signalbox::client
