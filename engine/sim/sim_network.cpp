#include "engine/sim/sim_network.h"

#include "engine/base/text.h"
#include "engine/sim/sim_link.h"

#include <algorithm>

namespace signalbox::sim {

namespace {

bool is_loopback(std::string const& host) {
    return host.starts_with("127.") || host == "::1";
}

bool is_any(std::string const& host) {
    return host == "0.0.0.0" || host == "::" || host.empty();
}

class SimListener final : public world::Listener {
public:
    SimListener(Exchange& exchange, Exchange::Key key)
        : exchange_(exchange), key_(std::move(key)), address_{key_.host, key_.port} {}
    ~SimListener() override { exchange_.remove(key_); }

    SimListener(SimListener const&) = delete;
    SimListener& operator=(SimListener const&) = delete;

    world::Address const& address() const override { return address_; }

private:
    Exchange& exchange_;
    Exchange::Key key_;
    world::Address address_;
};

}  // namespace

std::string const* Exchange::host_of(std::string const& name) const {
    auto const found = hosts_.find(name);
    return found == hosts_.end() ? nullptr : &found->second;
}

std::string const* Exchange::machine_at(std::string const& host) const {
    for (auto const& [name, address] : hosts_) {
        if (address == host) {
            return &name;
        }
    }
    return nullptr;
}

bool Exchange::add(Key const& key, Listening const& listening) {
    return listeners_.try_emplace(key, listening).second;
}

Exchange::Listening const* Exchange::find(std::string const& machine, std::string const& host,
                                          std::uint16_t port) const {
    for (std::string const& bound : {host, std::string("0.0.0.0"), std::string("::")}) {
        auto const found = listeners_.find({machine, bound, port});
        if (found != listeners_.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

std::uint16_t Exchange::free_port(std::string const& machine) {
    auto const taken = [&](std::uint16_t port) {
        return std::ranges::any_of(listeners_, [&](auto const& entry) {
            return entry.first.machine == machine && entry.first.port == port;
        });
    };
    do {
        ++last_port_;
    } while (taken(last_port_));
    return last_port_;
}

/// Gives up when it is destroyed.
class SimNetwork::SimDial final : public world::Dial {
public:
    SimDial(SimNetwork& network, AttemptId id) : network_(network), id_(id) {}
    ~SimDial() override {
        if (network_.attempts_.find(id_) != nullptr) {
            network_.attempts_.take(id_);
        }
    }

    SimDial(SimDial const&) = delete;
    SimDial& operator=(SimDial const&) = delete;

private:
    SimNetwork& network_;
    AttemptId id_;
};

std::string SimNetwork::numeric(std::string const& host) const {
    if (host == "localhost") {
        return "127.0.0.1";
    }
    if (is_any(host) || is_loopback(host) || exchange_.machine_at(host) != nullptr) {
        return host;
    }
    std::string const* const found = exchange_.host_of(host);
    return found == nullptr ? std::string() : *found;
}

std::string SimNetwork::machine_at(std::string const& host) const {
    std::string const* const found = exchange_.machine_at(host);
    return is_loopback(host) || found == nullptr ? machine_ : *found;
}

void SimNetwork::resolve(std::string const& host, OnResolved done) {
    Simulation& simulation = exchange_.fabric().simulation();
    simulation.at(simulation.now() + base::milliseconds(1), node_,
                  [this, host, done = std::move(done)] {
                      std::string const found = numeric(host);
                      if (found.empty()) {
                          done(Error(Errc::NotFound, concat(host, ": no such host")));
                      } else {
                          done(std::vector<std::string>{found});
                      }
                  });
}

Result<std::unique_ptr<world::Listener>> SimNetwork::listen(world::Address const& address,
                                                            OnAccept on_accept) {
    std::string const* const own = exchange_.host_of(machine_);
    if (!is_any(address.host) && !is_loopback(address.host) &&
        (own == nullptr || *own != address.host)) {
        return Error(Errc::Io, concat("listen ", address.host, ": not an address of this machine"));
    }
    Exchange::Key const key{machine_, address.host.empty() ? "0.0.0.0" : address.host,
                            address.port == 0 ? exchange_.free_port(machine_) : address.port};
    if (!exchange_.add(key, {node_, std::move(on_accept)})) {
        return Error(Errc::Io, concat("listen ", key.host, ":", key.port, ": address in use"));
    }
    return std::unique_ptr<world::Listener>(std::make_unique<SimListener>(exchange_, key));
}

std::unique_ptr<world::Dial> SimNetwork::dial(std::string const& host, std::uint16_t port,
                                              Duration timeout, OnDialled done) {
    Simulation& simulation = exchange_.fabric().simulation();
    std::string const address = numeric(host);
    AttemptId const id = attempts_.insert({std::move(done), {address, port}});
    if (address.empty()) {
        simulation.at(simulation.now() + base::milliseconds(1), node_, [this, id, host] {
            finish(id, Error(Errc::NotFound, concat(host, ": no such host")));
        });
        return std::make_unique<SimDial>(*this, id);
    }
    std::string const target = machine_at(address);
    simulation.at(simulation.now() + timeout, node_, [this, id, host] {
        finish(id, Error(Errc::TimedOut, concat("dial ", host, ": timed out")));
    });
    // The way there and back; the listener is asked when the dialler would know.
    Duration const way = exchange_.fabric().profile(machine_, target).latency;
    simulation.at(simulation.now() + 2 * way, node_, [this, id, target] { arrive(id, target); });
    return std::make_unique<SimDial>(*this, id);
}

void SimNetwork::arrive(AttemptId id, std::string const& target) {
    Attempt const* const attempt = attempts_.find(id);
    Fabric& fabric = exchange_.fabric();
    if (attempt == nullptr || fabric.blocked(machine_, target) ||
        fabric.blocked(target, machine_)) {
        return;
    }
    world::Address const to = attempt->to;
    Exchange::Listening const* const listening = exchange_.find(target, to.host, to.port);
    if (listening == nullptr) {
        finish(id, Error(Errc::Io, concat("dial ", to.host, ":", to.port, ": connection refused")));
        return;
    }
    last_port_ = last_port_ == 65'535 ? std::uint16_t{40'000} : std::uint16_t(last_port_ + 1);
    std::string const own = is_loopback(to.host) ? to.host : numeric(machine_);
    world::Address const from{own, last_port_};
    End dialler;
    dialler.node = node_;
    dialler.machine = machine_;
    dialler.address = from;
    End listener;
    listener.node = listening->node;
    listener.machine = target;
    listener.address = to;
    ConnectionId const connection = fabric.connect(std::move(dialler), std::move(listener));
    auto mine = std::make_unique<SimLink>(fabric, connection, 0, from, to);
    // Held by a shared pointer, for a task must be copyable; taken by whoever runs it.
    auto theirs = std::make_shared<std::unique_ptr<world::Link>>(
        std::make_unique<SimLink>(fabric, connection, 1, to, from));
    Simulation& simulation = fabric.simulation();
    simulation.at(simulation.now(), listening->node, [&exchange = exchange_, target, to, theirs] {
        // Whoever was not accepted yet when the listener went is let go.
        Exchange::Listening const* const still = exchange.find(target, to.host, to.port);
        if (still != nullptr) {
            world::Network::OnAccept const on_accept = still->on_accept;
            on_accept(std::move(*theirs));
        }
    });
    finish(id, std::unique_ptr<world::Link>(std::move(mine)));
}

void SimNetwork::finish(AttemptId id, Result<std::unique_ptr<world::Link>> result) {
    if (attempts_.find(id) == nullptr) {
        return;
    }
    Attempt const attempt = attempts_.take(id);
    attempt.done(std::move(result));
}

std::vector<std::string> SimNetwork::interface_addresses() {
    std::string const* const own = exchange_.host_of(machine_);
    return own == nullptr ? std::vector<std::string>() : std::vector<std::string>{*own};
}

}  // namespace signalbox::sim
