#pragma once

#include "engine/dispatch/dispatcher.h"
#include "engine/server/monitored_server.h"
#include "engine/system/server_control.h"
#include "engine/system/system_account.h"

#include <functional>
#include <memory>
#include <vector>

namespace signalbox::server {

/// What monitoring and the system account see of a server, and what the latter can make it do.
/// Without a system account nothing is said and nothing asked.
class SystemSide : private system::ServerControl {
public:
    /// All outlive it.
    SystemSide(ServerState const& state, dispatch::Dispatcher& dispatcher)
        : state_(state), dispatcher_(dispatcher), monitored_(state) {}

    /// What the documents are made of.
    monitor::MonitorSource& source() { return monitored_; }

    /// The server is known by name and address, and takes clients soon.
    /// `operators` null: users stand in the configuration.
    void start(auth::OperatorMode* operators);

    /// Who is told of events; null until it started, and where there is no system account.
    event::EventSink* sink() { return account_.get(); }
    void say(event::Event event);

    void accounts_changed();

    monitor::SystemFacts facts() const;

    /// Who is told that a reload is asked for; `reloaded` says what became of it. Nobody, the
    /// default, refuses.
    void on_reload_request(std::function<void()> hook) { reload_hook_ = std::move(hook); }
    void reloaded(Result<void> const& result);

private:
    // system::ServerControl
    void reload(std::function<void(Result<void>)> done) override;
    Result<void> kick(std::uint64_t cid) override;
    Result<void> warn_of_shutdown(std::uint64_t cid) override;
    std::optional<system::UserFacts> user_of(std::uint64_t cid) const override;

    ServerState const& state_;
    dispatch::Dispatcher& dispatcher_;
    MonitoredServer monitored_;
    std::unique_ptr<system::SystemAccount> account_;
    std::function<void()> reload_hook_;
    std::vector<std::function<void(Result<void>)>> waiting_for_reload_;
};

}  // namespace signalbox::server
