#include "engine/host/remote_options.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/protocol/http_request.h"

#include <optional>
#include <string_view>
#include <utility>

namespace signalbox::host {

namespace {

constexpr std::uint16_t kClientPort = 4222;
constexpr std::uint16_t kMonitoringPort = 8222;

struct Place {
    std::string host;
    std::uint16_t port = 0;
};

/// `host`, `host:port` or `[v6]:port`.
Result<Place> parse_place(std::string_view text, std::uint16_t usual_port) {
    Place place{.host = {}, .port = usual_port};
    std::string_view port;
    if (text.starts_with('[')) {
        std::size_t const end = text.find(']');
        if (end == std::string_view::npos) {
            return Error(Errc::InvalidArgument, concat("no ] in ", base::quoted(text)));
        }
        place.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else {
        std::size_t const colon = text.find(':');
        place.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (place.host.empty() || place.host.find_first_of(" \t\r\n/@") != std::string::npos) {
        return Error(Errc::InvalidArgument, concat("no host in ", base::quoted(text)));
    }
    if (port.empty()) {
        return place;
    }
    std::optional<std::uint64_t> const number =
        port.front() == ':' ? base::parse_uint(port.substr(1)) : std::nullopt;
    if (!number || *number == 0 || *number > 65'535) {
        return Error(Errc::InvalidArgument, concat(base::quoted(port), " is no port"));
    }
    place.port = static_cast<std::uint16_t>(*number);
    return place;
}

/// What stands before `://`, in lower case, and takes it off; empty when there is none.
std::string take_scheme(std::string_view& text) {
    std::size_t const end = text.find("://");
    if (end == std::string_view::npos) {
        return {};
    }
    std::string scheme = base::to_lower(text.substr(0, end));
    text.remove_prefix(end + 3);
    return scheme;
}

Result<void> read_user(std::string_view text, RemoteIdentity& identity) {
    std::size_t const colon = text.find(':');
    std::string const first = TRY(protocol::percent_decoded(text.substr(0, colon), false));
    if (colon == std::string_view::npos) {
        identity.token = crypto::Secret(first);
        return {};
    }
    identity.user = first;
    identity.password =
        crypto::Secret(TRY(protocol::percent_decoded(text.substr(colon + 1), false)));
    return {};
}

Result<void> read_server(std::string_view text, ServerUrls& urls) {
    std::string const scheme = take_scheme(text);
    if (!scheme.empty() && scheme != "nats" && scheme != "tls") {
        return Error(Errc::InvalidArgument, concat(base::quoted(scheme),
                                                   " is not nats or tls: the URL of a server that "
                                                   "clients connect to is wanted"));
    }
    urls.tls = urls.tls || scheme == "tls";
    while (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    if (std::size_t const at = text.rfind('@'); at != std::string_view::npos) {
        TRY(read_user(text.substr(0, at), urls.identity));
        text.remove_prefix(at + 1);
    }
    Place place = TRY(parse_place(text, kClientPort));
    urls.servers.push_back({.host = std::move(place.host), .port = place.port});
    return {};
}

}  // namespace

Result<ServerUrls> parse_server_urls(std::string const& text) {
    ServerUrls urls;
    for (std::string_view const part : base::split(text, ',')) {
        TRY(read_server(base::trim(part), urls));
    }
    return urls;
}

Result<MonitoringUrl> parse_monitoring_url(std::string const& text) {
    std::string_view rest = base::trim(text);
    std::string const scheme = take_scheme(rest);
    if (!scheme.empty() && scheme != "http" && scheme != "https") {
        return Error(Errc::InvalidArgument, concat(base::quoted(scheme), " is not http or https"));
    }
    MonitoringUrl url;
    url.tls = scheme == "https";
    if (std::size_t const slash = rest.find('/'); slash != std::string_view::npos) {
        url.base_path = rest.substr(slash);
        rest = rest.substr(0, slash);
    }
    while (url.base_path.ends_with('/')) {
        url.base_path.pop_back();
    }
    if (url.base_path.find_first_of(" \t\r\n") != std::string::npos) {
        return Error(Errc::InvalidArgument, "a blank in the path");
    }
    Place place = TRY(parse_place(rest, kMonitoringPort));
    url.host = std::move(place.host);
    url.port = place.port;
    return url;
}

std::string url_of(MonitoringUrl const& monitoring, std::string_view path) {
    bool const is_v6 = monitoring.host.find(':') != std::string::npos;
    return concat(monitoring.tls ? "https://" : "http://", is_v6 ? "[" : "", monitoring.host,
                  is_v6 ? "]:" : ":", monitoring.port, monitoring.base_path, path);
}

}  // namespace signalbox::host
