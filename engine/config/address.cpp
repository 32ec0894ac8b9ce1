#include "engine/config/address.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <optional>
#include <string>

namespace signalbox::config {

Result<ListenAddress> parse_address(std::string_view text) {
    auto const refuse = [&] {
        return Error(Errc::InvalidArgument,
                     concat("could not parse address string ", base::quoted(text)));
    };
    std::size_t const colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return refuse();
    }
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[')) {
        if (!host.ends_with(']')) {
            return refuse();
        }
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return refuse();
    }
    if (host.find_first_of("[] \t\r\n") != std::string_view::npos) {
        return refuse();
    }
    std::string_view const port_text = text.substr(colon + 1);
    std::optional<std::int64_t> const port = base::parse_int(port_text);
    if (!port) {
        return Error(Errc::InvalidArgument,
                     concat("could not parse port ", base::quoted(port_text)));
    }
    if (!is_port(*port)) {
        return Error(Errc::InvalidArgument, concat("port ", *port, " is out of range"));
    }
    return ListenAddress{.host = std::string(host), .port = static_cast<int>(*port)};
}

bool is_port(std::int64_t port) {
    return port >= -1 && port <= 65'535;
}

}  // namespace signalbox::config
