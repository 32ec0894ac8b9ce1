#include "engine/auth/account_options_of.h"

#include <utility>

namespace signalbox::auth {
namespace {

config::ShareKind kind_of(claims::Direction direction) {
    return direction == claims::Direction::Service ? config::ShareKind::Service
                                                   : config::ShareKind::Stream;
}

config::ResponseType response_type_of(std::string_view name) {
    if (name == "Stream") {
        return config::ResponseType::Stream;
    }
    return name == "Chunked" ? config::ResponseType::Chunked : config::ResponseType::Singleton;
}

config::ExportOptions export_of(claims::Export const& e) {
    config::ExportOptions out;
    out.kind = kind_of(e.direction);
    out.name = e.name;
    out.subject = e.subject;
    out.token_required = e.token_required;
    out.response_type = response_type_of(e.response_type);
    if (e.response_threshold != Duration(0)) {
        out.response_threshold = e.response_threshold;
    }
    if (e.latency && out.response_type == config::ResponseType::Singleton) {
        out.latency = {.subject = e.latency->results,
                       .sampling = static_cast<int>(e.latency->sampling)};
    }
    out.account_token_position = static_cast<int>(e.account_token_position);
    out.advertise = e.advertise;
    out.allow_trace = e.allow_trace;
    out.revocations.assign(e.revocations.begin(), e.revocations.end());
    return out;
}

/// Claims of before `local_subject` have a prefix for streams in `to`, and for services there the
/// exporter's subject: they name both from where the message comes.
config::ImportOptions import_of(claims::Import const& i) {
    config::ImportOptions out;
    out.kind = kind_of(i.direction);
    out.name = i.name;
    out.account = i.account;
    out.subject = i.subject;
    out.to = i.local_subject;
    if (i.local_subject.empty() && !i.to.empty()) {
        if (i.direction == claims::Direction::Stream) {
            out.prefix = i.to;
        } else {
            out.subject = i.to;
            out.to = i.subject;
        }
    }
    out.share = i.share;
    out.allow_trace = i.allow_trace;
    out.token = i.token;
    return out;
}

config::MappingOptions mapping_of(claims::Mapping const& mapping) {
    config::MappingOptions out{.source = mapping.source, .destinations = {}};
    for (claims::WeightedSubject const& to : mapping.destinations) {
        out.destinations.push_back(
            {.subject = to.subject, .weight = static_cast<int>(to.weight), .cluster = to.cluster});
    }
    return out;
}

}  // namespace

config::AccountOptions account_options_of(claims::AccountClaims const& claims) {
    config::AccountOptions out;
    out.name = claims.token.subject;
    for (claims::Export const& e : claims.exports) {
        out.exports.push_back(export_of(e));
    }
    for (claims::Import const& i : claims.imports) {
        out.imports.push_back(import_of(i));
    }
    for (claims::Mapping const& mapping : claims.mappings) {
        out.mappings.push_back(mapping_of(mapping));
    }
    if (claims.default_permissions != permission::Permissions()) {
        out.default_permissions = claims.default_permissions;
    }
    out.limits = {.max_connections = claims.limits.connections,
                  .max_leafnodes = claims.limits.leaf_nodes,
                  .max_subscriptions = claims.limits.subscriptions,
                  .max_payload = claims.limits.payload};
    if (!claims.trace_destination.empty()) {
        out.trace = {
            .destination = claims.trace_destination,
            .sampling = claims.trace_sampling == 0 ? 100 : static_cast<int>(claims.trace_sampling)};
    }
    return out;
}

}  // namespace signalbox::auth
