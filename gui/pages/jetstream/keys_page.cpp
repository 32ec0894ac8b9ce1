#include "gui/pages/jetstream/keys_page.h"

#include "gui/dialogs/jetstream/confirm_dialog.h"
#include "gui/dialogs/jetstream/stream_dialog.h"
#include "gui/dialogs/jetstream/value_dialog.h"
#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/models/jetstream/stream_text.h"
#include "gui/models/jetstream/text_diff.h"
#include "gui/models/payload_text.h"
#include "gui/pages/jetstream/fact_table.h"
#include "gui/widgets/payload_view.h"

#include <QAction>
#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

constexpr std::size_t kMostKeys = 50'000;
/// Read at once of the keys in view.
constexpr std::size_t kMostValues = 100;
constexpr std::size_t kMostChanges = 500;

/// JSON laid out, text as it is, and else its bytes: what two values are compared by.
QString comparable(host::StoredMessage const& message) {
    if (std::optional<QString> const json = prettyJson(message.payload)) {
        return *json;
    }
    return isText(message.payload) ? wireText(message.payload) : hexDump(message.payload);
}

}  // namespace

KeysPage::KeysPage(PageContext const& context)
    : JetStreamPage(context,
                    {QStringLiteral("keyvalue"), tr("Key-value"), QStringLiteral("keyvalue")}),
      keys_(new KeyModel(this)),
      history_(new StoredMessageModel(this)) {
    makeActs();
    makeView();
    addJobBar();
    showActions();
}

void KeysPage::makeActs() {
    tools().addStretch(1);
    acts_.put = addAct(
        QStringLiteral("add"), tr("Put…"), tr("Write a new key"), [this] { put({}, {}, 0); }, true);
    acts_.edit = addAct(
        QStringLiteral("settings"), tr("Update…"), tr("Write the selected key"),
        [this] {
            std::string const key = selectedKey();
            if (host::StoredMessagePtr const now = keys_->valueOf(key)) {
                bool const value = keyState(*now) == KeyState::Value;
                put(wireText(key), value ? wireText(now->payload) : QString(), now->sequence);
            }
        },
        true);
    acts_.remove = addAct(
        QStringLiteral("clear"), tr("Delete"),
        tr("Mark the selected key as deleted; values before it stay in its history"),
        [this] { removeSelected(false); }, true);
    acts_.undo = addAct(QStringLiteral("repeat"), tr("Put back"), tr("Put the deleted value back"),
                        [this] { undo(); });
    acts_.purge = addAct(QStringLiteral("remove"), tr("Purge…"),
                         tr("Delete the selected key with its history, for good"),
                         [this] { removeSelected(true); });
    acts_.create = addAct(
        QStringLiteral("keyvalue"), tr("New bucket…"), tr("Make a bucket"),
        [this] {
            BucketDialog dialog(context().theme, BucketDialog::Kind::KeyValue,
                                jetStream().apiLevel() >= 1, this);
            if (dialog.exec() == QDialog::Accepted) {
                QJsonObject const stream = dialog.stream();
                QString const name = stream.value(QStringLiteral("name")).toString();
                wanted_ = name.mid(3);
                changeByApi(QStringLiteral("STREAM.CREATE.") + name, jsonBody(stream),
                            tr("Making the bucket…"), tr("Made %1.").arg(wanted_));
            }
        },
        true);
    acts_.drop = addAct(QStringLiteral("close"), tr("Delete bucket…"),
                        tr("Delete the whole bucket"), [this] { drop(); });
    addRefresh();
}

