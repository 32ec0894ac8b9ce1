#pragma once

#include "engine/host/engine.h"

#include "gui/source/data_source.h"
#include "gui/source/desk_jetstream.h"

#include <QTimer>

#include <memory>

namespace signalbox::gui {

/// The broker in this process: one engine, at most one server at a time.
class LocalSource : public DataSource {
    Q_OBJECT

public:
    explicit LocalSource(QObject* parent = nullptr);
    ~LocalSource() override;

    Capabilities capabilities() const override;
    BrokerState state() const override { return state_; }
    QString stateNote() const override { return note_; }
    quint32 server() const override { return server_; }
    QString url() const override;

    void startBroker(BrokerOptions const& options) override;
    void stopBroker() override;

    ConfigurationPtr running() const override { return running_; }
    JobToken reload(ConfigurationPtr const& configuration) override;

    bool demoTraffic() const override { return demoWanted_; }
    void setDemoTraffic(bool on) override;

    JobToken disconnectClient(quint64 cid) override;
    JobToken setTap(std::optional<observe::TapFilter> filter) override;
    JobToken publish(host::OutgoingMessage message) override;
    JobToken request(host::OutgoingMessage message, base::Duration timeout) override;
    JobToken explain(observe::ExplainQuestion const& question) override;
    JobToken trace(host::OutgoingMessage message) override;
    void setTreeQuery(std::optional<observe::TreeQuery> query) override;

    JetStream* jetStream() override { return &jetStream_; }

    observe::SnapshotPtr latest() const override { return snapshot_; }

private:
    void poll();
    void pollRows();
    void take(host::Outcome const& outcome);
    void started(host::Outcome const& outcome);
    void reloaded(host::Outcome const& outcome);
    void run(ConfigurationPtr configuration);
    void sign(host::OutgoingMessage& message) const;
    void stopped();
    void tryPort(int port);
    void become(BrokerState state);
    void startDemoOnceListening();
    void offerJetStreamOnceListening();

    host::Engine engine_;
    std::unique_ptr<host::DemoTraffic> demo_;  ///< Ends before the engine.
    DeskJetStream jetStream_;
    QTimer timer_;
    observe::SnapshotPtr snapshot_;
    BrokerOptions options_;
    BrokerState state_ = BrokerState::Stopped;
    QString note_;
    quint32 server_ = 0;
    int port_ = 0;              ///< The one asked for last.
    int portsTried_ = 0;        ///< Past the one wanted.
    ConfigurationPtr running_;  ///< In force.
    ConfigurationPtr wanted_;   ///< With the start or reload that is on its way.
    JobToken starting_ = 0;
    JobToken reloading_ = 0;
    JobToken stopping_ = 0;
    unsigned ticks_ = 0;
    bool demoWanted_ = false;
    bool jetStreamOffered_ = false;
};

}  // namespace signalbox::gui
