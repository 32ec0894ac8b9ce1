#include "gui/source/local_source.h"

#include "engine/base/text.h"

#include <utility>

namespace signalbox::gui {

namespace {

constexpr int kPollMilliseconds = 50;
constexpr std::size_t kTapRowsPerTick = 4'000;
constexpr std::size_t kEventsPerTick = 500;
constexpr std::size_t kLogRowsPerTick = 2'000;
/// Ports tried after the one wanted, before any free one is asked for.
constexpr int kNextPorts = 8;
constexpr int kAnyPort = -1;

ConfigurationPtr configurationFor(BrokerOptions const& wanted, int port) {
    if (wanted.configuration) {
        return wanted.configuration;
    }
    auto configuration = std::make_shared<Configuration>();
    config::Options& options = configuration->options;
    options.server_name = "workbench";
    options.listen.host = wanted.host.toStdString();
    options.listen.port = port;
    options.logging.debug = wanted.debugLog;
    if (wanted.monitoringPort != 0) {
        options.monitoring.http =
            config::ListenAddress{.host = "127.0.0.1", .port = wanted.monitoringPort};
    }
    if (!wanted.user.isEmpty()) {
        options.authorization.user = wanted.user.toStdString();
        options.authorization.password = crypto::Secret(wanted.password.toStdString());
    }
    return configuration;
}

bool isTaken(Error const& error) {
    return error.code() == Errc::AlreadyExists ||
           base::to_lower(error.detail()).find("in use") != std::string::npos;
}

}  // namespace

LocalSource::LocalSource(QObject* parent)
    : DataSource(parent),
      engine_(host::EngineOptions{.program_name = "signalbox", .log = nullptr, .observe = true}) {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(kPollMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &LocalSource::poll);
    timer_.start();
}

LocalSource::~LocalSource() {
    timer_.stop();
    demo_.reset();
}

Capabilities LocalSource::capabilities() const {
    return Capability::RunBroker | Capability::SubjectTree | Capability::Tap | Capability::Publish |
           Capability::Disconnect | Capability::Log | Capability::DemoTraffic |
           Capability::Figures | Capability::Connections | Capability::Events |
           Capability::Accounts | Capability::Configure | Capability::Explain;
}

QString LocalSource::url() const {
    observe::ServerSnapshot const* server = serverIn(snapshot_, server_);
    if (state_ != BrokerState::Running || server == nullptr || server->port == 0) {
        return {};
    }
    QString host = QString::fromStdString(server->host);
    if (host.isEmpty() || host == QLatin1String("0.0.0.0") || host == QLatin1String("::")) {
        host = QStringLiteral("127.0.0.1");
    }
    return QStringLiteral("nats://%1:%2").arg(host).arg(server->port);
}

void LocalSource::startBroker(BrokerOptions const& options) {
    if (state_ != BrokerState::Stopped) {
        return;
    }
    options_ = options;
    note_.clear();
    portsTried_ = 0;
    become(BrokerState::Starting);
    tryPort(options_.port);
}

void LocalSource::tryPort(int port) {
    port_ = port;
    wanted_ = configurationFor(options_, port);
    starting_ = engine_.post(host::StartServer{.options = wanted_->options});
}

JobToken LocalSource::reload(ConfigurationPtr const& configuration) {
    if (state_ != BrokerState::Running || reloading_ != 0) {
        return 0;
    }
    wanted_ = configuration;
    reloading_ =
        engine_.post(host::ReloadServer{.server = server_, .options = configuration->options});
    return reloading_;
}

void LocalSource::stopBroker() {
    if (state_ != BrokerState::Running) {
        return;
    }
    demo_.reset();
    become(BrokerState::Stopping);
    stopping_ = engine_.post(host::StopServer{.server = server_});
}

void LocalSource::setDemoTraffic(bool on) {
    if (demoWanted_ == on) {
        return;
    }
    demoWanted_ = on;
    if (on) {
        startDemoOnceListening();
    } else {
        demo_.reset();
    }
    emit demoTrafficChanged(on);
}

JobToken LocalSource::disconnectClient(quint64 cid) {
    return engine_.post(host::Disconnect{.server = server_, .cid = cid});
}

JobToken LocalSource::setTap(std::optional<observe::TapFilter> filter) {
    return engine_.post(host::SetTap{.server = server_, .filter = std::move(filter)});
}

/// One who is named shows the password that the running configuration has for him, where it has it
/// in plain text; else the one that the broker was started with.
void LocalSource::sign(host::OutgoingMessage& message) const {
    if (message.user.empty()) {
        message.user = options_.user.toStdString();
        message.password = options_.password.toStdString();
        return;
    }
    if (!running_) {
        return;
    }
    config::Options const& options = running_->options;
    auto const take = [&](std::string const& name, crypto::Secret const& password) {
        if (name == message.user) {
            message.password = std::string(password.reveal());
        }
    };
    take(options.authorization.user, options.authorization.password);
    for (config::User const& user : options.authorization.users) {
        take(user.name, user.password);
    }
    for (config::AccountOptions const& account : options.accounts) {
        for (config::User const& user : account.users) {
            take(user.name, user.password);
        }
    }
}

JobToken LocalSource::publish(host::OutgoingMessage message) {
    sign(message);
    return engine_.post(host::Publish{.server = server_, .message = std::move(message)});
}

JobToken LocalSource::request(host::OutgoingMessage message, base::Duration timeout) {
    sign(message);
    return engine_.post(
        host::Request{.server = server_, .message = std::move(message), .timeout = timeout});
}

JobToken LocalSource::explain(observe::ExplainQuestion const& question) {
    return engine_.post(host::Explain{.server = server_, .question = question});
}

JobToken LocalSource::trace(host::OutgoingMessage message) {
    sign(message);
    return engine_.post(host::Trace{.server = server_, .message = std::move(message)});
}

void LocalSource::setTreeQuery(std::optional<observe::TreeQuery> query) {
    if (query) {
        query->server = server_;
    }
    engine_.set_tree_query(std::move(query));
}

void LocalSource::poll() {
    for (host::Outcome const& outcome : engine_.take_outcomes()) {
        take(outcome);
    }
    observe::SnapshotPtr const& newest = engine_.latest();
    if (newest && (!snapshot_ || newest->number != snapshot_->number)) {
        snapshot_ = newest;
        startDemoOnceListening();
        offerJetStreamOnceListening();
        emit snapshotArrived(snapshot_);
    }
    // Tables and lists are read by people: ten times a second is enough for them.
    if (++ticks_ % 2 == 0) {
        pollRows();
    }
}

void LocalSource::pollRows() {
    TapBatch tap;
    engine_.drain_tap(kTapRowsPerTick, [&](observe::TapRow const& row) {
        tap.push_back(std::make_shared<observe::TapRow const>(row));
    });
    if (!tap.empty()) {
        emit tapArrived(tap);
    }
    EventBatch events;
    engine_.drain_events(kEventsPerTick,
                         [&](observe::EventRow const& row) { events.push_back(row); });
    if (!events.empty()) {
        emit eventsArrived(events);
    }
    LogBatch log;
    engine_.drain_log(kLogRowsPerTick, [&](observe::LogRow const& row) { log.push_back(row); });
    if (!log.empty()) {
        emit logArrived(log);
    }
}

void LocalSource::take(host::Outcome const& outcome) {
    if (outcome.token == starting_ && state_ == BrokerState::Starting) {
        started(outcome);
    } else if (outcome.token == stopping_ && state_ == BrokerState::Stopping) {
        stopped();
    } else if (outcome.token == reloading_) {
        reloaded(outcome);
    }
    Job job{.token = outcome.token, .reply = outcome.reply, .explanation = outcome.explanation};
    if (outcome.error) {
        job.error = QString::fromStdString(outcome.error->detail());
        if (job.error.isEmpty()) {
            job.error = QString::fromStdString(std::string(base::name_of(outcome.error->code())));
        }
    }
    emit finished(job);
}

void LocalSource::started(host::Outcome const& outcome) {
    if (!outcome.error) {
        server_ = outcome.server;
        run(std::exchange(wanted_, nullptr));
        if (options_.configuration) {
            become(BrokerState::Running);
            return;
        }
        if (port_ != options_.port && port_ != kAnyPort) {
            note_ = tr("Port %1 is taken: the broker listens on %2.").arg(options_.port).arg(port_);
        } else if (port_ != options_.port) {
            note_ = tr("Port %1 is taken: the broker listens on a free one.").arg(options_.port);
        }
        become(BrokerState::Running);
        return;
    }
    // A file that names a port means that one.
    if (isTaken(*outcome.error) && port_ != kAnyPort && !options_.configuration) {
        ++portsTried_;
        bool const none_near = portsTried_ > kNextPorts || options_.port + portsTried_ > 65'535;
        tryPort(none_near ? kAnyPort : options_.port + portsTried_);
        return;
    }
    note_ = tr("The broker did not start: %1").arg(QString::fromStdString(outcome.error->detail()));
    become(BrokerState::Stopped);
}

void LocalSource::reloaded(host::Outcome const& outcome) {
    reloading_ = 0;
    ConfigurationPtr wanted = std::exchange(wanted_, nullptr);
    if (!outcome.error) {
        run(std::move(wanted));
    }
}

void LocalSource::run(ConfigurationPtr configuration) {
    running_ = std::move(configuration);
    emit configurationChanged();
}

void LocalSource::stopped() {
    server_ = 0;
    reloading_ = 0;
    note_.clear();
    run(nullptr);
    become(BrokerState::Stopped);
}

void LocalSource::become(BrokerState state) {
    if (state_ == state && state != BrokerState::Stopped) {
        return;
    }
    state_ = state;
    if (state != BrokerState::Running && jetStreamOffered_) {
        jetStreamOffered_ = false;
        jetStream_.setServer(std::nullopt);
    }
    emit stateChanged(state);
}

/// As the user the broker was started with, or as one whom its configuration names in the clear.
void LocalSource::offerJetStreamOnceListening() {
    QString const where = url();
    if (jetStreamOffered_ || where.isEmpty()) {
        return;
    }
    jetStreamOffered_ = true;
    host::OutgoingMessage who;
    if (running_ && options_.user.isEmpty()) {
        config::Options const& options = running_->options;
        who.user = options.authorization.user;
        for (config::User const& user : options.authorization.users) {
            who.user = who.user.empty() ? user.name : who.user;
        }
        for (config::AccountOptions const& account : options.accounts) {
            bool const system = account.name == options.system_account;
            if (who.user.empty() && !system && !account.users.empty()) {
                who.user = account.users.front().name;
            }
        }
    }
    sign(who);
    host::JetStreamOptions wanted{.trust_any_certificate = true};
    wanted.server.server = where.toStdString();
    wanted.server.identity.user = who.user;
    wanted.server.identity.password = crypto::Secret(who.password);
    wanted.server.may_write = true;
    jetStream_.setServer(std::move(wanted));
}

void LocalSource::startDemoOnceListening() {
    if (!demoWanted_ || demo_ != nullptr || state_ != BrokerState::Running) {
        return;
    }
    observe::ServerSnapshot const* server = serverIn(snapshot_, server_);
    if (server != nullptr && server->port != 0) {
        demo_ = std::make_unique<host::DemoTraffic>("127.0.0.1", server->port);
    }
}

}  // namespace signalbox::gui
