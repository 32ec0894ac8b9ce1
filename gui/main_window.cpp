#include "gui/main_window.h"

#include "gui/dialogs/broker_dialog.h"
#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/pages/accounts_page.h"
#include "gui/pages/configuration_page.h"
#include "gui/pages/connections_page.h"
#include "gui/pages/events_page.h"
#include "gui/pages/explain_page.h"
#include "gui/pages/jetstream/consumers_page.h"
#include "gui/pages/jetstream/jetstream_page.h"
#include "gui/pages/jetstream/keys_page.h"
#include "gui/pages/jetstream/objects_page.h"
#include "gui/pages/jetstream/stored_page.h"
#include "gui/pages/jetstream/streams_page.h"
#include "gui/pages/log_page.h"
#include "gui/pages/messages_page.h"
#include "gui/pages/overview_page.h"
#include "gui/pages/publish_page.h"
#include "gui/pages/start_page.h"
#include "gui/pages/subjects_page.h"
#include "gui/pages/topology_page.h"
#include "gui/pages/traffic_page.h"
#include "gui/widgets/frame_meter.h"
#include "gui/widgets/profile_strip.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QGraphicsOpacityEffect>
#include <QLabel>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

constexpr qint64 kStaleMilliseconds = 2'000;
constexpr int kSayMilliseconds = 6'000;

}  // namespace

MainWindow::MainWindow(DataSource& source, Theme& theme, ApplicationSettings& settings)
    : source_(source), theme_(theme), settings_(settings) {
    setWindowTitle(source_.lab() ? tr("Local cluster — Signalbox") : tr("Signalbox"));
    setWindowIcon(programIcon());
    resize(1280, 800);
    makeBrokerActions();
    makeRemoteActions();
    makePageActions();
    makeViewActions();
    stack_ = new QStackedWidget;
    makePages();
    for (QAction* const action : actions_.all()) {
        addAction(action);
    }
    makeNavigator();
    makeToolBar();
    makeStatusBar();
    if (source_.title()) {
        strip_ = new ProfileStrip;
        setMenuWidget(strip_);
    }

    banner_ = new QLabel;
    banner_->setProperty("role", "warning");
    banner_->setTextFormat(Qt::PlainText);  // it quotes what servers say
    banner_->setContentsMargins(18, 6, 18, 0);
    banner_->setAccessibleName(tr("Notice"));
    banner_->hide();
    auto* const centre = new QWidget;
    auto* const column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(banner_);
    column->addWidget(stack_, 1);
    setCentralWidget(centre);

    connectNavigation();
    connect(&source_, &DataSource::snapshotArrived, this, &MainWindow::take);
    connect(&source_, &DataSource::stateChanged, this, &MainWindow::showState);
    connect(&source_, &DataSource::demoTrafficChanged, this, &MainWindow::showState);
    connect(&source_, &DataSource::eventsArrived, &events_, &EventModel::append);
    staleTimer_.setInterval(500);
    connect(&staleTimer_, &QTimer::timeout, this, &MainWindow::checkStale);
    staleTimer_.start();
    restoreLayout();
    showState();
}

MainWindow::~MainWindow() = default;

void MainWindow::makePages() {
    PageContext const context{source_, theme_, actions_, navigation_, settings_, history_, events_};
    for (Page* const page : std::initializer_list<Page*>{
             new StartPage(context), new OverviewPage(context), new SubjectsPage(context),
             new TrafficPage(context), new ConnectionsPage(context), new MessagesPage(context),
             new PublishPage(context), new LogPage(context), new ConfigurationPage(context),
             new EventsPage(context), new AccountsPage(context), new ExplainPage(context),
             new TopologyPage(context), new StreamsPage(context), new StoredPage(context),
             new ConsumersPage(context), new KeysPage(context), new ObjectsPage(context)}) {
        addPage(page);
    }
}

void MainWindow::addPage(Page* page) {
    pages_.push_back(page);
    stack_->addWidget(page);
}

void MainWindow::makeNavigator() {
    navigator_ = new QListWidget;
    navigator_->setObjectName(QStringLiteral("navigator"));
    navigator_->setAccessibleName(tr("Pages"));
    navigator_->setIconSize({18, 18});
    navigator_->setUniformItemSizes(true);
    navigator_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (Page const* const page : pages_) {
        auto* const item =
            new QListWidgetItem(icon(page->title().icon), page->title().text, navigator_);
        item->setSizeHint({120, 34});
        item->setToolTip(actions_.get(QStringLiteral("page.") + page->title().id)->toolTip());
    }
    connect(navigator_, &QListWidget::currentRowChanged, this, [this](int row) {
        if (row >= 0) {
            stack_->setCurrentIndex(row);
            currentPage().showSnapshot(source_.latest() ? source_.latest()
                                                        : std::make_shared<observe::Snapshot>());
        }
    });
    auto* const dock = new QDockWidget(tr("Pages"));
    dock->setObjectName(QStringLiteral("navigatorDock"));
    dock->setFeatures(QDockWidget::NoDockWidgetFeatures);
    dock->setTitleBarWidget(new QWidget);
    dock->setWidget(navigator_);
    navigator_->setMinimumWidth(178);
    navigator_->setMaximumWidth(240);
    addDockWidget(Qt::LeftDockWidgetArea, dock);
    resizeDocks({dock}, {184}, Qt::Horizontal);
    navigator_->setCurrentRow(0);
}

