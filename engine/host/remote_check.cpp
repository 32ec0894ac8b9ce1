#include "engine/host/remote_check.h"

#include "engine/base/mutex.h"
#include "engine/base/text.h"
#include "engine/host/remote_asking.h"
#include "engine/host/remote_login.h"
#include "engine/native/native_world.h"
#include "engine/tls/context.h"
#include "engine/tls/session.h"
#include "engine/transport/tls_link.h"

#include <thread>
#include <utility>

namespace signalbox::host {

namespace {

using State = CheckStep::State;

constexpr Duration kPatience = base::seconds(4);

/// What it means when nothing can be reached there, in plain words.
std::string explained(Error const& error, client::ServerAddress const& server) {
    std::string const place = concat(server.host, ":", server.port);
    std::string const detail = base::to_lower(error.detail());
    if (detail.find("refused") != std::string::npos) {
        return concat("Nothing listens at ", place,
                      ": the server does not run, listens on another port, or on another address "
                      "of its machine.");
    }
    if (error.code() == Errc::TimedOut) {
        return concat("No answer from ", place,
                      ": a firewall in between drops what is sent, or the machine is off.");
    }
    return concat(place, ": ", error.detail(), ".");
}

std::string explained_login(std::string_view why) {
    if (base::equal_ignoring_case(why, "Authorization Violation")) {
        return "The server does not know this user, or the password, token or key is not the "
               "right one.";
    }
    if (base::equal_ignoring_case(why, "Authentication Timeout")) {
        return "The server waited in vain for credentials: it wants some, and none that it "
               "understands were sent.";
    }
    return concat("The server said: ", why, ".");
}

}  // namespace

RemoteCheck::RemoteCheck(World& world, RemoteOptions options, OnChange on_change)
    : world_(world), options_(std::move(options)), on_change_(std::move(on_change)) {}

RemoteCheck::~RemoteCheck() {
    world_.timers().cancel(timer_);
}

void RemoteCheck::start() {
    read_trust(world_, options_,
               [this, alive = std::weak_ptr(alive_)](Result<tls::Settings> const& trusted) {
                   if (!alive.expired()) {
                       begin_with(trusted);
                   }
               });
}

void RemoteCheck::begin_with(Result<tls::Settings> const& trusted) {
    if (!trusted.ok()) {
        begin(Check::Tls);
        end(State::Failed,
            concat("What is to be trusted cannot be read: ", trusted.error().detail(), "."));
        for (CheckStep& one : steps_) {
            one.state = one.state == State::Waiting ? State::Skipped : one.state;
        }
        finish();
        return;
    }
    trusted_ = trusted.value();
    if (options_.server.empty()) {
        skip(Check::Resolve, "No server is named: monitoring alone.");
        skip_to_monitoring();
        return;
    }
    Result<ServerUrls> urls = parse_server_urls(options_.server);
    if (!urls.ok()) {
        begin(Check::Resolve);
        end(State::Failed, concat("The URL of the server: ", urls.error().detail(), "."));
        skip_to_monitoring();
        return;
    }
    urls_ = std::move(urls).value();
    resolve();
}

void RemoteCheck::begin(Check check) {
    now_ = check;
    since_ = world_.clock().now();
    step(check).state = State::Running;
}

void RemoteCheck::end(State state, std::string text) {
    CheckStep& one = step(now_);
    one.state = state;
    one.took = world_.clock().now() - since_;
    one.text = std::move(text);
    on_change_(steps_, false);
}

void RemoteCheck::skip(Check check, std::string text) {
    step(check) = {.state = State::Skipped, .took = {}, .text = std::move(text)};
}

void RemoteCheck::finish() {
    world_.timers().cancel(timer_);
    on_change_(steps_, true);
}

void RemoteCheck::resolve() {
    begin(Check::Resolve);
    world_.network().resolve(server().host, [this, alive = std::weak_ptr(alive_)](
                                                Result<std::vector<std::string>> const& addresses) {
        if (alive.expired()) {
            return;
        }
        if (!addresses.ok() || addresses.value().empty()) {
            end(State::Failed, concat("There is no machine of the name ", server().host,
                                      ": it is misspelt, or not known from here."));
            skip_to_monitoring();
            return;
        }
        end(State::Passed, base::join(addresses.value(), ", "));
        dial();
    });
}

void RemoteCheck::dial() {
    begin(Check::Connect);
    dial_ = world_.network().dial(
        server().host, server().port, kPatience, [this](Result<std::unique_ptr<world::Link>> link) {
            if (!link.ok()) {
                end(State::Failed, explained(link.error(), server()));
                skip_to_monitoring();
                return;
            }
            link_ = std::move(link).value();
            world::Address const& peer = link_->remote();
            end(State::Passed, concat(peer.host, ":", peer.port));
            begin(Check::Greeting);
            timer_ = world_.timers().call_at(world_.clock().now() + kPatience, [this] {
                ended(world::LinkEnd::ReadError, "it says nothing");
            });
            link_->start(*this);
        });
}

void RemoteCheck::received(Bytes bytes) {
    parser_.feed(bytes);
    Result<std::optional<protocol::ServerOp>> const op = parser_.next();
    if (!op.ok()) {
        ended(world::LinkEnd::ReadError, "what it says is not INFO");
    } else if (op.value()) {
        auto const* const info = std::get_if<protocol::InfoOp>(&*op.value());
        if (info == nullptr) {
            ended(world::LinkEnd::ReadError, "what it says is not INFO");
        } else {
            greeted(info->json);
        }
    }
}

void RemoteCheck::ended(world::LinkEnd /*why*/, std::string_view detail) {
    world_.timers().cancel(timer_);
    link_.reset();
    end(State::Failed, concat("What listens there is no NATS server: ", detail,
                              ". A monitoring port, or one for TLS first, does so as well."));
    skip_to_monitoring();
}

void RemoteCheck::greeted(Bytes json) {
    world_.timers().cancel(timer_);
    Result<Json> const document = Json::parse(json);
    Result<ServerGreeting> greeting =
        document.ok() ? read_greeting(document.value()) : Result<ServerGreeting>(document.error());
    if (!greeting.ok()) {
        link_.reset();
        end(State::Failed, concat("Its INFO cannot be read: ", greeting.error().detail(), "."));
        skip_to_monitoring();
        return;
    }
    greeting_ = std::move(greeting).value();
    end(State::Passed,
        concat(greeting_->name.empty() ? greeting_->id : greeting_->name, ", version ",
               greeting_->version,
               greeting_->auth_required ? ", asks who one is" : ", asks nobody who he is"));
    if (greeting_->tls_required || urls_.tls) {
        // Not while the link still says what came.
        world_.turn().defer([this, alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) {
                encrypt();
            }
        });
        return;
    }
    link_.reset();
    skip(Check::Tls, greeting_->tls_available
                         ? "In the clear, though the server offers TLS: write tls:// to use it."
                         : "In the clear: what is sent can be read on the way.");
    log_in();
}

