#pragma once

#include "engine/monitor/connection_sort.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"

namespace signalbox::monitor {

enum class ConnectionState {
    Open,
    Closed,
    Any
};

enum class ShowSubscriptions {
    No,
    Subjects,
    Detail
};

/// What one asks of the list of connections.
struct ConnzOptions {
    ConnectionSort sort = ConnectionSort::Cid;
    bool auth = false;  ///< Show who each connection is.
    ShowSubscriptions subscriptions = ShowSubscriptions::No;
    Paging paging;
    std::uint64_t cid = 0;  ///< Only this one; 0: all.
    ConnectionState state = ConnectionState::Open;
    std::string user;
    std::string account;
    std::string mqtt_client;
    std::string filter_subject;  ///< Only those with a subscription that overlaps it; empty: all.

    /// Errors: InvalidArgument, with the text that clients know.
    static Result<ConnzOptions> read(Query const& query);
    /// Errors: InvalidArgument (the sort). What does not fit together, `check` tells.
    static Result<ConnzOptions> read(RequestFields& fields);

    /// Errors: InvalidArgument, with the text that clients know.
    Result<void> check() const;
};

/// The connections, a page of them. Asks for the round-trip time of those shown whose is not known,
/// so that the next look has it.
Answer connz(MonitorSource& source, ConnzOptions const& options, WallTime now,
             Layout layout = Layout::Indented);

}  // namespace signalbox::monitor
