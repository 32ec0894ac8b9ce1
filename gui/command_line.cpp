#include "gui/command_line.h"

#include <QCoreApplication>

namespace signalbox::gui {

namespace {

bool takesValue(QString const& name) {
    return QStringList{QStringLiteral("--screenshot"),  QStringLiteral("--page"),
                       QStringLiteral("--after"),       QStringLiteral("--theme"),
                       QStringLiteral("--size"),        QStringLiteral("--port"),
                       QStringLiteral("--attach"),      QStringLiteral("--creds"),
                       QStringLiteral("--monitor"),     QStringLiteral("--ca"),
                       QStringLiteral("--profile-dir"), QStringLiteral("--config"),
                       QStringLiteral("--scenario")}
        .contains(name);
}

void takeSize(CommandLine& line, QString const& value) {
    QStringList const parts = value.split(QLatin1Char('x'));
    int const width = parts.value(0).toInt();
    int const height = parts.value(1).toInt();
    if (parts.size() != 2 || width < 320 || height < 240 || width > 8'000 || height > 8'000) {
        line.error = QStringLiteral("--size wants something like 1280x800, not %1").arg(value);
        return;
    }
    line.size = {width, height};
}

void takeValue(CommandLine& line, QString const& name, QString const& value) {
    bool ok = true;
    if (name == QLatin1String("--screenshot")) {
        line.wish = CommandLine::Wish::Screenshot;
        line.picture = value;
    } else if (name == QLatin1String("--config")) {
        line.configuration = value;
        ok = !value.isEmpty();
    } else if (name == QLatin1String("--page")) {
        line.page = value;
    } else if (name == QLatin1String("--after")) {
        line.after = value.toDouble(&ok);
        ok = ok && line.after >= 0 && line.after <= 3'600;
    } else if (name == QLatin1String("--theme")) {
        ok = value == QLatin1String("dark") || value == QLatin1String("light");
        line.theme = value == QLatin1String("dark") ? ThemeKind::Dark : ThemeKind::Light;
    } else if (name == QLatin1String("--size")) {
        takeSize(line, value);
    } else if (name == QLatin1String("--port")) {
        int const port = value.toInt(&ok);
        ok = ok && port > 0 && port <= 65'535;
        line.port = port;
    } else if (name == QLatin1String("--attach")) {
        line.attach = value;
        ok = !value.isEmpty();
    } else if (name == QLatin1String("--creds")) {
        line.credentials = value;
    } else if (name == QLatin1String("--monitor")) {
        line.monitoring = value;
    } else if (name == QLatin1String("--scenario")) {
        line.lab = true;
        line.scenario = value;
        ok = !value.isEmpty();
    } else if (name == QLatin1String("--ca")) {
        line.authorities = value;
    } else {
        line.profileFolder = value;
    }
    if (!ok) {
        line.error = QStringLiteral("%1 cannot be %2").arg(name, value);
    }
}

void takeFlag(CommandLine& line, QString const& name) {
    if (name == QLatin1String("--run")) {
        line.run = true;
    } else if (name == QLatin1String("--demo")) {
        line.demo = true;
    } else if (name == QLatin1String("--cluster")) {
        line.lab = true;
    } else if (name == QLatin1String("--sample")) {
        line.sample = true;
    } else if (name == QLatin1String("--list-pages")) {
        line.wish = CommandLine::Wish::ListPages;
    } else if (name == QLatin1String("--help") || name == QLatin1String("-h")) {
        line.wish = CommandLine::Wish::Help;
    } else if (name == QLatin1String("--version") || name == QLatin1String("-v")) {
        line.wish = CommandLine::Wish::Version;
    } else {
        line.error = QStringLiteral("unknown argument %1").arg(name);
    }
}

}  // namespace

double CommandLine::waitSeconds() const {
    if (after >= 0) {
        return after;
    }
    return demo || !attach.isEmpty() ? 4.0 : run || !configuration.isEmpty() ? 1.2 : 0.3;
}

CommandLine parseCommandLine(QStringList const& arguments) {
    CommandLine line;
    for (qsizetype i = 0; i < arguments.size() && line.error.isEmpty(); ++i) {
        QString name = arguments[i];
        QString value;
        qsizetype const equals = name.indexOf(QLatin1Char('='));
        bool const joined = name.startsWith(QLatin1String("--")) && equals > 0;
        if (joined) {
            value = name.mid(equals + 1);
            name.truncate(equals);
        }
        if (!takesValue(name)) {
            if (joined) {
                line.error = QStringLiteral("%1 takes no value").arg(name);
            } else {
                takeFlag(line, name);
            }
            continue;
        }
        if (!joined) {
            if (i + 1 >= arguments.size()) {
                line.error = QStringLiteral("%1 wants a value").arg(name);
                break;
            }
            value = arguments[++i];
        }
        takeValue(line, name, value);
    }
    bool const local = line.run || line.demo || line.lab;
    bool const of_remote = line.sample || !line.authorities.isEmpty() ||
                           !line.credentials.isEmpty() || !line.monitoring.isEmpty();
    if (line.error.isEmpty() && local && !line.attach.isEmpty()) {
        line.error = QStringLiteral(
            "--attach looks at a server elsewhere: without --run, --demo and "
            "--cluster");
    } else if (line.error.isEmpty() && of_remote && line.attach.isEmpty()) {
        line.error = QStringLiteral("--creds, --monitor, --ca and --sample want --attach");
    }
    return line;
}

QString helpText() {
    return QStringLiteral(
        "usage: signalbox [OPTION…]\n"
        "\n"
        "The Signalbox workbench: a message broker in a window that shows what it does.\n"
        "Without an option it opens on its start page.\n"
        "\n"
        "  --run                  start a broker at once, on this machine alone\n"
        "  --port N               the port to try first (4222)\n"
        "  --config FILE          open this configuration; with --run, run a broker from it\n"
        "  --demo                 run client connections on it, so that nothing is empty\n"
        "  --cluster              open on a local cluster of servers; --run starts it, --demo runs "
        "clients\n"
        "  --scenario FILE        the cluster that this scenario file describes\n"
        "  --attach URL           look at a server that runs elsewhere: "
        "nats:// or tls://[user:pass@]host:port,\n"
        "                         or the http:// of its monitoring alone\n"
        "  --creds FILE           its credentials\n"
        "  --monitor URL          the URL of its monitoring as well\n"
        "  --ca FILE              trust these authorities with tls:// and https://\n"
        "  --sample               count its subjects by a subscription, a load on it\n"
        "  --page NAME            open this page\n"
        "  --theme light|dark     look like this\n"
        "  --size WxH             the size of the window (1280x800)\n"
        "  --profile-dir DIR      keep layout and options here\n"
        "  --screenshot FILE.png  render the page to a file and exit; with --attach, --page attach "
        "is\n"
        "                         the dialog that tests the way to a server\n"
        "  --after SECONDS        so long after the start\n"
        "  --list-pages           print the names of the pages\n"
        "  --help, --version\n");
}

}  // namespace signalbox::gui
