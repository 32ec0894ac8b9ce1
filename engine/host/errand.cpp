#include "engine/host/errand.h"

#include "engine/base/text.h"
#include "engine/protocol/client_writer.h"

#include <utility>

namespace signalbox::host {

Errand::Errand(World& world, client::ServerAddress server, std::optional<client::ClientTls> tls,
               OutgoingMessage message, OnDone done)
    : world_(world),
      message_(std::move(message)),
      headers_(protocol::header_block(message_.headers)),
      done_(std::move(done)),
      client_(world, options_for(std::move(server), std::move(tls)),
              {.state =
                   [this](client::State state, std::string_view detail) {
                       if (state == client::State::Connected && then_) {
                           std::exchange(then_, nullptr)();
                       } else if (state == client::State::Closed) {
                           finish(Error(Errc::Closed, detail.empty()
                                                          ? "the server closed the connection"
                                                          : std::string(detail)));
                       }
                   },
               .error = [this](std::string_view text) { refusal_ = text; }}) {}

Errand::~Errand() {
    world_.timers().cancel(patience_);
}

client::ClientOptions Errand::options_for(client::ServerAddress server,
                                          std::optional<client::ClientTls> tls) const {
    return {.servers = {std::move(server)},
            .name = "signalbox workbench",
            .user = message_.user,
            .password = crypto::Secret(message_.password),
            .token = crypto::Secret(message_.token),
            .tls = std::move(tls),
            .reconnect = false};
}

client::Outgoing Errand::outgoing() const {
    return {.subject = message_.subject,
            .reply = message_.reply,
            .headers = headers_,
            .payload = message_.payload};
}

void Errand::connect(std::function<void()> then) {
    then_ = std::move(then);
    client_.connect();
}

void Errand::publish() {
    connect([this] {
        if (auto const sent = client_.publish(outgoing()); !sent.ok()) {
            finish(sent.error());
            return;
        }
        // The answer to a PING tells that the server has seen the message, and had nothing against
        // it.
        client_.flush([this](Result<void> const& flushed) {
            if (!flushed.ok()) {
                finish(flushed.error());
            } else if (!refusal_.empty()) {
                finish(Error(Errc::PermissionDenied, refusal_));
            } else {
                finish(std::optional<Reply>());
            }
        });
    });
}

void Errand::request(Duration timeout) {
    connect([this, timeout] {
        auto const sent =
            client_.request(outgoing(), timeout, [this](Result<client::Reply> const& reply) {
                if (!reply.ok()) {
                    finish(refusal_.empty() ? reply.error()
                                            : Error(Errc::PermissionDenied, refusal_));
                    return;
                }
                client::Reply const& came = reply.value();
                finish(std::optional<Reply>(Reply{.headers = std::string(came.headers),
                                                  .payload = std::string(came.payload),
                                                  .after = came.after,
                                                  .no_responders = came.no_responders}));
            });
        if (!sent.ok()) {
            finish(sent.error());
        }
    });
}

void Errand::trace(Duration timeout) {
    connect([this, timeout] {
        constexpr std::uint64_t kMany = 1U << 30U;
        std::string const inbox = concat("_INBOX.trace.", world_.entropy().below(kMany), ".",
                                         world_.entropy().below(kMany));
        message_.headers.emplace_back("Nats-Trace-Dest", inbox);
        headers_ = protocol::header_block(message_.headers);
        auto const told = client_.subscribe(inbox, {}, [this](client::Incoming const& incoming) {
            finish(std::optional<Reply>(Reply{.headers = std::string(incoming.headers),
                                              .payload = std::string(incoming.payload)}));
        });
        if (!told.ok()) {
            finish(told.error());
            return;
        }
        patience_ = world_.timers().call_at(world_.clock().now() + timeout, [this] {
            patience_ = {};
            finish(Error(Errc::TimedOut, "the server did not tell what became of the message"));
        });
        publish_traced();
    });
}

void Errand::publish_traced() {
    if (auto const sent = client_.publish(outgoing()); !sent.ok()) {
        finish(sent.error());
        return;
    }
    client_.flush([this](Result<void> const& flushed) {
        if (!flushed.ok()) {
            finish(flushed.error());
        } else if (!refusal_.empty()) {
            finish(Error(Errc::PermissionDenied, refusal_));
        }
    });
}

void Errand::finish(Result<std::optional<Reply>> result) {
    if (OnDone const done = std::exchange(done_, nullptr)) {
        done(std::move(result));
    }
}

}  // namespace signalbox::host
