#include "gui/pages/events_page.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/widgets/json_highlighter.h"
#include "gui/widgets/live_table.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

EventsPage::EventsPage(PageContext const& context)
    : Page(context, {QStringLiteral("events"), tr("Events"), QStringLiteral("events")}),
      model_(new EventListModel(this)) {
    makeTable();
    makeTools();
    details_ = new QPlainTextEdit;
    details_->setReadOnly(true);
    details_->setFont(Theme::monospace());
    details_->setAccessibleName(tr("The selected event"));
    details_->setPlaceholderText(tr("Select an event to see all that is known of it."));
    new JsonHighlighter(context.theme, details_->document());
    auto* const splitter = new QSplitter(Qt::Horizontal);
    splitter->addWidget(table_);
    splitter->addWidget(details_);
    splitter->setStretchFactor(0, 1);
    splitter->setSizes({830, 270});
    body().addWidget(splitter, 1);
    setIdleState({.icon = QStringLiteral("events"),
                  .title = tr("No broker runs"),
                  .text = tr("What happens to a broker would be here: who connects and leaves and "
                             "why, who is not let in, who reads too slowly, what is reloaded."),
                  .needed = Capability::Events});
    connect(&context.source, &DataSource::eventsArrived, model_, &EventListModel::append);
    connect(&context.source, &DataSource::stateChanged, this, &EventsPage::showState);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &EventsPage::showState);
    showState();
    showCounts();
}

void EventsPage::makeTable() {
    table_ = new LiveTable(context().theme, tr("Events"));
    table_->setModel(model_);
    table_->setColumnWidths({114, 108, 122, 122, 132, 220}, EventListModel::What);
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    table_->setEmptyText(
        tr("Nothing happened yet: connects and disconnects, refused clients, slow "
           "consumers and reloads would be here."));
    restoreColumns(*table_, title().id);
    connect(table_, &LiveTable::visibleRowsChanged, model_, &EventListModel::setVisibleRows);
    connect(table_, &LiveTable::expandToggled, model_, &EventListModel::toggle);
    connect(table_, &QAbstractItemView::activated, this,
            [this](QModelIndex const& index) { model_->toggle(index.row()); });
    connect(table_, &QWidget::customContextMenuRequested, this, &EventsPage::fillMenu);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &EventsPage::showSelected);
}

void EventsPage::makeTools() {
    for (std::size_t i = 0; i < kEventCategories; ++i) {
        auto const category = static_cast<EventCategory>(i);
        auto* const action = new QAction(categoryName(category), this);
        action->setCheckable(true);
        action->setChecked(true);
        action->setToolTip(tr("Show or hide these"));
        categories_[i] = addTool(action, Qt::ToolButtonTextOnly);
        connect(action, &QAction::toggled, this, [this, category](bool on) {
            model_->setShown(category, on);
            showCounts();
        });
    }
    text_ = new QLineEdit;
    text_->setPlaceholderText(tr("Show events with…"));
    text_->setClearButtonEnabled(true);
    text_->setAccessibleName(tr("Text in events"));
    text_->setMaximumWidth(260);
    connect(text_, &QLineEdit::textChanged, this, [this](QString const& text) {
        model_->setText(text);
        showCounts();
    });
    grouping_ = new QComboBox;
    grouping_->setAccessibleName(tr("Group by"));
    for (auto const& [name, grouping] : {std::pair(tr("not grouped"), EventGrouping::None),
                                         std::pair(tr("by event"), EventGrouping::Kind),
                                         std::pair(tr("by reason"), EventGrouping::Reason),
                                         std::pair(tr("by client"), EventGrouping::Client),
                                         std::pair(tr("by account"), EventGrouping::Account)}) {
        grouping_->addItem(name, static_cast<int>(grouping));
    }
    connect(grouping_, &QComboBox::currentIndexChanged, this, [this] {
        model_->setGrouping(static_cast<EventGrouping>(grouping_->currentData().toInt()));
    });
    count_ = new QLabel;
    count_->setProperty("role", "muted");
    count_->setAccessibleName(tr("Number of events"));
    pause_ = new QAction(icon(QStringLiteral("pause")), tr("Pause"), this);
    pause_->setCheckable(true);
    pause_->setToolTip(tr("Hold the list still; what happens meanwhile is kept"));
    connect(pause_, &QAction::toggled, this, [this] { showCounts(); });
    auto* const clear = new QAction(icon(QStringLiteral("clear")), tr("Clear"), this);
    clear->setToolTip(tr("Forget the events shown here"));
    connect(clear, &QAction::triggered, this, [this] {
        model_->clear();
        showCounts();
    });
    tools().addSpacing(kSpace);
    tools().addWidget(text_, 2);
    tools().addWidget(grouping_);
    tools().addWidget(count_);
    tools().addStretch(1);
    addTool(pause_, Qt::ToolButtonTextBesideIcon);
    addTool(clear);
}

