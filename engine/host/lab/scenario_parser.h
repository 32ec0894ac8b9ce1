#pragma once

#include "engine/base/result.h"
#include "engine/host/lab/scenario.h"

#include <string>
#include <string_view>

namespace signalbox::host::lab {

/// What a scenario file may hold at most, so that no file asks for a machine's memory.
inline constexpr std::uint32_t kMostServers = 32;
inline constexpr std::uint32_t kMostClients = 1'000;
inline constexpr std::uint32_t kMostLoads = 50;
inline constexpr std::uint32_t kMostSteps = 10'000;
inline constexpr Duration kLongestRun = base::hours(24);

/// Reads a scenario as `docs/scenarios.md` describes it; all names in it are known then.
/// Errors: Malformed, whose detail begins with `line N: `.
Result<Scenario> parse_scenario(std::string_view text);

/// Writes it as `parse_scenario` reads it.
std::string scenario_text(Scenario const& scenario);
/// One action, as it stands behind `at`.
std::string action_text(Action const& action);

}  // namespace signalbox::host::lab
