#pragma once

#include "engine/observe/tap_filter.h"

#include <QString>

namespace signalbox::gui {

/// What a capture filter's text means, as far as one can tell while it is typed.
struct TapExpression {
    enum class Verdict {
        Valid,
        Slow,  ///< Valid, and the engine has to search every payload for it.
        Invalid,
    };

    Verdict verdict = Verdict::Valid;
    observe::TapFilter filter;  ///< Of a valid one.
    QString message;            ///< What is wrong, or slow.
    qsizetype position = 0;     ///< Of an error, in characters.

    bool valid() const { return verdict != Verdict::Invalid; }
};

/// Reads a capture filter: terms joined by blanks or `&&`.
///
///     orders.>                       a subject filter by itself
///     subject ~ orders.*.created     the same, said
///     size > 1k   size <= 64k        headers and payload together; k and M are 1,000 and 1,000,000
///     conn == 12                     the publisher's connection
///     account == $G
///     header ~ "X-Env: test"         the header block holds it
///     payload ~ error                the payload holds it
///
/// Nothing at all captures everything. Values with blanks stand in double quotes.
TapExpression parseTapExpression(QString const& text);

/// The text that reads back as this filter, sampling left out.
QString tapExpressionText(observe::TapFilter const& filter);

}  // namespace signalbox::gui
