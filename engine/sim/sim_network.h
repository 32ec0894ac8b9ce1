#pragma once

#include "engine/sim/fabric.h"

namespace signalbox::sim {

/// Where the listeners of all machines are found.
class Exchange {
public:
    explicit Exchange(Fabric& fabric) : fabric_(fabric) {}

    struct Listening {
        NodeId node;
        world::Network::OnAccept on_accept;
    };
    /// A machine, the address it is bound to (`0.0.0.0` for any), and the port.
    struct Key {
        std::string machine;
        std::string host;
        std::uint16_t port = 0;
        friend auto operator<=>(Key const&, Key const&) = default;
    };

    Fabric& fabric() { return fabric_; }

    /// A machine and its address; the name is found by `resolve`.
    void add_machine(std::string const& name, std::string const& host) { hosts_[name] = host; }
    std::string const* host_of(std::string const& name) const;
    std::string const* machine_at(std::string const& host) const;

    bool add(Key const& key, Listening const& listening);
    void remove(Key const& key) { listeners_.erase(key); }
    /// Who answers at that address of the machine, or none.
    Listening const* find(std::string const& machine, std::string const& host,
                          std::uint16_t port) const;
    std::uint16_t free_port(std::string const& machine);

private:
    Fabric& fabric_;
    std::map<std::string, std::string> hosts_;
    std::map<Key, Listening> listeners_;
    std::uint16_t last_port_ = 20'000;
};

/// The network as one process sees it.
class SimNetwork final : public world::Network {
public:
    SimNetwork(Exchange& exchange, std::string machine)
        : exchange_(exchange), machine_(std::move(machine)) {}

    void belong_to(NodeId node) { node_ = node; }

    void resolve(std::string const& host, OnResolved done) override;
    Result<std::unique_ptr<world::Listener>> listen(world::Address const& address,
                                                    OnAccept on_accept) override;
    std::unique_ptr<world::Dial> dial(std::string const& host, std::uint16_t port, Duration timeout,
                                      OnDialled done) override;
    std::vector<std::string> interface_addresses() override;

private:
    class SimDial;
    struct Attempt {
        OnDialled done;
        world::Address to;
    };
    using AttemptId = base::SlotId<Attempt>;

    std::string numeric(std::string const& host) const;
    std::string machine_at(std::string const& host) const;
    void arrive(AttemptId id, std::string const& target);
    void finish(AttemptId id, Result<std::unique_ptr<world::Link>> result);

    Exchange& exchange_;
    std::string machine_;
    NodeId node_;
    base::SlotMap<Attempt> attempts_;
    std::uint16_t last_port_ = 40'000;
};

}  // namespace signalbox::sim
