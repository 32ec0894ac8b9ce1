#include "gui/source/lab_source.h"

#include "engine/base/text.h"
#include "engine/host/lab/plan.h"
#include "engine/host/lab/plan_options.h"
#include "engine/host/lab/scenario_parser.h"
#include "engine/host/local_files.h"

#include <utility>

namespace signalbox::gui {

namespace {

constexpr int kPollMilliseconds = 50;
constexpr std::size_t kTapRowsPerTick = 4'000;
constexpr std::size_t kEventsPerTick = 500;
constexpr std::size_t kLogRowsPerTick = 2'000;
/// Bits of a job's token that name the server.
constexpr unsigned kServerBits = 6;

/// What the clients of every template do until one writes something else.
void addLoads(host::lab::Scenario& scenario) {
    using host::lab::LoadKind;
    host::lab::LoadSpec prices;
    prices.name = "prices";
    prices.kind = LoadKind::Publish;
    for (int i = 1; i <= 20; ++i) {
        prices.subjects.push_back(concat("prices.", i));
    }
    prices.filter = "prices.*";
    prices.rate = 100;
    host::lab::LoadSpec jobs;
    jobs.name = "workers";
    jobs.kind = LoadKind::Queue;
    jobs.subjects = {"jobs.new"};
    jobs.filter = "jobs.new";
    jobs.rate = 40;
    jobs.workers = 2;
    host::lab::LoadSpec asking;
    asking.name = "clock";
    asking.kind = LoadKind::Request;
    asking.subjects = {"time.now"};
    asking.filter = "time.now";
    asking.rate = 10;
    scenario.loads = {prices, jobs, asking};
    scenario.until = base::hours(1);
}

/// Whether the servers of this program have all that it takes.
bool canRun(host::lab::Scenario const& scenario) {
    host::lab::Plan const plan(scenario.topology, host::lab::Addressing::Loopback);
    for (std::size_t i = 0; i < plan.servers().size(); ++i) {
        if (!host::lab::planned_options(plan, i, true).ok()) {
            return false;
        }
    }
    return true;
}

host::lab::Scenario clusterOf(std::uint32_t servers) {
    host::lab::Scenario scenario;
    scenario.topology.clusters = {{"north", servers}};
    addLoads(scenario);
    return scenario;
}

}  // namespace

std::vector<LabTemplate> labTemplates() {
    std::vector<LabTemplate> all;
    all.push_back({LabSource::tr("One server"), LabSource::tr("a server alone"), clusterOf(1)});
    all.push_back({LabSource::tr("Three servers"),
                   LabSource::tr("a cluster that outlives the loss of one"), clusterOf(3)});
    all.push_back({LabSource::tr("Five servers"),
                   LabSource::tr("a cluster that outlives the loss of two"), clusterOf(5)});
    host::lab::Scenario super = clusterOf(3);
    super.topology.clusters.push_back({"south", 3});
    super.topology.super_cluster = {"north", "south"};
    host::lab::LinkSpec far{"north", "south", {}};
    far.profile.latency = base::milliseconds(40);
    super.topology.links = {far};
    all.push_back({LabSource::tr("Two clusters of three"),
                   LabSource::tr("joined by gateways, 40 ms apart"), super});
    host::lab::Scenario hub = clusterOf(3);
    hub.topology.leafs = {{"edge-a", "north"}, {"edge-b", "north"}};
    all.push_back({LabSource::tr("A hub with leaf nodes"),
                   LabSource::tr("a cluster of three, and two servers that attach to it"), hub});
    std::erase_if(all, [](LabTemplate const& one) { return !canRun(one.scenario); });
    return all;
}

LabSource::LabSource(QObject* parent)
    : DataSource(parent), design_(canRun(clusterOf(3)) ? clusterOf(3) : clusterOf(1)) {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(kPollMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &LabSource::poll);
}

LabSource::~LabSource() = default;

Capabilities LabSource::capabilities() const {
    return Capability::RunBroker | Capability::SubjectTree | Capability::Tap | Capability::Publish |
           Capability::Disconnect | Capability::Log | Capability::DemoTraffic |
           Capability::Figures | Capability::Connections | Capability::Events |
           Capability::Accounts | Capability::Explain;
}

quint32 LabSource::server() const {
    return cluster_ && number() != 0 ? static_cast<quint32>(selected_ + 1) : 0;
}

host::ServerNumber LabSource::number() const {
    return cluster_ ? cluster_->number(static_cast<std::size_t>(selected_)) : 0;
}

QString LabSource::url() const {
    return state_ == BrokerState::Running ? urlOf(selected_) : QString();
}

QString LabSource::urlOf(int index) const {
    if (!cluster_) {
        return {};
    }
    auto const& server = cluster_->plan().servers()[static_cast<std::size_t>(index)];
    return QStringLiteral("nats://%1:%2")
        .arg(QString::fromStdString(server.host))
        .arg(server.ports.client);
}

QStringList LabSource::serverNames() const {
    QStringList names;
    host::lab::Plan const plan(design_.topology, host::lab::Addressing::Loopback);
    for (host::lab::PlannedServer const& server : plan.servers()) {
        names << QString::fromStdString(server.name);
    }
    return names;
}

QString LabSource::setDesign(host::lab::Scenario design) {
    if (cluster_) {
        return tr("Stop the cluster before it is built anew.");
    }
    for (Result<void> const& checked : {host::lab::check(design), host::lab::check_local(design)}) {
        if (!checked.ok()) {
            return QString::fromStdString(checked.error().detail());
        }
    }
    design_ = std::move(design);
    selected_ = 0;
    emit designChanged();
    return {};
}

QString LabSource::open(QString const& path) {
    host::LocalFiles files;
    Result<std::string> const text = files.read(path.toStdString());
    if (!text.ok()) {
        return QString::fromStdString(text.error().detail());
    }
    Result<host::lab::Scenario> scenario = host::lab::parse_scenario(text.value());
    return scenario.ok() ? setDesign(std::move(scenario).value())
                         : QString::fromStdString(scenario.error().detail());
}

void LabSource::startBroker(BrokerOptions const& /*options*/) {
    if (state_ != BrokerState::Stopped) {
        return;
    }
    cluster_ = std::make_unique<host::lab::LocalCluster>(design_);
    Result<void> const started = cluster_->start();
    if (!started.ok()) {
        cluster_.reset();
        become(BrokerState::Stopped, tr("The cluster did not start: %1")
                                         .arg(QString::fromStdString(started.error().detail())));
        return;
    }
    cluster_->set_watched(watched_);
    cluster_->set_loads(loadsWanted_);
    timer_.start();
    become(BrokerState::Starting);
    become(BrokerState::Running);
    setTreeQuery(query_);
}

void LabSource::stopBroker() {
    if (!cluster_) {
        return;
    }
    timer_.stop();
    cluster_.reset();
    snapshot_.reset();
    become(BrokerState::Stopped);
}

void LabSource::setDemoTraffic(bool on) {
    if (loadsWanted_ == on) {
        return;
    }
    loadsWanted_ = on;
    if (cluster_) {
        cluster_->set_loads(on);
    }
    emit demoTrafficChanged(on);
}

void LabSource::act(host::lab::Action const& action) {
    if (cluster_) {
        cluster_->act(action);
        tellTimeline();
    }
}

bool LabSource::play() {
    bool const begun = cluster_ && cluster_->play();
    if (begun && !loadsWanted_) {
        loadsWanted_ = true;
        emit demoTrafficChanged(true);
    }
    return begun;
}

void LabSource::selectServer(int index) {
    if (index == selected_ || index < 0 || index >= serverNames().size()) {
        return;
    }
    // A tap and a subject tree are of one server.
    if (cluster_) {
        cluster_->engine(static_cast<std::size_t>(selected_)).set_tree_query(std::nullopt);
        post(host::SetTap{.server = number(), .filter = std::nullopt});
    }
    selected_ = index;
    setTreeQuery(query_);
    makeSnapshot();
    emit serverSelected(index);
    emit stateChanged(state_);
}

QString LabSource::writeConfigurations(QString const& folder) const {
    host::lab::LocalCluster const stopped(design_);
    Result<void> const written =
        (cluster_ ? *cluster_ : stopped).write_configurations(folder.toStdString());
    return written.ok() ? QString() : QString::fromStdString(written.error().detail());
}

JobToken LabSource::post(host::Command command) {
    if (!cluster_) {
        return 0;
    }
    auto const index = static_cast<std::size_t>(selected_);
    return (cluster_->engine(index).post(std::move(command)) << kServerBits) | index;
}

JobToken LabSource::disconnectClient(quint64 cid) {
    return post(host::Disconnect{.server = number(), .cid = cid});
}

JobToken LabSource::setTap(std::optional<observe::TapFilter> filter) {
    return post(host::SetTap{.server = number(), .filter = std::move(filter)});
}

JobToken LabSource::publish(host::OutgoingMessage message) {
    return post(host::Publish{.server = number(), .message = std::move(message)});
}

JobToken LabSource::request(host::OutgoingMessage message, base::Duration timeout) {
    return post(
        host::Request{.server = number(), .message = std::move(message), .timeout = timeout});
}

JobToken LabSource::explain(observe::ExplainQuestion const& question) {
    return post(host::Explain{.server = number(), .question = question});
}

JobToken LabSource::trace(host::OutgoingMessage message) {
    return post(host::Trace{.server = number(), .message = std::move(message)});
}

void LabSource::setTreeQuery(std::optional<observe::TreeQuery> query) {
    query_ = std::move(query);
    if (!cluster_) {
        return;
    }
    std::optional<observe::TreeQuery> own = query_;
    if (own) {
        own->server = number();
    }
    cluster_->engine(static_cast<std::size_t>(selected_)).set_tree_query(std::move(own));
}

void LabSource::setWatched(bool watched) {
    watched_ = watched;
    if (cluster_) {
        cluster_->set_watched(watched);
    }
}

void LabSource::poll() {
    cluster_->poll();
    takeOutcomes();
    makeSnapshot();
    if (++ticks_ % 2 == 0) {
        pollRows();
        tellTimeline();
    }
}

void LabSource::takeOutcomes() {
    for (std::size_t index = 0; index < cluster_->size(); ++index) {
        for (host::Outcome const& outcome : cluster_->take_outcomes(index)) {
            Job job{.token = (outcome.token << kServerBits) | index,
                    .reply = outcome.reply,
                    .explanation = outcome.explanation};
            if (outcome.error) {
                job.error = QString::fromStdString(outcome.error->detail());
            }
            emit finished(job);
        }
    }
}

/// One of all servers, numbered by their place.
void LabSource::makeSnapshot() {
    if (!cluster_) {
        return;
    }
    auto snapshot = std::make_shared<observe::Snapshot>();
    for (std::size_t index = 0; index < cluster_->size(); ++index) {
        observe::SnapshotPtr const& own = cluster_->engine(index).latest();
        bool const selected = index == static_cast<std::size_t>(selected_);
        if (!own) {
            continue;
        }
        if (selected) {
            snapshot->taken_at = own->taken_at;
            snapshot->wall_time = own->wall_time;
            snapshot->tree = own->tree;
            snapshot->tree.server = static_cast<std::uint32_t>(index + 1);
            snapshot->events_dropped = own->events_dropped;
            snapshot->log_dropped = own->log_dropped;
            snapshot->engine_cpu = own->engine_cpu;
            snapshot->resident_bytes = own->resident_bytes;
        }
        for (observe::ServerSnapshot const& server : own->servers) {
            if (server.server == cluster_->number(index)) {
                snapshot->servers.push_back(server);
                snapshot->servers.back().server = static_cast<std::uint32_t>(index + 1);
            }
        }
    }
    snapshot->number = ++snapshots_;
    snapshot->topology = cluster_->topology();
    snapshot_ = std::move(snapshot);
    emit snapshotArrived(snapshot_);
}

void LabSource::pollRows() {
    TapBatch tap;
    LogBatch log;
    events_.clear();
    for (std::size_t index = 0; index < cluster_->size(); ++index) {
        host::Engine& engine = cluster_->engine(index);
        auto const number = static_cast<std::uint32_t>(index + 1);
        engine.drain_tap(kTapRowsPerTick, [&](observe::TapRow const& row) {
            if (index == static_cast<std::size_t>(selected_)) {
                tap.push_back(std::make_shared<observe::TapRow const>(row));
            }
        });
        std::string const& name = cluster_->plan().servers()[index].name;
        engine.drain_log(kLogRowsPerTick, [&](observe::LogRow const& row) {
            log.push_back(row);
            log.back().server = number;
            log.back().text = concat(name, ": ", row.text);
        });
        engine.drain_events(kEventsPerTick,
                            [&](observe::EventRow const& row) { takeEvent(index, row); });
    }
    if (!tap.empty()) {
        emit tapArrived(tap);
    }
    if (!events_.empty()) {
        emit eventsArrived(events_);
    }
    if (!log.empty()) {
        emit logArrived(log);
    }
}

void LabSource::takeEvent(std::size_t index, observe::EventRow row) {
    row.server = static_cast<std::uint32_t>(index + 1);
    std::string const& server = cluster_->plan().servers()[index].name;
    bool const came = row.kind == observe::EventKind::ConnectionIdentified;
    bool const went = row.kind == observe::EventKind::ConnectionClosed;
    if (row.connection && !row.connection->name.empty() && (came || went)) {
        std::string text = concat(row.connection->name, came ? " came to " : " left ", server);
        if (went && !row.text.empty()) {
            append(text, ": ", row.text);
        }
        arrivals_.push_back({cluster_->age(), host::lab::TimelineEntry::Kind::Client, text});
    }
    events_.push_back(std::move(row));
}

void LabSource::tellTimeline() {
    TimelineBatch entries = cluster_->take_timeline();
    entries.insert(entries.end(), arrivals_.begin(), arrivals_.end());
    arrivals_.clear();
    if (!entries.empty()) {
        emit timelineArrived(entries);
    }
}

void LabSource::become(BrokerState state, QString const& note) {
    note_ = note;
    state_ = state;
    emit stateChanged(state);
}

}  // namespace signalbox::gui
