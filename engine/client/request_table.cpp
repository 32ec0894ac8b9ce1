#include "engine/client/request_table.h"

#include "engine/base/number.h"

namespace signalbox::client {

RequestTable::RequestTable(World& world, std::string inbox_prefix)
    : world_(world), prefix_(std::move(inbox_prefix)) {}

RequestTable::~RequestTable() {
    for (auto const& [number, request] : waiting_) {
        world_.timers().cancel(request.timer);
    }
}

void RequestTable::add(Duration timeout, OnReply done) {
    std::uint64_t const number = ++last_;
    Instant const now = world_.clock().now();
    world::TimerId const timer =
        world_.timers().call_at(now + timeout, [this, number] { expire(number); });
    waiting_.emplace(number, Waiting{std::move(done), now, timer});
}

void RequestTable::answer(std::string_view subject, Reply reply) {
    if (!subject.starts_with(prefix_)) {
        return;
    }
    std::optional<std::uint64_t> const number = base::parse_uint(subject.substr(prefix_.size()));
    auto const found = number ? waiting_.find(*number) : waiting_.end();
    if (found == waiting_.end()) {
        return;
    }
    Waiting const request = std::move(found->second);
    waiting_.erase(found);
    world_.timers().cancel(request.timer);
    reply.after = world_.clock().now() - request.since;
    request.done(reply);
}

void RequestTable::expire(std::uint64_t number) {
    auto const found = waiting_.find(number);
    if (found == waiting_.end()) {
        return;
    }
    Waiting const request = std::move(found->second);
    waiting_.erase(found);
    request.done(Error(Errc::TimedOut, "no answer in time"));
}

void RequestTable::fail_all(Error const& error) {
    // Taken out first, for a callback may ask again.
    std::map<std::uint64_t, Waiting> const failed = std::exchange(waiting_, {});
    for (auto const& [number, request] : failed) {
        world_.timers().cancel(request.timer);
        request.done(error);
    }
}

}  // namespace signalbox::client
