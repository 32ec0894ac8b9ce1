#include "engine/base/text.h"
#include "engine/connection/client_connection.h"
#include "engine/connection/connection_table.h"
#include "engine/connection/protocol_trace.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/server_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace signalbox::connection {

namespace error_text = protocol::error_text;

namespace {

/// Timers that are further away are set again on the way, so that no sum overflows.
constexpr Duration kLongestWait = base::hours(24);

CloseReason reason_of(auth::Refusal refusal) {
    switch (refusal) {
        case auth::Refusal::ProxyRequired:
            return CloseReason::ProxyRequired;
        case auth::Refusal::ProxyNotTrusted:
            return CloseReason::ProxyNotTrusted;
        case auth::Refusal::AccountConnections:
            return CloseReason::MaxAccountConnectionsExceeded;
        case auth::Refusal::Revoked:
            return CloseReason::CredentialsRevoked;
        case auth::Refusal::Expired:
        case auth::Refusal::AccountExpired:
            return CloseReason::AuthenticationExpired;
        case auth::Refusal::WrongCredentials:
        case auth::Refusal::TimedOut:
        case auth::Refusal::SigningKeyGone:
            return CloseReason::AuthenticationViolation;
    }
    return CloseReason::AuthenticationViolation;
}

/// What is told to someone who was in already; who never was hears the same whatever the reason.
std::string_view text_for_member(auth::Refusal refusal) {
    switch (refusal) {
        case auth::Refusal::Revoked:
            return error_text::kUserRevoked;
        case auth::Refusal::Expired:
            return error_text::kUserExpired;
        case auth::Refusal::AccountExpired:
            return error_text::kAccountExpired;
        case auth::Refusal::SigningKeyGone:
            return {};
        case auth::Refusal::WrongCredentials:
        case auth::Refusal::TimedOut:
        case auth::Refusal::ProxyRequired:
        case auth::Refusal::ProxyNotTrusted:
        case auth::Refusal::AccountConnections:
            return error_text::kAuthorization;
    }
    return error_text::kAuthorization;
}

}  // namespace

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
    if (!handshake_.connected) {
        handshake_.took = context_.world.clock().wall_now() - handshake_.accepted_at;
    }
    handshake_.connected = true;
    handshake_.greeted = false;
    who_.proof = {};
    authenticate();
}

auth::Credentials ClientConnection::credentials() const {
    return {.user = options_.user,
            .password = options_.password,
            .token = options_.token,
            .nkey = options_.nkey,
            .signature = options_.signature,
            .jwt = options_.jwt,
            .proxy_signature = options_.proxy_signature,
            .nonce = handshake_.nonce,
            .remote = transport_.remote(),
            .type = handshake_.type,
            .peer = handshake_.peer,
            .facts = {.cid = cid_,
                      .name = options_.name,
                      .lang = options_.lang,
                      .version = options_.version,
                      .protocol = options_.protocol},
            .proxy_key = {},
            .proof = who_.proof,
            .again = state_ == State::Open};
}

void ClientConnection::authenticate() {
    state_ = State::Authenticating;
    unsigned const attempt = ++handshake_.attempt;
    // The answer may come when this connection is gone, so it finds its way by id.
    context_.authenticator->authenticate(
        credentials(), [&table = table_, cid = cid_, attempt](auth::Verdict const& verdict) {
            ClientConnection* const self = table.find(cid);
            bool const awaited = self != nullptr && self->state_ == State::Authenticating &&
                                 self->handshake_.attempt == attempt;
            if (awaited) {
                self->judge(verdict);
            }
        });
}

void ClientConnection::authenticate_again() {
    if (state_ == State::Authenticating) {
        // Whoever was asked before knows the users of before.
        authenticate();
        return;
    }
    if (state_ != State::Open) {
        return;
    }
    unsigned const attempt = ++handshake_.attempt;
    // Goes on as who it is until the answer comes.
    context_.authenticator->authenticate(
        credentials(), [&table = table_, cid = cid_, attempt](auth::Verdict const& verdict) {
            ClientConnection* const self = table.find(cid);
            bool const awaited = self != nullptr && self->state_ == State::Open &&
                                 self->handshake_.attempt == attempt;
            if (awaited) {
                self->judge_again(verdict);
            }
        });
}

void ClientConnection::authenticate_again(
    std::function<bool(auth::Credentials const&, auth::Identity const&)> const& stands) {
    if (state_ != State::Open || !stands(credentials(), who_)) {
        authenticate_again();
    }
}

void ClientConnection::judge_again(auth::Verdict const& verdict) {
    if (!verdict.admitted) {
        refuse(verdict);
        return;
    }
    if (verdict.identity.account != who_.account) {
        note(LogLevel::Debug, concat("moved to account ", base::quoted(verdict.identity.account)));
        close(CloseReason::ClientClosed);
        return;
    }
    bool const same_proxy = verdict.identity.proxy_key == who_.proxy_key;
    if (!same_proxy || !become(verdict.identity)) {
        refuse({.admitted = false,
                .identity = {},
                .refusal =
                    same_proxy ? auth::Refusal::WrongCredentials : auth::Refusal::ProxyNotTrusted,
                .detail = {}});
        return;
    }
    observed_ = make_identity();
    review_subscriptions();
}

