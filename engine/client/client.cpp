#include "engine/client/client.h"

#include "engine/base/encoding.h"
#include "engine/base/json_reader.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/crypto/key_pair.h"
#include "engine/protocol/client_writer.h"
#include "engine/subject/subject.h"

#include <array>
#include <utility>

namespace signalbox::client {

namespace {

/// A reply subject that no other client has.
std::string inbox_prefix(World& world) {
    constexpr std::string_view kDigits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string prefix = "_INBOX.";
    for (int i = 0; i < 22; ++i) {
        prefix.push_back(kDigits[world.entropy().below(kDigits.size())]);
    }
    return prefix + ".";
}

/// Said of a server that was to encrypt and does not offer to, or seems not to, because someone on
/// the way took the offer out.
constexpr std::string_view kNotSecure = "the server offers no TLS";

/// What ends a connection so that the next attempt would end the same.
bool is_final(std::string_view error) {
    return base::equal_ignoring_case(error, "Authorization Violation") || error == kNotSecure;
}

}  // namespace

Client::Client(World& world, ClientOptions options, Callbacks callbacks)
    : world_(world),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      backoff_(options_.backoff),
      requests_(world, inbox_prefix(world)) {
    CHECK(!options_.servers.empty());
    world_.turn().add(*this);
}

Client::~Client() {
    world_.timers().cancel(timer_);
    world_.turn().remove(*this);
}

void Client::connect() {
    if (state_ == State::Idle) {
        dial();
    }
}

void Client::dial() {
    become(State::Connecting, {});
    if (state_ != State::Connecting) {
        return;
    }
    ServerAddress const& server = options_.servers[next_server_ % options_.servers.size()];
    ++next_server_;
    dial_ = world_.network().dial(
        server.host, server.port, options_.dial_timeout,
        [this](Result<std::unique_ptr<world::Link>> link) { dialled(std::move(link)); });
}

void Client::dialled(Result<std::unique_ptr<world::Link>> link) {
    if (!link.ok()) {
        lose(link.error().detail());
        return;
    }
    wire_ = std::make_unique<Wire>();
    wire_->link = std::move(link).value();
    if (options_.tls && options_.tls->handshake_first && !secure()) {
        return;
    }
    if (!wire_->secure) {
        wire_->link->start(*this);
    }
    // A server that says nothing must not hold us for ever.
    set_timer(options_.dial_timeout, &Client::keep_alive);
}

void Client::received(Bytes bytes) {
    Wire const* const wire = wire_.get();
    bool const was_secure = wire_->secure;
    wire_->parser.feed(bytes);
    // A callback may have closed the connection meanwhile.
    while (wire_.get() == wire) {
        if (wire_->secure != was_secure) {
            // What came in the plain behind INFO is not the server's, or it would have waited.
            wire_->parser = protocol::ServerParser();
            return;
        }
        Result<std::optional<protocol::ServerOp>> const op = wire_->parser.next();
        if (!op.ok()) {
            lose(op.error().detail());
            return;
        }
        if (!op.value()) {
            return;
        }
        act(*op.value());
    }
}

void Client::act(protocol::ServerOp const& op) {
    if (auto const* message = std::get_if<protocol::MessageOp>(&op)) {
        take(*message);
    } else if (std::holds_alternative<protocol::PingOp>(op)) {
        wire_->out.append(protocol::kPongLine);
    } else if (std::holds_alternative<protocol::PongOp>(op)) {
        pong();
    } else if (auto const* info = std::get_if<protocol::InfoOp>(&op)) {
        learn(info->json);
    } else if (auto const* error = std::get_if<protocol::ErrorOp>(&op)) {
        refuse(error->text);
    }
}

void Client::learn(Bytes json) {
    server_info_.assign(json);
    if (Result<Json> const info = Json::parse(json); info.ok()) {
        Json const* const max_payload = info.value().find("max_payload");
        std::int64_t const bytes = max_payload == nullptr ? 0 : max_payload->as_int().value_or(0);
        max_payload_ = bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
        Json const* const nonce = info.value().find("nonce");
        std::string const* const text = nonce == nullptr ? nullptr : nonce->as_text();
        nonce_ = text == nullptr ? std::string() : *text;
    }
    if (wire_->greeted) {
        return;
    }
    if (!wire_->secure) {
        OfferedTls const offered = offered_tls(server_info_);
        bool const wanted = options_.tls && options_.tls->required;
        if (wanted && !offered.available && !offered.required) {
            wire_->last_error = kNotSecure;
            lose(kNotSecure);
            return;
        }
        if ((wanted || offered.required) && !secure()) {
            return;
        }
    }
    greet();
}

/// From here on all is encrypted. False: it cannot be, and the connection is lost.
bool Client::secure() {
    ServerAddress const& server = options_.servers[(next_server_ - 1) % options_.servers.size()];
    auto link =
        cover(world_, std::move(wire_->link), options_.tls.value_or(ClientTls{}), server.host);
    if (!link.ok()) {
        lose(link.error().detail());
        return false;
    }
    wire_->secure = true;
    wire_->link = std::move(link).value();
    wire_->link->start(*this);
    return true;
}

void Client::sign(protocol::ConnectLine& line, Signature& signature) const {
    line.jwt = options_.jwt.reveal();  // a bearer's goes alone
    if (options_.nkey_seed.empty() || nonce_.empty()) {
        return;
    }
    Result<crypto::KeyPair> const key = crypto::KeyPair::from_seed(options_.nkey_seed.reveal());
    if (!key.ok()) {
        return;  // and the server lets nobody in
    }
    signature.text = base::to_base64_url(key.value().sign(nonce_));
    line.signature = signature.text;
    if (options_.jwt.empty()) {
        signature.nkey = key.value().public_key().text();
        line.nkey = signature.nkey;
    }
}

void Client::greet() {
    wire_->greeted = true;
    protocol::ConnectLine line{.verbose = options_.verbose,
                               .pedantic = options_.pedantic,
                               .echo = options_.echo,
                               .headers = options_.headers,
                               .no_responders = options_.no_responders && options_.headers,
                               .name = options_.name,
                               .lang = "signalbox",
                               .version = SIGNALBOX_VERSION,
                               .user = options_.user,
                               .password = options_.password.reveal(),
                               .token = options_.token.reveal()};
    Signature signature;
    sign(line, signature);
    protocol::append_connect(wire_->out, line);
    wire_->out.append(protocol::kPingLine);
    wire_->pongs.emplace_back();
    for (auto const& [sid, subscription] : subscriptions_) {
        append_subscription(wire_->out, sid, subscription);
    }
}

void Client::append_subscription(std::string& out, Sid sid,
                                 Subscription const& subscription) const {
    protocol::append_subscribe(out, subscription.filter, subscription.queue_group, sid);
    if (subscription.max > 0) {
        protocol::append_unsubscribe(out, sid, subscription.max - subscription.received);
    }
}

void Client::pong() {
    wire_->pings_out = 0;
    if (wire_->pongs.empty()) {
        return;
    }
    OnFlushed const done = std::move(wire_->pongs.front());
    wire_->pongs.pop_front();
    if (state_ == State::Connecting) {
        ++counts_.connects;
        backoff_.reset();
        wire_->out.append(pending_);
        pending_.clear();
        set_timer(options_.ping_interval, &Client::keep_alive);
        become(State::Connected, {});
    }
    if (done) {
        done({});
    }
}

void Client::refuse(std::string_view text) {
    wire_->last_error.assign(text);
    if (callbacks_.error) {
        callbacks_.error(text);
    }
}

void Client::take(protocol::MessageOp const& message) {
    ++counts_.messages_in;
    counts_.bytes_in += message.headers.size() + message.payload.size();
    std::optional<Sid> const sid = base::parse_uint(message.sid);
    if (sid && *sid == inbox_) {
        bool const nobody = protocol::status_of(message.headers) == 503;
        requests_.answer(
            message.subject,
            {.headers = message.headers, .payload = message.payload, .no_responders = nobody});
        return;
    }
    auto const found = sid ? subscriptions_.find(*sid) : subscriptions_.end();
    if (found == subscriptions_.end()) {
        return;
    }
    Subscription& subscription = found->second;
    ++subscription.received;
    std::shared_ptr<OnMessage const> const done = subscription.done;
    if (subscription.max > 0 && subscription.received >= subscription.max) {
        subscriptions_.erase(found);
    }
    (*done)({message.subject, message.reply, message.headers, message.payload, *sid});
}

Result<Sid> Client::subscribe(std::string_view filter, std::string_view queue_group,
                              OnMessage done) {
    TRY(subject::Filter::parse(filter));
    if (!queue_group.empty()) {
        TRY(subject::PublishSubject::parse(queue_group));
    }
    if (state_ == State::Closed) {
        return Error(Errc::Closed, "the client is closed");
    }
    Sid const sid = ++last_sid_;
    Subscription const& subscription =
        subscriptions_
            .emplace(sid, Subscription{std::string(filter), std::string(queue_group),
                                       std::make_shared<OnMessage const>(std::move(done))})
            .first->second;
    if (wire_ && wire_->greeted) {
        append_subscription(wire_->out, sid, subscription);
    }
    return sid;
}

void Client::unsubscribe(Sid sid, std::uint64_t max) {
    auto const found = subscriptions_.find(sid);
    if (found == subscriptions_.end()) {
        return;
    }
    Subscription& subscription = found->second;
    if (wire_ && wire_->greeted) {
        protocol::append_unsubscribe(wire_->out, sid, max);
    }
    if (max <= subscription.received) {
        subscriptions_.erase(found);
    } else {
        subscription.max = max;
    }
}

std::size_t Client::pending_bytes() const {
    return pending_.size() + (wire_ ? wire_->out.size() : 0);
}

Result<void> Client::publish(Outgoing const& message) {
    TRY(subject::PublishSubject::parse(message.subject));
    if (!message.reply.empty()) {
        TRY(subject::PublishSubject::parse(message.reply));
    }
    if (state_ == State::Closed) {
        return Error(Errc::Closed, "the client is closed");
    }
    std::size_t const size = message.headers.size() + message.payload.size();
    if (max_payload_ > 0 && size > max_payload_) {
        return Error(Errc::LimitExceeded,
                     concat(size, " bytes, and the server takes ", max_payload_));
    }
    if (pending_bytes() + size > options_.max_pending) {
        return Error(Errc::LimitExceeded, concat(pending_bytes(), " bytes are pending"));
    }
    bool const connected = state_ == State::Connected && wire_;
    protocol::append_publish(connected ? wire_->out : pending_,
                             {message.subject, message.reply, message.headers, message.payload});
    ++counts_.messages_out;
    counts_.bytes_out += size;
    return {};
}

Result<void> Client::request(Outgoing const& message, Duration timeout, OnReply done) {
    if (inbox_ == 0) {
        inbox_ = TRY(subscribe(requests_.inbox_filter(), {}, [](Incoming const&) {}));
    }
    // Added only once it was published, so that a refused one leaves nothing behind.
    std::string const reply = requests_.next_reply();
    Outgoing with_reply = message;
    with_reply.reply = reply;
    TRY(publish(with_reply));
    requests_.add(timeout, std::move(done));
    return {};
}

void Client::flush(OnFlushed done) {
    if (state_ != State::Connected) {
        world_.turn().defer(
            [done = std::move(done)] { done(Error(Errc::Closed, "not connected")); });
        return;
    }
    wire_->out.append(protocol::kPingLine);
    wire_->pongs.push_back(std::move(done));
}

void Client::end_of_turn() {
    old_wire_.reset();
    send_now();
}

void Client::send_now() {
    if (!wire_ || wire_->blocked || wire_->out.empty()) {
        return;
    }
    std::array<Bytes, 1> const pieces = {Bytes(wire_->out)};
    std::size_t const taken = wire_->link->send(pieces);
    wire_->blocked = taken < wire_->out.size();
    wire_->out.erase(0, taken);
}

void Client::writable() {
    wire_->blocked = false;
    send_now();
}

void Client::ended(world::LinkEnd, std::string_view detail) {
    lose(detail);
}

void Client::set_timer(Duration wait, void (Client::*what)()) {
    world_.timers().cancel(timer_);
    timer_ =
        world_.timers().call_at(world_.clock().now() + wait, [this, what] { (this->*what)(); });
}

void Client::keep_alive() {
    if (state_ == State::Connecting) {
        lose("the server does not answer");
        return;
    }
    if (wire_->pings_out >= options_.max_pings_out) {
        lose("the server does not answer pings");
        return;
    }
    ++wire_->pings_out;
    wire_->out.append(protocol::kPingLine);
    wire_->pongs.emplace_back();
    set_timer(options_.ping_interval, &Client::keep_alive);
}

void Client::drop_wire(std::string_view why) {
    world_.timers().cancel(timer_);
    if (!wire_) {
        return;
    }
    wire_->link.reset();
    old_wire_ = std::move(wire_);
    std::deque<OnFlushed> const pongs = std::exchange(old_wire_->pongs, {});
    for (OnFlushed const& done : pongs) {
        if (done) {
            done(Error(Errc::Closed, std::string(why)));
        }
    }
}

void Client::lose(std::string_view why) {
    std::string const detail =
        wire_ && !wire_->last_error.empty() ? wire_->last_error : std::string(why);
    bool const final = !options_.reconnect || is_final(detail) || !backoff_.may_try();
    // Said before the callbacks of `drop_wire`, which may publish.
    state_ = final ? State::Closed : State::Waiting;
    drop_wire(detail);
    if (state_ == State::Closed && !final) {
        return;
    }
    if (final) {
        requests_.fail_all(Error(Errc::Closed, detail));
    } else {
        set_timer(backoff_.next_wait(world_.entropy()), &Client::dial);
    }
    become(state_, detail);
}

void Client::close() {
    if (state_ == State::Closed) {
        return;
    }
    send_now();
    if (state_ == State::Connecting && !wire_) {
        dial_.reset();
    }
    state_ = State::Closed;
    drop_wire("the client was closed");
    requests_.fail_all(Error(Errc::Closed, "the client was closed"));
    become(State::Closed, {});
}

void Client::become(State state, std::string_view detail) {
    state_ = state;
    if (callbacks_.state) {
        callbacks_.state(state, detail);
    }
}

}  // namespace signalbox::client
