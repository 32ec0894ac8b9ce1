#include "gui/pages/subjects_page.h"

#include "engine/subject/subject.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/widgets/empty_state.h"
#include "gui/widgets/live_table.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

/// A tree this small is opened without being asked.
constexpr std::size_t kOpenUpTo = 40;
constexpr std::size_t kOpenUpToFiltered = 300;
constexpr int kOpenDepth = 3;

bool isSystem(std::string const& token) {
    return token.starts_with('$') || token == "_INBOX";
}

}  // namespace

SubjectsPage::SubjectsPage(PageContext const& context)
    : Page(context, {QStringLiteral("subjects"), tr("Subjects"), QStringLiteral("subjects")}),
      model_(new SubjectTreeModel(this)) {
    makeTools();
    makeTable();
    if (isRemote()) {
        makeSampling();
    }
    body().addWidget(table_, 1);
    body().addWidget(detail());
    setIdleState({.icon = QStringLiteral("subjects"),
                  .title = tr("No subjects yet"),
                  .text = tr("Every subject that is published or subscribed to would be here, with "
                             "its rates, as soon as a broker runs and a client connects."),
                  .needed = Capability::SubjectTree});
    connect(&context.source, &DataSource::stateChanged, this, &SubjectsPage::showState);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &SubjectsPage::showState);
    showState();
}

void SubjectsPage::makeTools() {
    search_ = new QLineEdit;
    search_->setPlaceholderText(tr("Go to subject: orders.*.created, sensors.>"));
    search_->setClearButtonEnabled(true);
    search_->setAccessibleName(tr("Go to subject"));
    search_->setToolTip(
        tr("A subject, or a filter with * for one token and > for all that "
           "follow (Ctrl+L)"));
    search_->setMinimumWidth(200);
    search_->setMaximumWidth(420);
    tools().addWidget(search_, 3);
    connect(search_, &QLineEdit::textChanged, this, &SubjectsPage::setFilterText);
    connect(search_, &QLineEdit::returnPressed, this, [this] {
        table_->setFocus();
        if (model_->rowCount() > 0 && !table_->currentIndex().isValid()) {
            table_->selectRow(0);
        }
    });
    count_ = new QLabel;
    count_->setProperty("role", "muted");
    count_->setAccessibleName(tr("Number of subjects"));
    tools().addSpacing(kSpace);
    tools().addWidget(count_);
    tools().addStretch(1);
    auto* const flat = new QAction(icon(QStringLiteral("flat")), tr("Flat list"), this);
    flat->setCheckable(true);
    flat->setToolTip(tr("A list of whole subjects in place of the tree"));
    connect(flat, &QAction::toggled, this, [this](bool on) {
        query_.flat = on;
        ask();
    });
    addTool(flat, Qt::ToolButtonTextBesideIcon);
    auto* const collapse = new QAction(icon(QStringLiteral("collapse")), tr("Collapse all"), this);
    connect(collapse, &QAction::triggered, this, [this] {
        for (observe::TreeRow const* const row : model_->rows()) {
            closedByHand_.insert(row->node);
        }
        expanded_.clear();
        paged_.clear();
        ask();
    });
    addTool(collapse);
}

void SubjectsPage::makeSampling() {
    sample_ = new QAction(icon(QStringLiteral("live")), tr("Sample traffic"), this);
    sample_->setCheckable(true);
    sample_->setToolTip(
        tr("Subscribe to what the field above says, or to everything, and count it: a load on the "
           "server, which ends by itself past %1 messages a second")
            .arg(exactCount(static_cast<quint64>(SamplingWish().mostPerSecond))));
    connect(sample_, &QAction::triggered, this, [this](bool on) {
        SamplingWish wish;
        if (!query_.filter.empty()) {
            wish.filter = wireText(query_.filter);
        }
        context().source.setSampling(on ? std::optional(wish) : std::nullopt);
    });
    addTool(sample_, Qt::ToolButtonTextBesideIcon);
    quality_ = new QLabel;
    quality_->setProperty("role", "muted");
    quality_->setTextFormat(Qt::PlainText);
    quality_->setWordWrap(true);
    quality_->setAccessibleName(tr("Where these figures come from"));
    body().addWidget(quality_);
}