/// Takes out what it may not have any more.
void ClientConnection::review_subscriptions() {
    std::vector<message::Subscription*> lost;
    subscriptions_.for_each([&](message::Subscription& subscription) {
        auto const filter = subject::Filter::from_checked(subscription.filter);
        if (authorizer_.may_subscribe(filter, subscription.queue)) {
            subscription.screening = authorizer_.screening(filter, subscription.queue);
        } else {
            lost.push_back(&subscription);
        }
    });
    for (message::Subscription* const subscription : lost) {
        std::string const queue = subscription->queue.empty()
                                      ? std::string()
                                      : concat(" using queue ", base::quoted(subscription->queue));
        std::string const text =
            concat("Permissions Violation for Subscription to ", base::quoted(subscription->filter),
                   queue, " (sid ", base::quoted(subscription->sid), ")");
        violation(text, text);
        remove(*subscription);
    }
    std::int64_t const most = max_subscriptions();
    if (most >= 0 && static_cast<std::int64_t>(subscriptions_.size()) > most) {
        close(CloseReason::MaxSubscriptionsExceeded, error_text::kMaxSubscriptions);
    }
}

void ClientConnection::judge(auth::Verdict const& verdict) {
    if (!verdict.admitted || !options_.account.empty() || options_.new_account) {
        refuse(verdict);
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
    if (admit(verdict.identity) && was_waiting) {
        transport_.resume_reading();
        parser_.resume_held();
        run();
    }
}

/// False: it was refused after all.
bool ClientConnection::admit(auth::Identity const& identity) {
    account::Account* const account = context_.accounts.find(identity.account);
    if (account == nullptr) {
        refuse({.admitted = false, .identity = {}, .detail = "there is no such account"});
        return false;
    }
    if (account != account_.get()) {
        if (!account->has_room_for_client()) {
            refuse({.admitted = false,
                    .identity = identity,
                    .refusal = auth::Refusal::AccountConnections,
                    .detail = "the account has as many connections as it may"});
            return false;
        }
        release_subscriptions();
        account_.move_to(*account);
    }
    if (!become(identity)) {
        refuse({});
        return false;
    }
    state_ = State::Open;
    context_.world.timers().cancel(std::exchange(handshake_.timer, {}));
    if (!handshake_.connected) {
        return true;
    }
    keep_alive_.connected();
    observed_ = make_identity();
    context_.observation.event(observe::EventKind::ConnectionIdentified,
                               context_.world.clock().wall_now(), observed_);
    say_connected();
    if (options_.verbose) {
        transport_.send(protocol::kOk);
    }
    return true;
}

/// What it may do is what this identity may. False: its permissions cannot be read.
bool ClientConnection::become(auth::Identity const& identity) {
    auto book = context_.rule_books.book_of(identity.permissions.get());
    if (!book.ok()) {
        note(LogLevel::Error, book.error().detail());
        return false;
    }
    who_ = identity;
    authorizer_ = permission::Authorizer(account_->is_system(), std::move(book).value());
    read_settings();
    schedule_expiry();
    return true;
}

/// The least of what server, account and user allow.
std::int64_t ClientConnection::max_payload() const {
    std::int64_t most = context_.options->limits.max_payload;
    for (std::int64_t const limit : {account_->limits().max_payload, who_.max_payload}) {
        most = limit < 0 ? most : std::min(most, limit);
    }
    return most;
}

/// Likewise; negative: there is no limit.
std::int64_t ClientConnection::max_subscriptions() const {
    std::int64_t const of_server = context_.options->limits.max_subscriptions;
    std::int64_t most = of_server == 0 ? -1 : of_server;
    for (std::int64_t const limit :
         {account_->limits().max_subscriptions, who_.max_subscriptions}) {
        most = limit < 0 ? most : most < 0 ? limit : std::min(most, limit);
    }
    return most;
}

void ClientConnection::schedule_expiry() {
    world::Timers& timers = context_.world.timers();
    timers.cancel(std::exchange(handshake_.expiry, {}));
    if (!who_.expires) {
        return;
    }
    Duration const left = *who_.expires - context_.world.clock().wall_now();
    Instant const when = context_.world.clock().now() + std::clamp(left, Duration{0}, kLongestWait);
    handshake_.expiry = timers.call_at(when, [this] {
        handshake_.expiry = {};
        if (context_.world.clock().wall_now() < *who_.expires) {
            // The calendar is what counts, and it was set back meanwhile.
            schedule_expiry();
            return;
        }
        note(LogLevel::Debug, error_text::kUserExpired);
        close(CloseReason::AuthenticationExpired, error_text::kUserExpired);
    });
}

void ClientConnection::calendar_changed() {
    if (state_ == State::Open) {
        schedule_expiry();
    }
}

void ClientConnection::refuse(auth::Verdict const& verdict) {
    say_refused(reason_of(verdict.refusal), verdict);
    if (verdict.refusal == auth::Refusal::AccountConnections) {
        note(LogLevel::Error, error_text::kMaxAccountConnections);
        close(CloseReason::MaxAccountConnectionsExceeded, error_text::kMaxAccountConnections);
        return;
    }
    context_.observation.counters.auth_failures.add(1);
    std::string const who = auth::shown_as(credentials());
    note(LogLevel::Error, concat("authentication error", who.empty() ? "" : " - ", who));
    if (!verdict.detail.empty()) {
        note(LogLevel::Debug, concat("not admitted: ", verdict.detail));
    }
    context_.observation.event(observe::EventKind::AuthenticationFailed,
                               context_.world.clock().wall_now(), observed_);
    if (state_ == State::Open) {
        close(reason_of(verdict.refusal), text_for_member(verdict.refusal));
        return;
    }
    // What it was refused for is not its business, nor that of the list of closed connections.
    bool const by_proxy = verdict.refusal == auth::Refusal::ProxyRequired ||
                          verdict.refusal == auth::Refusal::ProxyNotTrusted;
    close(by_proxy ? reason_of(verdict.refusal) : CloseReason::AuthenticationViolation,
          error_text::kAuthorization);
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
