#include "engine/base/check.h"
#include "engine/tls/session.h"

#include "tests/support/certificates.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace {

namespace tls = signalbox::tls;
using tls::Session;

struct Contexts {
    signalbox::support::Authority authority;
    tls::ContextPtr server;
    tls::ContextPtr client;

    Contexts() {
        tls::Settings settings;
        settings.certificates.push_back(authority.issue({}));
        server = tls::Context::create(tls::Role::Server, settings).value();
        client = tls::Context::create(tls::Role::Client, {}).value();
    }
};

/// A session whose handshake is done, and its peer.
std::pair<std::unique_ptr<Session>, std::unique_ptr<Session>> open_pair(Contexts const& contexts) {
    auto server = Session::accept(contexts.server);
    auto client = Session::connect(contexts.client, "localhost");
    auto const carry = [](Session& from, Session& to) {
        std::string const bytes = std::exchange(from.out(), {});
        to.feed(bytes);
        to.keep();
    };
    for (int i = 0; i < 4; ++i) {
        client->advance();
        carry(*client, *server);
        server->advance();
        carry(*server, *client);
    }
    return {std::move(server), std::move(client)};
}

void read_all(Session& session) {
    std::array<char, 512> into{};
    std::size_t count = 0;
    while (session.read(into, count) == Session::Read::Some) {
        CHECK(count <= into.size());
    }
}

}  // namespace

/// Whatever a peer sends, in the handshake or after, the session says yes, no or more.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static Contexts const contexts;
    signalbox::Bytes const bytes(reinterpret_cast<char const*>(data), size);
    auto const fresh = Session::accept(contexts.server);
    for (std::size_t at = 0; at < size; at += 50) {
        fresh->feed(bytes.substr(at, 50));
        fresh->keep();
        if (fresh->advance() != Session::Progress::NeedsMore) {
            break;
        }
    }
    if (size > 0 && (data[0] & 0x0f) == 0) {
        // A handshake takes a while: one input in sixteen is for a session that is open.
        auto const [server, client] = open_pair(contexts);
        server->feed(bytes.substr(1));
        server->keep();
        read_all(*server);
        if (client->write("hello")) {
            server->feed(client->out());
            server->keep();
            read_all(*server);
        }
    }
    return 0;
}
