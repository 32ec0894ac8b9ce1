#include "gui/pages/messages_page.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/models/payload_text.h"
#include "gui/widgets/empty_state.h"
#include "gui/widgets/live_table.h"
#include "gui/widgets/payload_view.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QShortcut>
#include <QSplitter>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

QString shellQuoted(QString text) {
    text.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    return QLatin1Char('\'') + text + QLatin1Char('\'');
}

}  // namespace

QString publishCommand(observe::TapRow const& row, QString const& url) {
    QString command = QStringLiteral("nats pub --server %1").arg(url);
    for (auto const& [name, value] : headerFields(row.headers)) {
        if (!name.isEmpty()) {
            command += QStringLiteral(" -H ") + shellQuoted(name + QLatin1Char(':') + value);
        }
    }
    if (!row.reply.empty()) {
        command += QStringLiteral(" --reply ") + shellQuoted(wireText(row.reply));
    }
    return command + QLatin1Char(' ') + shellQuoted(wireText(row.subject)) + QLatin1Char(' ') +
           shellQuoted(wireText(row.payload));
}

MessagesPage::MessagesPage(PageContext const& context)
    : Page(context, {QStringLiteral("messages"), tr("Messages"), QStringLiteral("messages")}),
      model_(new TapModel(this)) {
    makeTools();
    makeTable();
    makeFilterBar();
    split_ = new QSplitter(Qt::Vertical);
    split_->addWidget(table_);
    split_->addWidget(detail());
    split_->setStretchFactor(0, 3);
    split_->setStretchFactor(1, 2);
    split_->setChildrenCollapsible(false);
    split_->restoreState(context.settings.value(QStringLiteral("split/messages")).toByteArray());
    body().addWidget(counters());
    body().addWidget(split_, 1);
    setIdleState({.icon = QStringLiteral("messages"),
                  .title = tr("No broker runs"),
                  .text = tr("Messages would be here as they pass: captured in the broker by a "
                             "filter, with their headers and payloads."),
                  .needed = Capability::Tap});
    connect(&context.source, &DataSource::tapArrived, model_, &TapModel::append);
    connect(&context.source, &DataSource::stateChanged, this, &MessagesPage::showState);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &MessagesPage::showState);
    showState();
}

void MessagesPage::makeTools() {
    controls_.find = new QLineEdit;
    controls_.find->setPlaceholderText(tr("Find in what was captured"));
    controls_.find->setClearButtonEnabled(true);
    controls_.find->setAccessibleName(tr("Find in what was captured"));
    controls_.find->setToolTip(tr("Shows only messages with this text (Ctrl+F)"));
    controls_.find->setMaximumWidth(300);
    connect(controls_.find, &QLineEdit::textChanged, model_, &TapModel::setDisplayFilter);
    tools().addWidget(controls_.find, 2);
    tools().addStretch(1);

    controls_.capture = new QAction(icon(QStringLiteral("live")), tr("Capture"), this);
    controls_.capture->setCheckable(true);
    controls_.capture->setToolTip(tr("Take messages that match the filter out of the broker"));
    connect(controls_.capture, &QAction::toggled, this, [this](bool on) {
        if (on) {
            startCapture();
        } else {
            stopCapture();
        }
    });
    controls_.pause = new QAction(icon(QStringLiteral("pause")), tr("Pause"), this);
    controls_.pause->setCheckable(true);
    controls_.pause->setToolTip(tr("Freeze the list; messages go on to be captured (Space)"));
    connect(controls_.pause, &QAction::toggled, model_, &TapModel::setPaused);
    controls_.follow = new QAction(icon(QStringLiteral("follow")), tr("Follow"), this);
    controls_.follow->setCheckable(true);
    controls_.follow->setChecked(true);
    controls_.follow->setToolTip(tr("Stay at the newest message; scrolling up ends it"));
    auto* const delta = new QAction(tr("Δt"), this);
    delta->setCheckable(true);
    delta->setToolTip(tr("Show the time since the message before"));
    connect(delta, &QAction::toggled, this, [this](bool on) {
        model_->setTimeStyle(on ? TapModel::TimeStyle::Delta : TapModel::TimeStyle::Clock);
    });
    auto* const clear = new QAction(icon(QStringLiteral("clear")), tr("Clear"), this);
    clear->setToolTip(tr("Forget what was captured"));
    connect(clear, &QAction::triggered, this, [this] {
        model_->clear();
        showRow({});
    });
    addTool(controls_.capture, Qt::ToolButtonTextBesideIcon);
    addTool(controls_.pause, Qt::ToolButtonTextBesideIcon);
    addTool(controls_.follow, Qt::ToolButtonTextBesideIcon);
    addTool(delta, Qt::ToolButtonTextOnly);
    addTool(clear);
}

