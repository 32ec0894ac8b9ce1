#include "gui/pages/jetstream/streams_page.h"

#include "gui/dialogs/jetstream/confirm_dialog.h"
#include "gui/dialogs/jetstream/purge_dialog.h"
#include "gui/dialogs/jetstream/stream_dialog.h"
#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/models/jetstream/stream_text.h"
#include "gui/pages/jetstream/fact_table.h"
#include "gui/widgets/job_bar.h"
#include "gui/widgets/json_highlighter.h"

#include <QAction>
#include <QDateTime>
#include <QFileDialog>
#include <QInputDialog>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

base::WallTime now() {
    return base::WallTime(base::milliseconds(QDateTime::currentMSecsSinceEpoch()));
}

QJsonObject objectOf(host::JetStreamAnswer const& answer) {
    auto const* const document = std::get_if<host::ApiDocument>(&answer.what);
    return document == nullptr
               ? QJsonObject()
               : QJsonDocument::fromJson(QByteArray::fromStdString(document->json)).object();
}

}  // namespace

StreamsPage::StreamsPage(PageContext const& context)
    : JetStreamPage(context, {QStringLiteral("streams"), tr("Streams"), QStringLiteral("streams")}),
      model_(new StreamModel(this)) {
    makeActs();
    use_ = new QLabel;
    use_->setProperty("role", "muted");
    use_->setAccessibleName(tr("What the account keeps"));
    use_->setTextFormat(Qt::PlainText);
    filter_ = new QLineEdit;
    filter_->setPlaceholderText(tr("filter by name, subject or description"));
    filter_->setAccessibleName(tr("Filter of the list"));
    filter_->setClearButtonEnabled(true);
    connect(filter_, &QLineEdit::textChanged, this, [this](QString const& text) {
        model_->setFilter(text);
        showActions();
    });
    count_ = new QLabel;
    count_->setProperty("role", "muted");
    auto* const line = new QHBoxLayout;
    line->addWidget(filter_, 1);
    line->addWidget(count_);
    line->addWidget(use_);
    body().addLayout(line);
    makeTable();
    split_ = new QSplitter;
    split_->addWidget(table_);
    split_->addWidget(makeDetails());
    split_->setStretchFactor(0, 1);
    split_->setSizes({790, 310});
    split_->restoreState(context.settings.value(QStringLiteral("split/streams")).toByteArray());
    body().addWidget(split_, 1);
    addJobBar();
    showActions();
}

void StreamsPage::makeActs() {
    tools().addStretch(1);
    acts_.create = addAct(
        QStringLiteral("add"), tr("New…"), tr("Make a stream"), [this] { createStream(); }, true);
    acts_.edit = addAct(
        QStringLiteral("settings"), tr("Change…"), tr("Change the selected stream's settings"),
        [this] { editSelected(); }, true);
    acts_.purge = addAct(
        QStringLiteral("clear"), tr("Purge…"), tr("Delete messages of the selected stream"),
        [this] { purgeSelected(); }, true);
    acts_.remove = addAct(
        QStringLiteral("remove"), tr("Delete…"), tr("Delete the selected stream"),
        [this] { deleteSelected(); }, true);
    acts_.backUp = addAct(QStringLiteral("save"), tr("Back up…"),
                          tr("Write the selected stream, with its consumers, to a folder"),
                          [this] { backUpSelected(); });
    acts_.restore =
        addAct(QStringLiteral("open"), tr("Restore…"),
               tr("Make a stream anew of a backup's folder"), [this] { restoreStream(); });
    addRefresh();
    acts_.messages = new QAction(icon(QStringLiteral("messages")), tr("Its messages"), this);
    connect(acts_.messages, &QAction::triggered, this, [this] {
        if (StreamPtr const one = selected()) {
            emit context().navigation.streamWanted(QStringLiteral("stored"), wireText(one->name));
        }
    });
    acts_.consumers = new QAction(icon(QStringLiteral("consumers")), tr("Its consumers"), this);
    connect(acts_.consumers, &QAction::triggered, this, [this] {
        if (StreamPtr const one = selected()) {
            emit context().navigation.streamWanted(QStringLiteral("consumers"),
                                                   wireText(one->name));
        }
    });
}

void StreamsPage::makeTable() {
    table_ = new LiveTable(context().theme, tr("Streams"));
    connectFacts(*table_, *model_, StreamModel::Name);
    table_->setColumnWidths({180, 110, 88, 78, 70, 78, 120, 100, 66, 84, 120, 70, 60},
                            StreamModel::Subjects);
    table_->setEmptyText(tr("Nothing is kept yet. “New…” makes a stream."));
    for (int const column : {StreamModel::First, StreamModel::Last, StreamModel::Storage,
                             StreamModel::Retention, StreamModel::Replicas, StreamModel::Gaps}) {
        table_->setColumnHidden(column, true);
    }
    restoreColumns(*table_, title().id);
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(table_, &QWidget::customContextMenuRequested, this, &StreamsPage::fillMenu);
    connect(table_, &QAbstractItemView::activated, acts_.messages, &QAction::trigger);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &StreamsPage::showSelected);
}

