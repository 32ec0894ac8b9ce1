#include "engine/shape/shaped_path.h"

#include "engine/shape/shaped_network.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::shape {

namespace {

/// As much as is handed over before others have their turn.
constexpr std::size_t kMostInOneTurn = std::size_t{64} << 10;

}  // namespace

ShapedPath::ShapedPath(ShapedNetwork& network, std::unique_ptr<world::Link> inner, std::string peer)
    : network_(network),
      peer_(std::move(peer)),
      inner_(std::move(inner)),
      local_(inner_->local()),
      remote_(inner_->remote()) {}

ShapedPath::~ShapedPath() {
    network_.world().timers().cancel(timer_);
}

Instant ShapedPath::now() const {
    return network_.world().clock().now();
}

bool ShapedPath::direct(bool blocked, DelayLine const& line) const {
    return !blocked && line.empty() && network_.way(peer_).profile.plain();
}

void ShapedPath::start(world::LinkOwner& owner) {
    bool const first = owner_ == nullptr;
    owner_ = &owner;
    if (first && inner_) {
        inner_->start(*this);
    }
    plan();
}

std::size_t ShapedPath::send(std::span<Bytes const> pieces) {
    if (!inner_ || end_) {
        return 0;
    }
    std::size_t total = 0;
    for (Bytes const piece : pieces) {
        total += piece.size();
    }
    std::size_t taken = 0;
    if (direct(network_.way(peer_).blocked_out, out_)) {
        taken = inner_full_ ? 0 : inner_->send(pieces);
        inner_full_ = inner_full_ || taken < total;
    } else {
        for (Bytes const piece : pieces) {
            Bytes const fits = piece.substr(0, kWindow - std::min(kWindow, out_.size()));
            out_.put(fits, now(), network_.way(peer_).profile, network_.chance());
            taken += fits.size();
        }
        plan();
    }
    wants_room_ = wants_room_ || taken < total;
    return taken;
}

void ShapedPath::set_paused(bool paused) {
    paused_ = paused;
    update_reading();
    plan();
}

void ShapedPath::update_reading() {
    bool const pause = paused_ || in_.size() >= kWindow;
    if (!inner_ || pause == inner_paused_) {
        return;
    }
    inner_paused_ = pause;
    if (pause) {
        inner_->pause_reading();
    } else {
        inner_->resume_reading();
    }
}

void ShapedPath::close() {
    owner_ = nullptr;
    in_.clear();
    closes_ = out_.arrival(now(), network_.way(peer_).profile);
    // What still comes is read and dropped, so that the peer's end is noticed.
    paused_ = false;
    update_reading();
    wake_at(Instant());
}

void ShapedPath::reset() {
    out_.clear();
    in_.clear();
    inner_.reset();
    end_ = End{world::LinkEnd::ReadError, "connection reset by peer", now(), true};
    wake_at(Instant());
}

std::span<char> ShapedPath::receive_space() {
    bool const whole = owner_ != nullptr && !paused_ && direct(network_.way(peer_).blocked_in, in_);
    return whole ? owner_->receive_space() : std::span<char>();
}

void ShapedPath::received(Bytes bytes) {
    if (owner_ == nullptr) {
        return;
    }
    Way const& way = network_.way(peer_);
    if (!paused_ && direct(way.blocked_in, in_)) {
        owner_->received(bytes);
        return;
    }
    in_.put(bytes, now(), way.profile, network_.chance());
    update_reading();
    plan();
}

void ShapedPath::writable() {
    inner_full_ = false;
    pump();
}

void ShapedPath::ended(world::LinkEnd why, std::string_view detail) {
    out_.clear();
    if (!end_) {
        end_ = End{why, std::string(detail), in_.arrival(now(), network_.way(peer_).profile)};
    }
    plan();
}

/// Sets the timer for what is due next. What waits for the way to open, for room below or for the
/// owner to read has no time: `changed`, `writable` and `set_paused` come back here.
void ShapedPath::plan() {
    Way const& way = network_.way(peer_);
    std::optional<Instant> next;
    auto const consider = [&next](Instant when) { next = next ? std::min(*next, when) : when; };
    if (!out_.empty() && !way.blocked_out && !inner_full_) {
        consider(out_.due());
    }
    if (closes_ && out_.empty() && (!way.blocked_out || end_)) {
        consider(*closes_);
    }
    bool const hears =
        owner_ != nullptr && !told_end_ && (!way.blocked_in || (end_ && end_->at_once));
    if (hears && !paused_ && !in_.empty()) {
        consider(in_.due());
    }
    if (hears && end_ && in_.empty()) {
        consider(end_->due);
    }
    if (next) {
        wake_at(*next);
    }
}

void ShapedPath::wake_at(Instant when) {
    if (wakes_ && *wakes_ <= when) {
        return;
    }
    network_.world().timers().cancel(timer_);
    wakes_ = when;
    timer_ = network_.world().timers().call_at(std::max(when, now()), [this] {
        wakes_.reset();
        pump();
    });
}

void ShapedPath::pump() {
    // A callback may close the link, which leaves this object; its end comes later.
    pump_out();
    if (!pump_in()) {
        return;
    }
    deliver_end();
    if (finished()) {
        network_.remove(id_);
        return;
    }
    plan();
}

bool ShapedPath::finished() const {
    if (!closes_ || !out_.empty()) {
        return false;
    }
    bool const noticed = !network_.way(peer_).blocked_out && *closes_ <= now();
    return noticed || end_ || !inner_;
}

void ShapedPath::pump_out() {
    if (end_) {
        out_.clear();
    }
    std::size_t sent = 0;
    while (!out_.empty() && !network_.way(peer_).blocked_out && !inner_full_ &&
           out_.due() <= now() && sent < kMostInOneTurn) {
        Bytes const piece = out_.front();
        std::size_t const taken = inner_->send(std::span(&piece, 1));
        inner_full_ = taken < piece.size();
        sent += taken;
        out_.take(taken);
    }
    bool const room = inner_ && !end_ && !inner_full_ && out_.size() <= kWindow / 2;
    if (wants_room_ && owner_ != nullptr && room) {
        wants_room_ = false;
        owner_->writable();
    }
}

/// False when there is more for the next turn.
bool ShapedPath::pump_in() {
    std::size_t given = 0;
    while (owner_ != nullptr && !paused_ && !in_.empty() && !network_.way(peer_).blocked_in &&
           in_.due() <= now()) {
        if (given >= kMostInOneTurn) {
            plan();
            return false;
        }
        // Copied, for the callee may close the link and with it what is on the line.
        std::string const piece(in_.front());
        Bytes bytes = piece;
        std::span<char> const space = owner_->receive_space();
        if (!space.empty()) {
            bytes = Bytes(space.data(), std::min(space.size(), piece.size()));
            std::memcpy(space.data(), piece.data(), bytes.size());
        }
        in_.take(bytes.size());
        given += bytes.size();
        owner_->received(bytes);
    }
    update_reading();
    return true;
}

void ShapedPath::deliver_end() {
    bool const due = owner_ != nullptr && end_ && !told_end_ && in_.empty() && end_->due <= now();
    if (due && (end_->at_once || !network_.way(peer_).blocked_in)) {
        told_end_ = true;
        owner_->ended(end_->why, end_->detail);
    }
}

}  // namespace signalbox::shape
