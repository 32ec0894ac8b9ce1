#include "gui/pages/jetstream/consumers_page.h"

#include "gui/dialogs/jetstream/confirm_dialog.h"
#include "gui/dialogs/jetstream/consumer_dialog.h"
#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/models/jetstream/stream_text.h"
#include "gui/pages/jetstream/fact_table.h"

#include <QAction>
#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

base::WallTime now() {
    return base::WallTime(base::milliseconds(QDateTime::currentMSecsSinceEpoch()));
}

}  // namespace

ConsumersPage::ConsumersPage(PageContext const& context)
    : JetStreamPage(context,
                    {QStringLiteral("consumers"), tr("Consumers"), QStringLiteral("consumers")}),
      model_(new ConsumerModel(this)) {
    makeActs();
    stream_ = new QComboBox;
    stream_->setAccessibleName(tr("Stream"));
    stream_->setMinimumWidth(190);
    connect(stream_, &QComboBox::activated, this, [this] {
        model_->show({});
        refresh();
    });
    filter_ = new QLineEdit;
    filter_->setPlaceholderText(tr("filter by name or subject"));
    filter_->setAccessibleName(tr("Filter of the list"));
    filter_->setClearButtonEnabled(true);
    connect(filter_, &QLineEdit::textChanged, model_, &ConsumerModel::setFilter);
    note_ = new QLabel;
    note_->setProperty("role", "muted");
    auto* const line = new QHBoxLayout;
    line->addWidget(stream_);
    line->addWidget(filter_, 1);
    line->addWidget(note_);
    body().addLayout(line);
    table_ = new LiveTable(context.theme, tr("Consumers"));
    connectFacts(*table_, *model_, ConsumerModel::Name);
    table_->setColumnWidths({180, 110, 76, 102, 100, 106, 84, 84, 106, 84, 70},
                            ConsumerModel::Filters);
    for (int const column : {ConsumerModel::Delivered, ConsumerModel::AckFloor,
                             ConsumerModel::LastAck, ConsumerModel::Acks}) {
        table_->setColumnHidden(column, true);
    }
    restoreColumns(*table_, title().id);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ConsumersPage::showSelected);
    details_ = new QTextBrowser;
    details_->setAccessibleName(tr("The selected consumer"));
    split_ = new QSplitter;
    split_->addWidget(table_);
    split_->addWidget(details_);
    split_->setStretchFactor(0, 1);
    split_->setSizes({790, 310});
    split_->restoreState(context.settings.value(QStringLiteral("split/consumers")).toByteArray());
    body().addWidget(split_, 1);
    addJobBar();
    showActions();
}

void ConsumersPage::makeActs() {
    tools().addStretch(1);
    acts_.create = addAct(
        QStringLiteral("add"), tr("New…"), tr("Make a consumer of this stream"),
        [this] { create(); }, true);
    acts_.edit = addAct(
        QStringLiteral("settings"), tr("Change…"), tr("Change the selected consumer's settings"),
        [this] { editSelected(); }, true);
    acts_.pause = addAct(
        QStringLiteral("pause"), tr("Pause…"), tr("Deliver nothing for a while"),
        [this] { pauseSelected(); }, true);
    acts_.unpin = addAct(QStringLiteral("clear"), tr("Unpin"),
                         tr("Let another client take the place of the pinned one"),
                         [this] { unpinSelected(); });
    acts_.remove = addAct(
        QStringLiteral("remove"), tr("Delete…"), tr("Delete the selected consumer"),
        [this] { removeSelected(); }, true);
    addRefresh();
}

void ConsumersPage::refresh() {
    if (asking_) {
        return;
    }
    asking_ = true;
    jetStream().ask(host::LookAtStreams{}, this, [this](host::JetStreamAnswer& answer) {
        asking_ = false;
        if (auto const* const seen = std::get_if<host::StreamsSeen>(&answer.what)) {
            takeStreams(*seen);
        } else if (answer.error) {
            showError(errorText(answer));
        }
    });
}

