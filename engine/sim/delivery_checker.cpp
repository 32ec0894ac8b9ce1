#include "engine/sim/delivery_checker.h"

#include "engine/base/hash.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <optional>
#include <set>

namespace signalbox::sim {

namespace {

/// The first are enough to know what went wrong.
constexpr std::size_t kMostViolations = 20;

/// What a message says: who sent it, its number, and bytes that only this one has.
std::string payload_of(PublisherNumber publisher, std::uint64_t number) {
    std::string payload = concat(publisher, " ", number, " ");
    // From nothing to some hundreds of bytes, now and then a few thousand.
    std::size_t const size = number % 50 == 7 ? 3000 + publisher : number * 37 % 300;
    payload.append(size, static_cast<char>((number * 7 + publisher) & 0xff));
    return payload;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> read_payload(Bytes payload) {
    std::size_t const first = payload.find(' ');
    std::size_t const second = first == Bytes::npos ? first : payload.find(' ', first + 1);
    if (second == Bytes::npos) {
        return std::nullopt;
    }
    auto const publisher = base::parse_uint(payload.substr(0, first));
    auto const number = base::parse_uint(payload.substr(first + 1, second - first - 1));
    if (!publisher || !number) {
        return std::nullopt;
    }
    return std::pair(*publisher, *number);
}

bool matches(std::string_view filter, std::string_view subject) {
    return subject::Filter::parse(filter).value().matches(
        subject::PublishSubject::from_token(subject));
}

}  // namespace

bool DeliveryChecker::Seen::add(PublisherNumber publisher, std::uint64_t number) {
    if (publisher >= numbers_.size()) {
        numbers_.resize(publisher + std::size_t{1});
    }
    std::vector<bool>& numbers = numbers_[publisher];
    if (number >= numbers.size()) {
        numbers.resize(number + 1);
    }
    bool const is_new = !numbers[number];
    numbers[number] = true;
    return is_new;
}

bool DeliveryChecker::Seen::has(PublisherNumber publisher, std::uint64_t number) const {
    return publisher < numbers_.size() && number < numbers_[publisher].size() &&
           numbers_[publisher][number];
}

SubscriptionNumber DeliveryChecker::add_subscription(std::size_t place, std::string_view filter,
                                                     std::string_view queue_group) {
    subscriptions_.push_back({place, std::string(filter), std::string(queue_group), {}, {}});
    return static_cast<SubscriptionNumber>(subscriptions_.size() - 1);
}

PublisherNumber DeliveryChecker::add_publisher(std::size_t place) {
    publishers_.push_back({place, {}});
    return static_cast<PublisherNumber>(publishers_.size() - 1);
}

std::string DeliveryChecker::publish(PublisherNumber publisher, std::uint64_t connection,
                                     std::string_view subject, bool sure) {
    std::vector<Message>& messages = publishers_[publisher].messages;
    std::string payload = payload_of(publisher, messages.size());
    messages.push_back({std::string(subject), base::hash_of(payload), connection, sure});
    ++published_;
    return payload;
}

void DeliveryChecker::received(SubscriptionNumber number, std::string_view subject, Bytes payload) {
    ++received_;
    Subscription& subscription = subscriptions_[number];
    auto const name = [&] {
        return concat("subscription ", number, " on ", subscription.filter, " ",
                      subscription.queue_group);
    };
    auto const id = read_payload(payload);
    if (!id || id->first >= publishers_.size() ||
        id->second >= publishers_[id->first].messages.size()) {
        violated(concat(name(), " got what nobody published: ", base::quoted(payload)));
        return;
    }
    auto const publisher = static_cast<PublisherNumber>(id->first);
    Message const& message = publishers_[publisher].messages[id->second];
    auto const what = [&] { return concat(name(), ": message ", id->second, " of ", publisher); };
    if (message.subject != subject || base::hash_of(payload) != message.hash) {
        violated(concat(what(), " is not as it was sent"));
    }
    if (publishers_[publisher].place != subscription.place ||
        !matches(subscription.filter, subject)) {
        violated(concat(what(), " on ", subject, " is not for it"));
    }
    if (!subscription.seen.add(publisher, id->second)) {
        violated(concat(what(), " came twice"));
    }
    auto const [last, first_of_connection] =
        subscription.last.try_emplace({publisher, message.connection}, id->second);
    if (!first_of_connection && last->second > id->second) {
        violated(concat(what(), " came after ", last->second));
    }
    last->second = id->second;
    if (!subscription.queue_group.empty() &&
        !groups_[{subscription.place, subscription.queue_group}].add(publisher, id->second)) {
        violated(concat(what(), " came to its queue group twice"));
    }
}

void DeliveryChecker::check_arrivals() {
    for (PublisherNumber publisher = 0; publisher < publishers_.size(); ++publisher) {
        std::vector<Message> const& messages = publishers_[publisher].messages;
        for (std::uint64_t number = 0; number < messages.size(); ++number) {
            if (messages[number].sure) {
                check_arrival(publisher, number, messages[number]);
            }
        }
    }
}

void DeliveryChecker::check_arrival(PublisherNumber publisher, std::uint64_t number,
                                    Message const& message) {
    std::size_t const place = publishers_[publisher].place;
    std::set<std::string> wanting;
    for (SubscriptionNumber i = 0; i < subscriptions_.size(); ++i) {
        Subscription const& subscription = subscriptions_[i];
        if (subscription.place != place || !matches(subscription.filter, message.subject)) {
            continue;
        }
        if (!subscription.queue_group.empty()) {
            wanting.insert(subscription.queue_group);
        } else if (!subscription.seen.has(publisher, number)) {
            violated(concat("subscription ", i, " on ", subscription.filter, " misses message ",
                            number, " of ", publisher, " on ", message.subject));
        }
    }
    for (std::string const& group : wanting) {
        auto const found = groups_.find({place, group});
        if (found == groups_.end() || !found->second.has(publisher, number)) {
            violated(concat("queue group ", group, " misses message ", number, " of ", publisher,
                            " on ", message.subject));
        }
    }
}

void DeliveryChecker::violated(std::string what) {
    if (violations_.size() < kMostViolations) {
        violations_.push_back(std::move(what));
    }
}

}  // namespace signalbox::sim
