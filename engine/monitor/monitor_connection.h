#pragma once

#include "engine/base/slot_map.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_pages.h"
#include "engine/protocol/http_request.h"
#include "engine/world/world.h"

#include <memory>
#include <string>

namespace signalbox::monitor {

class MonitorConnection;
using MonitorConnectionId = base::SlotId<std::unique_ptr<MonitorConnection>>;

/// Keeps the connections.
class MonitorConnectionOwner {
public:
    virtual ~MonitorConnectionOwner() = default;

    /// Destroys the connection: the last thing it calls.
    virtual void remove(MonitorConnectionId id) = 0;
    /// Calls `resume` in a later turn, if the connection is still there then.
    virtual void resume_later(MonitorConnectionId id) = 0;
};

/// One connection to the monitoring listener: reads requests, answers them in order.
///
/// A long document is rendered part by part, the next when the peer has taken the last, and in a
/// turn of its own: neither a slow reader nor a fast one holds up the server.
class MonitorConnection : public world::LinkOwner {
public:
    MonitorConnection(World& world, MonitorPages& pages, MonitorSettings const& settings,
                      std::unique_ptr<world::Link> link);
    ~MonitorConnection() override;

    MonitorConnection(MonitorConnection const&) = delete;
    MonitorConnection& operator=(MonitorConnection const&) = delete;

    /// Called once, with the name it has with its owner.
    void start(MonitorConnectionOwner& owner, MonitorConnectionId id);
    void resume();

    void received(Bytes bytes) override;
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

private:
    enum class Next {
        Wait,   ///< For the peer.
        Yield,  ///< To the others of this server.
        GoOn,
        Remove
    };

    /// Does all that can be done now.
    void run();
    Next step();
    /// Answers whether all was taken.
    bool flush();
    void render_part();
    Next take_request();
    void begin(protocol::HttpRequest const& request, Answer answer);
    void refuse(int status, std::string_view text);
    void read_or_pause();
    void arm(Duration timeout);

    World& world_;
    MonitorPages& pages_;
    MonitorSettings const& settings_;
    std::unique_ptr<world::Link> link_;
    MonitorConnectionOwner* owner_ = nullptr;  ///< Set by `start`.
    MonitorConnectionId id_;
    protocol::HttpRequestParser parser_;
    std::string out_;
    std::size_t sent_ = 0;  ///< Of `out_`.
    std::unique_ptr<Document> document_;
    bool closing_ = false;    ///< Nothing more is answered; ends when all is sent.
    bool lingering_ = false;  ///< All is sent; what the peer still sends is thrown away.
    bool discards_ = false;   ///< What came may not have been read: linger before closing.
    bool paused_ = false;
    bool in_request_ = false;  ///< The deadline is that of the request that has begun.
    world::TimerId timer_;
};

}  // namespace signalbox::monitor
