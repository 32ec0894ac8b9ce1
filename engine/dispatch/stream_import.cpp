#include "engine/dispatch/stream_import.h"

#include "engine/dispatch/message_trace.h"

#include <utility>

namespace signalbox::dispatch {

StreamImport::StreamImport(Dispatcher& dispatcher, account::Account& importer,
                           account::Account& exporter, config::ImportOptions options,
                           subject::Renaming renaming)
    : dispatcher_(dispatcher),
      importer_(importer),
      exporter_(exporter),
      options_(std::move(options)),
      renaming_(std::move(renaming)) {}

StreamImport::~StreamImport() {
    for (auto const& [origin, shadow] : shadows_) {
        exporter_.unsubscribe(*shadow);
    }
}

void StreamImport::add(message::Subscription& origin) {
    auto filter = renaming_.exported_filter(subject::Filter::from_checked(origin.filter));
    if (!filter) {
        return;
    }
    message::Subscription& shadow = exporter_.subscribe({.recipient = this,
                                                         .kind = message::SubscriptionKind::Shadow,
                                                         .origin = &origin,
                                                         .filter = std::move(*filter),
                                                         .queue = origin.queue,
                                                         .sid = origin.sid});
    shadows_.emplace(&origin, &shadow);
}

void StreamImport::remove(message::Subscription& origin) {
    auto const found = shadows_.find(&origin);
    if (found != shadows_.end()) {
        exporter_.unsubscribe(*found->second);
        shadows_.erase(found);
    }
}

message::Delivery StreamImport::deliver(message::Subscription& shadow,
                                        message::MessageRun const& run) {
    // What one service was asked is not told as a stream to others.
    if (run.passage != nullptr) {
        return {};
    }
    if (run.subject.text() != last_there_) {
        last_here_ = renaming_.to_local(run.subject).value_or(std::string());
        last_there_ = run.subject.text();
    }
    if (last_here_.empty()) {
        return {};
    }
    message::MessageRun here = run;
    here.subject = subject::PublishSubject::from_token(last_here_);
    // What others share begins with another subject.
    here.sharing = nullptr;
    if (here.trace != nullptr) [[unlikely]] {
        return deliver_traced(shadow, here);
    }
    return dispatcher_.hand_over_imported(importer_, *shadow.origin, here);
}

/// What the importer does with it is told only where the import lets it.
message::Delivery StreamImport::deliver_traced(message::Subscription& shadow,
                                               message::MessageRun& here) {
    MessageTrace& trace = *here.trace;
    trace.stream_export(importer_, last_here_);
    here.trace = nullptr;
    if (trace.only() && !options_.allow_trace) {
        return {};
    }
    std::string_view const why_not =
        shadow.origin->recipient->refusal(*shadow.origin, here.subject);
    message::Delivery delivery{.taken = why_not.empty() ? 1U : 0U};
    if (!trace.only()) {
        delivery = dispatcher_.hand_over_imported(importer_, *shadow.origin, here);
    }
    if (options_.allow_trace) {
        trace.egress(*shadow.origin, shadow, importer_, why_not);
    }
    return delivery;
}

}  // namespace signalbox::dispatch
