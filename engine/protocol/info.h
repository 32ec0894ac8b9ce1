#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::protocol {

/// The level of the protocol and of the features clients derive from it.
inline constexpr char kCompatibleVersion[] = "2.15.0";
/// What we are, beside what we are compatible with.
inline constexpr char kOwnVersion[] = SIGNALBOX_VERSION;
/// The field clients know as the language runtime.
inline constexpr char kRuntime[] = "signalbox-c++20";

/// What the server says of itself to one client.
struct Info {
    std::string server_id;
    std::string server_name;
    std::string host;
    int port = 0;
    bool headers = true;
    bool auth_required = false;
    bool tls_required = false;
    bool tls_verify = false;     ///< Clients must show a certificate.
    bool tls_available = false;  ///< Clients may choose.
    std::int64_t max_payload = 0;
    bool jetstream = false;
    std::string domain;  ///< Of JetStream; empty: none.
    int api_level = 0;   ///< Of JetStream's API; 0: there is none.
    std::uint64_t client_id = 0;
    std::string client_ip;
    std::string nonce;    ///< To be signed by clients that have keys; empty: none have.
    std::string cluster;  ///< Empty: there is none.
    std::vector<std::string> connect_urls;  ///< Where clients find the servers of the cluster.
    bool lame_duck = false;
    bool connect_info = false;       ///< Answers the first PING after CONNECT.
    std::string remote_account;      ///< With `connect_info`.
    bool account_is_system = false;  ///< Likewise.
};

/// `INFO {…} \r\n`, the fields in the reference's order.
std::string info_line(Info const& info);

}  // namespace signalbox::protocol
