#include "gui/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QStyleFactory>

#include <algorithm>
#include <cmath>

namespace signalbox::gui {

namespace {

double channel(double value) {
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(QColor const& color) {
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) +
           0.0722 * channel(color.blueF());
}

constexpr char const* kStyle = R"(
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QMainWindow, QDialog { background: @window; }
QToolBar { background: @raised; border: none; border-bottom: 1px solid @border;
           padding: 4px 8px; spacing: 4px; }
QToolBar::separator { background: @border; width: 1px; margin: 5px 5px; }
QStatusBar { background: @raised; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QToolButton { color: @text; background: transparent; border: 1px solid transparent;
              border-radius: 5px; padding: 4px 7px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @selection; border-color: @border; }
QToolButton:disabled { color: @disabled; }
QToolButton:focus { border-color: @accent; }
QToolButton[menuButton="true"] { padding-right: 18px; }
QToolButton::menu-button { border: none; width: 16px; }
QToolButton::menu-indicator { image: none; }
QToolButton::menu-arrow { image: url(:/icons/arrow-down-@kind.svg);
              width: 11px; height: 11px; }
QPushButton { color: @text; background: @raised; border: 1px solid @border; border-radius: 5px;
              padding: 5px 13px; min-height: 16px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selection; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @disabled; }
QPushButton[primary="true"], QPushButton:default { background: @accent; color: @onAccent;
              border-color: @accent; font-weight: 600; }
QPushButton[primary="true"]:hover { background: @accentHover; }
QPushButton[primary="true"]:focus { border: 2px solid @text; padding: 4px 12px; }
QPushButton[primary="true"]:disabled { background: @hover; color: @disabled; border-color: @border; }
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QComboBox { color: @text; background: @base;
              border: 1px solid @border; border-radius: 5px; padding: 4px 7px;
              selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QComboBox:focus {
              border-color: @accent; }
QLineEdit[verdict="invalid"] { border: 1px solid @error; }
QLineEdit[verdict="slow"] { border: 1px solid @warning; }
QLineEdit[verdict="valid"] { border: 1px solid @good; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(:/icons/arrow-down-@kind.svg); width: 13px; height: 13px; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @border;
              selection-background-color: @selection; selection-color: @text; outline: none; }
QSpinBox { padding-right: 18px; }
QSpinBox::up-button, QSpinBox::down-button { border: none; width: 16px; background: transparent; }
QSpinBox::up-arrow { image: url(:/icons/arrow-up-@kind.svg); width: 11px; height: 11px; }
QSpinBox::down-arrow { image: url(:/icons/arrow-down-@kind.svg); width: 11px; height: 11px; }
QCheckBox { spacing: 7px; padding: 2px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox:focus { border-color: @accent; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 3px;
              background: @base; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent;
              image: url(:/icons/check-@kind.svg); }
QTableView, QListView { background: @base; alternate-background-color: @alternate; color: @text;
              border: 1px solid @border; border-radius: 5px; outline: none;
              selection-background-color: @selection; selection-color: @text; }
QTableView:focus, QListView:focus { border-color: @accent; }
QTableView[flat="true"], QPlainTextEdit[flat="true"] { border: 1px solid transparent; }
QTableView[flat="true"]:focus, QPlainTextEdit[flat="true"]:focus { border-color: @accent; }
QTableWidget::item { padding: 0 6px; }
QHeaderView { background: @base; }
QHeaderView::section { background: @base; color: @muted; border: none;
              border-bottom: 1px solid @border; padding: 3px 0 3px 8px; }
QHeaderView::section:hover { color: @text; background: @hover; }
QHeaderView::up-arrow { image: url(:/icons/arrow-up-@kind.svg); width: 11px; height: 11px;
              subcontrol-position: center right; right: 2px; }
QHeaderView::down-arrow { image: url(:/icons/arrow-down-@kind.svg); width: 11px; height: 11px;
              subcontrol-position: center right; right: 2px; }
QTableCornerButton::section { background: @base; border: none; }
QTabWidget::pane { border: none; border-top: 1px solid @border; top: -1px; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @muted; padding: 6px 12px; border: none;
              border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @accent; }
QsciScintilla { border: 1px solid @border; border-radius: 5px; }
QMenu { background: @raised; color: @text; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @selection; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QSplitter::handle { background: transparent; }
QSplitter::handle:horizontal { width: 8px; }
QSplitter::handle:vertical { height: 8px; }
QScrollBar:vertical { background: transparent; width: 11px; margin: 1px; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 1px; }
QScrollBar::handle { background: @scroll; border-radius: 4px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QListView#navigator { background: @raised; border: none; border-right: 1px solid @border;
              border-radius: 0; padding: 8px 6px; }
QListView#navigator::item { border-radius: 6px; padding: 0 8px; color: @muted;
              border: 1px solid transparent; }
QListView#navigator::item:hover { background: @hover; color: @text; }
QListView#navigator::item:selected { background: @selection; color: @text; }
QListView#navigator:focus { border-color: @border; }
QListView#navigator::item:selected:focus { border-color: @accent; }
QMainWindow::separator { background: transparent; width: 1px; }
QFrame#card, QWidget#card { background: @base; border: 1px solid @border; border-radius: 8px; }
QFrame#banner { background: @raised; border: 1px solid @warning; border-radius: 6px; }
QFrame#palette { background: @raised; border: 1px solid @border; border-radius: 10px; }
QLabel[role="title"] { color: @text; font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="good"] { color: @good; }
QLabel[role="warning"] { color: @warning; }
QLabel[role="error"] { color: @error; }
)";

}  // namespace

ThemeTokens themeTokens(ThemeKind kind) {
    if (kind == ThemeKind::Dark) {
        return {.window = QColor(0x14171c),
                .base = QColor(0x191d23),
                .alternate = QColor(0x1c2128),
                .raised = QColor(0x1f242c),
                .border = QColor(0x323945),
                .hover = QColor(0x29303a),
                .text = QColor(0xe4e8ee),
                .muted = QColor(0x9aa5b4),
                .accent = QColor(0x56b4e9),
                .onAccent = QColor(0x0b141b),
                .selection = QColor(0x24384a),
                .good = QColor(0x2fbf93),
                .warning = QColor(0xe6a72a),
                .error = QColor(0xf58d69),
                .grid = QColor(0x29303a),
                .series = {QColor(0x56b4e9), QColor(0xe69f00), QColor(0x12b886), QColor(0xcc79a7),
                           QColor(0xf0e442), QColor(0xe8703a)}};
    }
    return {.window = QColor(0xf1f3f6),
            .base = QColor(0xffffff),
            .alternate = QColor(0xf8f9fb),
            .raised = QColor(0xfafbfc),
            .border = QColor(0xd3d9e1),
            .hover = QColor(0xe9edf2),
            .text = QColor(0x1a2029),
            .muted = QColor(0x566070),
            .accent = QColor(0x00629b),
            .onAccent = QColor(0xffffff),
            .selection = QColor(0xd6e8f5),
            .good = QColor(0x00704f),
            .warning = QColor(0x8a5a00),
            .error = QColor(0xb03c00),
            .grid = QColor(0xe6eaef),
            .series = {QColor(0x0072b2), QColor(0xb87700), QColor(0x00895f), QColor(0xb0578a),
                       QColor(0x857a00), QColor(0xc04f00)}};
}

double contrast(QColor const& a, QColor const& b) {
    double const first = luminance(a) + 0.05;
    double const second = luminance(b) + 0.05;
    return std::max(first, second) / std::min(first, second);
}

Theme::Theme(ThemeKind kind, QObject* parent)
    : QObject(parent), kind_(kind), tokens_(themeTokens(kind)) {}

QColor Theme::color(Tone tone) const {
    switch (tone) {
        case Tone::Plain:
            return tokens_.text;
        case Tone::Muted:
            return tokens_.muted;
        case Tone::Accent:
            return tokens_.accent;
        case Tone::Good:
            return tokens_.good;
        case Tone::Warning:
            return tokens_.warning;
        case Tone::Error:
            return tokens_.error;
    }
    return tokens_.text;
}

void Theme::apply(ThemeKind kind) {
    kind_ = kind;
    tokens_ = themeTokens(kind);
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(palette());
    qApp->setStyleSheet(styleSheet());
    emit changed();
}

ThemeKind Theme::ofSystem() {
    QColor const window = QGuiApplication::palette().color(QPalette::Window);
    return window.lightness() < 128 ? ThemeKind::Dark : ThemeKind::Light;
}

QFont Theme::monospace() {
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (QFontDatabase::hasFamily(QStringLiteral("DejaVu Sans Mono"))) {
        font.setFamily(QStringLiteral("DejaVu Sans Mono"));
    }
    font.setPointSizeF(QApplication::font().pointSizeF());
    return font;
}

QFont Theme::scaled(double factor, QFont::Weight weight) {
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * factor);
    font.setWeight(weight);
    return font;
}

QPalette Theme::palette() const {
    QPalette palette;
    palette.setColor(QPalette::Window, tokens_.window);
    palette.setColor(QPalette::WindowText, tokens_.text);
    palette.setColor(QPalette::Base, tokens_.base);
    palette.setColor(QPalette::AlternateBase, tokens_.alternate);
    palette.setColor(QPalette::Text, tokens_.text);
    palette.setColor(QPalette::Button, tokens_.raised);
    palette.setColor(QPalette::ButtonText, tokens_.text);
    palette.setColor(QPalette::BrightText, tokens_.error);
    palette.setColor(QPalette::ToolTipBase, tokens_.raised);
    palette.setColor(QPalette::ToolTipText, tokens_.text);
    palette.setColor(QPalette::PlaceholderText, tokens_.muted);
    palette.setColor(QPalette::Highlight, tokens_.accent);
    palette.setColor(QPalette::HighlightedText, tokens_.onAccent);
    palette.setColor(QPalette::Link, tokens_.accent);
    palette.setColor(QPalette::LinkVisited, tokens_.accent);
    palette.setColor(QPalette::Mid, tokens_.border);
    palette.setColor(QPalette::Midlight, tokens_.hover);
    palette.setColor(QPalette::Light, tokens_.raised);
    palette.setColor(QPalette::Dark, tokens_.border);
    QColor disabled = tokens_.muted;
    disabled.setAlphaF(0.55F);
    for (QPalette::ColorRole const role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, disabled);
    }
    return palette;
}

QString Theme::styleSheet() const {
    QColor disabled = tokens_.muted;
    disabled.setAlphaF(0.55F);
    QColor scroll = tokens_.muted;
    scroll.setAlphaF(0.35F);
    bool const dark = kind_ == ThemeKind::Dark;
    // Longer names first, since a shorter one may be their beginning.
    std::array<std::pair<char const*, QString>, 18> const names{{
        {"@accentHover", (dark ? tokens_.accent.lighter(112) : tokens_.accent.darker(112)).name()},
        {"@onAccent", tokens_.onAccent.name()},
        {"@selection", tokens_.selection.name()},
        {"@disabled", disabled.name(QColor::HexArgb)},
        {"@alternate", tokens_.alternate.name()},
        {"@warning", tokens_.warning.name()},
        {"@border", tokens_.border.name()},
        {"@raised", tokens_.raised.name()},
        {"@window", tokens_.window.name()},
        {"@accent", tokens_.accent.name()},
        {"@scroll", scroll.name(QColor::HexArgb)},
        {"@muted", tokens_.muted.name()},
        {"@hover", tokens_.hover.name()},
        {"@error", tokens_.error.name()},
        {"@good", tokens_.good.name()},
        {"@base", tokens_.base.name()},
        {"@text", tokens_.text.name()},
        {"@kind", dark ? QStringLiteral("dark") : QStringLiteral("light")},
    }};
    QString sheet = QString::fromLatin1(kStyle);
    for (auto const& [name, value] : names) {
        sheet.replace(QLatin1String(name), value);
    }
    return sheet;
}

}  // namespace signalbox::gui
