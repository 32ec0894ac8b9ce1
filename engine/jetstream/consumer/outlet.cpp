#include "engine/jetstream/consumer/outlet.h"

#include "engine/account/account.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/event/client_info.h"
#include "engine/message/built_message.h"
#include "engine/protocol/headers.h"

namespace signalbox::jetstream {
namespace {

constexpr std::size_t kMostPieces = 64;
constexpr std::size_t kMostBytes = 128 * 1'024;

constexpr char kPinHeader[] = "Nats-Pin-Id";
constexpr char kSizeHeader[] = "Nats-Msg-Size";

}  // namespace

bool Outlet::is_wanted(std::string_view subject) {
    return host_.dispatcher().has_interest(host_.account(),
                                           subject::PublishSubject::from_token(subject));
}

void Outlet::status(std::string_view to, std::string_view line, std::string_view headers,
                    std::string_view reply) {
    flush();
    std::string const block = concat("NATS/1.0 ", line, "\r\n", headers, "\r\n");
    message::BuiltMessage const built(reply, block, {});
    host_.dispatcher().publish(host_.account(), built.run(subject::PublishSubject::from_token(to)),
                               *this);
}

void Outlet::nothing(std::string_view to) {
    say(to, {});
}

bool Outlet::say(std::string_view subject, std::string_view payload) {
    flush();
    message::BuiltMessage const built({}, {}, payload);
    return host_.dispatcher().publish(host_.account(),
                                      built.run(subject::PublishSubject::from_token(subject)),
                                      *this) != 0;
}

std::size_t Outlet::size_of(OutgoingDelivery const& delivery, std::size_t reply) {
    return delivery.subject.size() + reply + delivery.headers.size() +
           (delivery.headers_only ? 0 : delivery.payload.size());
}

bool Outlet::continues(OutgoingDelivery const& delivery, bool with_headers) const {
    return !pieces_.empty() && with_headers == with_headers_ && pieces_.size() < kMostPieces &&
           bytes_.size() < kMostBytes && delivery.subject == subject_ &&
           delivery.addressee == addressee_;
}

void Outlet::deliver(OutgoingDelivery const& delivery) {
    Bytes headers = delivery.headers;
    Bytes payload = delivery.payload;
    if (delivery.headers_only) {
        headers_ = protocol::with_header(headers, kSizeHeader, concat(payload.size()));
        headers = headers_;
        payload = {};
    }
    if (!delivery.pin_id.empty()) {
        headers_ = protocol::with_header(headers, kPinHeader, delivery.pin_id);
        headers = headers_;
    }
    if (!continues(delivery, !headers.empty())) {
        flush();
        addressee_ = delivery.addressee;
        subject_ = delivery.subject;
        with_headers_ = !headers.empty();
    }
    append_message(delivery, headers, payload);
}

/// As a publisher would have written it: ` reply sizes CRLF headers payload CRLF`.
void Outlet::append_message(OutgoingDelivery const& delivery, std::string_view headers,
                            std::string_view payload) {
    constexpr std::size_t kSizes = 2 * 21 + 8;
    AckSubjects const* const acks = delivery.ack_subjects;
    std::size_t const begin = bytes_.size();
    std::size_t const room =
        (acks == nullptr ? 0 : acks->longest()) + kSizes + headers.size() + payload.size();
    bytes_.resize(begin + room);
    char* const start = bytes_.data() + begin;
    char* at = start;
    *at++ = ' ';
    Piece piece{.begin = begin, .reply = 0, .sizes = 0, .sizes_end = 0, .headers = 0, .end = 0};
    if (acks != nullptr) {
        char* const reply_end = acks->write(at, delivery.name);
        piece.reply = static_cast<std::size_t>(reply_end - at);
        at = reply_end;
        *at++ = ' ';
    }
    piece.sizes = begin + static_cast<std::size_t>(at - start);
    if (!headers.empty()) {
        at = base::write_decimal(at, headers.size());
        *at++ = ' ';
    }
    at = base::write_decimal(at, headers.size() + payload.size());
    piece.sizes_end = begin + static_cast<std::size_t>(at - start);
    *at++ = '\r';
    *at++ = '\n';
    at += headers.copy(at, headers.size());
    at += payload.copy(at, payload.size());
    *at++ = '\r';
    *at++ = '\n';
    piece.headers = headers.size();
    piece.end = begin + static_cast<std::size_t>(at - start);
    bytes_.resize(piece.end);
    pieces_.push_back(piece);
}

void Outlet::flush() {
    if (pieces_.empty()) {
        return;
    }
    Bytes const all(bytes_);
    std::uint64_t bytes = 0;
    views_.clear();
    for (Piece const& piece : pieces_) {
        std::size_t const body = piece.sizes_end + 2;
        std::size_t const payload = body + piece.headers;
        message::MessageView const view{
            .reply = all.substr(piece.begin + 1, piece.reply),
            .sizes = all.substr(piece.sizes, piece.sizes_end - piece.sizes),
            .headers = all.substr(body, piece.headers),
            .payload = all.substr(payload, piece.end - 2 - payload),
            .tail = all.substr(piece.begin, piece.end - piece.begin)};
        bytes += view.size();
        views_.push_back(view);
    }
    message::MessageRun const run{.subject = subject::PublishSubject::from_token(subject_),
                                  .messages = views_,
                                  .with_headers = with_headers_,
                                  .regular = true,
                                  .bytes = bytes,
                                  .addressee = subject::PublishSubject::from_token(addressee_)};
    host_.dispatcher().publish(host_.account(), run, *this);
    pieces_.clear();
    bytes_.clear();
}

void Outlet::describe(event::ClientInfo& info) const {
    info.account = host_.account().name();
    info.kind = "JetStream";
    info.client_type.clear();
}

}  // namespace signalbox::jetstream
