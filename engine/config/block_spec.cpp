#include "engine/config/block_spec.h"

#include "engine/base/text.h"

namespace signalbox::config {

BlockSpec spec_of(Block block) {
    switch (block) {
        case Block::Top:
            return top_spec();
        case Block::Authorization:
            return authorization_spec();
        case Block::AuthCallout:
            return callout_spec();
        case Block::User:
            return user_spec();
        case Block::Permissions:
            return permissions_spec();
        case Block::SubjectRules:
            return subject_rules_spec();
        case Block::ResponseRules:
            return response_rules_spec();
        case Block::Account:
            return account_spec();
        case Block::AccountLimits:
            return account_limits_spec();
        case Block::Export:
            return export_spec();
        case Block::Latency:
            return latency_spec();
        case Block::Import:
            return import_spec();
        case Block::ImportSource:
            return import_source_spec();
        case Block::Destination:
            return destination_spec();
        case Block::Trace:
            return trace_spec();
        case Block::Tls:
            return tls_spec();
        case Block::TlsCertificate:
            return tls_certificate_spec();
        case Block::OcspPeer:
            return ocsp_peer_spec();
        case Block::Ocsp:
            return ocsp_spec();
        case Block::Resolver:
            return resolver_spec();
        case Block::Proxies:
            return proxies_spec();
        case Block::TrustedProxy:
            return trusted_proxy_spec();
        case Block::JetStream:
            return jetstream_spec();
        case Block::JetStreamLimits:
            return jetstream_limits_spec();
        case Block::JetStreamBatch:
            return jetstream_batch_spec();
        case Block::AccountJetStream:
            return account_jetstream_spec();
        case Block::Cluster:
            return cluster_spec();
        case Block::ClusterPermissions:
            return cluster_permissions_spec();
        case Block::PeerLogin:
            return peer_login_spec();
        case Block::Compression:
            return compression_spec();
        case Block::Own:
            return own_spec();
    }
    return {};
}

std::string plain_not_a_map(Value const& value) {
    return concat("interface conversion: interface {} is ", type_name(value),
                  ", not map[string]interface {}");
}

}  // namespace signalbox::config
