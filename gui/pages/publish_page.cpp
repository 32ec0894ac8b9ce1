#include "gui/pages/publish_page.h"

#include "engine/subject/subject.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/models/payload_text.h"
#include "gui/widgets/json_highlighter.h"
#include "gui/widgets/live_table.h"
#include "gui/widgets/payload_view.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QStyle>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox::gui {

namespace {

/// Of a run, so many are on their way to the engine at once: its mailbox is bounded.
constexpr std::size_t kUnderWay = 64;
constexpr int kMostTimes = 1'000'000;

void setRole(QLabel* label, char const* role, QString const& text) {
    label->setProperty("role", role);
    label->style()->unpolish(label);
    label->style()->polish(label);
    label->setText(text);
}

QFrame* cardWith(QString const& title, QVBoxLayout*& column) {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    column = new QVBoxLayout(frame);
    column->setContentsMargins(14, 10, 14, 12);
    column->setSpacing(kSpace);
    auto* const heading = new QLabel(title);
    heading->setProperty("role", "title");
    column->addWidget(heading);
    return frame;
}

}  // namespace

PublishPage::PublishPage(PageContext const& context)
    : Page(context, {QStringLiteral("publish"), tr("Publish"), QStringLiteral("publish")}),
      sent_(new SentModel(this)) {
    tools().addStretch(1);
    split_ = new QSplitter(Qt::Horizontal);
    split_->addWidget(form());
    split_->addWidget(answerPart());
    split_->setStretchFactor(0, 1);
    split_->setStretchFactor(1, 1);
    split_->setChildrenCollapsible(false);
    split_->setSizes({600, 600});
    split_->restoreState(context.settings.value(QStringLiteral("split/publish")).toByteArray());
    body().addWidget(split_, 1);
    connect(&context.source, &DataSource::finished, this, &PublishPage::take);
    connect(&context.source, &DataSource::stateChanged, this, &PublishPage::check);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &PublishPage::check);
    form_.subject->setText(QStringLiteral("hello"));
    form_.body->setPlainText(QStringLiteral("{\"greeting\": \"hello\", \"from\": \"signalbox\"}"));
    check();
}

QWidget* PublishPage::form() {
    QVBoxLayout* column = nullptr;
    QFrame* const frame = cardWith(tr("Message"), column);
    form_.subject = new QLineEdit;
    form_.subject->setFont(Theme::monospace());
    form_.subject->setAccessibleName(tr("Subject"));
    form_.reply = new QLineEdit;
    form_.reply->setFont(Theme::monospace());
    form_.reply->setAccessibleName(tr("Reply subject"));
    form_.reply->setPlaceholderText(tr("none"));
    form_.verdict = new QLabel;
    form_.verdict->setWordWrap(true);
    auto* const grid = new QGridLayout;
    grid->setHorizontalSpacing(kSpace);
    grid->setVerticalSpacing(6);
    grid->addWidget(mutedLabel(tr("Subject")), 0, 0);
    grid->addWidget(form_.subject, 0, 1);
    grid->addWidget(mutedLabel(tr("Reply")), 1, 0);
    grid->addWidget(form_.reply, 1, 1);
    grid->addWidget(form_.verdict, 2, 1);
    column->addLayout(grid);
    column->addWidget(headersPart());

    auto* const bodyRow = new QHBoxLayout;
    bodyRow->addWidget(mutedLabel(tr("Payload")));
    bodyRow->addStretch(1);
    form_.json = new QLabel;
    form_.json->setAccessibleName(tr("What the payload is"));
    bodyRow->addWidget(form_.json);
    column->addLayout(bodyRow);
    form_.body = new QPlainTextEdit;
    form_.body->setFont(Theme::monospace());
    form_.body->setAccessibleName(tr("Payload"));
    form_.body->setTabChangesFocus(true);
    new JsonHighlighter(context().theme, form_.body->document());
    column->addWidget(form_.body, 1);
    column->addWidget(buttons());
    connect(form_.subject, &QLineEdit::textChanged, this, &PublishPage::check);
    connect(form_.reply, &QLineEdit::textChanged, this, &PublishPage::check);
    connect(form_.body, &QPlainTextEdit::textChanged, this, &PublishPage::check);
    return frame;
}

