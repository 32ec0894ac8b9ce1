#include "engine/config/block_spec.h"

#include "engine/base/text.h"

#include <iterator>

namespace signalbox::config {

BlockSpec spec_of(Block block) {
    // In the order of the enumerators.
    static constexpr BlockSpec (*kSpecs[])() = {
        top_spec,
        authorization_spec,
        callout_spec,
        user_spec,
        permissions_spec,
        subject_rules_spec,
        response_rules_spec,
        account_spec,
        account_limits_spec,
        export_spec,
        latency_spec,
        import_spec,
        import_source_spec,
        destination_spec,
        trace_spec,
        tls_spec,
        tls_certificate_spec,
        ocsp_peer_spec,
        ocsp_spec,
        resolver_spec,
        proxies_spec,
        trusted_proxy_spec,
        jetstream_spec,
        jetstream_limits_spec,
        jetstream_batch_spec,
        account_jetstream_spec,
        cluster_spec,
        cluster_permissions_spec,
        peer_login_spec,
        compression_spec,
        leafnodes_spec,
        leaf_authorization_spec,
        leaf_user_spec,
        leaf_remote_spec,
        gateway_spec,
        remote_gateway_spec,
        own_spec,
    };
    static_assert(std::size(kSpecs) == kBlockCount);
    return kSpecs[static_cast<std::size_t>(block)]();
}

std::string plain_not_a_map(Value const& value) {
    return concat("interface conversion: interface {} is ", type_name(value),
                  ", not map[string]interface {}");
}

}  // namespace signalbox::config
