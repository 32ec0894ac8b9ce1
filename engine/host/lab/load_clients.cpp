#include "engine/host/lab/load_clients.h"

#include "engine/base/text.h"

#include <algorithm>
#include <map>

namespace signalbox::host::lab {

namespace {

/// Gives out places to clients, so that those of one cluster are spread over its servers.
class Placer {
public:
    explicit Placer(Plan const& plan) : plan_(plan) {
        for (ClusterSpec const& cluster : plan.topology().clusters) {
            everywhere_.push_back(cluster.name);
        }
        for (LeafSpec const& leaf : plan.topology().leafs) {
            everywhere_.push_back(leaf.name);
        }
    }

    Places const& places(Places const& named) const { return named.empty() ? everywhere_ : named; }

    std::vector<client::ServerAddress> next(std::string const& place) {
        std::vector<client::ServerAddress> servers;
        Result<std::vector<std::size_t>> const found = plan_.expand({place});
        for (std::size_t const server : found.ok() ? found.value() : std::vector<std::size_t>()) {
            servers.push_back({plan_.servers()[server].host, plan_.servers()[server].ports.client});
        }
        if (!servers.empty()) {
            auto const first = static_cast<std::ptrdiff_t>(given_[place]++ % servers.size());
            std::rotate(servers.begin(), servers.begin() + first, servers.end());
        }
        return servers;
    }

private:
    Plan const& plan_;
    Places everywhere_;
    std::map<std::string, std::size_t> given_;
};

}  // namespace

std::vector<PlannedClient> plan_clients(Plan const& plan, std::vector<LoadSpec> const& loads) {
    Placer placer(plan);
    std::vector<PlannedClient> clients;
    for (std::size_t load = 0; load < loads.size(); ++load) {
        LoadSpec const& spec = loads[load];
        std::size_t number = 0;
        auto const add = [&](LoadClient::Role role, std::string_view what,
                             std::string const& place) {
            LoadClient::Options options{.name = concat(spec.name, "-", what, "-", ++number),
                                        .load = load,
                                        .role = role,
                                        .servers = placer.next(place)};
            clients.push_back({std::move(options), place});
        };
        for (std::string const& place : placer.places(spec.to)) {
            for (std::uint32_t i = 0; i < spec.workers; ++i) {
                add(LoadClient::Role::Subscriber, "sub", place);
            }
        }
        number = 0;
        for (std::string const& place : placer.places(spec.from)) {
            add(LoadClient::Role::Publisher, "pub", place);
        }
    }
    return clients;
}

}  // namespace signalbox::host::lab
