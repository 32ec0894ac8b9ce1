#pragma once

#include "engine/base/time.h"
#include "engine/client/client.h"
#include "engine/host/remote_documents.h"
#include "engine/observe/observation.h"
#include "engine/observe/snapshot_maker.h"
#include "engine/world/world.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::host {

/// Subjects are to be counted by a subscription.
struct SamplingOrder {
    std::string filter = ">";
    std::uint32_t most_per_second = 5'000;
};

/// An ordinary subscription that ends by itself when more comes than was allowed: looking at a
/// server must not become a load that it notices.
class BoundedSubscription {
public:
    using OnMessage = client::Client::OnMessage;

    /// Also of messages that are few and large.
    static constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20;

    BoundedSubscription(World& world, client::Client& client) : world_(world), client_(client) {}

    /// Ends the one before.
    void begin(std::string filter, std::uint32_t most_per_second, OnMessage done);
    void end();
    bool is_on() const { return sid_ != 0; }

    /// The server said no to something; true when it was this.
    bool refused(std::string_view text);

    /// With the rate of the last whole second before `roll` was called.
    observe::Sampling const& state() const { return state_; }
    void roll(Instant now);

private:
    void take(client::Incoming const& message);
    void stop(observe::Sampling::State why);

    World& world_;
    client::Client& client_;
    observe::Sampling state_;
    OnMessage done_;
    client::Sid sid_ = 0;
    Instant second_;  ///< When the second under way began.
    std::uint64_t messages_now_ = 0;
    std::uint64_t bytes_now_ = 0;
};

/// What subscriptions of our own see of a server's traffic: the sample that counts subjects, and
/// the tap. Both are a load on the server, and neither is there unless it was asked for.
class RemoteTraffic {
public:
    /// `server` stands in every row. `client` outlives it.
    RemoteTraffic(World& world, client::Client& client, std::uint32_t server);

    /// None ends it.
    void set_sampling(std::optional<SamplingOrder> order);
    void set_tap(std::optional<observe::TapFilter> filter);
    void set_tree_query(std::optional<observe::TreeQuery> query);
    bool wants_subscriptions() const { return has_query_; }

    /// Who is subscribed to what, but for ourselves.
    void take(SubscriptionsDocument const& document, std::uint64_t own_cid);

    void refused(std::string_view text);

    /// Subjects, the visible part of their tree, and the tap's counts; the rest is for others to
    /// fill in.
    observe::Snapshot look(Instant now, WallTime wall);

    observe::Sampling const& sampling() const { return sampling_.state(); }
    observe::Sampling const& tap() const { return tap_.state(); }

    /// The far end of the tap's rows is the window's.
    std::shared_ptr<observe::Observation> const& observation() const { return observation_; }

    static constexpr std::size_t kMostSubjects = 200'000;
    static constexpr std::uint32_t kMostTapped = 20'000;  ///< Each second.

private:
    void count(client::Incoming const& message);
    void offer(client::Incoming const& message);

    World& world_;
    std::shared_ptr<observe::Observation> observation_;
    observe::SnapshotMaker maker_;
    BoundedSubscription sampling_;
    BoundedSubscription tap_;
    std::map<std::string, int> subscribed_;  ///< By filter.
    bool has_query_ = false;
};

}  // namespace signalbox::host
