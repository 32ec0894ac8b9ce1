#include "engine/connection/close_reason.h"

#include <algorithm>
#include <array>

namespace signalbox::connection {
namespace {

struct Word {
    CloseReason reason;
    std::string_view text;
};

constexpr std::array<Word, 34> kWords = {{
    {CloseReason::ClientClosed, "Client Closed"},
    {CloseReason::AuthenticationTimeout, "Authentication Timeout"},
    {CloseReason::AuthenticationViolation, "Authentication Failure"},
    {CloseReason::TlsHandshakeFailure, "TLS Handshake Failure"},
    {CloseReason::SlowConsumerPendingBytes, "Slow Consumer (Pending Bytes)"},
    {CloseReason::SlowConsumerWriteDeadline, "Slow Consumer (Write Deadline)"},
    {CloseReason::WriteError, "Write Error"},
    {CloseReason::ReadError, "Read Error"},
    {CloseReason::ParseError, "Parse Error"},
    {CloseReason::StaleConnection, "Stale Connection"},
    {CloseReason::ProtocolViolation, "Protocol Violation"},
    {CloseReason::BadClientProtocolVersion, "Bad Client Protocol Version"},
    {CloseReason::AuthenticationExpired, "Authentication Expired"},
    {CloseReason::CredentialsRevoked, "Credentials Revoked"},
    {CloseReason::ProxyRequired, "Proxy Required"},
    {CloseReason::ProxyNotTrusted, "Proxy Not Trusted"},
    {CloseReason::MaxAccountConnectionsExceeded, "Maximum Account Connections Exceeded"},
    {CloseReason::MaxConnectionsExceeded, "Maximum Connections Exceeded"},
    {CloseReason::MaxPayloadExceeded, "Maximum Message Payload Exceeded"},
    {CloseReason::MaxControlLineExceeded, "Maximum Control Line Exceeded"},
    {CloseReason::MaxSubscriptionsExceeded, "Maximum Subscriptions Exceeded"},
    {CloseReason::ServerShutdown, "Server Shutdown"},
    {CloseReason::NoRespondersRequiresHeaders, "No Responders Requires Headers"},
    {CloseReason::Kicked, "Kicked"},
    {CloseReason::WrongPort, "Incorrect Port"},
    {CloseReason::DuplicateRoute, "Duplicate Route"},
    {CloseReason::RouteRemoved, "Route Removed"},
    {CloseReason::DuplicateServerName, "Duplicate Server Name"},
    {CloseReason::ClusterNameConflict, "Cluster Name Conflict"},
    {CloseReason::ClusterNamesIdentical, "Cluster Names Identical"},
    {CloseReason::WrongGateway, "Wrong Gateway"},
    {CloseReason::DuplicateRemoteLeafNode, "Duplicate Remote LeafNode Connection"},
    {CloseReason::MinimumVersionRequired, "Minimum Version Required"},
    {CloseReason::MissingAccount, "Missing Account"},
}};

}  // namespace

std::string_view text_of(CloseReason reason) {
    auto const found = std::ranges::find(kWords, reason, &Word::reason);
    return found == kWords.end() ? "Internal Client" : found->text;
}

}  // namespace signalbox::connection
