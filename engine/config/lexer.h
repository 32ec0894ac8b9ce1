#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::config {

enum class TokenKind {
    Key,
    Include,  ///< The path that `include` names.
    String,   ///< Escapes already resolved.
    Boolean,  ///< The word as it was written.
    Integer,  ///< Digits with their sign and suffix.
    Float,
    Date,
    Variable,  ///< The name without `$`.
    ArrayStart,
    ArrayEnd,
    MapStart,
    MapEnd,
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::string text;
    int line = 1;
    /// As the reference counts it: from 0 on the first line, from 1 on all others; of a quoted text
    /// the first character inside.
    int column = 0;
    /// In bytes from the start of the text, a byte order mark not counted; of a quoted text that of
    /// the first character inside.
    std::size_t offset = 0;
};

/// Cuts the text of a configuration into tokens, and knows at each place what may stand there.
///
/// Errors are Malformed and read `Parse error on line 3: '…'`, with the words of the reference
/// where it has some.
class Lexer {
public:
    /// `text` outlives the lexer. A UTF-8 byte order mark before it is skipped.
    explicit Lexer(std::string_view text);

    /// The next token; End again and again once there is no more. After an error the lexer is not
    /// asked again.
    Result<Token> next();

    /// How far it has read: just past a value, and past the separator of a key.
    std::size_t position() const { return at_; }

    /// Only blanks, new lines and comments are left: a key without a value came last.
    bool at_end_without_value() const { return ended_without_value_; }

private:
    enum class Scope {
        Map,
        Array
    };
    enum class Expect {
        Key,
        Value,
        ValueEnd
    };

    Result<Token> key_or_end();
    Result<Token> key();
    Result<Token> quoted_key();
    Result<Token> include_path();
    Result<Token> value();
    Result<Token> array_element();
    Result<Token> quoted_value(char quote);
    Result<Token> block();
    Result<Token> unquoted();
    Result<Token> number();
    Result<Token> negative_number();
    Result<Token> float_or_address(std::size_t start);
    Result<Token> date(std::size_t start);
    Result<std::string> unescaped(std::string_view raw) const;
    Result<void> value_end();
    Result<void> after_key();

    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    bool at_comment() const;
    void skip_blanks();
    void skip_comment();
    void skip_space_and_comments();
    void advance();
    void advance_to(std::size_t at);
    std::size_t skip_digits(std::size_t at) const;
    bool ends_number(std::size_t at) const;

    Token token(TokenKind kind, std::string text, std::size_t start) const;
    Token opened(TokenKind kind, Scope scope);
    Token closed(TokenKind kind);
    Error error(std::string message) const;
    Error unexpected(std::string_view before, std::string_view after);

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::size_t line_start_ = 0;  ///< Where the new line before this line stands; 0 on the first.
    std::vector<Scope> scopes_;
    Expect expect_ = Expect::Key;
    bool ended_without_value_ = false;
};

}  // namespace signalbox::config
