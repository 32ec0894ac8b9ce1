#include "engine/observe/connection_list.h"

#include <utility>

namespace signalbox::observe {

void ConnectionList::note(EventRow const& event) {
    if (!event.connection) {
        return;
    }
    std::uint64_t const cid = event.connection->cid;
    switch (event.kind) {
        case EventKind::ConnectionOpened:
        case EventKind::ConnectionIdentified:
            open_[cid].identity = event.connection;
            return;
        case EventKind::ConnectionClosed:
            open_.erase(cid);
            close({.identity = event.connection,
                   .stop = event.time,
                   .reason = event.text,
                   .in_msgs = event.last.in_msgs,
                   .in_bytes = event.last.in_bytes,
                   .out_msgs = event.last.out_msgs,
                   .out_bytes = event.last.out_bytes,
                   .subscriptions = event.last.subscriptions});
            return;
        case EventKind::ServerReady:
        case EventKind::ServerStopped:
        case EventKind::AuthenticationFailed:
        case EventKind::AttemptsHeldBack:
        case EventKind::SlowConsumer:
        case EventKind::ConfigurationReloaded:
        case EventKind::ConfigurationRefused:
            return;
    }
}

std::vector<ConnectionRow> ConnectionList::look(ConnectionSlots const& pool,
                                                std::uint64_t max_pending, double seconds,
                                                WallTime now) {
    std::vector<ConnectionRow> rows;
    rows.reserve(open_.size());
    for (auto it = open_.begin(); it != open_.end();) {
        Open& open = it->second;
        if (read(pool.find(open.identity->slot), seconds, open)) {
            open.missing = 0;
        } else if (++open.missing >= kLooksMissing) {
            ConnectionRow const& last = open.last;
            close({.identity = open.identity,
                   .stop = now,
                   .reason = "closed; too much happened at once to keep the reason",
                   .in_msgs = last.in_msgs.total,
                   .in_bytes = last.in_bytes.total,
                   .out_msgs = last.out_msgs.total,
                   .out_bytes = last.out_bytes.total,
                   .subscriptions = last.subscriptions});
            it = open_.erase(it);
            continue;
        }
        open.last.identity = open.identity;
        open.last.max_pending = max_pending;
        open.last.slow = max_pending != 0 && open.last.pending_bytes > max_pending / 2;
        rows.push_back(open.last);
        ++it;
    }
    return rows;
}

std::shared_ptr<std::vector<ClosedConnectionRow> const> const& ConnectionList::closed() {
    if (!closed_rows_) {
        closed_rows_ = std::make_shared<std::vector<ClosedConnectionRow> const>(closed_.begin(),
                                                                                closed_.end());
    }
    return closed_rows_;
}

void ConnectionList::close(ClosedConnectionRow row) {
    closed_.push_back(std::move(row));
    if (closed_.size() > kMaxClosed) {
        closed_.pop_front();
    }
    closed_rows_.reset();
}

/// False when the slot is another's, and then nothing is read.
bool ConnectionList::read(ConnectionCounters const* counters, double seconds, Open& open) {
    std::uint64_t const cid = open.identity->cid;
    if (counters == nullptr || counters->cid.acquire() != cid) {
        return false;
    }
    ConnectionRow& row = open.last;
    row.in_msgs = open.in_msgs.look(counters->in_msgs.get(), seconds);
    row.in_bytes = open.in_bytes.look(counters->in_bytes.get(), seconds);
    row.out_msgs = open.out_msgs.look(counters->out_msgs.get(), seconds);
    row.out_bytes = open.out_bytes.look(counters->out_bytes.get(), seconds);
    row.pending_bytes = counters->pending_bytes.get();
    row.subscriptions = counters->subscriptions.get();
    row.last_activity_ms = static_cast<std::int64_t>(counters->last_activity.get() / 1'000'000);
    row.rtt = Duration(static_cast<std::int64_t>(counters->rtt.get()));
    return true;
}

}  // namespace signalbox::observe
