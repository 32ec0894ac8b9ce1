#pragma once

#include <QMetaType>
#include <QString>

#include <vector>

namespace signalbox::gui {

/// What a cell means, so that the theme can give it a colour and the cell need not know any.
enum class Tone {
    Plain,
    Muted,
    Accent,
    Good,
    Warning,
    Error,
};

/// A short word on a cell, such as `no interest`.
struct Badge {
    QString text;
    Tone tone = Tone::Muted;
};
using Badges = std::vector<Badge>;

/// The last values of a figure, oldest first.
using Trail = std::vector<float>;

/// Roles of our models beside Qt's own.
enum Role {
    ToneRole = Qt::UserRole + 1,  ///< A `Tone`, as int.
    BadgesRole,                   ///< `Badges`
    TrailRole,                    ///< `Trail`
    FractionRole,                 ///< A double from 0 to 1, drawn as a bar behind the text.
    DepthRole,                    ///< Of a row in a tree.
    HasChildrenRole,
    ExpandedRole,
};

}  // namespace signalbox::gui

Q_DECLARE_METATYPE(signalbox::gui::Badges)
Q_DECLARE_METATYPE(signalbox::gui::Trail)
