#pragma once

#include "engine/host/jetstream/jetstream_order.h"

#include <QObject>
#include <QString>

#include <functional>

namespace signalbox::gui {

enum class JetStreamState {
    Off,  ///< No server runs, or is attached to.
    Connecting,
    Available,
    Absent,  ///< The server, or this account, has none.
    Lost,    ///< The connection; it is tried again.
};

/// What the streams of a server's account are asked over. No call waits: answers come in the
/// window's thread.
class JetStream : public QObject {
    Q_OBJECT

public:
    using Answered = std::function<void(host::JetStreamAnswer&)>;

    using QObject::QObject;

    /// Someone looks: connects, where that was not done yet.
    virtual void want() = 0;
    /// Asks anew whether there is any.
    virtual void lookAgain() = 0;

    virtual JetStreamState state() const = 0;
    bool available() const { return state() == JetStreamState::Available; }
    /// Why it is not available: a sentence.
    virtual QString note() const = 0;
    /// Whether orders that change something are carried out.
    virtual bool mayChange() const = 0;
    virtual qint64 apiLevel() const = 0;

    /// `done` is called once, unless `context` is gone by then.
    virtual quint64 ask(host::JetStreamOrder order, QObject* context, Answered done) = 0;
    /// Gives it up: it is answered with an error.
    virtual void cancel(quint64 token) = 0;

signals:
    void stateChanged();
    /// `total` 0: not known.
    void progressed(quint64 token, quint64 done, quint64 total);
};

/// An error as a person reads it.
inline QString errorText(host::JetStreamAnswer const& answer) {
    if (!answer.error) {
        return {};
    }
    std::string const& detail = answer.error->detail();
    return detail.empty() ? QString::fromStdString(std::string(base::name_of(answer.error->code())))
                          : QString::fromStdString(detail);
}

}  // namespace signalbox::gui
