#pragma once

#include "gui/editor/configuration_text.h"
#include "gui/theme.h"

#include <Qsci/qscilexercustom.h>

namespace signalbox::gui {

/// Colours a configuration as the engine's lexer reads it, in the theme of the window.
class ConfigurationHighlighter : public QsciLexerCustom {
    Q_OBJECT

public:
    ConfigurationHighlighter(Theme const& theme, QObject* parent);

    char const* language() const override { return "NATS configuration"; }
    QString description(int style) const override;
    void styleText(int start, int end) override;

    /// Colours of the theme in force.
    void takeColors();

    /// Below each line with a mistake; beside the styles of the text itself.
    static constexpr int kErrorNote = 20;
    static constexpr int kWarningNote = 21;

private:
    Theme const& theme_;
};

}  // namespace signalbox::gui
