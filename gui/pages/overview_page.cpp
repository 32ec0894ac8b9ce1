#include "gui/pages/overview_page.h"

#include "gui/models/figures.h"
#include "gui/widgets/empty_state.h"
#include "gui/widgets/live_table.h"
#include "gui/widgets/stat_card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

constexpr std::size_t kTrailSteps = 120;

QString rate(double perSecond, char const* unit) {
    return shortCount(perSecond) + QLatin1String(unit);
}

}  // namespace

OverviewPage::OverviewPage(PageContext const& context)
    : Page(context, {QStringLiteral("overview"), tr("Overview"), QStringLiteral("overview")}),
      subjects_(new BusyModel(tr("Subject"), this)),
      connections_(new BusyModel(tr("Connection"), this)) {
    server_ = new QLabel;
    server_->setProperty("role", "muted");
    server_->setTextFormat(Qt::PlainText);
    server_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    server_->setAccessibleName(tr("Server"));
    tools().addWidget(server_, 1);

    auto const table = [&](QAbstractItemModel* model, QString const& name, QList<int> const& widths,
                           int stretch) {
        auto* const view = new LiveTable(context.theme, name);
        view->setModel(model);
        view->setColumnWidths(widths, stretch);
        view->setFrameShape(QFrame::NoFrame);
        view->setProperty("flat", true);
        return view;
    };
    LiveTable* const subjects =
        table(subjects_, tr("Busiest subjects"), {160, 90, 90}, BusyModel::Name);
    subjects->setEmptyText(isRemote() ? tr("Sample the traffic on the page Subjects to see which.")
                                      : tr("No subject is busy."));
    LiveTable* const connections =
        table(connections_, tr("Busiest connections"), {160, 90, 90}, BusyModel::Name);
    connections->setEmptyText(tr("No connection is busy."));
    LiveTable* const events =
        table(&context.events, tr("Last events"), {108, 120, 300}, EventModel::Text);
    events->setEmptyText(tr("Nothing happened yet."));
    events->horizontalHeader()->hide();
    connect(subjects, &QAbstractItemView::activated, this, [this](QModelIndex const& index) {
        if (BusyRow const* row = subjects_->rowAt(index.row())) {
            emit this->context().navigation.subjectWanted(row->name);
        }
    });
    connect(connections, &QAbstractItemView::activated, this,
            [this] { emit this->context().navigation.pageWanted(QStringLiteral("connections")); });

    auto* const grid = new QGridLayout;
    grid->setSpacing(kSpace + 4);
    grid->addWidget(panel(tr("Busiest subjects"), subjects), 0, 0);
    grid->addWidget(panel(tr("Busiest connections"), connections), 0, 1);
    grid->addWidget(panel(tr("Last events"), events), 1, 0, 1, 2);
    grid->setRowStretch(0, 5);
    grid->setRowStretch(1, 4);
    body().setSpacing(kSpace + 4);
    body().addWidget(cards());
    body().addLayout(grid, 1);

    setIdleState({.icon = QStringLiteral("overview"),
                  .title = tr("No broker runs"),
                  .text = tr("The figures of a broker would be here. Start one in this window: it "
                             "listens on this machine alone."),
                  .needed = Capability::Figures});
    connect(&context.source, &DataSource::stateChanged, this, &OverviewPage::showState);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &OverviewPage::showState);
    showState();
}

QWidget* OverviewPage::cards() {
    cardRow_ = new QWidget;
    auto* const grid = new QGridLayout(cardRow_);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(kSpace + 4);
    msgsIn_ = addCard(tr("Messages in"), 0, QStringLiteral("traffic"));
    msgsOut_ = addCard(tr("Messages out"), 1, QStringLiteral("traffic"));
    bytesIn_ = addCard(tr("Bytes in"), 0, QStringLiteral("traffic"));
    bytesOut_ = addCard(tr("Bytes out"), 1, QStringLiteral("traffic"));
    clients_ = addCard(tr("Connections"), 2, QStringLiteral("connections"));
    subscriptions_ = addCard(tr("Subscriptions"), 3, QStringLiteral("subjects"));
    slow_ = addCard(tr("Slow consumers"), 5, QStringLiteral("connections"));
    process_ = addCard(tr("Processor"), 3, QStringLiteral("log"));
    int place = 0;
    for (StatCard* const card :
         {msgsIn_, msgsOut_, bytesIn_, bytesOut_, clients_, subscriptions_, slow_, process_}) {
        grid->addWidget(card, place / 4, place % 4);
        ++place;
    }
    return cardRow_;
}

