#include "engine/observe/observation.h"

#include <utility>

namespace signalbox::observe {

namespace {

FinalFigures figures_of(ConnectionCounters const& counters) {
    return {.in_msgs = counters.in_msgs.get(),
            .in_bytes = counters.in_bytes.get(),
            .out_msgs = counters.out_msgs.get(),
            .out_bytes = counters.out_bytes.get(),
            .subscriptions = counters.subscriptions.get()};
}

}  // namespace

Observation::Observation(std::uint32_t server, Watch watch, std::size_t subject_budget)
    : server_(server) {
    if (watch == Watch::On) {
        watched_ = std::make_unique<Watched>(subject_budget);
        subjects_ = &watched_->subjects;
    }
}

void Observation::set_tap(std::optional<TapFilter> filter) {
    tap_.reset();
    if (watched_ && filter) {
        tap_ = std::make_unique<Tap>(*std::move(filter), watched_->tap, watched_->tap_counters);
    }
}

void Observation::event(EventKind kind, WallTime time, ConnectionIdentityPtr connection,
                        std::string text) {
    if (!watched_) {
        return;
    }
    EventRow* const row = watched_->events.claim();
    if (row == nullptr) {
        needs_resync_ = needs_resync_ || connection != nullptr;
        return;
    }
    row->kind = kind;
    row->server = server_;
    row->time = time;
    row->last = kind == EventKind::ConnectionClosed && connection
                    ? figures_of(connections.at(connection->slot))
                    : FinalFigures{};
    row->connection = std::move(connection);
    row->text = std::move(text);
    watched_->events.publish();
}

void Observation::log(LogLevel level, WallTime time, std::string_view text) {
    if (!watched_) {
        return;
    }
    LogRow* const row = watched_->log.claim();
    if (row == nullptr) {
        return;
    }
    row->level = static_cast<int>(level);
    row->server = server_;
    row->time = time;
    row->text.assign(text);
    watched_->log.publish();
}

}  // namespace signalbox::observe
