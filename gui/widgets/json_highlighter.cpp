#include "gui/widgets/json_highlighter.h"

namespace signalbox::gui {

namespace {

/// Past this a line is left plain: colouring it would take longer than reading it.
constexpr qsizetype kLongestLine = 20'000;

}  // namespace

JsonHighlighter::JsonHighlighter(Theme const& theme, QTextDocument* document)
    : QSyntaxHighlighter(document), theme_(theme) {
    connect(&theme_, &Theme::changed, this, &JsonHighlighter::rehighlight);
}

void JsonHighlighter::highlightBlock(QString const& text) {
    if (text.size() > kLongestLine) {
        return;
    }
    ThemeTokens const& tokens = theme_.tokens();
    for (qsizetype i = 0; i < text.size();) {
        QChar const c = text[i];
        qsizetype end = i + 1;
        if (c == QLatin1Char('"')) {
            while (end < text.size() && text[end] != QLatin1Char('"')) {
                end += text[end] == QLatin1Char('\\') ? 2 : 1;
            }
            end = std::min(end + 1, text.size());
            colorText(text, i, end);
        } else if (c.isDigit() || c == QLatin1Char('-')) {
            while (end < text.size() &&
                   (text[end].isLetterOrNumber() || QStringView(u".+-").contains(text[end]))) {
                ++end;
            }
            setFormat(int(i), int(end - i), tokens.series[1]);
        } else if (c.isLetter()) {
            while (end < text.size() && text[end].isLetter()) {
                ++end;
            }
            setFormat(int(i), int(end - i), tokens.series[3]);
        } else if (!c.isSpace()) {
            setFormat(int(i), 1, tokens.muted);
        }
        i = end;
    }
}

void JsonHighlighter::colorText(QString const& text, qsizetype start, qsizetype end) {
    qsizetype next = end;
    while (next < text.size() && text[next].isSpace()) {
        ++next;
    }
    bool const isName = next < text.size() && text[next] == QLatin1Char(':');
    ThemeTokens const& tokens = theme_.tokens();
    setFormat(int(start), int(end - start), isName ? tokens.accent : tokens.good);
}

}  // namespace signalbox::gui
