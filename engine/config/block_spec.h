#pragma once

#include "engine/config/schema.h"

#include <span>
#include <string>
#include <string_view>

/// The blocks there are, apart from what is done with them.
namespace signalbox::config {

/// What is alike for all of one kind of block.
struct BlockSpec {
    std::string_view path;      ///< In the documentation: `accounts.<name>.exports[]`.
    std::string_view about;     ///< A sentence for the documentation.
    std::string_view example;   ///< Lines of a configuration that show it.
    std::span<Key const> keys;  ///< In the order of the documentation.
    std::string (*not_a_map)(Value const&) = nullptr;
    std::string (*not_an_array)(Value const&) = nullptr;      ///< Of blocks that stand in arrays.
    std::string (*unknown)(std::string_view name) = nullptr;  ///< Null: `unknown field "…"`.
    /// What the block's keys must be together; called when each alone could be read.
    void (*check)(Value const& value, Value::Map const& map, Target& target) = nullptr;
};

BlockSpec spec_of(Block block);

BlockSpec top_spec();
BlockSpec own_spec();
BlockSpec authorization_spec();
BlockSpec callout_spec();
BlockSpec user_spec();
BlockSpec permissions_spec();
BlockSpec subject_rules_spec();
BlockSpec response_rules_spec();
BlockSpec account_spec();
BlockSpec account_limits_spec();
BlockSpec export_spec();
BlockSpec latency_spec();
BlockSpec import_spec();
BlockSpec import_source_spec();
BlockSpec destination_spec();
BlockSpec trace_spec();
BlockSpec tls_spec();
BlockSpec tls_certificate_spec();
BlockSpec ocsp_peer_spec();
BlockSpec ocsp_spec();
BlockSpec resolver_spec();
BlockSpec proxies_spec();
BlockSpec trusted_proxy_spec();
BlockSpec jetstream_spec();
BlockSpec jetstream_limits_spec();
BlockSpec jetstream_batch_spec();
BlockSpec account_jetstream_spec();
BlockSpec cluster_spec();
BlockSpec cluster_permissions_spec();
BlockSpec peer_login_spec();
BlockSpec compression_spec();
BlockSpec leafnodes_spec();
BlockSpec leaf_authorization_spec();
BlockSpec leaf_user_spec();
BlockSpec leaf_remote_spec();
BlockSpec gateway_spec();
BlockSpec remote_gateway_spec();

/// `interface conversion: interface {} is int64, not map[string]interface {}`.
std::string plain_not_a_map(Value const& value);

}  // namespace signalbox::config
