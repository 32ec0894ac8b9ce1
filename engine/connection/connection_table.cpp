#include "engine/connection/connection_table.h"

#include "engine/base/check.h"
#include "engine/protocol/error_text.h"

#include <utility>

namespace signalbox::connection {
namespace {

/// How long a closed connection may take to hear why.
constexpr Duration kLinger = base::milliseconds(100);

}  // namespace

ConnectionTable::~ConnectionTable() {
    *alive_ = false;
    open_.walk([](ClientConnection& connection) {
        connection.release_subscriptions();
        return true;
    });
}

void ConnectionTable::accept(std::unique_ptr<world::Link> link) {
    std::uint64_t const cid = next_cid_++;
    observe::ServerCounters& counters = context_.observation.counters;
    counters.connections.add(1);
    counters.total_connections.add(1);
    // A connection that is being made looks for its slot.
    open_.add(cid, context_.observation.connections.take(cid));
    auto connection = std::make_unique<ClientConnection>(context_, *this, std::move(link), cid);
    ClientConnection& kept = *connection;
    open_.find(cid)->connection = std::move(connection);
    kept.start();
}

ClientConnection* ConnectionTable::find(std::uint64_t cid) {
    ConnectionList::Entry* const found = open_.find(cid);
    bool const usable = found != nullptr && found->connection != nullptr &&
                        found->connection->state() != ClientConnection::State::Closing;
    return usable ? found->connection.get() : nullptr;
}

bool ConnectionTable::is_full() const {
    auto const count = static_cast<std::int64_t>(open_count());
    return count > context_.options->limits.max_connections;
}

bool ConnectionTable::close_oldest(CloseReason reason) {
    bool closed = false;
    open_.walk([&](ClientConnection& connection) {
        if (connection.state() != ClientConnection::State::Closing) {
            connection.close(reason);
            closed = true;
        }
        return !closed;
    });
    return closed;
}

void ConnectionTable::say_info_again() {
    open_.walk([&](ClientConnection& connection) {
        connection.say_info_again();
        return true;
    });
}

bool ConnectionTable::disconnect(std::uint64_t cid) {
    ClientConnection* const connection = find(cid);
    if (connection == nullptr) {
        return false;
    }
    connection->close(CloseReason::Kicked);
    return true;
}

void ConnectionTable::close_all(CloseReason reason, std::function<void()> done) {
    when_empty_ = std::move(done);
    open_.walk([&](ClientConnection& connection) {
        connection.close(reason);
        return true;
    });
    closing(0);
}

void ConnectionTable::authenticate_again(Stands const& stands) {
    open_.walk([&](ClientConnection& connection) {
        connection.authenticate_again(stands);
        return true;
    });
}

void ConnectionTable::authenticate_again(std::string_view account, AskAgain who) {
    open_.walk([&](ClientConnection& connection) {
        auth::Identity const& identity = connection.identity();
        bool const asked = who == AskAgain::Everyone || !identity.by_callout;
        if (identity.account == account && asked) {
            connection.authenticate_again();
        }
        return true;
    });
}

void ConnectionTable::calendar_changed() {
    open_.walk([](ClientConnection& connection) {
        connection.calendar_changed();
        return true;
    });
}

void ConnectionTable::settings_changed() {
    open_.walk([&](ClientConnection& connection) {
        connection.settings_changed();
        return true;
    });
    // The newest are the surplus when fewer are allowed than before.
    open_.walk_back([this](ClientConnection& connection) {
        if (is_full()) {
            connection.close(CloseReason::MaxConnectionsExceeded,
                             protocol::error_text::kMaxConnections);
        }
        return is_full();
    });
    close_surplus_of_accounts();
}

/// Likewise of each account: those who came first stay.
void ConnectionTable::close_surplus_of_accounts() {
    std::map<account::Account const*, std::int64_t> counts;
    open_.walk([&](ClientConnection& connection) {
        std::int64_t const most = connection.account().limits().max_connections;
        if (most >= 0 && ++counts[&connection.account()] > most) {
            connection.close(CloseReason::MaxAccountConnectionsExceeded,
                             protocol::error_text::kMaxAccountConnections);
        }
        return true;
    });
}

void ConnectionTable::announce_all() {
    WallTime const now = context_.world.clock().wall_now();
    open_.walk([&](ClientConnection const& connection) {
        context_.observation.event(observe::EventKind::ConnectionIdentified, now,
                                   connection.observed_identity());
        return true;
    });
}

std::uint32_t ConnectionTable::slot_of(std::uint64_t cid) const {
    ConnectionList::Entry const* const found = open_.find(cid);
    CHECK(found != nullptr);
    return found->slot;
}

void ConnectionTable::closing(std::uint64_t cid) {
    if (cid != 0) {
        closing_.push_back(cid);
    }
    if (!std::exchange(reaping_, true)) {
        context_.world.turn().defer([this, alive = alive_] {
            if (*alive) {
                reap();
            }
        });
    }
}

void ConnectionTable::reap() {
    reaping_ = false;
    gone_.clear();
    for (std::uint64_t const cid : std::exchange(closing_, {})) {
        lay_to_rest(cid);
    }
    finish_if_empty();
}

void ConnectionTable::lay_to_rest(std::uint64_t cid) {
    ConnectionList::Entry* const found = open_.find(cid);
    if (found == nullptr) {
        return;
    }
    std::uint32_t const slot = found->slot;
    ConnectionPtr connection = open_.take(*found);
    remember(*connection);
    connection->release_subscriptions();
    connection->say_disconnected();
    context_.observation.event(observe::EventKind::ConnectionClosed,
                               context_.world.clock().wall_now(), connection->observed_identity(),
                               std::string(text_of(connection->reason())));
    Counter& count = context_.observation.counters.connections;
    count.set(count.get() - 1);
    bool const has_words =
        connection->said_why() || connection->reason() == CloseReason::ServerShutdown;
    if (has_words) {
        connection->transport().flush();
    }
    if (!has_words || connection->transport().pending() == 0) {
        context_.observation.connections.release(slot);
        return;
    }
    lingering_[cid] = {.connection = std::move(connection), .slot = slot};
    context_.world.timers().call_at(context_.world.clock().now() + kLinger,
                                    [this, alive = alive_, cid] {
                                        if (*alive) {
                                            drained(cid);
                                        }
                                    });
}

void ConnectionTable::drained(std::uint64_t cid) {
    auto const found = lingering_.find(cid);
    if (found == lingering_.end()) {
        return;
    }
    // This may be called by the connection itself.
    gone_.push_back(std::move(found->second.connection));
    context_.observation.connections.release(found->second.slot);
    lingering_.erase(found);
    closing(0);
}

void ConnectionTable::remember(ClientConnection const& connection) {
    auto const limit = static_cast<std::size_t>(context_.options->limits.max_closed_clients);
    if (limit == 0) {
        return;
    }
    observe::ConnectionCounters const& counters = connection.counters();
    ClosedConnection closed{
        .identity = connection.observed_identity(),
        .who = connection.identity(),
        .stop = context_.world.clock().wall_now(),
        .last_activity =
            WallTime(Duration(static_cast<std::int64_t>(counters.last_activity.get()))),
        .reason = connection.reason(),
        .rtt = connection.rtt(),
        .in_msgs = counters.in_msgs.get(),
        .in_bytes = counters.in_bytes.get(),
        .out_msgs = counters.out_msgs.get(),
        .out_bytes = counters.out_bytes.get(),
        .stalls = counters.stalls.get(),
        .subscriptions = nullptr,
    };
    std::vector<ClosedConnection::Filter> filters;
    connection.subscriptions().for_each([&](message::Subscription const& s) {
        filters.push_back({.filter = s.filter,
                           .queue = s.queue,
                           .sid = s.sid,
                           .delivered = s.delivered,
                           .max = s.max});
    });
    if (!filters.empty()) {
        closed.subscriptions =
            std::make_shared<std::vector<ClosedConnection::Filter> const>(std::move(filters));
    }
    closed_.push_back(std::move(closed));
    while (closed_.size() > limit) {
        closed_.pop_front();
    }
}

void ConnectionTable::finish_if_empty() {
    if (when_empty_ && open_.empty() && lingering_.empty()) {
        std::exchange(when_empty_, nullptr)();
    }
}

}  // namespace signalbox::connection
