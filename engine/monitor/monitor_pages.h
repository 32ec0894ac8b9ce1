#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_settings.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"
#include "engine/protocol/http_request.h"
#include "engine/world/world.h"

#include <string_view>

namespace signalbox::monitor {

/// From a request to its answer: which document is at which path.
class MonitorPages {
public:
    MonitorPages(World& world, MonitorSource& source, MonitorSettings const& settings);

    /// Any method is served like GET.
    Answer answer(protocol::HttpRequest const& request);

private:
    /// The path below the base path, or nothing when it is not below it.
    std::optional<std::string_view> below_base(std::string_view path) const;
    Answer root();
    Answer document_of_server(std::string_view path, Query const& query);
    Answer document_of_accounts(std::string_view path, Query const& query);
    Answer document_of_absent_part(std::string_view path, Query const& query);

    World& world_;
    MonitorSource& source_;
    MonitorSettings const& settings_;
};

/// Whether the value of a Host header names this machine without a name that others can give out:
/// `localhost`, one below it, or a numeric address, with or without a port.
bool is_local_host(std::string_view host);

}  // namespace signalbox::monitor
