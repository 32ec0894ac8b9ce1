#pragma once

#include "engine/shape/shaped_path.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace signalbox::shape {

/// A network whose links to known peers are as slow, narrow or cut as they are told to be. Only
/// links that are dialled from here are shaped, in both directions: where both ends are shaped
/// networks, each link is so once.
class ShapedNetwork final : public world::Network {
public:
    /// `world` is the one below and outlives this.
    explicit ShapedNetwork(World& world);
    ~ShapedNetwork() override;

    ShapedNetwork(ShapedNetwork const&) = delete;
    ShapedNetwork& operator=(ShapedNetwork const&) = delete;

    /// Who is reached at that address; what is dialled elsewhere is not shaped.
    void add_peer(world::Address address, std::string peer);

    /// What the way to the peer is like from now on, also for the links there are.
    void set_way(std::string const& peer, Way const& way);
    Way const& way(std::string const& peer) const;

    /// Breaks every link to the peer that was dialled from here.
    void reset(std::string const& peer);

    void resolve(std::string const& host, OnResolved done) override;
    Result<std::unique_ptr<world::Listener>> listen(world::Address const& address,
                                                    OnAccept on_accept) override;
    std::unique_ptr<world::Dial> dial(std::string const& host, std::uint16_t port, Duration timeout,
                                      OnDialled done) override;
    std::vector<std::string> interface_addresses() override;

    // For its paths and links.
    World& world() { return world_; }
    world::Entropy& chance() { return *chance_; }
    ShapedPath* find(PathId id);
    /// Forgets the path at the end of the turn.
    void remove(PathId id);

private:
    class ShapedDial;
    /// One that waits for its way, or for the network below.
    struct Attempt {
        std::string peer;
        world::Address to;
        Instant deadline;
        OnDialled done;
        world::TimerId timer;
        std::unique_ptr<world::Dial> below;
        bool arrived = false;  ///< The time of the way there and back has passed.
    };
    using AttemptId = base::SlotId<std::unique_ptr<Attempt>>;

    void advance(AttemptId id);
    void finish(AttemptId id, Result<std::unique_ptr<world::Link>> result);
    std::unique_ptr<world::Link> shape(std::unique_ptr<world::Link> link, std::string const& peer);

    World& world_;
    std::unique_ptr<world::Entropy> chance_;
    std::map<world::Address, std::string> peers_;
    std::map<std::string, Way> ways_;
    Way const plain_;
    base::SlotMap<std::unique_ptr<Attempt>> attempts_;
    base::SlotMap<std::unique_ptr<ShapedPath>> paths_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what is deferred.
};

}  // namespace signalbox::shape
