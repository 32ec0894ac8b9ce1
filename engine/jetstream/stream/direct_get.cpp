#include "engine/jetstream/stream/direct_get.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/event/client_info.h"
#include "engine/jetstream/stream/direct_request.h"
#include "engine/jetstream/stream/stream_config.h"
#include "engine/message/built_message.h"
#include "engine/protocol/headers.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace signalbox::jetstream {
namespace {

constexpr std::string_view kPrefix = "$JS.API.DIRECT.GET.";
constexpr std::uint64_t kMostBytes = 64 * 1024 * 1024;
constexpr std::size_t kMostSubjects = 1'024;
/// Messages of a batch that are sent in one go; others have their turn in between.
constexpr int kAtOnce = 64;

/// The headers of a stored message, and where it was.
std::string located(std::string_view stream, store::StoredMessage const& message) {
    std::string headers = message.headers.empty()
                              ? std::string(protocol::kHeaderVersion)
                              : std::string(message.headers.substr(0, message.headers.size() - 2));
    append(headers, "Nats-Stream: ", stream, "\r\nNats-Subject: ", message.subject,
           "\r\nNats-Sequence: ", message.sequence,
           "\r\nNats-Time-Stamp: ", base::rfc3339(message.time), "\r\n");
    return headers;
}

/// Whether the level that is demanded is one that is spoken here.
bool has_level(std::string_view level) {
    auto const wanted = base::parse_int(level);
    return wanted && *wanted <= kApiLevel;
}

}  // namespace

/// A request that is answered by several messages, as far as it got.
struct DirectGet::Batch {
    std::string reply;
    std::string stream;
    DirectRequest request;
    std::shared_ptr<std::string const> filter;
    std::uint64_t next = 0;     ///< The sequence to go on from.
    std::uint64_t pending = 0;  ///< Messages that would follow.
    std::uint64_t sent = 0;
    std::uint64_t bytes = 0;
    std::uint64_t last = 0;  ///< The sequence of the last one that was sent.
    /// Of a request for the newest of several subjects:
    std::vector<std::string> subjects;  ///< Those yet to be looked up.
    std::vector<std::uint64_t> sequences;
    std::size_t at = 0;
    std::uint64_t up_to = 0;

    bool multi() const { return !request.multi.empty(); }
    bool full() const {
        std::uint64_t const most = request.max_bytes > 0 ? request.max_bytes : kMostBytes;
        return (request.batch > 0 && sent >= request.batch) || bytes >= most;
    }
};

void DirectGet::listen(std::string const& stream, std::string const& origin) {
    stop();
    stream_ = stream;
    origin_ = origin;
    for (std::string const& name : {stream, origin}) {
        if (name.empty()) {
            continue;
        }
        for (char const* const rest : {"", ".>"}) {
            // One of those that have the message answers.
            subscriptions_.push_back(
                around_.dispatcher
                    .subscribe(around_.account, {.recipient = this,
                                                 .filter = concat(kPrefix, name, rest),
                                                 .queue = "_sys_",
                                                 .sid = "direct"})
                    .id);
        }
    }
}

void DirectGet::stop() {
    for (subject::SubscriptionId const id : std::exchange(subscriptions_, {})) {
        if (message::Subscription* const subscription = around_.account.find(id)) {
            around_.dispatcher.unsubscribe(around_.account, *subscription);
        }
    }
}

void DirectGet::describe(event::ClientInfo& info) const {
    info.account = around_.account.name();
    info.kind = "JetStream";
    info.client_type.clear();
}

message::Delivery DirectGet::deliver(message::Subscription&, message::MessageRun const& run) {
    std::string_view rest = run.subject.text().substr(kPrefix.size());
    std::string_view const stream = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(stream.size() + 1, rest.size()));
    for (message::MessageView const& message : run.messages) {
        if (message.reply.empty()) {
            continue;
        }
        auto const level = protocol::find_header(message.headers, "Nats-Required-Api-Level");
        Request request{.reply = std::string(message.reply),
                        .stream = std::string(stream),
                        .subject = std::string(rest),
                        .payload = std::string(message.payload),
                        .level = std::string(level.value_or(std::string_view()))};
        around_.world.turn().defer(
            [this, life = std::weak_ptr<char const>(life_), request = std::move(request)] {
                if (!life.expired()) {
                    answer(request);
                }
            });
    }
    return {.taken = static_cast<std::uint32_t>(run.messages.size())};
}

