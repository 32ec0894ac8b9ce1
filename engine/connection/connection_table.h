#pragma once

#include "engine/connection/client_connection.h"
#include "engine/connection/connection_context.h"
#include "engine/connection/connection_list.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::connection {

/// A connection that is gone, as monitoring shows it.
struct ClosedConnection {
    /// A subscription it had.
    struct Filter {
        std::string filter;
        std::string queue;
        std::string sid;
        std::uint64_t delivered = 0;
        std::uint64_t max = 0;
    };

    observe::ConnectionIdentityPtr identity;
    auth::Identity who;
    WallTime stop;
    WallTime last_activity;
    CloseReason reason = CloseReason::ClientClosed;
    Duration rtt{0};
    std::uint64_t in_msgs = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t stalls = 0;
    std::shared_ptr<std::vector<Filter> const> subscriptions;  ///< Null: it had none.
};

/// Who is judged anew when an account changed.
enum class AskAgain {
    Everyone,
    ButOfServices,  ///< Of those whom a service admitted, nothing has changed.
};

/// The connections of one server: gives them their numbers, keeps them, and lays those that closed
/// to rest once nobody is on the stack of one of them.
class ConnectionTable {
public:
    /// `context` outlives the table.
    explicit ConnectionTable(ConnectionContext& context) : context_(context) {}
    ~ConnectionTable();

    ConnectionTable(ConnectionTable const&) = delete;
    ConnectionTable& operator=(ConnectionTable const&) = delete;

    /// Takes a client in.
    void accept(std::unique_ptr<world::Link> link);

    /// None of that number, or one that is closing: null.
    ClientConnection* find(std::uint64_t cid);

    /// Those that are not closing.
    std::size_t open_count() const { return open_.size() - closing_.size(); }

    /// Closes the one that has been here longest; false: there is none.
    bool close_oldest(CloseReason reason);

    /// Tells all that understand it what INFO says now.
    void say_info_again();

    /// Whether one more than allowed is connected.
    bool is_full() const;

    /// A number for something that is no connection but takes part in their count.
    std::uint64_t take_number() { return next_cid_++; }

    /// False: there is none of that number.
    bool disconnect(std::uint64_t cid);

    /// Closes all, each after what is pending for it was written, or a moment has passed; `done` is
    /// called when none is left, never from within this call.
    void close_all(CloseReason reason, std::function<void()> done);

    /// Whether someone stays who he is without being asked again.
    using Stands = std::function<bool(auth::Credentials const&, auth::Identity const&)>;

    /// The users changed: everyone is asked again, by what they showed when they came, but those of
    /// whom `stands` says that nothing changed.
    void authenticate_again(Stands const& stands = [](auto const&...) { return false; });
    /// Likewise the users of one account.
    void authenticate_again(std::string_view account, AskAgain who);

    /// The calendar jumped.
    void calendar_changed();

    /// Makes the lowered or raised settings hold for those who are connected.
    void settings_changed();

    /// Tells whoever watches of all connections anew, after it missed some.
    void announce_all();

    /// Those that are open or closing, by number.
    ConnectionList const& open() const { return open_; }
    /// The newest last.
    std::deque<ClosedConnection> const& closed() const { return closed_; }

    // Said by connections of themselves.
    void closing(std::uint64_t cid);
    void drained(std::uint64_t cid);
    std::uint32_t slot_of(std::uint64_t cid) const;

private:
    using ConnectionPtr = std::unique_ptr<ClientConnection>;

    void close_surplus_of_accounts();
    void reap();
    void lay_to_rest(std::uint64_t cid);
    void remember(ClientConnection const& connection);
    void finish_if_empty();

    ConnectionContext& context_;
    /// Closed, with something left to say.
    struct Lingering {
        ConnectionPtr connection;
        std::uint32_t slot = 0;
    };

    ConnectionList open_;
    std::map<std::uint64_t, Lingering> lingering_;
    std::vector<std::uint64_t> closing_;
    std::vector<ConnectionPtr> gone_;  ///< Destroyed when nobody is on their stack.
    std::deque<ClosedConnection> closed_;
    std::function<void()> when_empty_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::uint64_t next_cid_ = 1;
    bool reaping_ = false;
};

}  // namespace signalbox::connection
