#include "engine/host/remote_picture.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace signalbox::host {

namespace {

constexpr std::size_t kMostClosed = 2'000;

double seconds_between(Instant from, Instant to) {
    return std::chrono::duration<double>(to - from).count();
}

std::int64_t milliseconds_of(WallTime time) {
    return time.since_epoch() / base::milliseconds(1);
}

observe::ClosedConnectionRow closed_row(observe::ConnectionIdentityPtr identity, WallTime stop,
                                        std::string reason, TrafficTotals const& traffic) {
    return {.identity = std::move(identity),
            .stop = stop,
            .reason = std::move(reason),
            .in_msgs = traffic.in_msgs,
            .in_bytes = traffic.in_bytes,
            .out_msgs = traffic.out_msgs,
            .out_bytes = traffic.out_bytes};
}

}  // namespace

void RemotePicture::take(ServerFigures const& figures, Instant now) {
    double const seconds = figures_ ? seconds_between(figures_at_, now) : 0;
    figures_at_ = now;
    in_msgs_ = rates_.in_msgs.look(figures.traffic.in_msgs, seconds);
    in_bytes_ = rates_.in_bytes.look(figures.traffic.in_bytes, seconds);
    out_msgs_ = rates_.out_msgs.look(figures.traffic.out_msgs, seconds);
    out_bytes_ = rates_.out_bytes.look(figures.traffic.out_bytes, seconds);
    figures_ = figures;
}

void RemotePicture::take_open(ConnectionsDocument const& document, Instant now, WallTime wall) {
    double const seconds = open_known_ ? seconds_between(open_at_, now) : 0;
    for (auto& [cid, open] : open_) {
        open.listed = false;
    }
    for (ConnectionFigures const& figures : document.connections) {
        take_one(figures, seconds);
    }
    drop_unlisted(document.connections.size() >= document.total, wall);
    connections_in_all_ = document.total;
    open_at_ = now;
    open_known_ = true;
}

void RemotePicture::take_one(ConnectionFigures const& figures, double seconds) {
    auto const [found, is_new] = open_.try_emplace(figures.identity.cid);
    Open& open = found->second;
    if (is_new || !same(*open.identity, figures.identity)) {
        open.identity = std::make_shared<observe::ConnectionIdentity const>(figures.identity);
    }
    // Those of the first look were there before anyone looked.
    if (is_new && open_known_) {
        say(observe::EventKind::ConnectionOpened, figures.identity.start, open.identity, {});
    }
    open.listed = true;
    observe::ConnectionRow& row = open.row;
    row.identity = open.identity;
    row.in_msgs = open.rates.in_msgs.look(figures.traffic.in_msgs, seconds);
    row.in_bytes = open.rates.in_bytes.look(figures.traffic.in_bytes, seconds);
    row.out_msgs = open.rates.out_msgs.look(figures.traffic.out_msgs, seconds);
    row.out_bytes = open.rates.out_bytes.look(figures.traffic.out_bytes, seconds);
    row.pending_bytes = figures.pending_bytes;
    row.max_pending = figures_ ? figures_->max_pending : 0;
    row.subscriptions = figures.subscriptions;
    row.last_activity_ms = milliseconds_of(figures.last_activity);
    row.rtt = figures.rtt;
    row.slow = row.max_pending != 0 && row.pending_bytes > row.max_pending / 2;
}

/// What is not in a list that was cut may still be there, and only leaves the picture.
void RemotePicture::drop_unlisted(bool complete, WallTime wall) {
    for (auto it = open_.begin(); it != open_.end();) {
        if (it->second.listed || std::exchange(it->second.young, false)) {
            ++it;
            continue;
        }
        if (complete) {
            gone_[it->first] = it->second.identity;
            wants_closed_ = true;
        }
        it = open_.erase(it);
    }
    // Whom even the list of closed ones has forgotten.
    while (gone_.size() > kMostClosed) {
        say(observe::EventKind::ConnectionClosed, wall, gone_.begin()->second, {});
        gone_.erase(gone_.begin());
    }
}

void RemotePicture::take_closed(ConnectionsDocument const& document) {
    wants_closed_ = false;
    std::set<std::uint64_t> told;
    for (ConnectionFigures const& figures : document.connections) {
        told.insert(figures.identity.cid);
    }
    // What events told of accounts that this document leaves out stays.
    ClosedRows rows;
    if (closed_) {
        std::ranges::copy_if(*closed_, std::back_inserter(rows),
                             [&](auto const& row) { return !told.contains(row.identity->cid); });
    }
    for (ConnectionFigures const& figures : document.connections) {
        auto identity = std::make_shared<observe::ConnectionIdentity const>(figures.identity);
        if (gone_.erase(identity->cid) != 0) {
            say(observe::EventKind::ConnectionClosed, figures.stop, identity, figures.reason);
        }
        observe::ClosedConnectionRow row =
            closed_row(std::move(identity), figures.stop, figures.reason, figures.traffic);
        row.subscriptions = figures.subscriptions;
        rows.push_back(std::move(row));
    }
    std::ranges::stable_sort(rows, {}, &observe::ClosedConnectionRow::stop);
    if (rows.size() > kMostClosed) {
        rows.erase(rows.begin(), rows.end() - kMostClosed);
    }
    closed_ = std::make_shared<ClosedRows const>(std::move(rows));
}

