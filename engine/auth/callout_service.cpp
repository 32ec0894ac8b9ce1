#include "engine/auth/callout_service.h"

#include "engine/base/encoding.h"
#include "engine/base/text.h"

#include <array>
#include <string_view>

namespace signalbox::auth {
namespace {

constexpr std::string_view kXkeyHeader = "Nats-Server-Xkey";

std::string block_of(std::string_view header, std::string_view value) {
    return concat("NATS/1.0\r\n", header, ": ", value, "\r\n\r\n");
}

}  // namespace

CalloutService::CalloutService(Parts parts)
    : parts_(std::move(parts)), entropy_(parts_.world.entropy().fork("callout")) {
    crypto::SeedBytes seed{};
    entropy_->fill(seed);
    xkey_ = crypto::CurveKey::from_seed_bytes(seed);
}

CalloutService::~CalloutService() {
    for (auto& [inbox, waiting] : waiting_) {
        parts_.world.timers().cancel(waiting.timer);
    }
}

std::string CalloutService::unlikely_token() {
    std::array<unsigned char, 16> bytes{};
    entropy_->fill(bytes);
    return base::to_base32(std::string(bytes.begin(), bytes.end()));
}

/// The server's own client in that account, made when it is first needed; null: no such account.
CalloutService::Client* CalloutService::client_of(std::string const& account) {
    account::Account* const found = parts_.accounts.find(account);
    if (found == nullptr) {
        return nullptr;
    }
    Client& client = clients_[account];
    if (!client.client || &client.client->account() != found) {
        client.client = std::make_unique<dispatch::InternalClient>(parts_.world.turn(),
                                                                   parts_.dispatcher, *found);
        client.inbox = concat("$SYS._INBOX.", unlikely_token(), ".");
        client.client->subscribe(
            client.inbox + "*", {},
            [this](dispatch::ReceivedMessage const& message) { answered(message); });
    }
    return &client;
}

void CalloutService::ask(Target const& target, Credentials const& credentials, OnAnswer done) {
    Client* const client = client_of(target.account);
    if (client == nullptr || waiting_.size() >= kMaxWaiting) {
        parts_.world.turn().defer([done = std::move(done)] {
            done(Error(Errc::NotFound, "the account of the auth callout is not there"));
        });
        return;
    }
    crypto::SeedBytes seed{};
    entropy_->fill(seed);
    std::string const user =
        crypto::KeyPair::from_seed_bytes(crypto::NkeyKind::User, seed).public_key().text();
    WallTime const now = parts_.world.clock().wall_now();
    std::string const xkey = target.xkey.empty() ? std::string() : xkey_->public_key().text();
    std::string question = encode_question(parts_.server,
                                           {.user_nkey = user,
                                            .issuer_account = target.issuer,
                                            .server_xkey = xkey,
                                            .now = now,
                                            .expires = now + target.timeout},
                                           credentials);
    std::string headers;
    if (!target.xkey.empty()) {
        crypto::CurveKey::Nonce nonce{};
        entropy_->fill(nonce);
        Result<crypto::PublicNkey> const to = crypto::PublicNkey::parse(target.xkey);
        Result<std::string> sealed =
            to.ok() ? xkey_->seal(to.value(), nonce, question) : Result<std::string>(to.error());
        if (!sealed.ok()) {
            parts_.world.turn().defer(
                [done = std::move(done), error = sealed.error()] { done(error); });
            return;
        }
        question = std::move(sealed).value();
        headers = block_of(kXkeyHeader, xkey);
    }
    std::string const inbox = client->inbox + unlikely_token();
    Waiting& waiting = waiting_[inbox];
    waiting = {.user_nkey = user, .target = target, .done = std::move(done), .timer = {}};
    // A little less than the connection waits itself, so that it hears this reason.
    Instant const until = parts_.world.clock().now() + target.timeout / 10 * 9;
    waiting.timer = parts_.world.timers().call_at(until, [this, inbox] {
        finish(inbox, Error(Errc::TimedOut, "auth callout did not answer in time"));
    });
    client->client->publish({.subject = kCalloutSubject,
                             .reply = inbox,
                             .headers = std::move(headers),
                             .payload = std::move(question)});
}

void CalloutService::answered(dispatch::ReceivedMessage const& message) {
    auto const found = waiting_.find(message.subject);
    if (found == waiting_.end()) {
        return;
    }
    finish(message.subject, read(found->second, message));
}

Result<CalloutService::Answer> CalloutService::read(
    Waiting const& waiting, dispatch::ReceivedMessage const& message) const {
    std::string text = message.payload;
    if (text.empty()) {
        return Error(Errc::PermissionDenied,
                     concat("auth callout violation: \"no reason supplied\" on account ",
                            base::quoted(waiting.target.account)));
    }
    // Every JWT begins so, and no sealed box does.
    if (!waiting.target.xkey.empty() && !text.starts_with("eyJ")) {
        crypto::PublicNkey const from = TRY(crypto::PublicNkey::parse(waiting.target.xkey));
        Result<std::string> opened = xkey_->open(from, text);
        if (!opened.ok()) {
            return Error(
                Errc::Malformed,
                concat("error decrypting auth callout response on account ",
                       base::quoted(waiting.target.account), ": ", opened.error().detail()));
        }
        text = std::move(opened).value();
    }
    Result<claims::AuthorizationResponse> response = claims::decode_authorization_response(text);
    if (!response.ok()) {
        return Error(Errc::Malformed,
                     concat("error decoding auth callout response on account ",
                            base::quoted(waiting.target.account), ": ", response.error().detail()));
    }
    claims::Token const& token = response.value().token;
    if (token.subject != waiting.user_nkey) {
        return Error(Errc::PermissionDenied,
                     "auth callout violation: auth callout response is not for expected user");
    }
    if (token.audience != parts_.server.key->public_key().text()) {
        return Error(Errc::PermissionDenied,
                     "auth callout violation: auth callout response is not for server");
    }
    if (!token.valid_at(parts_.world.clock().wall_now())) {
        return Error(Errc::PermissionDenied, "auth callout response has expired");
    }
    return Answer{.response = std::move(response).value(), .user_nkey = waiting.user_nkey};
}

void CalloutService::finish(std::string const& inbox, Result<Answer> answer) {
    auto const found = waiting_.find(inbox);
    if (found == waiting_.end()) {
        return;
    }
    Waiting const waiting = std::move(found->second);
    waiting_.erase(found);
    parts_.world.timers().cancel(waiting.timer);
    waiting.done(std::move(answer));
}

}  // namespace signalbox::auth
