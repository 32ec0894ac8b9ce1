#include "gui/pages/topology_page.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/source/lab_source.h"
#include "gui/topology/lab_graph.h"
#include "gui/topology/lab_tools.h"
#include "gui/topology/timeline_model.h"
#include "gui/topology/topology_model.h"
#include "gui/widgets/empty_state.h"
#include "gui/widgets/live_table.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <map>

namespace signalbox::gui {

namespace {

/// Of a source that tells no topology: its one server and the clients of it.
observe::Topology topologyOf(observe::ServerSnapshot const& one) {
    observe::Topology topology;
    observe::TopologyServer server;
    server.name = one.name.empty() ? one.host : one.name;
    server.id = one.id;
    server.host = one.host;
    server.port = one.port;
    server.asked = true;
    server.answered = true;
    server.in_msgs = one.in_msgs;
    server.in_bytes = one.in_bytes;
    server.out_msgs = one.out_msgs;
    server.out_bytes = one.out_bytes;
    server.connections = one.connections;
    server.subscriptions = one.subscriptions;
    server.slow_consumers = one.slow_consumers;
    server.start = one.start;
    if (one.remote) {
        server.version = one.remote->version;
        server.cluster = one.remote->cluster;
    }
    std::map<std::string, observe::TopologyClients> groups;
    for (observe::ConnectionRow const& row : one.open) {
        if (!row.identity) {
            continue;
        }
        observe::TopologyClients& group = groups[row.identity->name];
        group.server = server.name;
        group.name = row.identity->name;
        ++group.count;
        group.in_msgs_per_second += row.in_msgs.per_second;
        group.out_msgs_per_second += row.out_msgs.per_second;
        group.pending_bytes += row.pending_bytes;
        group.slow += row.slow ? 1 : 0;
    }
    topology.servers.push_back(std::move(server));
    for (auto& [name, group] : groups) {
        topology.clients.push_back(std::move(group));
    }
    return topology;
}

QString line(QString const& name, QString const& value) {
    return value.isEmpty() ? QString() : QStringLiteral("%1: %2\n").arg(name, value);
}

QString rates(observe::Rate const& msgs, observe::Rate const& bytes) {
    return TopologyPage::tr("%1 msg/s, %2/s, %3 in all")
        .arg(shortCount(msgs.per_second), shortBytes(bytes.per_second), exactCount(msgs.total));
}

}  // namespace

TopologyPage::TopologyPage(PageContext const& context)
    : Page(context, {QStringLiteral("topology"), tr("Topology"), QStringLiteral("topology")}),
      lab_(context.source.lab()),
      view_(new TopologyView(context.theme)),
      model_(new TopologyModel(this)) {
    makeTools();
    makeTable();
    shapes_ = new QStackedWidget;
    shapes_->addWidget(view_);
    shapes_->addWidget(table_);
    columns_ = new QSplitter(Qt::Horizontal);
    columns_->addWidget(shapes_);
    columns_->addWidget(makeDetails());
    columns_->setStretchFactor(0, 1);
    columns_->setSizes({900, 250});
    columns_->setChildrenCollapsible(false);
    notice_ = new QLabel;
    notice_->setProperty("role", "muted");
    notice_->setWordWrap(true);
    notice_->setAccessibleName(tr("Notice"));
    notice_->hide();
    body().addWidget(notice_);
    if (lab_ != nullptr) {
        auto* const row = new QHBoxLayout;
        row->setSpacing(2);
        tools_ = new LabTools(*lab_, *view_, context.navigation);
        tools_->fill(*row);
        row->addStretch(1);
        body().addLayout(row);
        rows_ = new QSplitter(Qt::Vertical);
        rows_->addWidget(columns_);
        rows_->addWidget(makeTimeline());
        rows_->setStretchFactor(0, 1);
        rows_->setSizes({520, 170});
        body().addWidget(rows_, 1);
        connect(lab_, &LabSource::designChanged, this, &TopologyPage::showDesign);
        connect(lab_, &LabSource::serverSelected, this, &TopologyPage::showDetails);
    } else {
        body().addWidget(columns_, 1);
        setIdleState({.icon = QStringLiteral("topology"),
                      .title = tr("No broker runs"),
                      .text = tr("The servers of a cluster and what connects them would be here: "
                                 "routes, gateways, leaf nodes and clients."),
                      .needed = Capability::Connections});
    }
    connect(view_, &TopologyView::selectionChanged, this, [this] {
        selectInTable();
        showDetails();
    });
    connect(view_, &TopologyView::menuWanted, this, &TopologyPage::openMenu);
    connect(&context.source, &DataSource::stateChanged, this, &TopologyPage::showState);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &TopologyPage::showState);
    showState();
}

