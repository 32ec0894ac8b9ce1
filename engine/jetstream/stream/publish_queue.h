#pragma once

#include "engine/consensus/replicated_log.h"
#include "engine/jetstream/stream/core_state.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace signalbox::jetstream {

/// Who waits for an entry of the log: a publisher at its reply subject, or somebody else.
struct PendingPublish {
    consensus::LogIndex index = 0;
    std::string reply;
    std::function<void(Outcome const&)> done;
};

/// Those who wait, in the order of the log.
class PublishQueue {
public:
    void add(PendingPublish pending) { waiting_.push_back(std::move(pending)); }

    /// Who waits for this entry. Those before it were never told: nobody asked.
    std::optional<PendingPublish> take(consensus::LogIndex index) {
        while (!waiting_.empty() && waiting_.front().index <= index) {
            PendingPublish first = std::move(waiting_.front());
            waiting_.pop_front();
            if (first.index == index) {
                return first;
            }
        }
        return std::nullopt;
    }

    std::deque<PendingPublish> take_all() { return std::exchange(waiting_, {}); }

    /// Expires with it: for what is done later.
    std::weak_ptr<char const> life() const { return life_; }

private:
    std::deque<PendingPublish> waiting_;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');
};

}  // namespace signalbox::jetstream
