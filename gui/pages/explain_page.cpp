#include "gui/pages/explain_page.h"

#include "gui/icons.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QTextBrowser>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

/// Subscriptions come and go: so often the question is asked anew.
constexpr qint64 kAskAgainMilliseconds = 1'000;

QString html(std::vector<ExplainLine> const& lines, Theme const& theme) {
    QString out;
    for (ExplainLine const& line : lines) {
        QString const style = line.depth == 0 ? QStringLiteral("font-weight:600;margin-top:8px")
                                              : QStringLiteral("margin-top:3px");
        out += QStringLiteral(
                   "<p style='%1;margin-bottom:0;margin-left:%2px'>"
                   "<span style='color:%3'>%4</span>&nbsp;&nbsp;%5</p>")
                   .arg(style)
                   .arg(line.depth * 26)
                   .arg(theme.color(line.tone).name(), line.mark, line.text.toHtmlEscaped());
    }
    return out;
}

QTextBrowser* browser(QString const& name) {
    auto* const one = new QTextBrowser;
    one->setAccessibleName(name);
    one->setOpenLinks(false);
    return one;
}

}  // namespace

ExplainPage::ExplainPage(PageContext const& context)
    : Page(context, {QStringLiteral("explain"), tr("Explain"), QStringLiteral("explain")}) {
    makeTools();
    body().addWidget(makeForm());
    answer_ = browser(tr("Explanation"));
    trace_ = browser(tr("What became of the message that was sent"));
    trace_->hide();
    auto* const splitter = new QSplitter(Qt::Horizontal);
    splitter->addWidget(answer_);
    splitter->addWidget(trace_);
    splitter->setSizes({560, 520});
    body().addWidget(splitter, 1);
    setIdleState({.icon = QStringLiteral("explain"),
                  .title = tr("No broker runs"),
                  .text = tr("Who would receive a message, by which mapping, import and "
                             "permission, and what stands in the way, would be told here."),
                  .needed = Capability::Explain});
    DataSource& source = context.source;
    connect(&source, &DataSource::configurationChanged, this, &ExplainPage::takeConfiguration);
    connect(&source, &DataSource::stateChanged, this, &ExplainPage::showState);
    connect(&source, &DataSource::capabilitiesChanged, this, &ExplainPage::showState);
    connect(&source, &DataSource::finished, this, &ExplainPage::jobFinished);
    connect(&context.theme, &Theme::changed, this, [this] {
        shown_.clear();
        showAnswer();
    });
    takeConfiguration();
    showState();
    showAnswer();
}

void ExplainPage::makeTools() {
    send_ = new QAction(icon(QStringLiteral("publish")), tr("Send one and follow it"), this);
    send_->setToolTip(tr("Publish an empty message there, and see what the server does with it"));
    connect(send_, &QAction::triggered, this, &ExplainPage::sendOne);
    copy_ = new QAction(icon(QStringLiteral("copy")), tr("Copy as text"), this);
    connect(copy_, &QAction::triggered, this, [this] {
        QGuiApplication::clipboard()->setText(
            trace_->isHidden() ? shown_ : shown_ + QLatin1Char('\n') + trace_->toPlainText());
        emit context().navigation.said(tr("Copied the explanation."));
    });
    tools().addStretch(1);
    addTool(send_, Qt::ToolButtonTextBesideIcon);
    addTool(copy_, Qt::ToolButtonTextBesideIcon);
}

QWidget* ExplainPage::makeForm() {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    who_ = new QComboBox;
    who_->setAccessibleName(tr("Who publishes"));
    who_->setMinimumWidth(190);
    subject_ = new QLineEdit;
    subject_->setPlaceholderText(tr("subject, such as orders.new"));
    subject_->setAccessibleName(tr("Subject"));
    subject_->setFont(Theme::monospace());
    auto* const row = new QHBoxLayout(frame);
    row->setContentsMargins(12, 10, 12, 10);
    row->addWidget(new QLabel(tr("When")));
    row->addWidget(who_);
    row->addWidget(new QLabel(tr("publishes to")));
    row->addWidget(subject_, 1);
    connect(who_, &QComboBox::currentIndexChanged, this, &ExplainPage::askAnew);
    connect(subject_, &QLineEdit::textChanged, this, &ExplainPage::askAnew);
    return frame;
}

void ExplainPage::addIdentity(QString const& name, Identity identity) {
    bool const global = identity.account == "$G";
    who_->addItem(
        global ? name
               : QStringLiteral("%1 (%2)").arg(name, QString::fromStdString(identity.account)));
    identities_.push_back(std::move(identity));
}

