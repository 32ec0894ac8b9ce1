#pragma once

#include "engine/permission/screening.h"
#include "engine/subject/interest_index.h"

#include <cstdint>
#include <string>

namespace signalbox::message {

class Recipient;

/// What a subscription is for.
enum class SubscriptionKind : std::uint8_t {
    Ordinary,
    Shadow,   ///< Hears for one of another account, which imports from this.
    Service,  ///< Takes requests over to another account.
    Answers,  ///< Takes the answers of services over to those who asked.
    Routed,   ///< Stands for those of another server of this cluster.
    Leaf,     ///< Stands for those of a leaf node that is attached to this server.
    Hub,      ///< Stands for those of the server that this one is a leaf node of.
};

/// Whether it stands for subscriptions on another server.
constexpr bool is_elsewhere(SubscriptionKind kind) {
    return kind == SubscriptionKind::Routed || kind == SubscriptionKind::Leaf ||
           kind == SubscriptionKind::Hub;
}

/// One interest of one recipient in an account's messages.
struct Subscription {
    subject::SubscriptionId id;
    Recipient* recipient = nullptr;
    std::uint64_t delivered = 0;
    std::uint64_t max = 0;  ///< Ends after so many deliveries; 0: never.
    SubscriptionKind kind = SubscriptionKind::Ordinary;
    bool ended = false;  ///< Takes no more; removed once the message at hand is done with.
    /// How closely its recipient looks at each message first.
    permission::Screening screening = permission::Screening::None;
    Subscription* origin = nullptr;  ///< Of a shadow: whom it hears for.
    std::string filter;
    std::string queue;  ///< Empty: plain.
    /// The client's own name for it. Of those that stand for a leaf node, or for leaf nodes of
    /// another server: the cluster these belong to.
    std::string sid;
    /// How many members of the queue group it stands for.
    std::uint32_t weight = 1;
};

}  // namespace signalbox::message