QWidget* PublishPage::headersPart() {
    auto* const part = new QWidget;
    form_.headers = new QTableWidget(0, 2);
    form_.headers->setAccessibleName(tr("Headers"));
    form_.headers->setHorizontalHeaderLabels({tr("Header"), tr("Value")});
    form_.headers->horizontalHeader()->setStretchLastSection(true);
    form_.headers->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form_.headers->horizontalHeader()->resizeSection(0, 170);
    form_.headers->verticalHeader()->hide();
    form_.headers->verticalHeader()->setDefaultSectionSize(kRowHeight + 4);
    form_.headers->setShowGrid(false);
    form_.headers->setTabKeyNavigation(false);
    form_.headers->setFixedHeight(112);
    auto const button = [this](QString const& iconName, QString const& text, auto run) {
        auto* const one = new QToolButton;
        one->setIcon(icon(iconName));
        one->setAccessibleName(text);
        one->setToolTip(text);
        one->setFocusPolicy(Qt::StrongFocus);
        connect(one, &QToolButton::clicked, this, run);
        return one;
    };
    auto* const row = new QHBoxLayout;
    row->addWidget(mutedLabel(tr("Headers")));
    row->addStretch(1);
    row->addWidget(button(QStringLiteral("add"), tr("Add a header"), [this] {
        addHeader();
        form_.headers->setFocus();
        form_.headers->editItem(form_.headers->item(form_.headers->rowCount() - 1, 0));
    }));
    row->addWidget(button(QStringLiteral("remove"), tr("Remove the selected header"),
                          [this] { form_.headers->removeRow(form_.headers->currentRow()); }));
    auto* const column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(row);
    column->addWidget(form_.headers);
    return part;
}

