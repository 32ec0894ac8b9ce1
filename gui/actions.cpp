#include "gui/actions.h"

#include "engine/base/check.h"

#include "gui/icons.h"

namespace signalbox::gui {

QAction* Actions::make(Description const& description) {
    auto* const action = new QAction(description.text, this);
    if (!description.icon.isEmpty()) {
        action->setIcon(icon(description.icon));
    }
    action->setObjectName(description.id);
    action->setProperty("group", description.group);
    if (!description.shortcut.isEmpty()) {
        action->setShortcut(description.shortcut);
        action->setToolTip(QStringLiteral("%1 (%2)").arg(
            description.text, description.shortcut.toString(QKeySequence::NativeText)));
    }
    actions_.append(action);
    return action;
}

QAction* Actions::add(Description const& description, std::function<void()> run) {
    QAction* const action = make(description);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    return action;
}

QAction* Actions::addToggle(Description const& description, bool on,
                            std::function<void(bool)> run) {
    QAction* const action = make(description);
    action->setCheckable(true);
    action->setChecked(on);
    connect(action, &QAction::toggled, this, [run = std::move(run)](bool now) { run(now); });
    return action;
}

QAction* Actions::get(QString const& id) const {
    for (QAction* const action : actions_) {
        if (action->objectName() == id) {
            return action;
        }
    }
    CHECK(false);
    return nullptr;
}

QString Actions::groupOf(QAction const& action) {
    return action.property("group").toString();
}

}  // namespace signalbox::gui
