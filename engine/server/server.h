#pragma once

#include "engine/account/account_directory.h"
#include "engine/auth/admission.h"
#include "engine/base/logger.h"
#include "engine/config/change.h"
#include "engine/config/options.h"
#include "engine/connection/acceptor.h"
#include "engine/connection/connection_context.h"
#include "engine/connection/connection_table.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/sharing.h"
#include "engine/monitor/monitor_listener.h"
#include "engine/observe/observation.h"
#include "engine/server/clock_watch.h"
#include "engine/server/cluster_side.h"
#include "engine/server/explain.h"
#include "engine/server/jetstream_side.h"
#include "engine/server/lame_duck.h"
#include "engine/server/listener_tls.h"
#include "engine/server/monitored_server.h"
#include "engine/server/server_identity.h"
#include "engine/server/server_log.h"
#include "engine/server/system_side.h"
#include "engine/transport/transport.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::server {

/// One server: builds the rooms below it, starts, reloads and stops. Owns all that a crash would
/// take.
///
/// An ordinary object of one thread; any number of them share a process and a world.
class Server : private ServerState {
public:
    using OnDone = std::function<void(Result<void>)>;

    /// `world` and `sink` outlive the server; `observation` is shared with whoever watches.
    Server(World& world, base::LogSink& sink, config::Options options,
           std::shared_ptr<observe::Observation> observation);
    /// Closes everything at once, without a word: what is pending is lost.
    ~Server() override;

    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    /// Files, listeners, and then "Server is ready". Called once; answers never from within, and
    /// not at all when it is stopped or destroyed before. Errors: Io (a file or a port), NotFound
    /// (a host); then the server is to be destroyed.
    void start(OnDone done);

    /// No more clients; those that are there are sent what is pending and closed; files are
    /// removed. Called once; ends lame duck mode.
    void stop(std::function<void()> done);

    /// No more clients from now on, and not ready any more. Those that are there are told, have a
    /// time of grace, and are then closed one by one, so that they do not all arrive elsewhere at
    /// once. `empty` is called when none is left, never from within this call, and the server is
    /// to be stopped then. False, and `empty` never is: it is not ready, or does so already.
    bool lame_duck(std::function<void()> empty);

    /// `ended` is called when the server cannot go on, and is to be stopped then: its certificate
    /// was revoked, and it may not do with such a one.
    void when_it_must_stop(std::function<void()> ended) { life_.must_stop = std::move(ended); }

    /// Applies all of `options` that may change while it runs, or nothing. `done` as with `start`.
    /// Errors: InvalidArgument (one that may not change differs).
    Result<void> reload(config::Options options);

    /// Why new settings were not even read, for the log, those who watch, and whoever asked.
    void refuse_reload(std::string const& why);

    /// Who is told that somebody asks for a reload over the system account, and then calls
    /// `reload` or `refuse_reload`. Set before `start`; without it such requests are refused.
    void on_reload_request(std::function<void()> hook) {
        system_.on_reload_request(std::move(hook));
    }

    /// False: no such connection.
    bool disconnect(std::uint64_t cid) const override {
        return connections_.disconnect(cid) || cluster_.leafs().disconnect(cid);
    }

    /// What crosses the walls between its accounts.
    dispatch::Sharing& sharing() { return sharing_; }
    dispatch::Sharing const& sharing() const override { return sharing_; }

    /// The other servers of its cluster; null: it has none.
    cluster::RouteTable const* routes() const override { return cluster_.routes(); }
    /// Likewise; null: there are none.
    cluster::GatewayTable const* gateways() const override { return cluster_.gateways().table(); }
    cluster::LeafTable const* leafs() const override { return cluster_.leafs().table(); }

    /// What would become of a message.
    observe::Explanation explain(observe::ExplainQuestion const& question) const {
        return server::explain(question, *this, sharing_);
    }