void DirectGet::send(std::string const& reply, Bytes headers, Bytes payload) {
    message::BuiltMessage const built({}, headers, payload);
    around_.dispatcher.publish(around_.account,
                               built.run(subject::PublishSubject::from_token(reply)), *this);
}

void DirectGet::send_status(std::string const& reply, std::string_view status) {
    send(reply, concat("NATS/1.0 ", status, "\r\n\r\n"), {});
}

void DirectGet::answer(Request const& request) {
    if (!request.level.empty() && !has_level(request.level)) {
        return send_status(request.reply, "412 Required Api Level");
    }
    if (!request.subject.empty() && request.payload.empty()) {
        return answer_one(request, {.last_on = request.subject});
    }
    Result<DirectRequest> parsed = read_direct_request(request.payload);
    if (!request.subject.empty()) {
        // Only whether headers are wanted may be said beside it.
        bool const bare = !parsed.ok() && parsed.error().code() == Errc::NotFound;
        if (!bare) {
            return send_status(request.reply, "408 Bad Request");
        }
        auto const json = Json::parse(request.payload);
        Json const* const none = json.ok() ? json.value().find("no_hdr") : nullptr;
        bool const no_headers = none != nullptr && none->as_bool() != nullptr && *none->as_bool();
        return answer_one(request, {.last_on = request.subject, .no_headers = no_headers});
    }
    if (!parsed.ok()) {
        Errc const code = parsed.error().code();
        return send_status(request.reply, code == Errc::NotFound    ? "408 Empty Request"
                                          : code == Errc::Malformed ? "408 Malformed Request"
                                                                    : "408 Bad Request");
    }
    if (!parsed.value().is_batch() && parsed.value().multi.empty()) {
        return answer_one(request, parsed.value().one);
    }
    auto batch = std::make_shared<Batch>();
    batch->reply = request.reply;
    batch->stream = request.stream;
    batch->request = std::move(parsed).value();
    begin_batch(batch);
}

void DirectGet::answer_one(Request const& request, MessageQuery const& query) {
    reader_.read(query, [this, life = std::weak_ptr<char const>(life_), reply = request.reply,
                         stream = request.stream, bare = query.no_headers](
                            store::StoredMessage const* message, auto const&) {
        if (life.expired()) {
            return;
        }
        if (message == nullptr) {
            send_status(reply, "404 Message Not Found");
        } else if (bare) {
            send(reply, {}, message->payload);
        } else {
            send(reply, concat(located(stream, *message), "\r\n"), message->payload);
        }
    });
}

void DirectGet::begin_batch(std::shared_ptr<Batch> const& batch) {
    if (batch->multi()) {
        return begin_multi(batch);
    }
    MessageQuery const& from = batch->request.one;
    batch->filter = std::make_shared<std::string const>(from.next_on);
    batch->next = from.start_time ? store_.first_not_before(*from.start_time)
                                  : std::max<std::uint64_t>(from.sequence, 1);
    if (from.next_on.empty()) {
        batch->pending = store_.count_from({}, batch->next);
    } else if (auto const filter = subject::Filter::parse(from.next_on); filter.ok()) {
        batch->pending = store_.count_from(store::Filters(&filter.value(), 1), batch->next);
    }
    if (batch->pending == 0) {
        return send_status(batch->reply, "404 Message Not Found");
    }
    go_on(batch);
}

