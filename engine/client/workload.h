#pragma once

#include "engine/client/client.h"
#include "engine/world/world.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::client {

/// A small shop with its sensors, on real client connections: orders with headers and JSON,
/// readings, chat, a priced service with a queue group, settings; also a subject that nobody
/// listens to and a subscription that gets nothing. What a workbench shows before a person has
/// clients of their own.
class Workload {
public:
    /// `rate` 1 is some two thousand messages a second.
    Workload(World& world, ServerAddress server, unsigned rate = 1);
    ~Workload();

    Workload(Workload const&) = delete;
    Workload& operator=(Workload const&) = delete;

    /// Connects all clients and begins.
    void start();

    /// What all of them have sent and got.
    Counts counts() const;

private:
    using Tick = void (Workload::*)();

    Client& add(std::string name);
    void listen(std::string name, std::string_view filter, std::string_view queue_group = {});
    void every(Duration interval, Tick tick);
    void say(Client& client, std::string_view subject, std::string_view payload,
             std::string_view headers = {});

    void serve_prices();
    void place_orders();
    void read_sensors();
    void chat();
    void ask_prices();
    void change_settings();
    void export_for_nobody();

    World& world_;
    ServerAddress server_;
    unsigned rate_;
    std::unique_ptr<world::Entropy> entropy_;
    std::vector<std::unique_ptr<Client>> clients_;
    struct Speakers {
        Client* orders = nullptr;
        Client* sensors = nullptr;
        Client* chat = nullptr;
        Client* web = nullptr;
        Client* settings = nullptr;
    };
    Speakers speakers_;
    std::vector<world::TimerId> timers_;
    std::uint64_t order_ = 1'000;
};

}  // namespace signalbox::client
