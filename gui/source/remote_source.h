#pragma once

#include "engine/host/remote_poller.h"

#include "gui/source/data_source.h"
#include "gui/source/desk_jetstream.h"

#include <QTimer>

#include <memory>

namespace signalbox::gui {

/// A server that runs elsewhere, looked at through what it tells a client, a user of the system
/// account, or over HTTP. It is asked for nothing until `startBroker`, which attaches.
class RemoteSource : public DataSource {
    Q_OBJECT

public:
    RemoteSource(host::RemoteOptions options, SourceTitle title, QObject* parent = nullptr);
    ~RemoteSource() override;

    Capabilities capabilities() const override { return able_; }
    QString explanation(Capability what) const override;
    std::optional<SourceTitle> title() const override { return title_; }

    BrokerState state() const override { return state_; }
    QString stateNote() const override { return note_; }
    quint32 server() const override;
    QString url() const override { return url_; }

    /// Attaches; the options are of no meaning.
    void startBroker(BrokerOptions const& options) override;
    /// Detaches.
    void stopBroker() override;
    /// Another way to look at it, or at another server; attaches anew.
    void setOptions(host::RemoteOptions options, SourceTitle title);

    bool demoTraffic() const override { return false; }
    void setDemoTraffic(bool /*on*/) override {}

    JobToken disconnectClient(quint64 cid) override;
    JobToken setTap(std::optional<observe::TapFilter> filter) override;
    JobToken publish(host::OutgoingMessage message) override;
    JobToken request(host::OutgoingMessage message, base::Duration timeout) override;
    void setTreeQuery(std::optional<observe::TreeQuery> query) override;
    void setSampling(std::optional<SamplingWish> wish) override;
    void setWatched(bool watched) override;
    void setTopologyWanted(bool wanted) override;

    JetStream* jetStream() override { return &jetStream_; }

    observe::SnapshotPtr latest() const override { return snapshot_; }

private:
    void letGo();
    void poll();
    void pollRows();
    void take(host::RemoteNews const& news);
    void take(host::Outcome const& outcome);
    Capabilities capabilitiesFor(host::RemoteNews const& news) const;
    JobToken post(host::Command command);
    void become(BrokerState state, QString const& note);

    host::RemoteOptions options_;
    SourceTitle title_;
    QString url_;
    std::unique_ptr<host::RemotePoller> poller_;
    DeskJetStream jetStream_;
    QTimer timer_;
    observe::SnapshotPtr snapshot_;
    host::RemoteNews news_;
    Capabilities able_;
    BrokerState state_ = BrokerState::Stopped;
    QString note_;
    std::optional<observe::TreeQuery> query_;
    bool watched_ = true;
    bool topologyWanted_ = false;
    JobToken refused_ = 0;  ///< Tokens of what was asked while detached count down.
    unsigned ticks_ = 0;
};

}  // namespace signalbox::gui
