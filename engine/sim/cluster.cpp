#include "engine/sim/cluster.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::sim {

Cluster::Cluster(ClusterOptions options) : universe_(options.seed), log_(universe_.simulation()) {
    fabric().set_default_profile(options.profile);
    for (std::size_t place = 0; place < options.servers; ++place) {
        std::string const machine = concat("server-", place);
        std::string const host = concat("10.0.0.", place + 1);
        universe_.exchange().add_machine(machine, host);
        config::Options own = options.options;
        own.server_name = machine;
        own.listen = {host, 4222};
        servers_.push_back(
            std::make_unique<SimServer>(universe_, log_, machine, std::move(own), options.watch));
    }
}

bool Cluster::start() {
    for (auto const& server : servers_) {
        server->start();
    }
    return simulation().run_until(
        [this] {
            return std::ranges::all_of(servers_,
                                       [](auto const& server) { return server->ready(); });
        },
        base::seconds(10));
}

SimClient& Cluster::add_client(std::size_t place) {
    std::size_t const number = machines_++;
    std::string const machine = concat("client-", number);
    universe_.exchange().add_machine(machine, concat("10.1.", number / 250, ".", number % 250 + 1));
    clients_.push_back(std::make_unique<SimClient>(universe_, checker_, machine, place,
                                                   servers_[place]->machine()));
    return *clients_.back();
}

std::unique_ptr<SimWorld> Cluster::add_process(std::string const& machine) {
    std::size_t const number = machines_++;
    universe_.exchange().add_machine(machine, concat("10.1.", number / 250, ".", number % 250 + 1));
    return std::make_unique<SimWorld>(simulation(), universe_.exchange(), machine);
}

bool Cluster::all_clients_connected() const {
    return std::ranges::all_of(clients_, [](auto const& client) {
        return client->client().state() == client::State::Connected;
    });
}

std::string Cluster::verdict() const {
    std::string out;
    for (std::string const& violation : checker_.violations()) {
        append(out, violation, '\n');
    }
    for (auto const& client : clients_) {
        for (std::string const& complaint : client->complaints()) {
            append(out, client->machine(), ": ", complaint, '\n');
        }
    }
    return out;
}

}  // namespace signalbox::sim
