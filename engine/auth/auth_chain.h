#pragma once

#include "engine/auth/authenticator.h"
#include "engine/auth/failure_delay.h"
#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/world/world.h"

#include <memory>

namespace signalbox::account {
class AccountDirectory;
}

namespace signalbox::auth {

class CalloutService;
class OperatorMode;
class TimeZones;

/// What authenticators need of the server; all of it outlives them.
struct AuthContext {
    World& world;
    Logger& log;
    account::AccountDirectory* accounts = nullptr;
    CalloutService* callouts = nullptr;           ///< Null: no service is asked.
    TimeZones* time_zones = nullptr;              ///< Null: a service's users have none.
    OperatorMode* operators = nullptr;            ///< Null: users stand in the configuration.
    FailureTable* failures = nullptr;             ///< Null: nobody waits, however often it fails.
    observe::Observation* observation = nullptr;  ///< With `failures`.
};

/// Whoever answers for what the configuration asks for.
std::unique_ptr<Authenticator> make_authenticator(AuthContext const& context,
                                                  config::Options const& options);

/// Whether both settings give the same verdict on everyone: then a reload asks nobody again.
bool judge_alike(config::Options const& a, config::Options const& b);

/// Whether what a service said of someone stands in a reload: nothing that decided that the service
/// is asked about him, and whose word it takes, is another thing than before.
bool service_word_stands(config::Options const& before, config::Options const& now,
                         Credentials const& shown, Identity const& who);

}  // namespace signalbox::auth
