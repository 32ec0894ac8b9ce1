#include "gui/editor/configuration_highlighter.h"

#include <Qsci/qsciscintilla.h>

#include <array>

namespace signalbox::gui {

namespace {

/// Past this a text has no colours: each key pressed would read all of it again.
constexpr std::size_t kMostColored = 1U << 20U;

constexpr std::array kKinds = {
    SpanKind::Plain,  SpanKind::Comment, SpanKind::Key,      SpanKind::Include, SpanKind::String,
    SpanKind::Number, SpanKind::Boolean, SpanKind::Variable, SpanKind::Bracket, SpanKind::Wrong};

/// The colour, or one between it and the text's that can be read on the ground.
QColor readable(QColor const& color, ThemeTokens const& tokens) {
    QColor result = color;
    for (int step = 1; step <= 4 && contrast(result, tokens.base) < 4.5; ++step) {
        double const part = 0.25 * step;
        result = QColor::fromRgbF(
            static_cast<float>(color.redF() * (1 - part) + tokens.text.redF() * part),
            static_cast<float>(color.greenF() * (1 - part) + tokens.text.greenF() * part),
            static_cast<float>(color.blueF() * (1 - part) + tokens.text.blueF() * part));
    }
    return result;
}

QColor colorOf(SpanKind kind, ThemeTokens const& tokens) {
    switch (kind) {
        case SpanKind::Plain:
            return tokens.text;
        case SpanKind::Comment:
        case SpanKind::Bracket:
            return tokens.muted;
        case SpanKind::Key:
            return tokens.accent;
        case SpanKind::String:
            return tokens.good;
        case SpanKind::Number:
            return readable(tokens.series[1], tokens);
        case SpanKind::Boolean:
        case SpanKind::Include:
            return readable(tokens.series[3], tokens);
        case SpanKind::Variable:
            return readable(tokens.series[4], tokens);
        case SpanKind::Wrong:
            return tokens.error;
    }
    return tokens.text;
}

QColor mixed(QColor const& over, QColor const& ground, double part) {
    return QColor::fromRgbF(static_cast<float>(over.redF() * part + ground.redF() * (1 - part)),
                            static_cast<float>(over.greenF() * part + ground.greenF() * (1 - part)),
                            static_cast<float>(over.blueF() * part + ground.blueF() * (1 - part)));
}

}  // namespace

ConfigurationHighlighter::ConfigurationHighlighter(Theme const& theme, QObject* parent)
    : QsciLexerCustom(parent), theme_(theme) {
    takeColors();
}

QString ConfigurationHighlighter::description(int style) const {
    switch (static_cast<SpanKind>(style)) {
        case SpanKind::Plain:
            return tr("Text");
        case SpanKind::Comment:
            return tr("Comment");
        case SpanKind::Key:
            return tr("Key");
        case SpanKind::Include:
            return tr("Include");
        case SpanKind::String:
            return tr("Text value");
        case SpanKind::Number:
            return tr("Number");
        case SpanKind::Boolean:
            return tr("Yes or no");
        case SpanKind::Variable:
            return tr("Variable");
        case SpanKind::Bracket:
            return tr("Bracket");
        case SpanKind::Wrong:
            return tr("Mistake");
    }
    return {};
}

void ConfigurationHighlighter::takeColors() {
    ThemeTokens const& tokens = theme_.tokens();
    QFont const font = Theme::monospace();
    setDefaultFont(font);
    setDefaultColor(tokens.text);
    setDefaultPaper(tokens.base);
    for (SpanKind const kind : kKinds) {
        int const style = static_cast<int>(kind);
        QFont face = font;
        face.setItalic(kind == SpanKind::Comment);
        // No meaning by colour alone.
        face.setBold(kind == SpanKind::Key || kind == SpanKind::Include);
        face.setUnderline(kind == SpanKind::Wrong);
        setFont(face, style);
        setColor(colorOf(kind, tokens), style);
        setPaper(tokens.base, style);
    }
    QFont small = font;
    small.setPointSizeF(font.pointSizeF() * 0.95);
    for (int const style : {kErrorNote, kWarningNote}) {
        QColor const tone = style == kErrorNote ? tokens.error : tokens.warning;
        setFont(small, style);
        setColor(tone, style);
        setPaper(mixed(tone, tokens.base, 0.07), style);
    }
}

void ConfigurationHighlighter::styleText(int /*start*/, int /*end*/) {
    QsciScintilla* const text = editor();
    if (text == nullptr) {
        return;
    }
    auto const size =
        static_cast<std::size_t>(text->SendScintilla(QsciScintillaBase::SCI_GETLENGTH));
    if (size > kMostColored) {
        startStyling(0);
        setStyling(static_cast<int>(size), static_cast<int>(SpanKind::Plain));
        return;
    }
    auto const* const bytes = reinterpret_cast<char const*>(
        text->SendScintillaPtrResult(QsciScintillaBase::SCI_GETCHARACTERPOINTER));
    // One mistake changes what comes after it, so all is styled and not only what was asked for.
    startStyling(0);
    for (TextSpan const& span : spansOf({bytes, size})) {
        setStyling(static_cast<int>(span.end - span.begin), static_cast<int>(span.kind));
    }
}

}  // namespace signalbox::gui
