#pragma once

#include "engine/config/lexer.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::gui {

/// One token of a configuration that is being written, and the bytes it takes up; quotes belong to
/// it.
struct TextPiece {
    config::TokenKind kind = config::TokenKind::End;
    bool wrong = false;  ///< What the lexer cannot read, to the end of its line.
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string text;  ///< Without quotes and escapes.
};

/// The tokens that the engine's lexer finds, over mistakes too: it goes on with the line after one,
/// within the blocks that were open there.
std::vector<TextPiece> piecesOf(std::string_view text);

enum class SpanKind {
    Plain,
    Comment,
    Key,
    Include,
    String,
    Number,
    Boolean,
    Variable,
    Bracket,
    Wrong,
};

/// A stretch of the text that looks the same.
struct TextSpan {
    SpanKind kind = SpanKind::Plain;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// All of the text as stretches one after the other, without a gap.
std::vector<TextSpan> spansOf(std::string_view text);

/// Where in a configuration a place is.
struct TextPlace {
    /// The keys of the blocks around it, outermost first, and `[]` for being within an array.
    std::vector<std::string> path;
    bool at_key = true;     ///< A key stands or may stand here; else the value of `key`.
    std::string key;        ///< The key at this place, or whose value it is in; empty: none yet.
    std::string word;       ///< What stands from the start of the word to its end.
    std::size_t begin = 0;  ///< Of that word.
    std::size_t end = 0;
};

/// `offset` in bytes; past the end counts as the end.
TextPlace placeAt(std::string_view text, std::size_t offset);

}  // namespace signalbox::gui
