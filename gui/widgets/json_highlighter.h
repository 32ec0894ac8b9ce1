#pragma once

#include "gui/theme.h"

#include <QSyntaxHighlighter>

namespace signalbox::gui {

/// Colours JSON: names, texts, numbers, and the three words.
class JsonHighlighter : public QSyntaxHighlighter {
    Q_OBJECT

public:
    JsonHighlighter(Theme const& theme, QTextDocument* document);

protected:
    void highlightBlock(QString const& text) override;

private:
    void colorText(QString const& text, qsizetype start, qsizetype end);

    Theme const& theme_;
};

}  // namespace signalbox::gui