void MessagesPage::makeFilterBar() {
    controls_.filter = new QLineEdit;
    controls_.filter->setFont(Theme::monospace());
    controls_.filter->setPlaceholderText(
        tr("Capture filter: orders.> && size > 1k && header ~ \"X-Env: test\"  (empty: all)"));
    controls_.filter->setAccessibleName(tr("Capture filter"));
    controls_.filter->setToolTip(
        tr("Runs in the broker. Terms: a subject filter; size > 1k; conn == 12; account == $G; "
           "header ~ text; payload ~ text. Joined by &&."));
    controls_.filter->setClearButtonEnabled(true);
    controls_.verdict = new QLabel;
    controls_.verdict->setAccessibleName(tr("What the filter means"));
    controls_.sample = new QComboBox;
    controls_.sample->setAccessibleName(tr("Sampling"));
    controls_.sample->setToolTip(tr("Take one of so many matches"));
    for (int const one_of : {1, 8, 64, 512}) {
        controls_.sample->addItem(one_of == 1 ? tr("every match") : tr("1 in %1").arg(one_of),
                                  one_of);
    }
    controls_.head = new QComboBox;
    controls_.head->setAccessibleName(tr("Bytes of a payload"));
    controls_.head->setToolTip(tr("How much of a payload is copied"));
    for (int const bytes : {512, 4'096, 65'536}) {
        controls_.head->addItem(tr("first %1").arg(shortBytes(bytes)), bytes);
    }
    auto* const row = new QHBoxLayout;
    row->setSpacing(kSpace);
    row->addWidget(controls_.filter, 1);
    row->addWidget(controls_.verdict);
    row->addWidget(controls_.sample);
    row->addWidget(controls_.head);
    body().addLayout(row);
    load_ = new QLabel;
    load_->setProperty("role", "muted");
    load_->setTextFormat(Qt::PlainText);
    load_->setWordWrap(true);
    load_->setAccessibleName(tr("What the tap costs the server"));
    load_->hide();
    body().addWidget(load_);
    connect(controls_.filter, &QLineEdit::textChanged, this, &MessagesPage::showVerdict);
    connect(controls_.filter, &QLineEdit::returnPressed, this, [this] {
        if (expression_.valid()) {
            tap(controls_.filter->text());
        }
    });
    connect(controls_.sample, &QComboBox::currentIndexChanged, this, &MessagesPage::sendFilter);
    connect(controls_.head, &QComboBox::currentIndexChanged, this, &MessagesPage::sendFilter);
    showVerdict();
}

void MessagesPage::makeTable() {
    table_ = new LiveTable(context().theme, tr("Messages"));
    table_->setModel(model_);
    table_->setColumnWidths({72, 108, 60, 230, 120, 50, 76, 56, 300}, TapModel::Preview);
    table_->cells().setMonospace({TapModel::Preview});
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    table_->enableFollowing();
    restoreColumns(*table_, title().id);
    connect(controls_.follow, &QAction::toggled, table_, &LiveTable::setFollowing);
    auto* const space = new QShortcut(Qt::Key_Space, table_, nullptr, nullptr, Qt::WidgetShortcut);
    connect(space, &QShortcut::activated, this, &MessagesPage::togglePause);
    connect(table_, &LiveTable::followingChanged, controls_.follow, &QAction::setChecked);
    connect(table_, &QWidget::customContextMenuRequested, this, &MessagesPage::fillMenu);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &MessagesPage::showRow);
}

