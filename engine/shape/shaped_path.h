#pragma once

#include "engine/base/slot_map.h"
#include "engine/shape/delay_line.h"
#include "engine/world/world.h"

#include <memory>
#include <optional>
#include <string>

namespace signalbox::shape {

class ShapedNetwork;
class ShapedPath;

using PathId = base::SlotId<std::unique_ptr<ShapedPath>>;

/// A link to a peer whose bytes take their time, in both directions. It outlives the link that its
/// owner holds, for what was sent before a close arrives before the close does.
class ShapedPath final : private world::LinkOwner {
public:
    /// How much may be under way in one direction before a send takes less than it is given.
    static constexpr std::size_t kWindow = std::size_t{256} << 10;

    ShapedPath(ShapedNetwork& network, std::unique_ptr<world::Link> inner, std::string peer);
    ~ShapedPath() override;

    ShapedPath(ShapedPath const&) = delete;
    ShapedPath& operator=(ShapedPath const&) = delete;

    void be(PathId id) { id_ = id; }
    std::string const& peer() const { return peer_; }
    world::Address const& local() const { return local_; }
    world::Address const& remote() const { return remote_; }

    // The owner's side, through its link.
    void start(world::LinkOwner& owner);
    std::size_t send(std::span<Bytes const> pieces);
    void set_paused(bool paused);
    /// The owner has no link any more.
    void close();

    /// The way is another one than it was.
    void changed() { wake_at(Instant()); }
    /// Breaks in the middle of what is under way.
    void reset();

private:
    struct End {
        world::LinkEnd why;
        std::string detail;
        Instant due;
        bool at_once = false;  ///< Whatever the way is like.
    };

    void received(Bytes bytes) override;
    std::span<char> receive_space() override;
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

    bool direct(bool blocked, DelayLine const& line) const;
    void wake_at(Instant when);
    void plan();
    void pump();
    void pump_out();
    bool pump_in();
    void deliver_end();
    void update_reading();
    bool finished() const;
    Instant now() const;

    ShapedNetwork& network_;
    std::string const peer_;
    std::unique_ptr<world::Link> inner_;
    world::Address const local_;
    world::Address const remote_;
    PathId id_;
    world::LinkOwner* owner_ = nullptr;
    DelayLine out_;
    DelayLine in_;
    std::optional<End> end_;
    std::optional<Instant> closes_;  ///< When the peer learns that the owner closed.
    world::TimerId timer_;
    std::optional<Instant> wakes_;
    bool paused_ = false;
    bool inner_paused_ = false;
    bool inner_full_ = false;  ///< The link below will say when it takes more.
    bool wants_room_ = false;  ///< The owner is owed `writable`.
    bool told_end_ = false;
};

}  // namespace signalbox::shape
