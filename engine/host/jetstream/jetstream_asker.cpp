#include "engine/host/jetstream/jetstream_asker.h"

#include "engine/base/encoding.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/host/jetstream/json_fields.h"
#include "engine/protocol/headers.h"

#include <array>
#include <utility>

namespace signalbox::host {

namespace {

/// What direct get adds after a message's own headers.
constexpr std::array<std::string_view, 6> kAdded = {"Nats-Stream",      "Nats-Subject",
                                                    "Nats-Sequence",    "Nats-Time-Stamp",
                                                    "Nats-Num-Pending", "Nats-Last-Sequence"};

Errc code_for(std::int64_t http_code) {
    switch (http_code) {
        case 400:
            return Errc::InvalidArgument;
        case 403:
            return Errc::PermissionDenied;
        case 404:
            return Errc::NotFound;
        default:
            return Errc::Unavailable;
    }
}

std::optional<ApiFailure> failure_in(Json const& document) {
    Json const* const error = document.find("error");
    if (error == nullptr || error->as_object() == nullptr) {
        return std::nullopt;
    }
    std::int64_t const code = fields::number(error, "err_code");
    std::string text = fields::text(error, "description");
    if (text.empty()) {
        text = "refused without a reason";
    }
    if (code != 0) {
        append(text, " (", code, ")");
    }
    return ApiFailure{Error(code_for(fields::number(error, "code")), std::move(text)), code};
}

/// The last field of that name in the block; direct get writes behind what was there.
std::optional<protocol::HeaderField> last_field(std::string_view block, std::string_view name) {
    std::optional<protocol::HeaderField> found;
    protocol::HeaderFields fields(block);
    while (std::optional<protocol::HeaderField> const one = fields.next()) {
        if (one->name == name) {
            found = one;
        }
    }
    return found;
}

/// The block as the message had it before direct get added to it.
std::string own_headers(std::string_view block) {
    std::vector<std::pair<std::size_t, std::size_t>> added;
    for (std::string_view const name : kAdded) {
        if (auto const field = last_field(block, name)) {
            added.emplace_back(field->begin, field->end);
        }
    }
    std::ranges::sort(added, std::greater<>());
    std::string rest(block);
    for (auto const& [begin, end] : added) {
        rest.erase(begin, end - begin);
    }
    bool const nothing_left = !protocol::HeaderFields(rest).next().has_value();
    return nothing_left ? std::string() : rest;
}

}  // namespace

int status_of(std::string_view headers) {
    constexpr std::string_view kStart = "NATS/1.0 ";
    if (!headers.starts_with(kStart) || headers.size() < kStart.size() + 3) {
        return 0;
    }
    std::optional<std::uint64_t> const code = base::parse_uint(headers.substr(kStart.size(), 3));
    return code ? static_cast<int>(*code) : 0;
}

std::string status_text(std::string_view headers) {
    std::size_t const end = headers.find("\r\n");
    std::string_view const line = headers.substr(0, end);
    return line.size() > 13 ? std::string(base::trim(line.substr(12))) : std::string();
}

Result<StoredMessagePtr> read_direct(std::string_view headers, std::string_view payload) {
    auto const sequence = last_field(headers, "Nats-Sequence");
    auto const subject = last_field(headers, "Nats-Subject");
    std::optional<std::uint64_t> const number =
        sequence ? base::parse_uint(sequence->value) : std::nullopt;
    if (!number || !subject) {
        int const status = status_of(headers);
        return status == 0 ? Error(Errc::Malformed, "a message that does not say where it lies")
                           : Error(status == 404 ? Errc::NotFound : Errc::InvalidArgument,
                                   concat(status_text(headers), " (", status, ")"));
    }
    auto message = std::make_shared<StoredMessage>();
    message->sequence = *number;
    message->subject = subject->value;
    if (auto const time = last_field(headers, "Nats-Time-Stamp")) {
        message->time = parse_rfc3339(time->value).value_or(WallTime());
    }
    message->headers = own_headers(headers);
    message->payload = payload;
    return StoredMessagePtr(std::move(message));
}

std::optional<std::uint64_t> pending_after(std::string_view headers) {
    auto const field = last_field(headers, "Nats-Num-Pending");
    return field ? base::parse_uint(field->value) : std::nullopt;
}

Result<StoredMessagePtr> read_got(Json const& document) {
    Json const* const found = document.find("message");
    auto message = std::make_shared<StoredMessage>();
    message->sequence = fields::count(found, "seq");
    message->subject = fields::text(found, "subject");
    message->time = fields::time(found, "time");
    Result<std::string> headers = base::from_base64(fields::text(found, "hdrs"));
    Result<std::string> payload = base::from_base64(fields::text(found, "data"));
    if (message->sequence == 0 || !headers.ok() || !payload.ok()) {
        return Error(Errc::Malformed, "no message in it");
    }
    message->headers = std::move(headers).value();
    message->payload = std::move(payload).value();
    return StoredMessagePtr(std::move(message));
}

void JetStreamAsker::fail_later(Error error, OnFailure failed) {
    world_.turn().defer(
        [alive = std::weak_ptr(alive_), error = std::move(error), failed = std::move(failed)] {
            if (!alive.expired()) {
                failed({error, 0});
            }
        });
}

void JetStreamAsker::take(client::Reply const& reply, OnReply const& done,
                          OnFailure const& failed) {
    if (reply.no_responders) {
        failed({Error(Errc::Unavailable,
                      "nobody answers: JetStream is off for this account, or "
                      "what was asked for is not there"),
                0});
        return;
    }
    Result<Json> json = Json::parse(reply.payload);
    if (!json.ok()) {
        failed({Error(Errc::Malformed, "the answer is no JSON document"), 0});
        return;
    }
    if (std::optional<ApiFailure> failure = failure_in(json.value())) {
        failed(std::move(*failure));
        return;
    }
    done({.text = std::string(reply.payload), .json = std::move(json).value()});
}

void JetStreamAsker::ask(std::string_view subject, std::string_view body, OnReply done,
                         OnFailure failed, Duration timeout) {
    std::string const whole = concat("$JS.API.", subject);
    Result<void> const sent = client_.request(
        {.subject = whole, .payload = body}, timeout,
        [this, alive = std::weak_ptr(alive_), done, failed](Result<client::Reply> const& reply) {
            if (alive.expired()) {
                return;
            }
            if (reply.ok()) {
                take(reply.value(), done, failed);
            } else {
                failed({reply.error(), 0});
            }
        });
    if (!sent.ok()) {
        fail_later(sent.error(), std::move(failed));
    }
}

void JetStreamAsker::store(client::Outgoing const& message, std::function<void(StoredAt)> done,
                           OnFailure failed) {
    OnReply const read = [done = std::move(done)](ApiReply const& reply) {
        done({.stream = fields::text(&reply.json, "stream"),
              .sequence = fields::count(&reply.json, "seq"),
              .duplicate = fields::flag(&reply.json, "duplicate")});
    };
    Result<void> const sent = client_.request(
        message, kPatience,
        [this, alive = std::weak_ptr(alive_), read, failed](Result<client::Reply> const& reply) {
            if (alive.expired()) {
                return;
            }
            if (reply.ok() && reply.value().no_responders) {
                failed({Error(Errc::NotFound, "no stream keeps messages on that subject"), 0});
            } else if (reply.ok()) {
                take(reply.value(), read, failed);
            } else {
                failed({reply.error(), 0});
            }
        });
    if (!sent.ok()) {
        fail_later(sent.error(), std::move(failed));
    }
}

void JetStreamAsker::fetch(std::string_view subject, std::string_view body,
                           std::function<void(Result<StoredMessagePtr>)> done) {
    std::string const whole = concat("$JS.API.", subject);
    Result<void> const sent =
        client_.request({.subject = whole, .payload = body}, kPatience,
                        [alive = std::weak_ptr(alive_), done](Result<client::Reply> const& reply) {
                            if (alive.expired()) {
                                return;
                            }
                            if (!reply.ok()) {
                                done(reply.error());
                            } else if (reply.value().no_responders) {
                                done(Error(Errc::Unavailable, "nobody answers"));
                            } else {
                                done(read_direct(reply.value().headers, reply.value().payload));
                            }
                        });
    if (!sent.ok()) {
        fail_later(sent.error(),
                   [done = std::move(done)](ApiFailure const& failure) { done(failure.error); });
    }
}

std::string JetStreamAsker::new_inbox() {
    constexpr std::uint64_t kMany = 1U << 30U;
    return concat("_INBOX.js.", world_.entropy().below(kMany), ".", world_.entropy().below(kMany));
}

}  // namespace signalbox::host
