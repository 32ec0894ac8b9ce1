#pragma once

#include "engine/base/hash.h"
#include "engine/jetstream/consumer/advisories.h"
#include "engine/jetstream/consumer/alarm.h"
#include "engine/jetstream/consumer/consumer.h"
#include "engine/jetstream/consumer/consumer_home.h"
#include "engine/jetstream/consumer/intake.h"
#include "engine/jetstream/consumer/release_desk.h"
#include "engine/jetstream/stream/consumer_part.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::jetstream {

/// All consumers of one stream.
///
/// What is asked of them goes into the stream's log and happens when it comes back, the same on
/// every replica. What clients do with them (`ConsumerService`) happens on the leader at once, and
/// what became of it is noted in the log soon after, in one entry for all that happened meanwhile:
/// losing the last of it means delivering a few messages again.
class Consumers final : public ConsumerPart,
                        private ConsumerHome,
                        private IntakeUser,
                        private ReleaseJudge {
public:
    explicit Consumers(ConsumerHost& host);
    ~Consumers() override;

    Consumers(Consumers const&) = delete;
    Consumers& operator=(Consumers const&) = delete;

    /// Null: there is none.
    Consumer* find(std::string_view name);
    /// By name.
    std::map<std::string, std::unique_ptr<Consumer>, std::less<>> const& all() const {
        return by_name_;
    }
    StreamFacts const& facts() const { return host_.facts(); }

    // Requests, once they are checked. `done` follows when it has happened, or will not.
    using OnDone = ConsumerHost::OnApplied;
    /// The name is set and nobody's.
    void create(ConsumerConfig const& config, OnDone done);
    void update(std::string_view name, ConsumerConfig const& config, OnDone done);
    void remove(std::string_view name, OnDone done);
    /// An unset time ends the pause.
    void pause(std::string_view name, WallTime until, OnDone done);
    void reset(std::string_view name, std::uint64_t next, OnDone done);
    /// False: nobody was pinned. At once: what a leader knows of pins it alone knows.
    bool unpin(Consumer& consumer);

    // ConsumerPart
    void apply(Bytes command, WallTime now) override;
    void stored(StoredNotice const& notice) override;
    void removing(std::uint64_t sequence, subject::PublishSubject subject) override;
    void purged(std::uint64_t first, std::string_view filter) override;
    bool is_wanted(subject::PublishSubject subject) const override;
    bool is_needed(std::uint64_t sequence, subject::PublishSubject subject) const override;
    void save(std::string& out) const override;
    Result<void> restore(Bytes saved) override;
    void leadership(bool leader) override;
    void facts_changed() override;
    void close(Close why) override;
    std::size_t count() const override;

private:
    // ConsumerHome
    ConsumerHost& host() override { return host_; }
    Outlet& outlet() override { return outlet_; }
    FilterGroups& groups() override { return groups_; }
    Advisories& advisories() override { return advisories_; }
    WallTime now() const override;
    void note(Consumer& consumer, Progress const& progress) override;
    void confirm(Consumer& consumer, std::string reply) override;
    void schedule(Consumer& consumer) override;
    void done_with(Consumer& consumer, std::uint64_t sequence) override;
    void remove_inactive(Consumer& consumer) override;
    void note_pending(std::uint64_t sequence) override {
        lowest_pending_ = std::min(lowest_pending_, sequence);
    }

    // IntakeUser
    Consumer* find_consumer(std::string_view name) override { return find(name); }
    void arrived() override { plan(); }

    // ReleaseJudge
    Need need_of(std::uint64_t sequence) const override;
    bool needs(std::uint64_t sequence, subject::PublishSubject subject) const override;
    void release(std::uint64_t sequence) override;
    void sweep_soon() override { plan(); }

    void plan();
    void run();
    void take_in();
    void flush(Urgency urgency);
    bool is_logged(Consumer const& consumer) const;
    Consumer* find(std::uint64_t id);
    void serve(Consumer& consumer);
    Consumer& add(std::uint64_t id, ConsumerConfig config, WallTime created);
    void propose_config(char kind, ConsumerConfig const& config, OnDone done);
    void poll_interest();

    void apply_create(VarintReader& in);
    void apply_update(VarintReader& in);
    void apply_remove(std::string_view name);
    void apply_reset(VarintReader& in);
    void apply_progress(Bytes bytes, WallTime now);

    ConsumerHost& host_;
    Outlet outlet_;
    Advisories advisories_;
    FilterGroups groups_;
    Intake intake_;
    ReleaseDesk releases_;
    std::map<std::string, std::unique_ptr<Consumer>, std::less<>> by_name_;
    std::unordered_map<std::string_view, Consumer*, base::TextHash>
        hashed_;  ///< Keys: their names.
    struct Served {
        Consumer* consumer = nullptr;
        subject::SubscriptionId pulls;  ///< The subscription; of push consumers too: they refuse.
        bool scheduled = false;
    };
    std::unordered_map<std::uint64_t, Served> by_id_;
    std::uint64_t next_id_ = 1;
    /// Nothing before is pending anywhere; where all are is only looked up when it matters.
    std::uint64_t lowest_pending_ = 0;
    bool leading_ = false;
    Duration calendar_offset_{0};  ///< From the monotonic clock to `now`.
    std::vector<std::uint64_t> scheduled_;
    bool planned_ = false;
    struct Noted {
        ProgressLog progress;
        std::vector<std::string> confirmations;  ///< To be answered once that is applied.
    };
    Noted noted_;
    Alarm flush_alarm_;
    Alarm poll_alarm_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::jetstream
