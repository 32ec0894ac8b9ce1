#include "engine/monitor/root_page.h"

#include "engine/base/text.h"

#include <array>

namespace signalbox::monitor {
namespace {

struct Link {
    std::string_view path;
    std::string_view title;
    std::string_view says;
};

constexpr std::array<Link, 11> kLinks{{
    {"/varz", "General", "identity, limits and totals"},
    {"/jsz", "JetStream", "streams and what they hold"},
    {"/connz", "Connections", "who is connected, and who was"},
    {"/accountz", "Accounts", "what each shares with others"},
    {"/accstatz", "Account Stats", "what the connections of each did"},
    {"/subsz", "Subscriptions", "what is listened to"},
    {"/routez", "Routes", "the servers of this cluster"},
    {"/leafz", "LeafNodes", "the servers attached to it"},
    {"/gatewayz", "Gateways", "other clusters"},
    {"/healthz", "Health Probe", "whether it can work"},
    {"/metrics", "Metrics", "for Prometheus"},
}};

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Signalbox</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em }
h1 { font-weight: 600; margin-bottom: 0 }
p { margin-top: 0; opacity: .7 }
dt { float: left; clear: left; width: 9em }
</style>
</head>
<body>
)";

}  // namespace

std::string root_page(std::string_view version, std::string_view own_version,
                      std::string_view base_path) {
    std::string out(kHead);
    append(out, "<h1>Signalbox ", own_version, "</h1>\n<p>compatible with NATS server v", version,
           "</p>\n<dl>\n");
    std::string_view const prefix = base_path == "/" ? "" : base_path;
    for (Link const& link : kLinks) {
        append(out, "<dt><a href=\"", prefix, link.path, "\">", link.title, "</a></dt><dd>",
               link.says, "</dd>\n");
    }
    append(out, "</dl>\n</body>\n</html>\n");
    return out;
}

}  // namespace signalbox::monitor
