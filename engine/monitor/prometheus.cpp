#include "engine/monitor/prometheus.h"

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/monitor/jsz.h"

namespace signalbox::monitor {
namespace {

/// The value of a label, between its quotes.
std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : base::repaired_utf8(text)) {
        if (c == '\n') {
            out += "\\n";
        } else {
            if (c == '"' || c == '\\') {
                out += '\\';
            }
            out += c;
        }
    }
    return out;
}

class Metrics {
public:
    template <class T>
    void counter(std::string_view name, std::string_view help, T value) {
        head(name, help, "counter");
        append(out_, "signalbox_", name, ' ', value, '\n');
    }

    template <class T>
    void gauge(std::string_view name, std::string_view help, T value) {
        head(name, help, "gauge");
        append(out_, "signalbox_", name, ' ', value, '\n');
    }

    void head(std::string_view name, std::string_view help, std::string_view type) {
        append(out_, "# HELP signalbox_", name, ' ', help, "\n# TYPE signalbox_", name, ' ', type,
               '\n');
    }

    template <class... Parts>
    void line(Parts const&... parts) {
        append(out_, "signalbox_", parts..., '\n');
    }

    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

double in_seconds(Duration duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

void write_traffic(Metrics& metrics, observe::ServerCounters const& counters) {
    metrics.counter("in_messages_total", "Messages received from clients.", counters.in_msgs.get());
    metrics.counter("in_bytes_total", "Bytes of headers and payloads received from clients.",
                    counters.in_bytes.get());
    metrics.counter("out_messages_total", "Messages sent to clients.", counters.out_msgs.get());
    metrics.counter("out_bytes_total", "Bytes of headers and payloads sent to clients.",
                    counters.out_bytes.get());
}

void write_connections(Metrics& metrics, observe::ServerCounters const& counters,
                       config::Limits const& limits) {
    metrics.gauge("connections", "Client connections that are open.", counters.connections.get());
    metrics.counter("connections_total", "Client connections accepted since the start.",
                    counters.total_connections.get());
    metrics.gauge("max_connections", "Client connections allowed at a time.",
                  limits.max_connections);
    metrics.gauge("max_payload_bytes", "Size of the largest message allowed.", limits.max_payload);
    metrics.counter("slow_consumers_total", "Clients closed because they read too slowly.",
                    counters.slow_consumers.get());
    metrics.counter("stale_connections_total", "Clients closed because they stopped answering.",
                    counters.stale_connections.get());
    metrics.counter("stalled_clients_total", "Times a publisher was held for a slow subscriber.",
                    counters.stalled_clients.get());
    metrics.counter("auth_failures_total", "Connections refused for who they are.",
                    counters.auth_failures.get());
    metrics.counter("auth_holds_total",
                    "Times attempts from one address or on one name began to wait.",
                    counters.auth_holds.get());
    metrics.counter("auth_delays_total", "Attempts that had to wait after many that failed.",
                    counters.auth_delays.get());
}

void write_interest(Metrics& metrics, InterestFacts const& interest) {
    metrics.gauge("subscriptions", "Subscriptions in all accounts.", interest.subscriptions);
    metrics.counter("subscription_inserts_total", "Subscriptions made since the start.",
                    interest.inserts);
    metrics.counter("subscription_removes_total", "Subscriptions ended since the start.",
                    interest.removes);
    metrics.counter("matches_total", "Published subjects looked up.", interest.matches);
    metrics.counter("match_cache_hits_total", "Of these, those that were found looked up already.",
                    interest.cache_hits);
    metrics.gauge("match_cache_entries", "Subjects whose recipients are known.", interest.cached);
}

void write_accounts(Metrics& metrics, MonitorSource const& source) {
    std::uint64_t accounts = 0;
    std::uint64_t active = 0;
    source.visit_accounts([&](AccountFacts const& account) {
        ++accounts;
        active += account.stat.connections + account.stat.leafnodes > 0 ? 1 : 0;
    });
    metrics.gauge("accounts", "Accounts that are known.", accounts);
    metrics.gauge("active_accounts", "Of these, those with connections.", active);
}

void write_system(Metrics& metrics, SystemFacts const& system) {
    metrics.counter("events_total", "Events published in the system account.", system.events);
    metrics.counter("system_requests_total", "Requests to the server's own services.",
                    system.requests);
    metrics.counter("system_requests_refused_total",
                    "Of these, those that came too fast to be answered.", system.refused);
}

void write_streams(Metrics& metrics, jetstream::JetStream const& streams) {
    JetStreamTotals const totals = jetstream_totals(streams);
    metrics.gauge("jetstream_streams", "Streams of all accounts.", totals.streams);
    metrics.gauge("jetstream_consumers", "Consumers of all streams.", totals.consumers);
    metrics.gauge("jetstream_messages", "Messages kept.", totals.messages);
    metrics.gauge("jetstream_memory_bytes", "Bytes kept in memory.", streams.used(true));
    metrics.gauge("jetstream_storage_bytes", "Bytes kept in files.", streams.used(false));
    metrics.gauge("jetstream_max_memory_bytes", "Bytes that may be kept in memory.",
                  streams.most(true));
    metrics.gauge("jetstream_max_storage_bytes", "Bytes that may be kept in files.",
                  streams.most(false));
    metrics.counter("jetstream_api_requests_total", "Requests of the JetStream API.",
                    totals.api.total);
    metrics.counter("jetstream_api_errors_total", "Of these, those that were refused.",
                    totals.api.errors);
    consensus::StorageHealth const health = streams.health();
    metrics.gauge("jetstream_storage_writable", "1 while messages can be stored.",
                  health.failure.empty() && !health.nearly_full ? 1 : 0);
    metrics.gauge("jetstream_storage_nearly_full", "1 while there is no room on the disk.",
                  health.nearly_full ? 1 : 0);
    metrics.gauge("jetstream_quarantined", "Things found in the storage and set aside.",
                  health.quarantined);
    metrics.gauge("jetstream_damaged_messages", "Messages that cannot be read any more.",
                  health.damaged_messages);
}

void write_process(Metrics& metrics, ServerFacts const& server, ProcessFacts const& process) {
    metrics.gauge("start_time_seconds", "When the server started, in seconds since 1970.",
                  in_seconds(server.start.since_epoch()));
    metrics.gauge("resident_memory_bytes", "Memory the process has in use.",
                  process.usage.resident_bytes);
    metrics.counter("cpu_seconds_total", "Processor time the process has used.",
                    in_seconds(process.usage.cpu_time));
    metrics.gauge("cores", "Processors of the machine.", process.usage.cores);
}

}  // namespace

std::string prometheus(MonitorSource& source) {
    ServerFacts const server = source.server();
    Metrics metrics;
    metrics.head("build_info", "Always 1; the labels say what runs.", "gauge");
    metrics.line("build_info{version=\"", escaped(server.own_version), "\",compatible=\"",
                 escaped(server.version), "\",server_id=\"", escaped(server.id),
                 "\",server_name=\"", escaped(server.name), "\"} 1");
    metrics.gauge("healthy", "1 while connections can be taken.",
                  source.not_ready().empty() ? 1 : 0);
    write_process(metrics, server, source.process());
    write_traffic(metrics, source.counters());
    write_connections(metrics, source.counters(), server.options->limits);
    write_interest(metrics, source.interest(""));
    write_accounts(metrics, source);
    write_system(metrics, source.system());
    if (jetstream::JetStream const* const streams = source.streams()) {
        write_streams(metrics, *streams);
    }
    metrics.head("http_requests_total", "Monitoring documents asked for.", "counter");
    for (auto const& [path, count] : source.http_stats().counts()) {
        metrics.line("http_requests_total{path=\"", path, "\"} ", count);
    }
    return metrics.take();
}

}  // namespace signalbox::monitor
