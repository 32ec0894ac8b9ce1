#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"

namespace signalbox::monitor {

/// What one asks of the subscriptions.
struct SubszOptions {
    bool list = false;
    Paging paging;
    std::string account;  ///< Empty: of all.
    std::string test;     ///< Only those that a message on this subject is for; empty: all.

    /// Errors: InvalidArgument, with the text that clients know.
    static Result<SubszOptions> read(Query const& query);
    static SubszOptions read(RequestFields& fields);

    /// Errors: InvalidArgument, with the text that clients know.
    Result<void> check() const;
};

/// The interest of the accounts and, if asked for, a page of their subscriptions.
Answer subsz(MonitorSource const& source, SubszOptions const& options, WallTime now,
             Layout layout = Layout::Indented);

}  // namespace signalbox::monitor