void ConsumersPage::takeStreams(host::StreamsSeen const& seen) {
    QStringList names;
    for (auto const& one : seen.streams.rows) {
        names << wireText(one->name);
    }
    QStringList had;
    for (int i = 0; i < stream_->count(); ++i) {
        had << stream_->itemText(i);
    }
    if (had != names) {
        QString before = wanted_.isEmpty() ? stream_->currentText() : wanted_;
        // One that has any is a better beginning than the first.
        for (auto const& one : seen.streams.rows) {
            before = before.isEmpty() && one->state.consumers > 0 ? wireText(one->name) : before;
        }
        stream_->clear();
        stream_->addItems(names);
        stream_->setCurrentIndex(std::max(0, stream_->findText(before)));
        wanted_.clear();
    }
    for (auto const& one : seen.streams.rows) {
        if (wireText(one->name) == stream_->currentText()) {
            model_->setMessages(one->state.messages);
        }
    }
    table_->setEmptyText(names.isEmpty() ? tr("There is no stream yet.")
                                         : tr("This stream has no consumer."));
    if (!names.isEmpty()) {
        lookAtConsumers();
    }
}

void ConsumersPage::lookAtConsumers() {
    QString const stream = stream_->currentText();
    look(host::LookAtConsumers{stream.toStdString()}, [this,
                                                       stream](host::JetStreamAnswer& answer) {
        if (stream != stream_->currentText()) {
            return;
        }
        auto& page = std::get<host::FactsPage<host::ConsumerFacts>>(answer.what);
        model_->setNow(now());
        model_->show(std::move(page.rows));
        int stuck = 0;
        for (ConsumerPtr const& one : model_->all()) {
            stuck += stuckReason(*one, now()).isEmpty() ? 0 : 1;
        }
        note_->setText(
            stuck == 0
                ? tr("%1 consumers").arg(model_->all().size())
                : tr("%1 consumers, %2 stuck or paused").arg(model_->all().size()).arg(stuck));
        if (selected() == nullptr && model_->rowCount() > 0 && !table_->currentIndex().isValid()) {
            table_->selectRow(0);
        }
        showSelected();
    });
}

ConsumerPtr ConsumersPage::selected() const {
    ConsumerPtr const* const row = selectedFact(*table_, *model_);
    return row == nullptr ? nullptr : *row;
}

void ConsumersPage::showSelected() {
    showActions();
    ConsumerPtr const one = selected();
    QString const html = one ? consumerHtml(*one, now()) : QString();
    if (details_->property("html").toString() != html) {
        details_->setProperty("html", html);
        details_->setHtml(html);
    }
}