void KeysPage::makeView() {
    view_.bucket = new QComboBox;
    view_.bucket->setAccessibleName(tr("Bucket"));
    view_.bucket->setMinimumWidth(170);
    connect(view_.bucket, &QComboBox::activated, this, [this] { refresh(); });
    view_.filter = new QLineEdit;
    view_.filter->setPlaceholderText(tr("filter by key"));
    view_.filter->setAccessibleName(tr("Filter of the keys"));
    view_.filter->setClearButtonEnabled(true);
    connect(view_.filter, &QLineEdit::textChanged, this, [this](QString const& text) {
        keys_->setFilter(text);
        readVisible();
    });
    view_.note = new QLabel;
    view_.note->setProperty("role", "muted");
    auto* const line = new QHBoxLayout;
    line->addWidget(view_.bucket);
    line->addWidget(view_.filter, 1);
    line->addWidget(view_.note);
    body().addLayout(line);

    view_.keys = new LiveTable(context().theme, tr("Keys"));
    connectFacts(*view_.keys, *keys_, KeyModel::Name);
    view_.keys->setColumnWidths({180, 220, 80, 80, 66, 52}, KeyModel::Value);
    view_.keys->cells().setMonospace({KeyModel::Value});
    restoreColumns(*view_.keys, title().id);
    connect(view_.keys, &LiveTable::visibleRowsChanged, this, &KeysPage::readVisible);
    connect(view_.keys->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &KeysPage::showSelected);
    connect(view_.keys, &QAbstractItemView::activated, this, [this] {
        if (acts_.edit->isEnabled()) {
            acts_.edit->trigger();
        }
    });

    view_.history = new LiveTable(context().theme, tr("History of the key"));
    view_.history->setModel(history_);
    view_.history->setColumnWidths({84, 192, 100, 76, 60, 140}, StoredMessageModel::Preview);
    view_.history->setColumnHidden(StoredMessageModel::Subject, true);
    view_.history->setColumnHidden(StoredMessageModel::Headers, true);
    view_.history->setColumnHidden(StoredMessageModel::Size, true);
    view_.history->setSelectionMode(QAbstractItemView::SingleSelection);
    connect(view_.history->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &KeysPage::showEntry);
    view_.value = new PayloadView(context().theme);
    view_.diff = new QTextBrowser;
    view_.diff->setAccessibleName(tr("What changed"));
    view_.diff->setFrameShape(QFrame::NoFrame);
    auto* const tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->setAccessibleName(tr("The selected value"));
    tabs->addTab(view_.value, tr("Value"));
    tabs->addTab(view_.diff, tr("What changed"));
    auto* const right = new QSplitter(Qt::Vertical);
    right->addWidget(view_.history);
    right->addWidget(tabs);
    right->setStretchFactor(1, 1);
    right->setSizes({170, 380});
    view_.split = new QSplitter;
    view_.split->addWidget(view_.keys);
    view_.split->addWidget(right);
    view_.split->setStretchFactor(0, 1);
    view_.split->setSizes({650, 450});
    view_.split->restoreState(
        context().settings.value(QStringLiteral("split/keyvalue")).toByteArray());
    body().addWidget(view_.split, 1);
}

std::string KeysPage::bucket() const {
    return view_.bucket->currentText().toStdString();
}

std::string KeysPage::prefix() const {
    return "$KV." + bucket() + ".";
}

std::string KeysPage::selectedKey() const {
    KeyRow const* const row = selectedFact(*view_.keys, *keys_);
    return row == nullptr ? std::string() : row->key;
}

void KeysPage::refresh() {
    jetStream().ask(host::LookAtStreams{}, this, [this](host::JetStreamAnswer& answer) {
        if (auto const* const seen = std::get_if<host::StreamsSeen>(&answer.what)) {
            takeStreams(*seen);
        } else if (answer.error) {
            showError(errorText(answer));
        }
    });
}

void KeysPage::takeStreams(host::StreamsSeen const& seen) {
    QStringList names;
    for (auto const& one : seen.streams.rows) {
        if (one->is_bucket()) {
            names << wireText(one->name).mid(3);
        }
    }
    QStringList had;
    for (int i = 0; i < view_.bucket->count(); ++i) {
        had << view_.bucket->itemText(i);
    }
    if (had != names) {
        QString const before = wanted_.isEmpty() ? view_.bucket->currentText() : wanted_;
        view_.bucket->clear();
        view_.bucket->addItems(names);
        view_.bucket->setCurrentIndex(std::max(0, view_.bucket->findText(before)));
        wanted_.clear();
    }
    view_.keys->setEmptyText(names.isEmpty()
                                 ? tr("There is no bucket yet. “New bucket…” makes one.")
                                 : tr("No key matches."));
    for (auto const& one : seen.streams.rows) {
        if (one->name == "KV_" + bucket()) {
            state_ = one->state;
        }
    }
    showActions();
    if (names.isEmpty()) {
        keys_->show({});
        shown_.clear();
    } else if (shown_ != view_.bucket->currentText()) {
        load();
    } else if (state_.last != seen_) {
        readChanges();
    } else {
        keys_->setNow(QDateTime::currentMSecsSinceEpoch());
        keys_->learned();
    }
}

