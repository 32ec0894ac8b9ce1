#include "engine/client/client_tls.h"

#include "engine/base/json_reader.h"
#include "engine/tls/session.h"
#include "engine/transport/tls_link.h"

#include <utility>

namespace signalbox::client {

Result<std::unique_ptr<world::Link>> cover(World& world, std::unique_ptr<world::Link> link,
                                           ClientTls const& tls, std::string const& host) {
    auto context = TRY(tls::Context::create(tls::Role::Client, tls.settings));
    std::unique_ptr<world::Link> covered = std::make_unique<transport::TlsLink>(
        world, std::move(link), tls::Session::connect(std::move(context), host));
    return covered;
}

OfferedTls offered_tls(std::string_view info) {
    Result<Json> const json = Json::parse(info);
    if (!json.ok()) {
        return {};
    }
    auto const says = [&](std::string_view name) {
        Json const* const member = json.value().find(name);
        bool const* const flag = member == nullptr ? nullptr : member->as_bool();
        return flag != nullptr && *flag;
    };
    return {.available = says("tls_available"), .required = says("tls_required")};
}

}  // namespace signalbox::client
