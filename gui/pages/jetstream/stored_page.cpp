#include "gui/pages/jetstream/stored_page.h"

#include "gui/dialogs/jetstream/confirm_dialog.h"
#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/models/jetstream/stream_text.h"
#include "gui/widgets/live_table.h"
#include "gui/widgets/payload_view.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QDateTime>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

/// Messages of one page.
constexpr std::size_t kPage = 200;
/// Held while new ones are followed.
constexpr std::size_t kMostFollowed = 5'000;
/// Subjects of which the last message is read at once.
constexpr std::size_t kMostSubjects = 1'000;
constexpr int kPositions = 10'000;

/// `2026-01-31 14:00`, with or without seconds or the date, or `2h ago`. Not set: it is no time.
base::WallTime timeOf(QString const& text) {
    QString const wanted = text.trimmed();
    qint64 const now = QDateTime::currentMSecsSinceEpoch();
    if (wanted.endsWith(QLatin1String("ago"))) {
        std::optional<base::Duration> const span = parseSpan(wanted.chopped(3).trimmed());
        return span ? base::WallTime(base::milliseconds(now) - *span) : base::WallTime();
    }
    for (char const* const form : {"yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd"}) {
        QDateTime const time = QDateTime::fromString(wanted, QLatin1String(form));
        if (time.isValid()) {
            return base::WallTime(base::milliseconds(time.toMSecsSinceEpoch()));
        }
    }
    QDateTime const iso = QDateTime::fromString(wanted, Qt::ISODateWithMs);
    return iso.isValid() ? base::WallTime(base::milliseconds(iso.toMSecsSinceEpoch()))
                         : base::WallTime();
}

}  // namespace

StoredPage::StoredPage(PageContext const& context)
    : JetStreamPage(context,
                    {QStringLiteral("stored"), tr("Stream messages"), QStringLiteral("stored")}),
      model_(new StoredMessageModel(this)) {
    makeActs();
    body().addLayout(makeControls());
    makeList();
    payload_ = new PayloadView(context.theme);
    auto* const upper = new QWidget;
    auto* const row = new QHBoxLayout(upper);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    row->addWidget(table_, 1);
    row->addWidget(controls_.position);
    split_ = new QSplitter(Qt::Vertical);
    split_->addWidget(upper);
    split_->addWidget(payload_);
    split_->setStretchFactor(0, 1);
    split_->setSizes({420, 220});
    split_->restoreState(context.settings.value(QStringLiteral("split/stored")).toByteArray());
    body().addWidget(split_, 1);
    addJobBar();
    showActions();
}

void StoredPage::makeActs() {
    tools().addStretch(1);
    acts_.first = addAct(QStringLiteral("arrow-first"), tr("First"), tr("The first messages"),
                         [this] { goTo(1); });
    acts_.back = addAct(QStringLiteral("arrow-back"), tr("Back"), tr("The messages before"),
                        [this] { back(); });
    acts_.forward = addAct(QStringLiteral("arrow-forward"), tr("On"), tr("The messages after"),
                           [this] { forward(); });
    acts_.last =
        addAct(QStringLiteral("arrow-last"), tr("Last"), tr("The newest messages"), [this] {
            controls_.where->setCurrentIndex(static_cast<int>(Where::Last));
            go();
        });
    acts_.follow = addAct(
        QStringLiteral("follow"), tr("Follow"),
        tr("Look for new messages every 3 s; a look costs the server one or two requests"),
        [this] {
            if (acts_.follow->isChecked()) {
                controls_.where->setCurrentIndex(static_cast<int>(Where::Last));
                go();
            }
        },
        true);
    acts_.follow->setCheckable(true);
    acts_.copy = addAct(QStringLiteral("copy"), tr("Copy"), tr("Copy the payload"), [this] {
        if (host::StoredMessagePtr const one = selected()) {
            QGuiApplication::clipboard()->setText(payload_->text());
        }
    });
    acts_.again = addAct(QStringLiteral("publish"), tr("Publish here"),
                         tr("Write to this message's subject"), [this] {
                             if (host::StoredMessagePtr const one = selected()) {
                                 emit context().navigation.publishWanted(wireText(one->subject));
                             }
                         });
    acts_.remove =
        addAct(QStringLiteral("remove"), tr("Delete…"),
               tr("Delete the selected message from the stream"), [this] { removeSelected(); });
}

