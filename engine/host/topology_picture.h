#pragma once

#include "engine/host/remote_documents.h"
#include "engine/host/remote_picture.h"
#include "engine/observe/topology.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace signalbox::host {

/// How servers hang together, put together from what each of them says of itself and its peers.
///
/// Knows neither threads nor clocks: whoever asks says when an answer came.
class TopologyPicture {
public:
    /// A server that is asked; `name` is what it is called until it says so itself.
    void add(std::uint32_t number, std::string name);
    void remove(std::uint32_t number) { asked_.erase(number); }

    void take(std::uint32_t number, ServerFigures const& figures, Instant now);
    void take(std::uint32_t number, observe::TopologyLinkKind kind,
              std::vector<PeerFigures> const& peers, Instant now);
    void take(std::uint32_t number, ConnectionsDocument const& document, Instant now);
    /// Whether what it said is of now.
    void set_fresh(std::uint32_t number, bool fresh);

    observe::TopologyPtr make() const;

private:
    /// All connections to one peer.
    struct Peer {
        PeerFigures figures;  ///< Totals of all of them.
        std::uint32_t connections = 0;
        std::array<observe::Rate, 4> rates{};
    };
    struct Group {
        observe::TopologyClients row;
        TrafficTotals traffic;
    };
    struct Asked {
        std::string name;
        bool fresh = false;
        ServerFigures figures;
        TrafficRates rates;
        observe::TopologyServer row;
        std::array<std::vector<Peer>, 3> peers;  ///< By kind of link.
        std::map<std::string, TrafficRates> peer_rates;
        std::map<std::string, TrafficRates> group_rates;
        std::vector<observe::TopologyClients> clients;
        std::uint64_t unlisted = 0;
        Instant figures_at;
        std::array<Instant, 3> peers_at{};
        Instant clients_at;
    };
    class Maker;

    std::map<std::uint32_t, Asked> asked_;
};

}  // namespace signalbox::host
