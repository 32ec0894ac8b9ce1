#include "gui/pages/jetstream/objects_page.h"

#include "gui/dialogs/jetstream/confirm_dialog.h"
#include "gui/dialogs/jetstream/stream_dialog.h"
#include "gui/models/figures.h"
#include "gui/pages/jetstream/fact_table.h"
#include "gui/widgets/json_highlighter.h"

#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

constexpr std::size_t kMostObjects = 10'000;

/// The subject of the message that describes it (ADR-20).
std::string subjectOf(std::string const& store, QString const& name) {
    QByteArray const coded = name.toUtf8().toBase64(QByteArray::Base64UrlEncoding);
    return "$O." + store + ".M." + coded.toStdString();
}

}  // namespace

ObjectsPage::ObjectsPage(PageContext const& context)
    : JetStreamPage(context, {QStringLiteral("objects"), tr("Objects"), QStringLiteral("objects")}),
      model_(new ObjectModel(this)) {
    makeActs();
    store_ = new QComboBox;
    store_->setAccessibleName(tr("Object store"));
    store_->setMinimumWidth(170);
    connect(store_, &QComboBox::activated, this, [this] { refresh(); });
    filter_ = new QLineEdit;
    filter_->setPlaceholderText(tr("filter by name or description"));
    filter_->setAccessibleName(tr("Filter of the list"));
    filter_->setClearButtonEnabled(true);
    connect(filter_, &QLineEdit::textChanged, model_, &ObjectModel::setFilter);
    note_ = new QLabel;
    note_->setProperty("role", "muted");
    auto* const line = new QHBoxLayout;
    line->addWidget(store_);
    line->addWidget(filter_, 1);
    line->addWidget(note_);
    body().addLayout(line);
    table_ = new LiveTable(context.theme, tr("Objects"));
    connectFacts(*table_, *model_, ObjectModel::Name);
    table_->setColumnWidths({240, 90, 192, 74, 150, 120}, ObjectModel::Description);
    table_->setColumnHidden(ObjectModel::Digest, true);
    restoreColumns(*table_, title().id);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ObjectsPage::showSelected);
    details_ = new QPlainTextEdit;
    details_->setReadOnly(true);
    details_->setFont(Theme::monospace());
    details_->setAccessibleName(tr("The selected object"));
    details_->setTabChangesFocus(true);
    new JsonHighlighter(context.theme, details_->document());
    split_ = new QSplitter;
    split_->addWidget(table_);
    split_->addWidget(details_);
    split_->setStretchFactor(0, 1);
    split_->setSizes({760, 340});
    split_->restoreState(context.settings.value(QStringLiteral("split/objects")).toByteArray());
    body().addWidget(split_, 1);
    addJobBar();
    showActions();
}

void ObjectsPage::makeActs() {
    tools().addStretch(1);
    acts_.upload = addAct(
        QStringLiteral("add"), tr("Upload…"), tr("Put a file into the store"),
        [this] {
            QString const file = QFileDialog::getOpenFileName(this, tr("File to upload"));
            if (!file.isEmpty()) {
                upload(file);
            }
        },
        true);
    acts_.download = addAct(
        QStringLiteral("save"), tr("Download…"), tr("Write the selected object to a file"),
        [this] {
            if (ObjectRow const* const one = selected()) {
                QString const file = QFileDialog::getSaveFileName(this, tr("Where to write it"),
                                                                  QFileInfo(one->name).fileName());
                if (!file.isEmpty()) {
                    download(file);
                }
            }
        },
        true);
    acts_.remove = addAct(
        QStringLiteral("remove"), tr("Delete…"), tr("Delete the selected object"),
        [this] { removeSelected(); }, true);
    acts_.create = addAct(
        QStringLiteral("objects"), tr("New store…"), tr("Make an object store"),
        [this] {
            BucketDialog dialog(context().theme, BucketDialog::Kind::Objects, false, this);
            if (dialog.exec() == QDialog::Accepted) {
                QJsonObject const stream = dialog.stream();
                QString const name = stream.value(QStringLiteral("name")).toString();
                wanted_ = name.mid(4);
                changeByApi(QStringLiteral("STREAM.CREATE.") + name, jsonBody(stream),
                            tr("Making the store…"), tr("Made %1.").arg(wanted_));
            }
        },
        true);
    acts_.drop = addAct(QStringLiteral("close"), tr("Delete store…"), tr("Delete the whole store"),
                        [this] { drop(); });
    addRefresh();
}

