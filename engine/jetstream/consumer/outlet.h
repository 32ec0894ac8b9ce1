#pragma once

#include "engine/base/bytes.h"
#include "engine/jetstream/consumer/ack.h"
#include "engine/jetstream/stream/consumer_part.h"
#include "engine/message/message.h"
#include "engine/message/recipient.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// A message on its way from a consumer to a client.
struct OutgoingDelivery {
    std::string_view addressee;  ///< The inbox of a pull request, or the deliver subject.
    std::string_view subject;    ///< As it was stored under.
    AckSubjects const* ack_subjects = nullptr;  ///< Null: it carries no reply.
    DeliveryName name;
    Bytes headers;
    Bytes payload;
    std::string_view pin_id;  ///< Empty: none.
    bool headers_only = false;
};

/// What the consumers of one stream say in their account, as the server. Not to be used while a
/// message is handed out.
///
/// Deliveries are gathered, so that what goes to one client under one subject is dispatched
/// together, and sent with `flush`.
class Outlet final : public message::Publisher {
public:
    explicit Outlet(ConsumerHost& host) : host_(host) {}

    bool is_wanted(std::string_view subject);

    /// A message of a status line alone: `line` is `408 Request Timeout`, `headers` whole lines.
    void status(std::string_view to, std::string_view line, std::string_view headers = {},
                std::string_view reply = {});
    /// A message without anything.
    void nothing(std::string_view to);
    /// Answers whether anybody got it.
    bool say(std::string_view subject, std::string_view payload);

    /// How many bytes the delivery counts for: subject, reply, headers and payload.
    static std::size_t size_of(OutgoingDelivery const& delivery, std::size_t reply);
    void deliver(OutgoingDelivery const& delivery);
    void flush();

    /// Whether somebody who got something since the last question falls behind.
    bool take_stalled() { return std::exchange(stalled_, false); }

    // message::Publisher
    message::Recipient const* without_echo() const override { return nullptr; }
    std::uint64_t connection_id() const override { return 0; }
    void describe(event::ClientInfo& info) const override;
    void stall() override { stalled_ = true; }

private:
    /// Where in `bytes_` a gathered message and its parts begin.
    struct Piece {
        std::size_t begin;
        std::size_t reply;  ///< Its length.
        std::size_t sizes;
        std::size_t sizes_end;
        std::size_t headers;  ///< Its length.
        std::size_t end;
    };

    bool continues(OutgoingDelivery const& delivery, bool with_headers) const;
    void append_message(OutgoingDelivery const& delivery, std::string_view headers,
                        std::string_view payload);

    ConsumerHost& host_;
    std::string addressee_;
    std::string subject_;
    bool with_headers_ = false;
    std::string bytes_;
    std::vector<Piece> pieces_;
    std::vector<message::MessageView> views_;
    std::string headers_;  ///< Reused, for those that are put together.
    bool stalled_ = false;
};

}  // namespace signalbox::jetstream
