#include "engine/base/text.h"
#include "engine/connection/client_connection.h"
#include "engine/connection/connection_table.h"
#include "engine/connection/protocol_trace.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/server_writer.h"

#include <utility>

namespace signalbox::connection {

namespace error_text = protocol::error_text;

void ClientConnection::connect() {
    trace_connect(context_.log, cid_, parser_.json());
    if (auto const merged = options_.merge(parser_.json()); !merged.ok()) {
        note(LogLevel::Error, concat("bad CONNECT: ", merged.error().detail()));
        close(CloseReason::ProtocolViolation);
        return;
    }
    if (handshake_.connected) {
        // Whoever says again who it is starts anew. What it subscribed to before the first CONNECT
        // stays.
        release_subscriptions();
    }
    handshake_.connected = true;
    handshake_.greeted = false;
    authenticate({.user = options_.user,
                  .password = options_.password,
                  .token = options_.token,
                  .remote = transport_.remote()});
}

void ClientConnection::authenticate(auth::Credentials const& credentials) {
    std::string const& no_auth_user = context_.options->authorization.no_auth_user;
    if (!no_auth_user.empty() && credentials.empty()) {
        judge({.admitted = true,
               .identity = {.account = account::kGlobalAccount,
                            .user = no_auth_user,
                            .label = concat("user:", no_auth_user)}});
        return;
    }
    state_ = State::Authenticating;
    // The answer may come when this connection is gone, so it finds its way by id.
    context_.authenticator->authenticate(
        credentials, [&table = table_, cid = cid_](auth::Verdict const& verdict) {
            ClientConnection* const self = table.find(cid);
            if (self != nullptr && self->state_ == State::Authenticating) {
                self->judge(verdict);
            }
        });
}

void ClientConnection::authenticate_again() {
    if (state_ != State::Open) {
        return;
    }
    config::Authorization const& now = context_.options->authorization;
    auth::Credentials const shown{.user = options_.user,
                                  .password = options_.password,
                                  .token = options_.token,
                                  .remote = transport_.remote()};
    if (shown.empty() && !now.no_auth_user.empty()) {
        return;
    }
    // Goes on as who it is until the answer comes.
    context_.authenticator->authenticate(
        shown, [&table = table_, cid = cid_](auth::Verdict const& verdict) {
            ClientConnection* const self = table.find(cid);
            if (self != nullptr && !verdict.admitted) {
                self->refuse();
            }
        });
}

void ClientConnection::judge(auth::Verdict const& verdict) {
    if (!verdict.admitted || !options_.account.empty() || options_.new_account) {
        refuse();
        return;
    }
    bool const was_waiting = state_ == State::Authenticating && !running_;
    if (options_.protocol != 0 && options_.protocol != 1) {
        close(CloseReason::BadClientProtocolVersion, error_text::kInvalidProtocol);
        return;
    }
    parser_.allow_headers(options_.headers && context_.info.headers);
    if (options_.no_responders && !(options_.headers && context_.info.headers)) {
        close(CloseReason::NoRespondersRequiresHeaders, error_text::kNoRespondersWithoutHeaders);
        return;
    }
    admit(verdict.identity);
    if (was_waiting) {
        transport_.resume_reading();
        parser_.resume_held();
        run();
    }
}

void ClientConnection::admit(auth::Identity const& identity) {
    account::Account* const account = context_.accounts.find(identity.account);
    if (account == nullptr) {
        refuse();
        return;
    }
    if (account != account_) {
        release_subscriptions();
        account_ = account;
    }
    who_ = identity;
    authorizer_ = permission::Authorizer(account_->is_system());
    state_ = State::Open;
    context_.world.timers().cancel(std::exchange(handshake_.timer, {}));
    if (!handshake_.connected) {
        return;
    }
    keep_alive_.connected();
    observed_ = make_identity();
    context_.observation.event(observe::EventKind::ConnectionIdentified,
                               context_.world.clock().wall_now(), observed_);
    if (options_.verbose) {
        transport_.send(protocol::kOk);
    }
}

void ClientConnection::refuse() {
    context_.observation.counters.auth_failures.add(1);
    std::string const who =
        options_.user.empty() ? std::string() : concat(" - User ", base::quoted(options_.user));
    note(LogLevel::Error, concat("authentication error", who));
    context_.observation.event(observe::EventKind::AuthenticationFailed,
                               context_.world.clock().wall_now(), observed_);
    close(CloseReason::AuthenticationViolation, error_text::kAuthorization);
}

void ClientConnection::start_auth_timer() {
    world::Timers& timers = context_.world.timers();
    Instant const deadline = context_.world.clock().now() + context_.options->authorization.timeout;
    handshake_.timer = timers.call_at(deadline, [this] {
        handshake_.timer = {};
        if (state_ == State::Greeting || state_ == State::Authenticating) {
            note(LogLevel::Debug, "Authentication Timeout");
            close(CloseReason::AuthenticationTimeout, error_text::kAuthenticationTimeout);
        }
    });
}

}  // namespace signalbox::connection