std::string ObjectsPage::store() const {
    return store_->currentText().toStdString();
}

ObjectRow const* ObjectsPage::selected() const {
    return selectedFact(*table_, *model_);
}

void ObjectsPage::refresh() {
    jetStream().ask(host::LookAtStreams{}, this, [this](host::JetStreamAnswer& answer) {
        if (auto const* const seen = std::get_if<host::StreamsSeen>(&answer.what)) {
            takeStreams(*seen);
        } else if (answer.error) {
            showError(errorText(answer));
        }
    });
}

void ObjectsPage::takeStreams(host::StreamsSeen const& seen) {
    QStringList names;
    for (auto const& one : seen.streams.rows) {
        if (one->is_object_store()) {
            names << wireText(one->name).mid(4);
        }
    }
    QStringList had;
    for (int i = 0; i < store_->count(); ++i) {
        had << store_->itemText(i);
    }
    if (had != names) {
        QString const before = wanted_.isEmpty() ? store_->currentText() : wanted_;
        store_->clear();
        store_->addItems(names);
        store_->setCurrentIndex(std::max(0, store_->findText(before)));
        wanted_.clear();
    }
    table_->setEmptyText(names.isEmpty() ? tr("There is no store yet. “New store…” makes one.")
                                         : tr("There is no such object."));
    quint64 last = 0;
    for (auto const& one : seen.streams.rows) {
        if (one->name == "OBJ_" + store()) {
            last = one->state.last;
            bytes_ = one->state.bytes;
        }
    }
    showActions();
    if (names.isEmpty()) {
        model_->show({});
        shown_.clear();
    } else if (shown_ != store_->currentText() || last != seen_) {
        seen_ = last;
        load();
    }
}

void ObjectsPage::load() {
    if (shown_ != store_->currentText()) {
        model_->show({});
    }
    shown_ = store_->currentText();
    QString const store = shown_;
    std::string const stream = "OBJ_" + this->store();
    look(
        host::LookAtSubjects{
            .stream = stream, .filter = "$O." + this->store() + ".M.>", .limit = kMostObjects},
        [this, stream, store](host::JetStreamAnswer& answer) {
            host::ReadLast order{.stream = stream};
            auto const& seen = std::get<host::SubjectsSeen>(answer.what);
            for (auto const& [subject, count] : seen.subjects) {
                order.subjects.push_back(subject);
            }
            quint64 const total = seen.total;
            look(std::move(order), [this, store, total](host::JetStreamAnswer& last) {
                if (store != shown_) {
                    return;
                }
                std::vector<ObjectRow> rows;
                for (auto const& message : std::get<host::LastRead>(last.what).messages) {
                    std::optional<ObjectRow> row = message ? readObject(*message) : std::nullopt;
                    if (row) {
                        rows.push_back(*std::move(row));
                    }
                }
                quint64 const listed = rows.size();
                model_->show(std::move(rows));
                note_->setText(
                    listed < total
                        ? tr("%1 of %2 objects listed").arg(exactCount(listed), exactCount(total))
                        : tr("%1 objects · %2")
                              .arg(exactCount(listed), shortBytes(static_cast<double>(bytes_))));
                if (selected() == nullptr && model_->rowCount() > 0) {
                    table_->selectRow(0);
                }
                showSelected();
            });
        });
}

void ObjectsPage::showSelected() {
    ObjectRow const* const one = selected();
    QString const json = one == nullptr ? QString() : one->json;
    if (details_->toPlainText() != json) {
        details_->setPlainText(json);
    }
    showActions();
}

void ObjectsPage::showActions() {
    ObjectRow const* const one = selected();
    bool const may = mayChange();
    bool const any = may && store_->count() > 0;
    bool const there = one != nullptr && !one->deleted;
    acts_.create->setEnabled(may);
    acts_.upload->setEnabled(any);
    acts_.drop->setEnabled(any);
    acts_.remove->setEnabled(any && there);
    acts_.download->setEnabled(available() && there && one->link.isEmpty());
}

