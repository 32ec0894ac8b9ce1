#pragma once

#include <QIcon>
#include <QString>

namespace signalbox::gui {

/// One of our drawings by its name, in the colour of text wherever it is painted: it follows the
/// theme by itself. The drawings are black lines, which are given that colour when drawn.
QIcon icon(QString const& name);

/// The program's own, in its own colours.
QIcon programIcon();

/// Makes the drawings known; once, before the first icon.
void loadResources();

}  // namespace signalbox::gui
