#pragma once

#include "engine/client/client_options.h"
#include "engine/client/request_table.h"
#include "engine/protocol/client_writer.h"
#include "engine/protocol/server_parser.h"
#include "engine/world/world.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::client {

using Sid = std::uint64_t;

/// A message that came. Views last while the callback runs.
struct Incoming {
    std::string_view subject;
    std::string_view reply;
    std::string_view headers;  ///< The whole block.
    std::string_view payload;
    Sid sid = 0;
};

/// A message to send. `headers` is a whole block, as `protocol::header_block` makes it.
struct Outgoing {
    std::string_view subject;
    std::string_view reply;
    std::string_view headers;
    std::string_view payload;
};

enum class State {
    Idle,        ///< `connect` was not called yet.
    Connecting,  ///< Dialling, or not yet let in.
    Connected,
    Waiting,  ///< For the next attempt.
    Closed,   ///< For good.
};

/// What the owner is told. All are called on the world's thread, never from within a call to the
/// client except `close`; none may destroy the client.
struct Callbacks {
    /// `detail` says why, when something went wrong.
    std::function<void(State, std::string_view detail)> state;
    /// An -ERR that leaves the connection open, such as a permission violation.
    std::function<void(std::string_view text)> error;
};

struct Counts {
    std::uint64_t messages_in = 0;
    std::uint64_t bytes_in = 0;  ///< Of headers and payloads.
    std::uint64_t messages_out = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t connects = 0;  ///< How often it got in.
};

/// A client of a server: publishes, subscribes, requests, and finds its way back when the
/// connection is lost.
///
/// Asynchronous and for one thread. Subscriptions survive a lost connection; what was published
/// while there was none waits, up to `max_pending`, and what was on its way when it broke is lost.
class Client final : private world::LinkOwner, private world::EndOfTurn {
public:
    using OnMessage = std::function<void(Incoming const&)>;
    using OnFlushed = std::function<void(Result<void>)>;

    Client(World& world, ClientOptions options, Callbacks callbacks = {});
    /// Closes at once; nothing is called any more.
    ~Client() override;

    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    void connect();

    /// `queue_group` empty for a plain subscription. Errors: InvalidArgument, Closed.
    Result<Sid> subscribe(std::string_view filter, std::string_view queue_group, OnMessage done);

    /// Now, or after `max` messages in all.
    void unsubscribe(Sid sid, std::uint64_t max = 0);

    /// Errors: InvalidArgument (the subject, or a reply with a blank in it), LimitExceeded (too
    /// large for the server, or too much is pending), Closed.
    Result<void> publish(Outgoing const& message);

    /// `done` is called once, unless this answers an error, which are those of `publish`.
    Result<void> request(Outgoing const& message, Duration timeout, OnReply done);

    /// Calls `done` when the server has seen all that was sent so far. Errors, of `done`: Closed
    /// (the connection was lost first, or there is none).
    void flush(OnFlushed done);

    /// Sends what is pending as far as the network takes it, then ends for good.
    void close();

    State state() const { return state_; }
    Counts const& counts() const { return counts_; }
    std::size_t pending_bytes() const;
    std::size_t subscription_count() const { return subscriptions_.size(); }
    /// What the server said last, as JSON; empty before it said anything.
    std::string const& server_info() const { return server_info_; }

private:
    struct Subscription {
        std::string filter;
        std::string queue_group;
        std::shared_ptr<OnMessage const> done;  ///< Outlives a callback that unsubscribes.
        std::uint64_t received = 0;
        std::uint64_t max = 0;
    };

    /// What a CONNECT of an nkey holds views of.
    struct Signature {
        std::string nkey;
        std::string text;
    };

    /// One connection, from the dialled link on.
    struct Wire {
        std::unique_ptr<world::Link> link;
        protocol::ServerParser parser;
        std::string out;
        bool blocked = false;    ///< The link took less than all; `writable` follows.
        bool secure = false;     ///< The link is encrypted, or about to be.
        bool greeted = false;    ///< CONNECT was sent.
        std::string last_error;  ///< Of the server, which it may close after.
        std::uint32_t pings_out = 0;
        std::deque<OnFlushed> pongs;  ///< An empty one is a ping of our own.
    };

    void received(Bytes bytes) override;
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;
    void end_of_turn() override;

    void dial();
    void dialled(Result<std::unique_ptr<world::Link>> link);
    void act(protocol::ServerOp const& op);
    void learn(Bytes json);
    bool secure();
    void greet();
    void sign(protocol::ConnectLine& line, Signature& signature) const;
    void pong();
    void refuse(std::string_view text);
    void take(protocol::MessageOp const& message);
    void append_subscription(std::string& out, Sid sid, Subscription const& subscription) const;
    void send_now();
    void set_timer(Duration wait, void (Client::*what)());
    void keep_alive();
    void drop_wire(std::string_view why);
    void lose(std::string_view why);
    void become(State state, std::string_view detail);

    World& world_;
    ClientOptions const options_;
    Callbacks const callbacks_;
    State state_ = State::Idle;
    std::size_t next_server_ = 0;
    std::unique_ptr<world::Dial> dial_;
    std::unique_ptr<Wire> wire_;
    /// Its parser may hold what a callback still reads; gone at the end of the turn.
    std::unique_ptr<Wire> old_wire_;
    std::string pending_;  ///< Published while not connected.
    Backoff backoff_;
    world::TimerId timer_;  ///< For the next attempt or the next ping.
    std::map<Sid, Subscription> subscriptions_;
    Sid last_sid_ = 0;
    RequestTable requests_;
    Sid inbox_ = 0;
    std::string server_info_;
    std::size_t max_payload_ = 0;  ///< 0: not known.
    std::string nonce_;            ///< What the server wants signed; empty: nothing.
    Counts counts_;
};

}  // namespace signalbox::client
