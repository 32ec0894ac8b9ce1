#include "engine/host/jetstream/stored_facts.h"

#include "engine/host/jetstream/json_fields.h"

#include <utility>

namespace signalbox::host {

namespace {

StreamLimits read_limits(Json const* config) {
    return {.messages = fields::limit(config, "max_msgs"),
            .bytes = fields::limit(config, "max_bytes"),
            .messages_per_subject = fields::limit(config, "max_msgs_per_subject"),
            .message_size = fields::limit(config, "max_msg_size"),
            .consumers = fields::limit(config, "max_consumers"),
            .age = fields::duration(config, "max_age")};
}

StreamState read_state(Json const* state) {
    return {.messages = fields::count(state, "messages"),
            .bytes = fields::count(state, "bytes"),
            .first = fields::count(state, "first_seq"),
            .last = fields::count(state, "last_seq"),
            .first_time = fields::time(state, "first_ts"),
            .last_time = fields::time(state, "last_ts"),
            .subjects = fields::count(state, "num_subjects"),
            .deleted = fields::count(state, "num_deleted"),
            .lost = fields::array(fields::find(state, "lost"), "msgs").size(),
            .consumers = fields::count(state, "consumer_count")};
}

PeerFacts read_peer(Json const* peer) {
    return {.name = fields::text(peer, "name"),
            .lag = fields::count(peer, "lag"),
            .active = Duration(fields::number(peer, "active", -1)),
            .current = fields::find(peer, "current") == nullptr || fields::flag(peer, "current"),
            .offline = fields::flag(peer, "offline"),
            .error = fields::text(fields::find(peer, "error"), "description")};
}

std::vector<PeerFacts> read_peers(Json const* object, std::string_view name) {
    std::vector<PeerFacts> peers;
    for (Json const& one : fields::array(object, name)) {
        peers.push_back(read_peer(&one));
    }
    return peers;
}

DeliveryPlace read_place(Json const* place) {
    return {.consumer_sequence = fields::count(place, "consumer_seq"),
            .stream_sequence = fields::count(place, "stream_seq"),
            .last_active = fields::time(place, "last_active")};
}

ConsumerSettings read_settings(Json const* config) {
    ConsumerSettings settings{.durable = fields::text(config, "durable_name"),
                              .description = fields::text(config, "description"),
                              .filters = fields::texts(config, "filter_subjects"),
                              .deliver_policy = fields::text(config, "deliver_policy"),
                              .ack_policy = fields::text(config, "ack_policy"),
                              .deliver_subject = fields::text(config, "deliver_subject"),
                              .deliver_group = fields::text(config, "deliver_group"),
                              .priority_policy = fields::text(config, "priority_policy"),
                              .ack_wait = fields::duration(config, "ack_wait"),
                              .inactive_threshold = fields::duration(config, "inactive_threshold"),
                              .max_deliver = fields::limit(config, "max_deliver"),
                              .max_ack_pending = fields::limit(config, "max_ack_pending"),
                              .max_waiting = fields::number(config, "max_waiting")};
    if (std::string one = fields::text(config, "filter_subject"); !one.empty()) {
        settings.filters.push_back(std::move(one));
    }
    return settings;
}

ConsumerState read_consumer_state(Json const* document) {
    ConsumerState state{.delivered = read_place(fields::find(document, "delivered")),
                        .ack_floor = read_place(fields::find(document, "ack_floor")),
                        .ack_pending = fields::count(document, "num_ack_pending"),
                        .redelivered = fields::count(document, "num_redelivered"),
                        .waiting = fields::count(document, "num_waiting"),
                        .pending = fields::count(document, "num_pending"),
                        .push_bound = fields::flag(document, "push_bound"),
                        .paused = fields::flag(document, "paused"),
                        .pause_remaining = fields::duration(document, "pause_remaining")};
    std::span<Json const> const groups = fields::array(document, "priority_groups");
    if (!groups.empty()) {
        state.pinned_group = fields::text(&groups.front(), "group");
        state.pinned_client = fields::text(&groups.front(), "pinned_client_id");
    }
    return state;
}

template <class Facts, class Read>
Result<FactsPage<Facts>> read_page(Json const& document, std::string_view name, Read read) {
    if (document.as_object() == nullptr) {
        return Error(Errc::Malformed, "no list in it");
    }
    FactsPage<Facts> page;
    page.total = fields::count(&document, "total");
    page.missing = fields::texts(&document, "missing");
    for (Json const& one : fields::array(&document, name)) {
        if (auto facts = read(one); facts.ok()) {
            page.rows.push_back(std::move(facts).value());
        }
    }
    return page;
}

}  // namespace

Result<AccountUse> read_account_use(Json const& document) {
    if (document.find("limits") == nullptr) {
        return Error(Errc::Malformed, "no limits in it");
    }
    Json const* const limits = fields::find(&document, "limits");
    Json const* const api = fields::find(&document, "api");
    return AccountUse{.memory = fields::count(&document, "memory"),
                      .storage = fields::count(&document, "storage"),
                      .reserved_memory = fields::count(&document, "reserved_memory"),
                      .reserved_storage = fields::count(&document, "reserved_storage"),
                      .streams = fields::count(&document, "streams"),
                      .consumers = fields::count(&document, "consumers"),
                      .max_memory = fields::number(limits, "max_memory", -1),
                      .max_storage = fields::number(limits, "max_storage", -1),
                      .max_streams = fields::limit(limits, "max_streams"),
                      .max_consumers = fields::limit(limits, "max_consumers"),
                      .max_ack_pending = fields::limit(limits, "max_ack_pending"),
                      .domain = fields::text(&document, "domain"),
                      .api_level = fields::number(api, "level"),
                      .api_total = fields::count(api, "total"),
                      .api_errors = fields::count(api, "errors")};
}

Result<std::shared_ptr<StreamFacts const>> read_stream(Json const& document) {
    Json const* const config = fields::find(&document, "config");
    auto facts = std::make_shared<StreamFacts>();
    facts->name = fields::text(config, "name");
    if (facts->name.empty()) {
        return Error(Errc::Malformed, "a stream without a name");
    }
    facts->description = fields::text(config, "description");
    facts->subjects = fields::texts(config, "subjects");
    facts->retention = fields::text(config, "retention");
    facts->storage = fields::text(config, "storage");
    facts->discard = fields::text(config, "discard");
    facts->replicas = fields::number(config, "num_replicas", 1);
    facts->limits = read_limits(config);
    facts->state = read_state(fields::find(&document, "state"));
    facts->created = fields::time(&document, "created");
    facts->sealed = fields::flag(config, "sealed");
    facts->allow_direct = fields::flag(config, "allow_direct");
    facts->deny_delete = fields::flag(config, "deny_delete");
    facts->deny_purge = fields::flag(config, "deny_purge");
    Json const* const cluster = fields::find(&document, "cluster");
    facts->leader = fields::text(cluster, "leader");
    facts->copies = read_peers(cluster, "replicas");
    facts->sources = read_peers(&document, "sources");
    if (Json const* const mirror = document.find("mirror")) {
        facts->mirror = std::make_unique<PeerFacts>(read_peer(mirror));
    }
    return std::shared_ptr<StreamFacts const>(std::move(facts));
}

Result<std::shared_ptr<ConsumerFacts const>> read_consumer(Json const& document) {
    auto facts = std::make_shared<ConsumerFacts>();
    facts->stream = fields::text(&document, "stream_name");
    facts->name = fields::text(&document, "name");
    if (facts->name.empty()) {
        return Error(Errc::Malformed, "a consumer without a name");
    }
    facts->created = fields::time(&document, "created");
    facts->settings = read_settings(fields::find(&document, "config"));
    facts->state = read_consumer_state(&document);
    facts->leader = fields::text(fields::find(&document, "cluster"), "leader");
    return std::shared_ptr<ConsumerFacts const>(std::move(facts));
}

Result<FactsPage<StreamFacts>> read_stream_page(Json const& document) {
    return read_page<StreamFacts>(document, "streams", read_stream);
}

Result<FactsPage<ConsumerFacts>> read_consumer_page(Json const& document) {
    return read_page<ConsumerFacts>(document, "consumers", read_consumer);
}

}  // namespace signalbox::host
