#pragma once

#include "gui/editor/configuration_text.h"
#include "gui/source/configuration.h"
#include "gui/theme.h"

#include <Qsci/qsciscintilla.h>

#include <string>
#include <vector>

namespace signalbox::gui {

class ConfigurationHighlighter;

/// Where a configuration is written: coloured as the engine reads it, completed and explained from
/// the engine's option table, with what is wrong written below the line that is.
class ConfigurationEditor : public QsciScintilla {
    Q_OBJECT

public:
    explicit ConfigurationEditor(Theme const& theme, QWidget* parent = nullptr);

    /// UTF-8, as a file has it.
    std::string bytes() const;
    /// Replaces everything and is no change: nothing to undo, nothing to save.
    void setBytes(std::string const& bytes);

    /// Writes the problems of this text below their lines, in place of those shown before.
    void showProblems(std::vector<ConfigurationProblem> const& problems);

    /// `line` from 1, `column` from 0; selects what stands there and takes the keys.
    void goTo(int line, int column);

    /// Where the cursor is.
    TextPlace place() const;

    /// Offers what may stand at the cursor.
    void complete();

signals:
    /// The cursor moved, or what stands there changed.
    void placeChanged();

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void takeColors();
    void characterAdded(int character);
    void showTip(int position, int x, int y);

    Theme const& theme_;
    ConfigurationHighlighter* highlighter_;
    int indicator_ = -1;
    int warningMark_ = -1;
    int errorMark_ = -1;
};

}  // namespace signalbox::gui
