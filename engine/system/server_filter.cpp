#include "engine/system/server_filter.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::system {

ServerFilter ServerFilter::read(monitor::RequestFields& fields) {
    return {.server_name = fields.text("server_name"),
            .host = fields.text("host"),
            .cluster = fields.text("cluster"),
            .domain = fields.text("domain"),
            .tags = fields.texts("tags"),
            .exact_match = fields.boolean("exact_match")};
}

bool ServerFilter::matches(monitor::MonitorSource const& source) const {
    monitor::ServerFacts const server = source.server();
    auto const fits = [this](std::string const& wanted, std::string_view is) {
        return wanted.empty() ||
               (exact_match ? wanted == is : is.find(wanted) != std::string_view::npos);
    };
    auto const has = [&](std::string const& tag) {
        return std::ranges::any_of(server.options->server_tags, [&](std::string const& each) {
            return base::equal_ignoring_case(each, tag);
        });
    };
    // This server is of no JetStream domain.
    return fits(server_name, server.name) && fits(host, server.host) &&
           fits(cluster, source.cluster().name) && domain.empty() && std::ranges::all_of(tags, has);
}

}  // namespace signalbox::system
