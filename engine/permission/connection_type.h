#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::permission {

/// How a connection came, as users may be limited to.
enum class ConnectionType : std::uint8_t {
    Standard,  ///< A client over TCP or TLS.
    Websocket,
    LeafNode,
    LeafNodeWs,
    Mqtt,
    MqttWs,
    InProcess,
};

/// In the order of the enumerators.
inline constexpr std::array<std::string_view, 7> kConnectionTypeNames = {
    "STANDARD", "WEBSOCKET", "LEAFNODE", "LEAFNODE_WS", "MQTT", "MQTT_WS", "IN_PROCESS"};

constexpr std::string_view text_of(ConnectionType type) {
    return kConnectionTypeNames[static_cast<std::size_t>(type)];
}

/// `name` in upper case; none of that name: nullopt.
constexpr std::optional<ConnectionType> connection_type(std::string_view name) {
    for (std::size_t i = 0; i < kConnectionTypeNames.size(); ++i) {
        if (kConnectionTypeNames[i] == name) {
            return static_cast<ConnectionType>(i);
        }
    }
    return std::nullopt;
}

/// A set of them; the empty one, which is the default, holds all.
class ConnectionTypes {
public:
    constexpr void add(ConnectionType type) { bits_ |= bit(type); }
    constexpr bool allows(ConnectionType type) const { return bits_ == 0 || has(type); }
    constexpr bool has(ConnectionType type) const { return (bits_ & bit(type)) != 0; }
    constexpr bool is_all() const { return bits_ == 0; }

    friend constexpr bool operator==(ConnectionTypes, ConnectionTypes) = default;

private:
    static constexpr unsigned bit(ConnectionType type) { return 1U << static_cast<unsigned>(type); }

    unsigned bits_ = 0;
};

}  // namespace signalbox::permission
