#pragma once

#include "engine/account/account.h"
#include "engine/base/hash.h"
#include "engine/dispatch/crossing.h"
#include "engine/dispatch/service_latency.h"
#include "engine/world/world.h"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::dispatch {

/// Why no more answers to a request are waited for.
enum class ReplyEnd {
    Answered,
    NobodyThere,   ///< The request was delivered to nobody.
    InterestLost,  ///< Nobody listens for the answer any more.
    TimedOut,
};

/// A request that went to another account and may be answered.
struct OpenReply {
    std::string name;  ///< The subject that the service answers on.
    account::Account* service = nullptr;
    account::Account* asker = nullptr;
    std::string reply;  ///< Where the asker waits.
    config::ResponseType type = config::ResponseType::Singleton;
    Duration threshold{0};
    Instant deadline;
    unsigned hops = 0;
    bool shares = false;                       ///< The asker tells who it is.
    std::unique_ptr<Measurement> measurement;  ///< Null: it is not measured.
    std::list<OpenReply*>::iterator place;     ///< Among those that wait as long.
    /// Among those that wait on the same subject, which may be all there are.
    std::multimap<std::string_view, OpenReply*>::iterator place_by_reply;
};

/// Acknowledgements of streams keep their subject, for what they acknowledge is in it.
inline bool is_passed_through(std::string_view reply) {
    return reply.starts_with("$JS.ACK.");
}

class ReplyDesk;

/// The requests that are under way between the accounts of one server.
///
/// A service answers on `_R_.` and two random tokens, the first of which is its account's. What
/// comes there is published in the asker's account on the subject he gave; an answer that asks
/// something itself goes the same way back. A request is forgotten after its one answer, after an
/// empty one, when nobody listens for it any more, and when nothing came for its service's
/// threshold.
class ServiceReplies {
public:
    ServiceReplies(World& world, Dispatcher& dispatcher, ServiceLatency& latency);
    ~ServiceReplies();

    ServiceReplies(ServiceReplies const&) = delete;
    ServiceReplies& operator=(ServiceReplies const&) = delete;

    struct Request {
        account::Account& service;
        account::Account& asker;
        std::string_view reply;
        config::ResponseType type;
        Duration threshold;
        unsigned hops;
        bool shares = false;
    };
    /// Lasts until it is closed.
    OpenReply* open(Request const& request);

    /// The request of `open`, or one without a reply when that is null, is measured if the dice or
    /// its headers say so.
    void measure(OpenReply* open, config::LatencyOptions const& options, account::Account& exporter,
                 event::ClientInfo const& requester, Bytes headers);

    /// None of that name: nothing happens.
    void close(std::string_view name, ReplyEnd why);

    /// A subscription of the account ended: what waits for nobody is closed, at the next turn.
    void interest_lost(account::Account& account, std::string_view filter);

    /// The account is gone.
    void forget(account::Account& account);

    std::size_t size() const { return by_name_.size(); }
    /// Whether requests came into this account from others.
    bool serves(account::Account const& account) const { return desks_.contains(account.index()); }

    /// Calls `visit` with each that is open.
    template <class Visit>
    void for_each(Visit visit) const {
        for (auto const& [name, open] : by_name_) {
            visit(*open);
        }
    }

private:
    friend class ReplyDesk;

    /// More are not kept at once: the one that waits longest makes room.
    static constexpr std::size_t kMostOpen = 256 * 1'024;

    struct Lost {
        account::Account* account;
        std::string filter;
    };

    std::uint64_t answer(std::string_view name, message::MessageRun const& run,
                         message::Publisher& publisher);
    std::uint64_t pass_on(OpenReply const& open, message::MessageRun const& run,
                          message::Publisher& publisher);
    ReplyDesk& desk_of(account::Account& service);
    OpenReply* find(std::string_view name);
    void touch(OpenReply& open);
    void arm(Instant deadline);
    void expire();
    void check_lost();
    void close_if_unheard(OpenReply& open);
    std::string random_token();

    World& world_;
    Dispatcher& dispatcher_;
    ServiceLatency& latency_;
    std::unique_ptr<world::Entropy> entropy_;
    std::map<std::uint32_t, std::unique_ptr<ReplyDesk>> desks_;  ///< By account index.
    std::unordered_map<std::string, std::unique_ptr<OpenReply>, base::TextHash, std::equal_to<>>
        by_name_;
    std::multimap<std::string_view, OpenReply*> by_reply_;
    std::map<Duration, std::list<OpenReply*>> waiting_;  ///< By threshold, the oldest first.
    std::vector<Lost> lost_;
    world::TimerId timer_;
    Instant timer_at_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what is deferred.
};

}  // namespace signalbox::dispatch