void RemoteCheck::encrypt() {
    begin(Check::Tls);
    if (!greeting_->tls_required && !greeting_->tls_available) {
        link_.reset();
        end(State::Failed,
            "The URL wants TLS, and the server offers none: it is not set up for it, "
            "or someone on the way took the offer out.");
        skip(Check::Login, {});
        skip(Check::System, {});
        fetch_monitoring();
        return;
    }
    Result<tls::ContextPtr> context = tls::Context::create(tls::Role::Client, trusted_);
    if (!context.ok()) {
        encrypted(context.error());
        return;
    }
    auto covered = std::make_unique<transport::TlsLink>(
        world_, std::move(link_), tls::Session::connect(std::move(context).value(), server().host),
        transport::TlsLink::Before{},
        [this](Result<std::shared_ptr<tls::PeerIdentity const>> const& peer) { encrypted(peer); });
    link_ = std::move(covered);
    link_->start(*this);
}

void RemoteCheck::encrypted(Result<std::shared_ptr<tls::PeerIdentity const>> const& peer) {
    if (peer.ok()) {
        end(State::Passed, "The server's certificate is trusted, and is that of its name.");
        link_.reset();
        log_in();
        return;
    }
    end(State::Failed, concat("No trust between the two: ", peer.error().detail(),
                              ". The certificate is of an authority not known here, of another "
                              "name, or out of date; name the file of its authority."));
    link_.reset();
    skip(Check::Login, {});
    skip(Check::System, {});
    fetch_monitoring();
}

