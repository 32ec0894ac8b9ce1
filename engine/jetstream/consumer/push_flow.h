#pragma once

#include "engine/base/time.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace signalbox::jetstream {

/// How much a push consumer may send before its client has answered.
///
/// When more than half of the window is under way, a request is sent that the client answers once
/// it has worked off what came before; each answer frees what was under way then and widens the
/// window. Nothing is sent past the window.
class FlowWindow {
public:
    static constexpr std::uint64_t kWidest = std::uint64_t{32} << 20;
    static constexpr std::uint64_t kFirst = kWidest / 16;

    void sent(std::uint64_t bytes) { under_way_ += bytes; }
    bool is_full() const { return under_way_ >= window_; }
    bool wants_request() const { return request_.empty() && under_way_ > window_ / 2; }

    /// `reply` is what the client is to answer on.
    void requested(std::string reply) {
        request_ = std::move(reply);
        covered_ = under_way_;
    }
    /// The one that is not answered; empty: none.
    std::string const& request() const { return request_; }

    /// False: it was no answer to the request that is open.
    bool answered(std::string_view reply) {
        if (request_.empty() || reply != request_) {
            return false;
        }
        request_.clear();
        window_ = std::min(window_ * 2, kWidest);
        under_way_ -= std::min(covered_, under_way_);
        return true;
    }

    /// Nobody listens any more.
    void restart() { *this = FlowWindow(); }

private:
    std::uint64_t window_ = kFirst;
    std::uint64_t under_way_ = 0;
    std::uint64_t covered_ = 0;  ///< What was under way when the request was sent.
    std::string request_;
};

/// A bucket of bytes that fills at a rate.
class RateLimit {
public:
    /// `bits` a second; 0: no limit. `burst` is what may be sent at once.
    RateLimit(std::uint64_t bits, std::uint64_t burst)
        : bytes_per_second_(bits / 8), burst_(static_cast<std::int64_t>(burst)), level_(burst_) {}

    bool unlimited() const { return bytes_per_second_ == 0; }

    /// When so many bytes may be sent, which may be now; they are taken off then.
    Instant allow(Instant now, std::uint64_t bytes) {
        if (unlimited()) {
            return now;
        }
        fill(now);
        // More than the bucket holds has to do with a full one.
        std::int64_t const need = std::min(static_cast<std::int64_t>(bytes), burst_);
        if (level_ >= need) {
            level_ -= need;
            return now;
        }
        double const seconds =
            static_cast<double>(need - level_) / static_cast<double>(bytes_per_second_);
        return now + Duration(static_cast<std::int64_t>(seconds * 1e9) + 1);
    }

private:
    void fill(Instant now) {
        if (filled_ == Instant()) {
            filled_ = now;
        }
        double const gained = static_cast<double>((now - filled_).count()) / 1e9 *
                              static_cast<double>(bytes_per_second_);
        auto const whole = static_cast<std::int64_t>(gained);
        if (whole > 0) {
            level_ = std::min(burst_, level_ + whole);
            filled_ = now;
        }
    }

    std::uint64_t bytes_per_second_;
    std::int64_t burst_;
    std::int64_t level_;
    Instant filled_;
};

}  // namespace signalbox::jetstream
