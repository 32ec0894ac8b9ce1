#include "gui/editor/configuration_text.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::gui {

namespace {

using config::Token;
using config::TokenKind;

/// Reading goes on after so many mistakes; what is left then has no colours.
constexpr int kMostMistakes = 40;

enum class Scope {
    Map,
    Array,
};

bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// What opens the same blocks again before the rest of a text, so that a new lexer knows them.
struct Reopened {
    std::string text;
    std::size_t tokens = 0;
};

Reopened reopened(std::vector<Scope> const& scopes) {
    Reopened result;
    bool in_map = true;
    for (Scope const scope : scopes) {
        if (in_map) {
            result.text += "k:";
            ++result.tokens;
        }
        result.text += scope == Scope::Map ? '{' : '[';
        ++result.tokens;
        in_map = scope == Scope::Map;
    }
    return result;
}

bool isQuote(char c) {
    return c == '"' || c == '\'';
}

/// The bytes that a token takes up; `read` is how far the lexer came with it.
std::pair<std::size_t, std::size_t> extentOf(Token const& token, std::string_view text,
                                             std::size_t read) {
    std::size_t const at = token.offset;
    bool const after_quote = at > 0 && isQuote(text[at - 1]);
    switch (token.kind) {
        case TokenKind::Key:
        case TokenKind::Include: {
            std::size_t const end = at + token.text.size();
            bool const quoted = after_quote && end < text.size() && text[end] == text[at - 1];
            return quoted ? std::pair(at - 1, end + 1) : std::pair(at, end);
        }
        case TokenKind::String: {
            bool const opened = after_quote || (at > 0 && text[at - 1] == '(');
            return {opened ? at - 1 : at, read};
        }
        case TokenKind::Variable:
        case TokenKind::Boolean:
        case TokenKind::Integer:
        case TokenKind::Float:
        case TokenKind::Date:
            return {at, read};
        case TokenKind::ArrayStart:
        case TokenKind::ArrayEnd:
        case TokenKind::MapStart:
        case TokenKind::MapEnd:
            return {at - 1, at};
        case TokenKind::End:
            break;
    }
    return {text.size(), text.size()};
}

/// Past blanks, new lines and comments.
std::size_t skipNothing(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        bool const comment = text[at] == '#' || text.substr(at, 2) == "//";
        if (comment) {
            at = std::min(text.find('\n', at), text.size());
        } else if (isSpace(text[at])) {
            ++at;
        } else {
            break;
        }
    }
    return at;
}

/// Reads a text in stretches, from one mistake to the next.
class PieceReader {
public:
    explicit PieceReader(std::string_view text) : text_(text) {}

    std::vector<TextPiece> read() {
        int mistakes = 0;
        while (at_ < text_.size() && mistakes <= kMostMistakes && !readStretch()) {
            skipMistake();
            ++mistakes;
        }
        return std::move(pieces_);
    }

private:
    /// True when the end was reached.
    bool readStretch() {
        Reopened const before = reopened(scopes_);
        std::string const source = before.text + std::string(text_.substr(at_));
        std::size_t const shift = at_;
        config::Lexer lexer(source);
        for (std::size_t count = 0;; ++count) {
            Result<Token> const token = lexer.next();
            if (!token.ok()) {
                return skipNothing(text_, at_) >= text_.size();
            }
            if (token.value().kind == TokenKind::End) {
                return true;
            }
            if (count >= before.tokens) {
                take(token.value(), source, lexer.position(), shift, before.text.size());
            }
        }
    }

    void take(Token const& token, std::string_view source, std::size_t read, std::size_t shift,
              std::size_t added) {
        auto const [begin, end] = extentOf(token, source, read);
        TextPiece piece{.kind = token.kind,
                        .begin = begin + shift - added,
                        .end = end + shift - added,
                        .text = token.text};
        at_ = piece.end;
        switch (token.kind) {
            case TokenKind::MapStart:
                scopes_.push_back(Scope::Map);
                break;
            case TokenKind::ArrayStart:
                scopes_.push_back(Scope::Array);
                break;
            case TokenKind::MapEnd:
            case TokenKind::ArrayEnd:
                if (!scopes_.empty()) {
                    scopes_.pop_back();
                }
                break;
            default:
                break;
        }
        pieces_.push_back(std::move(piece));
    }

