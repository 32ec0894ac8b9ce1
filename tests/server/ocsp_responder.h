#pragma once

#include "engine/base/text.h"
#include "engine/world/world.h"

#include "tests/support/certificates.h"
#include "tests/support/raw_client.h"

#include <memory>
#include <string>
#include <vector>

namespace signalbox::server {

/// A responder of an authority, over HTTP on loopback.
class OcspResponder {
public:
    OcspResponder(World& world, support::Authority const& authority, std::uint16_t port)
        : world_(world), authority_(authority) {
        listener_ =
            world.network()
                .listen({.host = "127.0.0.1", .port = port},
                        [this](auto link) {
                            peers_.push_back(std::make_unique<support::RawPeer>(std::move(link)));
                        })
                .value();
    }

    OcspResponder(OcspResponder const&) = delete;
    OcspResponder& operator=(OcspResponder const&) = delete;

    /// Answers what was asked meanwhile, unless it is silent.
    void answer_all() {
        for (auto const& peer : peers_) {
            std::size_t const body = peer->bytes().find("\r\n\r\n");
            if (silent || body == std::string::npos) {
                continue;
            }
            std::string const question = peer->take_bytes().substr(body + 4);
            std::string const der =
                authority_.ocsp_answer(question, revoked, world_.clock().wall_now());
            peer->send(concat("HTTP/1.1 200 OK\r\nContent-Length: ", der.size(), "\r\n\r\n", der));
            ++asked;
        }
    }

    bool silent = false;
    bool revoked = false;
    int asked = 0;

private:
    World& world_;
    support::Authority const& authority_;
    std::unique_ptr<world::Listener> listener_;
    std::vector<std::unique_ptr<support::RawPeer>> peers_;
};

}  // namespace signalbox::server
