#pragma once

#include "gui/source/remote_profile.h"

#include <QList>
#include <QString>

namespace signalbox::gui {

/// The folder in which the field's command line keeps its contexts; empty: there is none here.
QString natsContextFolder();

/// A profile for each context in `folder`, by its name, for looking only. What a context names and
/// a profile has no place for is left out; one that cannot be read is passed over. An nkey's seed
/// is read from its file, as the passwords that stand in the context are: whoever saves the profile
/// keeps them as secrets.
QList<RemoteProfile> natsContexts(QString const& folder);

}  // namespace signalbox::gui
