#include "engine/permission/rule_book.h"

#include "engine/base/text.h"

namespace signalbox::permission {
namespace {

Ruling allowed_by(RuleList const& list, std::uint32_t line) {
    return {.allowed = true, .by = concat("allow ", base::quoted(list.text_of(line)))};
}

Ruling denied_by(RuleList const& list, std::uint32_t line) {
    return {.allowed = false, .by = concat("deny ", base::quoted(list.text_of(line)))};
}

}  // namespace

Result<std::shared_ptr<RuleBook>> RuleBook::compile(Permissions const& permissions) {
    std::shared_ptr<RuleBook> book(new RuleBook);
    auto const plain = RuleList::Queues::Refused;
    auto const with_queues = RuleList::Queues::Allowed;
    book->publish_allow_ = TRY(RuleList::compile(permissions.publish.allow, plain));
    book->publish_deny_ = TRY(RuleList::compile(permissions.publish.deny, plain));
    book->subscribe_allow_ = TRY(RuleList::compile(permissions.subscribe.allow, with_queues));
    book->subscribe_deny_ = TRY(RuleList::compile(permissions.subscribe.deny, with_queues));
    book->responses_ = permissions.responses;
    return book;
}

Ruling RuleBook::rule_publish(std::string_view subject) const {
    if (auto const line = publish_deny_.plain_line(subject)) {
        return denied_by(publish_deny_, *line);
    }
    if (publish_allow_.empty()) {
        // Who may answer requests may publish nothing else unless a list says so.
        return {.allowed = !responses_, .by = responses_ ? "allow_responses" : ""};
    }
    auto const line = publish_allow_.plain_line(subject);
    return line ? allowed_by(publish_allow_, *line) : Ruling{.allowed = false, .by = {}};
}

/// Lines that name a group narrow those that name none, for queue subscriptions.
Ruling RuleBook::allowed_to_subscribe(std::string_view subject, std::string_view queue) const {
    if (subscribe_allow_.empty()) {
        return {};
    }
    auto const plain = subscribe_allow_.plain_line(subject);
    if (!queue.empty()) {
        auto const groups = subscribe_allow_.queue_lines(subject, queue);
        if (groups.line) {
            return allowed_by(subscribe_allow_, *groups.line);
        }
        if (groups.any) {
            return {.allowed = false, .by = {}};
        }
    }
    return plain ? allowed_by(subscribe_allow_, *plain) : Ruling{.allowed = false, .by = {}};
}

Ruling RuleBook::not_denied(std::string_view subject, std::string_view queue) const {
    if (auto const line = subscribe_deny_.plain_line(subject)) {
        return denied_by(subscribe_deny_, *line);
    }
    if (!queue.empty()) {
        if (auto const line = subscribe_deny_.queue_lines(subject, queue).line) {
            return denied_by(subscribe_deny_, *line);
        }
    }
    return {};
}

Ruling RuleBook::rule_subscribe(subject::Filter filter, std::string_view queue) const {
    Ruling const denied = not_denied(filter.text(), queue);
    return denied.allowed ? allowed_to_subscribe(filter.text(), queue) : denied;
}

Ruling RuleBook::rule_receive(std::string_view subject, std::string_view queue,
                              Screening screening) const {
    if (screening == Screening::None) {
        return {};
    }
    Ruling const denied = not_denied(subject, queue);
    return denied.allowed && screening == Screening::All ? allowed_to_subscribe(subject, queue)
                                                         : denied;
}

bool RuleBook::may_receive(std::string_view subject, std::string_view queue, Screening screening) {
    if (screening == Screening::None) {
        return true;
    }
    DecisionCache& cache = receive_caches_[screening == Screening::Denied ? 0 : 1];
    DecisionCache::Place& place = cache.place_of(subject, queue);
    if (place.known == DecisionCache::Known::No) [[unlikely]] {
        place.known = known(rule_receive(subject, queue, screening).allowed);
    }
    return place.known == DecisionCache::Known::Allowed;
}

Screening RuleBook::screening(subject::Filter filter, std::string_view queue) const {
    // What was let in whole needs no look: a literal is refused or taken when it is subscribed to.
    if (!filter.has_wildcard()) {
        return Screening::None;
    }
    bool const allowed_whole = subscribe_allow_.empty() || subscribe_allow_.covers(filter, queue);
    if (!allowed_whole) {
        return Screening::All;
    }
    return subscribe_deny_.overlaps(filter, queue) ? Screening::Denied : Screening::None;
}

}  // namespace signalbox::permission