StatCard* OverviewPage::addCard(QString const& title, std::size_t color, QString const& page) {
    auto* const card = new StatCard(context().theme, title, color);
    connect(card, &StatCard::clicked, this,
            [this, page] { emit context().navigation.pageWanted(page); });
    return card;
}

QWidget* OverviewPage::panel(QString const& title, QWidget* content) {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const heading = new QLabel(title);
    heading->setProperty("role", "title");
    heading->setContentsMargins(12, 8, 12, 4);
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(2, 2, 2, 4);
    column->setSpacing(0);
    column->addWidget(heading);
    column->addWidget(content, 1);
    return frame;
}

void OverviewPage::showState() {
    server_->setVisible(showIdle());
}

void OverviewPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    observe::ServerSnapshot const* const one = server(snapshot);
    if (one != nullptr) {
        showServer(*one, *snapshot);
    }
}

void OverviewPage::showServer(observe::ServerSnapshot const& server,
                              observe::Snapshot const& snapshot) {
    qint64 const now = millisecondsOf(snapshot.wall_time);
    QString text =
        tr("%1, up %2").arg(wireText(server.name), ago(now - millisecondsOf(server.start)));
    if (!server.monitoring.empty()) {
        text += tr(", monitoring at %1").arg(wireText(server.monitoring));
    }
    if (server.remote) {
        text = tr("%1, version %2, up %3")
                   .arg(wireText(server.name), wireText(server.remote->version),
                        ago(now - millisecondsOf(server.start)));
        if (!server.remote->cluster.empty()) {
            text += tr(", of the cluster %1").arg(wireText(server.remote->cluster));
        }
        text += server.remote->figures == observe::FiguresFrom::SystemAccount
                    ? tr(", told by the system account")
                    : tr(", told by monitoring");
    }
    server_->setText(text);
    TrafficHistory const& history = context().history;
    auto const total = [](std::uint64_t value) {
        return tr("%1 in all").arg(shortCount(static_cast<double>(value)));
    };
    auto const totalBytes = [](std::uint64_t value) {
        return tr("%1 in all").arg(shortBytes(static_cast<double>(value)));
    };
    msgsIn_->show(rate(server.in_msgs.per_second, "/s"), total(server.in_msgs.total));
    msgsIn_->setTrail(history.recent(Series::MsgsIn, kTrailSteps));
    msgsOut_->show(rate(server.out_msgs.per_second, "/s"), total(server.out_msgs.total));
    msgsOut_->setTrail(history.recent(Series::MsgsOut, kTrailSteps));
    bytesIn_->show(shortBytes(server.in_bytes.per_second) + QStringLiteral("/s"),
                   totalBytes(server.in_bytes.total));
    bytesIn_->setTrail(history.recent(Series::BytesIn, kTrailSteps));
    bytesOut_->show(shortBytes(server.out_bytes.per_second) + QStringLiteral("/s"),
                    totalBytes(server.out_bytes.total));
    bytesOut_->setTrail(history.recent(Series::BytesOut, kTrailSteps));
    clients_->show(exactCount(server.connections),
                   tr("%1 since the start").arg(exactCount(server.total_connections)));
    clients_->setTrail(history.recent(Series::Connections, kTrailSteps));
    bool const unseen =
        server.remote && server.remote->sampling.state == observe::Sampling::State::Off;
    subscriptions_->show(exactCount(server.subscriptions),
                         unseen ? tr("of all accounts, the server's own as well")
                                : tr("%1 subjects seen").arg(exactCount(server.subjects)));
    slow_->show(
        exactCount(server.slow_consumers),
        server.slow_consumers == 0 ? tr("none were cut off") : tr("cut off since the start"),
        server.slow_consumers == 0 ? Tone::Plain : Tone::Warning);
    process_->show(tr("%1 %").arg(snapshot.engine_cpu * 100, 0, 'f', 0),
                   tr("of one core, %1 of memory")
                       .arg(shortBytes(static_cast<double>(snapshot.resident_bytes))));
    subjects_->showSubjects(server.busiest);
    connections_->showConnections(server.open);
}

}  // namespace signalbox::gui
