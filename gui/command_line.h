#pragma once

#include "gui/theme.h"

#include <QSize>
#include <QString>
#include <QStringList>

#include <optional>

namespace signalbox::gui {

/// What the program was told on its command line.
struct CommandLine {
    enum class Wish {
        Window,
        Screenshot,
        ListPages,
        Help,
        Version,
    };

    Wish wish = Wish::Window;
    bool run = false;   ///< Start a broker at once.
    bool demo = false;  ///< And clients on it.
    std::optional<int> port;
    QString attach;         ///< The URL of a server elsewhere.
    QString credentials;    ///< A file, for it.
    QString monitoring;     ///< The URL of its monitoring.
    QString authorities;    ///< A file of those that are trusted with TLS.
    bool lab = false;       ///< A cluster on this machine.
    QString scenario;       ///< A file, for it.
    bool sample = false;    ///< Count its subjects by a subscription, at once.
    QString configuration;  ///< A file, for the editor; with `run` the broker is started from it.
    QString page;
    QString picture;
    double after = -1;  ///< Seconds; less than none: a time that fits.
    std::optional<ThemeKind> theme;
    QSize size{1280, 800};
    QString profileFolder;
    QString error;  ///< Not empty: what was not understood.

    /// How long a picture waits, so that there is something on it.
    double waitSeconds() const;
};

/// `arguments` are without the program's own name.
CommandLine parseCommandLine(QStringList const& arguments);

QString helpText();

}  // namespace signalbox::gui