void KeysPage::load() {
    shown_ = view_.bucket->currentText();
    seen_ = state_.last;
    keys_->forgetValues();
    keys_->show({});
    history_->show({});
    historyOf_.clear();
    std::string const prefix = this->prefix();
    QString const bucket = shown_;
    look(
        host::LookAtSubjects{
            .stream = "KV_" + this->bucket(), .filter = prefix + ">", .limit = kMostKeys},
        [this, prefix, bucket](host::JetStreamAnswer& answer) {
            if (bucket != shown_) {
                return;
            }
            auto const& seen = std::get<host::SubjectsSeen>(answer.what);
            std::vector<KeyRow> rows;
            for (auto const& [subject, count] : seen.subjects) {
                if (subject.starts_with(prefix)) {
                    rows.push_back({subject.substr(prefix.size()), count});
                }
            }
            total_ = seen.total;
            keys_->setNow(QDateTime::currentMSecsSinceEpoch());
            keys_->show(std::move(rows));
            readVisible();
            showNote();
            if (keys_->rowCount() > 0) {
                view_.keys->selectRow(0);
            }
        });
    look(host::AskApi{.subject = "STREAM.INFO.KV_" + this->bucket()},
         [this](host::JetStreamAnswer& answer) {
             std::string const& json = std::get<host::ApiDocument>(answer.what).json;
             expires_ = json.find("\"allow_msg_ttl\":true") != std::string::npos;
         });
}

/// What came since the last look, without asking for the keys anew.
void KeysPage::readChanges() {
    if (reading_) {
        return;
    }
    reading_ = true;
    std::string const prefix = this->prefix();
    QString const bucket = shown_;
    quint64 const until = state_.last;
    jetStream().ask(host::ReadMessages{{.stream = "KV_" + this->bucket(),
                                        .filter = prefix + ">",
                                        .sequence = seen_ + 1,
                                        .limit = kMostChanges}},
                    this, [this, prefix, bucket, until](host::JetStreamAnswer& answer) {
                        reading_ = false;
                        auto const* const read = std::get_if<host::MessagesRead>(&answer.what);
                        if (bucket != shown_) {
                            return;
                        }
                        if (read == nullptr || read->more) {
                            load();
                            return;
                        }
                        std::vector<KeyRow> rows = keys_->all();
                        for (host::StoredMessagePtr const& message : read->messages) {
                            std::string const key = message->subject.substr(prefix.size());
                            auto const known = std::ranges::find(rows, key, &KeyRow::key);
                            if (known == rows.end()) {
                                rows.push_back({key, 1});
                            } else {
                                ++known->values;
                            }
                            keys_->learn(key, message);
                        }
                        seen_ = until;
                        keys_->setNow(QDateTime::currentMSecsSinceEpoch());
                        keys_->show(std::move(rows));
                        historyOf_.clear();
                        showSelected();
                        showNote();
                    });
}

void KeysPage::readVisible() {
    auto const [first, last] = keys_->visibleRows();
    host::ReadLast order{.stream = "KV_" + bucket()};
    std::vector<std::string> names;
    for (int row = std::max(0, first); row <= last && names.size() < kMostValues; ++row) {
        KeyRow const* const one = keys_->rowAt(row);
        if (one != nullptr && !keys_->knows(one->key)) {
            names.push_back(one->key);
            order.subjects.push_back(prefix() + one->key);
        }
    }
    if (names.empty() || reading_ || !available()) {
        return;
    }
    reading_ = true;
    QString const bucket = shown_;
    jetStream().ask(std::move(order), this, [this, names, bucket](host::JetStreamAnswer& answer) {
        reading_ = false;
        auto const* const read = std::get_if<host::LastRead>(&answer.what);
        if (bucket != shown_ || read == nullptr) {
            if (answer.error) {
                showError(errorText(answer));
            }
            return;
        }
        for (std::size_t i = 0; i < names.size(); ++i) {
            keys_->learn(names[i], read->messages[i]);
        }
        keys_->learned();
        showSelected();
        readVisible();
    });
}

