#include "engine/cluster/peer_connection.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/server_writer.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox::cluster {

namespace error_text = protocol::error_text;
using connection::CloseReason;
using protocol::PeerFault;
using protocol::PeerParser;
using Step = PeerParser::Step;

namespace {

constexpr Duration kFirstPing = base::seconds(1);
/// Before a peer said who it is, one line of it is as long as that of a client at most.
constexpr std::size_t kTracedLine = 4 * 1024;

}  // namespace

void PeerSettings::use(config::PeerTimes const& times) {
    if (times.ping_interval.count() > 0) {
        ping_interval = times.ping_interval;
    }
    if (times.ping_max > 0) {
        ping_max = times.ping_max;
    }
    if (times.write_deadline.count() > 0) {
        write_deadline = times.write_deadline;
    }
    // A server that does not read for a while is still a server: by default it is tried again.
    close_on_write_timeout = times.write_timeout == "close";
}

PeerConnection::PeerConnection(Parts parts, std::unique_ptr<world::Link> link, PeerOwner& owner,
                               PeerSettings settings)
    : world_(parts.world),
      log_(parts.log),
      owner_(owner),
      settings_(std::move(settings)),
      transport_(parts.world, parts.flush, std::move(link), *this),
      parser_(settings_.form, settings_.limits),
      started_at_(parts.world.clock().wall_now()),
      last_heard_(parts.world.clock().now()) {
    transport_.set_write_deadline(settings_.write_deadline);
    note(LogLevel::Debug, concat(settings_.kind, " connection created"));
}

PeerConnection::~PeerConnection() {
    *alive_ = false;
    world_.timers().cancel(wait_timer_);
    world_.timers().cancel(pings_.timer);
}

void PeerConnection::set_settings(PeerSettings settings) {
    settings_ = std::move(settings);
    transport_.set_write_deadline(settings_.write_deadline);
}

void PeerConnection::secure(std::unique_ptr<tls::Session> session, Duration timeout,
                            OnSecured secured) {
    note(LogLevel::Debug,
         settings_.dialled ? "Starting TLS client handshake" : "Starting TLS server handshake");
    wait_timer_ = world_.timers().call_at(world_.clock().now() + timeout, [this] {
        wait_timer_ = {};
        note(LogLevel::Error, "TLS handshake timeout");
        close(CloseReason::TlsHandshakeFailure);
    });
    auto done = [this, secured = std::move(secured)](auto outcome) {
        world_.timers().cancel(std::exchange(wait_timer_, {}));
        if (closing_) {
            return;
        }
        if (!outcome.ok()) {
            note(LogLevel::Error, concat("TLS handshake error: ", outcome.error().detail()));
            close(CloseReason::TlsHandshakeFailure);
            return;
        }
        note(LogLevel::Debug, "TLS handshake complete");
        identity_ = std::move(outcome).value();
        secured(identity_);
    };
    transport_.secure(std::move(session), parser_.take_rest(), std::move(done));
}

void PeerConnection::compress(compress::S2Level level, std::size_t budget) {
    compressed_ = true;
    unread_ = true;
    std::string const rest(parser_.take_rest());
    transport_.compress(level, budget, rest);
}

void PeerConnection::set_compression(compress::S2Level level) {
    if (compressed_) {
        transport_.set_compression(level);
    }
}

void PeerConnection::trust_compression() {
    if (compressed_) {
        transport_.allow_decompressed(std::numeric_limits<std::size_t>::max());
    }
}

void PeerConnection::wait_for_peer(Duration timeout, CloseReason reason, std::string_view error) {
    world_.timers().cancel(wait_timer_);
    wait_timer_ = world_.timers().call_at(
        world_.clock().now() + timeout, [this, reason, text = std::string(error)] {
            wait_timer_ = {};
            note(LogLevel::Debug, text.empty() ? "timed out" : text);
            close(reason, text);
        });
}

void PeerConnection::stop_waiting() {
    world_.timers().cancel(std::exchange(wait_timer_, {}));
}

void PeerConnection::received(Bytes bytes) {
    if (closing_) {
        return;
    }
    last_heard_ = world_.clock().now();
    if (held_) {
        held_->append(bytes);
        return;
    }
    if (auto const space = parser_.writable(); !space.empty() && bytes.data() == space.data()) {
        parser_.commit(bytes.size());
    } else {
        parser_.feed(bytes);
    }
    run();
}

void PeerConnection::run() {
    bool const outer = std::exchange(running_, true);
    while (!closing_ && !held_) {
        Step const step = parser_.next();
        if (step == Step::NeedMore) {
            break;
        }
        take(step);
    }
    owner_.read_is_over();
    running_ = outer;
    if (held_) {
        held_->append(parser_.take_rest());
        return;
    }
    if (!closing_ && std::exchange(unread_, false)) {
        transport_.read_compressed();
    }
}

void PeerConnection::hold() {
    held_.emplace();
    transport_.pause_reading();
}

void PeerConnection::resume() {
    if (!held_ || closing_) {
        return;
    }
    if (running_) {
        // The answer was there at once, and what follows was not put aside yet.
        held_.reset();
        transport_.resume_reading();
        return;
    }
    std::string const bytes = *std::exchange(held_, std::nullopt);
    transport_.resume_reading();
    parser_.feed(bytes);
    run();
}

