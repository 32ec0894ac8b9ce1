#pragma once

#include "engine/config/schema.h"

#include <QString>
#include <QStringList>

#include <string>
#include <vector>

namespace signalbox::gui {

/// What the engine's option table knows of a place in a configuration. The table drives reading,
/// reload and the documentation, so what is said here holds.

/// The key of that name in the block that the path leads to; null when there is none.
config::Key const* keyIn(std::vector<std::string> const& path, std::string const& name);

/// The names that may stand in the block, sorted; those of parts that are not built are left out.
QStringList keysIn(std::vector<std::string> const& path);

/// Words that make sense as the key's value: `true`, or what is in force without it.
QStringList valuesOf(config::Key const& key);

/// One key for a person, as rich text: its type, default, bounds, what it means, and whether a
/// running server takes it.
QString helpHtml(config::Key const& key, std::vector<std::string> const& path);

/// The same in one line, for a tool tip.
QString helpLine(config::Key const& key);

}  // namespace signalbox::gui
