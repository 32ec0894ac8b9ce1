#pragma once

#include "engine/base/result.h"
#include "engine/config/options.h"
#include "engine/config/schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::config {

/// One key whose value is another after a reload. Secrets read `[REDACTED]`.
struct Change {
    std::string_view key;    ///< As the file has it: `max_payload`.
    std::string_view field;  ///< As messages about reload have it: `MaxPayload`.
    std::string was;
    std::string now;
    ReloadRule reload = ReloadRule::Applied;
};

/// Every key whose value is another, those that no reload may change included.
std::vector<Change> changes(Options const& old, Options const& now);

/// What a reload changes; nothing at all when it may not change something.
///
/// Errors: InvalidArgument, `config reload not supported for <Field>: old=…, new=…`.
Result<std::vector<Change>> difference(Options const& old, Options const& now);

}  // namespace signalbox::config