void PeerConnection::take(Step step) {
    if (traces() && step != Step::Fault && step != Step::Connect) [[unlikely]] {
        log_.write(LogLevel::Trace, concat(settings_.label, " - <<- [",
                                           base::cut(parser_.line(), kTracedLine), "]"));
    }
    switch (step) {
        case Step::Ping:
            send(protocol::kPong);
            return;
        case Step::Pong:
            answered();
            return;
        case Step::Ok:
            return;
        case Step::Fault:
            fault();
            return;
        default:
            owner_.take(step);
    }
}

void PeerConnection::fault() {
    std::string const where = base::quoted(parser_.snippet());
    bool const too_long = parser_.fault() == PeerFault::LineTooLong;
    bool const too_large = parser_.fault() == PeerFault::PayloadTooLarge;
    std::string_view const what = too_long    ? error_text::kMaxControlLine
                                  : too_large ? error_text::kMaxPayload
                                              : error_text::kUnknownOperation;
    note(LogLevel::Error, concat(settings_.kind, " parser ERROR: ", what, " in ", where));
    close(too_long    ? CloseReason::MaxControlLineExceeded
          : too_large ? CloseReason::MaxPayloadExceeded
                      : CloseReason::ProtocolViolation,
          what);
}

void PeerConnection::send(std::string_view lines) {
    if (closing_) {
        return;
    }
    if (traces()) [[unlikely]] {
        std::string_view const line = base::trim(lines);
        bool const secret = line.starts_with("CONNECT");
        log_.write(LogLevel::Trace,
                   concat(settings_.label, " - ->> [",
                          secret ? "CONNECT {...}" : base::cut(line, kTracedLine), "]"));
    }
    transport_.send(lines);
}

bool PeerConnection::check_pending() {
    auto const most = static_cast<std::size_t>(settings_.max_pending);
    std::size_t const pending = transport_.pending();
    if (pending > most && !closing_) [[unlikely]] {
        note(LogLevel::Notice,
             concat("Slow Consumer Detected: MaxPending of ", settings_.max_pending, " Exceeded"));
        close(CloseReason::SlowConsumerPendingBytes);
    }
    return pending > most / 4 * 3;
}

void PeerConnection::begin_pings() {
    Duration const base = std::min(ping_interval(), kFirstPing);
    auto const spread = static_cast<std::uint64_t>(base.count() / 5 + 1);
    schedule_ping(base + Duration(world_.entropy().below(spread)));
}

Duration PeerConnection::ping_interval() const {
    Duration const most = settings_.longest_ping_interval;
    return most.count() > 0 ? std::min(most, settings_.ping_interval) : settings_.ping_interval;
}

void PeerConnection::schedule_ping(Duration after) {
    world_.timers().cancel(pings_.timer);
    pings_.timer = world_.timers().call_at(world_.clock().now() + after, [this] {
        pings_.timer = {};
        ping_due();
    });
}

void PeerConnection::ping_due() {
    if (closing_) {
        return;
    }
    if (pings_.outstanding + 1 > settings_.ping_max) {
        note(LogLevel::Debug, concat("Stale ", settings_.kind, " Connection - Closing"));
        close(CloseReason::StaleConnection, error_text::kStaleConnection);
        return;
    }
    ping_now();
    schedule_ping(ping_interval());
}

void PeerConnection::ping_now() {
    ++pings_.outstanding;
    pings_.sent = world_.clock().now();
    send(protocol::kPing);
}

void PeerConnection::answered() {
    pings_.outstanding = 0;
    if (pings_.sent == Instant{}) {
        return;
    }
    pings_.rtt = std::max(world_.clock().now() - std::exchange(pings_.sent, {}), Duration{1});
    owner_.measured(pings_.rtt);
}

void PeerConnection::deadline_passed() {
    note(LogLevel::Notice, concat("Slow Consumer Detected: WriteDeadline of ",
                                  base::duration_text(settings_.write_deadline), " exceeded with ",
                                  transport_.pending(), " total bytes."));
    if (settings_.close_on_write_timeout) {
        close(CloseReason::SlowConsumerWriteDeadline);
    }
}

void PeerConnection::ended(world::LinkEnd why, std::string_view detail) {
    switch (why) {
        case world::LinkEnd::ClosedByPeer:
            close(CloseReason::ClientClosed);
            return;
        case world::LinkEnd::ReadError:
            note(LogLevel::Debug, concat("read error: ", detail));
            close(CloseReason::ReadError);
            return;
        case world::LinkEnd::WriteError:
            note(LogLevel::Debug, concat("write error: ", detail));
            close(CloseReason::WriteError);
            return;
    }
}

void PeerConnection::close(CloseReason reason, std::string_view error) {
    if (closing_) {
        return;
    }
    if (!error.empty()) {
        send(protocol::error_line(error));
    }
    transport_.flush();
    closing_ = true;
    world_.timers().cancel(std::exchange(wait_timer_, {}));
    world_.timers().cancel(std::exchange(pings_.timer, {}));
    note(LogLevel::Notice,
         concat(settings_.kind, " connection closed: ", connection::text_of(reason)));
    world_.turn().defer([this, alive = alive_, reason] {
        if (*alive) {
            owner_.closed(reason);
        }
    });
}

void PeerConnection::note(LogLevel level, std::string_view text) const {
    if (log_.wants(level)) {
        log_.write(level,
                   concat(remote().host, ":", remote().port, " - ", settings_.label, " - ", text));
    }
}

}  // namespace signalbox::cluster