    void skipMistake() {
        std::size_t begin = skipNothing(text_, at_);
        bool const after_key = !pieces_.empty() && pieces_.back().kind == TokenKind::Key;
        if (after_key && begin < text_.size() && (text_[begin] == ':' || text_[begin] == '=')) {
            begin = skipNothing(text_, begin + 1);
        }
        std::size_t const line_end = std::min(text_.find('\n', begin), text_.size());
        pieces_.push_back({.wrong = true,
                           .begin = begin,
                           .end = line_end,
                           .text = std::string(text_.substr(begin, line_end - begin))});
        at_ = std::min(line_end + 1, text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;  ///< Up to here all is read.
    std::vector<Scope> scopes_;
    std::vector<TextPiece> pieces_;
};

SpanKind spanOf(TextPiece const& piece) {
    if (piece.wrong) {
        return SpanKind::Wrong;
    }
    switch (piece.kind) {
        case TokenKind::Key:
            return SpanKind::Key;
        case TokenKind::Include:
        case TokenKind::String:
            return SpanKind::String;
        case TokenKind::Boolean:
            return SpanKind::Boolean;
        case TokenKind::Integer:
        case TokenKind::Float:
        case TokenKind::Date:
            return SpanKind::Number;
        case TokenKind::Variable:
            return SpanKind::Variable;
        case TokenKind::ArrayStart:
        case TokenKind::ArrayEnd:
        case TokenKind::MapStart:
        case TokenKind::MapEnd:
            return SpanKind::Bracket;
        case TokenKind::End:
            break;
    }
    return SpanKind::Plain;
}

/// Between two tokens: comments, the word `include`, separators, and braces around a whole file.
void spansBetween(std::string_view text, std::size_t begin, std::size_t end,
                  std::vector<TextSpan>& spans) {
    constexpr std::string_view kInclude = "include";
    std::size_t at = begin;
    while (at < end) {
        std::size_t const start = at;
        SpanKind kind = SpanKind::Plain;
        if (text[at] == '#' || text.substr(at, 2) == "//") {
            at = std::min(text.find('\n', at), end);
            kind = SpanKind::Comment;
        } else if (text[at] == '{' || text[at] == '}') {
            ++at;
            kind = SpanKind::Bracket;
        } else if (base::equal_ignoring_case(text.substr(at, kInclude.size()), kInclude)) {
            at += kInclude.size();
            kind = SpanKind::Include;
        } else {
            ++at;
        }
        if (!spans.empty() && spans.back().kind == kind && spans.back().end == start) {
            spans.back().end = at;
        } else {
            spans.push_back({.kind = kind, .begin = start, .end = at});
        }
    }
}

bool isWordCharacter(char c) {
    return !isSpace(c) && std::string_view("=:,;[]{}\"'#").find(c) == std::string_view::npos;
}

/// The blocks that are open at a place, and what was read of the innermost one's last member.
class PlaceFinder {
public:
    explicit PlaceFinder(std::size_t offset) : offset_(offset) {}

    /// False once a piece lies at the place or behind it.
    bool take(TextPiece const& piece) {
        if (piece.begin >= offset_ && !(piece.begin == offset_ && piece.end > offset_)) {
            return false;
        }
        bool const within = piece.end >= offset_;
        switch (piece.kind) {
            case TokenKind::Key:
                key_ = piece.text;
                at_key_ = within;
                return !within;
            case TokenKind::MapStart:
            case TokenKind::ArrayStart:
                if (within && piece.begin >= offset_) {
                    return false;
                }
                open(piece.kind == TokenKind::MapStart ? Scope::Map : Scope::Array);
                return true;
            case TokenKind::MapEnd:
            case TokenKind::ArrayEnd:
                close();
                return true;
            default:
                if (within) {
                    return false;
                }
                valueEnded();
                return true;
        }
    }

    TextPlace place() const {
        TextPlace place;
        for (Open const& open : open_) {
            if (!open.key.empty()) {
                place.path.push_back(open.key);
            }
            if (open.scope == Scope::Array) {
                place.path.emplace_back("[]");
            }
        }
        bool const in_array = !open_.empty() && open_.back().scope == Scope::Array;
        place.key = key_;
        // Directly in an array one writes the value of its key.
        while (in_array && !place.path.empty() && place.path.back() == "[]") {
            place.path.pop_back();
        }
        if (in_array && !place.path.empty()) {
            place.key = place.path.back();
            place.path.pop_back();
        }
        place.at_key = at_key_ && !in_array;
        return place;
    }

private:
    struct Open {
        Scope scope;
        std::string key;  ///< Empty for elements of arrays.
    };

    void open(Scope scope) {
        open_.push_back({scope, key_});
        key_.clear();
        at_key_ = true;
    }

    void close() {
        if (!open_.empty()) {
            open_.pop_back();
        }
        valueEnded();
    }

    void valueEnded() {
        key_.clear();
        at_key_ = true;
    }

    std::size_t offset_;
    std::vector<Open> open_;
    std::string key_;
    bool at_key_ = true;
};

}  // namespace

std::vector<TextPiece> piecesOf(std::string_view text) {
    return PieceReader(text).read();
}

std::vector<TextSpan> spansOf(std::string_view text) {
    std::vector<TextSpan> spans;
    std::size_t at = 0;
    for (TextPiece const& piece : piecesOf(text)) {
        spansBetween(text, at, piece.begin, spans);
        spans.push_back({.kind = spanOf(piece), .begin = piece.begin, .end = piece.end});
        at = piece.end;
    }
    spansBetween(text, at, text.size(), spans);
    return spans;
}

TextPlace placeAt(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    std::size_t begin = offset;
    while (begin > 0 && isWordCharacter(text[begin - 1])) {
        --begin;
    }
    std::size_t end = offset;
    while (end < text.size() && isWordCharacter(text[end])) {
        ++end;
    }
    // What comes behind the word says nothing of where it stands. With a blank after it, a key is
    // one although its value is not there yet.
    std::string const before = std::string(text.substr(0, end)) + " ";
    PlaceFinder finder(offset);
    for (TextPiece const& piece : piecesOf(before)) {
        if (!finder.take(piece)) {
            break;
        }
    }
    TextPlace place = finder.place();
    place.word = std::string(text.substr(begin, end - begin));
    place.begin = begin;
    place.end = end;
    return place;
}

}  // namespace signalbox::gui