void SubjectsPage::showQuality(observe::ServerSnapshot const& server) {
    observe::RemoteFacts const& facts = *server.remote;
    observe::Sampling const& sampling = facts.sampling;
    QString text;
    switch (sampling.state) {
        case observe::Sampling::State::Off:
            text =
                tr("No messages are looked at. Sample traffic counts them by a subscription, "
                   "which is a load on the server.");
            break;
        case observe::Sampling::State::On:
            text = tr("Sampled by subscribing to %1, a load on the server: %2/s now, %3 in all; "
                      "ends by "
                      "itself past %4/s. Only this user's account is seen.")
                       .arg(wireText(sampling.filter), shortCount(sampling.per_second),
                            exactCount(sampling.messages), exactCount(sampling.most_per_second));
            break;
        case observe::Sampling::State::TooMuch:
            text =
                tr("⚠ The sample of %1 was ended: more than %2 messages a second, or %3 of them, "
                   "came. Figures are those until then. Name fewer subjects in the field above "
                   "and sample again.")
                    .arg(wireText(sampling.filter), exactCount(sampling.most_per_second),
                         shortBytes(16.0 * 1024 * 1024));
            break;
        case observe::Sampling::State::Refused:
            text = tr("⚠ The server refuses this sample: %1").arg(wireText(sampling.note));
            break;
    }
    if (facts.figures == observe::FiguresFrom::OwnAccount ||
        facts.figures == observe::FiguresFrom::Nowhere) {
        text += tr(" Who is subscribed to what is not told to this user.");
    } else if (facts.subscriptions_listed < server.subscriptions &&
               facts.subscriptions_listed > 0) {
        text += tr(" %1 of %2 subscriptions are listed.")
                    .arg(exactCount(facts.subscriptions_listed), exactCount(server.subscriptions));
    }
    quality_->setText(text);
    sample_->setChecked(sampling.state == observe::Sampling::State::On);
}

void SubjectsPage::makeTable() {
    table_ = new LiveTable(context().theme, tr("Subjects"));
    table_->setModel(model_);
    table_->setColumnWidths({300, 80, 86, 120, 92, 84, 96, 104, 92, 86}, SubjectTreeModel::Subject);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->horizontalHeader()->setSectionsClickable(true);
    table_->horizontalHeader()->setSortIndicator(SubjectTreeModel::Subject, Qt::AscendingOrder);
    table_->horizontalHeader()->setSortIndicatorShown(true);
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    restoreColumns(*table_, title().id);
    connect(table_->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this,
            &SubjectsPage::sortBy);
    connect(table_, &LiveTable::visibleRowsChanged, model_, &SubjectTreeModel::setVisibleRows);
    connect(table_, &LiveTable::expandToggled, this, &SubjectsPage::toggle);
    connect(table_, &QAbstractItemView::activated, this, &SubjectsPage::openRow);
    connect(table_, &QWidget::customContextMenuRequested, this, &SubjectsPage::fillMenu);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &SubjectsPage::showSelected);
}

QWidget* SubjectsPage::detail() {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const row = new QHBoxLayout(frame);
    row->setContentsMargins(12, 6, 8, 6);
    selected_ = new QLabel;
    selected_->setFont(Theme::monospace());
    selected_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    selected_->setAccessibleName(tr("Selected subject"));
    selected_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row->addWidget(selected_, 1);
    auto const button = [&](QString const& text, QString const& iconName, auto run) {
        auto* const one = new QToolButton;
        one->setText(text);
        one->setIcon(icon(iconName));
        one->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        one->setAccessibleName(text);
        one->setFocusPolicy(Qt::StrongFocus);
        connect(one, &QToolButton::clicked, this, run);
        row->addWidget(one);
    };
    button(tr("Tap here"), QStringLiteral("messages"),
           [this] { emit context().navigation.tapWanted(selectedSubject()); });
    button(tr("Publish here"), QStringLiteral("publish"),
           [this] { emit context().navigation.publishWanted(selectedSubject()); });
    button(tr("Copy"), QStringLiteral("copy"), [this] {
        QGuiApplication::clipboard()->setText(selectedSubject());
        emit context().navigation.said(tr("Copied: %1").arg(selectedSubject()));
    });
    showSelected();
    return frame;
}

QString SubjectsPage::selectedSubject() const {
    observe::TreeRow const* row = model_->rowAt(table_->currentIndex().row());
    if (row == nullptr || row->kind != observe::TreeRow::Kind::Subject) {
        return {};
    }
    QString const subject = wireText(row->subject);
    // A node with others below it stands for all of them.
    return row->has_children && row->last_size == 0 && !query_.flat ? subject + QStringLiteral(".>")
                                                                    : subject;
}

void SubjectsPage::showSelected() {
    QString const subject = selectedSubject();
    selected_->setText(subject.isEmpty() ? tr("Select a subject to tap it or to publish on it.")
                                         : subject);
}

void SubjectsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    ask();
}

void SubjectsPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    context().source.setTreeQuery(std::nullopt);
}

void SubjectsPage::ask() {
    query_.expanded.assign(expanded_.begin(), expanded_.end());
    query_.paged.assign(paged_.begin(), paged_.end());
    if (isVisible() && context().source.live()) {
        context().source.setTreeQuery(query_);
    }
}

void SubjectsPage::showState() {
    if (!showIdle()) {
        model_->clear();
        expanded_.clear();
        closedByHand_.clear();
        paged_.clear();
    }
    ask();
}

void SubjectsPage::toggle(int row) {
    observe::TreeRow const* const one = model_->rowAt(row);
    if (one == nullptr) {
        return;
    }
    if (one->expanded) {
        expanded_.erase(one->node);
        closedByHand_.insert(one->node);
    } else {
        expanded_.insert(one->node);
        closedByHand_.erase(one->node);
    }
    ask();
}