QWidget* MessagesPage::counters() {
    auto* const bar = new QWidget;
    auto* const row = new QHBoxLayout(bar);
    row->setContentsMargins(2, 0, 2, 0);
    row->setSpacing(kSpace * 2);
    auto const label = [&](QString const& name, QString const& tip) {
        auto* const one = new QLabel;
        one->setProperty("role", "muted");
        one->setAccessibleName(name);
        one->setToolTip(tip);
        row->addWidget(one);
        return one;
    };
    counters_.matched = label(tr("Matched"), tr("Messages that passed the filter"));
    counters_.sampledOut =
        label(tr("Sampled out"), tr("Left out by sampling or by the bound of 5,000 a second"));
    counters_.dropped = label(tr("Dropped"), tr("Lost because the window was not quick enough"));
    counters_.shown = label(tr("Shown"), tr("In the list, and waiting while it is paused"));
    row->addStretch(1);
    showCounts({});
    return bar;
}

QWidget* MessagesPage::detail() {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    message_ = new QLabel;
    message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    message_->setAccessibleName(tr("Selected message"));
    message_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* const menuButton = new QToolButton;
    menuButton->setIcon(icon(QStringLiteral("copy")));
    menuButton->setText(tr("Copy"));
    menuButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    menuButton->setAccessibleName(tr("Copy the message"));
    menuButton->setPopupMode(QToolButton::InstantPopup);
    menuButton->setFocusPolicy(Qt::StrongFocus);
    auto* const menu = new QMenu(menuButton);
    menuButton->setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        if (current_) {
            addCopyActions(*menu, *current_);
        }
    });
    auto* const again = new QToolButton;
    again->setIcon(icon(QStringLiteral("publish")));
    again->setText(tr("Publish here"));
    again->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    again->setAccessibleName(tr("Publish on the subject of the message"));
    again->setFocusPolicy(Qt::StrongFocus);
    connect(again, &QToolButton::clicked, this, [this] {
        if (current_) {
            emit context().navigation.publishWanted(wireText(current_->subject));
        }
    });
    auto* const top = new QHBoxLayout;
    top->setContentsMargins(12, 4, 6, 0);
    top->addWidget(message_, 1);
    top->addWidget(again);
    top->addWidget(menuButton);
    payload_ = new PayloadView(context().theme);
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(2, 2, 2, 2);
    column->setSpacing(0);
    column->addLayout(top);
    column->addWidget(payload_, 1);
    showRow({});
    return frame;
}

void MessagesPage::showVerdict() {
    expression_ = parseTapExpression(controls_.filter->text());
    bool const empty = controls_.filter->text().trimmed().isEmpty();
    QString verdict;
    QString role = QStringLiteral("muted");
    switch (expression_.verdict) {
        case TapExpression::Verdict::Valid:
            verdict = empty ? QString() : QStringLiteral("valid");
            controls_.verdict->setText(empty ? tr("captures all") : tr("✓ valid, Enter captures"));
            break;
        case TapExpression::Verdict::Slow:
            verdict = QStringLiteral("slow");
            role = QStringLiteral("warning");
            controls_.verdict->setText(tr("slow: %1").arg(expression_.message));
            break;
        case TapExpression::Verdict::Invalid:
            verdict = QStringLiteral("invalid");
            role = QStringLiteral("error");
            controls_.verdict->setText(tr("✗ %1").arg(expression_.message));
            break;
    }
    controls_.filter->setProperty("verdict", verdict);
    controls_.verdict->setProperty("role", role);
    for (QWidget* const widget :
         {static_cast<QWidget*>(controls_.filter), static_cast<QWidget*>(controls_.verdict)}) {
        widget->style()->unpolish(widget);
        widget->style()->polish(widget);
    }
}

