#include "gui/source/desk_jetstream.h"

#include <QThreadPool>

#include <utility>

namespace signalbox::gui {

namespace {

constexpr int kPollMilliseconds = 30;

}  // namespace

DeskJetStream::DeskJetStream(QObject* parent) : JetStream(parent) {
    timer_.setInterval(kPollMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &DeskJetStream::poll);
}

DeskJetStream::~DeskJetStream() {
    letGo();
}

void DeskJetStream::setServer(std::optional<host::JetStreamOptions> options, QString const& why) {
    letGo();
    options_ = std::move(options);
    why_ = why;
    emit stateChanged();
}

void DeskJetStream::letGo() {
    timer_.stop();
    news_ = {};
    if (desk_) {
        // A look-up of a name under way would hold its end up, and the window with it.
        QThreadPool::globalInstance()->start([gone = std::shared_ptr<host::JetStreamDesk>(
                                                  std::move(desk_))]() mutable { gone.reset(); });
    }
    for (Waiting const& one : std::exchange(waiting_, {})) {
        host::JetStreamAnswer answer{.error = Error(Errc::Closed, "the server is gone")};
        if (one.context) {
            one.done(answer);
        }
    }
}

void DeskJetStream::want() {
    if (options_ && !desk_) {
        desk_ = std::make_unique<host::JetStreamDesk>(*options_);
        timer_.start();
        emit stateChanged();
    }
}

void DeskJetStream::lookAgain() {
    want();
    if (desk_) {
        desk_->look_again();
    }
}

JetStreamState DeskJetStream::state() const {
    if (!desk_) {
        return options_ ? JetStreamState::Connecting : JetStreamState::Off;
    }
    using State = host::JetStreamNews::State;
    switch (news_.state) {
        case State::Connecting:
        case State::Asking:
            return JetStreamState::Connecting;
        case State::Available:
            return JetStreamState::Available;
        case State::Absent:
            return JetStreamState::Absent;
        case State::Lost:
        case State::Refused:
            return JetStreamState::Lost;
    }
    return JetStreamState::Off;
}

QString DeskJetStream::note() const {
    return desk_ ? QString::fromStdString(news_.note) : why_;
}

quint64 DeskJetStream::ask(host::JetStreamOrder order, QObject* context, Answered done) {
    want();
    if (!desk_) {
        QMetaObject::invokeMethod(
            context,
            [done = std::move(done)] {
                host::JetStreamAnswer answer{.error = Error(Errc::Closed, "no server is there")};
                done(answer);
            },
            Qt::QueuedConnection);
        return 0;
    }
    quint64 const token = desk_->post(std::move(order));
    waiting_.insert(token, {context, std::move(done)});
    return token;
}

void DeskJetStream::cancel(quint64 token) {
    if (desk_) {
        desk_->cancel(token);
    }
}

void DeskJetStream::poll() {
    if (std::optional<host::JetStreamNews> const news = desk_->take_news()) {
        bool const changed = *news != news_;
        news_ = *news;
        if (changed) {
            emit stateChanged();
        }
    }
    // Whoever is told of one may stop the server.
    if (!desk_) {
        return;
    }
    for (host::JetStreamProgress const& one : desk_->take_progress()) {
        emit progressed(one.token, one.done, one.total);
    }
    if (!desk_) {
        return;
    }
    for (host::JetStreamAnswer& answer : desk_->take_answers()) {
        Waiting const waiting = waiting_.take(answer.token);
        if (waiting.context) {
            waiting.done(answer);
        }
    }
}

}  // namespace signalbox::gui
