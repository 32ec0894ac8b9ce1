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
    Service,  ///< Takes requests or answers over to another account.
};

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
    std::string sid;    ///< The client's own name for it.
};

}  // namespace signalbox::message
