#pragma once

#include "engine/jetstream/error/api_error.h"
#include "engine/jetstream/stream/consumer_part.h"
#include "engine/jetstream/stream/deduplication.h"
#include "engine/jetstream/stream/lifetimes.h"
#include "engine/jetstream/stream/stream_config.h"
#include "engine/store/stream_store.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace signalbox::jetstream {

/// What applying an entry led to, for whoever proposed it.
struct Outcome {
    std::optional<ApiError> refused;
    std::optional<store::FetchTicket> waits_for;  ///< Nothing was done yet: apply again after it.
    std::uint64_t sequence = 0;                   ///< Of a message that was stored.
    bool duplicate = false;                       ///< It was stored before, under this sequence.
    bool reconfigured = false;                    ///< The configuration is another now.
    std::uint64_t count = 0;  ///< Of messages that went, or that were stored together.
    std::string value;        ///< Of a counter.
    std::string batch;

    static Outcome refusal(ApiError error) {
        Outcome outcome;
        outcome.refused = std::move(error);
        return outcome;
    }
    static Outcome waiting(store::FetchTicket ticket) {
        Outcome outcome;
        outcome.waits_for = ticket;
        return outcome;
    }
};

/// Is told what is stored while it is applied: for what only a leader does with it.
class StoredListener {
public:
    virtual ~StoredListener() = default;

    /// `previous`: the sequence of the message on the same subject before, or 0.
    virtual void stored(store::StoredMessage const& message, std::uint64_t previous) = 0;
};

/// All that a stream is made of by its log: the same on every replica.
struct CoreState {
    StreamConfig config;
    store::StreamStore& store;
    ConsumerPart* consumers = nullptr;  ///< Null: it has none, and nobody is to be told.
    StoredListener* listener = nullptr;
    Deduplication seen;
    Lifetimes lifetimes;
    std::map<std::string, std::uint64_t, std::less<>> sources;  ///< How far each was taken.
    std::string last_id;  ///< The message id of the last message stored; empty: it had none.
    WallTime now;         ///< Of the last entry; never goes back.

    bool keeps_by_interest() const { return config.retention == Retention::Interest; }
    store::Medium medium() const {
        return config.memory ? store::Medium::Memory : store::Medium::File;
    }
};

}  // namespace signalbox::jetstream
