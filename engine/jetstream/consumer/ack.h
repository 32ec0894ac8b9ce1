#pragma once

#include "engine/base/bytes.h"
#include "engine/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// What a client says of a delivery.
enum class AckKind : std::uint8_t {
    Ack,
    Nak,         ///< Deliver it again, now or after a while.
    InProgress,  ///< It needs more time.
    Term,        ///< Deliver it no more.
    Next,        ///< Ack, and a pull request.
    Nonsense,    ///< None of these: nothing is done.
};

/// The payload of a message to an ack subject.
struct Ack {
    AckKind kind = AckKind::Ack;
    std::optional<Duration> delay;  ///< Of a nak that gives one.
    std::string_view rest;          ///< Of a term the reason, of a next the pull request.
};

/// Never fails: what is no ack is nonsense, and a nak whose delay cannot be read has none. `rest`
/// points into `payload`.
Ack parse_ack(Bytes payload);

/// One delivery, as its ack subject names it.
struct DeliveryName {
    std::string_view consumer;
    std::uint64_t delivery_count = 0;
    std::uint64_t stream_sequence = 0;
    std::uint64_t consumer_sequence = 0;
    std::int64_t time = 0;  ///< When the message was stored, nanoseconds since 1970.
    std::uint64_t pending = 0;
};

/// Reads `$JS.ACK.<stream>.<consumer>.<count>.<stream seq>.<consumer seq>.<time>.<pending>`, and
/// the form with domain and account behind `ACK`. Nothing: it is neither. Views into `subject`.
std::optional<DeliveryName> parse_ack_subject(std::string_view subject);

/// Writes ack subjects of one consumer.
class AckSubjects {
public:
    AckSubjects(std::string_view stream, std::string_view consumer);

    /// Room for the longest one.
    std::size_t longest() const { return prefix_.size() + 5 * 21; }
    /// Writes it at `out`, which has room for `longest`, and answers its end.
    char* write(char* out, DeliveryName const& delivery) const;
    std::string text(DeliveryName const& delivery) const;

private:
    std::string prefix_;
};

/// What all ack subjects of a stream match, in the two forms.
std::string ack_filter(std::string_view stream);
std::string ack_filter(std::string_view stream, std::string_view domain,
                       std::string_view account_hash);

/// How accounts, servers and streams are told apart in subjects: eight characters of the digest of
/// a name.
std::string short_hash(std::string_view name);

}  // namespace signalbox::jetstream