void RemoteCheck::log_in() {
    begin(Check::Login);
    client::ClientOptions options;
    options.servers = {server()};
    options.name = "signalbox workbench (test)";
    options.reconnect = false;
    options.tls = client::ClientTls{.settings = trusted_, .required = urls_.tls};
    RemoteIdentity const& who = options_.identity.empty() ? urls_.identity : options_.identity;
    log_in_as(world_, who, std::move(options),
              [this, alive = std::weak_ptr(alive_)](Result<client::ClientOptions> ready) {
                  if (alive.expired()) {
                      return;
                  }
                  if (!ready.ok()) {
                      end(State::Failed, concat(ready.error().detail(), "."));
                      skip(Check::System, {});
                      fetch_monitoring();
                      return;
                  }
                  client_ = std::make_unique<client::Client>(
                      world_, std::move(ready).value(),
                      client::Callbacks{
                          .state = [this](client::State state,
                                          std::string_view detail) { logged_in(state, detail); },
                          .error = {}});
                  client_->connect();
              });
}

void RemoteCheck::logged_in(client::State state, std::string_view detail) {
    if (now_ != Check::Login) {
        return;
    }
    if (state == client::State::Connected) {
        end(State::Passed, "let in");
        if (options_.system_identity) {
            log_in_system();
        } else {
            ask_system();
        }
    } else if (state == client::State::Closed) {
        end(State::Failed, explained_login(detail));
        skip(Check::System, {});
        fetch_monitoring();
    }
}

void RemoteCheck::log_in_system() {
    begin(Check::System);
    client::ClientOptions options;
    options.servers = {server()};
    options.name = "signalbox workbench (test)";
    options.reconnect = false;
    options.tls = client::ClientTls{.settings = trusted_, .required = urls_.tls};
    log_in_as(world_, *options_.system_identity, std::move(options),
              [this, alive = std::weak_ptr(alive_)](Result<client::ClientOptions> ready) {
                  if (alive.expired()) {
                      return;
                  }
                  if (!ready.ok()) {
                      end(State::Warning, concat(ready.error().detail(), "."));
                      fetch_monitoring();
                      return;
                  }
                  system_ = std::make_unique<client::Client>(
                      world_, std::move(ready).value(),
                      client::Callbacks{.state =
                                            [this](client::State state, std::string_view detail) {
                                                if (now_ != Check::System) {
                                                    return;
                                                }
                                                if (state == client::State::Connected) {
                                                    ask_system();
                                                } else if (state == client::State::Closed) {
                                                    end(State::Warning,
                                                        concat("The second identity: ",
                                                               explained_login(detail)));
                                                    fetch_monitoring();
                                                }
                                            },
                                        .error = {}});
                  system_->connect();
              });
}

void RemoteCheck::ask_system() {
    if (now_ != Check::System) {
        begin(Check::System);
    }
    client::Client& who = system_ ? *system_ : *client_;
    ask_over(who, concat("$SYS.REQ.SERVER.", greeting_->id, ".VARZ"), {},
             [this, alive = std::weak_ptr(alive_)](Result<Answer> const& answer) {
                 if (alive.expired()) {
                     return;
                 }
                 if (answer.ok() && answer.value().document().ok()) {
                     end(State::Passed, "a user of the system account: everything is seen");
                 } else {
                     end(State::Warning,
                         "Not a user of the system account: without monitoring over HTTP, figures "
                         "of the whole server, accounts and events are not seen.");
                 }
                 fetch_monitoring();
             });
}

