#include "engine/host/engine_core.h"

#include "engine/base/text.h"
#include "engine/subject/subject.h"

#include <utility>

namespace signalbox::host {
namespace {

/// How often it is looked whether a watcher missed events.
constexpr Duration kLookAfter = base::milliseconds(200);

/// Where a client of this machine reaches a server that listens there.
std::string reachable(std::string const& host) {
    return host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host;
}

/// A server of this process need not prove who it is.
std::optional<client::ClientTls> tls_to(server::Server const& server) {
    auto const& tls = server.options().tls;
    if (!tls) {
        return std::nullopt;
    }
    return client::ClientTls{
        .settings = {.verify = tls::Verify::Nothing},
        .required = true,
        .handshake_first = tls->handshake_first == config::HandshakeFirst::Always};
}

std::string monitoring_url(server::Server const& server) {
    world::Address const& address = server.monitoring_address();
    std::string_view const scheme = server.options().monitoring.https ? "https://" : "http://";
    return address.port == 0 ? std::string()
                             : concat(scheme, reachable(address.host), ":", address.port);
}

}  // namespace

EngineCore::EngineCore(World& world, EngineOptions const& options, Mailbox& outcomes,
                       Observer* observer)
    : world_(world),
      outcomes_(outcomes),
      observer_(observer),
      log_(options.log == nullptr ? &no_log_ : options.log) {
    if (observer_ != nullptr) {
        look_after_watchers();
    }
}

EngineCore::~EngineCore() {
    world_.timers().cancel(watch_timer_);
}

void EngineCore::run(Token token, Command command) {
    std::visit([&](auto& one) { run_one(token, std::move(one)); }, command);
}

void EngineCore::run_one(Token token, StartServer command) {
    ServerNumber const number = ++last_number_;
    auto const watch = observer_ == nullptr ? observe::Watch::Off : observe::Watch::On;
    Running running;
    running.observation = std::make_shared<observe::Observation>(number, watch);
    running.server = std::make_unique<server::Server>(world_, *log_, std::move(command.options),
                                                      running.observation);
    if (observer_ != nullptr) {
        observer_->add(running.observation, facts_of(number, *running.server));
    }
    if (on_reload_request_) {
        running.server->on_reload_request(on_reload_request_);
    }
    running.starting = token;
    Running& kept = servers_.emplace(number, std::move(running)).first->second;
    kept.server->when_it_must_stop([this, number] { stop_by_itself(number); });
    kept.server->start([this, token, number](Result<void> const& result) {
        // Not from within the server's own call, for a failed one is destroyed.
        world_.turn().defer([this, token, number, result] { started(token, number, result); });
    });
}

void EngineCore::started(Token token, ServerNumber number, Result<void> const& result) {
    auto const found = servers_.find(number);
    if (found == servers_.end() || found->second.stopping) {
        return;
    }
    found->second.starting.reset();
    if (!result.ok()) {
        log_->write(LogLevel::Fatal, result.error().detail());
        remove(number);
    } else if (observer_ != nullptr) {
        observer_->update(facts_of(number, *found->second.server));
    }
    answer(token, result, number);
}

void EngineCore::run_one(Token token, StopServer command) {
    Running* const running = find(token, command.server);
    if (running == nullptr) {
        return;
    }
    if (running->stopping) {
        answer(token, Error(Errc::Closed, "that server is stopping already"), command.server);
        return;
    }
    stop(command.server, *running, token);
}

void EngineCore::stop(ServerNumber number, Running& running, std::optional<Token> token) {
    running.stopping = true;
    if (running.starting) {
        answer(*running.starting, Error(Errc::Closed, "the server was stopped"), number);
    }
    std::optional<Token> const emptying = std::exchange(running.emptying, std::nullopt);
    running.server->stop([this, token, emptying, number] {
        // Not from within the server's own call, for it is destroyed.
        world_.turn().defer([this, token, emptying, number] {
            remove(number);
            for (auto const& each : {token, emptying}) {
                if (each) {
                    answer(*each, {}, number);
                }
            }
        });
    });
}

void EngineCore::run_one(Token token, KillServer command) {
    Running* const running = find(token, command.server);
    if (running == nullptr) {
        return;
    }
    if (running->stopping) {
        answer(token, Error(Errc::Closed, "that server is stopping already"), command.server);
        return;
    }
    for (auto const& each : {running->starting, running->emptying}) {
        if (each) {
            answer(*each, Error(Errc::Closed, "the server was killed"), command.server);
        }
    }
    remove(command.server);
    answer(token, {}, command.server);
}

void EngineCore::stop_by_itself(ServerNumber number) {
    auto const found = servers_.find(number);
    if (found != servers_.end() && !found->second.stopping) {
        stop(number, found->second, std::nullopt);
    }
}

void EngineCore::run_one(Token token, EnterLameDuck command) {
    Running* const running = find(token, command.server);
    if (running == nullptr) {
        return;
    }
    ServerNumber const number = command.server;
    bool const begun = running->server->lame_duck([this, number] { stop_by_itself(number); });
    if (!begun) {
        answer(token, Error(Errc::Closed, "that server is stopping already, or not ready"), number);
        return;
    }
    running->emptying = token;
}

void EngineCore::run_one(Token token, ReloadServer command) {
    if (Running* const running = find(token, command.server)) {
        Result<void> const result = running->server->reload(std::move(command.options));
        if (observer_ != nullptr) {
            observer_->update(facts_of(command.server, *running->server));
        }
        answer(token, result, command.server);
    }
}

void EngineCore::run_one(Token token, RefuseReload command) {
    if (Running* const running = find(token, command.server)) {
        running->server->refuse_reload(command.why);
        answer(token, {}, command.server);
    }
}

void EngineCore::run_one(Token token, Disconnect command) {
    if (Running* const running = find(token, command.server)) {
        bool const found = running->server->disconnect(command.cid);
        answer(token,
               found ? Result<void>() : Error(Errc::NotFound, "that connection is gone already"),
               command.server);
    }
}

void EngineCore::run_one(Token token, SetTap command) {
    Running* const running = find(token, command.server);
    if (running == nullptr) {
        return;
    }
    if (command.filter && !command.filter->subject.empty()) {
        auto const subject = subject::Filter::parse(command.filter->subject);
        if (!subject.ok()) {
            answer(token, subject.error(), command.server);
            return;
        }
    }
    running->server->set_tap(std::move(command.filter));
    answer(token, {}, command.server);
}

void EngineCore::run_one(Token token, Publish command) {
    if (Running* const running = find(token, command.server)) {
        Errand& errand =
            *(errands_[token] = make_errand(token, *running, std::move(command.message)));
        errand.publish();
    }
}

void EngineCore::run_one(Token token, Request command) {
    if (Running* const running = find(token, command.server)) {
        Errand& errand =
            *(errands_[token] = make_errand(token, *running, std::move(command.message)));
        errand.request(command.timeout);
    }
}

void EngineCore::run_one(Token token, Trace command) {
    if (Running* const running = find(token, command.server)) {
        Errand& errand =
            *(errands_[token] = make_errand(token, *running, std::move(command.message)));
        errand.trace(command.timeout);
    }
}

void EngineCore::run_one(Token token, Explain command) {
    if (Running* const running = find(token, command.server)) {
        outcomes_.put({.token = token,
                       .error = std::nullopt,
                       .server = command.server,
                       .reply = {},
                       .explanation = running->server->explain(command.question)});
    }
}

std::unique_ptr<Errand> EngineCore::make_errand(Token token, Running& running,
                                                OutgoingMessage message) {
    world::Address const& address = running.server->client_address();
    return std::make_unique<Errand>(
        world_, client::ServerAddress{.host = reachable(address.host), .port = address.port},
        tls_to(*running.server), std::move(message),
        [this, token](Result<std::optional<Reply>> result) {
            Outcome outcome{
                .token = token, .error = std::nullopt, .server = 0, .reply = {}, .explanation = {}};
            if (result.ok()) {
                outcome.reply = std::move(result).value();
            } else {
                outcome.error = result.error();
            }
            outcomes_.put(std::move(outcome));
            world_.turn().defer([this, token] { errands_.erase(token); });
        });
}

EngineCore::Running* EngineCore::find(Token token, ServerNumber number) {
    auto const found = servers_.find(number);
    if (found == servers_.end()) {
        answer(token, Error(Errc::NotFound, "that server is not running"));
        return nullptr;
    }
    return &found->second;
}

void EngineCore::remove(ServerNumber number) {
    servers_.erase(number);
    if (observer_ != nullptr) {
        observer_->remove(number);
    }
    if (!servers_.empty()) {
        return;
    }
    if (when_all_stopped_) {
        std::exchange(when_all_stopped_, nullptr)();
    } else if (on_idle_) {
        on_idle_();
    }
}

void EngineCore::answer(Token token, Result<void> const& result, ServerNumber number) {
    Outcome outcome{.token = token, .error = std::nullopt, .server = number, .reply = {}};
    if (!result.ok()) {
        outcome.error = result.error();
    }
    outcomes_.put(std::move(outcome));
}

void EngineCore::stop_all(std::function<void()> done) {
    errands_.clear();
    if (servers_.empty()) {
        world_.turn().defer(std::move(done));
        return;
    }
    when_all_stopped_ = std::move(done);
    for (auto& [number, running] : servers_) {
        if (!running.stopping) {
            stop(number, running, std::nullopt);
        }
    }
}

observe::ServerFacts EngineCore::facts_of(ServerNumber number, server::Server const& server) const {
    world::Address const& address = server.client_address();
    return {.server = number,
            .name = server.identity().name,
            .id = server.identity().id,
            .host = reachable(address.host),
            .port = address.port,
            .monitoring = monitoring_url(server),
            .ready = server.ready(),
            .start = server.started_at(),
            .max_pending = static_cast<std::uint64_t>(server.options().limits.max_pending)};
}

void EngineCore::look_after_watchers() {
    for (auto& [number, running] : servers_) {
        running.server->answer_resync();
    }
    watch_timer_ = world_.timers().call_at(world_.clock().now() + kLookAfter,
                                           [this] { look_after_watchers(); });
}

}  // namespace signalbox::host
