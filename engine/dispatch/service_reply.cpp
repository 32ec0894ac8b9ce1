#include "engine/dispatch/service_reply.h"

#include "engine/base/text.h"
#include "engine/message/built_message.h"

#include <algorithm>
#include <utility>

namespace signalbox::dispatch {
namespace {

constexpr std::string_view kPrefix = "_R_.";
constexpr std::size_t kTokenLength = 6;
constexpr std::string_view kLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace

/// Where the answers of one account's services come in.
class ReplyDesk final : public Crossing {
public:
    ReplyDesk(ServiceReplies& replies, Dispatcher& dispatcher, account::Account& service,
              std::string prefix)
        : Crossing(dispatcher),
          replies_(replies),
          service_(service),
          prefix_(std::move(prefix)),
          subscription_(&service.subscribe({.recipient = this,
                                            .kind = message::SubscriptionKind::Answers,
                                            .filter = concat(prefix_, ">")})) {}
    ~ReplyDesk() override { service_.unsubscribe(*subscription_); }

    ReplyDesk(ReplyDesk const&) = delete;
    ReplyDesk& operator=(ReplyDesk const&) = delete;

    std::string const& prefix() const { return prefix_; }

    std::uint64_t cross(message::MessageRun const& run, message::Publisher& publisher) override {
        return replies_.answer(run.subject.text(), run, publisher);
    }

private:
    ServiceReplies& replies_;
    account::Account& service_;
    std::string prefix_;
    message::Subscription* subscription_;
};

ServiceReplies::ServiceReplies(World& world, Dispatcher& dispatcher, ServiceLatency& latency)
    : world_(world),
      dispatcher_(dispatcher),
      latency_(latency),
      entropy_(world.entropy().fork("service replies")) {}

ServiceReplies::~ServiceReplies() {
    *alive_ = false;
    world_.timers().cancel(timer_);
}

std::string ServiceReplies::random_token() {
    std::string token;
    std::uint64_t number = entropy_->next();
    for (std::size_t i = 0; i < kTokenLength; ++i) {
        token += kLetters[number % kLetters.size()];
        number /= kLetters.size();
    }
    return token;
}

ReplyDesk& ServiceReplies::desk_of(account::Account& service) {
    std::unique_ptr<ReplyDesk>& desk = desks_[service.index()];
    if (!desk) {
        desk = std::make_unique<ReplyDesk>(*this, dispatcher_, service,
                                           concat(kPrefix, random_token(), "."));
    }
    return *desk;
}

OpenReply* ServiceReplies::find(std::string_view name) {
    auto const found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second.get();
}

OpenReply* ServiceReplies::open(Request const& request) {
    if (by_name_.size() >= kMostOpen) {
        // Of those that wait for a shorter time: they are the ones that come in numbers.
        auto const queue =
            std::ranges::find_if(waiting_, [](auto const& each) { return !each.second.empty(); });
        std::string const oldest = queue->second.front()->name;
        close(oldest, ReplyEnd::TimedOut);
    }
    std::string const& prefix = desk_of(request.service).prefix();
    auto open = std::make_unique<OpenReply>();
    do {
        open->name = concat(prefix, random_token());
    } while (by_name_.contains(open->name));
    open->service = &request.service;
    open->asker = &request.asker;
    open->reply = request.reply;
    open->type = request.type;
    open->threshold = request.threshold;
    open->hops = request.hops;
    open->shares = request.shares;
    std::list<OpenReply*>& queue = waiting_[request.threshold];
    open->place = queue.insert(queue.end(), open.get());
    touch(*open);
    open->place_by_reply = by_reply_.emplace(open->reply, open.get());
    OpenReply* const kept = open.get();
    by_name_.emplace(kept->name, std::move(open));
    return kept;
}

/// It waits anew from now on, behind all others that wait as long.
void ServiceReplies::touch(OpenReply& open) {
    std::list<OpenReply*>& queue = waiting_[open.threshold];
    queue.splice(queue.end(), queue, open.place);
    open.deadline = world_.clock().now() + open.threshold;
    arm(open.deadline);
}

/// A timer that comes too early looks again; so one is enough.
void ServiceReplies::arm(Instant deadline) {
    if (timer_ && timer_at_ <= deadline) {
        return;
    }
    world_.timers().cancel(timer_);
    timer_at_ = deadline;
    timer_ = world_.timers().call_at(deadline, [this] {
        timer_ = {};
        expire();
    });
}

void ServiceReplies::expire() {
    Instant const now = world_.clock().now();
    std::optional<Instant> next;
    for (auto& [threshold, queue] : waiting_) {
        while (!queue.empty() && queue.front()->deadline <= now) {
            std::string const name = queue.front()->name;
            close(name, ReplyEnd::TimedOut);
        }
        if (!queue.empty()) {
            Instant const first = queue.front()->deadline;
            next = next ? std::min(*next, first) : first;
        }
    }
    std::erase_if(waiting_, [](auto const& each) { return each.second.empty(); });
    if (next) {
        arm(*next);
    }
}

void ServiceReplies::measure(OpenReply* open, config::LatencyOptions const& options,
                             account::Account& exporter, event::ClientInfo const& requester,
                             Bytes headers) {
    auto measurement = latency_.begin(options, exporter, requester, headers);
    if (measurement == nullptr) {
        return;
    }
    if (open == nullptr) {
        latency_.fail(*measurement, LatencyStatus::BadRequest);
        return;
    }
    open->measurement = std::move(measurement);
}

void ServiceReplies::close(std::string_view name, ReplyEnd why) {
    auto const found = by_name_.find(name);
    if (found == by_name_.end()) {
        return;
    }
    OpenReply& open = *found->second;
    if (open.measurement) {
        switch (why) {
            case ReplyEnd::Answered:
                break;
            case ReplyEnd::NobodyThere:
                latency_.fail(*open.measurement, LatencyStatus::ServiceUnavailable);
                break;
            case ReplyEnd::InterestLost:
                latency_.fail(*open.measurement, LatencyStatus::RequestTimeout);
                break;
            case ReplyEnd::TimedOut:
                latency_.fail(*open.measurement, LatencyStatus::ServiceTimeout);
                break;
        }
    }
    waiting_[open.threshold].erase(open.place);
    by_reply_.erase(open.place_by_reply);
    by_name_.erase(found);
}

std::uint64_t ServiceReplies::answer(std::string_view name, message::MessageRun const& run,
                                     message::Publisher& publisher) {
    std::uint64_t deliveries = 0;
    for (message::MessageView const& message : run.messages) {
        OpenReply* const open = find(name);
        if (open == nullptr) {
            break;
        }
        if (auto const measurement = std::move(open->measurement)) {
            latency_.finish(*measurement, publisher);
        }
        message::MessageRun one = run;
        one.messages = {&message, 1};
        one.sharing = nullptr;
        one.bytes = message.size();
        bool const last = open->type == config::ResponseType::Singleton || message.size() == 0;
        std::uint64_t const taken = pass_on(*open, one, publisher);
        deliveries += taken;
        OpenReply* const still = find(name);
        if (still != nullptr && (last || taken == 0)) {
            close(name, taken == 0 ? ReplyEnd::InterestLost : ReplyEnd::Answered);
        } else if (still != nullptr) {
            touch(*still);
        }
    }
    return deliveries;
}

std::uint64_t ServiceReplies::pass_on(OpenReply const& open, message::MessageRun const& run,
                                      message::Publisher& publisher) {
    if (open.hops > kMostHops) {
        return 0;
    }
    account::Account& asker = *open.asker;
    message::Passage const passage{.hops = open.hops, .answer = true};
    message::MessageView const& message = run.messages.front();
    std::string const to = open.reply;
    auto const subject = subject::PublishSubject::from_token(to);
    if (message.reply.empty() || is_passed_through(message.reply)) {
        message::MessageRun here = run;
        here.subject = subject;
        here.passage = &passage;
        return dispatcher_.publish(asker, here, publisher);
    }
    // It asks something itself: the way back to the service is opened as the way here was.
    OpenReply const* const back = this->open({.service = asker,
                                              .asker = *open.service,
                                              .reply = message.reply,
                                              .type = open.type,
                                              .threshold = open.threshold,
                                              .hops = open.hops + 1});
    std::string const name = back->name;
    message::BuiltMessage const built(name, message.headers, message.payload);
    std::uint64_t const taken = dispatcher_.publish(asker, built.run(subject, &passage), publisher);
    if (taken == 0) {
        close(name, ReplyEnd::NobodyThere);
    }
    return taken;
}

void ServiceReplies::interest_lost(account::Account& account, std::string_view filter) {
    if (by_name_.empty()) {
        return;
    }
    if (lost_.empty()) {
        world_.turn().defer([this, alive = alive_] {
            if (*alive) {
                check_lost();
            }
        });
    }
    lost_.push_back({&account, std::string(filter)});
}

void ServiceReplies::check_lost() {
    for (Lost const& lost : std::exchange(lost_, {})) {
        auto const filter = subject::Filter::from_checked(lost.filter);
        std::vector<OpenReply*> waiting;
        if (!filter.has_wildcard()) {
            auto const [first, last] = by_reply_.equal_range(lost.filter);
            std::for_each(first, last, [&](auto const& e) { waiting.push_back(e.second); });
        } else {
            for (auto const& [name, open] : by_name_) {
                if (filter.matches(subject::PublishSubject::from_token(open->reply))) {
                    waiting.push_back(open.get());
                }
            }
        }
        std::erase_if(waiting, [&](OpenReply* open) { return open->asker != lost.account; });
        // In the order they were asked, so that what is told of them comes in one order too.
        std::ranges::sort(waiting, {}, [](OpenReply* open) { return open->deadline; });
        for (OpenReply* const open : waiting) {
            close_if_unheard(*open);
        }
    }
}

void ServiceReplies::close_if_unheard(OpenReply& open) {
    subject::Interest interest;
    open.asker->interest().match(subject::PublishSubject::from_token(open.reply), interest);
    if (interest.empty()) {
        std::string const name = open.name;
        close(name, ReplyEnd::InterestLost);
    }
}

void ServiceReplies::forget(account::Account& account) {
    std::vector<std::string> names;
    for (auto const& [name, open] : by_name_) {
        if (open->service == &account || open->asker == &account) {
            names.push_back(name);
        }
    }
    std::ranges::sort(names);
    for (std::string const& name : names) {
        close(name, ReplyEnd::InterestLost);
    }
    std::erase_if(lost_, [&](Lost const& lost) { return lost.account == &account; });
    desks_.erase(account.index());
}

}  // namespace signalbox::dispatch