QLayout* StoredPage::makeControls() {
    controls_.stream = new QComboBox;
    controls_.stream->setAccessibleName(tr("Stream"));
    controls_.stream->setMinimumWidth(190);
    connect(controls_.stream, &QComboBox::activated, this, &StoredPage::chooseStream);
    controls_.filter = new QLineEdit;
    controls_.filter->setPlaceholderText(tr("every subject; or such as orders.*.new"));
    controls_.filter->setAccessibleName(tr("Subject filter"));
    controls_.filter->setClearButtonEnabled(true);
    connect(controls_.filter, &QLineEdit::returnPressed, this, &StoredPage::go);
    controls_.where = new QComboBox;
    controls_.where->setAccessibleName(tr("Where to read"));
    controls_.where->addItems(
        {tr("the newest"), tr("from sequence"), tr("from time"), tr("last of each subject")});
    controls_.value = new QLineEdit;
    controls_.value->setAccessibleName(tr("Sequence or time"));
    controls_.value->setMaximumWidth(190);
    connect(controls_.value, &QLineEdit::returnPressed, this, &StoredPage::go);
    connect(controls_.where, &QComboBox::currentIndexChanged, this, [this](int index) {
        auto const where = static_cast<Where>(index);
        controls_.value->setVisible(where == Where::Sequence || where == Where::Time);
        controls_.value->setPlaceholderText(where == Where::Time ? tr("2026-01-31 14:00 or 2h ago")
                                                                 : tr("1"));
    });
    connect(controls_.where, &QComboBox::activated, this, [this](int index) {
        auto const where = static_cast<Where>(index);
        if (where == Where::Last || where == Where::LastPerSubject) {
            go();
        } else {
            controls_.value->setFocus();
        }
    });
    controls_.value->hide();
    controls_.note = new QLabel;
    controls_.note->setProperty("role", "muted");
    controls_.note->setAccessibleName(tr("What is listed"));
    controls_.position = new QScrollBar(Qt::Vertical);
    controls_.position->setAccessibleName(tr("Place in the whole stream"));
    controls_.position->setToolTip(tr("The whole stream: drag to read from a place in it"));
    controls_.position->setRange(0, kPositions);
    connect(controls_.position, &QScrollBar::sliderReleased, this, [this] {
        double const part = controls_.position->value() / static_cast<double>(kPositions);
        auto const span = static_cast<double>(state_.last - std::min(state_.first, state_.last));
        goTo(state_.first + static_cast<quint64>(part * span));
    });
    auto* const row = new QHBoxLayout;
    row->addWidget(controls_.stream);
    row->addWidget(controls_.filter, 1);
    row->addWidget(controls_.where);
    row->addWidget(controls_.value);
    row->addWidget(controls_.note);
    return row;
}

void StoredPage::makeList() {
    table_ = new LiveTable(context().theme, tr("Messages of the stream"));
    table_->setModel(model_);
    table_->setColumnWidths({90, 192, 190, 76, 76, 300}, StoredMessageModel::Preview);
    table_->cells().setMonospace({StoredMessageModel::Preview});
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    restoreColumns(*table_, title().id);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &StoredPage::showSelected);
}

std::string StoredPage::stream() const {
    return controls_.stream->currentText().toStdString();
}

std::string StoredPage::filter() const {
    return controls_.filter->text().trimmed().toStdString();
}

void StoredPage::refresh() {
    jetStream().ask(host::LookAtStreams{}, this, [this](host::JetStreamAnswer& answer) {
        if (auto const* const seen = std::get_if<host::StreamsSeen>(&answer.what)) {
            takeStreams(*seen);
        } else if (answer.error) {
            showError(errorText(answer));
        }
    });
}

void StoredPage::takeStreams(host::StreamsSeen const& seen) {
    QStringList names;
    for (auto const& one : seen.streams.rows) {
        names << wireText(one->name);
    }
    QStringList had;
    for (int i = 0; i < controls_.stream->count(); ++i) {
        had << controls_.stream->itemText(i);
    }
    if (had != names) {
        QString const before = wanted_.isEmpty() ? controls_.stream->currentText() : wanted_;
        controls_.stream->clear();
        controls_.stream->addItems(names);
        controls_.stream->setCurrentIndex(std::max(0, controls_.stream->findText(before)));
        wanted_.clear();
    }
    for (auto const& one : seen.streams.rows) {
        if (one->name == stream()) {
            state_ = one->state;
            mayDelete_ = !one->deny_delete && !one->sealed;
        }
    }
    bool const other = shown_ != controls_.stream->currentText();
    table_->setEmptyText(names.isEmpty() ? tr("There is no stream yet.")
                                         : tr("No message of this stream matches."));
    if (other && !names.isEmpty()) {
        go();
    } else if (acts_.follow->isChecked()) {
        follow();
    }
    showPosition();
    showActions();
}