QWidget* PublishPage::buttons() {
    auto* const bar = new QWidget;
    auto* const row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpace);
    form_.publish = new QPushButton(tr("Publish"));
    form_.publish->setProperty("primary", true);
    form_.publish->setAccessibleName(tr("Publish the message"));
    form_.publish->setToolTip(tr("Publish the message (Ctrl+Return)"));
    form_.times = new QSpinBox;
    form_.times->setRange(1, kMostTimes);
    form_.times->setPrefix(tr("× "));
    form_.times->setAccessibleName(tr("How many times"));
    form_.times->setGroupSeparatorShown(true);
    form_.request = new QPushButton(tr("Request"));
    form_.request->setAccessibleName(tr("Send as a request and wait for an answer"));
    form_.request->setToolTip(
        tr("Send it with a reply subject of its own and wait for one answer"));
    form_.timeout = new QSpinBox;
    form_.timeout->setRange(10, 600'000);
    form_.timeout->setValue(2'000);
    form_.timeout->setSingleStep(500);
    form_.timeout->setSuffix(tr(" ms"));
    form_.timeout->setPrefix(tr("within "));
    form_.timeout->setAccessibleName(tr("Time to wait for an answer"));
    row->addWidget(form_.publish);
    row->addWidget(form_.times);
    row->addStretch(1);
    row->addWidget(form_.request);
    row->addWidget(form_.timeout);
    connect(form_.publish, &QPushButton::clicked, this, &PublishPage::publish);
    connect(form_.request, &QPushButton::clicked, this, &PublishPage::request);
    return bar;
}

QWidget* PublishPage::answerPart() {
    auto* const part = new QSplitter(Qt::Vertical);
    part->setChildrenCollapsible(false);
    QVBoxLayout* column = nullptr;
    QFrame* const answer = cardWith(tr("Answer"), column);
    answerTitle_ = new QLabel(tr("The answer to a request appears here."));
    answerTitle_->setProperty("role", "muted");
    answerTitle_->setWordWrap(true);
    answerTitle_->setAccessibleName(tr("Answer"));
    answer_ = new PayloadView(context().theme);
    column->addWidget(answerTitle_);
    column->addWidget(answer_, 1);
    QVBoxLayout* below = nullptr;
    QFrame* const sent = cardWith(tr("Sent"), below);
    history_ = new LiveTable(context().theme, tr("Sent"));
    history_->setModel(sent_);
    history_->setColumnWidths({84, 76, 150, 76, 190}, SentModel::Subject);
    history_->setFrameShape(QFrame::NoFrame);
    history_->setProperty("flat", true);
    history_->setSelectionMode(QAbstractItemView::SingleSelection);
    history_->setEmptyText(
        tr("What you send is listed here. What was published cannot be undone."));
    below->addWidget(history_, 1);
    connect(history_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &PublishPage::showSent);
    connect(history_, &QAbstractItemView::activated, this, [this](QModelIndex const& index) {
        if (SentRow const* row = sent_->rowAt(index.row())) {
            form_.subject->setText(wireText(row->message.subject));
            form_.reply->setText(wireText(row->message.reply));
            form_.body->setPlainText(wireText(row->message.payload));
            form_.headers->setRowCount(0);
            for (auto const& [name, value] : row->message.headers) {
                addHeader(wireText(name), wireText(value));
            }
        }
    });
    part->addWidget(answer);
    part->addWidget(sent);
    return part;
}

void PublishPage::addHeader(QString const& name, QString const& value) {
    int const row = form_.headers->rowCount();
    form_.headers->insertRow(row);
    form_.headers->setItem(row, 0, new QTableWidgetItem(name));
    form_.headers->setItem(row, 1, new QTableWidgetItem(value));
}

host::OutgoingMessage PublishPage::message() const {
    host::OutgoingMessage message;
    message.subject = form_.subject->text().trimmed().toStdString();
    message.reply = form_.reply->text().trimmed().toStdString();
    message.payload = form_.body->toPlainText().toStdString();
    for (int row = 0; row < form_.headers->rowCount(); ++row) {
        QString const name = form_.headers->item(row, 0)->text().trimmed();
        if (!name.isEmpty()) {
            message.headers.emplace_back(name.toStdString(),
                                         form_.headers->item(row, 1)->text().toStdString());
        }
    }
    return message;
}

void PublishPage::check() {
    DataSource const& source = context().source;
    bool const running = source.state() == BrokerState::Running && source.can(Capability::Publish);
    std::string const subject = form_.subject->text().trimmed().toStdString();
    std::string const reply = form_.reply->text().trimmed().toStdString();
    bool const subject_ok = subject::Subject::parse(subject).ok();
    bool const reply_ok = reply.empty() || subject::Subject::parse(reply).ok();
    if (!subject_ok) {
        setRole(form_.verdict, "error",
                subject.empty() ? tr("A message needs a subject.")
                                : tr("Not a subject one can publish on: no empty tokens, blanks or "
                                     "wildcards."));
    } else if (!reply_ok) {
        setRole(form_.verdict, "error", tr("The reply subject is not a subject."));
    } else if (source.live() && !source.can(Capability::Publish)) {
        setRole(form_.verdict, "muted", source.explanation(Capability::Publish));
    } else if (!running) {
        setRole(form_.verdict, "muted", tr("No broker runs: there is nobody to send it to."));
    } else {
        setRole(form_.verdict, "muted", QString());
    }
    form_.verdict->setVisible(!form_.verdict->text().isEmpty());
    bool const busy = run_.done < run_.times;
    form_.publish->setEnabled(running && subject_ok && reply_ok);
    form_.publish->setText(busy ? tr("Stop") : tr("Publish"));
    form_.request->setEnabled(running && subject_ok && asked_ == 0);

    std::string const payload = form_.body->toPlainText().toStdString();
    QString const size = shortBytes(static_cast<double>(payload.size()));
    auto const first = payload.find_first_not_of(" \t\r\n");
    bool const looks_like_json =
        first != std::string::npos && (payload[first] == '{' || payload[first] == '[');
    if (!looks_like_json) {
        setRole(form_.json, "muted", tr("text, %1").arg(size));
        return;
    }
    QString const problem = jsonProblem(payload);
    if (problem.isEmpty()) {
        setRole(form_.json, "good", tr("✓ JSON, %1").arg(size));
    } else {
        setRole(form_.json, "warning", tr("not JSON: %1").arg(problem));
    }
}

void PublishPage::setSubject(QString const& subject) {
    QString literal = subject;
    if (literal.endsWith(QLatin1String(".>"))) {
        literal.chop(2);
    }
    form_.subject->setText(literal);
    form_.subject->setFocus();
}

void PublishPage::publish() {
    if (run_.done < run_.times) {  // the button says Stop
        run_.times = run_.asked;
        return;
    }
    if (!form_.publish->isEnabled()) {
        return;
    }
    run_ = Run{.message = message(), .times = form_.times->value()};
    underWay_.clear();
    pump();
    run_.row = underWay_.empty() ? 0 : underWay_.front();
    sent_->add({.token = run_.row,
                .time = QDateTime::currentDateTime(),
                .message = run_.message,
                .times = run_.times});
    check();
}

void PublishPage::pump() {
    while (run_.asked < run_.times && underWay_.size() < kUnderWay) {
        underWay_.push_back(context().source.publish(run_.message));
        ++run_.asked;
    }
}

void PublishPage::request() {
    if (!form_.request->isEnabled()) {
        return;
    }
    host::OutgoingMessage const outgoing = message();
    asked_ = context().source.request(outgoing, base::milliseconds(form_.timeout->value()));
    sent_->add({.token = asked_,
                .time = QDateTime::currentDateTime(),
                .message = outgoing,
                .request = true});
    setRole(answerTitle_, "muted", tr("Waiting for an answer…"));
    answer_->clear();
    check();
}

void PublishPage::take(Job const& job) {
    if (asked_ != 0 && job.token == asked_) {
        takeAnswer(job);
        return;
    }
    auto const found = std::ranges::find(underWay_, job.token);
    if (found == underWay_.end()) {
        return;
    }
    underWay_.erase(found);
    ++run_.done;
    if (!job.ok()) {
        ++run_.failed;
        run_.error = job.error;
    }
    pump();
    if (run_.done < run_.times) {
        if (run_.done % 50 == 0) {
            sent_->progress(run_.row, run_.done);
        }
        return;
    }
    if (run_.failed > 0) {
        sent_->finish(run_.row, SentRow::State::Failed,
                      tr("%1 of %2 failed: %3").arg(run_.failed).arg(run_.done).arg(run_.error));
    } else {
        sent_->finish(run_.row, SentRow::State::Sent,
                      run_.done == 1 ? tr("published") : tr("published %1 times").arg(run_.done));
    }
    check();
}

void PublishPage::takeAnswer(Job const& job) {
    asked_ = 0;
    if (!job.ok()) {
        sent_->finish(job.token, SentRow::State::Failed, job.error);
        setRole(answerTitle_, "error", tr("No answer: %1").arg(job.error));
        answer_->clear();
    } else if (job.reply && job.reply->no_responders) {
        sent_->finish(job.token, SentRow::State::NoResponders, tr("no responders"), job.reply);
        setRole(answerTitle_, "warning",
                tr("No responders: nobody is subscribed to this subject, as the broker told at "
                   "once."));
        answer_->show(job.reply->payload, job.reply->headers, job.reply->payload.size());
    } else if (job.reply) {
        QString const after = shortDuration(job.reply->after);
        sent_->finish(job.token, SentRow::State::Answered, tr("answered after %1").arg(after),
                      job.reply);
        setRole(answerTitle_, "good",
                tr("Answered after %1 with %2")
                    .arg(after, shortBytes(static_cast<double>(job.reply->payload.size()))));
        answer_->show(job.reply->payload, job.reply->headers, job.reply->payload.size());
    }
    check();
}

void PublishPage::showSent(QModelIndex const& index) {
    SentRow const* const row = sent_->rowAt(index.row());
    if (row == nullptr || !row->request || row->state == SentRow::State::UnderWay) {
        return;
    }
    setRole(answerTitle_, row->state == SentRow::State::Answered ? "good" : "warning",
            QStringLiteral("%1: %2").arg(wireText(row->message.subject), row->result));
    answer_->show(row->reply.payload, row->reply.headers, row->reply.payload.size());
}

void PublishPage::showSnapshot(observe::SnapshotPtr const& /*snapshot*/) {}

void PublishPage::prepareForPicture() {
    addHeader(QStringLiteral("X-Env"), QStringLiteral("test"));
    publish();
    form_.subject->setText(QStringLiteral("svc.pricing.quote"));
    check();
    request();
}

void PublishPage::saveLayout() {
    context().settings.setValue(QStringLiteral("split/publish"), split_->saveState());
}

}  // namespace signalbox::gui