void ConsumersPage::showActions() {
    ConsumerPtr const one = selected();
    bool const may = mayChange() && stream_->count() > 0;
    acts_.create->setEnabled(may);
    acts_.edit->setEnabled(may && one);
    acts_.remove->setEnabled(may && one);
    acts_.pause->setEnabled(may && one && jetStream().apiLevel() >= 1);
    bool const paused = one && one->state.paused;
    acts_.pause->setText(paused ? tr("Resume") : tr("Pause…"));
    acts_.pause->setIcon(icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
    acts_.unpin->setEnabled(may && one && !one->state.pinned_client.empty());
}

void ConsumersPage::create() {
    ConsumerDialog dialog(context().theme, stream_->currentText(), {}, this);
    if (dialog.exec() == QDialog::Accepted) {
        auto const [subject, body] = dialog.request();
        changeByApi(subject, jsonBody(body), tr("Making the consumer…"), tr("Made."));
    }
}

void ConsumersPage::editSelected() {
    ConsumerPtr const one = selected();
    if (!one) {
        return;
    }
    look(host::AskApi{.subject = "CONSUMER.INFO." + one->stream + "." + one->name},
         [this](host::JetStreamAnswer& answer) {
             auto const& document = std::get<host::ApiDocument>(answer.what);
             QJsonObject const info =
                 QJsonDocument::fromJson(QByteArray::fromStdString(document.json)).object();
             ConsumerDialog dialog(context().theme,
                                   info.value(QStringLiteral("stream_name")).toString(),
                                   info.value(QStringLiteral("config")).toObject(), this);
             if (dialog.exec() == QDialog::Accepted) {
                 auto const [subject, body] = dialog.request();
                 changeByApi(subject, jsonBody(body), tr("Changing the consumer…"), tr("Changed."));
             }
         });
}

void ConsumersPage::pauseSelected() {
    ConsumerPtr const one = selected();
    if (!one) {
        return;
    }
    QJsonObject body;
    if (!one->state.paused) {
        bool ok = false;
        QString const text = QInputDialog::getText(
            this, tr("Pause %1").arg(wireText(one->name)),
            tr("For how long, such as 10m or 2h. What is acked meanwhile counts."),
            QLineEdit::Normal, QStringLiteral("10m"), &ok);
        std::optional<base::Duration> const span = parseSpan(text);
        if (!ok || !span || span->count() == 0) {
            return;
        }
        body.insert(QStringLiteral("pause_until"),
                    QString::fromStdString(base::rfc3339(now() + *span)));
    }
    changeByApi(
        QStringLiteral("CONSUMER.PAUSE.%1.%2").arg(wireText(one->stream), wireText(one->name)),
        body.isEmpty() ? QByteArray() : jsonBody(body),
        one->state.paused ? tr("Resuming…") : tr("Pausing…"),
        one->state.paused ? tr("It delivers again.") : tr("Paused."));
}

void ConsumersPage::unpinSelected() {
    if (ConsumerPtr const one = selected()) {
        changeByApi(
            QStringLiteral("CONSUMER.UNPIN.%1.%2").arg(wireText(one->stream), wireText(one->name)),
            jsonBody({{QStringLiteral("group"), wireText(one->state.pinned_group)}}),
            tr("Unpinning…"), tr("Unpinned."));
    }
}

void ConsumersPage::removeSelected() {
    ConsumerPtr const one = selected();
    if (!one) {
        return;
    }
    auto const title = context().source.title();
    bool const typed = title && title->environment != QLatin1String("dev");
    QString const name = wireText(one->name);
    ConfirmDialog dialog(
        {.title = tr("Delete the consumer %1?").arg(name),
         .text = tr("How far it is is forgotten: %1 messages are still to be delivered, and %2 "
                    "wait for an ack. The messages stay in the stream, except that one kept for "
                    "this consumer alone goes.")
                     .arg(exactCount(one->state.pending), exactCount(one->state.ack_pending)),
         .button = tr("Delete"),
         .typed = typed ? name : QString()},
        this);
    if (dialog.exec() == QDialog::Accepted) {
        changeByApi(QStringLiteral("CONSUMER.DELETE.%1.%2").arg(wireText(one->stream), name), {},
                    tr("Deleting %1…").arg(name), tr("Deleted %1.").arg(name));
    }
}

void ConsumersPage::showStream(QString const& stream) {
    wanted_ = stream;
    int const at = stream_->findText(stream);
    if (at >= 0) {
        wanted_.clear();
        stream_->setCurrentIndex(at);
        model_->show({});
        lookAtConsumers();
    }
}

void ConsumersPage::forget() {
    stream_->clear();
    model_->show({});
    details_->clear();
    note_->clear();
}

void ConsumersPage::focusSearch() {
    filter_->setFocus();
    filter_->selectAll();
}

void ConsumersPage::prepareForPicture() {
    table_->selectRow(model_->rowCount() - 1);
}

void ConsumersPage::saveLayout() {
    saveColumns(*table_, title().id);
    context().settings.setValue(QStringLiteral("split/consumers"), split_->saveState());
}

}  // namespace signalbox::gui
