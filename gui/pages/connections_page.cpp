#include "gui/pages/connections_page.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/widgets/empty_state.h"
#include "gui/widgets/live_table.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

ConnectionsPage::ConnectionsPage(PageContext const& context)
    : Page(context,
           {QStringLiteral("connections"), tr("Connections"), QStringLiteral("connections")}),
      open_(new ConnectionModel(this)),
      closed_(new ClosedConnectionModel(this)) {
    makeOpenTable();
    makeClosedTable();
    tabs_ = new QTabWidget;
    tabs_->setDocumentMode(true);
    tabs_->setAccessibleName(tr("Connections"));
    tabs_->addTab(openTable_, tr("Open"));
    tabs_->addTab(closedTable_, tr("Closed"));
    body().addWidget(tabs_, 1);

    tools().addStretch(1);
    disconnect_ = new QAction(icon(QStringLiteral("disconnect")), tr("Disconnect…"), this);
    disconnect_->setToolTip(tr("Close the selected connection"));
    disconnect_->setEnabled(false);
    connect(disconnect_, &QAction::triggered, this, &ConnectionsPage::disconnectSelected);
    disconnectButton_ = addTool(disconnect_, Qt::ToolButtonTextBesideIcon);

    setIdleState({.icon = QStringLiteral("connections"),
                  .title = tr("No broker runs"),
                  .text = tr("The clients of a broker would be here, with what each of them sends "
                             "and receives."),
                  .needed = Capability::Connections});
    connect(&context.source, &DataSource::stateChanged, this, &ConnectionsPage::showState);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &ConnectionsPage::showState);
    connect(&context.source, &DataSource::finished, this, &ConnectionsPage::jobFinished);
    showState();
}

void ConnectionsPage::makeOpenTable() {
    openTable_ = new LiveTable(context().theme, tr("Open connections"));
    openTable_->setModel(open_);
    openTable_->setColumnWidths({50, 130, 134, 112, 72, 58, 86, 92, 82, 84, 76, 82, 88, 74, 76, 60},
                                ConnectionModel::Name);
    openTable_->setSelectionMode(QAbstractItemView::SingleSelection);
    openTable_->setContextMenuPolicy(Qt::CustomContextMenu);
    QHeaderView* const header = openTable_->horizontalHeader();
    header->setSectionsClickable(true);
    header->setSortIndicator(ConnectionModel::Cid, Qt::AscendingOrder);
    header->setSortIndicatorShown(true);
    for (int const column : {ConnectionModel::Client, ConnectionModel::User,
                             ConnectionModel::TotalIn, ConnectionModel::TotalOut}) {
        openTable_->setColumnHidden(column, true);
    }
    restoreColumns(*openTable_, QStringLiteral("connections.open"));
    connect(header, &QHeaderView::sortIndicatorChanged, this,
            [this](int column, Qt::SortOrder order) {
                open_->setSort({.column = column, .order = order});
            });
    connect(openTable_, &LiveTable::visibleRowsChanged, open_, &ConnectionModel::setVisibleRows);
    connect(openTable_, &QWidget::customContextMenuRequested, this, &ConnectionsPage::fillMenu);
    connect(openTable_, &QAbstractItemView::activated, this, [this] {
        if (observe::ConnectionRow const* row = selected()) {
            emit context().navigation.tapWanted(
                QStringLiteral("conn == %1").arg(row->identity->cid));
        }
    });
    connect(openTable_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            [this] { disconnect_->setEnabled(selected() != nullptr); });
}

void ConnectionsPage::makeClosedTable() {
    closedTable_ = new LiveTable(context().theme, tr("Closed connections"));
    closedTable_->setModel(closed_);
    closedTable_->setColumnWidths({50, 150, 130, 112, 170, 104, 70, 76, 82, 84, 88, 58},
                                  ClosedConnectionModel::Reason);
    closedTable_->setEmptyText(tr("No connection was closed yet."));
    restoreColumns(*closedTable_, QStringLiteral("connections.closed"));
}

observe::ConnectionRow const* ConnectionsPage::selected() const {
    QModelIndexList const rows = openTable_->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : open_->rowAt(rows.front().row());
}

void ConnectionsPage::showState() {
    bool const may = context().source.can(Capability::Disconnect);
    disconnect_->setVisible(may);
    disconnectButton_->setVisible(may);
    if (!showIdle()) {
        open_->show({}, 0);
        closed_->show(nullptr);
    }
}

void ConnectionsPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    observe::ServerSnapshot const* const one = server(snapshot);
    if (one == nullptr) {
        return;
    }
    openTable_->setEmptyText(
        tr("No client is connected. They connect to %1.").arg(context().source.url()));
    // Rows one points at must not jump away.
    open_->holdOrder(openTable_->viewport()->underMouse());
    open_->show(one->open, millisecondsOf(snapshot->wall_time));
    closed_->show(one->closed);
    bool const cut = one->remote && one->remote->connections > one->open.size();
    tabs_->setTabText(
        0, cut ? tr("Open (%1 of %2)")
                     .arg(exactCount(one->open.size()), exactCount(one->remote->connections))
               : tr("Open (%1)").arg(exactCount(one->open.size())));
    tabs_->setTabText(1, tr("Closed (%1)").arg(exactCount(one->closed ? one->closed->size() : 0)));
}

void ConnectionsPage::fillMenu(QPoint const& at) {
    observe::ConnectionRow const* const row = selected();
    if (row == nullptr) {
        return;
    }
    observe::ConnectionIdentityPtr const identity = row->identity;
    QMenu menu(this);
    menu.addAction(tr("Tap what it publishes"), this, [&] {
        emit context().navigation.tapWanted(QStringLiteral("conn == %1").arg(identity->cid));
    });
    menu.addAction(tr("Copy address"), this, [&] {
        QGuiApplication::clipboard()->setText(
            QStringLiteral("%1:%2").arg(wireText(identity->ip)).arg(identity->port));
    });
    menu.addSeparator();
    menu.addAction(disconnect_);
    menu.exec(openTable_->viewport()->mapToGlobal(at));
}

void ConnectionsPage::disconnectSelected() {
    observe::ConnectionRow const* const row = selected();
    if (row == nullptr) {
        return;
    }
    observe::ConnectionIdentityPtr const identity = row->identity;
    QMessageBox box(this);
    box.setIcon(QMessageBox::Question);
    box.setText(tr("Disconnect %1?").arg(connectionText(*identity)));
    box.setInformativeText(
        tr("Its %1 subscriptions go with it, and %2 bytes that wait for it are dropped. Most "
           "clients connect again by themselves.")
            .arg(exactCount(row->subscriptions), exactCount(row->pending_bytes)));
    QPushButton* const yes = box.addButton(tr("Disconnect"), QMessageBox::AcceptRole);
    box.setDefaultButton(box.addButton(QMessageBox::Cancel));
    box.exec();
    if (box.clickedButton() == yes) {
        job_ = context().source.disconnectClient(identity->cid);
    }
}

void ConnectionsPage::jobFinished(Job const& job) {
    if (job.token == job_ && job_ != 0) {
        job_ = 0;
        emit context().navigation.said(job.ok() ? tr("Disconnected.")
                                                : tr("Not disconnected: %1").arg(job.error));
    }
}

void ConnectionsPage::prepareForPicture() {
    openTable_->selectRow(std::min(1, open_->rowCount() - 1));
}

void ConnectionsPage::saveLayout() {
    saveColumns(*openTable_, QStringLiteral("connections.open"));
    saveColumns(*closedTable_, QStringLiteral("connections.closed"));
}

}  // namespace signalbox::gui
