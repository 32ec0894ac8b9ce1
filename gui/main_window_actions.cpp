// What the window can be told to do, and where it is offered.

#include "gui/dialogs/shortcut_dialog.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/pages/events_page.h"
#include "gui/pages/jetstream/jetstream_page.h"
#include "gui/pages/log_page.h"
#include "gui/pages/messages_page.h"
#include "gui/pages/publish_page.h"
#include "gui/pages/subjects_page.h"
#include "gui/pages/topology_page.h"
#include "gui/pages/traffic_page.h"
#include "gui/widgets/command_palette.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QToolBar>
#include <QToolButton>

namespace signalbox::gui {

void MainWindow::makeBrokerActions() {
    bool const remote = source_.title().has_value();
    bool const lab = source_.lab() != nullptr;
    QString const group = remote ? tr("Server") : (lab ? tr("Cluster") : tr("Broker"));
    actions_.add({.id = QStringLiteral("broker.start"),
                  .text = remote ? tr("Attach again")
                          : lab  ? tr("Start the cluster")
                                 : tr("Start a broker"),
                  .icon = QStringLiteral("play"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_B),
                  .group = group},
                 [this] { startBroker(); });
    actions_.add({.id = QStringLiteral("broker.options"),
                  .text = remote ? tr("Change the profile…") : tr("Start with options…"),
                  .icon = QStringLiteral("settings"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_B),
                  .group = group},
                 [this, remote] {
                     if (remote) {
                         emit profileWanted();
                     } else {
                         openBrokerDialog();
                     }
                 });
    actions_.add({.id = QStringLiteral("broker.stop"),
                  .text = remote ? tr("Detach")
                          : lab  ? tr("Stop the cluster")
                                 : tr("Stop the broker"),
                  .icon = QStringLiteral("stop"),
                  .group = group},
                 [this] { source_.stopBroker(); });
    actions_.add({.id = QStringLiteral("broker.copyUrl"),
                  .text = tr("Copy connection URL"),
                  .icon = QStringLiteral("copy"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
                  .group = group},
                 [this] {
                     QApplication::clipboard()->setText(source_.url());
                     say(tr("Copied: %1").arg(source_.url()));
                 });
    actions_.addToggle({.id = QStringLiteral("demo.toggle"),
                        .text = tr("Run demo traffic"),
                        .icon = QStringLiteral("demo"),
                        .group = group},
                       false, [this](bool on) {
                           source_.setDemoTraffic(on);
                           if (on && source_.state() == BrokerState::Stopped) {
                               startBroker();
                           }
                       });
}

void MainWindow::makeRemoteActions() {
    QString const group = tr("Server");
    actions_.add({.id = QStringLiteral("remote.attach"),
                  .text = tr("Attach to a server…"),
                  .icon = QStringLiteral("attach"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A),
                  .group = group},
                 [this] { emit attachWanted({}); });
    actions_.add({.id = QStringLiteral("window.local"),
                  .text = tr("Broker on this machine"),
                  .icon = QStringLiteral("start"),
                  .group = tr("Window")},
                 [this] { emit localWanted(); });
    actions_.add({.id = QStringLiteral("window.lab"),
                  .text = tr("Local cluster"),
                  .icon = QStringLiteral("topology"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_L),
                  .group = tr("Window")},
                 [this] { emit labWanted(); });
}

void MainWindow::makePageActions() {
    struct Entry {
        char const* id;
        QString text;
        char const* icon;
    };
    int number = 0;
    // The pages past nine have keys of their own.
    QHash<QString, QKeySequence> const further = {
        {QStringLiteral("events"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E)},
        {QStringLiteral("accounts"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_U)},
        {QStringLiteral("explain"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A)},
        {QStringLiteral("topology"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T)},
        {QStringLiteral("streams"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_J)},
        {QStringLiteral("stored"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_M)},
        {QStringLiteral("consumers"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R)},
        {QStringLiteral("keyvalue"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_K)},
        {QStringLiteral("objects"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O)}};
    for (Entry const& entry :
         {Entry{"start", tr("Start"), "start"}, Entry{"overview", tr("Overview"), "overview"},
          Entry{"subjects", tr("Subjects"), "subjects"}, Entry{"traffic", tr("Traffic"), "traffic"},
          Entry{"connections", tr("Connections"), "connections"},
          Entry{"messages", tr("Messages"), "messages"}, Entry{"publish", tr("Publish"), "publish"},
          Entry{"log", tr("Log"), "log"},
          Entry{"configuration", tr("Configuration"), "configuration"},
          Entry{"events", tr("Events"), "events"}, Entry{"accounts", tr("Accounts"), "accounts"},
          Entry{"explain", tr("Explain"), "explain"}, Entry{"topology", tr("Topology"), "topology"},
          Entry{"streams", tr("Streams"), "streams"},
          Entry{"stored", tr("Stream messages"), "stored"},
          Entry{"consumers", tr("Consumers"), "consumers"},
          Entry{"keyvalue", tr("Key-value"), "keyvalue"},
          Entry{"objects", tr("Objects"), "objects"}}) {
        QString const id = QLatin1String(entry.id);
        ++number;
        actions_.add({.id = QStringLiteral("page.") + id,
                      .text = entry.text,
                      .icon = QLatin1String(entry.icon),
                      .shortcut = number > 9 ? further.value(id)
                                             : QKeySequence(QStringLiteral("Ctrl+%1").arg(number)),
                      .group = tr("Page")},
                     [this, id] { showPage(id); });
    }
}

void MainWindow::makeViewActions() {
    QString const group = tr("View");
    actions_.add({.id = QStringLiteral("palette.open"),
                  .text = tr("Go to anything…"),
                  .icon = QStringLiteral("search"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_K),
                  .group = group},
                 [this] { openPalette(); });
    actions_.add({.id = QStringLiteral("subjects.goTo"),
                  .text = tr("Go to subject"),
                  .icon = QStringLiteral("subjects"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_L),
                  .group = tr("Subjects")},
                 [this] {
                     showPage(QStringLiteral("subjects"));
                     findChild<SubjectsPage*>()->focusSearch();
                 });
    actions_.add({.id = QStringLiteral("publish.open"),
                  .text = tr("Publish a message"),
                  .icon = QStringLiteral("publish"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_P),
                  .group = tr("Publish")},
                 [this] { showPage(QStringLiteral("publish")); });
    actions_.add({.id = QStringLiteral("publish.send"),
                  .text = tr("Publish what is written"),
                  .icon = QStringLiteral("publish"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_Return),
                  .group = tr("Publish")},
                 [this] {
                     // Never what one cannot see.
                     if (auto* const publish = qobject_cast<PublishPage*>(&currentPage())) {
                         publish->publish();
                     } else {
                         showPage(QStringLiteral("publish"));
                     }
                 });
    actions_.add({.id = QStringLiteral("messages.tapAll"),
                  .text = tr("Tap every message"),
                  .icon = QStringLiteral("live"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_T),
                  .group = tr("Messages")},
                 [this] {
                     // There the key shows the same in another form.
                     if (auto* const topology = qobject_cast<TopologyPage*>(&currentPage())) {
                         topology->toggleTable();
                     } else {
                         emit navigation_.tapWanted(QStringLiteral(">"));
                     }
                 });
    makeFindActions();
    bool const dark = theme_.kind() == ThemeKind::Dark;
    actions_.add({.id = QStringLiteral("view.theme"),
                  .text = dark ? tr("Light theme") : tr("Dark theme"),
                  .icon = dark ? QStringLiteral("sun") : QStringLiteral("moon"),
                  .group = group},
                 [this] { toggleTheme(); });
    actions_.add({.id = QStringLiteral("help.shortcuts"),
                  .text = tr("Keys"),
                  .icon = QStringLiteral("command"),
                  .shortcut = QKeySequence(Qt::Key_F1),
                  .group = tr("Help")},
                 [this] { showShortcuts(); });
    actions_.add({.id = QStringLiteral("window.close"),
                  .text = tr("Quit"),
                  .icon = QStringLiteral("close"),
                  .shortcut = QKeySequence(QKeySequence::Quit),
                  .group = tr("Window")},
                 [this] { close(); });
}

void MainWindow::makeFindActions() {
    QString const group = tr("View");
    actions_.add(
        {.id = QStringLiteral("view.find"),
         .text = tr("Find on this page"),
         .icon = QStringLiteral("search"),
         .shortcut = QKeySequence(Qt::CTRL | Qt::Key_F),
         .group = group},
        [this] {
            if (auto* const log = qobject_cast<LogPage*>(&currentPage())) {
                log->focusSearch();
            } else if (auto* const events = qobject_cast<EventsPage*>(&currentPage())) {
                events->focusSearch();
            } else if (auto* const subjects = qobject_cast<SubjectsPage*>(&currentPage())) {
                subjects->focusSearch();
            } else if (auto* const kept = qobject_cast<JetStreamPage*>(&currentPage())) {
                kept->focusSearch();
            } else {
                showPage(QStringLiteral("messages"));
                findChild<MessagesPage*>()->focusSearch();
            }
        });
    actions_.add({.id = QStringLiteral("view.pause"),
                  .text = tr("Pause or go on"),
                  .icon = QStringLiteral("pause"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_Space),
                  .group = group},
                 [this] {
                     if (auto* const traffic = qobject_cast<TrafficPage*>(&currentPage())) {
                         traffic->togglePause();
                     } else {
                         findChild<MessagesPage*>()->togglePause();
                     }
                 });
    actions_.add({.id = QStringLiteral("traffic.live"),
                  .text = tr("Back to now"),
                  .icon = QStringLiteral("live"),
                  .shortcut = QKeySequence(Qt::CTRL | Qt::Key_Period),
                  .group = tr("Traffic")},
                 [this] {
                     showPage(QStringLiteral("traffic"));
                     findChild<TrafficPage*>()->goLive();
                 });
}

void MainWindow::makeToolBar() {
    auto* const bar = new QToolBar(tr("Broker"));
    bar->setObjectName(QStringLiteral("toolBar"));
    bar->setMovable(false);
    bar->setIconSize({18, 18});
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    addToolBar(bar);

    auto const button = [&](QString const& id, Qt::ToolButtonStyle style) {
        auto* const one = new QToolButton;
        one->setDefaultAction(actions_.get(id));
        one->setToolButtonStyle(style);
        one->setAccessibleName(actions_.get(id)->text());
        one->setFocusPolicy(Qt::TabFocus);
        bar->addWidget(one);
        return one;
    };
    QToolButton* const start = button(QStringLiteral("broker.start"), Qt::ToolButtonTextBesideIcon);
    auto* const menu = new QMenu(start);
    menu->addAction(actions_.get(QStringLiteral("broker.options")));
    menu->addAction(actions_.get(QStringLiteral("broker.copyUrl")));
    start->setMenu(menu);
    start->setPopupMode(QToolButton::MenuButtonPopup);
    start->setProperty("menuButton", true);
    button(QStringLiteral("broker.stop"), Qt::ToolButtonIconOnly);
    bar->addSeparator();
    address_ = new QLabel;
    address_->setFont(Theme::monospace());
    address_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    address_->setContentsMargins(8, 0, 4, 0);
    address_->setAccessibleName(tr("Where clients connect"));
    bar->addWidget(address_);
    button(QStringLiteral("broker.copyUrl"), Qt::ToolButtonIconOnly);
    bar->addSeparator();
    if (!source_.title()) {
        button(QStringLiteral("demo.toggle"), Qt::ToolButtonTextBesideIcon);
    }
    button(QStringLiteral("remote.attach"), Qt::ToolButtonTextBesideIcon);
    auto* const gap = new QWidget;
    gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(gap);
    auto* const search =
        new QPushButton(icon(QStringLiteral("search")), tr("Go to anything…        Ctrl+K"));
    search->setAccessibleName(tr("Go to anything"));
    search->setMinimumWidth(230);
    connect(search, &QPushButton::clicked, this, &MainWindow::openPalette);
    bar->addWidget(search);
    auto* const space = new QWidget;
    space->setFixedWidth(kSpace);
    bar->addWidget(space);
    button(QStringLiteral("view.theme"), Qt::ToolButtonIconOnly);
}

void MainWindow::openPalette() {
    std::vector<PaletteEntry> entries;
    for (QAction* const action : actions_.all()) {
        if (action->isEnabled() && action->objectName() != QLatin1String("palette.open")) {
            entries.push_back({.text = action->text(),
                               .group = Actions::groupOf(*action),
                               .shortcut = action->shortcut().toString(QKeySequence::NativeText),
                               .icon = action->icon(),
                               .run = [action] { action->trigger(); }});
        }
    }
    auto const offer = [this](QString const& typed) {
        std::vector<PaletteEntry> offers;
        if (!typed.isEmpty() && !typed.contains(QLatin1Char(' '))) {
            offers.push_back({.text = tr("Explain who receives %1").arg(typed),
                              .group = tr("Explain"),
                              .icon = icon(QStringLiteral("explain")),
                              .run = [this, typed] { emit navigation_.explainWanted(typed); }});
            offers.push_back({.text = tr("Go to subject %1").arg(typed),
                              .group = tr("Subjects"),
                              .icon = icon(QStringLiteral("subjects")),
                              .run = [this, typed] { emit navigation_.subjectWanted(typed); }});
            offers.push_back({.text = tr("Tap %1").arg(typed),
                              .group = tr("Messages"),
                              .icon = icon(QStringLiteral("live")),
                              .run = [this, typed] { emit navigation_.tapWanted(typed); }});
        }
        return offers;
    };
    auto* const palette = new CommandPalette(theme_, std::move(entries), offer, this);
    palette->setAttribute(Qt::WA_DeleteOnClose);
    QPoint const top = mapToGlobal(QPoint((width() - palette->width()) / 2, 64));
    palette->move(top);
    palette->show();
}

void MainWindow::showShortcuts() {
    ShortcutDialog dialog(actions_, this);
    dialog.exec();
}

}  // namespace signalbox::gui
