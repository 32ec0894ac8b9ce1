#include "gui/pages/jetstream/jetstream_page.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/widgets/empty_state.h"
#include "gui/widgets/job_bar.h"

#include <QAction>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

constexpr int kLookMilliseconds = 3'000;

}  // namespace

JetStreamPage::JetStreamPage(PageContext const& context, PageTitle const& title)
    : Page(context, title),
      jetStream_(context.source.jetStream()),
      empty_(new EmptyState(title.icon, {}, {})),
      jobBar_(new JobBar) {
    setEmptyState(empty_);
    empty_->addAction(context.actions.get(QStringLiteral("broker.start")));
    auto* const again = new QAction(icon(QStringLiteral("reload")), tr("Look again"), this);
    connect(again, &QAction::triggered, this, [this] {
        if (jetStream_ != nullptr) {
            jetStream_->lookAgain();
        }
    });
    empty_->addAction(again);
    connect(jobBar_, &JobBar::cancelled, this, [this] { jetStream_->cancel(jobToken_); });
    timer_.setInterval(kLookMilliseconds);
    connect(&timer_, &QTimer::timeout, this, [this] {
        if (available()) {
            refresh();
        }
    });
    connect(&context.source, &DataSource::stateChanged, this, &JetStreamPage::showAbsent);
    if (jetStream_ != nullptr) {
        connect(jetStream_, &JetStream::stateChanged, this, &JetStreamPage::showState);
        connect(jetStream_, &JetStream::progressed, this, &JetStreamPage::jobProgressed);
    }
    showAbsent();
}

void JetStreamPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    timer_.start();
    if (jetStream_ != nullptr) {
        jetStream_->want();
        showState();
        if (available()) {
            refresh();
        }
    }
}

void JetStreamPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    timer_.stop();
}

void JetStreamPage::showState() {
    if (onScreen()) {
        jetStream_->want();
    }
    bool const now = available();
    bool const server_gone =
        jetStream_->state() == JetStreamState::Off || jetStream_->state() == JetStreamState::Absent;
    if (!now && server_gone) {
        forget();
    }
    if (now && !wasAvailable_ && onScreen()) {
        refresh();
    }
    wasAvailable_ = now;
    showAbsent();
    showActions();
}

void JetStreamPage::showAbsent() {
    if (available()) {
        showEmpty(false);
        return;
    }
    JetStreamState const state = jetStream_ == nullptr ? JetStreamState::Off : jetStream_->state();
    QString const note = jetStream_ == nullptr ? QString() : jetStream_->note();
    switch (state) {
        case JetStreamState::Off:
            empty_->setTitle(isRemote() ? tr("Not attached") : tr("No broker runs"));
            empty_->setText(note.isEmpty()
                                ? tr("What JetStream keeps would be here: streams of messages, "
                                     "their consumers, key-value buckets and objects.")
                                : note);
            break;
        case JetStreamState::Connecting:
            empty_->setTitle(tr("Asking the server…"));
            empty_->setText(tr("Whether it has JetStream, and what is kept there."));
            break;
        case JetStreamState::Absent:
            empty_->setTitle(tr("JetStream is not enabled on this server"));
            empty_->setText(
                tr("%1\nTo enable it, its configuration needs a line such as\n"
                   "jetstream { store_dir: \"/var/lib/nats\" }\nand, where it has accounts, "
                   "jetstream: enabled in the account. nats-server takes -js as well.")
                    .arg(note));
            break;
        case JetStreamState::Lost:
            empty_->setTitle(tr("No connection"));
            empty_->setText(note);
            break;
        case JetStreamState::Available:
            break;
    }
    showEmpty(true);
}

quint64 JetStreamPage::look(host::JetStreamOrder order,
                            std::function<void(host::JetStreamAnswer&)> done) {
    return jetStream_->ask(std::move(order), this,
                           [this, done = std::move(done)](host::JetStreamAnswer& answer) {
                               if (answer.error) {
                                   showError(errorText(answer));
                               } else {
                                   done(answer);
                               }
                           });
}

void JetStreamPage::change(host::JetStreamOrder order, QString const& doing, QString const& done,
                           std::function<void(host::JetStreamAnswer&)> then) {
    jobBar_->begin(doing, false);
    jetStream_->ask(std::move(order), this,
                    [this, done, then = std::move(then)](host::JetStreamAnswer& answer) {
                        if (answer.error) {
                            showError(errorText(answer));
                        } else {
                            jobBar_->end(done, true);
                        }
                        if (then) {
                            then(answer);
                        }
                        refresh();
                    });
}

void JetStreamPage::changeByApi(QString const& subject, QByteArray const& body,
                                QString const& doing, QString const& done) {
    change(host::AskApi{.act = host::AskApi::Act::Change,
                        .subject = subject.toStdString(),
                        .body = body.toStdString(),
                        .timeout = base::seconds(15)},
           doing, done);
}

void JetStreamPage::startJob(host::JetStreamOrder order, QString const& doing,
                             std::function<void(host::JetStreamAnswer&)> done) {
    doing_ = doing;
    jobBar_->begin(doing, true);
    jobToken_ = jetStream_->ask(std::move(order), this,
                                [this, done = std::move(done)](host::JetStreamAnswer& answer) {
                                    jobToken_ = 0;
                                    if (answer.error) {
                                        showError(errorText(answer));
                                    }
                                    done(answer);
                                });
}

void JetStreamPage::jobProgressed(quint64 token, quint64 done, quint64 total) {
    if (token == 0 || token != jobToken_) {
        return;
    }
    QString const far = total == 0 ? shortBytes(static_cast<double>(done))
                                   : tr("%1 of %2")
                                         .arg(shortBytes(static_cast<double>(done)),
                                              shortBytes(static_cast<double>(total)));
    jobBar_->progress(done, total, tr("%1 %2").arg(doing_, far));
}

void JetStreamPage::showError(QString const& text) {
    jobBar_->end(tr("⚠ %1").arg(text), false);
}

void JetStreamPage::say(QString const& text) {
    jobBar_->end(text, true);
}

QAction* JetStreamPage::addAct(QString const& iconName, QString const& text, QString const& tip,
                               std::function<void()> run, bool withText) {
    auto* const action = new QAction(icon(iconName), text, this);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    addTool(action, withText ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    return action;
}

void JetStreamPage::addRefresh() {
    addAct(QStringLiteral("reload"), tr("Look now"), tr("Look now; it is looked every 3 s"),
           [this] {
               if (available()) {
                   refresh();
               }
           });
}

void JetStreamPage::addJobBar() {
    body().addWidget(jobBar_);
}

QByteArray jsonBody(QJsonObject const& object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

}  // namespace signalbox::gui