void MainWindow::makeStatusBar() {
    auto const label = [this](QString const& name, QString const& tip) {
        auto* const one = new QLabel;
        one->setAccessibleName(name);
        one->setToolTip(tip);
        one->setContentsMargins(8, 0, 8, 0);
        statusBar()->addPermanentWidget(one);
        return one;
    };
    statusBar()->setSizeGripEnabled(false);
    status_.message = new QLabel;
    status_.message->setContentsMargins(8, 0, 8, 0);
    status_.message->setAccessibleName(tr("Notice"));
    statusBar()->addWidget(status_.message, 1);
    status_.rates = label(tr("Rates"), tr("Messages a second into and out of the broker"));
    status_.connections = label(tr("Connections"), tr("Open connections"));
    status_.slow = label(tr("Slow consumers"), tr("Connections cut off for reading too slowly"));
    status_.tap = label(tr("Tap"), tr("Sampling of the tap, and what it left out"));
    status_.frames = label(tr("Window"), tr("How fluid the window is: times a second it comes by, "
                                            "and the longest gap"));
    meter_ = new FrameMeter(this);
    connect(meter_, &FrameMeter::measured, this, [this](int perSecond, int gap) {
        status_.frames->setText(gap > 50 ? tr("UI %1 fps, gap %2 ms").arg(perSecond).arg(gap)
                                         : tr("UI %1 fps").arg(perSecond));
    });
}

bool MainWindow::showPage(QString const& id) {
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        if (pages_[i]->title().id == id) {
            navigator_->setCurrentRow(static_cast<int>(i));
            return true;
        }
    }
    return false;
}

Page& MainWindow::currentPage() const {
    return *pages_[static_cast<std::size_t>(stack_->currentIndex())];
}

QString MainWindow::page() const {
    return currentPage().title().id;
}

QList<PageTitle> MainWindow::pages() const {
    QList<PageTitle> titles;
    for (Page const* const page : pages_) {
        titles.append(page->title());
    }
    return titles;
}

void MainWindow::connectNavigation() {
    connect(&navigation_, &Navigation::pageWanted, this, &MainWindow::showPage);
    connect(&navigation_, &Navigation::said, this, &MainWindow::say);
    connect(&navigation_, &Navigation::tapWanted, this, [this](QString const& expression) {
        if (!expression.isEmpty()) {
            // The filter first: a page that is shown for the first time captures everything.
            static_cast<MessagesPage*>(findChild<MessagesPage*>())->tap(expression);
            showPage(QStringLiteral("messages"));
        }
    });
    connect(&navigation_, &Navigation::publishWanted, this, [this](QString const& subject) {
        showPage(QStringLiteral("publish"));
        if (!subject.isEmpty()) {
            findChild<PublishPage*>()->setSubject(subject);
        }
    });
    connect(&navigation_, &Navigation::explainWanted, this, [this](QString const& subject) {
        showPage(QStringLiteral("explain"));
        findChild<ExplainPage*>()->explain(subject);
    });
    connect(&navigation_, &Navigation::streamWanted, this,
            [this](QString const& page, QString const& stream) {
                if (showPage(page)) {
                    static_cast<JetStreamPage&>(currentPage()).showStream(stream);
                }
            });
    connect(&navigation_, &Navigation::configurationWanted, this,
            [this](QString const& file, int line) {
                showPage(QStringLiteral("configuration"));
                findChild<ConfigurationPage*>()->showLine(file, line);
            });
    connect(&navigation_, &Navigation::subjectWanted, this, [this](QString const& filter) {
        showPage(QStringLiteral("subjects"));
        findChild<SubjectsPage*>()->goTo(filter);
    });
}

void MainWindow::startBroker() {
    source_.startBroker(brokerOptions_);
}

void MainWindow::openConfiguration(QString const& path, bool start) {
    auto* const page = findChild<ConfigurationPage*>();
    if (start) {
        page->openAndStart(path);
    } else {
        page->open(path);
    }
}