void RemotePicture::take_accounts(std::vector<AccountFigures> const& accounts, Instant now) {
    double const seconds = accounts_ ? seconds_between(accounts_at_, now) : 0;
    accounts_at_ = now;
    std::vector<observe::AccountRow> rows;
    rows.reserve(accounts.size());
    for (AccountFigures const& figures : accounts) {
        TrafficRates& rates = account_rates_[figures.name];
        rows.push_back({.name = figures.name,
                        .connections = figures.connections,
                        .leaf_nodes = figures.leaf_nodes,
                        .total_connections = figures.total_connections,
                        .subscriptions = figures.subscriptions,
                        .slow_consumers = figures.slow_consumers,
                        .in_msgs = rates.in_msgs.look(figures.traffic.in_msgs, seconds),
                        .in_bytes = rates.in_bytes.look(figures.traffic.in_bytes, seconds),
                        .out_msgs = rates.out_msgs.look(figures.traffic.out_msgs, seconds),
                        .out_bytes = rates.out_bytes.look(figures.traffic.out_bytes, seconds)});
    }
    std::ranges::sort(rows, {}, &observe::AccountRow::name);
    accounts_ = std::make_shared<std::vector<observe::AccountRow> const>(std::move(rows));
}

void RemotePicture::take(ClientEvent const& event) {
    if (figures_ && event.server_id != figures_->id) {
        return;
    }
    std::uint64_t const cid = event.identity.cid;
    if (event.kind == ClientEvent::Kind::Connect) {
        auto const [found, is_new] = open_.try_emplace(cid);
        if (is_new) {
            Open& open = found->second;
            open.identity = std::make_shared<observe::ConnectionIdentity const>(event.identity);
            open.row.identity = open.identity;
            open.young = true;
            say(observe::EventKind::ConnectionOpened, event.time, open.identity, {});
        }
        return;
    }
    auto const found = open_.find(cid);
    // The list tells more of it, its port for one.
    observe::ConnectionIdentityPtr identity =
        found != open_.end() ? found->second.identity
                             : std::make_shared<observe::ConnectionIdentity const>(event.identity);
    bool const unknown = found == open_.end() && !gone_.contains(cid);
    if (found != open_.end()) {
        open_.erase(found);
    }
    gone_.erase(cid);
    if (unknown && closed_ && std::ranges::any_of(*closed_, [cid](auto const& row) {
            return row.identity->cid == cid;
        })) {
        return;
    }
    bool const slow = event.reason.starts_with("Slow Consumer");
    if (refused_.erase(cid) == 0) {
        say(slow ? observe::EventKind::SlowConsumer : observe::EventKind::ConnectionClosed,
            event.time, identity, event.reason);
    }
    keep_closed(closed_row(std::move(identity), event.time, event.reason, event.traffic));
}

void RemotePicture::take_refusal(ClientEvent const& event) {
    if (!figures_ || event.server_id == figures_->id) {
        refused_.insert(event.identity.cid);
        if (refused_.size() > kMostClosed) {
            refused_.erase(refused_.begin());
        }
        say(observe::EventKind::AuthenticationFailed, event.time,
            std::make_shared<observe::ConnectionIdentity const>(event.identity), event.reason);
    }
}

void RemotePicture::keep_closed(observe::ClosedConnectionRow row) {
    ClosedRows rows = closed_ ? *closed_ : ClosedRows();
    rows.push_back(std::move(row));
    closed_ = std::make_shared<ClosedRows const>(std::move(rows));
}

void RemotePicture::say(observe::EventKind kind, WallTime time, observe::ConnectionIdentityPtr who,
                        std::string text) {
    on_event_({.kind = kind,
               .server = server_,
               .time = time,
               .connection = std::move(who),
               .text = std::move(text)});
}

bool RemotePicture::same(observe::ConnectionIdentity const& a,
                         observe::ConnectionIdentity const& b) {
    auto const parts = [](observe::ConnectionIdentity const& one) {
        return std::tie(one.kind, one.ip, one.port, one.name, one.lang, one.version, one.account,
                        one.user);
    };
    return parts(a) == parts(b);
}

void RemotePicture::fill(observe::ServerSnapshot& snapshot) const {
    if (figures_) {
        snapshot.name = figures_->name.empty() ? figures_->id : figures_->name;
        snapshot.id = figures_->id;
        snapshot.start = figures_->start;
        snapshot.in_msgs = in_msgs_;
        snapshot.in_bytes = in_bytes_;
        snapshot.out_msgs = out_msgs_;
        snapshot.out_bytes = out_bytes_;
        snapshot.connections = figures_->connections;
        snapshot.total_connections = figures_->total_connections;
        snapshot.subscriptions = figures_->subscriptions;
        snapshot.slow_consumers = figures_->slow_consumers;
        snapshot.stale_connections = figures_->stale_connections;
    }
    snapshot.open.clear();
    snapshot.open.reserve(open_.size());
    for (auto const& [cid, open] : open_) {
        snapshot.open.push_back(open.row);
    }
    snapshot.closed = closed_;
    snapshot.accounts = accounts_;
}

void RemotePicture::forget() {
    *this = RemotePicture(server_, std::move(on_event_));
}

}  // namespace signalbox::host
