#include "engine/shape/shaped_network.h"

#include "engine/base/text.h"

#include <utility>
#include <vector>

namespace signalbox::shape {

namespace {

/// What the owner holds of a path.
class ShapedLink final : public world::Link {
public:
    ShapedLink(ShapedNetwork& network, PathId id)
        : network_(network),
          id_(id),
          local_(network.find(id)->local()),
          remote_(network.find(id)->remote()) {}
    ~ShapedLink() override {
        if (ShapedPath* const path = network_.find(id_)) {
            path->close();
        }
    }

    ShapedLink(ShapedLink const&) = delete;
    ShapedLink& operator=(ShapedLink const&) = delete;

    void start(world::LinkOwner& owner) override { network_.find(id_)->start(owner); }
    std::size_t send(std::span<Bytes const> pieces) override {
        return network_.find(id_)->send(pieces);
    }
    void pause_reading() override { network_.find(id_)->set_paused(true); }
    void resume_reading() override { network_.find(id_)->set_paused(false); }
    world::Address const& local() const override { return local_; }
    world::Address const& remote() const override { return remote_; }

private:
    ShapedNetwork& network_;
    PathId id_;
    world::Address local_;
    world::Address remote_;
};

}  // namespace

/// Gives up when it is destroyed.
class ShapedNetwork::ShapedDial final : public world::Dial {
public:
    ShapedDial(ShapedNetwork& network, AttemptId id) : network_(network), id_(id) {}
    ~ShapedDial() override {
        if (std::unique_ptr<Attempt>* const attempt = network_.attempts_.find(id_)) {
            network_.world_.timers().cancel((*attempt)->timer);
            network_.attempts_.take(id_);
        }
    }

    ShapedDial(ShapedDial const&) = delete;
    ShapedDial& operator=(ShapedDial const&) = delete;

private:
    ShapedNetwork& network_;
    AttemptId id_;
};

ShapedNetwork::ShapedNetwork(World& world)
    : world_(world), chance_(world.entropy().fork("shape")) {}

ShapedNetwork::~ShapedNetwork() = default;

void ShapedNetwork::add_peer(world::Address address, std::string peer) {
    peers_[std::move(address)] = std::move(peer);
}

Way const& ShapedNetwork::way(std::string const& peer) const {
    auto const found = ways_.find(peer);
    return found == ways_.end() ? plain_ : found->second;
}

void ShapedNetwork::set_way(std::string const& peer, Way const& way) {
    ways_[peer] = way;
    paths_.for_each([&](PathId, std::unique_ptr<ShapedPath>& path) {
        if (path->peer() == peer) {
            path->changed();
        }
    });
    std::vector<AttemptId> waiting;
    attempts_.for_each([&](AttemptId id, std::unique_ptr<Attempt>& attempt) {
        if (attempt->peer == peer) {
            waiting.push_back(id);
        }
    });
    for (AttemptId const id : waiting) {
        advance(id);
    }
}

void ShapedNetwork::reset(std::string const& peer) {
    paths_.for_each([&](PathId, std::unique_ptr<ShapedPath>& path) {
        if (path->peer() == peer) {
            path->reset();
        }
    });
}

void ShapedNetwork::resolve(std::string const& host, OnResolved done) {
    world_.network().resolve(host, std::move(done));
}

Result<std::unique_ptr<world::Listener>> ShapedNetwork::listen(world::Address const& address,
                                                               OnAccept on_accept) {
    return world_.network().listen(address, std::move(on_accept));
}

std::vector<std::string> ShapedNetwork::interface_addresses() {
    return world_.network().interface_addresses();
}

std::unique_ptr<world::Dial> ShapedNetwork::dial(std::string const& host, std::uint16_t port,
                                                 Duration timeout, OnDialled done) {
    auto const found = peers_.find({host, port});
    if (found == peers_.end()) {
        return world_.network().dial(host, port, timeout, std::move(done));
    }
    auto attempt = std::make_unique<Attempt>();
    attempt->peer = found->second;
    attempt->to = {host, port};
    attempt->done = std::move(done);
    Instant const now = world_.clock().now();
    attempt->deadline = now + timeout;
    Duration const there_and_back = 2 * way(found->second).profile.latency;
    AttemptId const id = attempts_.insert(std::move(attempt));
    (*attempts_.find(id))->timer =
        world_.timers().call_at(std::min(now + there_and_back, now + timeout), [this, id] {
            (*attempts_.find(id))->arrived = true;
            advance(id);
        });
    return std::make_unique<ShapedDial>(*this, id);
}

/// Dials below once the way is open; one that stays cut until the deadline times out.
void ShapedNetwork::advance(AttemptId id) {
    Attempt& attempt = **attempts_.find(id);
    if (!attempt.arrived || attempt.below) {
        return;
    }
    Instant const now = world_.clock().now();
    Way const& to = way(attempt.peer);
    world_.timers().cancel(attempt.timer);
    if (now >= attempt.deadline) {
        finish(id, Error(Errc::TimedOut,
                         concat("dial ", attempt.to.host, ":", attempt.to.port, ": timed out")));
        return;
    }
    if (to.blocked_out || to.blocked_in) {
        attempt.timer = world_.timers().call_at(attempt.deadline, [this, id] { advance(id); });
        return;
    }
    attempt.below = world_.network().dial(
        attempt.to.host, attempt.to.port, attempt.deadline - now,
        [this, id](Result<std::unique_ptr<world::Link>> result) { finish(id, std::move(result)); });
}

void ShapedNetwork::finish(AttemptId id, Result<std::unique_ptr<world::Link>> result) {
    if (attempts_.find(id) == nullptr) {
        return;
    }
    // The dial below is on the stack, perhaps: it goes at the end of this.
    std::unique_ptr<Attempt> const attempt = attempts_.take(id);
    if (!result.ok()) {
        attempt->done(result.error());
        return;
    }
    attempt->done(shape(std::move(result).value(), attempt->peer));
}

std::unique_ptr<world::Link> ShapedNetwork::shape(std::unique_ptr<world::Link> link,
                                                  std::string const& peer) {
    PathId const id = paths_.insert(std::make_unique<ShapedPath>(*this, std::move(link), peer));
    (*paths_.find(id))->be(id);
    return std::make_unique<ShapedLink>(*this, id);
}

ShapedPath* ShapedNetwork::find(PathId id) {
    std::unique_ptr<ShapedPath>* const found = paths_.find(id);
    return found == nullptr ? nullptr : found->get();
}

void ShapedNetwork::remove(PathId id) {
    world_.turn().defer([this, id, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired() && paths_.find(id) != nullptr) {
            paths_.take(id);
        }
    });
}

}  // namespace signalbox::shape
