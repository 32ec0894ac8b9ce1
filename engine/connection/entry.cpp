#include "engine/connection/entry.h"

#include "engine/base/text.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/proxy_header.h"

#include <utility>

namespace signalbox::connection {
namespace {

/// How long a proxy may take to say who is behind it.
constexpr Duration kProxyTimeout = base::seconds(5);
/// How long others may take to say whether a peer's certificate is good, all questions together.
constexpr Duration kPeerCheckTimeout = base::seconds(30);
/// The first byte of a TLS handshake.
constexpr char kHandshakeRecord = 0x16;

/// What stands between the lines of dashes, in one line.
std::string body_of_pem(std::string_view pem) {
    std::string body;
    for (std::string_view const line : base::split(pem, '\n')) {
        if (!line.starts_with("-----")) {
            body += base::trim(line);
        }
    }
    return body;
}

}  // namespace

Entry::Entry(ConnectionContext& context, transport::Transport& transport, Hooks hooks)
    : context_(context), transport_(transport), hooks_(std::move(hooks)) {}

Entry::~Entry() {
    *alive_ = false;
    give_up();
}

void Entry::give_up() {
    step_ = Step::Over;
    context_.world.timers().cancel(std::exchange(timer_, {}));
}

void Entry::begin() {
    transport_.start();
    if (context_.options->proxy_protocol) {
        wait(Step::ProxyHeader, kProxyTimeout);
    } else {
        choose();
    }
}

void Entry::received(Bytes bytes) {
    if (step_ == Step::Over) {
        return;
    }
    held_.append(bytes);
    switch (step_) {
        case Step::ProxyHeader:
            look_at_proxy_header();
            return;
        case Step::FirstHandshake:
            handshake_first_ = true;
            secure();
            return;
        case Step::Choice:
            choose();
            return;
        case Step::Begin:
        case Step::Handshake:
        case Step::PeerCheck:
        case Step::Over:
            return;
    }
}

void Entry::look_at_proxy_header() {
    using protocol::ProxyHeader;
    ProxyHeader const header = protocol::read_proxy_header(held_);
    switch (header.kind) {
        case ProxyHeader::Kind::Incomplete:
            return;
        case ProxyHeader::Kind::Malformed:
            hooks_.note(LogLevel::Error,
                        concat("Error reading PROXY protocol header: ", header.fault));
            refuse(CloseReason::ProtocolViolation);
            return;
        case ProxyHeader::Kind::Present:
            if (header.source) {
                transport_.set_remote(*header.source);
            }
            held_.erase(0, header.size);
            break;
        case ProxyHeader::Kind::Absent:
            break;
    }
    choose();
}

/// How it goes on: in the plain, encrypted, or as the next bytes say.
void Entry::choose() {
    bool const first_look = step_ == Step::Begin || step_ == Step::ProxyHeader;
    if (!context_.options->tls) {
        finish();
        return;
    }
    config::TlsOptions const& tls = *context_.options->tls;
    if (first_look && tls.handshake_first == config::HandshakeFirst::Always) {
        handshake_first_ = true;
        secure();
        return;
    }
    if (first_look && tls.handshake_first == config::HandshakeFirst::Fallback) {
        handshake_first_ = !held_.empty();
        if (handshake_first_) {
            secure();
        } else {
            wait(Step::FirstHandshake, tls.handshake_first_delay);
        }
        return;
    }
    if (!context_.options->allow_non_tls) {
        secure();
        return;
    }
    if (held_.empty()) {
        wait(Step::Choice, tls.timeout);
    } else if (held_.front() == kHandshakeRecord) {
        secure();
    } else {
        finish();
    }
}

void Entry::wait(Step step, Duration time) {
    step_ = step;
    world::Timers& timers = context_.world.timers();
    timers.cancel(std::exchange(timer_, {}));
    timer_ = timers.call_at(context_.world.clock().now() + time, [this] {
        timer_ = {};
        time_passed();
    });
}

void Entry::time_passed() {
    switch (step_) {
        case Step::ProxyHeader:
            hooks_.note(LogLevel::Error, "Error reading PROXY protocol header: it did not come");
            refuse(CloseReason::ProtocolViolation);
            return;
        case Step::FirstHandshake:
            hooks_.send_info();
            wait(Step::Choice,
                 context_.options->tls ? context_.options->tls->timeout : Duration{0});
            choose();
            return;
        case Step::Choice:
            // Who says nothing waits for us to: it speaks in the plain.
            finish();
            return;
        case Step::Handshake:
            hooks_.note(LogLevel::Error, "TLS handshake timeout");
            refuse(CloseReason::TlsHandshakeFailure, protocol::error_text::kTlsRequired);
            return;
        case Step::PeerCheck:
            hooks_.note(LogLevel::Error,
                        "TLS handshake error: nobody answered for the certificate");
            refuse(CloseReason::TlsHandshakeFailure);
            return;
        case Step::Begin:
        case Step::Over:
            return;
    }
}

void Entry::secure() {
    if (!context_.options->tls) {
        // A reload took it away meanwhile.
        finish();
        return;
    }
    if (!context_.handshakes.allow(context_.world.clock().now(),
                                   context_.options->tls->connection_rate_limit)) {
        refuse(CloseReason::MaxConnectionsExceeded, protocol::error_text::kThrottled);
        return;
    }
    hooks_.note(LogLevel::Debug, "Starting TLS client connection handshake");
    wait(Step::Handshake, context_.options->tls->timeout);
    transport_.secure(tls::Session::accept(context_.tls, context_.staple), std::exchange(held_, {}),
                      [this](auto outcome) { secured(std::move(outcome)); });
}

void Entry::secured(Result<std::shared_ptr<tls::PeerIdentity const>> outcome) {
    if (step_ != Step::Handshake) {
        return;
    }
    if (!outcome.ok()) {
        hooks_.note(LogLevel::Error, concat("TLS handshake error: ", outcome.error().detail()));
        refuse(CloseReason::TlsHandshakeFailure);
        return;
    }
    peer_ = std::move(outcome).value();
    hooks_.note(LogLevel::Debug, "TLS handshake complete");
    hooks_.note(LogLevel::Debug,
                concat("TLS version ", peer_->version, ", cipher suite ", peer_->cipher));
    if (context_.peer_check != nullptr && !peer_->certificates.empty()) {
        check_peer();
    } else {
        finish();
    }
}

/// What the peer says meanwhile waits.
void Entry::check_peer() {
    wait(Step::PeerCheck, kPeerCheckTimeout);
    transport_.pause_reading();
    auto const judged = [this, alive = alive_](Result<void> const& verdict) {
        if (!*alive || step_ != Step::PeerCheck) {
            return;
        }
        if (!verdict.ok()) {
            hooks_.note(LogLevel::Error, concat("TLS handshake error: ", verdict.error().detail()));
            say_refused(verdict.error().detail());
            refuse(CloseReason::TlsHandshakeFailure);
            return;
        }
        transport_.resume_reading();
        finish();
    };
    context_.peer_check->check(peer_, judged,
                               [this, alive = alive_](std::size_t place, std::string const& why) {
                                   if (*alive) {
                                       say_invalid(place, why);
                                   }
                               });
}

/// One that the peer sent along, or the authority's own, of which no more than itself is known.
event::CertificateFacts Entry::facts_of(std::string const& pem) const {
    auto const& sent = peer_->certificates;
    std::string const body = body_of_pem(pem);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        if (body_of_pem(sent[i].pem) == body) {
            return {.subject = sent[i].subject,
                    .issuer = i + 1 < sent.size() ? sent[i + 1].subject : "",
                    .fingerprint = sent[i].cert_sha256,
                    .raw = body};
        }
    }
    return {.subject = {}, .issuer = {}, .fingerprint = {}, .raw = body};
}

void Entry::say_invalid(std::size_t place, std::string const& why) {
    if (context_.events != nullptr && place < peer_->verified_chain.size()) {
        context_.events->say(
            event::CertificateLinkInvalid{.link = facts_of(peer_->verified_chain[place]),
                                          .peer = facts_of(peer_->certificates.front().pem),
                                          .reason = why});
    }
}

void Entry::say_refused(std::string const& why) {
    if (context_.events == nullptr) {
        return;
    }
    context_.events->say(event::PeerCertificateRefused{
        .kind = "Client", .peer = facts_of(peer_->certificates.front().pem), .reason = why});
}

void Entry::finish() {
    give_up();
    // Calling it may destroy this, and with it what it is called with.
    auto const came_in = std::move(hooks_.came_in);
    std::string const first = std::move(held_);
    came_in(first);
}

void Entry::refuse(CloseReason reason, std::string_view error) {
    give_up();
    hooks_.turn_away(reason, error);
}

}  // namespace signalbox::connection
