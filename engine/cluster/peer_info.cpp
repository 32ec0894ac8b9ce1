#include "engine/cluster/peer_info.h"

#include "engine/base/encoding.h"
#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/protocol/info.h"

#include <utility>

namespace signalbox::cluster {
namespace {

using permission::SubjectRules;
using Texts = std::vector<std::string>;

/// Reads the fields of an object one by one; what is absent or null leaves the target as it is.
class Fields {
public:
    explicit Fields(Json const& json) : json_(json) {}

    Fields& read(std::string_view name, bool& into) {
        if (Json const* const field = present(name)) {
            bool const* const value = field->as_bool();
            set(name, into, value != nullptr ? std::optional(*value) : std::nullopt);
        }
        return *this;
    }
    Fields& read(std::string_view name, std::string& into) {
        if (Json const* const field = present(name)) {
            std::string const* const value = field->as_text();
            set(name, into, value != nullptr ? std::optional(*value) : std::nullopt);
        }
        return *this;
    }
    Fields& read(std::string_view name, crypto::Secret& into) {
        std::string text;
        read(name, text);
        if (!text.empty()) {
            into = crypto::Secret(std::move(text));
        }
        return *this;
    }
    Fields& read(std::string_view name, std::int64_t& into) {
        if (Json const* const field = present(name)) {
            set(name, into, field->as_int());
        }
        return *this;
    }
    Fields& read(std::string_view name, std::uint64_t& into) {
        std::int64_t number = static_cast<std::int64_t>(into);
        read(name, number);
        into = static_cast<std::uint64_t>(number);
        return *this;
    }
    Fields& read(std::string_view name, int& into) {
        std::int64_t number = into;
        read(name, number);
        into = static_cast<int>(number);
        return *this;
    }
    Fields& read(std::string_view name, Texts& into) {
        Json const* const field = present(name);
        if (field == nullptr) {
            return *this;
        }
        Json::Array const* const array = field->as_array();
        Texts texts;
        bool right = array != nullptr;
        for (std::size_t i = 0; right && i < array->size(); ++i) {
            std::string const* const text = (*array)[i].as_text();
            right = text != nullptr;
            texts.push_back(right ? *text : std::string());
        }
        set(name, into, right ? std::optional(std::move(texts)) : std::nullopt);
        return *this;
    }
    Fields& read(std::string_view name, std::optional<SubjectRules>& into) {
        Json const* const field = present(name);
        if (field == nullptr) {
            return *this;
        }
        SubjectRules rules;
        Fields inner(*field);
        inner.read("allow", rules.allow).read("deny", rules.deny);
        bool const right = field->as_object() != nullptr && inner.wrong_.empty();
        set(name, into, right ? std::optional(std::optional(std::move(rules))) : std::nullopt);
        return *this;
    }

    Result<void> outcome() const {
        return wrong_.empty()
                   ? Result<void>()
                   : Error(Errc::Malformed, concat("field ", wrong_, " has another type"));
    }

private:
    Json const* present(std::string_view name) const {
        Json const* const field = json_.find(name);
        return field == nullptr || field->is_null() ? nullptr : field;
    }

    template <class T, class Found>
    void set(std::string_view name, T& into, Found found) {
        if (found) {
            into = std::move(*found);
        } else if (wrong_.empty()) {
            wrong_ = name;
        }
    }

