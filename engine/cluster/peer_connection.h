#pragma once

#include "engine/base/logger.h"
#include "engine/config/cluster_options.h"
#include "engine/connection/close_reason.h"
#include "engine/protocol/peer_parser.h"
#include "engine/tls/session.h"
#include "engine/transport/transport.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::cluster {

class PeerConnection;

/// What a connection to another server asks of whoever knows what is said over it: a route, a
/// gateway, a leaf node.
class PeerOwner {
public:
    virtual ~PeerOwner() = default;

    /// One operation came; its views last until this returns, or until `read_is_over` when the
    /// parser `reads_from_input`. PING and PONG, and faults, are dealt with before.
    virtual void take(protocol::PeerParser::Step step) = 0;

    /// All that came at once was taken.
    virtual void read_is_over() {}

    /// The round-trip time was measured.
    virtual void measured(Duration) {}

    /// It is over. Called once, later than whatever ended it, and the owner may destroy the
    /// connection.
    virtual void closed(connection::CloseReason reason) = 0;
};

struct PeerSettings {
    protocol::PeerForm form;
    std::string label;  ///< In the log: `rid:7`.
    std::string kind;   ///< Likewise: `Router`.
    bool dialled = false;
    Duration longest_ping_interval{0};  ///< PINGs come no later, whatever the options say.
    std::int64_t max_pending = 64 * 1024 * 1024;
    Duration ping_interval = base::minutes(2);
    std::int64_t ping_max = 2;
    Duration write_deadline = base::seconds(10);
    bool close_on_write_timeout = true;
    protocol::PeerLimits limits;

    /// With what options for such connections say, over what they say of clients.
    void use(config::PeerTimes const& times);
};

/// A connection to another server as far as its kind does not matter: TLS and compression, what is
/// still to be sent, PINGs, limits, the log. Knows no verb's meaning but those.
///
/// Nothing is sent or read before `start` or `secure`.
class PeerConnection final : private transport::TransportOwner {
public:
    struct Parts {
        World& world;
        transport::FlushQueue& flush;
        Logger& log;
    };
    using OnSecured = std::function<void(std::shared_ptr<tls::PeerIdentity const>)>;

    struct Counts {
        std::uint64_t in_msgs = 0;
        std::uint64_t in_bytes = 0;
        std::uint64_t out_msgs = 0;
        std::uint64_t out_bytes = 0;
    };

    /// `owner` outlives it.
    PeerConnection(Parts parts, std::unique_ptr<world::Link> link, PeerOwner& owner,
                   PeerSettings settings);
    ~PeerConnection() override;

    PeerConnection(PeerConnection const&) = delete;
    PeerConnection& operator=(PeerConnection const&) = delete;

    /// Begins to read.
    void start() { transport_.start(); }
    /// Puts TLS in front, at once: `secured` is called when the handshake is done; when it fails
    /// or does not end within `timeout`, the connection closes.
    void secure(std::unique_ptr<tls::Session> session, Duration timeout, OnSecured secured);

    /// From now on both sides speak S2; what was said before goes out in the plain. Called while
    /// the operation that agreed on it is taken.
    void compress(compress::S2Level level, std::size_t budget);
    bool is_compressed() const { return compressed_; }
    void set_compression(compress::S2Level level);
    /// The peer is known: what it sends may expand as it likes.
    void trust_compression();

    /// Closes unless `stop_waiting` is called in time: the peer has to say who it is.
    void wait_for_peer(Duration timeout, connection::CloseReason reason, std::string_view error);
    void stop_waiting();

    /// Called while an operation is taken: nothing more is read or taken until `resume`.
    void hold();
    void resume();

    /// The first PING comes soon, the others at the interval, whatever is said meanwhile.
    void begin_pings();
    void ping_now();

    protocol::PeerParser& parser() { return parser_; }
    transport::Transport& transport() { return transport_; }
    transport::Transport const& transport() const { return transport_; }

    /// A whole line, or several.
    void send(std::string_view lines);
    /// More than the limit waits for a peer that does not read: it closes. True: it falls behind.
    bool check_pending();

    /// Says why, where the peer is to know, and takes nothing more.
    void close(connection::CloseReason reason, std::string_view error = {});
    bool is_closing() const { return closing_; }

    void note(LogLevel level, std::string_view text) const;
    bool traces() const { return log_.wants(LogLevel::Trace); }

    PeerSettings const& settings() const { return settings_; }
    /// Others hold from now on.
    void set_settings(PeerSettings settings);
    world::Address const& remote() const { return transport_.remote(); }
    Duration rtt() const { return pings_.rtt; }
    WallTime started_at() const { return started_at_; }
    Instant last_heard() const { return last_heard_; }
    std::shared_ptr<tls::PeerIdentity const> const& identity() const { return identity_; }
    Counts counts;

private:
    // transport::TransportOwner
    std::span<char> receive_space() override { return parser_.writable(); }
    void received(Bytes bytes) override;
    void deadline_passed() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

    void run();
    void take(protocol::PeerParser::Step step);
    void fault();
    void answered();
    void ping_due();
    Duration ping_interval() const;
    void schedule_ping(Duration after);

    World& world_;
    Logger& log_;
    PeerOwner& owner_;
    PeerSettings settings_;
    transport::Transport transport_;
    protocol::PeerParser parser_;
    std::shared_ptr<tls::PeerIdentity const> identity_;
    world::TimerId wait_timer_;
    WallTime started_at_;
    Instant last_heard_;
    struct Pings {
        world::TimerId timer;
        Instant sent;
        Duration rtt{0};
        std::int64_t outstanding = 0;
    };
    Pings pings_;
    bool compressed_ = false;
    bool unread_ = false;              ///< What came with the change to compression waits.
    std::optional<std::string> held_;  ///< What came and is not looked at, while it is held.
    bool closing_ = false;
    bool running_ = false;  ///< What came is being taken.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::cluster
