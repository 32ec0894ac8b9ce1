#pragma once

#include "engine/host/lab/local_cluster.h"

#include "gui/source/data_source.h"

#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

namespace signalbox::gui {

using TimelineBatch = std::vector<host::lab::TimelineEntry>;

/// A cluster of servers in this process, with links that can be cut. Pages see one of its servers
/// at a time, the selected one; the topology is that of all.
class LabSource : public DataSource {
    Q_OBJECT

public:
    explicit LabSource(QObject* parent = nullptr);
    ~LabSource() override;

    LabSource* lab() override { return this; }

    Capabilities capabilities() const override;
    BrokerState state() const override { return state_; }
    QString stateNote() const override { return note_; }
    quint32 server() const override;
    QString url() const override;

    /// Starts the cluster that is designed; the options are of no meaning.
    void startBroker(BrokerOptions const& options) override;
    void stopBroker() override;

    /// The clients that the scenario's loads are.
    bool demoTraffic() const override { return loadsWanted_; }
    void setDemoTraffic(bool on) override;

    JobToken disconnectClient(quint64 cid) override;
    JobToken setTap(std::optional<observe::TapFilter> filter) override;
    JobToken publish(host::OutgoingMessage message) override;
    JobToken request(host::OutgoingMessage message, base::Duration timeout) override;
    JobToken explain(observe::ExplainQuestion const& question) override;
    JobToken trace(host::OutgoingMessage message) override;
    void setTreeQuery(std::optional<observe::TreeQuery> query) override;
    void setWatched(bool watched) override;
    observe::SnapshotPtr latest() const override { return snapshot_; }

    /// What is built: while it stands still it may be changed.
    host::lab::Scenario const& design() const { return design_; }
    /// Empty when it is one; else why not. Only while nothing runs.
    QString setDesign(host::lab::Scenario design);

    /// The scenario of that file; empty, or why not.
    QString open(QString const& path);

    /// Null while nothing runs.
    host::lab::LocalCluster* cluster() const { return cluster_.get(); }
    void act(host::lab::Action const& action);
    /// Plays the scenario's steps. False when there are none, or they are played already.
    bool play();
    bool playing() const { return cluster_ && cluster_->playing(); }

    QStringList serverNames() const;
    int selectedServer() const { return selected_; }
    void selectServer(int index);
    /// Where its clients connect, by the server's name; empty while nothing runs.
    QString urlOf(int index) const;

    /// Empty when they were written.
    QString writeConfigurations(QString const& folder) const;

signals:
    void designChanged();
    void serverSelected(int index);
    void timelineArrived(signalbox::gui::TimelineBatch const& entries);

private:
    void poll();
    void pollRows();
    void takeOutcomes();
    void makeSnapshot();
    void tellTimeline();
    void takeEvent(std::size_t index, observe::EventRow row);
    JobToken post(host::Command command);
    host::ServerNumber number() const;
    void become(BrokerState state, QString const& note = {});

    std::unique_ptr<host::lab::LocalCluster> cluster_;
    host::lab::Scenario design_;
    QTimer timer_;
    observe::SnapshotPtr snapshot_;
    BrokerState state_ = BrokerState::Stopped;
    QString note_;
    std::optional<observe::TreeQuery> query_;
    EventBatch events_;
    TimelineBatch arrivals_;  ///< Of clients, for the timeline.
    quint64 snapshots_ = 0;
    unsigned ticks_ = 0;
    int selected_ = 0;
    bool loadsWanted_ = false;
    bool watched_ = true;
};

/// The shapes that a cluster is begun with.
struct LabTemplate {
    QString name;
    QString text;
    host::lab::Scenario scenario;
};
std::vector<LabTemplate> labTemplates();

}  // namespace signalbox::gui
