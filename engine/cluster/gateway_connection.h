#pragma once

#include "engine/cluster/gateway_context.h"
#include "engine/cluster/gateway_recipient.h"
#include "engine/cluster/peer_connection.h"
#include "engine/cluster/peer_info.h"
#include "engine/cluster/run_gatherer.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::cluster {

class GatewayTable;

/// Where another cluster was reached.
struct GatewayWay {
    std::string name;  ///< The cluster that is expected there.
    config::ServerUrl url;
};

/// One connection with a server of another cluster. Messages go from who dialled to who listens,
/// and what is listened to is told the other way: two clusters have connections both ways.
///
/// Who listens says INFO; who dialled CONNECT and INFO. Then it is open.
class GatewayConnection final : public message::Publisher, private PeerOwner {
public:
    enum class State {
        Greeting,
        Open,
        Closing,
    };

    /// `way`: how it was reached; none: it came in.
    GatewayConnection(GatewayContext& context, GatewayTable& table,
                      std::unique_ptr<world::Link> link, std::uint64_t gid,
                      std::optional<GatewayWay> way);
    ~GatewayConnection() override;

    void start();
    void close(connection::CloseReason reason, std::string_view error = {}) {
        peer_.close(reason, error);
    }
    bool is_open() const { return state_ == State::Open && !peer_.is_closing(); }
    void settings_changed();

    /// Of those that came in: somebody in this cluster listens, or does no longer.
    void tell(account::Account const& account, std::string_view filter, std::string_view queue,
              bool there);
    /// Of those that came in: everything that is listened to in the account.
    void tell_all(account::Account& account);
    void send(std::string_view lines) { peer_.send(lines); }

    std::uint64_t gid() const { return gid_; }
    bool is_outbound() const { return way_.has_value(); }
    /// Whom it was to reach; empty: it came in.
    std::string wanted() const { return way_ ? way_->name : std::string(); }
    /// The cluster at the other end.
    std::string const& gateway_name() const { return info_.gateway; }
    PeerInfo const& remote_info() const { return info_; }
    PeerConnection& peer() { return peer_; }
    PeerConnection const& peer() const { return peer_; }
    GatewayTable& table() { return table_; }
    dispatch::Dispatcher& dispatcher() { return context_.clients.dispatcher; }
    bool understands_headers() const { return info_.headers; }

    /// Of those that were dialled: what is wanted over there, by account.
    template <class Visit>
    void for_each_recipient(Visit visit) const {
        for (auto const& [index, recipient] : recipients_) {
            visit(*recipient);
        }
    }
    /// Null: nothing is wanted of the account.
    GatewayRecipient* recipient_of(account::Account const& account);
    /// Makes one for what has to be sent anyway.
    GatewayRecipient& make_recipient(account::Account& account);
    void forget(account::Account const& account) { recipients_.erase(account.index()); }

    // message::Publisher
    message::Recipient const* without_echo() const override { return nullptr; }
    std::uint64_t connection_id() const override { return gid_; }
    void describe(event::ClientInfo& info) const override;
    void stall() override {}

private:
    // PeerOwner
    void take(protocol::PeerParser::Step step) override;
    void read_is_over() override { publish_gathered(); }
    void closed(connection::CloseReason reason) override;

    PeerSettings peer_settings() const;
    void begin();
    void send_info();
    void connect(std::string_view json);
    void admitted(bool yes);
    void info_came(std::string_view json);
    void check_dialled();
    void open();
    void take_interest(protocol::PeerInterest const& interest, bool there);
    void take_message(protocol::PeerMessage const& message);
    void publish_gathered();
    void publish_alone(protocol::PeerMessage const& message, account::Account& account);
    void publish_answer(protocol::PeerMessage const& message, account::Account& account);

    GatewayContext& context_;
    GatewayTable& table_;
    std::uint64_t gid_;
    std::optional<GatewayWay> way_;
    PeerConnection peer_;
    State state_ = State::Greeting;
    PeerConnect connect_;
    PeerInfo info_;
    bool connected_ = false;  ///< A good CONNECT came.
    std::map<std::uint32_t, std::unique_ptr<GatewayRecipient>> recipients_;  ///< By account index.
    account::Account* last_account_ = nullptr;
    RunGatherer gathered_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::cluster
