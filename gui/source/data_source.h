#pragma once

#include "engine/host/command.h"
#include "engine/observe/snapshot.h"
#include "engine/observe/tap_row.h"

#include "gui/source/configuration.h"

#include <QFlags>
#include <QObject>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace signalbox::gui {

class JetStream;

/// What a source can tell and do. A page asks before it offers something.
enum class Capability {
    RunBroker = 1,
    SubjectTree = 2,
    Tap = 4,
    Publish = 8,
    Disconnect = 16,
    Log = 32,
    DemoTraffic = 64,
    Figures = 128,
    Connections = 256,
    Events = 512,
    Accounts = 1024,
    /// Subjects are counted by a subscription, and only while one is asked for.
    Sampling = 2048,
    Explain = 8'192,
    Configure = 4'096,  ///< Runs on a configuration that is known here, and takes another.
};
Q_DECLARE_FLAGS(Capabilities, Capability)
Q_DECLARE_OPERATORS_FOR_FLAGS(Capabilities)

enum class BrokerState {
    Stopped,
    Starting,
    Running,
    Stopping,
    Lost,  ///< Of a remote one: it was attached, and is tried again. Figures are old.
};

/// What a window says along its top edge of the server it looks at.
struct SourceTitle {
    QString name;
    QString color;  ///< As `#rrggbb`.
    QString environment;
    bool readOnly = true;
};

/// The subscription that counts subjects of a remote server.
struct SamplingWish {
    QString filter = QStringLiteral(">");
    int mostPerSecond = 5'000;  ///< Past it the subscription ends by itself.
};

/// How a local broker is started.
struct BrokerOptions {
    QString host = QStringLiteral("127.0.0.1");
    int port = 4222;         ///< Tried first; if it is taken, the next free one is used.
    int monitoringPort = 0;  ///< Of the HTTP listener; -1: any free one, 0: none.
    bool debugLog = false;
    QString user;  ///< Asked of clients; empty: anyone on the listening address may connect.
    QString password;
    ConfigurationPtr configuration = nullptr;  ///< Then it says everything, and the rest nothing.
};

/// Names something asked of a source, so that its end finds who asked.
using JobToken = quint64;

/// How something asked of a source ended.
struct Job {
    JobToken token = 0;
    QString error;  ///< Empty when it went well.
    std::optional<host::Reply> reply;
    std::optional<observe::Explanation> explanation = std::nullopt;

    bool ok() const { return error.isEmpty(); }
};

using TapRowPtr = std::shared_ptr<observe::TapRow const>;
using TapBatch = std::vector<TapRowPtr>;
using EventBatch = std::vector<observe::EventRow>;
using LogBatch = std::vector<observe::LogRow>;

class LabSource;

/// Where a window's pages get everything from, and the only thing they give orders to.
///
/// No call waits: what it brings about is told by signals, in the window's thread. Rows come in
/// batches of a bounded size, whatever happens behind.
class DataSource : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    virtual Capabilities capabilities() const = 0;
    bool can(Capability what) const { return capabilities().testFlag(what); }
    /// Why it cannot do or tell something, and what would change that: a sentence or two.
    virtual QString explanation(Capability /*what*/) const { return {}; }
    /// Of a server that does not run in this process; none otherwise.
    virtual std::optional<SourceTitle> title() const { return std::nullopt; }

    /// A cluster that is there to be broken, when it is one; none otherwise.
    virtual LabSource* lab() { return nullptr; }

    virtual BrokerState state() const = 0;
    /// There are figures to show, though they may be old.
    bool live() const { return state() == BrokerState::Running || state() == BrokerState::Lost; }
    /// A sentence about the state that a person should read: which port was taken, what failed.
    virtual QString stateNote() const = 0;
    /// The server whose figures are shown; 0: none.
    virtual quint32 server() const = 0;
    /// What clients connect to; empty unless the broker runs.
    virtual QString url() const = 0;

    virtual void startBroker(BrokerOptions const& options) = 0;
    virtual void stopBroker() = 0;

    /// What the broker was last told, at its start or by a reload it accepted; none unless it runs
    /// and the source can know.
    virtual ConfigurationPtr running() const { return nullptr; }
    /// All of it is applied, or nothing. 0: this source cannot.
    virtual JobToken reload(ConfigurationPtr const& /*configuration*/) { return 0; }

    virtual bool demoTraffic() const = 0;
    /// Real clients on the running broker. Wanted before it runs, they come once it does.
    virtual void setDemoTraffic(bool on) = 0;

    virtual JobToken disconnectClient(quint64 cid) = 0;
    /// None ends the tap.
    virtual JobToken setTap(std::optional<observe::TapFilter> filter) = 0;
    virtual JobToken publish(host::OutgoingMessage message) = 0;
    virtual JobToken request(host::OutgoingMessage message, base::Duration timeout) = 0;
    /// What would become of a message. 0: this source cannot tell.
    virtual JobToken explain(observe::ExplainQuestion const& /*question*/) { return 0; }
    /// Publishes one, and has the server tell what became of it. 0: this source cannot.
    virtual JobToken trace(host::OutgoingMessage /*message*/) { return 0; }
    /// Which part of the subject tree the next snapshots hold; none costs the engine nothing.
    virtual void setTreeQuery(std::optional<observe::TreeQuery> query) = 0;

    /// None ends it. Only of sources with `Capability::Sampling`.
    virtual void setSampling(std::optional<SamplingWish> /*wish*/) {}
    /// Whether snapshots shall hold how the servers hang together.
    virtual void setTopologyWanted(bool /*wanted*/) {}
    /// Whether anyone sees the window: what is hidden need not be asked for as often.
    virtual void setWatched(bool /*watched*/) {}

    /// The streams of the server's account; null: this source cannot ask for them.
    virtual JetStream* jetStream() { return nullptr; }

    /// The newest snapshot; null until there is one.
    virtual observe::SnapshotPtr latest() const = 0;

signals:
    void stateChanged(signalbox::gui::BrokerState state);
    /// What it can do or tell is not what it was.
    void capabilitiesChanged();
    /// `running` answers another configuration.
    void configurationChanged();
    void demoTrafficChanged(bool on);
    /// At most 20 times a second.
    void snapshotArrived(signalbox::observe::SnapshotPtr const& snapshot);
    void tapArrived(signalbox::gui::TapBatch const& rows);
    void eventsArrived(signalbox::gui::EventBatch const& rows);
    void logArrived(signalbox::gui::LogBatch const& rows);
    void finished(signalbox::gui::Job const& job);
};

/// The snapshot of one server, or none.
inline observe::ServerSnapshot const* serverIn(observe::SnapshotPtr const& snapshot,
                                               quint32 server) {
    if (snapshot) {
        for (observe::ServerSnapshot const& one : snapshot->servers) {
            if (one.server == server) {
                return &one;
            }
        }
    }
    return nullptr;
}

}  // namespace signalbox::gui
