#pragma once

#include "engine/base/time.h"
#include "engine/host/remote_documents.h"
#include "engine/observe/snapshot.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signalbox::host {

/// Turns totals that are asked for now and then into rates: those of the time between two answers.
class AskedRate {
public:
    /// `seconds` after the last answer. A total that fell began anew.
    observe::Rate look(std::uint64_t total, double seconds) {
        if (known_ && total >= total_ && seconds > 0) {
            rate_ = static_cast<double>(total - total_) / seconds;
        } else if (!known_ || total < total_) {
            rate_ = 0;
        }
        known_ = true;
        total_ = total;
        return {total_, rate_};
    }

private:
    std::uint64_t total_ = 0;
    double rate_ = 0;
    bool known_ = false;
};

struct TrafficRates {
    AskedRate in_msgs;
    AskedRate in_bytes;
    AskedRate out_msgs;
    AskedRate out_bytes;
};

/// What is known of a server elsewhere, from its documents and events; and the events that can be
/// told from how the documents changed, when the server tells of none.
///
/// Knows neither threads nor clocks: whoever asks says when an answer came.
class RemotePicture {
public:
    using OnEvent = std::function<void(observe::EventRow)>;

    /// `server` stands in every row.
    RemotePicture(std::uint32_t server, OnEvent on_event)
        : server_(server), on_event_(std::move(on_event)) {}

    void take(ServerFigures const& figures, Instant now);
    void take_open(ConnectionsDocument const& document, Instant now, WallTime wall);
    void take_closed(ConnectionsDocument const& document);
    void take_accounts(std::vector<AccountFigures> const& accounts, Instant now);
    /// One of another server than this one is left out.
    void take(ClientEvent const& event);
    void take_refusal(ClientEvent const& event);

    /// A connection went, and nobody said why: the closed ones are worth asking for.
    bool wants_closed() const { return wants_closed_; }

    /// The figures of the server as such are known.
    bool has_figures() const { return figures_.has_value(); }
    ServerFigures const* figures() const { return figures_ ? &*figures_ : nullptr; }
    std::uint64_t connections_in_all() const { return connections_in_all_; }

    /// Lays what is known over what a snapshot says.
    void fill(observe::ServerSnapshot& snapshot) const;

    /// Another server is asked from now on.
    void forget();

private:
    struct Open {
        observe::ConnectionIdentityPtr identity;
        TrafficRates rates;
        observe::ConnectionRow row;
        bool listed = false;  ///< In the newest document.
        bool young = false;   ///< Told by an event, and perhaps too new for that document.
    };
    using ClosedRows = std::vector<observe::ClosedConnectionRow>;

    static bool same(observe::ConnectionIdentity const& a, observe::ConnectionIdentity const& b);
    void take_one(ConnectionFigures const& figures, double seconds);
    void drop_unlisted(bool complete, WallTime wall);
    void keep_closed(observe::ClosedConnectionRow row);
    void say(observe::EventKind kind, WallTime time, observe::ConnectionIdentityPtr who,
             std::string text);

    std::uint32_t server_;
    OnEvent on_event_;
    std::optional<ServerFigures> figures_;
    TrafficRates rates_;
    observe::Rate in_msgs_;
    observe::Rate in_bytes_;
    observe::Rate out_msgs_;
    observe::Rate out_bytes_;
    Instant figures_at_;
    std::map<std::uint64_t, Open> open_;
    Instant open_at_;
    bool open_known_ = false;
    std::uint64_t connections_in_all_ = 0;
    std::map<std::uint64_t, observe::ConnectionIdentityPtr> gone_;  ///< Closed, nobody said why.
    std::set<std::uint64_t> refused_;  ///< Were not let in; that they also closed is no event.
    std::shared_ptr<ClosedRows const> closed_;
    bool wants_closed_ = true;
    std::map<std::string, TrafficRates> account_rates_;
    std::shared_ptr<std::vector<observe::AccountRow> const> accounts_;
    Instant accounts_at_;
};

}  // namespace signalbox::host