void MainWindow::openBrokerDialog() {
    BrokerDialog dialog(brokerOptions_, this);
    if (dialog.exec() == QDialog::Accepted) {
        brokerOptions_ = dialog.options();
        settings_.setValue(QStringLiteral("broker/host"), brokerOptions_.host);
        settings_.setValue(QStringLiteral("broker/port"), brokerOptions_.port);
        settings_.setValue(QStringLiteral("broker/monitoring"), brokerOptions_.monitoringPort);
        settings_.setValue(QStringLiteral("broker/debug"), brokerOptions_.debugLog);
        startBroker();
    }
}

void MainWindow::toggleTheme() {
    theme_.apply(theme_.kind() == ThemeKind::Dark ? ThemeKind::Light : ThemeKind::Dark);
    bool const dark = theme_.kind() == ThemeKind::Dark;
    settings_.setValue(QStringLiteral("theme"), dark ? "dark" : "light");
    QAction* const action = actions_.get(QStringLiteral("view.theme"));
    action->setIcon(icon(dark ? QStringLiteral("sun") : QStringLiteral("moon")));
    action->setText(dark ? tr("Light theme") : tr("Dark theme"));
}

void MainWindow::take(observe::SnapshotPtr const& snapshot) {
    sinceSnapshot_.start();
    observe::ServerSnapshot const* const server = serverIn(snapshot, source_.server());
    if (server != nullptr && source_.state() == BrokerState::Running &&
        source_.can(Capability::Figures)) {
        history_.append(*server, millisecondsOf(snapshot->wall_time));
    }
    ++snapshots_;
    if (!isVisible() || isMinimized()) {
        return;
    }
    if (snapshots_ % 2 == 0 || currentPage().wantsEverySnapshot()) {
        currentPage().showSnapshot(snapshot);
    }
    if (snapshots_ % 4 == 0) {
        showStatus(snapshot);
    }
}

void MainWindow::showStatus(observe::SnapshotPtr const& snapshot) {
    observe::ServerSnapshot const* const server = serverIn(snapshot, source_.server());
    bool const running = server != nullptr && source_.live() && source_.can(Capability::Figures);
    for (QLabel* const label : {status_.rates, status_.connections, status_.slow, status_.tap}) {
        label->setVisible(running);
    }
    if (!running) {
        return;
    }
    status_.rates->setText(
        tr("in %1/s   out %2/s")
            .arg(shortCount(server->in_msgs.per_second), shortCount(server->out_msgs.per_second)));
    status_.connections->setText(server->connections == 1
                                     ? tr("1 connection")
                                     : tr("%1 connections").arg(exactCount(server->connections)));
    status_.slow->setText(tr("%1 slow").arg(exactCount(server->slow_consumers)));
    QString const tap = findChild<MessagesPage*>()->stateText();
    status_.tap->setText(tap.isEmpty() ? tr("tap off") : tap);
    QString const url = source_.url();
    address_->setText(url.isEmpty() ? tr("starting…") : url);
}

void MainWindow::checkStale() {
    bool const stale =
        source_.live() && sinceSnapshot_.isValid() && sinceSnapshot_.elapsed() > kStaleMilliseconds;
    QString text = source_.stateNote();
    if (stale) {
        QString const age = ago(sinceSnapshot_.elapsed());
        QString const old = text.isEmpty()
                                ? tr("These figures are %1 old: nothing newer has come.").arg(age)
                                : tr("These figures are %1 old.").arg(age);
        text = text.isEmpty() ? old : old + QLatin1Char(' ') + text;
    }
    banner_->setText(QStringLiteral("⚠ ") + text);
    // The start page and empty pages say the note themselves.
    banner_->setVisible(stale || (!text.isEmpty() && (!strip_ || source_.live())));
    showAge(stale);
}

/// What is old is drawn as old.
void MainWindow::showAge(bool old) {
    if (old == (stack_->graphicsEffect() != nullptr)) {
        return;
    }
    for (QLabel* const label : {status_.rates, status_.connections, status_.slow, status_.tap}) {
        label->setEnabled(!old);
    }
    if (!old) {
        stack_->setGraphicsEffect(nullptr);
        return;
    }
    auto* const pale = new QGraphicsOpacityEffect;
    pale->setOpacity(0.45);
    stack_->setGraphicsEffect(pale);
}

/// What nobody sees need not be asked for as often.
void MainWindow::watch() {
    source_.setWatched(isVisible() && !isMinimized());
}