void MessagesPage::tap(QString const& expression) {
    if (controls_.filter->text() != expression) {
        controls_.filter->setText(expression);
    }
    if (!expression_.valid()) {
        return;
    }
    startedOnce_ = true;
    model_->clear();
    showRow({});
    table_->setFollowing(true);
    if (capturing_) {
        sendFilter();
    } else {
        controls_.capture->setChecked(true);
    }
}

void MessagesPage::startCapture() {
    if (capturing_ || context().source.state() != BrokerState::Running) {
        controls_.capture->setChecked(capturing_);
        return;
    }
    capturing_ = true;
    startedOnce_ = true;
    sendFilter();
}

void MessagesPage::stopCapture() {
    if (capturing_) {
        capturing_ = false;
        context().source.setTap(std::nullopt);
    }
}

void MessagesPage::sendFilter() {
    if (!capturing_ || !expression_.valid()) {
        return;
    }
    observe::TapFilter filter = expression_.filter;
    filter.sample = controls_.sample->currentData().toUInt();
    filter.head_bytes = controls_.head->currentData().toUInt();
    context().source.setTap(filter);
}

void MessagesPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    // The first look at the page is what one came for: messages. Of a remote server they cost it
    // something, and are asked for by hand.
    if (!startedOnce_ && !isRemote() && context().source.state() == BrokerState::Running) {
        controls_.capture->setChecked(true);
    }
}

void MessagesPage::showState() {
    bool const shown = showIdle();
    controls_.capture->setEnabled(shown && context().source.state() == BrokerState::Running);
    if (!shown) {
        capturing_ = false;
        startedOnce_ = false;
        controls_.capture->setChecked(false);
    } else if (isVisible() && !startedOnce_ && !isRemote()) {
        controls_.capture->setChecked(true);
    }
}

void MessagesPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    if (observe::ServerSnapshot const* const one = server(snapshot)) {
        showCounts(one->tap);
        if (one->remote) {
            showLoad(one->remote->tap);
        }
    }
    table_->setEmptyText(capturing_ ? tr("Waiting for a message that matches.")
                         : isRemote()
                             ? tr("Nothing is captured. Press Capture, or Enter in the filter: the "
                                  "tap is a subscription,\nand so a load on the server.")
                             : tr("Nothing is captured. Press Capture, or Enter in the filter."));
}

/// Of a server elsewhere: what the tap costs it, and that it ended by itself.
void MessagesPage::showLoad(observe::Sampling const& tap) {
    using State = observe::Sampling::State;
    switch (tap.state) {
        case State::Off:
            break;
        case State::On:
            load_->setText(tr("The tap is a subscription to %1, a load on the server: %2/s now; it "
                              "ends by itself past %3/s.")
                               .arg(wireText(tap.filter), shortCount(tap.per_second),
                                    exactCount(tap.most_per_second)));
            break;
        case State::TooMuch:
            load_->setText(tr("⚠ The tap was ended: more than %1 messages a second came on %2. "
                              "Name fewer subjects and capture again.")
                               .arg(exactCount(tap.most_per_second), wireText(tap.filter)));
            break;
        case State::Refused:
            load_->setText(tr("⚠ The server refuses this tap: %1").arg(wireText(tap.note)));
            break;
    }
    load_->setVisible(tap.state != State::Off);
    bool const ended = tap.state == State::TooMuch || tap.state == State::Refused;
    if (ended && !endedSeen_) {
        controls_.capture->setChecked(false);
    }
    endedSeen_ = ended;
}

void MessagesPage::showCounts(observe::TapCounts const& counts) {
    counts_ = counts;
    counters_.matched->setText(tr("matched %1").arg(exactCount(counts.matched)));
    counters_.sampledOut->setText(tr("sampled out %1").arg(exactCount(counts.sampled_out)));
    counters_.dropped->setText(tr("dropped %1").arg(exactCount(counts.dropped)));
    QString shown = tr("shown %1").arg(exactCount(static_cast<quint64>(model_->rowCount())));
    if (model_->waiting() > 0) {
        shown += tr(", %1 wait behind the pause").arg(exactCount(model_->waiting()));
    }
    if (model_->received() > model_->held() + model_->waiting()) {
        shown += tr(" (the last %1 are kept)").arg(exactCount(TapModel::kLimit));
    }
    counters_.shown->setText(shown);
}