void StoredPage::chooseStream() {
    controls_.filter->clear();
    model_->show({});
    refresh();
}

void StoredPage::showStream(QString const& stream) {
    wanted_ = stream;
    int const at = controls_.stream->findText(stream);
    if (at >= 0) {
        wanted_.clear();
        controls_.stream->setCurrentIndex(at);
        chooseStream();
    }
}

void StoredPage::go() {
    host::MessageRange range{.limit = kPage};
    switch (static_cast<Where>(controls_.where->currentIndex())) {
        case Where::Last:
            range.from = host::MessageRange::From::Before;
            range.sequence = 0;
            break;
        case Where::Sequence:
            range.sequence = std::max<quint64>(1, controls_.value->text().toULongLong());
            break;
        case Where::Time:
            range.from = host::MessageRange::From::Time;
            range.time = timeOf(controls_.value->text());
            if (!range.time.is_set()) {
                showError(tr("That is no time: 2026-01-31 14:00, or 2h ago."));
                return;
            }
            break;
        case Where::LastPerSubject:
            readLastPerSubject();
            return;
    }
    read(std::move(range));
}

void StoredPage::goTo(quint64 sequence) {
    acts_.follow->setChecked(false);
    controls_.where->setCurrentIndex(static_cast<int>(Where::Sequence));
    controls_.value->setText(QString::number(sequence));
    read({.sequence = std::max<quint64>(1, sequence), .limit = kPage});
}

void StoredPage::back() {
    acts_.follow->setChecked(false);
    quint64 const before = model_->rows().empty() ? 0 : model_->rows().front()->sequence;
    read({.from = host::MessageRange::From::Before, .sequence = before, .limit = kPage});
}

void StoredPage::forward() {
    quint64 const after = model_->rows().empty() ? 0 : model_->rows().back()->sequence;
    read({.sequence = after + 1, .limit = kPage});
}

void StoredPage::read(host::MessageRange range) {
    if (controls_.stream->currentIndex() < 0) {
        return;
    }
    shown_ = controls_.stream->currentText();
    range.stream = stream();
    range.filter = filter();
    bool const forward = range.from != host::MessageRange::From::Before;
    quint64 const number = ++reading_;
    look(host::ReadMessages{std::move(range)},
         [this, number, forward](host::JetStreamAnswer& answer) {
             if (number == reading_) {
                 take(std::get<host::MessagesRead>(answer.what), forward);
             }
         });
}

void StoredPage::take(host::MessagesRead& read, bool forward) {
    more_ = forward && read.more;
    cut_ = read.cut;
    model_->show(std::move(read.messages));
    int const rows = model_->rowCount();
    if (rows > 0) {
        table_->selectRow(forward ? 0 : rows - 1);
        table_->scrollTo(model_->index(forward ? 0 : rows - 1, 0));
    }
    showPosition();
    showNote();
    showSelected();
}

void StoredPage::readLastPerSubject() {
    if (controls_.stream->currentIndex() < 0) {
        return;
    }
    shown_ = controls_.stream->currentText();
    quint64 const number = ++reading_;
    std::string const name = stream();
    look(
        host::LookAtSubjects{.stream = name, .filter = filter(), .limit = kMostSubjects},
        [this, number, name](host::JetStreamAnswer& answer) {
            auto const seen = std::get<host::SubjectsSeen>(std::move(answer.what));
            host::ReadLast order{.stream = name};
            for (auto const& [subject, count] : seen.subjects) {
                order.subjects.push_back(subject);
            }
            quint64 const total = seen.total;
            look(std::move(order), [this, number, total](host::JetStreamAnswer& last) {
                if (number != reading_) {
                    return;
                }
                auto rows = std::move(std::get<host::LastRead>(last.what).messages);
                std::erase(rows, nullptr);
                host::MessagesRead read{.messages = std::move(rows)};
                take(read, true);
                controls_.note->setText(tr("%1 of %2 subjects").arg(model_->rowCount()).arg(total));
            });
        });
}

