#include "engine/monitor/monitor_pages.h"

#include "engine/base/text.h"
#include "engine/monitor/absent_parts.h"
#include "engine/monitor/accountz.h"
#include "engine/monitor/accstatz.h"
#include "engine/monitor/connz.h"
#include "engine/monitor/gatewayz.h"
#include "engine/monitor/healthz.h"
#include "engine/monitor/jsz.h"
#include "engine/monitor/leafz.h"
#include "engine/monitor/prometheus.h"
#include "engine/monitor/root_page.h"
#include "engine/monitor/routez.h"
#include "engine/monitor/subsz.h"
#include "engine/monitor/varz.h"

#include <algorithm>
#include <array>

namespace signalbox::monitor {
namespace {

constexpr std::string_view kHtmlType = "text/html; charset=utf-8";

/// What there is, each under the name it is counted by.
constexpr std::array<std::string_view, 9> kOfServer{
    "/varz", "/connz", "/subsz", "/routez", "/leafz", "/gatewayz", "/healthz", "/metrics", "/"};
constexpr std::array<std::string_view, 2> kOfAccounts{"/accountz", "/accstatz"};
constexpr std::array<std::string_view, 1> kOfAbsentParts{"/jsz"};
/// Of the reference, and about the language it is written in.
constexpr std::string_view kStacksz = "/stacksz";
/// Those that are not counted.
constexpr std::string_view kRaftz = "/raftz";
constexpr std::string_view kIpqueuesz = "/ipqueuesz";

template <std::size_t N>
bool is_among(std::array<std::string_view, N> const& paths, std::string_view path) {
    return std::ranges::find(paths, path) != paths.end();
}

Answer not_found() {
    return refusal(404, "404 page not found\n");
}

/// Without the port: after the bracket of an IPv6 address, else after the colon.
std::string_view host_name(std::string_view host) {
    if (host.starts_with('[')) {
        std::size_t const end = host.find(']');
        return end == std::string_view::npos ? host : host.substr(0, end + 1);
    }
    return host.substr(0, host.find(':'));
}

bool is_numeric(std::string_view name) {
    if (name.starts_with('[')) {
        return name.ends_with(']') &&
               name.substr(1, name.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") ==
                   std::string_view::npos;
    }
    return !name.empty() && name.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

bool is_local_host(std::string_view host) {
    std::string name = base::to_lower(host_name(host));
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return is_numeric(name) || name == "localhost" || name.ends_with(".localhost");
}

MonitorPages::MonitorPages(World& world, MonitorSource& source, MonitorSettings const& settings)
    : world_(world), source_(source), settings_(settings) {
    source_.process();  // From now on the processor's use is measured.
}

Answer MonitorPages::answer(protocol::HttpRequest const& request) {
    if (settings_.local_hosts_only && !is_local_host(request.field("host").value_or("localhost"))) {
        return refusal(403, "this host name is not served here\n");
    }
    auto const below = below_base(request.path);
    if (!below) {
        return not_found();
    }
    std::string_view const path = *below == "/subscriptionsz" ? "/subsz" : *below;
    Query const query(request);
    if (path == kRaftz || path == kIpqueuesz) {
        return document_of_absent_part(path, query);
    }
    if (path == kStacksz || path.starts_with("/debug/")) {
        return refusal(404, "not there: it shows the runtime of Go, which this server has not\n");
    }
    bool const of_server = is_among(kOfServer, path);
    bool const of_accounts = is_among(kOfAccounts, path);
    if (!of_server && !of_accounts && !is_among(kOfAbsentParts, path)) {
        return not_found();
    }
    source_.http_stats().count(path);
    if (of_server) {
        return document_of_server(path, query);
    }
    return of_accounts ? document_of_accounts(path, query) : document_of_absent_part(path, query);
}

std::optional<std::string_view> MonitorPages::below_base(std::string_view path) const {
    std::string_view const base = settings_.base_path;
    if (base.empty() || base == "/") {
        return path;
    }
    if (!path.starts_with(base)) {
        return std::nullopt;
    }
    path.remove_prefix(base.size());
    if (path.empty()) {
        return "/";
    }
    return path.starts_with('/') ? std::optional(path) : std::nullopt;
}

Answer MonitorPages::document_of_server(std::string_view path, Query const& query) {
    WallTime const now = world_.clock().wall_now();
    if (path == "/varz") {
        return varz(source_);
    }
    if (path == "/connz") {
        auto const options = ConnzOptions::read(query);
        return options.ok() ? connz(source_, options.value(), now)
                            : refusal(400, options.error().detail());
    }
    if (path == "/subsz") {
        auto const options = SubszOptions::read(query);
        return options.ok() ? subsz(source_, options.value(), now)
                            : refusal(400, options.error().detail());
    }
    if (path == "/routez") {
        auto const show = read_show_subscriptions(query);
        return show.ok() ? routez(source_, show.value(), now) : refusal(400, show.error().detail());
    }
    if (path == "/gatewayz") {
        auto const asked = read_gatewayz_query(query);
        return asked.ok() ? gatewayz(source_, asked.value(), now)
                          : refusal(400, asked.error().detail());
    }
    if (path == "/leafz") {
        auto const asked = read_leafz_query(query);
        return asked.ok() ? leafz(source_, asked.value(), now)
                          : refusal(400, asked.error().detail());
    }
    if (path == "/healthz") {
        return healthz(source_, query);
    }
    if (path == "/metrics") {
        return {.content_type = kPrometheusType, .text = prometheus(source_)};
    }
    return root();
}

Answer MonitorPages::document_of_accounts(std::string_view path, Query const& query) {
    WallTime const now = world_.clock().wall_now();
    if (path == "/accountz") {
        auto answer = accountz(source_, query.text("acc"), now);
        return answer.ok() ? std::move(answer).value() : refusal(400, answer.error().detail());
    }
    auto const unused = query.boolean("unused");
    return unused.ok() ? accstatz(source_, {.include_unused = unused.value()}, now)
                       : refusal(400, unused.error().detail());
}

Answer MonitorPages::document_of_absent_part(std::string_view path, Query const& query) {
    WallTime const now = world_.clock().wall_now();
    auto const checked = [](Result<void> const& check, Answer answer) {
        return check.ok() ? std::move(answer) : refusal(400, check.error().detail());
    };
    if (path == "/jsz") {
        auto const options = JszOptions::read(query);
        return options.ok() ? jsz(source_, options.value(), now)
                            : refusal(400, options.error().detail());
    }
    if (path == kIpqueuesz) {
        return checked(check_ipqueuesz(query), answer_whole("{}"));
    }
    return refusal(404, "No Raft nodes registered");
}

Answer MonitorPages::root() {
    ServerFacts const server = source_.server();
    return {.content_type = kHtmlType,
            .text = root_page(server.version, server.own_version, settings_.base_path)};
}

}  // namespace signalbox::monitor