QString MessagesPage::stateText() const {
    if (!capturing_) {
        return {};
    }
    quint64 const skipped = counts_.sampled_out + counts_.dropped;
    int const sample = controls_.sample->currentData().toInt();
    return tr("tap 1:%1, %2 skipped").arg(sample).arg(shortCount(static_cast<double>(skipped)));
}

void MessagesPage::showRow(QModelIndex const& index) {
    current_ = index.isValid() ? model_->rowAt(index.row()) : nullptr;
    if (!current_) {
        message_->setText(tr("Select a message to see what is in it."));
        payload_->clear();
        return;
    }
    QString text = QStringLiteral("<b>%1</b>").arg(wireText(current_->subject).toHtmlEscaped());
    text += tr(", %1").arg(shortBytes(static_cast<double>(current_->payload_bytes)));
    if (current_->cid != 0) {
        text += tr(" from connection %1").arg(current_->cid);
    }
    text += tr(" at %1").arg(clockText(current_->time));
    if (current_->recipients != observe::TapRow::kRecipientsUnknown) {
        text += current_->recipients == 1   ? tr(", to 1 subscription")
                : current_->recipients == 0 ? tr(", to nobody")
                                            : tr(", to %1 subscriptions").arg(current_->recipients);
    }
    if (!current_->reply.empty()) {
        text += tr(", reply on %1").arg(wireText(current_->reply).toHtmlEscaped());
    }
    message_->setText(text);
    payload_->show(current_->payload, current_->headers, current_->payload_bytes);
    table_->setFollowing(false);
}

void MessagesPage::addCopyActions(QMenu& menu, observe::TapRow const& row) {
    auto const copy = [this](QString const& text) {
        QGuiApplication::clipboard()->setText(text);
        emit context().navigation.said(tr("Copied."));
    };
    menu.addAction(tr("Copy payload"), this, [=, text = wireText(row.payload)] { copy(text); });
    menu.addAction(tr("Copy subject"), this, [=, text = wireText(row.subject)] { copy(text); });
    menu.addAction(tr("Copy as publish command"), this,
                   [=, text = publishCommand(row, context().source.url())] { copy(text); });
    if (!row.headers.empty()) {
        menu.addAction(tr("Copy headers"), this, [=, text = wireText(row.headers)] { copy(text); });
    }
}

void MessagesPage::fillMenu(QPoint const& at) {
    if (!current_) {
        return;
    }
    TapRowPtr const row = current_;
    QMenu menu(this);
    menu.addAction(tr("Tap only this subject"), this, [&] { tap(wireText(row->subject)); });
    if (row->cid != 0) {
        menu.addAction(tr("Tap only connection %1").arg(row->cid), this,
                       [&] { tap(QStringLiteral("conn == %1").arg(row->cid)); });
    }
    menu.addAction(tr("Show in the subject tree"), this,
                   [&] { emit context().navigation.subjectWanted(wireText(row->subject)); });
    menu.addSeparator();
    addCopyActions(menu, *row);
    menu.exec(table_->viewport()->mapToGlobal(at));
}

void MessagesPage::focusSearch() {
    controls_.find->setFocus();
    controls_.find->selectAll();
}

void MessagesPage::togglePause() {
    controls_.pause->toggle();
}

void MessagesPage::prepareForPicture() {
    for (int row = model_->rowCount() - 4; row >= 0; --row) {
        TapRowPtr const one = model_->rowAt(row);
        if (one->header_bytes > 0 && prettyJson(one->payload)) {
            table_->selectRow(row);
            table_->setFollowing(true);
            return;
        }
    }
    table_->selectRow(model_->rowCount() - 1);
}

void MessagesPage::saveLayout() {
    saveColumns(*table_, title().id);
    context().settings.setValue(QStringLiteral("split/messages"), split_->saveState());
}

}  // namespace signalbox::gui
