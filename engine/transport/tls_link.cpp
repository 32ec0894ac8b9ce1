#include "engine/transport/tls_link.h"

#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace signalbox::transport {
namespace {

using Progress = tls::Session::Progress;

/// As much is encrypted before it is offered to the link: whole records, few calls.
constexpr std::size_t kBatch = 64 * 1024;
constexpr std::size_t kRecord = 16 * 1024;
/// What is read for the owner in one go.
constexpr std::size_t kReadBuffer = 32 * 1024;
/// A peer that makes us answer its handshake messages without reading them is cut off.
constexpr std::size_t kMostUnsent = 256 * 1024;
/// With more than this received while a worker has the session, nothing more is read.
constexpr std::size_t kMostWaiting = 16 * 1024;
/// After which a session asks again for a worker.
constexpr Duration kRetry = base::milliseconds(5);
/// An emptied buffer larger than this is given back.
constexpr std::size_t kKeptCapacity = 4 * 1024;

}  // namespace

TlsLink::TlsLink(World& world, std::unique_ptr<world::Link> link,
                 std::unique_ptr<tls::Session> session, Before before, OnSecured secured)
    : world_(world),
      link_(std::move(link)),
      session_(std::move(session)),
      secured_(std::move(secured)),
      waiting_(std::move(before.received)) {
    session_->out() = std::move(before.unsent);
}

TlsLink::~TlsLink() {
    *alive_ = false;
    world_.timers().cancel(retry_);
    if (may_send()) {
        session_->close();
        send_encrypted();
    }
}

void TlsLink::start(world::LinkOwner& owner) {
    if (std::exchange(owner_, &owner) != nullptr) {
        return;
    }
    link_->start(*this);
    send_encrypted();
    // The side that listens has nothing to say before the other spoke.
    if (session_->context().role() == tls::Role::Client || !waiting_.empty()) {
        advance();
    }
}

void TlsLink::received(Bytes bytes) {
    if (phase_ == Phase::Handshake) {
        waiting_.append(bytes);
        advance();
        if (waiting_.size() > kMostWaiting && !held_) {
            // The peer speaks on before the worker is back.
            held_ = true;
            link_->pause_reading();
        }
        return;
    }
    if (phase_ == Phase::Open) {
        session_->feed(bytes);
        read();
    }
}

/// Hands the session to a worker, unless one has it.
void TlsLink::advance() {
    if (working_ || retry_ || phase_ != Phase::Handshake) {
        return;
    }
    take_waiting();
    working_ = true;
    auto progress = std::make_shared<Progress>(Progress::Failed);
    bool const runs =
        world_.workers().run([session = session_, progress] { *progress = session->advance(); },
                             [this, alive = alive_, progress] {
                                 if (*alive) {
                                     working_ = false;
                                     advanced(*progress);
                                 }
                             });
    if (!runs) {
        working_ = false;
        try_again();
    }
}

void TlsLink::try_again() {
    retry_ = world_.timers().call_at(world_.clock().now() + kRetry, [this] {
        retry_ = {};
        advance();
    });
}

void TlsLink::advanced(Progress progress) {
    if (phase_ != Phase::Handshake) {
        return;
    }
    if (std::exchange(held_, false) && !paused_) {
        link_->resume_reading();
    }
    send_encrypted();
    switch (progress) {
        case Progress::NeedsMore:
            if (!waiting_.empty()) {
                advance();
            }
            return;
        case Progress::Failed:
            fail(Errc::PermissionDenied, session_->failure());
            return;
        case Progress::Done:
            secured();
            return;
    }
}

void TlsLink::secured() {
    phase_ = Phase::Open;
    auto const alive = alive_;
    if (auto const told = std::exchange(secured_, {})) {
        told(session_->peer());
    }
    if (!*alive) {
        return;
    }
    if (std::exchange(owes_writable_, false)) {
        owner_->writable();
    }
    if (*alive && phase_ == Phase::Open) {
        take_waiting();
        read();
    }
}

void TlsLink::take_waiting() {
    std::string const bytes = std::exchange(waiting_, {});
    session_->feed(bytes);
    session_->keep();
}

void TlsLink::fail(Errc code, std::string const& detail) {
    if (auto const told = std::exchange(secured_, {})) {
        phase_ = Phase::Ended;
        told(Error(code, detail));
        return;
    }
    end(world::LinkEnd::ReadError, concat("TLS handshake error: ", detail));
}

/// Called last, for the owner may destroy this.
void TlsLink::end(world::LinkEnd why, std::string_view detail) {
    bool const may_answer = phase_ == Phase::Open && why == world::LinkEnd::ClosedByPeer;
    phase_ = may_answer ? Phase::PeerDone : Phase::Ended;
    if (world::LinkOwner* const owner = std::exchange(owner_, nullptr)) {
        owner->ended(why, detail);
    }
}