QWidget* StreamsPage::makeDetails() {
    details_ = new QTextBrowser;
    details_->setAccessibleName(tr("The selected stream"));
    details_->setFrameShape(QFrame::NoFrame);
    json_ = new QPlainTextEdit;
    json_->setReadOnly(true);
    json_->setFont(Theme::monospace());
    json_->setFrameShape(QFrame::NoFrame);
    json_->setAccessibleName(tr("Its settings as JSON"));
    json_->setTabChangesFocus(true);
    new JsonHighlighter(context().theme, json_->document());
    auto* const tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->setAccessibleName(tr("The selected stream"));
    tabs->addTab(details_, tr("Details"));
    tabs->addTab(json_, tr("JSON"));
    return tabs;
}

void StreamsPage::refresh() {
    if (asking_) {
        return;
    }
    asking_ = true;
    jetStream().ask(host::LookAtStreams{}, this, [this](host::JetStreamAnswer& answer) {
        asking_ = false;
        if (auto* const seen = std::get_if<host::StreamsSeen>(&answer.what)) {
            take(*seen);
        } else if (answer.error) {
            showError(errorText(answer));
        }
    });
}

void StreamsPage::take(host::StreamsSeen& seen) {
    use_->setText(accountUseText(seen.account));
    // Rows one points at must not jump away, and none do: only the sorted column moves them.
    model_->setNow(QDateTime::currentMSecsSinceEpoch());
    model_->show(std::move(seen.streams.rows));
    if (!seen.streams.missing.empty()) {
        showError(tr("%1 streams did not answer, such as %2.")
                      .arg(seen.streams.missing.size())
                      .arg(wireText(seen.streams.missing.front())));
    }
    if (!wanted_.isEmpty()) {
        showStream(wanted_);
    }
    if (selected() == nullptr && model_->rowCount() > 0 && !table_->currentIndex().isValid()) {
        table_->selectRow(0);
    }
    showSelected();
}

void StreamsPage::forget() {
    model_->show({});
    use_->clear();
    details_->clear();
    json_->clear();
    shown_.clear();
}

StreamPtr StreamsPage::selected() const {
    StreamPtr const* const row = selectedFact(*table_, *model_);
    return row == nullptr ? nullptr : *row;
}

void StreamsPage::showActions() {
    bool const one = selected() != nullptr;
    bool const may = mayChange();
    QString const why = available() && !may ? tr("This profile is for looking only") : QString();
    for (QAction* const action : {acts_.create, acts_.restore}) {
        action->setEnabled(may);
    }
    for (QAction* const action : {acts_.edit, acts_.purge, acts_.remove}) {
        action->setEnabled(may && one);
    }
    for (QAction* const action : {acts_.backUp, acts_.messages, acts_.consumers}) {
        action->setEnabled(one);
    }
    int const rows = model_->rowCount();
    int const all = static_cast<int>(model_->all().size());
    count_->setText(!why.isEmpty() ? why
                    : rows != all  ? tr("%1 of %2").arg(rows).arg(all)
                                   : QString());
}

void StreamsPage::showSelected() {
    showActions();
    StreamPtr const one = selected();
    if (!one) {
        details_->clear();
        json_->clear();
        shown_.clear();
        return;
    }
    QString const html = streamHtml(*one, now());
    if (details_->property("html").toString() != html) {
        details_->setProperty("html", html);
        details_->setHtml(html);
    }
    if (QString const name = wireText(one->name); shown_ != name) {
        shown_ = name;
        showSettings(name);
    }
}

void StreamsPage::showSettings(QString const& stream) {
    jetStream().ask(host::AskApi{.subject = "STREAM.INFO." + stream.toStdString()}, this,
                    [this, stream](host::JetStreamAnswer& answer) {
                        if (shown_ == stream && !answer.error) {
                            QJsonObject const config =
                                objectOf(answer).value(QStringLiteral("config")).toObject();
                            json_->setPlainText(QString::fromUtf8(
                                QJsonDocument(config).toJson(QJsonDocument::Indented)));
                        }
                    });
}

void StreamsPage::withSettings(StreamPtr const& stream,
                               std::function<void(QJsonObject const&)> then) {
    look(host::AskApi{.subject = "STREAM.INFO." + stream->name},
         [then = std::move(then)](host::JetStreamAnswer& answer) {
             then(objectOf(answer).value(QStringLiteral("config")).toObject());
         });
}

bool StreamsPage::wantsTyping() const {
    auto const title = context().source.title();
    return title && title->environment != QLatin1String("dev");
}

