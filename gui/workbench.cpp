#include "gui/workbench.h"

#include "gui/application_settings.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/source/local_source.h"

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
int savePicture(MainWindow& window, DataSource const& source, CommandLine const& line) {
    // The smallest file: pictures are for documentation.
    if (!window.grab().save(line.picture, "PNG", 0)) {
        std::fprintf(stderr, "signalbox: cannot write %s\n", qPrintable(line.picture));
        return 1;
    }
    if ((line.run || line.demo) && source.state() != BrokerState::Running) {
        std::fprintf(stderr, "signalbox: no broker ran. %s\n", qPrintable(source.stateNote()));
        return 1;
    }
    return 0;
}

void takePicture(QApplication& application, MainWindow& window, DataSource const& source,
                 CommandLine const& line) {
    auto const wait = static_cast<int>(line.waitSeconds() * 1000);
    // A moment before the end things are selected and opened, and the window settles on them.
    int const early = std::max(0, wait - 600);
    QTimer::singleShot(early, &window, [&window] { window.currentPage().prepareForPicture(); });
    QTimer::singleShot(wait, &window, [&application, &window, &source, &line] {
        application.exit(savePicture(window, source, line));
    });
}

}  // namespace

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
    LocalSource source;
    MainWindow window(source, theme, settings);
    BrokerOptions options = window.brokerOptions();
    options.port = line.port.value_or(options.port);
    window.setBrokerOptions(options);
    QString page = line.page;
    if (page.isEmpty() && (line.run || line.demo)) {
        page = settings.value(QStringLiteral("window/page"), QStringLiteral("overview")).toString();
    }
    if (!page.isEmpty() && !window.showPage(page) && !line.page.isEmpty()) {
        std::fprintf(stderr, "signalbox: there is no page %s; see --list-pages\n",
                     qPrintable(line.page));
        return 1;
    }
    if (line.demo) {
        source.setDemoTraffic(true);
    }
    if (line.run || line.demo) {
        window.startBroker();
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
        "start\noverview\nsubjects\ntraffic\nconnections\nmessages\npublish\nlog\n");
}

}  // namespace signalbox::gui
