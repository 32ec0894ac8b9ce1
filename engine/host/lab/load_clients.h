#pragma once

#include "engine/host/lab/load_client.h"
#include "engine/host/lab/plan.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::host::lab {

/// What a client of a load is to be: who makes them gives each a world.
struct PlannedClient {
    LoadClient::Options options;
    std::string place;
};

/// The clients of all loads. At a cluster a client knows all its servers and begins at one of
/// them, each at the next; at a server it knows that one alone.
std::vector<PlannedClient> plan_clients(Plan const& plan, std::vector<LoadSpec> const& loads);

}  // namespace signalbox::host::lab
