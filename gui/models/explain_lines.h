#pragma once

#include "engine/observe/explanation.h"

#include "gui/models/roles.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace signalbox::gui {

/// One line of an explanation; the ones below it are deeper.
struct ExplainLine {
    int depth = 0;
    Tone tone = Tone::Plain;
    QString mark;  ///< `✓`, `✗`, or what kind of step it is.
    QString text;
};

/// An explanation in sentences: the outcome first, then every way with what it meets.
std::vector<ExplainLine> explainLines(observe::Explanation const& explanation);

/// How many subscriptions receive the message; of each queue group one.
int receiverCount(observe::Explanation const& explanation);

/// What a server told of a message that was traced (ADR-41), as it happened.
std::vector<ExplainLine> traceLines(QByteArray const& document);

/// For the clipboard.
QString explainText(std::vector<ExplainLine> const& lines);

}  // namespace signalbox::gui