void StreamsPage::createStream() {
    StreamDialog dialog(context().theme, {}, {}, this);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    QJsonObject const settings = dialog.settings();
    QString const name = settings.value(QStringLiteral("name")).toString();
    wanted_ = name;
    changeByApi(QStringLiteral("STREAM.CREATE.") + name, jsonBody(settings),
                tr("Making %1…").arg(name), tr("Made %1.").arg(name));
}

void StreamsPage::editSelected() {
    StreamPtr const one = selected();
    if (!one) {
        return;
    }
    withSettings(one, [this, one](QJsonObject const& settings) {
        StreamDialog dialog(context().theme, settings, one->state, this);
        if (dialog.exec() != QDialog::Accepted) {
            return;
        }
        QString const name = wireText(one->name);
        shown_.clear();
        changeByApi(QStringLiteral("STREAM.UPDATE.") + name, jsonBody(dialog.settings()),
                    tr("Changing %1…").arg(name), tr("Changed %1.").arg(name));
    });
}

void StreamsPage::purgeSelected() {
    StreamPtr const one = selected();
    if (!one) {
        return;
    }
    PurgeDialog dialog(jetStream(), *one, wantsTyping(), this);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    QString const name = wireText(one->name);
    QByteArray const body = jsonBody(dialog.body());
    backUpThen(name, dialog.folder(), [this, name, body] {
        changeByApi(QStringLiteral("STREAM.PURGE.") + name, body, tr("Purging %1…").arg(name),
                    tr("Purged %1.").arg(name));
    });
}

void StreamsPage::deleteSelected() {
    StreamPtr const one = selected();
    if (!one) {
        return;
    }
    QString const name = wireText(one->name);
    ConfirmDialog dialog(
        {.title = tr("Delete the stream %1?").arg(name),
         .text = tr("Its %1 messages (%2) and %3 consumers are deleted with it, for good.")
                     .arg(exactCount(one->state.messages),
                          shortBytes(static_cast<double>(one->state.bytes)),
                          exactCount(one->state.consumers)),
         .button = tr("Delete"),
         .typed = name,
         .folder = one->state.messages > 0 ? backupFolder(name) : QString()},
        this);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    backUpThen(name, dialog.folder(), [this, name] {
        changeByApi(QStringLiteral("STREAM.DELETE.") + name, {}, tr("Deleting %1…").arg(name),
                    tr("Deleted %1.").arg(name));
    });
}

void StreamsPage::backUpThen(QString const& stream, QString const& folder,
                             std::function<void()> then) {
    if (folder.isEmpty()) {
        then();
        return;
    }
    startJob(host::BackUpStream{.stream = stream.toStdString(), .folder = folder.toStdString()},
             tr("Backing up %1:").arg(stream),
             [this, folder, then = std::move(then)](host::JetStreamAnswer& answer) {
                 // Without the backup that was wanted nothing is deleted.
                 if (!answer.error) {
                     say(tr("Backed up to %1.").arg(folder));
                     then();
                 }
             });
}

void StreamsPage::backUpSelected() {
    StreamPtr const one = selected();
    if (!one) {
        return;
    }
    QString const name = wireText(one->name);
    QString const parent =
        QFileDialog::getExistingDirectory(this, tr("Where to put the backup of %1").arg(name));
    if (!parent.isEmpty()) {
        QString const stamp =
            QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
        backUpThen(name, QStringLiteral("%1/%2-%3").arg(parent, name, stamp), [] {});
    }
}

void StreamsPage::restoreStream() {
    QString const folder = QFileDialog::getExistingDirectory(this, tr("The folder of a backup"));
    if (folder.isEmpty()) {
        return;
    }
    startJob(host::RestoreStream{.folder = folder.toStdString()}, tr("Restoring:"),
             [this, folder](host::JetStreamAnswer& answer) {
                 if (!answer.error) {
                     say(tr("Restored from %1.").arg(folder));
                     refresh();
                 }
             });
}

void StreamsPage::fillMenu(QPoint const& at) {
    if (!selected()) {
        return;
    }
    QMenu menu(this);
    menu.addAction(acts_.messages);
    menu.addAction(acts_.consumers);
    menu.addSeparator();
    for (QAction* const action : {acts_.edit, acts_.backUp, acts_.purge, acts_.remove}) {
        menu.addAction(action);
    }
    menu.exec(table_->viewport()->mapToGlobal(at));
}

void StreamsPage::showStream(QString const& stream) {
    wanted_ = stream;
    for (int row = 0; row < model_->rowCount(); ++row) {
        if (wireText((*model_->rowAt(row))->name) == stream) {
            table_->selectRow(row);
            wanted_.clear();
        }
    }
}

void StreamsPage::focusSearch() {
    filter_->setFocus();
    filter_->selectAll();
}

void StreamsPage::prepareForPicture() {
    showStream(QStringLiteral("ORDERS"));
}

void StreamsPage::saveLayout() {
    saveColumns(*table_, title().id);
    context().settings.setValue(QStringLiteral("split/streams"), split_->saveState());
}

}  // namespace signalbox::gui