void KeysPage::showNote() {
    QString text = tr("%1 keys · %2 · looked at every 3 s")
                       .arg(exactCount(total_ == 0 ? keys_->all().size() : total_),
                            shortBytes(static_cast<double>(state_.bytes)));
    if (total_ > keys_->all().size()) {
        text = tr("%1 of %2 keys listed").arg(exactCount(keys_->all().size()), exactCount(total_));
    }
    view_.note->setText(text);
}

void KeysPage::showSelected() {
    showActions();
    std::string const key = selectedKey();
    if (key.empty()) {
        history_->show({});
        view_.value->clear();
        view_.diff->clear();
        historyOf_.clear();
    } else if (historyOf_ != key) {
        showHistory(key);
    }
}

void KeysPage::showHistory(std::string const& key) {
    historyOf_ = key;
    look(
        host::ReadMessages{
            {.stream = "KV_" + bucket(), .filter = prefix() + key, .sequence = 1, .limit = 64}},
        [this, key](host::JetStreamAnswer& answer) {
            if (historyOf_ != key) {
                return;
            }
            auto& read = std::get<host::MessagesRead>(answer.what);
            history_->show(std::move(read.messages));
            if (history_->rowCount() > 0) {
                view_.history->selectRow(history_->rowCount() - 1);
                view_.history->scrollToBottom();
            }
            showEntry();
        });
}

void KeysPage::showEntry() {
    QModelIndexList const rows = view_.history->selectionModel()->selectedRows();
    int const row = rows.isEmpty() ? -1 : rows.front().row();
    host::StoredMessagePtr const now = history_->at(row);
    if (!now) {
        view_.value->clear();
        view_.diff->clear();
        return;
    }
    view_.value->show(now->payload, now->headers, now->payload.size());
    host::StoredMessagePtr const before = history_->at(row - 1);
    ThemeTokens const& tokens = context().theme.tokens();
    QString html =
        QStringLiteral("<p>%1</p><pre>")
            .arg(before ? tr("From revision %1 to %2")
                              .arg(exactCount(before->sequence), exactCount(now->sequence))
                        : tr("The first revision that is kept"));
    for (DiffLine const& line :
         diffLines(before ? comparable(*before) : QString(), comparable(*now))) {
        QColor const color = line.kind == DiffLine::Kind::Same   ? tokens.muted
                             : line.kind == DiffLine::Kind::Gone ? tokens.error
                                                                 : tokens.good;
        char const mark = line.kind == DiffLine::Kind::Same   ? ' '
                          : line.kind == DiffLine::Kind::Gone ? '-'
                                                              : '+';
        html += QStringLiteral("<span style='color:%1'>%2 %3</span>\n")
                    .arg(color.name(), QString(QLatin1Char(mark)), line.text.toHtmlEscaped());
    }
    view_.diff->setHtml(html + QStringLiteral("</pre>"));
}

void KeysPage::showActions() {
    bool const may = mayChange();
    bool const any = may && view_.bucket->count() > 0;
    host::StoredMessagePtr const now = keys_->valueOf(selectedKey());
    bool const value = now && keyState(*now) == KeyState::Value;
    acts_.create->setEnabled(may);
    acts_.put->setEnabled(any);
    acts_.drop->setEnabled(any);
    acts_.edit->setEnabled(any && now && isText(now->payload));
    acts_.remove->setEnabled(any && value);
    acts_.purge->setEnabled(any && now);
    acts_.undo->setEnabled(any && !deleted_.first.empty());
}

void KeysPage::put(QString const& key, QString const& value, quint64 revision) {
    ValueDialog dialog(key, value, revision, expires_, this);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    std::vector<std::pair<std::string, std::string>> headers;
    if (dialog.checksRevision()) {
        headers.emplace_back("Nats-Expected-Last-Subject-Sequence", std::to_string(revision));
    }
    if (QString const life = dialog.timeToLive(); !life.isEmpty()) {
        headers.emplace_back("Nats-TTL", life.toStdString());
    }
    write(dialog.key().toStdString(), dialog.value().toStdString(), std::move(headers),
          tr("Wrote %1.").arg(dialog.key()));
}

