#pragma once

#include "gui/source/configuration.h"

#include <QString>

namespace signalbox::gui {

/// A configuration as the broker takes it: variables replaced, included files in place, each line
/// with where it comes from. Secrets are masked.
QString resolvedText(Configuration const& configuration);

}  // namespace signalbox::gui