TopologyPage::~TopologyPage() = default;

void TopologyPage::makeTools() {
    tools().addStretch(1);
    clients_ = new QAction(icon(QStringLiteral("connections")), tr("Clients"), this);
    clients_->setToolTip(tr("Show clients, grouped by their names"));
    clients_->setCheckable(true);
    clients_->setChecked(
        context().settings.value(QStringLiteral("topology/clients"), true).toBool());
    connect(clients_, &QAction::toggled, this, [this](bool on) {
        context().settings.setValue(QStringLiteral("topology/clients"), on);
        if (context().source.latest()) {
            showSnapshot(context().source.latest());
        }
    });
    addTool(clients_, Qt::ToolButtonTextBesideIcon);
    asTable_ = new QAction(icon(QStringLiteral("table")), tr("Table"), this);
    asTable_->setToolTip(tr("The same as a table, for keyboard and screen reader (Ctrl+T)"));
    asTable_->setCheckable(true);
    connect(asTable_, &QAction::toggled, this, [this](bool on) {
        shapes_->setCurrentIndex(on ? 1 : 0);
        selectInTable();
    });
    addTool(asTable_, Qt::ToolButtonTextBesideIcon);
    auto* const fit =
        new QAction(icon(QStringLiteral("zoom-out")), tr("Everything in sight"), this);
    fit->setToolTip(tr("Everything in sight (0)"));
    connect(fit, &QAction::triggered, view_, &TopologyView::fit);
    addTool(fit);
    auto* const anew = new QAction(icon(QStringLiteral("repeat")), tr("Arrange anew"), this);
    anew->setToolTip(tr("Arrange anew: nothing stays pinned"));
    connect(anew, &QAction::triggered, view_, &TopologyView::arrangeAnew);
    addTool(anew);
}

void TopologyPage::makeTable() {
    table_ = new LiveTable(context().theme, tr("Servers, links and clients"));
    table_->setModel(model_);
    table_->setColumnWidths({80, 230, 110, 190, 96, 84, 84, 84, 76}, TopologyModel::State);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEmptyText(tr("No server is known yet."));
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    restoreColumns(*table_, QStringLiteral("topology"));
    connect(table_, &LiveTable::visibleRowsChanged, model_, &TopologyModel::setVisibleRows);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &TopologyPage::selectFromTable);
    connect(table_, &QWidget::customContextMenuRequested, this,
            [this](QPoint const& at) { openMenu(table_->viewport()->mapToGlobal(at)); });
    connect(table_, &QAbstractItemView::activated, this, [this](QModelIndex const& index) {
        openMenu(table_->viewport()->mapToGlobal(table_->visualRect(index).bottomLeft()));
    });
}

QWidget* TopologyPage::makeDetails() {
    heading_ = new QLabel;
    heading_->setFont(Theme::scaled(1.15, QFont::DemiBold));
    heading_->setTextFormat(Qt::PlainText);
    heading_->setWordWrap(true);
    details_ = new QLabel;
    details_->setTextFormat(Qt::PlainText);
    details_->setWordWrap(true);
    details_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    details_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    details_->setAccessibleName(tr("Details of the selection"));
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(14, 12, 14, 12);
    column->addWidget(heading_);
    column->addWidget(details_, 1);
    frame->setMinimumWidth(200);
    return frame;
}

QWidget* TopologyPage::makeTimeline() {
    timeline_ = new TimelineModel(this);
    auto* const list = new LiveTable(context().theme, tr("What happened"));
    list->setModel(timeline_);
    list->setColumnWidths({84, 110, 600}, TimelineModel::Text);
    list->enableFollowing();
    list->setEmptyText(
        tr("What happens to the cluster is listed here: servers, links, clients, "
           "and what you do to them."));
    connect(lab_, &LabSource::timelineArrived, timeline_, &TimelineModel::append);
    return list;
}

