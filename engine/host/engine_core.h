#pragma once

#include "engine/host/command.h"
#include "engine/host/engine.h"
#include "engine/host/errand.h"
#include "engine/host/mailbox.h"
#include "engine/host/observer.h"
#include "engine/server/server.h"
#include "engine/world/world.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace signalbox::host {

/// What an engine's thread does with the commands it is given. Belongs to that thread alone.
class EngineCore {
public:
    /// `observer` null: nobody watches. All outlive the core.
    EngineCore(World& world, EngineOptions const& options, Mailbox& outcomes, Observer* observer);
    ~EngineCore();

    EngineCore(EngineCore const&) = delete;
    EngineCore& operator=(EngineCore const&) = delete;

    void run(Token token, Command command);

    /// Stops every server; `done` is called when none is left, never from within this call.
    void stop_all(std::function<void()> done);

    void on_idle(std::function<void()> callback) { on_idle_ = std::move(callback); }
    void on_reload_request(std::function<void()> callback) {
        on_reload_request_ = std::move(callback);
    }

private:
    struct Running {
        std::shared_ptr<observe::Observation> observation;
        std::unique_ptr<server::Server> server;
        std::optional<Token> starting;  ///< Who waits for it to be ready.
        std::optional<Token> emptying;  ///< Who waits for the end of its lame duck mode.
        bool stopping = false;
    };

    void run_one(Token token, StartServer command);
    void run_one(Token token, StopServer command);
    void run_one(Token token, KillServer command);
    void run_one(Token token, EnterLameDuck command);
    void run_one(Token token, ReloadServer command);
    void run_one(Token token, RefuseReload command);
    void run_one(Token token, Disconnect command);
    void run_one(Token token, SetTap command);
    void run_one(Token token, Publish command);
    void run_one(Token token, Request command);
    void run_one(Token token, Trace command);
    void run_one(Token token, Explain command);

    Running* find(Token token, ServerNumber number);
    void started(Token token, ServerNumber number, Result<void> const& result);
    /// `token`: who is to know when it is done.
    void stop(ServerNumber number, Running& running, std::optional<Token> token);
    void stop_by_itself(ServerNumber number);
    void remove(ServerNumber number);
    void answer(Token token, Result<void> const& result, ServerNumber number = 0);
    std::unique_ptr<Errand> make_errand(Token token, Running& running, OutgoingMessage message);
    observe::ServerFacts facts_of(ServerNumber number, server::Server const& server) const;
    void look_after_watchers();

    /// For engines whose log nobody reads.
    class NoLog : public base::LogSink {
    public:
        void write(LogLevel, std::string_view) override {}
    };

    World& world_;
    Mailbox& outcomes_;
    Observer* observer_;
    NoLog no_log_;
    base::LogSink* log_;
    std::map<ServerNumber, Running> servers_;
    std::map<Token, std::unique_ptr<Errand>> errands_;
    std::function<void()> on_idle_;
    std::function<void()> on_reload_request_;
    std::function<void()> when_all_stopped_;
    ServerNumber last_number_ = 0;
    world::TimerId watch_timer_;
};

}  // namespace signalbox::host