void TlsLink::read() {
    auto const alive = alive_;
    std::array<char, kReadBuffer> shared;
    has_more_ = true;
    while (phase_ == Phase::Open && !paused_) {
        std::span<char> const own = owner_->receive_space();
        std::span<char> const into = own.empty() ? std::span<char>(shared) : own;
        std::size_t size = 0;
        auto got = tls::Session::Read::Some;
        while (got == tls::Session::Read::Some && size < into.size()) {
            std::size_t count = 0;
            got = session_->read(into.subspan(size), count);
            size += count;
        }
        has_more_ = got == tls::Session::Read::Some;
        if (size > 0) {
            owner_->received(Bytes(into.data(), size));
            if (!*alive || phase_ != Phase::Open) {
                return;
            }
        }
        if (got == tls::Session::Read::Closed) {
            end(world::LinkEnd::ClosedByPeer, "closed by the peer");
            return;
        }
        if (got == tls::Session::Read::Failed) {
            send_encrypted();
            end(world::LinkEnd::ReadError, session_->failure());
            return;
        }
        if (got == tls::Session::Read::NeedsMore) {
            break;
        }
    }
    // What the owner did not want yet stays, though the bytes it came in go.
    session_->keep();
    if (!session_->out().empty() && phase_ == Phase::Open) {
        send_encrypted();
        if (session_->out().size() - sent_ > kMostUnsent) {
            end(world::LinkEnd::ReadError, "tls: too many handshake messages");
        }
    }
}

void TlsLink::read_later() {
    world_.turn().defer([this, alive = alive_] {
        if (*alive && phase_ == Phase::Open && !paused_) {
            read();
        }
    });
}

void TlsLink::pause_reading() {
    paused_ = true;
    link_->pause_reading();
}

void TlsLink::resume_reading() {
    paused_ = false;
    link_->resume_reading();
    if (has_more_) {
        read_later();
    }
}

/// Whether all has gone.
bool TlsLink::send_encrypted() {
    std::string& out = session_->out();
    if (out.empty()) {
        return true;
    }
    Bytes const rest = Bytes(out).substr(sent_);
    sent_ += link_->send(std::span(&rest, 1));
    if (sent_ < out.size()) {
        return false;
    }
    sent_ = 0;
    out.clear();
    if (out.capacity() > kKeptCapacity) {
        out.shrink_to_fit();
    }
    return true;
}

std::size_t TlsLink::send(std::span<Bytes const> pieces) {
    if (!may_send()) {
        owes_writable_ = phase_ == Phase::Handshake;
        return 0;
    }
    if (!session_->out().empty() && !send_encrypted()) {
        owes_writable_ = true;
        return 0;
    }
    std::size_t offered = 0;
    for (Bytes const piece : pieces) {
        offered += piece.size();
    }
    std::size_t taken = std::min(std::exchange(ahead_, 0), offered);
    while (taken < offered) {
        std::size_t const batch = encrypt(pieces, taken);
        if (batch == 0) {
            // It broke; whoever reads hears why.
            return taken;
        }
        if (!send_encrypted()) {
            ahead_ = batch;
            owes_writable_ = true;
            return taken;
        }
        taken += batch;
    }
    return taken;
}

/// Encrypts a batch of what follows the first `skipped` bytes; answers how much it was.
std::size_t TlsLink::encrypt(std::span<Bytes const> pieces, std::size_t skipped) {
    std::array<char, kRecord> gathered;
    std::size_t held = 0;
    std::size_t done = 0;
    auto const write = [&](Bytes bytes) {
        if (!session_->write(bytes)) {
            return false;
        }
        done += bytes.size();
        return true;
    };
    for (std::size_t i = 0; i < pieces.size() && done + held < kBatch; ++i) {
        if (skipped >= pieces[i].size()) {
            skipped -= pieces[i].size();
            continue;
        }
        Bytes rest = pieces[i].substr(std::exchange(skipped, 0));
        rest = rest.substr(0, kBatch - done - held);
        bool const is_last = i + 1 == pieces.size();
        if (held == 0 && (is_last || rest.size() >= kRecord)) {
            // Whole records leave without a copy.
            std::size_t const whole = is_last ? rest.size() : rest.size() / kRecord * kRecord;
            if (!write(rest.substr(0, whole))) {
                return done;
            }
            rest.remove_prefix(whole);
        }
        // Small pieces share records.
        while (!rest.empty()) {
            std::size_t const n = std::min(rest.size(), gathered.size() - held);
            std::memcpy(gathered.data() + held, rest.data(), n);
            held += n;
            rest.remove_prefix(n);
            if (held == gathered.size()) {
                if (!write(Bytes(gathered.data(), held))) {
                    return done;
                }
                held = 0;
            }
        }
    }
    if (held > 0) {
        write(Bytes(gathered.data(), held));
    }
    return done;
}

void TlsLink::writable() {
    if (working_) {
        // The session's bytes are a worker's now; it sends what is left when it is back.
        return;
    }
    bool const all = send_encrypted();
    if (all && may_send() && owner_ != nullptr && std::exchange(owes_writable_, false)) {
        owner_->writable();
    }
}

void TlsLink::ended(world::LinkEnd why, std::string_view detail) {
    if (phase_ == Phase::Handshake) {
        fail(Errc::Closed, why == world::LinkEnd::ClosedByPeer ? "EOF" : std::string(detail));
        return;
    }
    if (phase_ == Phase::Open) {
        end(why, detail);
    }
}

}  // namespace signalbox::transport