QString TopologyPage::layoutKey() const {
    QString const whose = lab_ != nullptr            ? QStringLiteral("lab")
                          : context().source.title() ? context().source.title()->name
                                                     : QStringLiteral("local");
    return QStringLiteral("topology/positions/") +
           QString::fromLatin1(whose.toUtf8().toPercentEncoding());
}

void TopologyPage::showEvent(QShowEvent* event) {
    context().source.setTopologyWanted(true);
    Page::showEvent(event);
}

void TopologyPage::hideEvent(QHideEvent* event) {
    context().source.setTopologyWanted(false);
    Page::hideEvent(event);
}

void TopologyPage::showState() {
    if (lab_ != nullptr) {
        if (context().source.state() == BrokerState::Starting) {
            timeline_->clear();
        }
        if (context().source.state() == BrokerState::Stopped) {
            showDesign();
        }
        return;
    }
    if (!showIdle()) {
        showGraph({});
    }
}

void TopologyPage::showDesign() {
    if (lab_->cluster() == nullptr) {
        showGraph(labGraph(*lab_, nullptr, {.clients = false}));
    }
}

void TopologyPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    GraphOptions const options{.clients = clients_->isChecked()};
    if (lab_ != nullptr) {
        if (lab_->cluster() != nullptr) {
            showGraph(labGraph(*lab_, snapshot->topology, options));
        }
        return;
    }
    observe::ServerSnapshot const* const one = server(snapshot);
    if (snapshot->topology) {
        showGraph(graphOf(*snapshot->topology, options));
    } else if (one != nullptr) {
        showGraph(graphOf(topologyOf(*one), options));
    }
}

void TopologyPage::showGraph(TopologyGraph graph) {
    QString const key = layoutKey();
    if (restored_ != key) {
        restored_ = key;
        view_->restoreLayout(context().settings.value(key).toMap());
    }
    QString notice = graph.notice;
    if (lab_ != nullptr && lab_->cluster() == nullptr) {
        notice =
            tr("This is what will be started. Build begins with another shape; Shift and "
               "dragging from a server draws another one or joins two clusters, and a right "
               "click does the rest.");
    }
    notice_->setText(notice);
    notice_->setVisible(!notice.isEmpty());
    view_->setGraph(std::move(graph));
    model_->show(view_->graph());
    showDetails();
}

QString TopologyPage::detailsOf(TopologyNode const& node) const {
    if (node.kind == TopologyNode::Kind::Clients) {
        observe::TopologyClients const& group = node.clients;
        return line(tr("Of"), wireText(group.server)) +
               line(tr("Connections"), exactCount(group.count)) +
               line(tr("Publish"), tr("%1 msg/s").arg(shortCount(group.in_msgs_per_second))) +
               line(tr("Receive"), tr("%1 msg/s").arg(shortCount(group.out_msgs_per_second))) +
               line(tr("Pending"), shortBytes(static_cast<double>(group.pending_bytes))) +
               line(tr("Slow"), group.slow > 0 ? exactCount(group.slow) : QString());
    }
    observe::TopologyServer const& server = node.server;
    QString text = line(tr("State"), textOf(node.state)) + line(tr("Note"), node.note) +
                   line(tr("Cluster"), node.cluster);
    if (!server.host.empty()) {
        QString const host = wireText(server.host);
        text += line(tr("Address"),
                     server.port == 0 ? host : QStringLiteral("%1:%2").arg(host).arg(server.port));
    }
    text += line(tr("Version"), wireText(server.version));
    if (server.answered) {
        text += line(tr("In"), rates(server.in_msgs, server.in_bytes)) +
                line(tr("Out"), rates(server.out_msgs, server.out_bytes)) +
                line(tr("Connections"), exactCount(server.connections)) +
                line(tr("Subscriptions"), exactCount(server.subscriptions)) +
                line(tr("Slow consumers"), exactCount(server.slow_consumers));
        if (server.resident_bytes > 0) {
            text += line(tr("Memory"), shortBytes(static_cast<double>(server.resident_bytes)));
        }
        text += line(tr("Since"), server.start.is_set() ? dateText(server.start) : QString());
    }
    // Broken in two, for it has no place to break.
    QString const id = wireText(server.id);
    return text + line(tr("Id"), (id.left(28) + QLatin1Char(' ') + id.mid(28)).trimmed());
}

