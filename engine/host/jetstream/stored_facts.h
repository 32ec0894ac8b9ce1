#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What JetStream says of the streams and consumers of an account, as far as lists show it. Servers
/// of many versions answer: what is absent, or of another type, counts as not said.
namespace signalbox::host {

/// -1 of a limit: none.
struct StreamLimits {
    std::int64_t messages = -1;
    std::int64_t bytes = -1;
    std::int64_t messages_per_subject = -1;
    std::int64_t message_size = -1;
    std::int64_t consumers = -1;
    Duration age{0};  ///< Zero: none.
};

struct StreamState {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    WallTime first_time;
    WallTime last_time;
    std::uint64_t subjects = 0;
    std::uint64_t deleted = 0;  ///< Gaps between first and last.
    std::uint64_t lost = 0;     ///< That storage lost.
    std::uint64_t consumers = 0;
};

/// One that a stream copies from, or a copy of the stream on another server.
struct PeerFacts {
    std::string name;
    std::uint64_t lag = 0;
    Duration active{-1};  ///< Since it was heard of; negative: never.
    bool current = true;
    bool offline = false;
    std::string error;
};

struct StreamFacts {
    std::string name;
    std::string description;
    std::vector<std::string> subjects;
    std::string retention;
    std::string storage;
    std::string discard;
    std::int64_t replicas = 1;
    StreamLimits limits;
    StreamState state;
    WallTime created;
    bool sealed = false;
    bool allow_direct = false;
    bool deny_delete = false;
    bool deny_purge = false;
    std::string leader;  ///< In a cluster.
    std::vector<PeerFacts> copies;
    std::unique_ptr<PeerFacts> mirror;
    std::vector<PeerFacts> sources;

    bool is_bucket() const { return name.starts_with("KV_"); }
    bool is_object_store() const { return name.starts_with("OBJ_"); }
};

struct DeliveryPlace {
    std::uint64_t consumer_sequence = 0;
    std::uint64_t stream_sequence = 0;
    WallTime last_active;
};

struct ConsumerSettings {
    std::string durable;
    std::string description;
    std::vector<std::string> filters;
    std::string deliver_policy;
    std::string ack_policy;
    std::string deliver_subject;  ///< Empty: it is pulled from.
    std::string deliver_group;
    std::string priority_policy;
    Duration ack_wait{0};
    Duration inactive_threshold{0};
    std::int64_t max_deliver = -1;
    std::int64_t max_ack_pending = -1;
    std::int64_t max_waiting = 0;
};

struct ConsumerState {
    DeliveryPlace delivered;
    DeliveryPlace ack_floor;
    std::uint64_t ack_pending = 0;
    std::uint64_t redelivered = 0;
    std::uint64_t waiting = 0;  ///< Pull requests.
    std::uint64_t pending = 0;
    bool push_bound = false;
    bool paused = false;
    Duration pause_remaining{0};
    std::string pinned_group;   ///< Of the first priority group.
    std::string pinned_client;  ///< Empty: nobody is pinned.
};

struct ConsumerFacts {
    std::string stream;
    std::string name;
    WallTime created;
    ConsumerSettings settings;
    ConsumerState state;
    std::string leader;

    bool is_push() const { return !settings.deliver_subject.empty(); }
};

/// What an account may keep and does. -1 of a limit: none.
struct AccountUse {
    std::uint64_t memory = 0;
    std::uint64_t storage = 0;
    std::uint64_t reserved_memory = 0;
    std::uint64_t reserved_storage = 0;
    std::uint64_t streams = 0;
    std::uint64_t consumers = 0;
    std::int64_t max_memory = -1;
    std::int64_t max_storage = -1;
    std::int64_t max_streams = -1;
    std::int64_t max_consumers = -1;
    std::int64_t max_ack_pending = -1;
    std::string domain;
    std::int64_t api_level = 0;
    std::uint64_t api_total = 0;
    std::uint64_t api_errors = 0;
};

/// One page of a list.
template <class Facts>
struct FactsPage {
    std::vector<std::shared_ptr<Facts const>> rows;
    std::uint64_t total = 0;
    std::vector<std::string> missing;  ///< Names that nobody could tell of.
};

/// Errors, of all: Malformed (it is no such document).
Result<AccountUse> read_account_use(Json const& document);
Result<std::shared_ptr<StreamFacts const>> read_stream(Json const& document);
Result<std::shared_ptr<ConsumerFacts const>> read_consumer(Json const& document);
Result<FactsPage<StreamFacts>> read_stream_page(Json const& document);
Result<FactsPage<ConsumerFacts>> read_consumer_page(Json const& document);

}  // namespace signalbox::host
