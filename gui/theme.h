#pragma once

#include "gui/models/roles.h"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>
#include <QString>

#include <array>

namespace signalbox::gui {

enum class ThemeKind {
    Light,
    Dark,
};

/// The colours of a theme, by what they are for. Everything that is painted takes them from here.
struct ThemeTokens {
    QColor window;     ///< Behind everything.
    QColor base;       ///< Tables, fields and plots.
    QColor alternate;  ///< Every second row.
    QColor raised;     ///< Cards, buttons, menus.
    QColor border;
    QColor hover;
    QColor text;
    QColor muted;  ///< Text of less weight, still well readable.
    QColor accent;
    QColor onAccent;  ///< Text on the accent.
    QColor selection;
    QColor good;
    QColor warning;
    QColor error;
    QColor grid;                   ///< Of plots: barely there.
    std::array<QColor, 6> series;  ///< After Okabe and Ito, told apart by most eyes.
};

ThemeTokens themeTokens(ThemeKind kind);

/// The ratio of the luminances of two colours, from 1 to 21 (WCAG 2, 1.4.3).
double contrast(QColor const& a, QColor const& b);

/// How the window looks now.
class Theme : public QObject {
    Q_OBJECT

public:
    explicit Theme(ThemeKind kind, QObject* parent = nullptr);

    ThemeKind kind() const { return kind_; }
    ThemeTokens const& tokens() const { return tokens_; }
    QColor color(Tone tone) const;

    /// Gives the application the palette and style of that theme.
    void apply(ThemeKind kind);

    /// What the system prefers, as far as its palette tells.
    static ThemeKind ofSystem();

    static QFont monospace();
    /// The interface's font in another size, as a factor.
    static QFont scaled(double factor, QFont::Weight weight = QFont::Normal);

signals:
    void changed();

private:
    QPalette palette() const;
    QString styleSheet() const;

    ThemeKind kind_;
    ThemeTokens tokens_;
};

/// The height of a row in every table, in pixels.
inline constexpr int kRowHeight = 24;
/// The space between things; others are multiples of it.
inline constexpr int kSpace = 8;

}  // namespace signalbox::gui
