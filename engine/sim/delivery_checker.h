#pragma once

#include "engine/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::sim {

/// Names a publisher and a subscription of a run.
using PublisherNumber = std::uint32_t;
using SubscriptionNumber = std::uint32_t;

/// Watches what is published and what arrives, and says what must not be:
///
/// - a message that nobody published, on another subject or with other bytes than it was sent;
/// - one that its subscription's filter does not match;
/// - one that a subscription, or a queue group of one server, gets twice;
/// - one connection's messages out of their order at a subscription;
/// - one published while all was well that a subscription or a queue group does not get.
class DeliveryChecker {
public:
    /// `place` names the server: what is published at one is for those who listen there.
    SubscriptionNumber add_subscription(std::size_t place, std::string_view filter,
                                        std::string_view queue_group);
    PublisherNumber add_publisher(std::size_t place);

    /// The payload of the publisher's next message, which goes over its `connection`-th connection.
    /// A `sure` one must arrive.
    std::string publish(PublisherNumber publisher, std::uint64_t connection,
                        std::string_view subject, bool sure);

    void received(SubscriptionNumber subscription, std::string_view subject, Bytes payload);

    /// Asks for all that was sure, once everything had time to arrive.
    void check_arrivals();

    std::vector<std::string> const& violations() const { return violations_; }
    std::uint64_t published() const { return published_; }
    std::uint64_t received_count() const { return received_; }

private:
    struct Message {
        std::string subject;
        std::uint64_t hash = 0;  ///< Of its payload.
        std::uint64_t connection = 0;
        bool sure = false;
    };
    struct Publisher {
        std::size_t place = 0;
        std::vector<Message> messages;
    };
    /// Which messages came somewhere.
    class Seen {
    public:
        /// False when it had come before.
        bool add(PublisherNumber publisher, std::uint64_t number);
        bool has(PublisherNumber publisher, std::uint64_t number) const;

    private:
        std::vector<std::vector<bool>> numbers_;
    };
    struct Subscription {
        std::size_t place = 0;
        std::string filter;
        std::string queue_group;
        Seen seen;
        /// The last number of each connection of each publisher.
        std::map<std::pair<PublisherNumber, std::uint64_t>, std::uint64_t> last;
    };
    /// What a queue group of a server got.
    using Group = std::pair<std::size_t, std::string>;

    void violated(std::string what);
    void check_arrival(PublisherNumber publisher, std::uint64_t number, Message const& message);

    std::vector<Publisher> publishers_;
    std::vector<Subscription> subscriptions_;
    std::map<Group, Seen> groups_;
    std::vector<std::string> violations_;
    std::uint64_t published_ = 0;
    std::uint64_t received_ = 0;
};

}  // namespace signalbox::sim
