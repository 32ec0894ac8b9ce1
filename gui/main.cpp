#include "gui/command_line.h"
#include "gui/workbench.h"

#include <QApplication>

#include <cstdio>

namespace {

using signalbox::gui::CommandLine;

int print(QString const& text) {
    std::fputs(text.toUtf8().constData(), stdout);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    QStringList arguments;
    for (int i = 1; i < argc; ++i) {
        arguments << QString::fromLocal8Bit(argv[i]);
    }
    CommandLine const line = signalbox::gui::parseCommandLine(arguments);
    if (!line.error.isEmpty()) {
        std::fprintf(stderr, "signalbox: %s; see --help\n", qPrintable(line.error));
        return 1;
    }
    switch (line.wish) {
        case CommandLine::Wish::Help:
            return print(signalbox::gui::helpText());
        case CommandLine::Wish::Version:
            return print(QStringLiteral("signalbox: v" SIGNALBOX_VERSION "\n"));
        case CommandLine::Wish::ListPages:
            return print(signalbox::gui::pageList());
        case CommandLine::Wish::Window:
        case CommandLine::Wish::Screenshot:
            break;
    }
    bool const no_display = qEnvironmentVariableIsEmpty("DISPLAY") &&
                            qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
                            qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
    if (line.wish == CommandLine::Wish::Screenshot && no_display) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    // Qt takes its own arguments out of these; ours are read already.
    int ours = 1;
    QApplication application(ours, argv);
    QApplication::setApplicationName(QStringLiteral("signalbox"));
    QApplication::setApplicationVersion(QStringLiteral(SIGNALBOX_VERSION));
    return signalbox::gui::runWorkbench(application, line);
}
