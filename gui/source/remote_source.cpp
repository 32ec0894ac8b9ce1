#include "gui/source/remote_source.h"

#include <QMetaObject>
#include <QThreadPool>

#include <utility>

namespace signalbox::gui {

namespace {

constexpr int kPollMilliseconds = 50;
constexpr std::size_t kTapRowsPerTick = 4'000;
constexpr std::size_t kEventsPerTick = 500;

/// The URL as it may be shown: without what stands before an `@`.
QString shownUrl(host::RemoteOptions const& options) {
    QString const text =
        QString::fromStdString(options.server.empty() ? options.monitoring : options.server);
    QStringList parts;
    for (QString part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        part = part.trimmed();
        qsizetype const scheme = part.indexOf(QLatin1String("://"));
        QString const prefix = scheme < 0 ? QStringLiteral("nats://") : part.left(scheme + 3);
        QString const rest = scheme < 0 ? part : part.mid(scheme + 3);
        parts << prefix + rest.mid(rest.lastIndexOf(QLatin1Char('@')) + 1);
    }
    return parts.join(QLatin1Char(','));
}

QString textOf(Error const& error) {
    QString const detail = QString::fromStdString(error.detail());
    return detail.isEmpty() ? QString::fromStdString(std::string(base::name_of(error.code())))
                            : detail;
}

}  // namespace

RemoteSource::RemoteSource(host::RemoteOptions options, SourceTitle title, QObject* parent)
    : DataSource(parent),
      options_(std::move(options)),
      title_(std::move(title)),
      url_(shownUrl(options_)) {
    timer_.setInterval(kPollMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &RemoteSource::poll);
}

RemoteSource::~RemoteSource() {
    letGo();
}

quint32 RemoteSource::server() const {
    return live() ? host::RemoteCore::kServer : 0;
}

void RemoteSource::startBroker(BrokerOptions const& /*options*/) {
    if (state_ != BrokerState::Stopped) {
        return;
    }
    snapshot_.reset();
    news_ = {};
    able_ = {};
    poller_ = std::make_unique<host::RemotePoller>(options_);
    poller_->set_watched(watched_);
    poller_->set_topology(topologyWanted_);
    if (options_.server.empty()) {
        jetStream_.setServer(std::nullopt,
                             tr("Only the monitoring of this server is known. Streams are asked "
                                "for over a client connection: give the profile its URL."));
    } else {
        jetStream_.setServer(host::JetStreamOptions{.server = options_});
    }
    timer_.start();
    become(BrokerState::Starting, {});
}

void RemoteSource::letGo() {
    timer_.stop();
    jetStream_.setServer(std::nullopt);
    if (poller_) {
        // A look-up of a name under way would hold its end up, and the window with it.
        QThreadPool::globalInstance()->start([gone = std::shared_ptr<host::RemotePoller>(
                                                  std::move(poller_))]() mutable { gone.reset(); });
    }
}

void RemoteSource::stopBroker() {
    letGo();
    able_ = {};
    emit capabilitiesChanged();
    become(BrokerState::Stopped, tr("Detached from %1.").arg(url_));
}

void RemoteSource::setOptions(host::RemoteOptions options, SourceTitle title) {
    stopBroker();
    options_ = std::move(options);
    title_ = std::move(title);
    url_ = shownUrl(options_);
    startBroker({});
}

void RemoteSource::poll() {
    for (host::Outcome const& outcome : poller_->take_outcomes()) {
        take(outcome);
    }
    if (std::optional<host::RemoteNews> const news = poller_->take_news()) {
        take(*news);
    }
    if (!poller_) {
        return;
    }
    observe::SnapshotPtr const& newest = poller_->latest();
    if (newest && live() && (!snapshot_ || newest->number != snapshot_->number)) {
        snapshot_ = newest;
        emit snapshotArrived(snapshot_);
    }
    if (poller_ && ++ticks_ % 2 == 0) {
        pollRows();
    }
}

void RemoteSource::pollRows() {
    TapBatch tap;
    poller_->drain_tap(kTapRowsPerTick, [&](observe::TapRow const& row) {
        tap.push_back(std::make_shared<observe::TapRow const>(row));
    });
    EventBatch events;
    poller_->drain_events(kEventsPerTick,
                          [&](observe::EventRow const& row) { events.push_back(row); });
    // Whoever hears of these may detach.
    if (!tap.empty()) {
        emit tapArrived(tap);
    }
    if (!events.empty()) {
        emit eventsArrived(events);
    }
}

void RemoteSource::take(host::RemoteNews const& news) {
    news_ = news;
    QString const note = QString::fromStdString(news.note);
    // What was lost is most likely there again soon, and its old figures are still on screen.
    if (news.state != host::RemoteNews::State::Lost) {
        if (Capabilities const able = capabilitiesFor(news); able != able_) {
            able_ = able;
            emit capabilitiesChanged();
        }
    }
    switch (news.state) {
        case host::RemoteNews::State::Attaching:
            become(BrokerState::Starting, note);
            break;
        case host::RemoteNews::State::Attached:
            become(BrokerState::Running, note);
            break;
        case host::RemoteNews::State::Lost:
            become(BrokerState::Lost, note);
            break;
        case host::RemoteNews::State::Refused:
            letGo();
            become(BrokerState::Stopped, note);
            break;
    }
}

Capabilities RemoteSource::capabilitiesFor(host::RemoteNews const& news) const {
    using From = observe::FiguresFrom;
    Capabilities able;
    if (news.figures == From::SystemAccount || news.figures == From::Monitoring) {
        able |= Capability::Figures | Capability::Accounts;
    }
    if (news.figures != From::Nowhere) {
        // Where no server tells of events, they are seen by comparing lists of connections.
        able |= Capability::Connections | Capability::Events;
    }
    if (news.client_connected) {
        able |= Capability::SubjectTree | Capability::Sampling | Capability::Tap;
        if (options_.may_write) {
            able |= Capability::Publish;
        }
    }
    if (options_.may_write && news.figures == From::SystemAccount) {
        able |= Capability::Disconnect;
    }
    return able;
}

QString RemoteSource::explanation(Capability what) const {
    QString const more =
        tr("Give the profile the credentials of a user of the system account, or the URL of the "
           "server's monitoring.");
    switch (what) {
        case Capability::Figures:
            return tr("An ordinary user is not told the figures of a server. %1").arg(more);
        case Capability::Accounts:
            return tr("An ordinary user is not told of other accounts. %1").arg(more);
        case Capability::Connections:
        case Capability::Events:
            return tr("This user is not told who is connected, not even to its own account: its "
                      "permissions forbid it to ask, or the server cannot answer. %1")
                .arg(more);
        case Capability::SubjectTree:
        case Capability::Sampling:
        case Capability::Tap:
            return tr(
                "Messages are seen by subscribing, and there is no client connection: only "
                "monitoring answers. Give the profile the URL of the server and credentials.");
        case Capability::Publish:
            return options_.may_write ? tr("There is no client connection to publish over.")
                                      : tr("This profile is for looking only. To publish, allow it "
                                           "in the profile.");
        case Capability::Disconnect:
            return options_.may_write
                       ? tr("Only a user of the system account can disconnect others.")
                       : tr("This profile is for looking only.");
        case Capability::Log:
            return tr("A server does not send its log. It is where the server writes it.");
        case Capability::Explain:
            return tr(
                "A server tells who is connected and who is subscribed, but not what its users "
                "may do, nor its mappings and imports as they are in force: who would receive "
                "a message is told of a broker in this window only.");
        default:
            return tr("That is possible with a broker in this window only.");
    }
}

void RemoteSource::become(BrokerState state, QString const& note) {
    if (state_ == state && note_ == note) {
        return;
    }
    state_ = state;
    note_ = note;
    if (state == BrokerState::Running && poller_ && query_) {
        poller_->set_tree_query(query_);
    }
    emit stateChanged(state);
}

void RemoteSource::take(host::Outcome const& outcome) {
    emit finished({.token = outcome.token,
                   .error = outcome.error ? textOf(*outcome.error) : QString(),
                   .reply = outcome.reply});
}

JobToken RemoteSource::post(host::Command command) {
    if (poller_) {
        return poller_->post(std::move(command));
    }
    JobToken const token = --refused_;
    QMetaObject::invokeMethod(
        this,
        [this, token] {
            emit finished({.token = token, .error = tr("not attached"), .reply = {}});
        },
        Qt::QueuedConnection);
    return token;
}

JobToken RemoteSource::disconnectClient(quint64 cid) {
    return post(host::Disconnect{.cid = cid});
}

JobToken RemoteSource::setTap(std::optional<observe::TapFilter> filter) {
    return post(host::SetTap{.filter = std::move(filter)});
}

JobToken RemoteSource::publish(host::OutgoingMessage message) {
    return post(host::Publish{.message = std::move(message)});
}

JobToken RemoteSource::request(host::OutgoingMessage message, base::Duration timeout) {
    return post(host::Request{.message = std::move(message), .timeout = timeout});
}

void RemoteSource::setTreeQuery(std::optional<observe::TreeQuery> query) {
    query_ = std::move(query);
    if (poller_) {
        poller_->set_tree_query(query_);
    }
}

void RemoteSource::setSampling(std::optional<SamplingWish> wish) {
    if (!poller_) {
        return;
    }
    if (!wish) {
        poller_->set_sampling(std::nullopt);
        return;
    }
    poller_->set_sampling(host::SamplingOrder{
        .filter = wish->filter.toStdString(),
        .most_per_second = static_cast<std::uint32_t>(std::max(1, wish->mostPerSecond))});
}

void RemoteSource::setTopologyWanted(bool wanted) {
    topologyWanted_ = wanted;
    if (poller_) {
        poller_->set_topology(wanted);
    }
}

void RemoteSource::setWatched(bool watched) {
    if (watched_ != watched) {
        watched_ = watched;
        if (poller_) {
            poller_->set_watched(watched);
        }
    }
}

}  // namespace signalbox::gui
