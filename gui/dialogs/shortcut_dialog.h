#pragma once

#include "gui/actions.h"

#include <QDialog>

namespace signalbox::gui {

/// Every action that has keys, in one list.
class ShortcutDialog : public QDialog {
    Q_OBJECT

public:
    ShortcutDialog(Actions const& actions, QWidget* parent);
};

}  // namespace signalbox::gui
