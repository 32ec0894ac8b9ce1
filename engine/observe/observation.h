#pragma once

#include "engine/base/logger.h"
#include "engine/base/spsc_ring.h"
#include "engine/observe/connection_slots.h"
#include "engine/observe/event_row.h"
#include "engine/observe/server_counters.h"
#include "engine/observe/subject_ids.h"
#include "engine/observe/tap.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::observe {

using EventRing = base::SpscRing<EventRow>;
using LogRing = base::SpscRing<LogRow>;

/// Whether a window looks at a server.
enum class Watch {
    Off,
    On
};

/// What one server lets others see of itself.
///
/// The engine's thread writes through it and never waits; an observer and a window read the far
/// ends. Counters of the server and its connections are always kept, for monitoring needs them;
/// subjects, events, log rows and taps only when it is watched.
class Observation {
public:
    /// `server` stands in every row.
    Observation(std::uint32_t server, Watch watch, std::size_t subject_budget = 1'000'000);

    Observation(Observation const&) = delete;
    Observation& operator=(Observation const&) = delete;

    ServerCounters counters;
    ConnectionSlots connections;

    std::uint32_t server() const { return server_; }
    bool watched() const { return watched_ != nullptr; }

    /// None when it is not watched.
    SubjectIds* subjects() { return subjects_; }
    SubjectIds const* subjects() const { return subjects_; }

    /// The tap in force, or none: all that a message costs without one.
    Tap* tap() { return tap_.get(); }
    void set_tap(std::optional<TapFilter> filter);

    /// Does nothing when it is not watched. Of `ConnectionClosed`, the connection's slot must still
    /// be its own: the row gets its last figures.
    void event(EventKind kind, WallTime time, ConnectionIdentityPtr connection = nullptr,
               std::string text = {});

    /// An event of a connection found no room. Whoever sees it calls `resync` and then says
    /// `ConnectionIdentified` of every open connection.
    bool needs_resync() const { return needs_resync_; }
    void resync() { needs_resync_ = false; }

    void log(LogLevel level, WallTime time, std::string_view text);

    /// The far ends; none when it is not watched. Each has one reader.
    EventRing* events() { return watched_ ? &watched_->events : nullptr; }
    LogRing* log_rows() { return watched_ ? &watched_->log : nullptr; }
    TapRing* tap_rows() { return watched_ ? &watched_->tap : nullptr; }
    TapCounts tap_counts() const {
        return watched_ ? watched_->tap_counters.counts() : TapCounts{};
    }

    /// How many rows found no room.
    std::size_t events_dropped() const { return watched_ ? watched_->events.dropped() : 0; }
    std::size_t log_dropped() const { return watched_ ? watched_->log.dropped() : 0; }

    static constexpr std::size_t kEventRows = 4096;
    static constexpr std::size_t kLogRows = 4096;
    static constexpr std::size_t kTapRows = 8192;

private:
    struct Watched {
        explicit Watched(std::size_t subject_budget) : subjects(subject_budget) {}

        SubjectIds subjects;
        EventRing events{kEventRows};
        LogRing log{kLogRows};
        TapRing tap{kTapRows};
        TapCounters tap_counters;
    };

    std::uint32_t server_;
    bool needs_resync_ = false;
    std::unique_ptr<Watched> watched_;
    SubjectIds* subjects_ = nullptr;  ///< Of `watched_`, one load nearer.
    std::unique_ptr<Tap> tap_;
};

}  // namespace signalbox::observe