/// What happened before a broker ended is worth looking at.
void EventsPage::showState() {
    if (model_->held() > 0) {
        showEmpty(false);
    } else {
        showIdle();
    }
}

void EventsPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    dropped_ = snapshot->events_dropped;
    showState();
    if (!pause_->isChecked()) {
        model_->refresh();
    }
    showCounts();
}

void EventsPage::showCounts() {
    for (std::size_t i = 0; i < kEventCategories; ++i) {
        auto const category = static_cast<EventCategory>(i);
        std::size_t const count = model_->count(category);
        QString const name = categoryName(category);
        categories_[i]->setText(count == 0 ? name
                                           : QStringLiteral("%1 %2").arg(name, exactCount(count)));
    }
    QString text =
        model_->filtered()
            ? tr("%1 of %2").arg(exactCount(model_->matching()), exactCount(model_->held()))
            : QString();
    if (dropped_ > 0) {
        text += tr(" %1 came too fast and were dropped").arg(exactCount(dropped_));
    }
    count_->setText(text);
}

EventLine const* EventsPage::selected() const {
    QModelIndexList const rows = table_->selectionModel()->selectedRows();
    return rows.size() == 1 ? model_->rowAt(rows.front().row()) : nullptr;
}

void EventsPage::showSelected() {
    EventLine const* const line = selected();
    details_->setPlainText(line == nullptr ? QString() : eventJson(*line->event));
}

void EventsPage::fillMenu(QPoint const& at) {
    EventLine const* const line = selected();
    if (line == nullptr) {
        return;
    }
    EventPtr const event = line->event;
    QMenu menu(this);
    menu.addAction(tr("Copy"), this,
                   [&] { QGuiApplication::clipboard()->setText(table_->selectedText()); });
    menu.addAction(tr("Copy all that is known, as JSON"), this,
                   [&] { QGuiApplication::clipboard()->setText(eventJson(*event)); });
    if (event->connection != nullptr) {
        menu.addSeparator();
        menu.addAction(tr("Show events of this client"), this, [&] {
            QString const name = wireText(event->connection->name);
            text_->setText(name.isEmpty() ? tr("connection %1").arg(event->connection->cid) : name);
        });
        menu.addAction(tr("Show connections"), this, [&] {
            emit context().navigation.pageWanted(QStringLiteral("connections"));
        });
        menu.addAction(tr("Tap what it publishes"), this, [&] {
            emit context().navigation.tapWanted(
                QStringLiteral("conn == %1").arg(event->connection->cid));
        });
    }
    menu.exec(table_->viewport()->mapToGlobal(at));
}

void EventsPage::focusSearch() {
    text_->setFocus();
    text_->selectAll();
}

void EventsPage::prepareForPicture() {
    model_->refresh();
    table_->selectRow(std::min(1, model_->rowCount() - 1));
}

void EventsPage::saveLayout() {
    saveColumns(*table_, title().id);
}

}  // namespace signalbox::gui
