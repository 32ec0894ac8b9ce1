#pragma once

#include "engine/base/logger.h"
#include "engine/connection/close_reason.h"
#include "engine/connection/connection_context.h"
#include "engine/event/server_event.h"
#include "engine/tls/peer_identity.h"
#include "engine/transport/transport.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::connection {

/// What comes before the protocol on a listener with TLS or behind a proxy: the proxy's header,
/// the choice between plain and encrypted, the handshake.
class Entry {
public:
    struct Hooks {
        std::function<void()> send_info;
        /// The protocol begins, and `first` is what came of it already. The last call; may destroy
        /// the entry.
        std::function<void(Bytes first)> came_in;
        /// The last call as well. `error` is for the peer, where it is to know; the log knows.
        std::function<void(CloseReason reason, std::string_view error)> turn_away;
        std::function<void(LogLevel level, std::string_view text)> note;
    };

    /// Whether a listener with these options has anything before the protocol.
    static bool is_needed(config::Options const& options) {
        return options.tls.has_value() || options.proxy_protocol;
    }
    /// Whether INFO is said before anything else, in the plain.
    static bool greets_first(config::Options const& options) {
        return !options.tls || options.tls->handshake_first == config::HandshakeFirst::Never;
    }

    Entry(ConnectionContext& context, transport::Transport& transport, Hooks hooks);
    ~Entry();

    Entry(Entry const&) = delete;
    Entry& operator=(Entry const&) = delete;

    /// Begins to read. INFO was sent when the server greets first.
    void begin();
    void received(Bytes bytes);
    /// The connection closes; nothing is called any more.
    void give_up();

    /// Who came in by TLS; null: nobody, or not yet.
    std::shared_ptr<tls::PeerIdentity const> const& peer() const { return peer_; }
    /// Whether the handshake came before INFO.
    bool handshake_came_first() const { return handshake_first_; }
    /// Whether it is still unknown who is behind the proxy.
    bool awaits_proxy() const {
        bool const at_first = step_ == Step::Begin || step_ == Step::ProxyHeader;
        return at_first && context_.options->proxy_protocol;
    }

private:
    enum class Step {
        Begin,
        ProxyHeader,
        FirstHandshake,  ///< For a moment, a handshake may begin before INFO.
        Choice,          ///< The first byte says whether it is TLS.
        Handshake,
        PeerCheck,  ///< Others are asked about the peer's certificate.
        Over,
    };

    void look_at_proxy_header();
    void choose();
    void secure();
    void secured(Result<std::shared_ptr<tls::PeerIdentity const>> outcome);
    void check_peer();
    event::CertificateFacts facts_of(std::string const& pem) const;
    void say_invalid(std::size_t place, std::string const& why);
    void say_refused(std::string const& why);
    void finish();
    void refuse(CloseReason reason, std::string_view error = {});
    void wait(Step step, Duration time);
    void time_passed();

    ConnectionContext& context_;
    transport::Transport& transport_;
    Hooks hooks_;
    Step step_ = Step::Begin;
    std::string held_;  ///< What came and is not the proxy's header.
    world::TimerId timer_;
    std::shared_ptr<tls::PeerIdentity const> peer_;
    bool handshake_first_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::connection
