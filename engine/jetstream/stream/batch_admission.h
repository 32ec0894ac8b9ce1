#pragma once

#include "engine/jetstream/stream/core_state.h"
#include "engine/jetstream/stream/publish_headers.h"
#include "engine/jetstream/stream/stream_command.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// Judges a batch as a whole before any of it is stored.
class BatchAdmission {
public:
    BatchAdmission(CoreState const& state, BatchCommand const& batch)
        : state_(state), batch_(batch) {}

    /// Refused, waiting for a counter to be fetched, or neither: then it can be stored.
    Outcome judge();

    /// What the n-th message is stored with: a counter's total; empty: its own payload.
    std::string const& payload_of(std::size_t at) const { return payloads_[at]; }

private:
    Outcome judge_one(std::size_t at, PublishHeaders const& headers);
    Outcome judge_counter(PublishCommand const& message, PublishHeaders const& headers);
    std::optional<ApiError> contradiction(std::size_t at, PublishHeaders const& headers) const;
    std::optional<ApiError> lack_of_room() const;

    CoreState const& state_;
    BatchCommand const& batch_;
    std::set<std::string, std::less<>> subjects_;  ///< Of the messages before.
    std::set<std::string, std::less<>> ids_;
    std::map<std::string, std::string, std::less<>> totals_;  ///< Of counters, by subject.
    std::vector<std::string> payloads_;
};

/// The total that a counter's message holds; nothing: it holds none.
std::optional<std::string> counter_total(Bytes payload);

}  // namespace signalbox::jetstream