void StoredPage::follow() {
    quint64 const after = model_->rows().empty() ? 0 : model_->rows().back()->sequence;
    if (state_.last <= after || shown_ != controls_.stream->currentText()) {
        return;
    }
    quint64 const number = reading_;
    look(
        host::ReadMessages{
            {.stream = stream(), .filter = filter(), .sequence = after + 1, .limit = kPage}},
        [this, number](host::JetStreamAnswer& answer) {
            if (number != reading_ || !acts_.follow->isChecked()) {
                return;
            }
            auto const& read = std::get<host::MessagesRead>(answer.what);
            model_->append(read.messages, kMostFollowed);
            table_->scrollToBottom();
            showNote();
        });
}

void StoredPage::showNote() {
    auto const& rows = model_->rows();
    if (rows.empty()) {
        controls_.note->clear();
        return;
    }
    QString text = tr("%1 to %2 of %3")
                       .arg(exactCount(rows.front()->sequence), exactCount(rows.back()->sequence),
                            exactCount(state_.last));
    if (cut_) {
        text += tr(", fewer, for they are large");
    }
    controls_.note->setText(text);
}

void StoredPage::showPosition() {
    auto const& rows = model_->rows();
    bool const any = !rows.empty() && state_.last > state_.first;
    controls_.position->setEnabled(any);
    if (!any || controls_.position->isSliderDown()) {
        return;
    }
    auto const span = static_cast<double>(state_.last - state_.first);
    quint64 const first = std::max(rows.front()->sequence, state_.first);
    auto const listed = static_cast<double>(rows.back()->sequence + 1 - rows.front()->sequence);
    controls_.position->setPageStep(
        std::max(1, static_cast<int>(kPositions * std::min(1.0, listed / span))));
    controls_.position->setValue(
        static_cast<int>(kPositions * static_cast<double>(first - state_.first) / span));
}

host::StoredMessagePtr StoredPage::selected() const {
    QModelIndexList const rows = table_->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : model_->at(rows.front().row());
}

void StoredPage::showSelected() {
    if (host::StoredMessagePtr const one = selected()) {
        payload_->show(one->payload, one->headers, one->payload.size());
    } else {
        payload_->clear();
    }
    showActions();
}

void StoredPage::showActions() {
    bool const one = selected() != nullptr;
    bool const any = available() && controls_.stream->count() > 0;
    auto const& rows = model_->rows();
    acts_.first->setEnabled(any);
    acts_.last->setEnabled(any);
    acts_.follow->setEnabled(any);
    acts_.back->setEnabled(any && !rows.empty() && rows.front()->sequence > state_.first);
    acts_.forward->setEnabled(any && !rows.empty() && rows.back()->sequence < state_.last);
    acts_.copy->setEnabled(one);
    acts_.again->setEnabled(one && context().source.can(Capability::Publish));
    acts_.remove->setEnabled(one && mayChange() && mayDelete_);
}

void StoredPage::removeSelected() {
    host::StoredMessagePtr const one = selected();
    if (!one) {
        return;
    }
    QString const name = controls_.stream->currentText();
    ConfirmDialog dialog(
        {.title = tr("Delete message %1?").arg(exactCount(one->sequence)),
         .text = tr("The message on %1, %2, is taken out of %3 and overwritten, "
                    "for good.")
                     .arg(wireText(one->subject),
                          shortBytes(static_cast<double>(one->payload.size())), name),
         .button = tr("Delete")},
        this);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    quint64 const sequence = one->sequence;
    change(
        host::AskApi{
            .act = host::AskApi::Act::Change,
            .subject = "STREAM.MSG.DELETE." + name.toStdString(),
            .body =
                jsonBody({{QStringLiteral("seq"), static_cast<qint64>(sequence)}}).toStdString()},
        tr("Deleting…"), tr("Deleted message %1.").arg(exactCount(sequence)),
        [this, sequence](host::JetStreamAnswer const& answer) {
            if (!answer.error) {
                StoredMessageModel::Rows rows = model_->rows();
                std::erase_if(rows, [&](host::StoredMessagePtr const& row) {
                    return row->sequence == sequence;
                });
                model_->show(std::move(rows));
                showSelected();
            }
        });
}

void StoredPage::forget() {
    controls_.stream->clear();
    model_->show({});
    payload_->clear();
    shown_.clear();
    state_ = {};
}

void StoredPage::focusSearch() {
    controls_.filter->setFocus();
    controls_.filter->selectAll();
}

void StoredPage::prepareForPicture() {
    table_->selectRow(std::max(0, model_->rowCount() - 4));
}

void StoredPage::saveLayout() {
    saveColumns(*table_, title().id);
    context().settings.setValue(QStringLiteral("split/stored"), split_->saveState());
}

}  // namespace signalbox::gui
