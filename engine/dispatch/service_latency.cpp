#include "engine/dispatch/service_latency.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/protocol/headers.h"

#include <algorithm>
#include <optional>

namespace signalbox::dispatch {
namespace {

constexpr std::string_view kType = "io.nats.server.metric.v1.service_latency";

constexpr std::string_view kUber = "Uber-Trace-Id";
constexpr std::string_view kUberContext = "Uberctx-";
constexpr std::string_view kB3 = "B3";
constexpr std::string_view kB3Sampled = "X-B3-Sampled";
constexpr std::string_view kB3TraceId = "X-B3-TraceId";
constexpr std::string_view kB3Parent = "X-B3-ParentSpanId";
constexpr std::string_view kB3Span = "X-B3-SpanId";
constexpr std::string_view kTraceParent = "Traceparent";
constexpr std::string_view kTraceState = "Tracestate";

std::optional<std::string_view> find(Bytes headers, std::string_view name) {
    return protocol::find_header_in_any_case(headers, name);
}

void echo(Bytes headers, std::string_view name, EchoedHeaders& to) {
    if (auto const value = find(headers, name)) {
        to.emplace_back(name, *value);
    }
}

/// The lowest bit of one or two hexadecimal digits.
bool is_flag_set(std::string_view digits) {
    constexpr std::string_view kHex = "0123456789abcdef";
    if (digits.empty() || digits.size() > 2) {
        return false;
    }
    std::string const lower = base::to_lower(digits);
    bool const valid = lower.find_first_not_of(kHex) == std::string::npos;
    return valid && kHex.find(lower.back()) % 2 == 1;
}

HeaderSample sampled_by_jaeger(Bytes headers, std::string_view id) {
    std::vector<std::string_view> const parts = base::split(id, ':');
    if (parts.size() != 4 || !is_flag_set(parts[3])) {
        return {};
    }
    HeaderSample sample{.wanted = true, .headers = {{std::string(kUber), std::string(id)}}};
    protocol::HeaderFields fields(headers);
    while (auto const field = fields.next()) {
        std::string_view const begin = field->name.substr(0, kUberContext.size());
        if (base::equal_ignoring_case(begin, kUberContext)) {
            sample.headers.emplace_back(field->name, field->value);
        }
    }
    return sample;
}

HeaderSample sampled_by_zipkin(Bytes headers) {
    HeaderSample sample{.wanted = true, .headers = {}};
    for (std::string_view const name : {kB3Sampled, kB3TraceId, kB3Parent, kB3Span}) {
        echo(headers, name, sample.headers);
    }
    return sample;
}

HeaderSample sampled_by_single_b3(std::string_view b3) {
    std::vector<std::string_view> const parts = base::split(b3, '-');
    bool const denied = (parts.size() > 2 && parts[2] == "0") || b3 == "0";
    if (denied) {
        return {};
    }
    return {.wanted = true, .headers = {{std::string(kB3), std::string(b3)}}};
}

HeaderSample sampled_by_w3c(Bytes headers, std::string_view parent) {
    std::vector<std::string_view> const parts = base::split(parent, '-');
    if (parts.size() != 4 || parts[3].size() != 2 || !is_flag_set(parts[3])) {
        return {};
    }
    HeaderSample sample{.wanted = true, .headers = {}};
    echo(headers, kTraceParent, sample.headers);
    echo(headers, kTraceState, sample.headers);
    return sample;
}

struct Words {
    int status;
    std::string_view description;
};

Words words_of(LatencyStatus status) {
    switch (status) {
        case LatencyStatus::BadRequest:
            return {400, "Bad Request"};
        case LatencyStatus::RequestTimeout:
            return {408, "Request Timeout"};
        case LatencyStatus::ServiceUnavailable:
            return {503, "Service Unavailable"};
        case LatencyStatus::ServiceTimeout:
            return {504, "Service Timeout"};
    }
    return {500, "Unknown"};
}

}  // namespace

HeaderSample sampled_by_headers(Bytes headers) {
    if (headers.empty()) {
        return {};
    }
    if (auto const uber = find(headers, kUber)) {
        return sampled_by_jaeger(headers, *uber);
    }
    auto const sampled = find(headers, kB3Sampled);
    if (sampled == "0") {
        return {};
    }
    if (sampled == "1" || find(headers, kB3TraceId)) {
        return sampled_by_zipkin(headers);
    }
    if (auto const b3 = find(headers, kB3)) {
        return sampled_by_single_b3(*b3);
    }
    if (auto const parent = find(headers, kTraceParent)) {
        return sampled_by_w3c(headers, *parent);
    }
    return {};
}

ServiceLatency::ServiceLatency(World& world, Dispatcher& dispatcher)
    : world_(world),
      dispatcher_(dispatcher),
      entropy_(world.entropy().fork("service latency")),
      ids_(*entropy_) {}

std::unique_ptr<Measurement> ServiceLatency::begin(config::LatencyOptions const& options,
                                                   account::Account& exporter,
                                                   event::ClientInfo const& requester,
                                                   Bytes headers) {
    bool const by_dice = options.sampling >= 100 ||
                         (options.sampling > 0 &&
                          entropy_->below(100) < static_cast<std::uint64_t>(options.sampling));
    HeaderSample const sample =
        by_dice ? HeaderSample{.wanted = true, .headers = {}} : sampled_by_headers(headers);
    if (!sample.wanted) {
        return nullptr;
    }
    auto measurement = std::make_unique<Measurement>();
    measurement->exporter = &exporter;
    measurement->subject = options.subject;
    measurement->requester = requester;
    measurement->wall = world_.clock().wall_now();
    measurement->asked_at = world_.clock().now();
    measurement->headers = sample.headers;
    return measurement;
}

void ServiceLatency::finish(Measurement const& measurement, message::Publisher const& responder) {
    event::ClientInfo info;
    responder.describe(info);
    Duration const taken = world_.clock().now() - measurement.asked_at;
    // Half of what is measured on the way to the service and back is not its own.
    Duration const service = std::max(taken - info.rtt, Duration{0});
    tell(measurement, {.status = 200,
                       .description = {},
                       .responder = &info,
                       .service = service,
                       .total = taken + measurement.requester.rtt});
}

void ServiceLatency::fail(Measurement const& measurement, LatencyStatus status) {
    Words const words = words_of(status);
    tell(measurement, {.status = words.status, .description = words.description});
}

void ServiceLatency::tell(Measurement const& measurement, Outcome const& outcome) {
    JsonWriter json;
    json.begin_object().field("type", kType).field("id", ids_.next());
    json.field("timestamp", world_.clock().wall_now()).field("status", outcome.status);
    json.field_unless_empty("description", outcome.description);
    event::write(json.key("requestor"), measurement.requester);
    if (outcome.responder != nullptr) {
        event::write(json.key("responder"), *outcome.responder);
    }
    if (!measurement.headers.empty()) {
        json.key("header").begin_object();
        for (auto const& [name, value] : measurement.headers) {
            json.key(name).begin_array().value(value).end_array();
        }
        json.end_object();
    }
    json.field("start", measurement.wall + -measurement.requester.rtt);
    json.field("service", outcome.service.count()).field("system", 0);
    json.field("total", outcome.total.count()).end_object();

    std::unique_ptr<InternalClient>& speaker = speakers_[measurement.exporter->index()];
    if (!speaker) {
        speaker =
            std::make_unique<InternalClient>(world_.turn(), dispatcher_, *measurement.exporter);
    }
    speaker->publish(
        {.subject = measurement.subject, .reply = {}, .headers = {}, .payload = json.take()});
}

}  // namespace signalbox::dispatch
