#pragma once

#include "engine/jetstream/consumer/consumer_config.h"
#include "engine/jetstream/consumer/consumer_home.h"
#include "engine/jetstream/consumer/consumer_state.h"
#include "engine/jetstream/consumer/filter_groups.h"
#include "engine/store/stream_store.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace signalbox::jetstream {

class ConsumerService;

/// One reader of a stream: what it was made with, and how far it is.
///
/// The same on every replica. On the stream's leader it has a service beside it, which deals with
/// clients; there `state` is ahead of the log, everywhere else it is what was applied.
class Consumer final : public Reader {
public:
    Consumer(ConsumerHome& home, std::uint64_t id, ConsumerConfig config, WallTime created);
    ~Consumer() override;

    std::uint64_t id() const { return id_; }
    std::string const& name() const { return config_.name; }
    ConsumerConfig const& config() const { return config_; }
    WallTime created() const { return created_; }
    ConsumerState& state() { return state_; }
    ConsumerState const& state() const { return state_; }
    store::Filters filters() const { return filters_; }

    /// Whether its filters let the subject through.
    bool matches(subject::PublishSubject subject) const;
    /// Whether it has yet to be done with the message.
    bool needs(std::uint64_t sequence, subject::PublishSubject subject) const {
        return state_.has_to_come(sequence) && matches(subject);
    }

    /// Finds where it starts, by its policy and what the stream holds now.
    void start();
    /// A message came from the log: what a service did before, here or elsewhere.
    void apply(Progress const& progress, WallTime now);
    /// Another configuration, of which it was checked that it may be.
    void change(ConsumerConfig config);
    /// Begins anew, with what is at or after `next`.
    void reset(std::uint64_t next);
    /// Everything before `first` is gone, or what `filter` matches, if it is not empty.
    void purged(std::uint64_t first, std::string_view filter);
    /// The message is about to go.
    void removing(std::uint64_t sequence);

    void save(std::string& out) const;
    Result<void> restore(VarintReader& in);

    /// The next message that was never delivered; what there is no more is passed over.
    Result<store::Load> next_message();
    /// It is being delivered for the first time.
    void advance(std::uint64_t sequence, WallTime now);
    /// Calls `ConsumerService::wake` once something is stored for it.
    void wait_for_message() { wait_for_more(); }

    /// On the leader: the one that deals with clients; elsewhere null.
    ConsumerService* service() const { return service_.get(); }
    void serve();
    void stop_serving();

private:
    void wake() override;
    bool counts(std::uint64_t sequence) const override;

    void take_filters();
    std::uint64_t start_sequence(store::StreamStore& store) const;
    void list_last_per_subject(store::StreamStore& store);
    /// Counts what is left from the store.
    void recount();

    ConsumerHome& home_;
    std::uint64_t id_;
    ConsumerConfig config_;
    WallTime created_;
    ConsumerState state_;
    std::vector<std::string> filter_texts_;
    std::vector<subject::Filter> filters_;  ///< Views into the texts.
    /// Of the policy last_per_subject: the messages to begin with, ascending.
    std::deque<std::uint64_t> firsts_;
    std::unique_ptr<ConsumerService> service_;
};

}  // namespace signalbox::jetstream
