#pragma once

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/host/lab/scenario.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::host::lab {

/// What the loads of a scenario publish and get, and what of it must not be:
///
/// - a message that nobody published, or not as it was sent;
/// - one that a subscription or a queue group gets twice, or a request that is answered twice;
/// - while all is settled: one connection's messages out of their order at a subscription.
///
/// Which messages must arrive is asked at the end, for spans of time. Belongs to one thread.
class DeliveryRecord {
public:
    /// Enough to know what went wrong.
    static constexpr std::size_t kMostViolations = 20;

    explicit DeliveryRecord(std::vector<LoadSpec> const& loads);

    using Publisher = std::uint32_t;
    using Subscriber = std::uint32_t;
    Publisher add_publisher(std::size_t load);
    Subscriber add_subscriber(std::size_t load);

    struct Message {
        std::string subject;
        std::string payload;
        std::uint64_t number = 0;
    };
    /// The publisher's next one, over its `connection`-th connection.
    Message publish(Publisher publisher, std::uint64_t connection, Instant now);
    void received(Subscriber subscriber, std::string_view subject, Bytes payload, Instant now);
    /// A request was answered, or not: `why` says so then.
    void answered(Publisher publisher, std::uint64_t number, Duration after, std::string_view why);

    /// Everything is as it should be since then, or nothing is.
    void settled(std::optional<Instant> since) { settled_ = since; }

    /// What became of the messages published from `from` until before `to`.
    struct Span {
        std::uint64_t messages = 0;
        std::uint64_t incomplete = 0;
        std::optional<Instant> last_incomplete;  ///< When it was published.
        std::string example;                     ///< The first incomplete one, for a person.
    };
    Span look(Instant from, Instant to) const;

    /// What was published before is not asked for any more, and what comes of it is not looked at.
    void forget_before(Instant when);

    std::vector<std::string> const& violations() const { return violations_; }

    /// For a person, per load.
    struct Totals {
        std::uint64_t published = 0;
        std::uint64_t received = 0;
        std::uint64_t answered = 0;
        std::uint64_t unanswered = 0;
    };
    Totals const& totals(std::size_t load) const { return loads_[load].totals; }

private:
    struct Sent {
        Instant at;
        std::uint32_t connection = 0;
        std::uint32_t arrivals = 0;
        std::uint32_t answers = 0;
    };
    struct Load {
        LoadSpec spec;
        std::uint32_t subscribers = 0;
        Totals totals;
    };
    struct Publishing {
        std::size_t load = 0;
        std::uint64_t first = 0;  ///< The number of the first that is kept.
        std::deque<Sent> sent;

        Sent& at(std::uint64_t number) { return sent[number - first]; }
        bool has(std::uint64_t number) const {
            return number >= first && number - first < sent.size();
        }
    };
    /// Which messages of one publisher came.
    struct Seen {
        std::uint64_t first = 0;
        std::deque<bool> numbers;
    };
    struct Subscribing {
        std::size_t load = 0;
        std::vector<Seen> seen;  ///< By publisher.
        std::map<std::pair<Publisher, std::uint32_t>, std::uint64_t> last;
    };

    std::string payload_of(Load const& load, Publisher publisher, std::uint64_t number) const;
    std::string const& subject_of(Load const& load, std::uint64_t number) const;
    std::uint32_t needed(Load const& load) const;
    bool complete(Load const& load, Sent const& sent) const;
    std::string name_of(Publisher publisher, std::uint64_t number) const;
    void check_once(Subscriber subscriber, Publisher publisher, std::uint64_t number);
    void check_order(Subscriber subscriber, Publisher publisher, std::uint64_t number);
    void violated(std::string what);

    std::vector<Load> loads_;
    std::vector<Publishing> publishers_;
    std::vector<Subscribing> subscribers_;
    std::vector<std::string> violations_;
    std::optional<Instant> settled_;
};

}  // namespace signalbox::host::lab
