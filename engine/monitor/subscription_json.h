#pragma once

#include "engine/base/json_writer.h"
#include "engine/monitor/monitor_source.h"

namespace signalbox::monitor {

enum class ShowAccount {
    No,
    Yes
};

/// One subscription as an object: the same wherever subscriptions are listed in detail.
void write_subscription(JsonWriter& json, SubscriptionFacts const& subscription, ShowAccount show);

}  // namespace signalbox::monitor