void ExplainPage::takeConfiguration() {
    QSignalBlocker const blocker(who_);
    QString const before = who_->currentText();
    who_->clear();
    identities_.clear();
    int likely = 0;  // Whom clients without credentials become, or the first who is named.
    if (ConfigurationPtr const configuration = context().source.running()) {
        config::Authorization const& rules = configuration->options.authorization;
        for (AccountEntry const& account : accountsOf(configuration->options)) {
            for (UserEntry const& user : account.users) {
                // The single user of `authorization` has no rules that could be asked for.
                bool const single = account.name == "$G" && user.id == rules.user;
                bool const unnamed = !user.id.empty() && user.id == rules.no_auth_user;
                likely = unnamed ? who_->count() : likely;
                addIdentity(userText(user), {account.name, user.id, !single});
            }
        }
    }
    if (identities_.empty()) {
        addIdentity(tr("anyone"), {"$G", {}, false});
    }
    int const kept = who_->findText(before);
    who_->setCurrentIndex(kept >= 0 ? kept : likely);
}

void ExplainPage::explain(QString const& subject) {
    subject_->setText(subject);
    focusSubject();
}

void ExplainPage::focusSubject() {
    subject_->setFocus();
    subject_->selectAll();
}

/// Another question is not what the message was sent for.
void ExplainPage::askAnew() {
    trace_->hide();
    sending_ = 0;
    ask();
}

void ExplainPage::ask() {
    if (subject_->text().isEmpty()) {
        explanation_.reset();
        asking_ = 0;
        showAnswer();
        return;
    }
    Identity const& who = identities_[static_cast<std::size_t>(std::max(0, who_->currentIndex()))];
    sinceAsked_.start();
    asking_ = context().source.explain({.account = who.account,
                                        .subject = subject_->text().toStdString(),
                                        .user = who.has_rules ? who.user : std::string()});
}

void ExplainPage::jobFinished(Job const& job) {
    if (job.token == asking_ && asking_ != 0) {
        asking_ = 0;
        explanation_ = job.explanation;
        showAnswer();
    } else if (job.token == sending_ && sending_ != 0) {
        sending_ = 0;
        QString const heading = QStringLiteral("<p><b>%1</b></p>");
        trace_->setHtml(job.ok() && job.reply
                            ? heading.arg(tr("What became of it")) +
                                  html(traceLines(QByteArray::fromStdString(job.reply->payload)),
                                       context().theme)
                            : heading.arg(tr("Not followed")) +
                                  QStringLiteral("<p>%1</p>").arg(job.error.toHtmlEscaped()));
    }
}

void ExplainPage::showAnswer() {
    copy_->setEnabled(explanation_.has_value());
    send_->setEnabled(explanation_ && explanation_->obstacles.empty());
    if (!explanation_) {
        shown_.clear();
        answer_->setHtml(QStringLiteral("<p>%1</p>")
                             .arg(tr("Write a subject. The answer follows a message from the one "
                                     "who publishes, through permissions, mappings and imports, to "
                                     "every subscription, without sending one.")));
        return;
    }
    std::vector<ExplainLine> const lines = explainLines(*explanation_);
    QString const text = explainText(lines);
    if (text == shown_) {
        return;
    }
    shown_ = text;
    int const scrolled = answer_->verticalScrollBar()->value();
    answer_->setHtml(html(lines, context().theme));
    answer_->verticalScrollBar()->setValue(scrolled);
}

void ExplainPage::sendOne() {
    Identity const& who = identities_[static_cast<std::size_t>(std::max(0, who_->currentIndex()))];
    host::OutgoingMessage message;
    message.subject = subject_->text().toStdString();
    message.user = who.user;
    trace_->setHtml(QStringLiteral("<p>%1</p>").arg(tr("sending…")));
    trace_->show();
    sending_ = context().source.trace(std::move(message));
}

void ExplainPage::showState() {
    if (!showIdle()) {
        explanation_.reset();
        asking_ = 0;
        trace_->hide();
        showAnswer();
    }
}

void ExplainPage::showSnapshot(observe::SnapshotPtr const& /*snapshot*/) {
    bool const due = !sinceAsked_.isValid() || sinceAsked_.elapsed() > kAskAgainMilliseconds;
    if (asking_ == 0 && due && !subject_->text().isEmpty()) {
        ask();
    }
}

void ExplainPage::prepareForPicture() {
    if (subject_->text().isEmpty()) {
        subject_->setText(QStringLiteral("orders.eu.created"));
        sendOne();
    }
}

}  // namespace signalbox::gui
