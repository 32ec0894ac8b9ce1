#pragma once

#include "engine/jetstream/consumer/varint.h"
#include "engine/jetstream/stream/consumer_part.h"
#include "engine/store/stream_store.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// Who can say which consumers need a message.
class ReleaseJudge {
public:
    enum class Need : std::uint8_t {
        Nobody,
        Somebody,
        BySubject,  ///< Somebody whose filters have to be asked.
    };
    virtual ~ReleaseJudge() = default;
    virtual Need need_of(std::uint64_t sequence) const = 0;
    virtual bool needs(std::uint64_t sequence, subject::PublishSubject subject) const = 0;
    /// Nobody needs it: so it goes into the log.
    virtual void release(std::uint64_t sequence) = 0;
    /// `ReleaseDesk::sweep` is to be called soon.
    virtual void sweep_soon() = 0;
};

/// Finds out, for a stream that keeps messages by interest, which of them no consumer needs any
/// more. Works on the leader alone; what it finds is put into the log, so that it is the same on
/// all replicas, and remembered until it has come back from there.
class ReleaseDesk {
public:
    ReleaseDesk(ConsumerHost& host, ReleaseJudge& judge) : host_(host), judge_(judge) {}

    /// A consumer is done with it.
    void consider(std::uint64_t sequence);
    /// A consumer with these filters is gone, or has others: whatever is after `floor` may be free.
    void consider_all(std::vector<std::string> filters, std::uint64_t floor);
    /// Goes on with that. True: there is more.
    bool sweep();

    /// It came back from the log.
    void released(std::uint64_t sequence) { under_way_.erase(sequence); }
    /// What was under way when the last leader stopped is considered again.
    void begin();

    void save(std::string& out) const;
    void restore(VarintReader& in);

private:
    struct Sweep {
        std::vector<std::string> filters;
        std::uint64_t next = 1;
    };

    void decide(std::uint64_t sequence);
    void wait(store::FetchTicket ticket, std::function<void()> then);

    ConsumerHost& host_;
    ReleaseJudge& judge_;
    std::set<std::uint64_t> under_way_;
    std::deque<Sweep> sweeps_;
    bool fetching_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::jetstream