void KeysPage::write(std::string const& key, std::string payload,
                     std::vector<std::pair<std::string, std::string>> headers,
                     QString const& done) {
    constexpr qint64 kWrongRevision = 10'071;
    change(host::StoreMessage{.subject = prefix() + key,
                              .headers = std::move(headers),
                              .payload = std::move(payload)},
           tr("Writing…"), done, [this, key](host::JetStreamAnswer const& answer) {
               if (answer.error && answer.api_code == kWrongRevision) {
                   showError(tr("Not written: somebody wrote %1 meanwhile. What is there now is "
                                "shown.")
                                 .arg(wireText(key)));
               }
           });
}

void KeysPage::removeSelected(bool purge) {
    std::string const key = selectedKey();
    host::StoredMessagePtr const now = keys_->valueOf(key);
    if (!now) {
        return;
    }
    if (!purge) {
        deleted_ = {key, now->payload};
        write(key, {},
              {{"KV-Operation", "DEL"},
               {"Nats-Expected-Last-Subject-Sequence", std::to_string(now->sequence)}},
              tr("Deleted %1. “Put back” undoes it.").arg(wireText(key)));
        return;
    }
    ConfirmDialog dialog({.title = tr("Purge %1?").arg(wireText(key)),
                          .text = tr("Its value and all that was kept of its history go, for "
                                     "good. Deleting it would keep the history."),
                          .button = tr("Purge")},
                         this);
    if (dialog.exec() == QDialog::Accepted) {
        write(key, {}, {{"KV-Operation", "PURGE"}, {"Nats-Rollup", "sub"}},
              tr("Purged %1.").arg(wireText(key)));
    }
}

void KeysPage::undo() {
    auto const [key, value] = std::exchange(deleted_, {});
    write(key, value, {}, tr("Put %1 back.").arg(wireText(key)));
    showActions();
}

void KeysPage::drop() {
    QString const name = view_.bucket->currentText();
    ConfirmDialog dialog({.title = tr("Delete the bucket %1?").arg(name),
                          .text = tr("All its %1 keys and their history go, for good.")
                                      .arg(exactCount(keys_->all().size())),
                          .button = tr("Delete"),
                          .typed = name,
                          .folder = backupFolder(QStringLiteral("KV_") + name)},
                         this);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    auto const go = [this, name] {
        changeByApi(QStringLiteral("STREAM.DELETE.KV_") + name, {}, tr("Deleting %1…").arg(name),
                    tr("Deleted %1.").arg(name));
    };
    if (dialog.folder().isEmpty()) {
        go();
        return;
    }
    startJob(host::BackUpStream{.stream = "KV_" + name.toStdString(),
                                .folder = dialog.folder().toStdString()},
             tr("Backing up %1:").arg(name), [go](host::JetStreamAnswer const& answer) {
                 if (!answer.error) {
                     go();
                 }
             });
}

void KeysPage::showStream(QString const& stream) {
    wanted_ = stream.startsWith(QLatin1String("KV_")) ? stream.mid(3) : stream;
    int const at = view_.bucket->findText(wanted_);
    if (at >= 0) {
        wanted_.clear();
        view_.bucket->setCurrentIndex(at);
        refresh();
    }
}

void KeysPage::forget() {
    view_.bucket->clear();
    keys_->forgetValues();
    keys_->show({});
    history_->show({});
    shown_.clear();
    deleted_ = {};
}

void KeysPage::focusSearch() {
    view_.filter->setFocus();
    view_.filter->selectAll();
}

void KeysPage::prepareForPicture() {
    view_.keys->selectRow(std::min(2, keys_->rowCount() - 1));
}

void KeysPage::saveLayout() {
    saveColumns(*view_.keys, title().id);
    context().settings.setValue(QStringLiteral("split/keyvalue"), view_.split->saveState());
}

}  // namespace signalbox::gui
