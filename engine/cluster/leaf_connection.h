#pragma once

#include "engine/cluster/compression.h"
#include "engine/cluster/leaf_context.h"
#include "engine/cluster/leaf_interest.h"
#include "engine/cluster/leaf_recipient.h"
#include "engine/cluster/leaf_remote.h"
#include "engine/cluster/leaf_rules.h"
#include "engine/cluster/peer_connection.h"
#include "engine/cluster/peer_info.h"
#include "engine/cluster/run_gatherer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::cluster {

class LeafTable;

/// One connection of a leaf node with its hub, seen from either side, bound to one account.
///
/// Whoever listens says INFO; then TLS, where either wants it; then, where both compress, INFO goes
/// both ways once more. Whoever dialled says CONNECT and hears in another INFO who it became. From
/// then on interest and messages pass.
class LeafConnection final : public message::Publisher, private PeerOwner {
public:
    enum class State {
        Greeting,     ///< INFO is said and awaited.
        Compressing,  ///< Compression is agreed on, and INFO comes again.
        Connecting,   ///< CONNECT was said and is being looked at.
        Open,
        Closing,
    };

    /// `way`: how it was reached; none: it came in.
    LeafConnection(LeafContext& context, LeafTable& table, std::unique_ptr<world::Link> link,
                   std::uint64_t cid, std::optional<LeafWay> way);
    ~LeafConnection() override;

    void start();

    void close(connection::CloseReason reason, std::string_view error = {}) {
        peer_.close(reason, error);
    }
    bool is_open() const { return state_ == State::Open && !peer_.is_closing(); }

    /// The settings changed; what they say of it holds from now on.
    void settings_changed();
    /// The users changed: what it showed must still admit it.
    void authenticate_again();
    /// INFO again, with what changed.
    void say_info_again();

    std::uint64_t cid() const { return cid_; }
    /// How it was reached; null: it came in.
    LeafWay const* way() const { return way_ ? &*way_ : nullptr; }
    /// This server is the leaf node of the two.
    bool is_spoke() const { return role_.spoke; }
    bool is_isolated() const { return role_.isolated; }
    /// Once it is open, and until it is gone; null before.
    account::Account* account() const { return account_; }
    std::string const& remote_name() const { return remote_.name; }
    std::string const& remote_cluster() const { return remote_.cluster; }
    std::string const& remote_account() const { return remote_.account; }
    std::string const& remote_version() const { return remote_.version; }
    auth::Identity const& identity() const { return who_; }
    PeerConnection& peer() { return peer_; }
    PeerConnection const& peer() const { return peer_; }
    dispatch::Dispatcher& dispatcher() { return context_.clients.dispatcher; }
    LeafRules const& rules() const { return rules_; }
    LeafInterest* interest() { return interest_.get(); }
    LeafRecipient const* recipient() const { return recipient_.get(); }
    bool understands_headers() const { return remote_.headers; }
    /// As monitoring shows it.
    std::string_view compression() const;

    // message::Publisher
    message::Recipient const* without_echo() const override { return recipient_.get(); }
    std::uint64_t connection_id() const override { return cid_; }
    void describe(event::ClientInfo& info) const override;
    void stall() override {}

private:
    // PeerOwner
    void take(protocol::PeerParser::Step step) override;
    void read_is_over() override;
    void measured(Duration rtt) override;
    void closed(connection::CloseReason reason) override;

    // In leaf_handshake.cpp
    PeerSettings peer_settings() const;
    void start_accepted();
    void start_dialled();
    void secure_accepted(bool info_follows);
    void secure_dialled();
    void await_connect();
    std::string nonce();
    void send_info(bool connect_info);
    void connect(std::string_view json);
    auth::Credentials credentials() const;
    void judge(auth::Verdict const& verdict);
    void say_refused();
    void accepted();
    bool fits(account::Account& account);
    void info_came(std::string_view json);
    void first_info();
    void negotiate();
    bool begin_compression(config::CompressionOptions const& ours, std::string const& theirs);
    void send_connect();
    void sign_in(PeerConnect& connect) const;
    void info_changed(PeerInfo info);
    void open(account::Account& account);
    LeafRules make_rules() const;
    void error_came(std::string_view text);

    // In leaf_connection.cpp
    void tell(std::string_view filter, std::string_view queue, std::uint32_t count);
    void tell_all();
    void take_interest(protocol::PeerInterest const& interest, bool there);
    void loop_found();
    void add_marks();
    bool check_message(std::string_view subject);
    void take_message(protocol::PeerMessage const& message);
    void publish_gathered();
    void publish_alone(protocol::PeerMessage const& message);
    void publish(message::MessageRun const& run);
    message::Arrival arrival_of(protocol::PeerMessage const& message) const;

    /// What is known of the other side.
    struct Remote {
        std::string name;
        std::string cluster;  ///< Empty: it is in none.
        std::string account;
        std::string version;
        bool headers = false;
    };

    /// Of this side.
    struct Role {
        bool spoke = false;
        bool isolated = false;  ///< Hears nothing of what other leaf nodes listen to.
    };

    struct Agreed {
        config::CompressionMode mode = config::CompressionMode::NotSupported;
        compress::S2Level level = compress::S2Level::Uncompressed;
    };

    LeafContext& context_;
    LeafTable& table_;
    std::uint64_t cid_;
    std::optional<LeafWay> way_;
    PeerConnection peer_;
    State state_ = State::Greeting;
    Role role_;
    std::string nonce_;    ///< As our INFO has it.
    PeerInfo info_;        ///< Theirs, of those that were dialled.
    PeerConnect connect_;  ///< Theirs, of those that came in.
    Remote remote_;
    auth::Identity who_;
    account::Account* account_ = nullptr;
    LeafRules rules_;
    std::unique_ptr<LeafRecipient> recipient_;
    std::unique_ptr<LeafInterest> interest_;
    std::vector<std::string> marks_;  ///< Of other servers, heard of in this read.
    RunGatherer gathered_;
    Agreed compression_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::cluster
