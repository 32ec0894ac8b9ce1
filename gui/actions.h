#pragma once

#include <QAction>
#include <QKeySequence>
#include <QList>
#include <QObject>

#include <functional>

namespace signalbox::gui {

/// Everything the window can be told to do, in one list: menus, buttons, keys and the command
/// palette all take it from here.
class Actions : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    struct Description {
        QString id;  ///< Stable: `broker.start`.
        QString text;
        QString icon;
        QKeySequence shortcut = {};
        QString group = {};  ///< Where it belongs, in the palette's second column.
    };

    QAction* add(Description const& description, std::function<void()> run);
    /// One that is on or off.
    QAction* addToggle(Description const& description, bool on, std::function<void(bool)> run);

    /// There is one: asking for another is a mistake of ours.
    QAction* get(QString const& id) const;
    QList<QAction*> const& all() const { return actions_; }

    /// What a palette shows beside the text.
    static QString groupOf(QAction const& action);

private:
    QAction* make(Description const& description);

    QList<QAction*> actions_;
};

}  // namespace signalbox::gui
