#pragma once

#include "engine/observe/snapshot.h"

#include "gui/models/account_list.h"

#include <QString>

namespace signalbox::gui {

/// All there is to say of an account: what it shares, takes and renames, its limits and what is
/// used of them. As rich text; links `line:FILE:NUMBER` lead to the configuration. `figures` may be
/// null.
QString accountHtml(Configuration const& configuration, AccountEntry const& account,
                    observe::AccountRow const* figures);

/// What a user may do, allowed and denied side by side, each rule with its place.
QString userHtml(Configuration const& configuration, AccountEntry const& account,
                 UserEntry const& user);

/// An account of a server whose configuration cannot be seen.
QString figuresHtml(observe::AccountRow const& figures);

}  // namespace signalbox::gui
