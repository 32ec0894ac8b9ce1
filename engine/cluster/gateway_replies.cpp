#include "engine/cluster/gateway_replies.h"

#include <utility>

namespace signalbox::cluster {

class GatewayReplies::Desk final : public message::Recipient {
public:
    Desk(GatewayReplies& owner, account::Account& account, std::string reply, std::string full,
         std::string cluster)
        : owner_(owner),
          account_(account),
          full_(std::move(full)),
          cluster_(std::move(cluster)),
          subscription_(
              owner.dispatcher_.subscribe(account, {.recipient = this,
                                                    .kind = message::SubscriptionKind::Answers,
                                                    .filter = std::move(reply)})) {}
    ~Desk() override { owner_.dispatcher_.unsubscribe(account_, subscription_); }

    void renew(std::string full, Instant until) {
        full_ = std::move(full);
        until_ = until;
    }
    std::string const& cluster() const { return cluster_; }
    Instant until() const { return until_; }

    message::Delivery deliver(message::Subscription&, message::MessageRun const& run) override {
        return owner_.send_(account_, full_, cluster_, run);
    }
    std::uint64_t connection_id() const override { return 0; }
    void finish(message::Subscription&) override {}

private:
    GatewayReplies& owner_;
    account::Account& account_;
    std::string full_;
    std::string const cluster_;
    Instant until_;
    message::Subscription& subscription_;
};

GatewayReplies::GatewayReplies(World& world, dispatch::Dispatcher& dispatcher, Send send)
    : world_(world), dispatcher_(dispatcher), send_(std::move(send)) {}

GatewayReplies::~GatewayReplies() {
    world_.timers().cancel(timer_);
}

void GatewayReplies::expect(account::Account& account, std::string_view full,
                            std::string_view reply, std::string const& cluster) {
    if (!subject::Subject::parse(reply).ok()) {
        return;
    }
    Key key{account.index(), std::string(reply)};
    auto found = desks_.find(key);
    if (found == desks_.end()) {
        if (desks_.size() >= kMost) {
            return;
        }
        auto desk =
            std::make_unique<Desk>(*this, account, std::string(reply), std::string(full), cluster);
        found = desks_.emplace(std::move(key), std::move(desk)).first;
    }
    found->second->renew(std::string(full), world_.clock().now() + kWait);
    if (!timer_) {
        timer_ = world_.timers().call_at(world_.clock().now() + kWait, [this] {
            timer_ = {};
            sweep();
        });
    }
}

bool GatewayReplies::leads_to(account::Account const& account, std::string_view subject,
                              std::string_view cluster) const {
    if (desks_.empty()) {
        return false;
    }
    auto const found = desks_.find(Key{account.index(), std::string(subject)});
    return found != desks_.end() && found->second->cluster() == cluster;
}

void GatewayReplies::clear() {
    desks_.clear();
}

void GatewayReplies::sweep() {
    Instant const now = world_.clock().now();
    std::erase_if(desks_, [&](auto const& each) { return each.second->until() <= now; });
    if (!desks_.empty()) {
        timer_ = world_.timers().call_at(now + base::seconds(1), [this] {
            timer_ = {};
            sweep();
        });
    }
}

}  // namespace signalbox::cluster