QString TopologyPage::detailsOf(TopologyEdge const& edge) const {
    observe::TopologyLink const& link = edge.link;
    auto const name = [this](int node) {
        return view_->graph().nodes[static_cast<std::size_t>(node)].name;
    };
    QString text = line(tr("State"), textOf(edge.state)) + line(tr("Shaped"), edge.shaping) +
                   line(tr("To %1").arg(name(edge.to)), rates(link.forth_msgs, link.forth_bytes)) +
                   line(tr("To %1").arg(name(edge.from)), rates(link.back_msgs, link.back_bytes));
    if (link.rtt.count() > 0) {
        text += line(tr("Round trip"), shortDuration(link.rtt));
    }
    text += line(tr("Pending"), shortBytes(static_cast<double>(link.pending_bytes)));
    if (link.connections > 0) {
        text += line(tr("Connections"), exactCount(link.connections)) +
                line(tr("Subscriptions"), exactCount(link.subscriptions));
    }
    return text + line(tr("Since"), link.start.is_set() ? dateText(link.start) : QString());
}

void TopologyPage::showDetails() {
    TopologyFocus const focus = view_->selected();
    TopologyGraph const& graph = view_->graph();
    QString heading = tr("Nothing is selected");
    QString text = tr("Choose a server or a link to see more of it.");
    if (focus.node >= 0) {
        TopologyNode const& node = graph.nodes[static_cast<std::size_t>(focus.node)];
        heading = node.name;
        text = detailsOf(node);
    } else if (focus.edge >= 0) {
        TopologyEdge const& edge = graph.edges[static_cast<std::size_t>(focus.edge)];
        heading = tr("%1 %2 – %3")
                      .arg(textOf(edge.kind), graph.nodes[static_cast<std::size_t>(edge.from)].name,
                           graph.nodes[static_cast<std::size_t>(edge.to)].name);
        text = detailsOf(edge);
    } else if (lab_ != nullptr && lab_->cluster() != nullptr) {
        text +=
            QLatin1Char('\n') +
            tr("The other pages show %1.").arg(lab_->serverNames().value(lab_->selectedServer()));
    }
    heading_->setText(heading);
    if (details_->text() != text) {
        details_->setText(text);
    }
}

void TopologyPage::openMenu(QPoint const& at) {
    QMenu menu(this);
    int const node = view_->selected().node;
    if (tools_ != nullptr) {
        tools_->fillMenu(menu);
    }
    if (node >= 0) {
        bool const pinned = view_->isPinned(node);
        menu.addAction(pinned ? tr("Let it move") : tr("Pin it here"), this,
                       [this, node, pinned] { view_->setPinned(node, !pinned); });
    }
    if (!menu.isEmpty()) {
        menu.exec(at);
    }
}

void TopologyPage::toggleTable() {
    asTable_->toggle();
    (asTable_->isChecked() ? static_cast<QWidget*>(table_) : view_)->setFocus();
}

void TopologyPage::selectInTable() {
    if (selecting_) {
        return;
    }
    TopologyFocus const focus = view_->selected();
    for (int row = 0; row < model_->rowCount(); ++row) {
        TopologyRow const& one = *model_->rowAt(row);
        if (focus.node == one.node && focus.edge == one.edge) {
            selecting_ = true;
            table_->selectRow(row);
            selecting_ = false;
            return;
        }
    }
}

void TopologyPage::selectFromTable() {
    QModelIndexList const rows = table_->selectionModel()->selectedRows();
    if (selecting_ || rows.isEmpty()) {
        return;
    }
    if (TopologyRow const* const row = model_->rowAt(rows.front().row())) {
        selecting_ = true;
        view_->select({.node = row->node, .edge = row->edge});
        selecting_ = false;
        showDetails();
    }
}

void TopologyPage::prepareForPicture() {
    view_->settle();
    if (!view_->graph().nodes.empty()) {
        view_->select({.node = 0, .edge = -1});
    }
}

void TopologyPage::saveLayout() {
    saveColumns(*table_, QStringLiteral("topology"));
    context().settings.setValue(layoutKey(), view_->saveLayout());
}

}  // namespace signalbox::gui
