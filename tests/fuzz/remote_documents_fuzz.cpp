#include "engine/base/check.h"
#include "engine/host/remote_documents.h"
#include "engine/host/remote_options.h"
#include "engine/host/remote_picture.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace signalbox::host {
namespace {

/// What a server elsewhere says, read as each of the documents it could be.
void read_all(Json const& json) {
    int events = 0;
    RemotePicture picture(1, [&events](observe::EventRow const&) { ++events; });
    Instant const now(base::seconds(1));
    if (auto const varz = read_varz(json); varz.ok()) {
        picture.take(varz.value(), now);
    }
    if (auto const connz = read_connz(json); connz.ok()) {
        picture.take_open(connz.value(), now, WallTime(base::seconds(1)));
        picture.take_open({}, now, WallTime(base::seconds(2)));
        picture.take_closed(connz.value());
    }
    if (auto const subsz = read_subsz(json); subsz.ok()) {
        CHECK(subsz.value().subscriptions.size() <= 65'536);
    }
    if (auto const accounts = read_accstatz(json); accounts.ok()) {
        picture.take_accounts(accounts.value(), now);
    }
    if (auto const event = read_client_event(json); event.ok()) {
        picture.take(event.value());
        picture.take_refusal(event.value());
    }
    (void)read_greeting(json);
    observe::ServerSnapshot snapshot;
    picture.fill(snapshot);
    CHECK(snapshot.open.size() <= 65'536);
}

}  // namespace
}  // namespace signalbox::host

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox::host;
    std::string const text(reinterpret_cast<char const*>(data), size);
    if (auto const time = parse_rfc3339(text)) {
        CHECK(time->since_epoch().count() >= -432'000'000'000'000);
    }
    (void)parse_server_urls(text);
    (void)parse_monitoring_url(text);
    auto const json = signalbox::Json::parse(text);
    if (json.ok()) {
        read_all(json.value());
        if (auto const inner = data_of_answer(json.value()); inner.ok()) {
            read_all(*inner.value());
        }
    }
    return 0;
}
