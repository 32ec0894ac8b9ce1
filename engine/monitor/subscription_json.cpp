#include "engine/monitor/subscription_json.h"

namespace signalbox::monitor {

void write_subscription(JsonWriter& json, SubscriptionFacts const& subscription, ShowAccount show) {
    json.begin_object();
    if (show == ShowAccount::Yes) {
        json.field_unless_empty("account", subscription.account);
        // The tag is the account's name until accounts have tags.
        json.field_unless_empty("account_tag", subscription.account);
    }
    json.field("subject", subscription.subject);
    json.field_unless_empty("qgroup", subscription.queue_group);
    json.field("sid", subscription.sid).field("msgs", subscription.msgs);
    json.field_unless_empty("max", subscription.max).field("cid", subscription.cid);
    json.end_object();
}

}  // namespace signalbox::monitor
