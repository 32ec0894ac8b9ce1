#pragma once

#include "engine/event/event_sink.h"
#include "engine/event/server_info.h"

#include <string>

namespace signalbox::event {

/// What all events carry beside themselves.
struct EventFrame {
    std::string id;
    WallTime time;
    ServerInfo server;
};

/// Whether the traffic of routes, gateways and leaf nodes is told beside the sum.
enum class ByLink {
    No,
    Yes
};

void write(JsonWriter& json, Traffic const& traffic, ByLink by_link = ByLink::No);

/// The fields of an account's figures, within an object that the caller opened.
void write_fields(JsonWriter& json, AccountStat const& stat);

/// `{"server":…,"statsz":…}`
std::string to_json(ServerInfo const& server, ServerStats const& stats);

/// Each as one JSON document, the fields in the reference's order.
std::string to_json(EventFrame const& frame, ClientConnected const& event);
std::string to_json(EventFrame const& frame, ClientDisconnected const& event);
std::string to_json(EventFrame const& frame, ClientRefused const& event);
std::string to_json(EventFrame const& frame, PeerCertificateRefused const& event);
std::string to_json(EventFrame const& frame, CertificateLinkInvalid const& event);
std::string to_json(EventFrame const& frame, AccountStat const& stat);
/// The server alone, as it says that it ends or empties itself.
std::string to_json(ServerInfo const& server);

}  // namespace signalbox::event
