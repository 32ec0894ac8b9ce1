#include "engine/jetstream/stream/open_batches.h"

#include "engine/base/number.h"
#include "engine/protocol/headers.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {
namespace {

constexpr std::size_t kLongestId = 64;

}  // namespace

OpenBatches::Answer OpenBatches::refuse(ApiErrc error, Abandoned abandoned) {
    return {.step = Step::Refused, .error = api_error(error), .abandoned = abandoned};
}

OpenBatches::Answer OpenBatches::add(PublishCommand const& message, PublishHeaders const& headers,
                                     Instant now,
                                     std::function<void(BatchCommand const&)> const& committed) {
    std::string const id(*headers.batch_id);
    if (id.empty() || id.size() > kLongestId) {
        return refuse(ApiErrc::AtomicPublishInvalidBatchID);
    }
    auto const position =
        headers.batch_sequence ? base::parse_uint(*headers.batch_sequence) : std::nullopt;
    if (!position || *position == 0) {
        return refuse(ApiErrc::AtomicPublishMissingSeq);
    }
    auto found = open_.find(id);
    if (*position == 1) {
        if (found == open_.end() && open_.size() >= limits_.open) {
            return refuse(ApiErrc::AtomicPublishTooManyInflight);
        }
        found = open_.insert_or_assign(id, Batch{}).first;
    } else if (found == open_.end() || found->second.last + 1 != *position) {
        bool const was_open = found != open_.end();
        if (was_open) {
            open_.erase(found);
        }
        return refuse(ApiErrc::AtomicPublishIncompleteBatch, Abandoned::Incomplete);
    }
    Batch& batch = found->second;
    bool const ends = headers.batch_commit.has_value();
    bool const only_ends = ends && *headers.batch_commit == "eob";
    if (ends && !only_ends && *headers.batch_commit != "1") {
        open_.erase(found);
        return refuse(ApiErrc::AtomicPublishInvalidBatchCommit, Abandoned::Incomplete);
    }
    if (headers.expected_last_id) {
        open_.erase(found);
        Answer answer =
            refuse(ApiErrc::AtomicPublishUnsupportedHeaderBatch, Abandoned::Unsupported);
        answer.error =
            api_error(ApiErrc::AtomicPublishUnsupportedHeaderBatch, "Nats-Expected-Last-Msg-Id");
        return answer;
    }
    if (batch.messages.size() + (only_ends ? 0 : 1) > limits_.messages) {
        open_.erase(found);
        Answer answer = refuse(ApiErrc::AtomicPublishTooLargeBatch, Abandoned::Large);
        answer.error =
            api_error(ApiErrc::AtomicPublishTooLargeBatch, std::to_string(limits_.messages));
        return answer;
    }
    batch.last = *position;
    batch.touched = now;
    if (!only_ends) {
        batch.messages.push_back({std::string(message.subject), std::string(message.headers),
                                  std::string(message.payload)});
    } else if (!batch.messages.empty()) {
        std::string& last = batch.messages.back().headers;
        last = protocol::with_header(last, "Nats-Batch-Commit", "1");
    }
    if (!ends) {
        return {};
    }
    Batch const whole = std::move(batch);
    open_.erase(found);
    if (whole.messages.empty()) {
        return refuse(ApiErrc::AtomicPublishIncompleteBatch, Abandoned::Incomplete);
    }
    commit(id, whole, committed);
    return {.step = Step::Committed, .error = {}, .abandoned = Abandoned::No};
}

void OpenBatches::commit(std::string const& id, Batch const& batch,
                         std::function<void(BatchCommand const&)> const& committed) {
    BatchCommand command;
    command.id = id;
    for (Message const& message : batch.messages) {
        command.messages.push_back({message.subject, message.headers, message.payload});
    }
    committed(command);
}

std::vector<std::string> OpenBatches::expire(Instant now) {
    std::vector<std::string> ids;
    std::erase_if(open_, [&](auto const& entry) {
        bool const idle = entry.second.touched + limits_.idle <= now;
        if (idle) {
            ids.push_back(entry.first);
        }
        return idle;
    });
    return ids;
}

std::optional<Instant> OpenBatches::next_expiry() const {
    std::optional<Instant> next;
    for (auto const& [id, batch] : open_) {
        Instant const end = batch.touched + limits_.idle;
        next = next ? std::min(*next, end) : end;
    }
    return next;
}

}  // namespace signalbox::jetstream