void MainWindow::showState() {
    BrokerState const state = source_.state();
    if (strip_ != nullptr) {
        SourceTitle const title = *source_.title();
        strip_->show(title, source_.url(), state);
        setWindowTitle(tr("%1 — Signalbox").arg(title.name));
    }
    QAction* const start = actions_.get(QStringLiteral("broker.start"));
    QAction* const stop = actions_.get(QStringLiteral("broker.stop"));
    start->setEnabled(state == BrokerState::Stopped);
    actions_.get(QStringLiteral("broker.options"))
        ->setEnabled(strip_ != nullptr ||
                     (source_.lab() == nullptr && state == BrokerState::Stopped));
    stop->setEnabled(source_.live() || (strip_ != nullptr && state == BrokerState::Starting));
    actions_.get(QStringLiteral("broker.copyUrl"))->setEnabled(!source_.url().isEmpty());
    QAction* const demo = actions_.get(QStringLiteral("demo.toggle"));
    demo->setText(source_.lab()
                      ? (source_.demoTraffic() ? tr("Stop the clients") : tr("Run clients"))
                      : (source_.demoTraffic() ? tr("Stop demo traffic") : tr("Run demo traffic")));
    QSignalBlocker const blocker(demo);
    demo->setChecked(source_.demoTraffic());
    demo->setVisible(strip_ == nullptr);
    demo->setEnabled(strip_ == nullptr);
    switch (state) {
        case BrokerState::Running:
            address_->setText(source_.url().isEmpty() ? tr("starting…") : source_.url());
            break;
        case BrokerState::Lost:
            address_->setText(tr("connection lost"));
            break;
        case BrokerState::Starting:
            history_.clear();
            address_->setText(strip_ ? tr("attaching…") : tr("starting…"));
            break;
        case BrokerState::Stopping:
            address_->setText(tr("stopping…"));
            break;
        case BrokerState::Stopped:
            sinceSnapshot_.invalidate();
            address_->setText(strip_          ? tr("not attached")
                              : source_.lab() ? tr("no cluster runs")
                                              : tr("no broker"));
            break;
    }
    checkStale();
    showStatus(source_.latest());
}

void MainWindow::say(QString const& text) {
    status_.message->setText(text);
    QTimer::singleShot(kSayMilliseconds, status_.message, [this, text] {
        if (status_.message->text() == text) {
            status_.message->clear();
        }
    });
}

void MainWindow::restoreLayout() {
    restoreGeometry(settings_.value(QStringLiteral("window/geometry")).toByteArray());
    restoreState(settings_.value(QStringLiteral("window/state")).toByteArray(),
                 ApplicationSettings::kLayoutVersion);
    brokerOptions_.host =
        settings_.value(QStringLiteral("broker/host"), brokerOptions_.host).toString();
    brokerOptions_.port =
        settings_.value(QStringLiteral("broker/port"), brokerOptions_.port).toInt();
    brokerOptions_.monitoringPort =
        settings_.value(QStringLiteral("broker/monitoring"), brokerOptions_.monitoringPort).toInt();
    brokerOptions_.debugLog =
        settings_.value(QStringLiteral("broker/debug"), brokerOptions_.debugLog).toBool();
}

void MainWindow::saveLayout() {
    settings_.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings_.setValue(QStringLiteral("window/state"),
                       saveState(ApplicationSettings::kLayoutVersion));
    settings_.setValue(QStringLiteral("window/page"), page());
    for (Page* const page : pages_) {
        page->saveLayout();
    }
}

bool MainWindow::mayClose() {
    for (Page* const page : pages_) {
        if (!page->mayClose()) {
            return false;
        }
    }
    observe::SnapshotPtr const snapshot = source_.latest();
    observe::ServerSnapshot const* const server = serverIn(snapshot, source_.server());
    bool const in_use = strip_ == nullptr && source_.state() == BrokerState::Running &&
                        server != nullptr && server->connections > 0 && !source_.demoTraffic();
    if (!in_use || !settings_.remembers()) {
        return true;
    }
    QMessageBox box(this);
    box.setIcon(QMessageBox::Question);
    box.setText(tr("Stop the broker and its %1 connections?").arg(server->connections));
    box.setInformativeText(tr("The broker at %1 lives in this window and stops with it. To keep "
                              "one running, start the service signalboxd.")
                               .arg(source_.url()));
    QPushButton* const stop = box.addButton(tr("Stop and close"), QMessageBox::AcceptRole);
    box.setDefaultButton(box.addButton(tr("Keep open"), QMessageBox::RejectRole));
    box.exec();
    return box.clickedButton() == stop;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!mayClose()) {
        event->ignore();
        return;
    }
    saveLayout();
    event->accept();
    emit closed();
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    meter_->setRunning(true);
    watch();
}

void MainWindow::hideEvent(QHideEvent* event) {
    QMainWindow::hideEvent(event);
    meter_->setRunning(false);
    watch();
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange) {
        watch();
    }
}

}  // namespace signalbox::gui
