#include "engine/auth/admission.h"

#include <utility>

namespace signalbox::auth {

Admission::Admission(Parts parts, config::Options const& options)
    : parts_(std::move(parts)),
      failures_(parts_.context.world.entropy().fork("failures")->next()),
      callouts_({.world = parts_.context.world,
                 .accounts = parts_.accounts,
                 .dispatcher = parts_.dispatcher,
                 .server = parts_.server}),
      time_zones_(parts_.context.world.disk()) {
    if (options.operators.enabled()) {
        operators_ =
            std::make_unique<OperatorMode>(OperatorMode::Parts{.world = parts_.context.world,
                                                               .log = parts_.context.log,
                                                               .accounts = parts_.accounts,
                                                               .dispatcher = parts_.dispatcher},
                                           options, parts_.listeners);
    }
    parts_.context.accounts = &parts_.accounts;
    parts_.context.failures = &failures_;
    parts_.context.callouts = &callouts_;
    parts_.context.time_zones = &time_zones_;
    parts_.context.operators = operators_.get();
    authenticator_ = make_authenticator(parts_.context, options);
}

void Admission::start(OnDone done) {
    if (operators_ == nullptr) {
        done({});
        return;
    }
    operators_->start(std::move(done));
}

void Admission::use(config::Options const& options) {
    // Operators cannot come or go while a server runs.
    if (operators_ != nullptr) {
        operators_->use(options);
    }
    authenticator_ = make_authenticator(parts_.context, options);
}

}  // namespace signalbox::auth
