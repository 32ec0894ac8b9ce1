#include "engine/connection/client_connection.h"

#include "engine/base/duration_text.h"
#include "engine/base/encoding.h"
#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/connection/connection_table.h"
#include "engine/connection/protocol_trace.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/server_writer.h"

#include <array>
#include <utility>

namespace signalbox::connection {

namespace error_text = protocol::error_text;
using protocol::ClientParser;
using protocol::ParseFault;

namespace {

protocol::ParserLimits parser_limits(config::Limits const& limits, std::int64_t max_payload) {
    return {.max_control_line = static_cast<std::uint64_t>(limits.max_control_line),
            .max_payload = static_cast<std::uint64_t>(max_payload)};
}

/// 15 characters, as the reference's.
constexpr std::size_t kNonceBytes = 11;

std::string make_nonce(world::Entropy& entropy) {
    std::array<unsigned char, kNonceBytes> random{};
    entropy.fill(random);
    return base::to_base64_url(std::string(random.begin(), random.end()));
}

}  // namespace

ClientConnection::ClientConnection(ConnectionContext& context, ConnectionTable& table,
                                   std::unique_ptr<world::Link> link, std::uint64_t cid)
    : context_(context),
      table_(table),
      cid_(cid),
      transport_(context.world, context.flush, std::move(link), *this),
      parser_(parser_limits(context.options->limits, context.options->limits.max_payload)),
      account_(context.accounts.global()),
      who_{.account = account::kGlobalAccount, .user = {}, .label = {}},
      subscriptions_(context.hash_seed),
      keep_alive_(context.world, context.options->limits,
                  {.send_ping = [this] { transport_.send(protocol::kPing); },
                   .declare_stale =
                       [this] {
                           context_.observation.counters.stale_connections.add(1);
                           note(LogLevel::Debug, "Stale Client Connection - Closing");
                           close(CloseReason::StaleConnection, error_text::kStaleConnection);
                       }}),
      handshake_{.accepted_at = context.world.clock().wall_now()} {}

ClientConnection::~ClientConnection() {
    context_.world.timers().cancel(handshake_.timer);
    context_.world.timers().cancel(handshake_.expiry);
    context_.world.timers().cancel(stall_timer_);
}

void ClientConnection::start() {
    counters_ = &context_.observation.connections.at(table_.slot_of(cid_));
    counters_->last_activity.set(
        static_cast<std::uint64_t>(handshake_.accepted_at.since_epoch().count()));
    observed_ = make_identity();
    context_.observation.event(observe::EventKind::ConnectionOpened, handshake_.accepted_at,
                               observed_);
    read_settings();
    note(LogLevel::Debug, "Client connection created");
    if (context_.authenticator->asks_for_signatures()) {
        handshake_.nonce = make_nonce(context_.world.entropy());
    }
    if (Entry::is_needed(*context_.options)) {
        prepare_entry();
    }
    if (!handshake_.entry || Entry::greets_first(*context_.options)) {
        send_info(InfoKind::First);
    }
    if (!has_room()) {
        return;
    }
    if (handshake_.entry) {
        handshake_.entry->begin();
    } else {
        begin_protocol();
        transport_.start();
    }
}

bool ClientConnection::has_room() {
    if (!table_.is_full()) {
        return true;
    }
    note(LogLevel::Error, error_text::kMaxConnections);
    close(CloseReason::MaxConnectionsExceeded, error_text::kMaxConnections);
    return false;
}

/// TLS and what a proxy says come before the protocol.
void ClientConnection::prepare_entry() {
    auto const came_in = [this](Bytes first) {
        std::unique_ptr<Entry> const entry = std::move(handshake_.entry);
        handshake_.peer = entry->peer();
        handshake_.tls_first = entry->handshake_came_first();
        observed_ = make_identity();
        if (handshake_.tls_first) {
            send_info(InfoKind::First);
        }
        begin_protocol();
        if (!first.empty()) {
            received(first);
        }
    };
    handshake_.entry = std::make_unique<Entry>(
        context_, transport_,
        Entry::Hooks{.send_info = [this] { send_info(InfoKind::First); },
                     .came_in = came_in,
                     .turn_away = [this](CloseReason reason,
                                         std::string_view error) { close(reason, error); },
                     .note = [this](LogLevel level, std::string_view text) { note(level, text); }});
}

void ClientConnection::begin_protocol() {
    if (context_.options->authentication_required()) {
        start_auth_timer();
    } else {
        state_ = State::Open;
    }
}

void ClientConnection::send_info(InfoKind kind) {
    protocol::Info info = context_.info;
    info.max_payload = max_payload();
    info.client_id = cid_;
    if (!handshake_.entry || !handshake_.entry->awaits_proxy()) {
        info.client_ip = transport_.remote().host;
    }
    info.auth_required = context_.options->authentication_required();
    if (context_.options->tls) {
        bool const may_choose = context_.options->allow_non_tls && !handshake_.tls_first;
        info.tls_required = !may_choose;
        info.tls_available = may_choose;
        info.tls_verify = context_.tls->verify() == tls::Verify::Peer;
    }
    info.connect_info = kind == InfoKind::AnswersPing;
    info.lame_duck = info.lame_duck || kind == InfoKind::ShutdownComes;
    if (kind == InfoKind::First) {
        info.nonce = handshake_.nonce;
        // Later ones say it all the same, as the reference's do.
        bool const is_someone = !context_.options->authorization.no_auth_user.empty() &&
                                context_.authenticator->admits_unnamed(handshake_.type);
        info.auth_required = info.auth_required && !is_someone;
    }
    if (info.connect_info) {
        info.remote_account = account_->name();
        info.account_is_system = account_->is_system();
    }
    transport_.send(protocol::info_line(info));
}

void ClientConnection::read_settings() {
    config::Limits const& limits = context_.options->limits;
    parser_.set_limits(parser_limits(limits, max_payload()));
    transport_.set_write_deadline(limits.write_deadline);
    auto const max_pending = static_cast<std::size_t>(limits.max_pending);
    limits_ = {.max_pending = max_pending,
               .falls_behind = max_pending / 4 * 3,
               .refuse_when_behind = limits.no_fast_producer_stall,
               .trace = context_.log.wants(LogLevel::Trace)};
}

void ClientConnection::settings_changed() {
    bool const shows_certificate = handshake_.peer && !handshake_.peer->certificates.empty();
    if (shows_certificate && context_.tls &&
        !context_.tls->admits(handshake_.peer->certificates.front().spki_sha256)) {
        note(LogLevel::Error, "certificate not pinned");
        close(CloseReason::TlsHandshakeFailure);
        return;
    }
    read_settings();
    if (state_ == State::Greeting && !context_.options->authentication_required()) {
        // Nobody has to say any more who they are.
        context_.world.timers().cancel(std::exchange(handshake_.timer, {}));
        state_ = State::Open;
    }
    say_info_again();
}

bool ClientConnection::say_info_again() {
    if (!understands_info()) {
        return false;
    }
    send_info(InfoKind::Changed);
    return true;
}

bool ClientConnection::warn_of_shutdown() {
    if (!understands_info()) {
        return false;
    }
    send_info(InfoKind::ShutdownComes);
    return true;
}

void ClientConnection::received(Bytes bytes) {
    if (state_ == State::Closing) {
        return;
    }
    if (handshake_.entry) {
        handshake_.entry->received(bytes);
        return;
    }
    keep_alive_.heard();
    counters_->last_activity.set(
        static_cast<std::uint64_t>(context_.world.clock().wall_now().since_epoch().count()));
    if (auto const space = parser_.writable(); !space.empty() && bytes.data() == space.data()) {
        parser_.commit(bytes.size());
    } else {
        parser_.feed(bytes);
    }
    run();
}

void ClientConnection::run() {
    running_ = true;
    while (state_ == State::Greeting || state_ == State::Open) {
        if (state_ == State::Greeting && !may_begin()) {
            break;
        }
        ClientParser::Step const step = parser_.next();
        if (step == ClientParser::Step::NeedMore) {
            break;
        }
        if (step != ClientParser::Step::Publish) {
            // What came before it must be with its recipients.
            publish_gathered();
        }
        take(step);
    }
    publish_gathered();
    running_ = false;
    if (state_ == State::Authenticating) {
        parser_.hold();
        transport_.pause_reading();
    }
    count(std::exchange(inbound_, {}));
}

/// Before it is known who this is, the first byte must be that of CONNECT, unless clients without
/// credentials are someone too.
bool ClientConnection::may_begin() {
    char const first = parser_.first_byte();
    if (first == 'C' || first == 'c' || first == '\0') {
        return true;
    }
    if (context_.authenticator->admits_unnamed(handshake_.type)) {
        authenticate();
        return state_ == State::Open;
    }
    refuse({});
    return false;
}

void ClientConnection::take(ClientParser::Step step) {
    switch (step) {
        case ClientParser::Step::Publish:
            publish(parser_.publish());
            return;
        case ClientParser::Step::Ping:
            trace_in(context_.log, cid_, "PING");
            answer_ping();
            return;
        case ClientParser::Step::Pong:
            trace_in(context_.log, cid_, "PONG");
            keep_alive_.answered();
            counters_->rtt.set(static_cast<std::uint64_t>(keep_alive_.rtt().count()));
            return;
        case ClientParser::Step::Connect:
            connect();
            return;
        case ClientParser::Step::Subscribe:
            subscribe(parser_.subscribe());
            return;
        case ClientParser::Step::Unsubscribe:
            unsubscribe(parser_.unsubscribe());
            return;
        case ClientParser::Step::Info:
            if (!Json::parse(parser_.json()).ok()) {
                close(CloseReason::ProtocolViolation);
            }
            return;
        case ClientParser::Step::PeerError:
            note(LogLevel::Error, concat("Client Error ", base::cut(parser_.json(), 256)));
            close(CloseReason::ParseError);
            return;
        case ClientParser::Step::Fault:
            fault();
            return;
        case ClientParser::Step::Ok:
        case ClientParser::Step::NeedMore:
            return;
    }
}

void ClientConnection::answer_ping() {
    transport_.send(protocol::kPong);
    keep_alive_.may_measure();
    if (handshake_.connected && !handshake_.greeted) {
        handshake_.greeted = true;
        if (options_.protocol >= 1) {
            send_info(InfoKind::AnswersPing);
        }
    }
}

void ClientConnection::fault() {
    std::string const where = base::quoted(parser_.snippet());
    switch (parser_.fault()) {
        case ParseFault::UnknownOperation:
            note(LogLevel::Error, concat("Client parser ERROR: proto='", where, "...'"));
            close(CloseReason::ProtocolViolation, error_text::kUnknownOperation);
            return;
        case ParseFault::ControlLineTooLong:
            note(LogLevel::Error, concat(error_text::kMaxControlLine, ": ", where));
            close(CloseReason::MaxControlLineExceeded, error_text::kMaxControlLine);
            return;
        case ParseFault::PayloadTooLarge:
            note(LogLevel::Error, concat("maximum payload exceeded: limit is ", max_payload()));
            trace_refused(parser_.refused(), parser_.refused_size());
            close(CloseReason::MaxPayloadExceeded, error_text::kMaxPayload);
            return;
        case ParseFault::HeadersNotNegotiated:
            note(LogLevel::Error, "message headers not supported");
            close(CloseReason::ProtocolViolation);
            return;
        case ParseFault::BadHeaderSize:
            note(LogLevel::Error, concat("Client parser ERROR: bad header size in ", where));
            close(CloseReason::ProtocolViolation);
            return;
        case ParseFault::BadArguments:
            note(LogLevel::Error, concat("Client parser ERROR: bad arguments in ", where));
            close(CloseReason::ProtocolViolation);
            return;
        case ParseFault::None:
            return;
    }
}

void ClientConnection::drained() {
    if (state_ == State::Closing) {
        table_.drained(cid_);
    }
}

void ClientConnection::deadline_passed() {
    slow_consumer(CloseReason::SlowConsumerWriteDeadline,
                  concat("Slow Consumer Detected: WriteDeadline of ",
                         base::duration_text(context_.options->limits.write_deadline),
                         " exceeded with ", transport_.pending(), " total bytes."));
}

void ClientConnection::ended(world::LinkEnd why, std::string_view detail) {
    switch (why) {
        case world::LinkEnd::ClosedByPeer:
            close(CloseReason::ClientClosed);
            break;
        case world::LinkEnd::ReadError:
            note(LogLevel::Debug, concat("read error: ", detail));
            close(CloseReason::ReadError);
            break;
        case world::LinkEnd::WriteError:
            note(LogLevel::Debug, concat("write error: ", detail));
            close(CloseReason::WriteError);
            break;
    }
    // A peer that sends no more may still read the answers to what it sent last; beyond what fits
    // now, nobody waits for them.
    if (why == world::LinkEnd::ClosedByPeer) {
        transport_.flush();
    }
    transport_.discard();
    table_.drained(cid_);
}

void ClientConnection::close(CloseReason reason, std::string_view error) {
    if (state_ == State::Closing) {
        return;
    }
    if (!error.empty()) {
        transport_.send(protocol::error_line(error));
        trace_out(context_.log, cid_, concat("-ERR '", error, "'"));
        ending_.said_why = true;
    }
    state_ = State::Closing;
    if (handshake_.entry) {
        handshake_.entry->give_up();
    }
    ending_.reason = reason;
    note(LogLevel::Debug, concat("Client connection closed: ", text_of(reason)));
    table_.closing(cid_);
}

void ClientConnection::release_subscriptions() {
    while (message::Subscription* const subscription = subscriptions_.take_any()) {
        context_.dispatcher.unsubscribe(*account_, *subscription);
    }
    counters_->subscriptions.set(0);
}

void ClientConnection::count(Inbound const& inbound) {
    if (inbound.msgs == 0) {
        return;
    }
    counters_->in_msgs.add(inbound.msgs);
    counters_->in_bytes.add(inbound.bytes);
    account_->usage().received.msgs += inbound.msgs;
    account_->usage().received.bytes += inbound.bytes;
    observe::ServerCounters& server = context_.observation.counters;
    server.in_msgs.add(inbound.msgs);
    server.in_bytes.add(inbound.bytes);
    server.out_msgs.add(inbound.delivered_msgs);
    server.out_bytes.add(inbound.delivered_bytes);
}

void ClientConnection::note(LogLevel level, std::string_view text) {
    if (!context_.log.wants(level)) {
        return;
    }
    std::string line =
        concat(transport_.remote().host, ":", transport_.remote().port, " - cid:", cid_);
    if (handshake_.connected) {
        append(line, " - ",
               base::quoted(concat("v", options_.version, ":", options_.lang, ":", options_.name)));
    }
    if (!who_.label.empty()) {
        append(line, " - ", base::quoted(concat(who_.account, "/", who_.label)));
    }
    context_.log.write(level, concat(line, " - ", text));
}

observe::ConnectionIdentityPtr ClientConnection::make_identity() const {
    return std::make_shared<observe::ConnectionIdentity const>(observe::ConnectionIdentity{
        .cid = cid_,
        .slot = table_.slot_of(cid_),
        .kind = "Client",
        .ip = transport_.remote().host,
        .port = transport_.remote().port,
        .name = options_.name,
        .lang = options_.lang,
        .version = options_.version,
        .account = who_.account,
        .user = who_.user,
        .start = handshake_.accepted_at,
        .tls = handshake_.peer,
        .tls_first = handshake_.tls_first,
    });
}

}  // namespace signalbox::connection
