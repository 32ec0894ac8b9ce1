#pragma once

#include "engine/sim/link_profile.h"
#include "engine/sim/simulation.h"
#include "engine/world/network.h"

#include <array>
#include <deque>
#include <set>

namespace signalbox::sim {

/// One piece of a byte stream on its way.
struct Segment {
    Instant arrives;
    std::string bytes;
    std::size_t given = 0;  ///< Already received.
};

/// One direction of a connection.
struct Pipe {
    std::deque<Segment> segments;
    std::size_t used = 0;   ///< Bytes sent and not yet received.
    Instant line_free;      ///< When the last byte has been put on the line.
    Instant last_arrival;   ///< Nothing overtakes.
    bool finished = false;  ///< The sender has closed; after the segments comes the end.
    Instant end_arrives;
    bool held = false;        ///< A fault: nothing arrives.
    bool wants_room = false;  ///< The sender waits to be told of room.
    bool planned = false;     ///< A delivery is in the queue.
};

/// One end of a connection and the process that has it.
struct End {
    NodeId node;
    std::string machine;
    world::Address address;
    world::LinkOwner* owner = nullptr;  ///< Once started.
    bool open = true;                   ///< The process still has its link.
    bool ending = false;                ///< The owner is about to be told of the end.
    bool ended = false;                 ///< It was told.
    bool paused = false;
};

/// A byte stream between two ends. `pipes[i]` carries what `ends[i]` sends.
struct Connection {
    std::uint64_t number = 0;
    std::array<End, 2> ends;
    std::array<Pipe, 2> pipes;
    LinkProfile profile;
};
using ConnectionId = base::SlotId<std::unique_ptr<Connection>>;

/// All machines' network: every connection there is, and what is wrong with them.
class Fabric {
public:
    explicit Fabric(Simulation& simulation) : simulation_(simulation) {}

    Simulation& simulation() { return simulation_; }

    /// What a link between these machines is like, also for those there are.
    void set_profile(std::string const& a, std::string const& b, LinkProfile const& profile);
    /// Makes it like the default again.
    void clear_profile(std::string const& a, std::string const& b);
    void set_default_profile(LinkProfile const& profile) { default_profile_ = profile; }
    LinkProfile const& profile(std::string const& a, std::string const& b) const;

    /// Nothing from one machine reaches the other, in this direction alone, until healed; links
    /// stay, and what was sent on them arrives after.
    void block(std::string const& from, std::string const& to);
    void unblock(std::string const& from, std::string const& to);
    void heal();
    bool blocked(std::string const& from, std::string const& to) const;

    /// Breaks the link to both sides, in the middle of what is on its way.
    void reset(ConnectionId id);
    /// Breaks every link between the two machines so.
    void reset_between(std::string const& a, std::string const& b);
    /// Nothing arrives on the link in either direction until `release`; then all of it does.
    void hold(ConnectionId id);
    void release(ConnectionId id);
    /// The other side of the link hears nothing more of `machine`, and believes in it.
    void lose_silently(std::string const& machine);
    /// Resets the links that were lost silently, as a machine does that knows them no more.
    void reset_lost(std::string const& machine);

    /// The links a machine has, in the order of their making.
    std::vector<ConnectionId> connections_of(std::string const& machine);

    ConnectionId connect(End dialler, End listener);

    // For SimLink.
    void start(ConnectionId id, unsigned side, world::LinkOwner& owner);
    std::size_t send(ConnectionId id, unsigned side, std::span<Bytes const> pieces);
    void set_paused(ConnectionId id, unsigned side, bool paused);
    void close(ConnectionId id, unsigned side);

private:
    Connection* find(ConnectionId id);
    void put_on_line(Connection& connection, unsigned side, Bytes bytes);
    void plan_delivery(ConnectionId id, unsigned side, Instant when);
    void deliver(ConnectionId id, unsigned side);
    bool receive_one(ConnectionId id, unsigned side);
    void give_room(ConnectionId id, unsigned sender);
    void end(ConnectionId id, unsigned side, world::LinkEnd why, Instant when);

    Simulation& simulation_;
    base::SlotMap<std::unique_ptr<Connection>> connections_;
    std::uint64_t connected_ = 0;
    LinkProfile default_profile_;
    std::map<std::pair<std::string, std::string>, LinkProfile> profiles_;
    std::set<std::pair<std::string, std::string>> blocked_;
};

}  // namespace signalbox::sim
