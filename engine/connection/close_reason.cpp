#include "engine/connection/close_reason.h"

namespace signalbox::connection {

std::string_view text_of(CloseReason reason) {
    switch (reason) {
        case CloseReason::ClientClosed:
            return "Client Closed";
        case CloseReason::AuthenticationTimeout:
            return "Authentication Timeout";
        case CloseReason::AuthenticationViolation:
            return "Authentication Failure";
        case CloseReason::TlsHandshakeFailure:
            return "TLS Handshake Failure";
        case CloseReason::SlowConsumerPendingBytes:
            return "Slow Consumer (Pending Bytes)";
        case CloseReason::SlowConsumerWriteDeadline:
            return "Slow Consumer (Write Deadline)";
        case CloseReason::WriteError:
            return "Write Error";
        case CloseReason::ReadError:
            return "Read Error";
        case CloseReason::ParseError:
            return "Parse Error";
        case CloseReason::StaleConnection:
            return "Stale Connection";
        case CloseReason::ProtocolViolation:
            return "Protocol Violation";
        case CloseReason::BadClientProtocolVersion:
            return "Bad Client Protocol Version";
        case CloseReason::AuthenticationExpired:
            return "Authentication Expired";
        case CloseReason::CredentialsRevoked:
            return "Credentials Revoked";
        case CloseReason::ProxyRequired:
            return "Proxy Required";
        case CloseReason::ProxyNotTrusted:
            return "Proxy Not Trusted";
        case CloseReason::MaxAccountConnectionsExceeded:
            return "Maximum Account Connections Exceeded";
        case CloseReason::MaxConnectionsExceeded:
            return "Maximum Connections Exceeded";
        case CloseReason::MaxPayloadExceeded:
            return "Maximum Message Payload Exceeded";
        case CloseReason::MaxControlLineExceeded:
            return "Maximum Control Line Exceeded";
        case CloseReason::MaxSubscriptionsExceeded:
            return "Maximum Subscriptions Exceeded";
        case CloseReason::ServerShutdown:
            return "Server Shutdown";
        case CloseReason::NoRespondersRequiresHeaders:
            return "No Responders Requires Headers";
        case CloseReason::Kicked:
            return "Kicked";
    }
    return "Internal Client";
}

}  // namespace signalbox::connection
