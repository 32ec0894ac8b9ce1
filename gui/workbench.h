#pragma once

#include "gui/command_line.h"
#include "gui/main_window.h"
#include "gui/profile_store.h"

#include <QObject>

#include <memory>
#include <vector>

class QApplication;

namespace signalbox::gui {

/// The windows of the program, each with a source of its own: the broker of this process, or a
/// server elsewhere.
class Workbench : public QObject {
    Q_OBJECT

public:
    Workbench(Theme& theme, ApplicationSettings& settings);
    ~Workbench() override;

    /// There is one at most: it is brought to the front when there is one already.
    MainWindow& openLocal();
    /// A window that attaches at once.
    MainWindow& openRemote(RemoteProfile const& profile);

    /// Another one for a cluster on this machine each time.
    MainWindow& openLab();

    /// Asks which server, then opens a window for it. `asker` makes way for it when it has nothing
    /// to show.
    void askWhere(MainWindow& asker, QString const& profile);

    /// Whether the window is still one of these.
    bool has(MainWindow const& window) { return find(window) != nullptr; }
    DataSource& sourceOf(MainWindow const& window);
    ProfileStore& profiles() { return profiles_; }

private:
    /// A window and what it looks at, which outlives it.
    struct Seat {
        std::unique_ptr<DataSource> source;
        std::unique_ptr<MainWindow> window;
        RemoteProfile profile;  ///< Of a remote one.
        bool remote = false;
        bool lab = false;
    };

    MainWindow& seat(Seat seat);
    Seat* find(MainWindow const& window);
    void changeProfile(MainWindow& window);
    void remove(MainWindow const& window);

    Theme& theme_;
    ApplicationSettings& settings_;
    ProfileStore profiles_;
    std::vector<std::unique_ptr<Seat>> seats_;
};

/// Runs the window, or renders a picture of it, as the command line says; the program's exit code.
int runWorkbench(QApplication& application, CommandLine const& line);

/// The name and text of every page, a line each.
QString pageList();

}  // namespace signalbox::gui