    Json const& json_;
    std::string wrong_;  ///< The first field of another type; empty: none.
};

Result<Json> parse_object(std::string_view text) {
    Json json = TRY(Json::parse(text));
    if (json.as_object() == nullptr) {
        return Error(Errc::Malformed, "no JSON object");
    }
    return json;
}

void write_texts(JsonWriter& json, std::string_view name, Texts const& texts) {
    if (texts.empty()) {
        return;
    }
    json.key(name).begin_array();
    for (std::string const& text : texts) {
        json.value(text);
    }
    json.end_array();
}

void write_rules(JsonWriter& json, std::string_view name, std::optional<SubjectRules> const& of) {
    if (of) {
        json.key(name).begin_object();
        write_texts(json, "allow", of->allow);
        write_texts(json, "deny", of->deny);
        json.end_object();
    }
}

void write_gateway(JsonWriter& json, PeerInfo const& info) {
    json.field_unless_empty("gateway", info.gateway);
    write_texts(json, "gateway_urls", info.gateway_urls);
    json.field_unless_empty("gateway_url", info.gateway_url)
        .field_unless_empty("gateway_cmd", info.gateway_command);
    if (!info.gateway_command_payload.empty()) {
        json.field("gateway_cmd_payload", base::to_base64(info.gateway_command_payload));
    }
    json.field_unless_empty("gateway_nrp", info.gateway_new_replies)
        .field_unless_empty("gateway_iom", info.gateway_interest_only);
}

void write_route(JsonWriter& json, PeerInfo const& info) {
    json.field_unless_empty("lnoc", info.knows_origins)
        .field_unless_empty("lnocu", info.knows_origins_in_removal)
        .field_unless_empty("info_on_connect", info.info_on_connect)
        .field_unless_empty("connect_info", info.connect_info)
        .field_unless_empty("route_pool_size", info.pool_size)
        .field_unless_empty("route_pool_idx", info.pool_index)
        .field_unless_empty("route_account", info.route_account)
        .field_unless_empty("route_acc_add_reqid", info.account_request)
        .field_unless_empty("gossip_mode", info.gossip_mode);
}

}  // namespace

Result<PeerInfo> PeerInfo::parse(std::string_view text) {
    Json const json = TRY(parse_object(text));
    PeerInfo info;
    info.protocol = 0;
    info.headers = false;
    std::string payload;
    Fields fields(json);
    fields.read("server_id", info.server_id)
        .read("server_name", info.server_name)
        .read("version", info.version)
        .read("proto", info.protocol)
        .read("go", info.runtime)
        .read("host", info.host)
        .read("port", info.port)
        .read("headers", info.headers)
        .read("auth_required", info.auth_required)
        .read("tls_required", info.tls_required)
        .read("tls_verify", info.tls_verify)
        .read("max_payload", info.max_payload)
        .read("jetstream", info.jetstream)
        .read("ip", info.ip)
        .read("client_id", info.client_id)
        .read("nonce", info.nonce)
        .read("cluster", info.cluster)
        .read("cluster_dynamic", info.cluster_dynamic)
        .read("domain", info.domain)
        .read("connect_urls", info.connect_urls)
        .read("ws_connect_urls", info.ws_connect_urls)
        .read("ldm", info.lame_duck)
        .read("compression", info.compression)
        .read("info_on_connect", info.info_on_connect)
        .read("connect_info", info.connect_info)
        .read("leafnode_urls", info.leafnode_urls)
        .read("remote_account", info.remote_account)
        .read("acc_is_sys", info.account_is_system)
        .read("import", info.imports)
        .read("export", info.exports)
        .read("lnoc", info.knows_origins)
        .read("lnocu", info.knows_origins_in_removal)
        .read("route_pool_size", info.pool_size)
        .read("route_pool_idx", info.pool_index)
        .read("route_account", info.route_account)
        .read("route_acc_add_reqid", info.account_request)
        .read("gossip_mode", info.gossip_mode)
        .read("gateway", info.gateway)
        .read("gateway_urls", info.gateway_urls)
        .read("gateway_url", info.gateway_url)
        .read("gateway_cmd", info.gateway_command)
        .read("gateway_cmd_payload", payload)
        .read("gateway_nrp", info.gateway_new_replies)
        .read("gateway_iom", info.gateway_interest_only);
    TRY(fields.outcome());
    info.gateway_command_payload = TRY(base::from_base64(payload));
    return info;
}

std::string info_line(PeerInfo const& info) {
    JsonWriter json;
    json.begin_object()
        .field("server_id", info.server_id)
        .field("server_name", info.server_name)
        .field("version", info.version)
        .field("proto", info.protocol)
        .field("go", info.runtime.empty() ? std::string(protocol::kRuntime) : info.runtime)
        .field("host", info.host)
        .field("port", info.port)
        .field("headers", info.headers)
        .field_unless_empty("auth_required", info.auth_required)
        .field_unless_empty("tls_required", info.tls_required)
        .field_unless_empty("tls_verify", info.tls_verify)
        .field("max_payload", info.max_payload)
        .field_unless_empty("jetstream", info.jetstream)
        .field_unless_empty("ip", info.ip)
        .field_unless_empty("client_id", info.client_id)
        .field_unless_empty("nonce", info.nonce)
        .field_unless_empty("cluster", info.cluster)
        .field_unless_empty("cluster_dynamic", info.cluster_dynamic)
        .field_unless_empty("domain", info.domain);
    write_texts(json, "connect_urls", info.connect_urls);
    write_texts(json, "ws_connect_urls", info.ws_connect_urls);
    json.field_unless_empty("ldm", info.lame_duck)
        .field_unless_empty("compression", info.compression);
    write_rules(json, "import", info.imports);
    write_rules(json, "export", info.exports);
    write_route(json, info);
    write_gateway(json, info);
    write_texts(json, "leafnode_urls", info.leafnode_urls);
    json.field_unless_empty("remote_account", info.remote_account)
        .field_unless_empty("acc_is_sys", info.account_is_system)
        .end_object();
    return concat("INFO ", json.text(), " \r\n");
}

Result<PeerConnect> PeerConnect::parse(std::string_view text) {
    Json const json = TRY(parse_object(text));
    PeerConnect connect;
    connect.headers = false;
    Fields fields(json);
    fields.read("echo", connect.echo)
        .read("user", connect.user)
        .read("pass", connect.password)
        .read("auth_token", connect.token)
        .read("tls_required", connect.tls_required)
        .read("headers", connect.headers)
        .read("name", connect.name)
        .read("server_id", connect.server_id)
        .read("cluster", connect.cluster)
        .read("cluster_dynamic", connect.cluster_dynamic)
        .read("lnoc", connect.knows_origins)
        .read("gateway", connect.gateway)
        .read("lang", connect.lang)
        .read("version", connect.version)
        .read("nkey", connect.nkey)
        .read("jwt", connect.jwt)
        .read("sig", connect.signature)
        .read("proxy_sig", connect.proxy_signature)
        .read("domain", connect.domain)
        .read("is_hub", connect.is_hub)
        .read("jetstream", connect.jetstream)
        .read("deny_pub", connect.deny_publish)
        .read("compress_mode", connect.compression)
        .read("remote_account", connect.remote_account)
        .read("isolate", connect.isolate)
        .read("protocol", connect.protocol);
    TRY(fields.outcome());
    return connect;
}

std::string connect_line(PeerConnect const& connect) {
    JsonWriter json;
    json.begin_object()
        .field("echo", connect.echo)
        .field("verbose", false)
        .field("pedantic", false)
        .field_unless_empty("user", connect.user)
        .field_unless_empty("pass", std::string(connect.password.reveal()))
        .field("tls_required", connect.tls_required)
        .field("headers", connect.headers)
        .field("name", connect.name)
        .field("cluster", connect.cluster)
        .field_unless_empty("cluster_dynamic", connect.cluster_dynamic)
        .field_unless_empty("lnoc", connect.knows_origins)
        .field_unless_empty("gateway", connect.gateway)
        .end_object();
    return concat("CONNECT ", json.text(), "\r\n");
}

std::string leaf_connect_line(PeerConnect const& connect) {
    JsonWriter json;
    json.begin_object()
        .field_unless_empty("version", connect.version)
        .field_unless_empty("nkey", connect.nkey)
        .field_unless_empty("jwt", std::string(connect.jwt.reveal()))
        .field_unless_empty("sig", connect.signature)
        .field_unless_empty("user", connect.user)
        .field_unless_empty("pass", std::string(connect.password.reveal()))
        .field_unless_empty("auth_token", std::string(connect.token.reveal()))
        .field_unless_empty("server_id", connect.server_id)
        .field_unless_empty("domain", connect.domain)
        .field_unless_empty("name", connect.name)
        .field_unless_empty("is_hub", connect.is_hub)
        .field_unless_empty("cluster", connect.cluster)
        .field_unless_empty("headers", connect.headers)
        .field_unless_empty("jetstream", connect.jetstream);
    write_texts(json, "deny_pub", connect.deny_publish);
    json.field_unless_empty("isolate", connect.isolate)
        .field_unless_empty("compress_mode", connect.compression)
        .field_unless_empty("remote_account", connect.remote_account)
        .field_unless_empty("protocol", connect.protocol)
        .end_object();
    return concat("CONNECT ", json.text(), "\r\n");
}

}  // namespace signalbox::cluster