void DirectGet::begin_multi(std::shared_ptr<Batch> const& batch) {
    DirectRequest const& request = batch->request;
    batch->up_to = store_.state().last;
    if (request.up_to_sequence > 0) {
        batch->up_to = std::min(batch->up_to, request.up_to_sequence);
    }
    if (request.up_to_time) {
        batch->up_to = std::min(batch->up_to, store_.first_not_before(*request.up_to_time) - 1);
    }
    std::vector<std::string> subjects;
    for (std::string const& text : request.multi) {
        auto const filter = subject::Filter::parse(text);
        if (!filter.ok()) {
            continue;
        }
        store_.visit_subjects(filter.value(), [&](store::SubjectState const& subject) {
            if (subject.first <= batch->up_to) {
                subjects.emplace_back(subject.subject);
            }
            return subjects.size() <= 2 * kMostSubjects;
        });
    }
    std::ranges::sort(subjects);
    subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
    if (subjects.size() > kMostSubjects) {
        return send_status(batch->reply, "413 Too Many Results");
    }
    batch->subjects = std::move(subjects);
    go_on(batch);
}

/// Looks the newest of each subject up, and then sends them in the order of their sequences; or
/// sends what follows. Goes on later when a message has to be fetched, or others should have a
/// turn.
void DirectGet::go_on(std::shared_ptr<Batch> const& batch) {
    auto const again = [this, life = std::weak_ptr<char const>(life_), batch] {
        if (!life.expired()) {
            go_on(batch);
        }
    };
    while (!batch->subjects.empty()) {
        auto const load = store_.load_last(batch->subjects.back(), batch->up_to);
        if (load.ok()) {
            if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
                return store_.when_fetched(fetching->ticket, again);
            }
            auto const* found = std::get_if<store::Found>(&load.value());
            if (found != nullptr && found->message.sequence >= batch->request.one.sequence) {
                batch->sequences.push_back(found->message.sequence);
            }
        }
        batch->subjects.pop_back();
        if (batch->subjects.empty()) {
            std::ranges::sort(batch->sequences);
            batch->pending = batch->sequences.size();
        }
    }
    if (batch->multi() && batch->sequences.empty()) {
        return send_status(batch->reply, "404 No Results");
    }
    for (int count = 0; count < kAtOnce; ++count) {
        if (batch->full() || batch->pending == 0) {
            return end_batch(*batch);
        }
        bool const no_filter = !batch->filter || batch->filter->empty();
        auto const filter =
            subject::Filter::from_checked(no_filter ? std::string_view(">") : *batch->filter);
        auto const load = batch->multi() ? store_.load(batch->sequences[batch->at])
                                         : store_.load_next(no_filter ? store::Filters()
                                                                      : store::Filters(&filter, 1),
                                                            batch->next);
        if (load.ok()) {
            if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
                return store_.when_fetched(fetching->ticket, again);
            }
        }
        auto const* found = load.ok() ? std::get_if<store::Found>(&load.value()) : nullptr;
        if (found != nullptr) {
            send_of_batch(*batch, found->message);
        } else if (!batch->multi()) {
            batch->pending = 0;
        } else {
            --batch->pending;
        }
        ++batch->at;
    }
    around_.world.turn().defer(again);
}

void DirectGet::send_of_batch(Batch& batch, store::StoredMessage const& message) {
    --batch.pending;
    std::string headers = located(batch.stream, message);
    append(headers, "Nats-Num-Pending: ", batch.pending, "\r\nNats-Last-Sequence: ", batch.last,
           "\r\n\r\n");
    batch.last = message.sequence;
    batch.next = message.sequence + 1;
    ++batch.sent;
    batch.bytes += message.subject.size() + message.headers.size() + message.payload.size();
    send(batch.reply, headers, message.payload);
}

void DirectGet::end_batch(Batch const& batch) {
    std::string headers = concat("NATS/1.0 204 EOB\r\nNats-Num-Pending: ", batch.pending,
                                 "\r\nNats-Last-Sequence: ", batch.last, "\r\n");
    if (batch.multi()) {
        append(headers, "Nats-UpTo-Sequence: ", batch.up_to, "\r\n");
    }
    send(batch.reply, headers + "\r\n", {});
}

}  // namespace signalbox::jetstream