void RemoteCheck::skip_to_monitoring() {
    for (Check const check :
         {Check::Connect, Check::Greeting, Check::Tls, Check::Login, Check::System}) {
        if (step(check).state == State::Waiting) {
            skip(check, {});
        }
    }
    fetch_monitoring();
}

void RemoteCheck::fetch_monitoring() {
    if (options_.monitoring.empty()) {
        skip(Check::Monitoring, "No monitoring URL is named.");
        finish();
        return;
    }
    begin(Check::Monitoring);
    Result<MonitoringUrl> const url = parse_monitoring_url(options_.monitoring);
    Result<tls::ContextPtr> context = tls::Context::create(tls::Role::Client, trusted_);
    if (!url.ok() || !context.ok()) {
        end(State::Failed,
            concat("The URL: ", url.ok() ? context.error().detail() : url.error().detail(), "."));
        finish();
        return;
    }
    client::ServerAddress const place{.host = url.value().host, .port = url.value().port};
    transport::HttpQuery query;
    query.url = url_of(url.value(), "/varz");
    query.timeout = kPatience;
    query.tls = std::move(context).value();
    Result<std::unique_ptr<transport::HttpExchange>> exchange = transport::HttpExchange::start(
        world_, std::move(query), [this, place](transport::HttpExchange::Outcome const& answer) {
            monitored(place, answer);
        });
    if (!exchange.ok()) {
        end(State::Failed, concat("The URL: ", exchange.error().detail(), "."));
        finish();
        return;
    }
    fetch_ = std::move(exchange).value();
}

void RemoteCheck::monitored(client::ServerAddress const& place,
                            transport::HttpExchange::Outcome const& answer) {
    if (!answer.ok()) {
        end(State::Failed, explained(answer.error(), place));
        finish();
        return;
    }
    Result<Json> const json = Json::parse(answer.value().body);
    Result<ServerFigures> const figures =
        json.ok() ? read_varz(json.value()) : Result<ServerFigures>(json.error());
    end(figures.ok() ? State::Passed : State::Failed,
        figures.ok() ? concat("answers for ", figures.value().name)
                     : concat("What answers there, with status ", answer.value().status,
                              ", is not the monitoring of a NATS server."));
    finish();
}

class RemoteCheckThread::Impl {
public:
    explicit Impl(RemoteOptions options) : world_("signalbox check") {
        world_.loop().post([this, options = std::move(options)]() mutable {
            check_ = std::make_unique<RemoteCheck>(world_, std::move(options),
                                                   [this](CheckSteps const& steps, bool done) {
                                                       base::MutexLock const lock(mutex_);
                                                       steps_ = steps;
                                                       done_ = done;
                                                   });
            check_->start();
        });
        thread_ = std::thread([this] {
            native::name_this_thread("remote check");
            world_.loop().run();
        });
    }

    ~Impl() {
        world_.loop().post([this] {
            check_.reset();
            world_.loop().stop();
        });
        thread_.join();
    }

    CheckSteps steps() {
        base::MutexLock const lock(mutex_);
        return steps_;
    }

    bool done() {
        base::MutexLock const lock(mutex_);
        return done_;
    }

private:
    native::NativeWorld world_;
    std::unique_ptr<RemoteCheck> check_;  ///< Belongs to the thread.
    base::Mutex mutex_;
    CheckSteps steps_ GUARDED_BY(mutex_);
    bool done_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

RemoteCheckThread::RemoteCheckThread(RemoteOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

RemoteCheckThread::~RemoteCheckThread() = default;

CheckSteps RemoteCheckThread::steps() const {
    return impl_->steps();
}

bool RemoteCheckThread::done() const {
    return impl_->done();
}

}  // namespace signalbox::host
