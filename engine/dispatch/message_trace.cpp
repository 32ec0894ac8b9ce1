#include "engine/dispatch/message_trace.h"

#include "engine/base/text.h"
#include "engine/protocol/headers.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <map>
#include <vector>

namespace signalbox::dispatch {
namespace {

constexpr std::string_view kTraceParent = "traceparent";
/// Of an older form, which nobody answers any more.
constexpr std::string_view kOriginAccount = "Nats-Trace-Origin-Account";

// The numbers of the reference for what is at the other end.
constexpr int kClientKind = 0;
constexpr int kRouterKind = 1;
constexpr int kAccountKind = 6;

/// `00-…-…-01`: the last field's lowest bit says that it is sampled.
bool is_sampled(std::string_view context) {
    std::vector<std::string_view> const parts = base::split(context, '-');
    constexpr std::string_view kOdd = "13579bdfBDF";
    return parts.size() == 4 && parts[3].size() == 2 &&
           kOdd.find(parts[3][1]) != std::string_view::npos;
}

bool is_yes(std::string_view value) {
    return value == "1" || base::equal_ignoring_case(value, "true") ||
           base::equal_ignoring_case(value, "on");
}

}  // namespace

TraceWish trace_wish(Bytes headers, std::optional<config::TraceOptions> const& account,
                     world::Entropy& chance) {
    if (!headers.starts_with(protocol::kHeaderVersion) ||
        protocol::find_header(headers, kOriginAccount)) {
        return {};
    }
    auto const destination = protocol::find_header(headers, kTraceDestination);
    if (destination && !destination->empty()) {
        if (*destination == kTraceDisabled) {
            return {};
        }
        bool const valid = subject::Subject::parse(*destination).ok();
        bool const only = is_yes(protocol::find_header(headers, kTraceOnly).value_or(""));
        return {.kind = valid ? TraceWish::Kind::Traced : TraceWish::Kind::Invalid,
                .destination = std::string(*destination),
                .only = only,
                .by_context = false};
    }
    if (!account || account->destination.empty()) {
        return {};
    }
    auto const context = protocol::find_header_in_any_case(headers, kTraceParent);
    if (!context || !is_sampled(*context)) {
        return {};
    }
    bool const drawn = account->sampling >= 100 ||
                       (account->sampling > 0 &&
                        chance.below(100) < static_cast<std::uint64_t>(account->sampling));
    return {.kind = drawn ? TraceWish::Kind::Traced : TraceWish::Kind::None,
            .destination = account->destination,
            .only = false,
            .by_context = true};
}

JsonWriter MessageTrace::begin(std::string_view type) {
    JsonWriter json;
    json.begin_object().field("type", type).field("ts", clock_.wall_now());
    return json;
}

void MessageTrace::end(JsonWriter& json) {
    json.end_object();
    append(events_, ",", json.text());
}

void MessageTrace::ingress(event::ClientInfo const& from, std::string_view subject) {
    JsonWriter json = begin("in");
    json.field("kind", from.kind == "Router" ? kRouterKind : kClientKind).field("cid", from.id);
    json.field_unless_empty("name", from.name);
    json.field("acc", origin_.name()).field("subj", subject);
    ingress_ = json.take();
}

std::string MessageTrace::ingress_json() const {
    if (refused_.empty()) {
        return concat(ingress_, "}");
    }
    JsonWriter why;
    why.value(refused_);
    return concat(ingress_, ",\"error\":", why.text(), "}");
}

void MessageTrace::mapped(std::string_view to) {
    JsonWriter json = begin("sm");
    json.field("to", to);
    end(json);
}

void MessageTrace::stream_export(account::Account const& importer, std::string_view to) {
    JsonWriter json = begin("se");
    json.field("acc", importer.name()).field("to", to);
    end(json);
}

void MessageTrace::service_import(account::Account const& exporter, std::string_view from,
                                  std::string_view to) {
    JsonWriter json = begin("si");
    json.field("acc", exporter.name()).field("from", from).field("to", to);
    end(json);
}

void MessageTrace::egress(message::Subscription const& subscription,
                          message::Subscription const& shown, account::Account const& account,
                          std::string_view why_not) {
    message::Recipient const& recipient = *subscription.recipient;
    std::uint64_t const cid = recipient.connection_id();
    JsonWriter json = begin("eg");
    json.field("kind", cid == 0 ? kAccountKind : kClientKind).field("cid", cid);
    json.field_unless_empty("name", recipient.name());
    if (&account != &origin_) {
        json.field("acc", account.name());
    }
    json.field("sub", shown.filter).field_unless_empty("queue", std::string_view(shown.queue));
    json.field_unless_empty("error", why_not);
    end(json);
}

std::string MessageTrace::egress_to_server(message::Recipient const& server,
                                           std::string_view why_not) {
    std::string const hop =
        why_not.empty() ? concat(hop_, hop_.empty() ? "" : ".", ++ways_out_) : std::string();
    JsonWriter json = begin("eg");
    json.field("kind", kRouterKind).field("cid", server.connection_id());
    json.field_unless_empty("name", server.name()).field_unless_empty("hop", hop);
    json.field_unless_empty("error", why_not);
    end(json);
    return hop;
}

std::string MessageTrace::document(std::string_view server_json, Bytes headers,
                                   std::size_t size) const {
    // Sorted by name, each with all its values in their order.
    std::map<std::string_view, std::vector<std::string_view>> sorted;
    protocol::HeaderFields fields(headers);
    while (auto const field = fields.next()) {
        sorted[field->name].push_back(field->value);
    }
    JsonWriter json;
    json.begin_object().key("server").raw(server_json).key("request").begin_object();
    json.key("header").begin_object();
    for (auto const& [name, values] : sorted) {
        json.key(name).begin_array();
        for (std::string_view const value : values) {
            json.value(value);
        }
        json.end_array();
    }
    json.end_object().field("msgsize", size).end_object();
    // So many more documents are to be waited for.
    json.field_unless_empty("hops", ways_out_);
    json.key("events").raw(concat("[", ingress_json(), events_, "]")).end_object();
    return json.take();
}

}  // namespace signalbox::dispatch
