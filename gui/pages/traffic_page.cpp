#include "gui/pages/traffic_page.h"

#include "gui/icons.h"
#include "gui/plots/traffic_plot.h"
#include "gui/widgets/empty_state.h"

#include <QActionGroup>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QSaveFile>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

TrafficPage::TrafficPage(PageContext const& context)
    : Page(context, {QStringLiteral("traffic"), tr("Traffic"), QStringLiteral("traffic")}),
      plot_(new TrafficPlot(context.history, context.theme)),
      cursor_(new QLabel) {
    makeTools();
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(4, 8, 4, 4);
    column->addWidget(plot_, 1);
    cursor_->setProperty("role", "muted");
    cursor_->setContentsMargins(10, 0, 10, 2);
    cursor_->setAccessibleName(tr("Values at the cursor"));
    QString const hint =
        tr("Wheel zooms, dragging moves, Shift and dragging zooms into a box, a "
           "double click goes back to now.");
    cursor_->setText(hint);
    column->addWidget(cursor_);
    body().addWidget(frame, 1);
    connect(plot_, &TrafficPlot::cursorMoved, this,
            [this, hint](QString const& text) { cursor_->setText(text.isEmpty() ? hint : text); });
    setIdleState({.icon = QStringLiteral("traffic"),
                  .title = tr("Nothing was measured yet"),
                  .text = tr("Messages and bytes over time would be here, ten points a second, as "
                             "soon as a broker runs."),
                  .needed = Capability::Figures});
    connect(&context.source, &DataSource::stateChanged, this, &TrafficPage::showState);
    connect(&context.source, &DataSource::capabilitiesChanged, this, &TrafficPage::showState);
    showState();
}

void TrafficPage::makeTools() {
    auto* const spans = new QActionGroup(this);
    struct Choice {
        QString text;
        qint64 milliseconds;
    };
    for (Choice const& choice : {Choice{tr("1 min"), 60'000}, Choice{tr("10 min"), 600'000},
                                 Choice{tr("2 h"), 7'200'000}, Choice{tr("24 h"), 86'400'000}}) {
        auto* const action = new QAction(choice.text, spans);
        action->setCheckable(true);
        action->setChecked(choice.milliseconds == 60'000);
        action->setToolTip(tr("Show the last %1").arg(choice.text));
        connect(action, &QAction::triggered, plot_,
                [this, span = choice.milliseconds] { plot_->setSpan(span); });
        addTool(action, Qt::ToolButtonTextOnly);
    }
    tools().addSpacing(kSpace);
    live_ = new QAction(icon(QStringLiteral("live")), tr("Live"), this);
    live_->setCheckable(true);
    live_->setChecked(true);
    live_->setToolTip(tr("Follow the newest values (Ctrl+.); off, the picture stands still"));
    connect(live_, &QAction::toggled, plot_, &TrafficPlot::setLive);
    connect(plot_, &TrafficPlot::liveChanged, live_, &QAction::setChecked);
    addTool(live_, Qt::ToolButtonTextBesideIcon);
    auto* const out = new QAction(icon(QStringLiteral("zoom-out")), tr("Zoom out"), this);
    connect(out, &QAction::triggered, this, [this] { plot_->zoom(2); });
    addTool(out);
    tools().addStretch(1);
    auto* const png = new QAction(icon(QStringLiteral("image")), tr("Save picture…"), this);
    connect(png, &QAction::triggered, this, &TrafficPage::exportPng);
    addTool(png, Qt::ToolButtonTextBesideIcon);
    auto* const csv = new QAction(icon(QStringLiteral("table")), tr("Save values…"), this);
    connect(csv, &QAction::triggered, this, &TrafficPage::exportCsv);
    addTool(csv, Qt::ToolButtonTextBesideIcon);
}

void TrafficPage::showState() {
    if (!context().history.empty()) {
        showEmpty(false);
        return;
    }
    showIdle();
}

void TrafficPage::showSnapshot(observe::SnapshotPtr const& /*snapshot*/) {
    plot_->refresh();
}

void TrafficPage::goLive() {
    plot_->setLive(true);
}

void TrafficPage::togglePause() {
    plot_->setLive(!plot_->live());
}

void TrafficPage::exportPng() {
    QString const path = QFileDialog::getSaveFileName(
        this, tr("Save the picture"), QStringLiteral("traffic.png"), tr("Pictures (*.png)"));
    if (!path.isEmpty()) {
        emit context().navigation.said(plot_->savePng(path) ? tr("Saved %1").arg(path)
                                                            : tr("Could not write %1").arg(path));
    }
}

void TrafficPage::exportCsv() {
    QString const path = QFileDialog::getSaveFileName(
        this, tr("Save the values"), QStringLiteral("traffic.csv"), tr("Tables (*.csv)"));
    if (path.isEmpty()) {
        return;
    }
    QSaveFile file(path);
    bool const ok =
        file.open(QIODevice::WriteOnly) && file.write(plot_->csv().toUtf8()) >= 0 && file.commit();
    emit context().navigation.said(ok ? tr("Saved %1").arg(path)
                                      : tr("Could not write %1: %2").arg(path, file.errorString()));
}

void TrafficPage::prepareForPicture() {
    if (!context().history.empty()) {
        qint64 const seen = context().history.lastTime() - context().history.firstTime();
        plot_->setSpan(std::clamp<qint64>(seen, 2'000, 60'000));
    }
    plot_->refreshNow();
}

}  // namespace signalbox::gui
