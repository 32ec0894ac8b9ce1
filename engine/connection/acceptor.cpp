#include "engine/connection/acceptor.h"

#include "engine/base/text.h"

#include <utility>

namespace signalbox::connection {

void Acceptor::open(ListenerPlan plan, OnOpen done) {
    std::string const host = plan.host;
    world_.network().resolve(
        host, [this, alive = alive_, plan = std::move(plan), done = std::move(done)](auto hosts) {
            if (!*alive) {
                return;
            }
            if (!hosts.ok()) {
                done(hosts.error());
                return;
            }
            done(listen(plan, hosts.value()));
        });
}

void Acceptor::close(std::string_view name) {
    std::erase_if(listeners_, [&](Open const& open) { return open.name == name; });
}

Result<world::Address> Acceptor::listen(ListenerPlan const& plan,
                                        std::vector<std::string> const& hosts) {
    if (hosts.empty()) {
        return Error(Errc::NotFound, concat("no address for ", base::quoted(plan.host)));
    }
    auto const port = static_cast<std::uint16_t>(plan.port < 0 ? 0 : plan.port);
    auto listener =
        TRY(world_.network().listen({.host = hosts.front(), .port = port}, plan.accept));
    world::Address const address = listener->address();
    listeners_.push_back({plan.name, std::move(listener)});
    if (!plan.second_host.empty()) {
        auto second =
            world_.network().listen({.host = plan.second_host, .port = address.port}, plan.accept);
        // A machine need not have it: the first will do.
        if (second.ok()) {
            listeners_.push_back({plan.name, std::move(second).value()});
        }
    }
    return address;
}

}  // namespace signalbox::connection
