#include "engine/monitor/monitor_pages.h"

#include "engine/base/text.h"
#include "engine/monitor/connz.h"
#include "engine/monitor/healthz.h"
#include "engine/monitor/prometheus.h"
#include "engine/monitor/root_page.h"
#include "engine/monitor/subsz.h"

#include <algorithm>
#include <array>

namespace signalbox::monitor {
namespace {

constexpr std::string_view kHtmlType = "text/html; charset=utf-8";

/// What is counted when asked for. A path is counted by the name it has here.
constexpr std::array<std::string_view, 6> kPaths{"/",      "/varz",    "/connz",
                                                 "/subsz", "/healthz", "/metrics"};

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
    cpu_.percent(world_.clock().now(), world_.usage().cpu_time);
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
    if (std::ranges::find(kPaths, path) == kPaths.end()) {
        return not_found();
    }
    stats_.count(path);
    return document(path, request);
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

Answer MonitorPages::document(std::string_view path, protocol::HttpRequest const& request) {
    Query const query(request);
    if (path == "/varz") {
        return {.text = varz(source_, stats_, process_facts())};
    }
    if (path == "/connz") {
        auto const options = ConnzOptions::read(query);
        return options.ok() ? connz(source_, options.value(), world_.clock().wall_now())
                            : refusal(400, options.error().detail());
    }
    if (path == "/subsz") {
        auto const options = SubszOptions::read(query);
        return options.ok() ? subsz(source_, options.value(), world_.clock().wall_now())
                            : refusal(400, options.error().detail());
    }
    if (path == "/healthz") {
        return healthz(source_, query);
    }
    if (path == "/metrics") {
        return {.content_type = kPrometheusType,
                .text = prometheus(source_, stats_, process_facts())};
    }
    ServerFacts const server = source_.server();
    return {.content_type = kHtmlType,
            .text = root_page(server.version, server.own_version, settings_.base_path)};
}

ProcessFacts MonitorPages::process_facts() {
    ProcessFacts facts;
    facts.now = world_.clock().wall_now();
    facts.usage = world_.usage();
    facts.cpu_percent = cpu_.percent(world_.clock().now(), facts.usage.cpu_time);
    return facts;
}

}  // namespace signalbox::monitor
