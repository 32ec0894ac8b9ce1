#include "engine/dispatch/service_import.h"

#include "engine/base/json_writer.h"
#include "engine/dispatch/message_trace.h"
#include "engine/message/built_message.h"
#include "engine/protocol/headers.h"

#include <utility>

namespace signalbox::dispatch {

ServiceImport::ServiceImport(Dispatcher& dispatcher, ServiceReplies& replies, ServiceLink link,
                             subject::Renaming renaming)
    : Crossing(dispatcher),
      replies_(replies),
      importer_(link.importer),
      exporter_(link.exporter),
      options_(std::move(link.import)),
      share_(std::move(link.share)),
      renaming_(std::move(renaming)),
      subscription_(&importer_.subscribe({.recipient = this,
                                          .kind = message::SubscriptionKind::Service,
                                          .filter = renaming_.local()})) {}

ServiceImport::~ServiceImport() {
    importer_.unsubscribe(*subscription_);
}

/// Whoever asked first, as far as all who pass the request on let it be known.
event::ClientInfo ServiceImport::requester(message::MessageRun const& run,
                                           message::Publisher const& publisher) const {
    event::ClientInfo info;
    message::Passage const* const passage = run.passage;
    if (passage != nullptr && passage->requester != nullptr) {
        info = *passage->requester;
        info.service = importer_.name();
        bool const all = passage->shared && options_.share;
        if (!all && (options_.share || exporter_.is_system())) {
            event::ClientInfo known;
            publisher.describe(known);
            info.server = known.server;
        }
        return info;
    }
    info = described(publisher);
    if (!options_.share && exporter_.is_system()) {
        event::ClientInfo known;
        publisher.describe(known);
        info.server = known.server;
    }
    return info;
}

/// As much of it as this import shares.
event::ClientInfo ServiceImport::described(message::Publisher const& publisher) const {
    event::ClientInfo info;
    publisher.describe(info);
    if (options_.share) {
        return info;
    }
    return {.account = info.account, .rtt = info.rtt, .kind = {}, .client_type = {}};
}

std::uint64_t ServiceImport::cross(message::MessageRun const& run, message::Publisher& publisher) {
    auto const hops = next_hop(run);
    auto const there = hops ? renaming_.to_exported(run.subject) : std::nullopt;
    if (!there) {
        return 0;
    }
    account::Mapped const mapped =
        dispatcher().map_subject(exporter_, subject::PublishSubject::from_token(*there));
    if (mapped.kind == account::Mapped::Kind::Lost) {
        return 0;
    }
    // The mapping's own text does not outlast what is published next.
    std::string const to(mapped.subject);
    event::ClientInfo const info = requester(run, publisher);
    bool const before = run.passage == nullptr || run.passage->shared;
    message::Passage const passage{
        .hops = *hops, .answer = false, .shared = before && options_.share, .requester = &info};
    std::uint64_t deliveries = 0;
    if (run.trace != nullptr) [[unlikely]] {
        run.trace->service_import(exporter_, run.subject.text(), to);
        if (run.trace->only() && !share_.allow_trace) {
            return 1;
        }
    }
    for (message::MessageView const& message : run.messages) {
        deliveries +=
            ask(subject::PublishSubject::from_token(to), message, passage, run.trace, publisher);
    }
    return deliveries;
}

/// Says who asks; and where the exporter may tell of it, or that he may not.
std::string ServiceImport::headers_for(message::MessageView const& message,
                                       message::Passage const& passage, MessageTrace const* trace) {
    JsonWriter json;
    event::write(json, *passage.requester);
    std::string const headers =
        protocol::with_header(message.headers, protocol::kRequestInfoHeader, json.text());
    if (trace == nullptr) {
        return headers;
    }
    if (!share_.allow_trace) {
        return protocol::with_header(headers, kTraceDestination, kTraceDisabled);
    }
    // The exporter knows no subject of the importer's but one that leads back to it.
    OpenReply const* const back = replies_.open({.service = exporter_,
                                                 .asker = importer_,
                                                 .reply = trace->destination(),
                                                 .type = config::ResponseType::Stream,
                                                 .threshold = share_.response_threshold,
                                                 .hops = passage.hops});
    return protocol::with_header(headers, kTraceDestination, back->name);
}

std::uint64_t ServiceImport::ask(subject::PublishSubject there, message::MessageView const& message,
                                 message::Passage const& passage, MessageTrace* trace,
                                 message::Publisher& publisher) {
    std::string const headers = headers_for(message, passage, trace);
    OpenReply* const open = message.reply.empty() || is_passed_through(message.reply)
                                ? nullptr
                                : replies_.open({.service = exporter_,
                                                 .asker = importer_,
                                                 .reply = message.reply,
                                                 .type = share_.response_type,
                                                 .threshold = share_.response_threshold,
                                                 .hops = passage.hops,
                                                 .shares = options_.share});
    if (share_.latency) {
        // Of whoever asked first, by what this import shares: whom it came through is not told.
        replies_.measure(open, *share_.latency, exporter_, described(publisher), message.headers);
    }
    std::string const name = open == nullptr ? std::string(message.reply) : open->name;
    message::BuiltMessage const request(name, headers, message.payload);
    message::MessageRun run = request.run(there, &passage);
    run.trace = share_.allow_trace ? trace : nullptr;
    std::uint64_t const deliveries = dispatcher().publish(exporter_, run, publisher);
    if (deliveries == 0 && open != nullptr) {
        replies_.close(name, ReplyEnd::NobodyThere);
    }
    return deliveries;
}

}  // namespace signalbox::dispatch
