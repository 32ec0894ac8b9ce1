#pragma once

#include "engine/base/json_writer.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::event {

/// Who a connection is, as events, services and measurements are told of it. What is empty or zero
/// is not told. Nothing of it is a secret.
struct ClientInfo {
    WallTime start;
    std::string host;      ///< Its address.
    std::uint64_t id = 0;  ///< Its number on its server.
    std::string account;
    std::string service;  ///< The account through which a request went on.
    std::string user;
    std::string name;  ///< It, its library and that one's version, as it says itself.
    std::string lang;
    std::string version;
    Duration rtt{0};
    std::string server;  ///< Where it is connected, for those that are told elsewhere.
    WallTime stop;
    std::string jwt;
    std::string issuer_key;
    std::string name_tag;
    std::vector<std::string> tags;
    std::string kind = "Client";
    std::string client_type = "nats";
};

/// One JSON object, the fields in the reference's order.
void write(JsonWriter& json, ClientInfo const& client);

}  // namespace signalbox::event
