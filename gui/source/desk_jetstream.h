#pragma once

#include "engine/host/jetstream/jetstream_desk.h"

#include "gui/source/jetstream.h"

#include <QHash>
#include <QPointer>
#include <QTimer>

#include <memory>
#include <optional>

namespace signalbox::gui {

/// JetStream over a desk of its own, which is there from the first look until the server goes.
class DeskJetStream : public JetStream {
    Q_OBJECT

public:
    explicit DeskJetStream(QObject* parent = nullptr);
    ~DeskJetStream() override;

    /// A server is there, or none any more; `why` says why there is nothing to ask.
    void setServer(std::optional<host::JetStreamOptions> options, QString const& why = {});

    void want() override;
    void lookAgain() override;
    JetStreamState state() const override;
    QString note() const override;
    bool mayChange() const override { return options_ && options_->server.may_write; }
    qint64 apiLevel() const override { return news_.api_level; }
    quint64 ask(host::JetStreamOrder order, QObject* context, Answered done) override;
    void cancel(quint64 token) override;

private:
    struct Waiting {
        QPointer<QObject> context;
        Answered done;
    };

    void poll();
    void letGo();

    std::optional<host::JetStreamOptions> options_;
    std::unique_ptr<host::JetStreamDesk> desk_;
    host::JetStreamNews news_;
    QString why_;
    QHash<quint64, Waiting> waiting_;
    QTimer timer_;
};

}  // namespace signalbox::gui
