#pragma once

#include "engine/account/account.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::cluster {

/// Answers that are expected to requests from other clusters: whoever answers here says so on the
/// requester's own subject, which for a while is listened to in its account, and leads back.
class GatewayReplies {
public:
    /// Sends an answer on the subject `full` to the cluster.
    using Send = std::function<message::Delivery(account::Account& account, std::string const& full,
                                                 std::string const& cluster,
                                                 message::MessageRun const& run)>;

    GatewayReplies(World& world, dispatch::Dispatcher& dispatcher, Send send);
    ~GatewayReplies();

    GatewayReplies(GatewayReplies const&) = delete;
    GatewayReplies& operator=(GatewayReplies const&) = delete;

    /// `full` as it came, `reply` the part that is the requester's.
    void expect(account::Account& account, std::string_view full, std::string_view reply,
                std::string const& cluster);

    /// Whether an answer on `subject` goes to that cluster by this way.
    bool leads_to(account::Account const& account, std::string_view subject,
                  std::string_view cluster) const;

    /// None is waited for any more.
    void clear();

private:
    /// How long answers are waited for; later ones find their way by what is listened to.
    static constexpr Duration kWait = base::seconds(5);
    /// No more are waited for at a time.
    static constexpr std::size_t kMost = 100'000;

    class Desk;
    using Key = std::pair<std::uint32_t, std::string>;

    void sweep();

    World& world_;
    dispatch::Dispatcher& dispatcher_;
    Send send_;
    std::map<Key, std::unique_ptr<Desk>, std::less<>> desks_;
    world::TimerId timer_;
};

}  // namespace signalbox::cluster
