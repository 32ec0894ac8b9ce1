#include "engine/protocol/info.h"

#include "engine/base/json_writer.h"

namespace signalbox::protocol {

std::string info_line(Info const& info) {
    JsonWriter json;
    json.begin_object()
        .field("server_id", info.server_id)
        .field("server_name", info.server_name)
        .field("version", kCompatibleVersion)
        .field("proto", 1)
        .field("go", kRuntime)
        .field("host", info.host)
        .field("port", info.port)
        .field("headers", info.headers)
        .field_unless_empty("auth_required", info.auth_required)
        .field_unless_empty("tls_required", info.tls_required)
        .field_unless_empty("tls_verify", info.tls_verify)
        .field_unless_empty("tls_available", info.tls_available)
        .field("max_payload", info.max_payload)
        .field_unless_empty("jetstream", info.jetstream)
        .field("client_id", info.client_id)
        .field_unless_empty("client_ip", info.client_ip)
        .field_unless_empty("nonce", info.nonce)
        .field_unless_empty("cluster", info.cluster)
        .field_unless_empty("domain", info.domain);
    if (!info.connect_urls.empty()) {
        json.key("connect_urls").begin_array();
        for (std::string const& url : info.connect_urls) {
            json.value(url);
        }
        json.end_array();
    }
    json.field_unless_empty("ldm", info.lame_duck)
        .field_unless_empty("connect_info", info.connect_info);
    if (info.connect_info) {
        json.field_unless_empty("remote_account", info.remote_account)
            .field_unless_empty("acc_is_sys", info.account_is_system);
    }
    json.field_unless_empty("api_lvl", info.api_level).field("signalbox", kOwnVersion).end_object();
    return concat("INFO ", json.text(), " \r\n");
}

}  // namespace signalbox::protocol
