#pragma once

#include <QString>

#include <optional>

namespace signalbox::gui {

/// How well `text` answers to what was typed: every character of `typed` has to stand in it, in
/// order; beginnings of words and unbroken runs count more. Nothing when it does not answer.
std::optional<int> fuzzyScore(QString const& typed, QString const& text);

}  // namespace signalbox::gui
