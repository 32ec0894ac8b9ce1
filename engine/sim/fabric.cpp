#include "engine/sim/fabric.h"

#include <algorithm>
#include <cstring>

namespace signalbox::sim {

namespace {

/// What a loopback link costs, whatever the network is like.
constexpr Duration kLoopbackLatency = base::microseconds(20);

/// As much as a process reads in one turn from one link.
constexpr std::size_t kMostInOneTurn = std::size_t{64} << 10;

std::pair<std::string, std::string> pair_of(std::string const& a, std::string const& b) {
    return a < b ? std::pair(a, b) : std::pair(b, a);
}

std::string_view detail_of(world::LinkEnd why) {
    switch (why) {
        case world::LinkEnd::ClosedByPeer:
            return "EOF";
        case world::LinkEnd::ReadError:
            return "connection reset by peer";
        case world::LinkEnd::WriteError:
            return "broken pipe";
    }
    return {};
}

}  // namespace

void Fabric::set_profile(std::string const& a, std::string const& b, LinkProfile const& profile) {
    profiles_[pair_of(a, b)] = profile;
    connections_.for_each([&](ConnectionId, std::unique_ptr<Connection>& connection) {
        if (pair_of(connection->ends[0].machine, connection->ends[1].machine) == pair_of(a, b)) {
            connection->profile = profile;
        }
    });
}

void Fabric::clear_profile(std::string const& a, std::string const& b) {
    set_profile(a, b, default_profile_);
    profiles_.erase(pair_of(a, b));
}

LinkProfile const& Fabric::profile(std::string const& a, std::string const& b) const {
    auto const found = profiles_.find(pair_of(a, b));
    return found == profiles_.end() ? default_profile_ : found->second;
}

void Fabric::block(std::string const& from, std::string const& to) {
    blocked_.emplace(from, to);
}

bool Fabric::blocked(std::string const& from, std::string const& to) const {
    return !blocked_.empty() && blocked_.contains({from, to});
}

void Fabric::unblock(std::string const& from, std::string const& to) {
    if (blocked_.erase({from, to}) == 0) {
        return;
    }
    connections_.for_each([&](ConnectionId id, std::unique_ptr<Connection>& connection) {
        if (pair_of(connection->ends[0].machine, connection->ends[1].machine) ==
            pair_of(from, to)) {
            plan_delivery(id, 0, simulation_.now());
            plan_delivery(id, 1, simulation_.now());
        }
    });
}

void Fabric::heal() {
    blocked_.clear();
    connections_.for_each([&](ConnectionId id, std::unique_ptr<Connection>&) {
        plan_delivery(id, 0, simulation_.now());
        plan_delivery(id, 1, simulation_.now());
    });
}

std::vector<ConnectionId> Fabric::connections_of(std::string const& machine) {
    std::vector<std::pair<std::uint64_t, ConnectionId>> numbered;
    connections_.for_each([&](ConnectionId id, std::unique_ptr<Connection>& connection) {
        if (connection->ends[0].machine == machine || connection->ends[1].machine == machine) {
            numbered.emplace_back(connection->number, id);
        }
    });
    // Slots are used again: their order is not that of making.
    std::ranges::sort(numbered);
    std::vector<ConnectionId> ids;
    ids.reserve(numbered.size());
    for (auto const& [number, id] : numbered) {
        ids.push_back(id);
    }
    return ids;
}

Connection* Fabric::find(ConnectionId id) {
    std::unique_ptr<Connection>* const found = connections_.find(id);
    return found == nullptr ? nullptr : found->get();
}

ConnectionId Fabric::connect(End dialler, End listener) {
    auto connection = std::make_unique<Connection>();
    connection->number = ++connected_;
    connection->profile = profile(dialler.machine, listener.machine);
    if (dialler.machine == listener.machine) {
        connection->profile.latency = std::min(connection->profile.latency, kLoopbackLatency);
    }
    connection->ends = {std::move(dialler), std::move(listener)};
    return connections_.insert(std::move(connection));
}

void Fabric::reset(ConnectionId id) {
    Connection* const connection = find(id);
    if (connection == nullptr) {
        return;
    }
    for (unsigned side = 0; side < 2; ++side) {
        connection->pipes[side].segments.clear();
        connection->pipes[side].held = true;
        end(id, side, world::LinkEnd::ReadError, simulation_.now());
    }
}

void Fabric::reset_between(std::string const& a, std::string const& b) {
    for (ConnectionId const id : connections_of(a)) {
        Connection const& connection = *find(id);
        if (pair_of(connection.ends[0].machine, connection.ends[1].machine) == pair_of(a, b)) {
            reset(id);
        }
    }
}

void Fabric::hold(ConnectionId id) {
    if (Connection* const connection = find(id); connection != nullptr) {
        connection->pipes[0].held = true;
        connection->pipes[1].held = true;
    }
}

void Fabric::release(ConnectionId id) {
    Connection* const connection = find(id);
    for (unsigned side = 0; connection != nullptr && side < 2; ++side) {
        connection->pipes[side].held = false;
        plan_delivery(id, 1 - side, simulation_.now());
    }
}

void Fabric::lose_silently(std::string const& machine) {
    for (ConnectionId const id : connections_of(machine)) {
        hold(id);
    }
}

void Fabric::reset_lost(std::string const& machine) {
    for (ConnectionId const id : connections_of(machine)) {
        if (find(id)->pipes[0].held) {
            reset(id);
        }
    }
}

void Fabric::start(ConnectionId id, unsigned side, world::LinkOwner& owner) {
    Connection* const connection = find(id);
    connection->ends[side].owner = &owner;
    plan_delivery(id, side, simulation_.now());
}

std::size_t Fabric::send(ConnectionId id, unsigned side, std::span<Bytes const> pieces) {
    Connection* const connection = find(id);
    End& own = connection->ends[side];
    if (own.ended || own.ending) {
        return 0;
    }
    Pipe& pipe = connection->pipes[side];
    std::size_t room = connection->profile.window - std::min(pipe.used, connection->profile.window);
    std::string bytes;
    bool all = true;
    for (Bytes const piece : pieces) {
        Bytes const fits = piece.substr(0, room);
        bytes.append(fits);
        room -= fits.size();
        all = all && fits.size() == piece.size();
    }
    pipe.wants_room = !all;
    std::size_t const taken = bytes.size();
    if (!connection->ends[1 - side].open) {
        // The peer's machine answers what comes for a closed link with a reset.
        if (!pipe.held) {
            end(id, side, world::LinkEnd::WriteError,
                simulation_.now() + 2 * connection->profile.latency);
        }
        return taken;
    }
    pipe.used += taken;
    if (taken > 0) {
        put_on_line(*connection, side, bytes);
        plan_delivery(id, 1 - side, pipe.segments.front().arrives);
    }
    return taken;
}

void Fabric::put_on_line(Connection& connection, unsigned side, Bytes bytes) {
    LinkProfile const& profile = connection.profile;
    Pipe& pipe = connection.pipes[side];
    SimEntropy& chance = simulation_.entropy();
    std::size_t at = 0;
    while (at < bytes.size()) {
        std::size_t size = bytes.size() - at;
        if (profile.largest_piece > 0) {
            size = std::min(size, profile.largest_piece);
        }
        if (size > 1 && profile.cuts_per_hundred > 0 &&
            chance.below(100) < profile.cuts_per_hundred) {
            size = 1 + chance.below(size - 1);
        }
        pipe.line_free = std::max(pipe.line_free, simulation_.now());
        if (profile.bytes_per_second > 0) {
            pipe.line_free =
                pipe.line_free + Duration(static_cast<std::int64_t>(size * 1'000'000'000U /
                                                                    profile.bytes_per_second));
        }
        Duration wait = profile.latency;
        if (profile.jitter.count() > 0) {
            wait += Duration(static_cast<std::int64_t>(
                chance.below(static_cast<std::uint64_t>(profile.jitter.count()))));
        }
        pipe.last_arrival = std::max(pipe.last_arrival, pipe.line_free + wait);
        pipe.segments.push_back({pipe.last_arrival, std::string(bytes.substr(at, size))});
        at += size;
    }
}

void Fabric::plan_delivery(ConnectionId id, unsigned side, Instant when) {
    Connection* const connection = find(id);
    Pipe& pipe = connection->pipes[1 - side];
    if (pipe.planned || !connection->ends[side].open) {
        return;
    }
    pipe.planned = true;
    simulation_.at(when, connection->ends[side].node, [this, id, side] {
        if (Connection* const still = find(id); still != nullptr) {
            still->pipes[1 - side].planned = false;
            deliver(id, side);
        }
    });
}

void Fabric::deliver(ConnectionId id, unsigned side) {
    std::size_t const number = find(id)->number;
    simulation_.fingerprint().add(number * 2 + side);
    std::size_t received = 0;
    while (received < kMostInOneTurn) {
        Connection* const connection = find(id);
        if (connection == nullptr) {
            return;
        }
        End const& own = connection->ends[side];
        Pipe const& pipe = connection->pipes[1 - side];
        bool const deaf = own.owner == nullptr || own.ended || !own.open || own.paused;
        if (deaf || pipe.held || blocked(connection->ends[1 - side].machine, own.machine)) {
            return;
        }
        if (pipe.segments.empty()) {
            if (pipe.finished && pipe.end_arrives > simulation_.now()) {
                plan_delivery(id, side, pipe.end_arrives);
            } else if (pipe.finished) {
                end(id, side, world::LinkEnd::ClosedByPeer, simulation_.now());
            }
            return;
        }
        if (pipe.segments.front().arrives > simulation_.now()) {
            plan_delivery(id, side, pipe.segments.front().arrives);
            return;
        }
        std::size_t const before = pipe.used;
        if (!receive_one(id, side)) {
            return;
        }
        received += before - find(id)->pipes[1 - side].used;
    }
    plan_delivery(id, side, simulation_.now());
}

/// False when the link was closed meanwhile.
bool Fabric::receive_one(ConnectionId id, unsigned side) {
    Connection* const connection = find(id);
    world::LinkOwner& owner = *connection->ends[side].owner;
    Pipe& pipe = connection->pipes[1 - side];
    Segment& segment = pipe.segments.front();
    std::size_t size = segment.bytes.size() - segment.given;
    // Taken out, for the callee may close the link and with it the segment.
    std::string out;
    Bytes bytes;
    std::span<char> const space = owner.receive_space();
    if (space.empty()) {
        out = segment.given == 0 ? std::move(segment.bytes) : segment.bytes.substr(segment.given);
        bytes = out;
    } else {
        size = std::min(size, space.size());
        std::memcpy(space.data(), segment.bytes.data() + segment.given, size);
        bytes = Bytes(space.data(), size);
    }
    segment.given += size;
    if (space.empty() || segment.given == segment.bytes.size()) {
        pipe.segments.pop_front();
    }
    pipe.used -= size;
    give_room(id, 1 - side);
    simulation_.fingerprint().add(bytes);
    owner.received(bytes);
    Connection const* const still = find(id);
    return still != nullptr && still->ends[side].open;
}

void Fabric::give_room(ConnectionId id, unsigned sender) {
    Connection* const connection = find(id);
    Pipe& pipe = connection->pipes[sender];
    if (!pipe.wants_room || pipe.used > connection->profile.window / 2) {
        return;
    }
    pipe.wants_room = false;
    simulation_.at(simulation_.now() + connection->profile.latency, connection->ends[sender].node,
                   [this, id, sender] {
                       Connection* const still = find(id);
                       if (still == nullptr) {
                           return;
                       }
                       End const& own = still->ends[sender];
                       if (own.owner != nullptr && own.open && !own.ended) {
                           own.owner->writable();
                       }
                   });
}

void Fabric::end(ConnectionId id, unsigned side, world::LinkEnd why, Instant when) {
    Connection* const connection = find(id);
    End& own = connection->ends[side];
    if (own.ended || own.ending || !own.open) {
        return;
    }
    // What arrives until then is still received.
    own.ending = true;
    simulation_.at(when, own.node, [this, id, side, why] {
        Connection* const still = find(id);
        if (still == nullptr || !still->ends[side].open || still->ends[side].owner == nullptr) {
            return;
        }
        still->ends[side].ended = true;
        simulation_.fingerprint().add(still->number * 16 + static_cast<unsigned>(why) * 2 + side);
        still->ends[side].owner->ended(why, detail_of(why));
    });
}

void Fabric::set_paused(ConnectionId id, unsigned side, bool paused) {
    Connection* const connection = find(id);
    connection->ends[side].paused = paused;
    if (!paused) {
        plan_delivery(id, side, simulation_.now());
    }
}

void Fabric::close(ConnectionId id, unsigned side) {
    Connection* const connection = find(id);
    End& own = connection->ends[side];
    own.open = false;
    own.owner = nullptr;
    if (!connection->ends[1 - side].open) {
        connections_.take(id);
        return;
    }
    Pipe& out = connection->pipes[side];
    out.finished = true;
    connection->pipes[1 - side].segments.clear();
    out.end_arrives = std::max(out.last_arrival, simulation_.now() + connection->profile.latency);
    plan_delivery(id, 1 - side,
                  out.segments.empty() ? out.end_arrives : out.segments.front().arrives);
}

}  // namespace signalbox::sim