void ObjectsPage::upload(QString const& file) {
    QString const name = QFileInfo(file).fileName();
    startJob(
        host::UploadObject{.bucket = store(),
                           .name = name.toStdString(),
                           .file = QDir::toNativeSeparators(file).toStdString()},
        tr("Uploading %1:").arg(name), [this, name](host::JetStreamAnswer const& answer) {
            if (auto const* const done = std::get_if<host::Transferred>(&answer.what)) {
                say(tr("Uploaded %1, %2.").arg(name, shortBytes(static_cast<double>(done->bytes))));
            }
            refresh();
        });
}

void ObjectsPage::download(QString const& file) {
    ObjectRow const* const one = selected();
    if (one == nullptr) {
        return;
    }
    startJob(host::DownloadObject{.bucket = store(),
                                  .nuid = one->nuid.toStdString(),
                                  .digest = one->digest.toStdString(),
                                  .size = one->size,
                                  .file = file.toStdString()},
             tr("Downloading %1:").arg(one->name),
             [this, file](host::JetStreamAnswer const& answer) {
                 if (auto const* const done = std::get_if<host::Transferred>(&answer.what)) {
                     say(tr("Wrote %1, %2; its digest is right.")
                             .arg(file, shortBytes(static_cast<double>(done->bytes))));
                 }
             });
}

void ObjectsPage::removeSelected() {
    ObjectRow const* const one = selected();
    if (one == nullptr) {
        return;
    }
    QString const name = one->name;
    ConfirmDialog dialog(
        {.title = tr("Delete %1?").arg(name),
         .text = tr("Its %1 go, for good.").arg(shortBytes(static_cast<double>(one->size))),
         .button = tr("Delete")},
        this);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    QJsonObject info = QJsonDocument::fromJson(one->json.toUtf8()).object();
    info.insert(QStringLiteral("deleted"), true);
    info.insert(QStringLiteral("size"), 0);
    info.insert(QStringLiteral("chunks"), 0);
    info.remove(QStringLiteral("digest"));
    std::string const store = this->store();
    std::string const pieces = "$O." + store + ".C." + one->nuid.toStdString();
    change(host::StoreMessage{.subject = subjectOf(store, name),
                              .headers = {{"Nats-Rollup", "sub"}},
                              .payload = jsonBody(info).toStdString()},
           tr("Deleting %1…").arg(name), tr("Deleted %1.").arg(name),
           [this, store, pieces](host::JetStreamAnswer const& answer) {
               if (!answer.error) {
                   changeByApi(
                       QStringLiteral("STREAM.PURGE.OBJ_") + QString::fromStdString(store),
                       jsonBody({{QStringLiteral("filter"), QString::fromStdString(pieces)}}),
                       tr("Deleting its pieces…"), tr("Deleted."));
               }
           });
}

void ObjectsPage::drop() {
    QString const name = store_->currentText();
    ConfirmDialog dialog(
        {.title = tr("Delete the store %1?").arg(name),
         .text = tr("All its %1 objects go, for good.").arg(exactCount(model_->all().size())),
         .button = tr("Delete"),
         .typed = name},
        this);
    if (dialog.exec() == QDialog::Accepted) {
        changeByApi(QStringLiteral("STREAM.DELETE.OBJ_") + name, {}, tr("Deleting %1…").arg(name),
                    tr("Deleted %1.").arg(name));
    }
}

void ObjectsPage::showStream(QString const& stream) {
    wanted_ = stream.startsWith(QLatin1String("OBJ_")) ? stream.mid(4) : stream;
    int const at = store_->findText(wanted_);
    if (at >= 0) {
        wanted_.clear();
        store_->setCurrentIndex(at);
        refresh();
    }
}

void ObjectsPage::forget() {
    store_->clear();
    model_->show({});
    details_->clear();
    note_->clear();
    shown_.clear();
}

void ObjectsPage::focusSearch() {
    filter_->setFocus();
    filter_->selectAll();
}

void ObjectsPage::prepareForPicture() {
    table_->selectRow(0);
}

void ObjectsPage::saveLayout() {
    saveColumns(*table_, title().id);
    context().settings.setValue(QStringLiteral("split/objects"), split_->saveState());
}

}  // namespace signalbox::gui
