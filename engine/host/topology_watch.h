#pragma once

#include "engine/host/remote_asking.h"
#include "engine/host/remote_rounds.h"
#include "engine/host/topology_picture.h"
#include "engine/world/world.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace signalbox::host {

/// Asks several servers again and again how they hang together. Belongs to one thread.
class TopologyWatch {
public:
    explicit TopologyWatch(World& world) : world_(world) {}

    TopologyWatch(TopologyWatch const&) = delete;
    TopologyWatch& operator=(TopologyWatch const&) = delete;

    /// `number` names it here; what it is called until it says so itself is `name`.
    void add(std::uint32_t number, std::string name, std::unique_ptr<Asking> asking);
    void remove(std::uint32_t number);
    void clear();
    bool has(std::uint32_t number) const { return asked_.contains(number); }
    std::size_t size() const { return asked_.size(); }

    /// Whether anyone looks: what is not seen is asked for less often.
    void set_watched(bool watched);

    observe::TopologyPtr make();

private:
    struct Asked {
        std::unique_ptr<Asking> asking;
        std::unique_ptr<RemoteRounds> rounds;  ///< Goes first: it uses the asking.
    };

    void take(std::uint32_t number, Document document, Json const& json);

    World& world_;
    TopologyPicture picture_;
    std::map<std::uint32_t, Asked> asked_;
    bool watched_ = true;
};

}  // namespace signalbox::host
