#pragma once

#include "engine/account/membership.h"
#include "engine/connection/client_subscriptions.h"
#include "engine/connection/close_reason.h"
#include "engine/connection/connection_context.h"
#include "engine/connection/entry.h"
#include "engine/connection/keep_alive.h"
#include "engine/message/recipient.h"
#include "engine/permission/authorizer.h"
#include "engine/protocol/client_parser.h"
#include "engine/protocol/connect_options.h"
#include "engine/transport/transport.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::connection {

class ConnectionTable;

/// A client from accept to close.
///
/// In each state exactly the operations listed are allowed: `Greeting` CONNECT, and any other first
/// verb only where it may come in without credentials; `Authenticating` none, what comes meanwhile
/// is held; `Open` all; `Closing` none.
class ClientConnection : public message::Recipient,
                         public message::Publisher,
                         public transport::TransportOwner {
public:
    enum class State {
        Greeting,
        Authenticating,
        Open,
        Closing,
    };

    ClientConnection(ConnectionContext& context, ConnectionTable& table,
                     std::unique_ptr<world::Link> link, std::uint64_t cid);
    ~ClientConnection() override;

    /// Says INFO and begins to listen.
    void start();

    /// Says why, where the client is to know, and takes nothing more; the table removes it soon.
    void close(CloseReason reason, std::string_view error_text = {});

    /// After `close`: takes its subscriptions out of the account.
    void release_subscriptions();

    /// The server's settings changed; what they say of this connection holds from now on.
    void settings_changed();

    /// Says INFO again, which tells of a coming shutdown. False: this client would not understand
    /// it, or is not ready for it.
    bool say_info_again();
    /// The same for one client alone, with the word of a coming shutdown.
    bool warn_of_shutdown();

    /// The users changed: what this one showed must still admit it.
    void authenticate_again();
    /// Likewise, unless it is someone of whom `stands` says that nothing changed.
    void authenticate_again(
        std::function<bool(auth::Credentials const&, auth::Identity const&)> const& stands);

    /// The calendar jumped: who ends on a date may have to go now, or not so soon.
    void calendar_changed();

    /// Tells others that it is gone, if they were told that it came.
    void say_disconnected();

    /// Asks for the round-trip time when it is not known.
    void measure_rtt() { keep_alive_.measure(); }

    std::uint64_t cid() const { return cid_; }
    State state() const { return state_; }
    CloseReason reason() const { return ending_.reason; }
    bool said_why() const { return ending_.said_why; }
    Duration rtt() const { return keep_alive_.rtt(); }
    world::Address const& remote() const { return transport_.remote(); }
    transport::Transport& transport() { return transport_; }
    protocol::ConnectOptions const& options() const { return options_; }
    account::Account const& account() const { return *account_; }
    auth::Identity const& identity() const { return who_; }
    ClientSubscriptions const& subscriptions() const { return subscriptions_; }
    observe::ConnectionCounters const& counters() const { return *counters_; }
    observe::ConnectionIdentityPtr const& observed_identity() const { return observed_; }
    WallTime accepted_at() const { return handshake_.accepted_at; }
    /// What TLS told of it; null: it came in the plain.
    std::shared_ptr<tls::PeerIdentity const> const& peer() const { return handshake_.peer; }

    /// What its permissions say to a subject, for those who ask why.
    permission::Ruling rule_publish(std::string_view subject) const {
        return authorizer_.rule_publish(subject);
    }
    permission::Ruling rule_hearing(std::string_view subject,
                                    message::Subscription const& subscription) const {
        return authorizer_.rule_receive(subject, subscription.queue, subscription.screening);
    }

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    void finish(message::Subscription& subscription) override;
    std::string_view name() const override { return options_.name; }
    std::string_view refusal(message::Subscription const& subscription,
                             subject::PublishSubject subject) const override;

    // message::Publisher
    message::Recipient const* without_echo() const override {
        return options_.echo ? nullptr : this;
    }
    std::uint64_t connection_id() const override { return cid_; }
    void describe(event::ClientInfo& info) const override;
    void stall() override;

private:
    // transport::TransportOwner
    std::span<char> receive_space() override { return parser_.writable(); }
    void received(Bytes bytes) override;
    void drained() override;
    void flushed() override { counters_->pending_bytes.set(transport_.pending()); }
    void deadline_passed() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

    // In client_connection.cpp: operations as they come.
    void run();
    void take(protocol::ClientParser::Step step);
    bool may_begin();
    void answer_ping();
    void fault();
    /// On what occasion INFO is said.
    enum class InfoKind {
        First,
        AnswersPing,
        Changed,
        ShutdownComes,
    };
    bool understands_info() const {
        return state_ != State::Closing && handshake_.greeted && options_.protocol >= 1;
    }
    void send_info(InfoKind kind);
    bool has_room();
    void prepare_entry();
    void begin_protocol();
    void note(LogLevel level, std::string_view text);

    // In client_handshake.cpp: who it is.
    void connect();
    auth::Credentials credentials() const;
    void authenticate();
    void judge(auth::Verdict const& verdict);
    void judge_again(auth::Verdict const& verdict);
    bool admit(auth::Identity const& identity);
    bool become(auth::Identity const& identity);
    void refuse(auth::Verdict const& verdict);
    void start_auth_timer();
    void schedule_expiry();
    void review_subscriptions();
    std::int64_t max_payload() const;
    std::int64_t max_subscriptions() const;

    // In client_events.cpp: what others are told of it.
    event::ClientInfo client_info() const;
    void say_connected();
    void say_refused(CloseReason reason, auth::Verdict const& verdict);
    template <class Gone>
    Gone gone(CloseReason reason) const;

    // In client_messages.cpp: publishing, subscribing, delivering.
    void publish(protocol::Publish const& message);
    void gather(protocol::Publish const& message);
    void publish_gathered();
    bool check_publish(protocol::Publish const& message);
    bool check_reply(std::string_view reply);
    void answer_no_responders(std::string_view reply, std::string_view subject);
    void subscribe(protocol::Subscribe const& request);
    bool check_filter(protocol::Subscribe const& request, subject::Filter filter);
    bool has_room_for_subscription();
    void unsubscribe(protocol::Unsubscribe const& request);
    void remove(message::Subscription& subscription);
    void violation(std::string const& text, std::string const& logged);
    void note_requests(message::MessageRun const& run);
    void write_run(message::Subscription const& subscription, message::MessageRun const& run);
    bool share_run(Bytes beginning, std::string_view sid, message::MessageRun const& run);
    void write_large(Bytes beginning, message::MessageRun const& run,
                     message::MessageView const& message);
    void write_rebuilt(message::Subscription const& subscription, message::MessageRun const& run,
                       message::MessageView const& message);
    void slow_consumer(CloseReason reason, std::string const& text);

    // In client_rewriting.cpp: what is published as something else.
    bool headers_concern_us(Bytes headers) const;
    void publish_closely(protocol::Publish const& message);
    void publish_rewritten(protocol::Publish const& message, dispatch::MessageTrace* trace);
    void lose(protocol::Publish const& message);
    void trace_refused(protocol::Publish const& message, std::uint64_t size);
    bool may_be_traced(dispatch::TraceWish const& wish);

    /// What this read brought, added to the counters at its end.
    struct Inbound {
        std::uint64_t msgs = 0;
        std::uint64_t bytes = 0;
        std::uint64_t delivered_msgs = 0;
        std::uint64_t delivered_bytes = 0;
    };
    struct Handshake {
        WallTime accepted_at;
        std::unique_ptr<Entry> entry;  ///< Until the protocol begins, where something precedes it.
        std::shared_ptr<tls::PeerIdentity const> peer;  ///< Null without TLS.
        bool tls_first = false;                         ///< TLS came before INFO.
        world::TimerId timer;                           ///< Until it is known who this is.
        world::TimerId expiry;                          ///< When who this is ends.
        Duration took{0};                               ///< From accepting to the first CONNECT.
        std::string nonce;  ///< As INFO had it; empty: nothing has to be signed.
        permission::ConnectionType type = permission::ConnectionType::Standard;
        unsigned attempt = 0;    ///< Verdicts on earlier ones are void.
        bool connected = false;  ///< A CONNECT came.
        bool greeted = false;    ///< The first PING after it was answered.
        bool announced = false;  ///< Others were told that it came.
    };
    struct Ending {
        CloseReason reason = CloseReason::ClientClosed;
        bool said_why = false;
    };
    /// What each delivery asks of the settings, kept at hand.
    struct DeliveryLimits {
        std::size_t max_pending = 0;
        std::size_t falls_behind = 0;  ///< Above this, publishers are slowed.
        bool refuse_when_behind = false;
        bool trace = false;
    };
    void read_settings();
    void count(Inbound const& inbound);
    observe::ConnectionIdentityPtr make_identity() const;

    ConnectionContext& context_;
    ConnectionTable& table_;
    std::uint64_t cid_;
    transport::Transport transport_;
    protocol::ClientParser parser_;
    protocol::ConnectOptions options_;
    account::Membership account_;
    auth::Identity who_;
    permission::Authorizer authorizer_;
    ClientSubscriptions subscriptions_;
    KeepAlive keep_alive_;
    observe::ConnectionCounters* counters_ = nullptr;
    DeliveryLimits limits_;
    observe::ConnectionIdentityPtr observed_;
    Inbound inbound_;
    world::TimerId stall_timer_;
    State state_ = State::Greeting;
    Handshake handshake_;
    Ending ending_;
    bool running_ = false;  ///< Within `run`, which goes on by itself after a verdict.
};

}  // namespace signalbox::connection
