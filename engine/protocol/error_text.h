#pragma once

#include <string_view>

namespace signalbox::protocol::error_text {

// What stands between the quotes of an -ERR line, exactly; clients match on these.
inline constexpr std::string_view kUnknownOperation = "Unknown Protocol Operation";
inline constexpr std::string_view kAuthorization = "Authorization Violation";
inline constexpr std::string_view kAuthenticationTimeout = "Authentication Timeout";
inline constexpr std::string_view kUserExpired = "User Authentication Expired";
inline constexpr std::string_view kAccountExpired = "Account Authentication Expired";
inline constexpr std::string_view kUserRevoked = "User Authentication Revoked";
inline constexpr std::string_view kMaxAccountConnections =
    "maximum account active connections exceeded";
inline constexpr std::string_view kTlsRequired = "Secure Connection - TLS Required";
inline constexpr std::string_view kThrottled =
    "Connection throttling is active. Please try again later.";
inline constexpr std::string_view kMaxConnections = "maximum connections exceeded";
inline constexpr std::string_view kMaxSubscriptions = "maximum subscriptions exceeded";
inline constexpr std::string_view kMaxPayload = "Maximum Payload Violation";
inline constexpr std::string_view kMaxControlLine = "maximum control line exceeded";
inline constexpr std::string_view kStaleConnection = "Stale Connection";
inline constexpr std::string_view kInvalidSubject = "Invalid Subject";
inline constexpr std::string_view kInvalidPublishSubject = "Invalid Publish Subject";
inline constexpr std::string_view kInvalidProtocol = "invalid client protocol";
inline constexpr std::string_view kNoRespondersWithoutHeaders =
    "no responders requires headers support";

}  // namespace signalbox::protocol::error_text
