#pragma once

#include "gui/source/data_source.h"

#include <vector>

namespace signalbox::gui {

/// A source that does what a test tells it, and remembers what it was asked.
class FakeSource : public DataSource {
    Q_OBJECT

public:
    Capabilities capabilities() const override { return able; }
    BrokerState state() const override { return state_; }
    QString stateNote() const override { return note; }
    quint32 server() const override { return live() ? 1 : 0; }
    QString url() const override {
        return state_ == BrokerState::Running ? QStringLiteral("nats://127.0.0.1:4222") : QString();
    }

    void startBroker(BrokerOptions const& options) override {
        started = options;
        become(BrokerState::Running);
    }
    void stopBroker() override { become(BrokerState::Stopped); }

    bool demoTraffic() const override { return demo_; }
    void setDemoTraffic(bool on) override {
        demo_ = on;
        emit demoTrafficChanged(on);
    }

    JobToken disconnectClient(quint64 cid) override {
        disconnected.push_back(cid);
        return ++token_;
    }
    JobToken setTap(std::optional<observe::TapFilter> filter) override {
        taps.push_back(std::move(filter));
        return ++token_;
    }
    JobToken publish(host::OutgoingMessage message) override {
        published.push_back(std::move(message));
        return ++token_;
    }
    JobToken request(host::OutgoingMessage message, base::Duration /*timeout*/) override {
        requested.push_back(std::move(message));
        return ++token_;
    }
    ConfigurationPtr running() const override { return configuration; }
    JobToken reload(ConfigurationPtr const& wanted) override {
        reloaded.push_back(wanted);
        return ++token_;
    }
    JobToken explain(observe::ExplainQuestion const& question) override {
        explained.push_back(question);
        return ++token_;
    }
    JobToken trace(host::OutgoingMessage message) override {
        traced.push_back(std::move(message));
        return ++token_;
    }
    void setTreeQuery(std::optional<observe::TreeQuery> query) override {
        treeQuery = std::move(query);
    }
    observe::SnapshotPtr latest() const override { return latest_; }

    void lose() { become(BrokerState::Lost); }
    void show(observe::Snapshot snapshot) {
        latest_ = std::make_shared<observe::Snapshot const>(std::move(snapshot));
        // Tables are told of every second one.
        emit snapshotArrived(latest_);
        emit snapshotArrived(latest_);
    }
    void finish(Job const& job) { emit finished(job); }
    JobToken lastToken() const { return token_; }

    QString note;
    Capabilities able = Capability::RunBroker | Capability::SubjectTree | Capability::Tap |
                        Capability::Publish | Capability::Disconnect | Capability::Log |
                        Capability::DemoTraffic | Capability::Figures | Capability::Connections |
                        Capability::Events | Capability::Accounts | Capability::Configure |
                        Capability::Explain;
    std::optional<BrokerOptions> started;
    std::vector<quint64> disconnected;
    std::vector<std::optional<observe::TapFilter>> taps;
    std::vector<host::OutgoingMessage> published;
    std::vector<host::OutgoingMessage> requested;
    std::optional<observe::TreeQuery> treeQuery;
    ConfigurationPtr configuration;
    std::vector<observe::ExplainQuestion> explained;
    std::vector<host::OutgoingMessage> traced;
    std::vector<ConfigurationPtr> reloaded;

private:
    void become(BrokerState state) {
        state_ = state;
        emit stateChanged(state);
    }

    BrokerState state_ = BrokerState::Stopped;
    observe::SnapshotPtr latest_;
    JobToken token_ = 0;
    bool demo_ = false;
};

/// A server with traffic, as an observer would describe it; `tick` moves the figures.
observe::Snapshot sampleSnapshot(unsigned tick);
TapBatch sampleMessages(std::uint64_t first, std::size_t count);

}  // namespace signalbox::gui
