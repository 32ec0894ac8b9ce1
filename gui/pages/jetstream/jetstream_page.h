#pragma once

#include "gui/pages/page.h"
#include "gui/source/jetstream.h"

#include <QTimer>

class QAction;
class QJsonObject;

namespace signalbox::gui {

class JobBar;
class LiveTable;

/// A page about what JetStream keeps: looks only while it is on screen, at a slow pace and when
/// asked to; says what is missing where there is no JetStream; and shows what is under way.
class JetStreamPage : public Page {
    Q_OBJECT

public:
    JetStreamPage(PageContext const& context, PageTitle const& title);

    void showSnapshot(observe::SnapshotPtr const& /*snapshot*/) override {}

    /// Chooses that stream, or the bucket it is of, once it is known.
    virtual void showStream(QString const& stream) = 0;
    virtual void focusSearch() {}

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

    /// There is none only for sources that never have one; such a page shows no body.
    JetStream& jetStream() { return *jetStream_; }
    bool available() const { return jetStream_ != nullptr && jetStream_->available(); }
    bool mayChange() const { return available() && jetStream_->mayChange(); }
    bool onScreen() const { return timer_.isActive(); }

    /// Asks for what the page shows; called when it is shown, and every few seconds while it is.
    virtual void refresh() = 0;
    /// The server is another one, or none: what was shown is forgotten.
    virtual void forget() = 0;
    /// What may be done changed.
    virtual void showActions() = 0;

    /// Asks; an error is shown on the page, and `done` called only without one.
    quint64 look(host::JetStreamOrder order, std::function<void(host::JetStreamAnswer&)> done);
    /// Changes something; how it ended is said, and the page refreshed.
    void change(host::JetStreamOrder order, QString const& doing, QString const& done,
                std::function<void(host::JetStreamAnswer&)> then = {});
    void changeByApi(QString const& subject, QByteArray const& body, QString const& doing,
                     QString const& done);
    /// Something long; `done` is called however it ended.
    void startJob(host::JetStreamOrder order, QString const& doing,
                  std::function<void(host::JetStreamAnswer&)> done);
    void showError(QString const& text);
    void say(QString const& text);

    QAction* addAct(QString const& iconName, QString const& text, QString const& tip,
                    std::function<void()> run, bool withText = false);

    void addRefresh();
    /// The body's last line.
    void addJobBar();
    JobBar& job() { return *jobBar_; }

private:
    void showState();
    void showAbsent();
    void jobProgressed(quint64 token, quint64 done, quint64 total);

    JetStream* jetStream_;
    EmptyState* empty_;
    JobBar* jobBar_;
    QTimer timer_;
    quint64 jobToken_ = 0;
    QString doing_;
    bool wasAvailable_ = false;
};

/// A body as the API takes it.
QByteArray jsonBody(QJsonObject const& object);

}  // namespace signalbox::gui
