#include "gui/workbench.h"

#include "gui/application_settings.h"
#include "gui/dialogs/attach_dialog.h"
#include "gui/icons.h"
#include "gui/source/lab_source.h"
#include "gui/source/local_source.h"
#include "gui/source/remote_source.h"

#include <QApplication>
#include <QFontDatabase>
#include <QTimer>

#include <cstdio>

namespace signalbox::gui {

namespace {

constexpr double kPointSize = 9.5;

ThemeKind themeFor(CommandLine const& line, ApplicationSettings const& settings) {
    if (line.theme) {
        return *line.theme;
    }
    QString const kept = settings.value(QStringLiteral("theme")).toString();
    if (kept.isEmpty()) {
        return Theme::ofSystem();
    }
    return kept == QLatin1String("dark") ? ThemeKind::Dark : ThemeKind::Light;
}

/// The system's font where its digits have one width; numbers in tables would dance otherwise.
void chooseFont(QApplication& application) {
    QFont font = QApplication::font();
    QFontMetrics const metrics(font);
    bool const even =
        metrics.horizontalAdvance(QLatin1Char('1')) == metrics.horizontalAdvance(QLatin1Char('8'));
    if (!even && QFontDatabase::hasFamily(QStringLiteral("DejaVu Sans"))) {
        font.setFamily(QStringLiteral("DejaVu Sans"));
    }
    font.setPointSizeF(kPointSize);
    application.setFont(font);
}

/// The exit code: a picture of a broker that did not start is no success.
int savePicture(QWidget& window, DataSource const& source, CommandLine const& line) {
    // The smallest file: pictures are for documentation.
    if (!window.grab().save(line.picture, "PNG", 0)) {
        std::fprintf(stderr, "signalbox: cannot write %s\n", qPrintable(line.picture));
        return 1;
    }
    bool const wanted = line.run || line.demo || !line.attach.isEmpty();
    if (wanted && source.state() != BrokerState::Running) {
        std::fprintf(stderr, "signalbox: no broker %s. %s\n",
                     line.attach.isEmpty() ? "ran" : "is attached", qPrintable(source.stateNote()));
        return 1;
    }
    return 0;
}

void takePicture(QApplication& application, MainWindow& window, DataSource const& source,
                 CommandLine const& line) {
    auto const wait = static_cast<int>(line.waitSeconds() * 1000);
    // A moment before the end things are selected and opened, and the window settles on them.
    // Precise, for the ordinary timer may put off both to the same whole second.
    int const early = std::max(0, wait - 600);
    QTimer::singleShot(early, Qt::PreciseTimer, &window,
                       [&window] { window.currentPage().prepareForPicture(); });
    QTimer::singleShot(wait, Qt::PreciseTimer, &window, [&application, &window, &source, &line] {
        application.exit(savePicture(window, source, line));
    });
}

RemoteProfile profileOf(CommandLine const& line) {
    RemoteProfile profile = profileFor(line.attach, line.credentials, line.monitoring);
    profile.authoritiesFile = line.authorities;
    return profile;
}

/// A picture of the dialog that tests the way to a server, which is no page.
constexpr char kAttachDialog[] = "attach";

int takePictureOfDialog(QApplication& application, Workbench& workbench, Theme const& theme,
                        DataSource const& source, CommandLine const& line) {
    AttachDialog dialog(workbench.profiles(), theme, {}, nullptr);
    RemoteProfile profile = profileOf(line);
    host::RemoteIdentity const who =
        host::parse_server_urls(line.attach.toStdString()).value_or(host::ServerUrls{}).identity;
    if (!who.user.empty()) {
        profile.login = {.kind = LoginKind::Password,
                         .user = QString::fromStdString(who.user),
                         .secret = QString::fromStdString(std::string(who.password.reveal()))};
        profile.server = QStringLiteral("nats://") + profile.text();
    }
    dialog.setProfile(profile);
    dialog.show();
    dialog.test();
    QTimer::singleShot(static_cast<int>(line.waitSeconds() * 1000), &dialog,
                       [&] { application.exit(savePicture(dialog, source, line)); });
    return QApplication::exec();
}

/// False when there is no such page.
bool choosePage(MainWindow& window, ApplicationSettings const& settings, CommandLine const& line) {
    QString page = line.page;
    if (page.isEmpty() && !line.configuration.isEmpty()) {
        page = QStringLiteral("configuration");
    }
    bool const at_once = line.run || line.demo || !line.attach.isEmpty();
    if (page.isEmpty() && at_once) {
        page = settings.value(QStringLiteral("window/page"), QStringLiteral("overview")).toString();
    }
    return page.isEmpty() || window.showPage(page) || line.page.isEmpty();
}

void startLocal(MainWindow& window, DataSource& source, CommandLine const& line) {
    BrokerOptions options = window.brokerOptions();
    options.port = line.port.value_or(options.port);
    window.setBrokerOptions(options);
    if (line.demo) {
        source.setDemoTraffic(true);
    }
    if (!line.configuration.isEmpty()) {
        window.openConfiguration(line.configuration, line.run || line.demo);
    } else if (line.run || line.demo) {
        window.startBroker();
    }
}

/// False when the scenario is none.
bool startLab(MainWindow& window, DataSource& source, CommandLine const& line) {
    if (!line.scenario.isEmpty()) {
        QString const problem = source.lab()->open(line.scenario);
        if (!problem.isEmpty()) {
            std::fprintf(stderr, "signalbox: %s: %s\n", qPrintable(line.scenario),
                         qPrintable(problem));
            return false;
        }
    }
    if (line.demo) {
        source.setDemoTraffic(true);
    }
    if (line.run || line.demo) {
        window.startBroker();
    }
    return true;
}

void sampleOnceAttached(DataSource& source) {
    QObject::connect(&source, &DataSource::stateChanged, &source, [&source](BrokerState state) {
        if (state == BrokerState::Running) {
            source.setSampling(SamplingWish{});
        }
    });
}

}  // namespace

Workbench::Workbench(Theme& theme, ApplicationSettings& settings)
    : theme_(theme), settings_(settings), profiles_(settings) {}

Workbench::~Workbench() {
    for (std::unique_ptr<Seat> const& seat : seats_) {
        seat->window.reset();
    }
}

MainWindow& Workbench::openLocal() {
    for (std::unique_ptr<Seat> const& one : seats_) {
        if (!one->remote && !one->lab) {
            one->window->show();
            one->window->raise();
            one->window->activateWindow();
            return *one->window;
        }
    }
    Seat one;
    one.source = std::make_unique<LocalSource>();
    return seat(std::move(one));
}

MainWindow& Workbench::openRemote(RemoteProfile const& profile) {
    Seat one;
    one.source = std::make_unique<RemoteSource>(remoteOptions(profile), sourceTitle(profile));
    one.profile = profile;
    one.remote = true;
    MainWindow& window = seat(std::move(one));
    window.startBroker();
    return window;
}

MainWindow& Workbench::openLab() {
    Seat one;
    one.source = std::make_unique<LabSource>();
    one.lab = true;
    MainWindow& window = seat(std::move(one));
    window.showPage(QStringLiteral("topology"));
    return window;
}

MainWindow& Workbench::seat(Seat seat) {
    seat.window = std::make_unique<MainWindow>(*seat.source, theme_, settings_);
    MainWindow& window = *seat.window;
    seats_.push_back(std::make_unique<Seat>(std::move(seat)));
    connect(&window, &MainWindow::attachWanted, this,
            [this, &window](QString const& profile) { askWhere(window, profile); });
    connect(&window, &MainWindow::localWanted, this, [this] { openLocal().show(); });
    connect(&window, &MainWindow::labWanted, this, [this, &window] {
        MainWindow& lab = openLab();
        lab.setGeometry(window.geometry().translated(24, 24));
        lab.show();
    });
    connect(&window, &MainWindow::profileWanted, this, [this, &window] { changeProfile(window); });
    // Not while it still closes.
    connect(
        &window, &MainWindow::closed, this, [this, &window] { remove(window); },
        Qt::QueuedConnection);
    return window;
}

Workbench::Seat* Workbench::find(MainWindow const& window) {
    for (std::unique_ptr<Seat> const& one : seats_) {
        if (one->window.get() == &window) {
            return one.get();
        }
    }
    return nullptr;
}

DataSource& Workbench::sourceOf(MainWindow const& window) {
    return *find(window)->source;
}

void Workbench::remove(MainWindow const& window) {
    std::erase_if(seats_, [&](std::unique_ptr<Seat> const& one) {
        if (one->window.get() != &window) {
            return false;
        }
        one->window.reset();
        return true;
    });
}

void Workbench::askWhere(MainWindow& asker, QString const& profile) {
    AttachDialog dialog(profiles_, theme_, profile, &asker);
    if (dialog.exec() != QDialog::Accepted) {
        return;
    }
    RemoteProfile const chosen = dialog.profile();
    profiles_.used(chosen.id);
    MainWindow& window = openRemote(chosen);
    window.showPage(QStringLiteral("overview"));
    window.setGeometry(asker.geometry().translated(24, 24));
    window.show();
    // A window with nothing in it would only stand in the way.
    if (sourceOf(asker).state() == BrokerState::Stopped) {
        window.setGeometry(asker.geometry());
        asker.close();
    }
}

void Workbench::changeProfile(MainWindow& window) {
    Seat* const one = find(window);
    if (one == nullptr || !one->remote) {
        return;
    }
    AttachDialog dialog(profiles_, theme_, one->profile.id, &window);
    if (one->profile.id != dialog.profile().id) {
        dialog.setProfile(one->profile);  // of the command line, kept nowhere
    }
    if (dialog.exec() == QDialog::Accepted) {
        one->profile = dialog.profile();
        profiles_.used(one->profile.id);
        static_cast<RemoteSource&>(*one->source)
            .setOptions(remoteOptions(one->profile), sourceTitle(one->profile));
    }
}

int runWorkbench(QApplication& application, CommandLine const& line) {
    bool const picture = line.wish == CommandLine::Wish::Screenshot;
    ApplicationSettings settings = picture ? ApplicationSettings::none()
                                   : line.profileFolder.isEmpty()
                                       ? ApplicationSettings::ofUser()
                                       : ApplicationSettings::inFolder(line.profileFolder);
    loadResources();
    chooseFont(application);
    Theme theme(themeFor(line, settings));
    theme.apply(theme.kind());
    Workbench workbench(theme, settings);
    bool const remote = !line.attach.isEmpty();
    MainWindow& window = remote     ? workbench.openRemote(profileOf(line))
                         : line.lab ? workbench.openLab()
                                    : workbench.openLocal();
    DataSource& source = workbench.sourceOf(window);
    if (picture && remote && line.page == QLatin1String(kAttachDialog)) {
        return takePictureOfDialog(application, workbench, theme, source, line);
    }
    if (!choosePage(window, settings, line)) {
        std::fprintf(stderr, "signalbox: there is no page %s; see --list-pages\n",
                     qPrintable(line.page));
        return 1;
    }
    if (line.lab) {
        if (!startLab(window, source, line)) {
            return 1;
        }
    } else if (!remote) {
        startLocal(window, source, line);
    } else if (line.sample) {
        sampleOnceAttached(source);
    }
    if (picture || line.size != CommandLine().size) {
        window.resize(line.size);
    }
    window.show();
    if (picture) {
        takePicture(application, window, source, line);
    }
    return QApplication::exec();
}

QString pageList() {
    return QStringLiteral(
        "start\noverview\nsubjects\ntraffic\nconnections\nmessages\npublish\nlog\n"
        "configuration\nevents\naccounts\nexplain\ntopology\nstreams\nstored\n"
        "consumers\nkeyvalue\nobjects\n");
}

}  // namespace signalbox::gui
