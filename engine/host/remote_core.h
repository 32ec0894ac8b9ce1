#pragma once

#include "engine/client/client.h"
#include "engine/host/command.h"
#include "engine/host/connection_pages.h"
#include "engine/host/remote_asking.h"
#include "engine/host/remote_options.h"
#include "engine/host/remote_picture.h"
#include "engine/host/remote_rounds.h"
#include "engine/host/remote_topology.h"
#include "engine/host/remote_traffic.h"
#include "engine/observe/snapshot.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::host {

/// How it stands with a server elsewhere, for a person.
struct RemoteNews {
    enum class State {
        Attaching,
        Attached,
        Lost,     ///< It was attached, and is tried again.
        Refused,  ///< It will not be tried again: the server does not want this user, say.
    };
    State state = State::Attaching;
    std::string note;  ///< A sentence or two; empty: all is well.
    bool client_connected = false;
    observe::FiguresFrom figures = observe::FiguresFrom::Nowhere;
    bool events = false;

    friend bool operator==(RemoteNews const&, RemoteNews const&) = default;
};

/// Who is told what a poller learns, on its thread.
struct RemoteSink {
    std::function<void(observe::SnapshotPtr)> snapshot;
    std::function<void(observe::EventRow)> event;
    std::function<void(RemoteNews const&)> news;
    std::function<void(Outcome)> outcome;
    /// Once: where the rows of taps are, for another thread to read.
    std::function<void(std::shared_ptr<observe::Observation>)> observation;
};

/// Looks at one server elsewhere: over a client connection, another of a user of the system
/// account, and its monitoring listener, whichever there are. Belongs to one thread.
class RemoteCore {
public:
    /// What stands in rows and snapshots as the server's number.
    static constexpr std::uint32_t kServer = 1;

    RemoteCore(World& world, RemoteOptions options, RemoteSink sink);
    ~RemoteCore();

    RemoteCore(RemoteCore const&) = delete;
    RemoteCore& operator=(RemoteCore const&) = delete;

    void start();

    void set_watched(bool watched);
    void set_tree_query(std::optional<observe::TreeQuery> query);
    void set_sampling(std::optional<SamplingOrder> order);
    /// Whether snapshots hold how the servers hang together.
    void set_topology(bool wanted) { topology_.want(wanted); }
    /// Errors, of the outcome: PermissionDenied (it is looked at only), Unavailable,
    /// InvalidArgument, Closed, TimedOut.
    void run(Token token, Command command);

private:
    /// One client connection and how it stands.
    struct Connection {
        std::unique_ptr<client::Client> client;
        client::State state = client::State::Idle;
        std::string why;  ///< It was lost or refused.
        std::optional<ServerGreeting> greeting;

        bool connected() const { return state == client::State::Connected; }
        bool refused() const { return state == client::State::Closed; }
    };
    /// Whether a user of the system account is there.
    enum class Probe {
        Unknown,
        Asking,
        Yes,
        No,
    };

    /// The ways of asking there are.
    struct Ways {
        std::unique_ptr<MonitoringAsking> monitoring;
        std::unique_ptr<Asking> by_client;
        Probe system = Probe::Unknown;
        Probe own_account = Probe::Unknown;
        observe::FiguresFrom used = observe::FiguresFrom::Nowhere;
        bool events = false;
    };

    void begin(tls::Settings const& trusted);
    void log_in(Connection& connection, RemoteIdentity const& identity, std::string name);
    void open(Connection& connection, client::ClientOptions options);
    void changed(Connection& connection, client::State state, std::string_view detail);
    void refused(std::string_view text);

    Connection& asker() { return options_.system_identity ? system_ : main_; }
    std::string server_id() const;
    std::string server_name() const;
    void probe_system();
    void probe_own_account();
    void listen_to_events();
    void choose();
    void use(observe::FiguresFrom from);
    std::size_t take(Document document, Json const& json);

    void run_one(Token token, SetTap command);
    void run_one(Token token, Publish command);
    void run_one(Token token, Request command);
    void run_one(Token token, Disconnect command);
    template <class Other>
    void run_one(Token token, Other const&) {
        answer(token, Error(Errc::Unavailable, "this server does not run in this program"));
    }
    Result<void> may_write() const;
    void answer(Token token, Result<std::optional<Reply>> result);

    void look_again();
    void look();
    void tell();
    RemoteNews news() const;
    std::string note() const;
    observe::RemoteFacts facts() const;
    bool figures_fresh() const;

    /// What is not to be had, in words; empty: nothing was refused.
    struct Refusals {
        std::string mistake;  ///< In the options: nothing will come of it.
        std::string publish;  ///< Of the message last published.
    };

    World& world_;
    RemoteOptions const options_;
    RemoteSink const sink_;
    ServerUrls urls_;
    std::optional<client::ClientTls> tls_;
    Refusals refused_;
    Connection main_;
    Connection system_;
    std::unique_ptr<RemoteTraffic> traffic_;
    Ways ways_;
    RemotePicture picture_;
    RemoteRounds rounds_;
    RemoteTopology topology_{world_};
    ConnectionPages pages_;
    std::uint64_t snapshots_ = 0;
    std::uint64_t listed_subscriptions_ = 0;
    std::optional<RemoteNews> told_;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
    world::TimerId timer_;
};

}  // namespace signalbox::host