    /// What to watch; none ends it.
    void set_tap(std::optional<observe::TapFilter> filter) {
        observation_->set_tap(std::move(filter));
    }

    /// Repeats to whoever watches what it had no room for.
    void answer_resync();

    ServerIdentity const& identity() const override { return identity_; }
    config::Options const& options() const override { return options_; }
    /// Where clients connect; port 0 until it listens.
    world::Address const& client_address() const override { return life_.clients; }
    /// Port 0: there is none.
    world::Address const& monitoring_address() const override { return life_.monitoring; }
    WallTime certificate_not_after() const override { return life_.tls->not_after(); }
    bool ready() const override { return life_.ready; }
    WallTime started_at() const override { return life_.started_at; }

private:
    // ServerState: what monitoring asks.
    World& world() const override { return world_; }
    world::Entropy& world_entropy() const override { return world_.entropy(); }
    observe::Observation const& observation() const override { return *observation_; }
    account::AccountDirectory& accounts() const override { return accounts_; }
    dispatch::Dispatcher const& dispatcher() const override { return dispatcher_; }
    connection::ConnectionTable& connections() const override { return connections_; }
    auth::OperatorMode* operators() const override { return admission_.operators(); }
    WallTime configured_at() const override { return life_.configured_at; }
    monitor::SystemFacts system_facts() const override { return system_.facts(); }
    std::vector<std::string> const& connect_urls() const override {
        return context_.info.connect_urls;
    }
    jetstream::JetStream const* streams() const override { return jetstream_.streams(); }

    /// What changes as it comes up, reloads and stops.
    struct Life {
        world::Address clients;
        world::Address monitoring;
        WallTime started_at;
        WallTime configured_at;
        bool ready = false;
        bool stopping = false;
        std::uint64_t words = 0;           ///< How often it said who it is.
        std::unique_ptr<ListenerTls> tls;  ///< Always there.
        std::unique_ptr<monitor::MonitorListener> monitor;
        std::function<void()> must_stop;
        std::unique_ptr<LameDuck> lame_duck;  ///< While it empties itself.
        std::unique_ptr<ClockWatch> calendar;
    };

    event::ServerInfo introduction();
    void say_who();
    Result<void> prepare_tls();
    void use_tls(ListenerTls::Contexts contexts, std::optional<config::TlsOptions> const& options);
    void write_pid_file(OnDone next);
    void open_admission(OnDone next);
    void settle_system_account(config::Options& options);
    void account_changed(std::string const& account);
    void calendar_changed();
    void open_monitoring(OnDone next);
    void write_ports_file(OnDone next);
    void open_clients(OnDone next);
    void open_cluster(OnDone next);
    void open_gateways(OnDone next);
    void open_leafnodes(OnDone next);
    std::vector<std::string> client_urls() const;
    void tell_client_urls(std::vector<std::string> const& urls);
    void say_how_clients_come();
    void became_ready();
    std::string client_host() const;
    std::string monitoring_host() const;
    std::string ports_file_path(config::Files const& files) const;
    std::string ports_file_content() const;
    void apply(config::Options options);
    void tell_address();
    bool would_be_exposed(config::Options const& options) const;
    void move_files(config::Files const& old);

    World& world_;
    config::Options options_;
    std::shared_ptr<observe::Observation> observation_;
    ServerLog sink_;
    Logger log_;
    ServerIdentity identity_;
    mutable account::AccountDirectory accounts_;
    dispatch::Dispatcher dispatcher_;
    dispatch::Sharing sharing_;
    transport::FlushQueue flush_;
    auth::Admission admission_;
    connection::ConnectionContext context_;
    mutable connection::ConnectionTable connections_;
    SystemSide system_{*this, dispatcher_};
    mutable ClusterSide cluster_;
    JetStreamSide jetstream_{*this, dispatcher_, log_};
    connection::Acceptor acceptor_;
    Life life_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what the disk completes.
};

}  // namespace signalbox::server
