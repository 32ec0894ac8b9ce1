#include "engine/host/lab/delivery_record.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::host::lab {

namespace {

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

}  // namespace

DeliveryRecord::DeliveryRecord(std::vector<LoadSpec> const& loads) {
    for (LoadSpec const& spec : loads) {
        loads_.push_back({spec, 0, {}});
    }
}

DeliveryRecord::Publisher DeliveryRecord::add_publisher(std::size_t load) {
    publishers_.push_back({load, 0, {}});
    return static_cast<Publisher>(publishers_.size() - 1);
}

DeliveryRecord::Subscriber DeliveryRecord::add_subscriber(std::size_t load) {
    subscribers_.push_back({load, {}, {}});
    ++loads_[load].subscribers;
    return static_cast<Subscriber>(subscribers_.size() - 1);
}

/// Its publisher and number, and bytes that only this one has.
std::string DeliveryRecord::payload_of(Load const& load, Publisher publisher,
                                       std::uint64_t number) const {
    std::string payload = concat(publisher, " ", number, " ");
    if (payload.size() < load.spec.payload_bytes) {
        payload.resize(load.spec.payload_bytes,
                       static_cast<char>('a' + (number * 7 + publisher) % 26));
    }
    return payload;
}

std::string const& DeliveryRecord::subject_of(Load const& load, std::uint64_t number) const {
    return load.spec.subjects[number % load.spec.subjects.size()];
}

DeliveryRecord::Message DeliveryRecord::publish(Publisher publisher, std::uint64_t connection,
                                                Instant now) {
    Publishing& own = publishers_[publisher];
    Load& load = loads_[own.load];
    std::uint64_t const number = own.first + own.sent.size();
    own.sent.push_back({now, static_cast<std::uint32_t>(connection), 0, 0});
    ++load.totals.published;
    return {subject_of(load, number), payload_of(load, publisher, number), number};
}

std::string DeliveryRecord::name_of(Publisher publisher, std::uint64_t number) const {
    return concat("message ", number, " of publisher ", publisher, " of load ",
                  loads_[publishers_[publisher].load].spec.name);
}

void DeliveryRecord::received(Subscriber subscriber, std::string_view subject, Bytes payload,
                              Instant) {
    Load& load = loads_[subscribers_[subscriber].load];
    auto const id = read_payload(payload);
    bool const of_load = id && id->first < publishers_.size() &&
                         publishers_[id->first].load == subscribers_[subscriber].load;
    if (of_load && id->second < publishers_[id->first].first) {
        return;  // Forgotten.
    }
    bool const known = of_load && publishers_[id->first].has(id->second);
    if (!known) {
        violated(
            concat("a subscription of load ", load.spec.name,
                   " got what nobody published to it: ", base::quoted(base::cut(payload, 60))));
        return;
    }
    auto const publisher = static_cast<Publisher>(id->first);
    std::uint64_t const number = id->second;
    if (subject != subject_of(load, number) || payload != payload_of(load, publisher, number)) {
        violated(concat(name_of(publisher, number), " is not as it was sent"));
    }
    ++load.totals.received;
    ++publishers_[publisher].at(number).arrivals;
    check_once(subscriber, publisher, number);
    check_order(subscriber, publisher, number);
}

void DeliveryRecord::check_once(Subscriber subscriber, Publisher publisher, std::uint64_t number) {
    Subscribing& own = subscribers_[subscriber];
    if (publisher >= own.seen.size()) {
        own.seen.resize(publisher + std::size_t{1});
    }
    Seen& seen = own.seen[publisher];
    std::uint64_t const first = publishers_[publisher].first;
    while (seen.first < first && !seen.numbers.empty()) {
        seen.numbers.pop_front();
        ++seen.first;
    }
    seen.first = std::max(seen.first, first);
    if (number - seen.first >= seen.numbers.size()) {
        seen.numbers.resize(number - seen.first + 1);
    }
    bool const again = seen.numbers[number - seen.first];
    seen.numbers[number - seen.first] = true;
    bool const group = loads_[own.load].spec.kind != LoadKind::Publish;
    if (again) {
        violated(concat(name_of(publisher, number), " came twice to subscription ", subscriber));
    } else if (group && publishers_[publisher].at(number).arrivals > 1) {
        violated(concat(name_of(publisher, number), " came twice to its queue group"));
    }
}

void DeliveryRecord::check_order(Subscriber subscriber, Publisher publisher, std::uint64_t number) {
    Sent const& sent = publishers_[publisher].at(number);
    auto const [last, first] =
        subscribers_[subscriber].last.try_emplace({publisher, sent.connection}, number);
    bool const sure = settled_ && sent.at >= *settled_;
    if (!first && last->second > number && sure) {
        violated(concat(name_of(publisher, number), " came after message ", last->second,
                        " of it to subscription ", subscriber));
    }
    last->second = number;
}

void DeliveryRecord::answered(Publisher publisher, std::uint64_t number, Duration after,
                              std::string_view why) {
    Load& load = loads_[publishers_[publisher].load];
    if (!why.empty()) {
        ++load.totals.unanswered;
        return;
    }
    ++load.totals.answered;
    if (!publishers_[publisher].has(number)) {
        return;
    }
    Sent& sent = publishers_[publisher].at(number);
    if (++sent.answers > 1) {
        violated(concat(name_of(publisher, number), " was answered twice"));
    }
    if (after > load.spec.timeout) {
        violated(concat(name_of(publisher, number), " was answered after its time"));
    }
}

std::uint32_t DeliveryRecord::needed(Load const& load) const {
    if (load.spec.kind == LoadKind::Publish) {
        return load.subscribers;
    }
    return load.subscribers > 0 ? 1 : 0;
}

bool DeliveryRecord::complete(Load const& load, Sent const& sent) const {
    bool const answered = load.spec.kind != LoadKind::Request || sent.answers > 0;
    return sent.arrivals >= needed(load) && answered;
}

DeliveryRecord::Span DeliveryRecord::look(Instant from, Instant to) const {
    Span span;
    for (Publisher publisher = 0; publisher < publishers_.size(); ++publisher) {
        std::deque<Sent> const& sent = publishers_[publisher].sent;
        Load const& load = loads_[publishers_[publisher].load];
        auto const begin = std::ranges::lower_bound(sent, from, {}, &Sent::at);
        for (auto each = begin; each != sent.end() && each->at < to; ++each) {
            ++span.messages;
            if (complete(load, *each)) {
                continue;
            }
            ++span.incomplete;
            std::uint64_t const number =
                publishers_[publisher].first + static_cast<std::uint64_t>(each - sent.begin());
            if (span.example.empty()) {
                span.example = concat(name_of(publisher, number), " on ", subject_of(load, number),
                                      " arrived ", each->arrivals, " times of ", needed(load));
            }
            span.last_incomplete = std::max(span.last_incomplete.value_or(each->at), each->at);
        }
    }
    return span;
}

void DeliveryRecord::forget_before(Instant when) {
    for (Publishing& publishing : publishers_) {
        while (!publishing.sent.empty() && publishing.sent.front().at < when) {
            publishing.sent.pop_front();
            ++publishing.first;
        }
    }
}

void DeliveryRecord::violated(std::string what) {
    if (violations_.size() < kMostViolations) {
        violations_.push_back(std::move(what));
    }
}

}  // namespace signalbox::host::lab
