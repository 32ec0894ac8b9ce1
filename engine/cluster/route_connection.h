#pragma once

#include "engine/cluster/compression.h"
#include "engine/cluster/peer_connection.h"
#include "engine/cluster/peer_info.h"
#include "engine/cluster/route_context.h"
#include "engine/cluster/route_permissions.h"
#include "engine/cluster/route_recipient.h"
#include "engine/cluster/run_gatherer.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::cluster {

class RouteTable;

/// Why a route is there, and so what becomes of it when it ends.
struct RouteOrigin {
    bool dialled = false;
    bool configured = false;               ///< Its URL stands in the configuration.
    std::optional<config::ServerUrl> url;  ///< Where to dial again; none: the other side does.
    std::string account;                   ///< That it is for alone; empty: for those of its place.
    std::string remote_id;                 ///< Who is expected there; empty: not known.
    int attempts = 0;                      ///< It took to reach it.
};

/// One connection to another server of the cluster.
///
/// Both say CONNECT or nothing, then INFO; where they compress, INFO once more. From then on it is
/// open: the table knows it, and interest and messages pass.
class RouteConnection final : public message::Publisher, private PeerOwner {
public:
    enum class State {
        Greeting,     ///< Whoever dialled says CONNECT; then INFO.
        Compressing,  ///< Compression is agreed on, and INFO comes again.
        Open,
        Closing,
    };

    RouteConnection(RouteContext& context, RouteTable& table, std::unique_ptr<world::Link> link,
                    std::uint64_t rid, RouteOrigin origin);
    ~RouteConnection() override;

    void start();

    void close(connection::CloseReason reason, std::string_view error = {}) {
        peer_.close(reason, error);
    }
    bool is_open() const { return state_ == State::Open && !peer_.is_closing(); }

    /// Somebody here begins or ceases to listen; a weight of zero ceases.
    void tell(protocol::PeerInterest const& interest);
    void send(std::string_view lines) { peer_.send(lines); }

    /// The settings changed; what they say of it holds from now on. Answers what was permitted
    /// before; subscriptions of the peer that are permitted no more are gone.
    RoutePermissions settings_changed();
    /// As `tell`, of what is not to be taken over this any more.
    void withdraw(protocol::PeerInterest interest);
    /// INFO again, with what changed.
    void say_info_again(bool lame_duck);

    std::uint64_t rid() const { return rid_; }
    RouteOrigin const& origin() const { return origin_; }
    RouteOrigin& origin() { return origin_; }
    PeerInfo const& remote_info() const { return info_; }
    /// The account it is for alone; empty: for several.
    std::string const& account() const { return account_; }
    std::size_t pool_index() const { return pool_index_; }
    PeerConnection& peer() { return peer_; }
    PeerConnection const& peer() const { return peer_; }
    std::string_view compression() const;
    bool understands_headers() const { return info_.headers; }
    bool understands_origins() const { return info_.knows_origins; }
    RoutePermissions const& permissions() const { return permissions_; }
    std::size_t subscription_count() const;
    /// The peer took or sent something after it was told who this is.
    bool is_confirmed() const { return confirmed_; }

    /// Calls `visit` with each account that the other server listens in.
    template <class Visit>
    void for_each_recipient(Visit visit) const {
        for (auto const& [index, recipient] : recipients_) {
            visit(*recipient);
        }
    }
    /// The account is gone.
    void forget(account::Account const& account) {
        recipients_.erase(account.index());
        last_account_ = nullptr;
    }

    // message::Publisher
    message::Recipient const* without_echo() const override { return nullptr; }
    /// It has no number among those of clients.
    std::uint64_t connection_id() const override { return 0; }
    void describe(event::ClientInfo& info) const override;
    void stall() override {}

private:
    // PeerOwner
    void take(protocol::PeerParser::Step step) override;
    void read_is_over() override;
    void measured(Duration rtt) override;
    void closed(connection::CloseReason reason) override;

    // In route_handshake.cpp
    void begin();
    void send_info(std::int64_t pool_index, std::string const& account, bool lame_duck = false);
    void connect(std::string_view json);
    void authenticate(PeerConnect const& connect);
    void admitted(bool yes, PeerConnect const& connect);
    bool is_known_by_certificate() const;
    void info_came(std::string_view json);
    void peer_changed(PeerInfo info);
    void first_info(PeerInfo info);
    bool begin_compression(PeerInfo const& info);
    void greeted();
    void place_dialled();
    void place_accepted();
    void refuse_account();
    void open();

    // In route_connection.cpp
    void write_interest(protocol::PeerInterest const& interest);
    void take_error(std::string_view text);
    void take_message(protocol::PeerMessage const& message);
    void publish_gathered();
    void publish_alone(protocol::PeerMessage const& message, account::Account& account);
    account::Account* account_named(std::string_view name);
    void take_interest(protocol::PeerInterest const& interest, bool there);
    RouteRecipient& recipient_of(account::Account& account);
    PeerSettings peer_settings() const;

    RouteContext& context_;
    RouteTable& table_;
    std::uint64_t rid_;
    RouteOrigin origin_;
    PeerConnection peer_;
    State state_ = State::Greeting;
    PeerInfo info_;  ///< Of the peer.
    config::CompressionMode compression_ = config::CompressionMode::NotSupported;
    compress::S2Level level_ = compress::S2Level::Uncompressed;
    RoutePermissions permissions_;
    std::string account_;
    std::size_t pool_index_ = 0;
    bool connected_ = false;  ///< CONNECT came and was good.
    bool confirmed_ = false;
    RunGatherer gathered_;
    account::Account* last_account_ = nullptr;                             ///< Of the last message.
    std::map<std::uint32_t, std::unique_ptr<RouteRecipient>> recipients_;  ///< By account index.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::cluster