void SubjectsPage::openRow(QModelIndex const& index) {
    observe::TreeRow const* const row = model_->rowAt(index.row());
    if (row == nullptr) {
        return;
    }
    if (row->kind == observe::TreeRow::Kind::More) {
        paged_.insert(row->node);
        ask();
    } else if (row->has_children) {
        toggle(index.row());
    } else {
        emit context().navigation.tapWanted(wireText(row->subject));
    }
}

void SubjectsPage::sortBy(int column, Qt::SortOrder order) {
    std::optional<observe::TreeSort> const sort = SubjectTreeModel::sortOf(column);
    if (sort) {
        query_.sort = *sort;
        query_.descending = order == Qt::DescendingOrder;
        ask();
    }
}

void SubjectsPage::setFilterText(QString const& text) {
    std::string wanted = text.trimmed().toStdString();
    bool const valid = wanted.empty() || subject::Filter::parse(wanted).ok();
    search_->setProperty("verdict", wanted.empty() ? "" : valid ? "valid" : "invalid");
    search_->style()->unpolish(search_);
    search_->style()->polish(search_);
    if (!valid) {
        return;
    }
    below_ = true;
    bool const wild = wanted.find_first_of("*>") != std::string::npos;
    query_.filter = wanted.empty() || wild ? wanted : wanted + ".>";
    closedByHand_.clear();
    ask();
}

void SubjectsPage::goTo(QString const& filter) {
    search_->setText(filter);
}

void SubjectsPage::focusSearch() {
    search_->setFocus();
    search_->selectAll();
}

void SubjectsPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    observe::ServerSnapshot const* const one = server(snapshot);
    if (one == nullptr) {
        return;
    }
    observe::TreeSnapshot const& tree = snapshot->tree;
    if (quality_ != nullptr && one->remote) {
        showQuality(*one);
    }
    table_->setEmptyText(query_.filter.empty() && isRemote()
                             ? tr("Nothing is known yet: sample the traffic to see what "
                                  "is published.")
                         : query_.filter.empty()
                             ? tr("No client has published or subscribed yet.\nConnect one to %1, "
                                  "or run the demo traffic.")
                                   .arg(context().source.url())
                             : tr("No subject matches."));
    model_->show({snapshot, &tree}, millisecondsOf(snapshot->wall_time));
    showCount(*one, tree);
    openFew(tree);
    if (!query_.filter.empty() && tree.matching == 0 && below_ && query_.filter.ends_with(".>") &&
        !search_->text().contains(QLatin1Char('>'))) {
        // Nothing below it: then the very subject.
        below_ = false;
        query_.filter.resize(query_.filter.size() - 2);
        ask();
    }
}

void SubjectsPage::showCount(observe::ServerSnapshot const& server,
                             observe::TreeSnapshot const& tree) {
    QString text = query_.filter.empty()
                       ? tr("%1 subjects").arg(exactCount(server.subjects))
                       : tr("%1 of %2 subjects match")
                             .arg(exactCount(tree.matching), exactCount(server.subjects));
    if (server.subjects_folded > 0) {
        text += tr(", %1 messages of further subjects counted together")
                    .arg(exactCount(server.subjects_folded));
    }
    count_->setText(text);
}

void SubjectsPage::openFew(observe::TreeSnapshot const& tree) {
    bool const filtered = !query_.filter.empty();
    if (query_.flat || tree.rows.size() >= (filtered ? kOpenUpToFiltered : kOpenUpTo)) {
        return;
    }
    bool opened = false;
    for (observe::TreeRow const& row : tree.rows) {
        bool const may = row.has_children && !row.expanded && row.depth < kOpenDepth &&
                         !closedByHand_.contains(row.node) &&
                         (filtered || row.depth > 0 || !isSystem(row.token));
        if (may) {
            opened = expanded_.insert(row.node).second || opened;
        }
    }
    if (opened) {
        ask();
    }
}

void SubjectsPage::fillMenu(QPoint const& at) {
    QString const subject = selectedSubject();
    if (subject.isEmpty()) {
        return;
    }
    QMenu menu(this);
    menu.addAction(tr("Tap %1").arg(subject), this,
                   [&] { emit context().navigation.tapWanted(subject); });
    menu.addAction(tr("Publish on %1…").arg(subject), this,
                   [&] { emit context().navigation.publishWanted(subject); });
    menu.addSeparator();
    menu.addAction(tr("Show only this"), this, [&] { goTo(subject); });
    menu.addAction(tr("Copy subject"), this,
                   [&] { QGuiApplication::clipboard()->setText(subject); });
    menu.exec(table_->viewport()->mapToGlobal(at));
}

void SubjectsPage::prepareForPicture() {
    int best = -1;
    for (int row = 0; row < model_->rowCount(); ++row) {
        observe::TreeRow const& one = *model_->rowAt(row);
        if (!one.has_children &&
            (best < 0 || one.msgs_per_second > model_->rowAt(best)->msgs_per_second)) {
            best = row;
        }
    }
    if (best >= 0) {
        table_->selectRow(best);
        table_->scrollToTop();
    }
}

void SubjectsPage::saveLayout() {
    saveColumns(*table_, title().id);
}

}  // namespace signalbox::gui
