#pragma once

#include "gui/command_line.h"

class QApplication;

namespace signalbox::gui {

/// Runs the window, or renders a picture of it, as the command line says; the program's exit code.
int runWorkbench(QApplication& application, CommandLine const& line);

/// The name and text of every page, a line each.
QString pageList();

}  // namespace signalbox::gui
