#include "engine/config/lexer.h"

#include "engine/base/text.h"

#include <array>
#include <utility>

namespace signalbox::config {

namespace {

/// Deeper than any real configuration; bounds the recursion of whoever reads the tokens.
constexpr std::size_t kDeepest = 32;

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool ends_unquoted(char c) {
    return is_blank(c) || c == '\n' || c == ',' || c == ';' || c == ']' || c == '}' || c == '\'';
}

bool is_boolean(std::string_view word) {
    constexpr std::array<std::string_view, 6> kWords = {"true", "false", "on", "off", "yes", "no"};
    for (std::string_view known : kWords) {
        if (base::equal_ignoring_case(word, known)) {
            return true;
        }
    }
    return false;
}

/// `k`, `kb`, `ki`, `kib` and so on for m, g, t, p and e, in any case.
bool is_size_suffix(std::string_view word) {
    std::string const lower = base::to_lower(word);
    if (lower.empty() || std::string_view("kmgtpe").find(lower[0]) == std::string_view::npos) {
        return false;
    }
    std::string_view const rest = std::string_view(lower).substr(1);
    return rest.empty() || rest == "b" || rest == "i" || rest == "ib";
}

bool is_bcrypt_start(std::string_view word) {
    return word.size() >= 4 && word.starts_with("$2") && word[3] == '$' &&
           std::string_view("abxy").find(word[2]) != std::string_view::npos;
}

int hex_digit(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// One character in single quotes, as the reference shows it.
std::string shown(char c) {
    if (c == '\'') {
        return "'\\''";
    }
    if (c == '"') {
        return "'\"'";
    }
    std::string const text = base::quoted(std::string_view(&c, 1));
    return concat("'", std::string_view(text).substr(1, text.size() - 2), "'");
}

}  // namespace

Lexer::Lexer(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) {
        text_.remove_prefix(3);
    }
}

Result<Token> Lexer::next() {
    switch (expect_) {
        case Expect::Key:
            return key_or_end();
        case Expect::Value:
            return !scopes_.empty() && scopes_.back() == Scope::Array ? array_element() : value();
        case Expect::ValueEnd:
            TRY(value_end());
            return next();  // Once: `value_end` leaves another expectation.
    }
    return error("Unexpected state.");
}

Result<Token> Lexer::key_or_end() {
    skip_space_and_comments();
    if (scopes_.empty()) {
        // Braces around the whole file may stand, which makes JSON a configuration.
        while (peek() == '{' || peek() == '}') {
            advance();
            skip_space_and_comments();
        }
    }
    if (at_end()) {
        if (!scopes_.empty()) {
            return error("Unexpected EOF processing map.");
        }
        return token(TokenKind::End, "", at_);
    }
    if (!scopes_.empty() && peek() == '}') {
        return closed(TokenKind::MapEnd);
    }
    return key();
}

Result<Token> Lexer::key() {
    char const first = peek();
    if (first == '=' || first == ':' || first == ',' || first == ';') {
        return error(concat("Unexpected key separator ", shown(first)));
    }
    if (first == '"' || first == '\'') {
        return quoted_key();
    }
    std::size_t const start = at_;
    std::size_t end = at_;
    while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '\n' && text_[end] != '=' &&
           text_[end] != ':') {
        ++end;
    }
    std::string const word(text_.substr(start, end - start));
    Token const result = token(TokenKind::Key, word, start);
    advance_to(end);
    if (base::equal_ignoring_case(word, "include") && (is_blank(peek()) || peek() == '\n')) {
        return include_path();
    }
    TRY(after_key());
    return result;
}

Result<Token> Lexer::quoted_key() {
    std::size_t const start = at_ + 1;
    std::size_t const end = text_.find(peek(), start);
    if (end == std::string_view::npos) {
        advance_to(text_.size());
        return error("Unexpected EOF.");
    }
    Token const result =
        token(TokenKind::Key, std::string(text_.substr(start, end - start)), start);
    advance_to(end + 1);
    TRY(after_key());
    return result;
}

/// Up to where the value begins.
Result<void> Lexer::after_key() {
    while (is_blank(peek()) || peek() == '\n') {
        advance();
    }
    if (peek() == '=' || peek() == ':') {
        advance();
        skip_blanks();
        // At the top a value stands on the line of its separator, in maps it need not.
        if (scopes_.empty() && peek() == '\n' && !at_end()) {
            advance();
            return error("Expected value but found new line");
        }
    }
    while (is_blank(peek()) || peek() == '\n') {
        advance();
    }
    if (at_end()) {
        ended_without_value_ = true;
    }
    expect_ = Expect::Value;
    return {};
}

Result<Token> Lexer::include_path() {
    skip_blanks();
    if (at_end() || peek() == '\n') {
        if (!at_end()) {
            advance();
        }
        return error("Expected include value but found new line");
    }
    expect_ = Expect::ValueEnd;
    char const quote = peek();
    if (quote == '"' || quote == '\'') {
        std::size_t const start = at_ + 1;
        std::size_t const end = text_.find(quote, start);
        if (end == std::string_view::npos) {
            advance_to(text_.size());
            return error("Unexpected EOF.");
        }
        Token const result =
            token(TokenKind::Include, std::string(text_.substr(start, end - start)), start);
        advance_to(end + 1);
        return result;
    }
    std::size_t const start = at_;
    std::size_t end = at_;
    while (end < text_.size() && !ends_unquoted(text_[end])) {
        ++end;
    }
    Token const result =
        token(TokenKind::Include, std::string(text_.substr(start, end - start)), start);
    advance_to(end);
    return result;
}

Result<Token> Lexer::array_element() {
    skip_space_and_comments();
    if (at_end()) {
        return error("Unexpected EOF processing array.");
    }
    if (peek() == ',') {
        return error("Unexpected array value terminator ','.");
    }
    if (peek() == ']') {
        return closed(TokenKind::ArrayEnd);
    }
    return value();
}

Result<Token> Lexer::value() {
    if (at_end()) {
        return error("Unexpected EOF.");
    }
    expect_ = Expect::ValueEnd;
    char const first = peek();
    switch (first) {
        case '[':
            return scopes_.size() < kDeepest
                       ? Result<Token>(opened(TokenKind::ArrayStart, Scope::Array))
                       : error("Too many levels.");
        case '{':
            return scopes_.size() < kDeepest
                       ? Result<Token>(opened(TokenKind::MapStart, Scope::Map))
                       : error("Too many levels.");
        case '"':
        case '\'':
            return quoted_value(first);
        case '(':
            return block();
        case '-':
            return negative_number();
        case '.':
            return error("Floats must start with a digit");
        default:
            return is_digit(first) ? number() : unquoted();
    }
}

Result<Token> Lexer::quoted_value(char quote) {
    std::size_t const start = at_ + 1;
    std::size_t end = start;
    while (end < text_.size() && text_[end] != quote) {
        end += quote == '"' && text_[end] == '\\' ? 2 : 1;
    }
    if (end >= text_.size()) {
        advance_to(text_.size());
        return error("Unexpected EOF.");
    }
    std::string_view const raw = text_.substr(start, end - start);
    std::string content = quote == '"' ? TRY(unescaped(raw)) : std::string(raw);
    Token const result = token(TokenKind::String, std::move(content), start);
    advance_to(end + 1);
    return result;
}

/// `(` to a line that is `)` alone, everything between as it stands.
Result<Token> Lexer::block() {
    std::size_t const start = at_ + 1;
    std::size_t close = text_.find("\n)", start);
    while (close != std::string_view::npos && close + 2 < text_.size() &&
           text_[close + 2] != '\n') {
        close = text_.find("\n)", close + 1);
    }
    if (close == std::string_view::npos) {
        advance_to(text_.size());
        return error("Unexpected EOF processing block.");
    }
    Token const result =
        token(TokenKind::String, std::string(text_.substr(start, close + 1 - start)), start);
    advance_to(close + 2);
    return result;
}

Result<Token> Lexer::unquoted() {
    std::size_t const start = at_;
    std::size_t end = at_;
    while (end < text_.size() && !ends_unquoted(text_[end])) {
        ++end;
    }
    std::string_view const raw = text_.substr(start, end - start);
    if (raw.empty()) {
        return unexpected("Expected a value, but got ", " instead.");
    }
    if (is_boolean(raw)) {
        Token const result = token(TokenKind::Boolean, std::string(raw), start);
        advance_to(end);
        return result;
    }
    if (raw.starts_with('$') && !is_bcrypt_start(raw)) {
        Token const result = token(TokenKind::Variable, std::string(raw.substr(1)), start);
        advance_to(end);
        return result;
    }
    std::string content = TRY(unescaped(raw));
    Token const result = token(TokenKind::String, std::move(content), start);
    advance_to(end);
    return result;
}

Result<Token> Lexer::negative_number() {
    std::size_t const start = at_;
    advance();
    if (!is_digit(peek())) {
        return unexpected("Expected a digit but got ", ".");
    }
    std::size_t end = skip_digits(at_);
    if (end < text_.size() && text_[end] == '.') {
        return float_or_address(start);
    }
    std::size_t letters = end;
    while (letters < text_.size() && is_letter(text_[letters])) {
        ++letters;
    }
    if (is_size_suffix(text_.substr(end, letters - end))) {
        end = letters;
    }
    Token const result =
        token(TokenKind::Integer, std::string(text_.substr(start, end - start)), start);
    advance_to(end);
    return result;
}

Result<Token> Lexer::number() {
    std::size_t const start = at_;
    std::size_t const digits = skip_digits(start);
    char const after = digits < text_.size() ? text_[digits] : '\n';
    if (after == '-') {
        return date(start);
    }
    if (after == '.') {
        return float_or_address(start);
    }
    std::size_t letters = digits;
    while (letters < text_.size() && is_letter(text_[letters])) {
        ++letters;
    }
    // `1m30s` is a text, and so is `5m]` in an array, which is what durations need.
    bool const suffix = is_size_suffix(text_.substr(digits, letters - digits)) &&
                        ends_number(letters) && !(letters < text_.size() && text_[letters] == ']');
    if (!suffix && !ends_number(digits)) {
        return unquoted();
    }
    std::size_t const end = suffix ? letters : digits;
    Token const result =
        token(TokenKind::Integer, std::string(text_.substr(start, end - start)), start);
    advance_to(end);
    return result;
}

/// A second dot makes an address of it, with its port.
Result<Token> Lexer::float_or_address(std::size_t start) {
    std::size_t const sign = text_[start] == '-' ? 1 : 0;
    std::size_t const dot = skip_digits(start + sign);
    std::size_t end = skip_digits(dot + 1);
    if (end == dot + 1) {
        advance_to(end);
        return unexpected("Floats must have a digit after the '.', but got ", " instead.");
    }
    TokenKind kind = TokenKind::Float;
    if (sign == 0 && end < text_.size() && text_[end] == '.') {
        kind = TokenKind::String;
        while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '.' ||
                                      text_[end] == ':' || text_[end] == '-')) {
            ++end;
        }
    }
    Token const result = token(kind, std::string(text_.substr(start, end - start)), start);
    advance_to(end);
    return result;
}

/// `2016-05-04T18:53:41Z` and nothing else.
Result<Token> Lexer::date(std::size_t start) {
    constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
    std::string_view const found = text_.substr(start, kShape.size());
    bool matches = found.size() == kShape.size();
    for (std::size_t i = 0; matches && i < kShape.size(); ++i) {
        matches = kShape[i] == '0' ? is_digit(found[i]) : found[i] == kShape[i];
    }
    if (!matches) {
        return error("All ISO8601 dates must be in full Zulu form.");
    }
    Token const result = token(TokenKind::Date, std::string(found), start);
    advance_to(start + kShape.size());
    return result;
}

Result<std::string> Lexer::unescaped(std::string_view raw) const {
    constexpr std::string_view kLetters = "tnr\"\\";
    constexpr std::string_view kMeanings = "\t\n\r\"\\";
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\') {
            out.push_back(raw[i]);
            continue;
        }
        ++i;
        char const letter = i < raw.size() ? raw[i] : '\n';
        std::size_t const known = kLetters.find(letter);
        if (known != std::string_view::npos) {
            out.push_back(kMeanings[known]);
            continue;
        }
        if (letter != 'x') {
            return error(concat("Invalid escape character ", shown(letter),
                                ". Only the following escape characters are allowed: "
                                "\\xXX, \\t, \\n, \\r, \\\", \\\\."));
        }
        std::string_view const digits = raw.substr(i + 1, 2);
        if (digits.size() < 2 || hex_digit(digits[0]) < 0 || hex_digit(digits[1]) < 0) {
            return error(
                concat("Expected two hexadecimal digits after '\\x', but got '", digits, "'"));
        }
        out.push_back(static_cast<char>(hex_digit(digits[0]) * 16 + hex_digit(digits[1])));
        i += 2;
    }
    return out;
}

Result<void> Lexer::value_end() {
    skip_blanks();
    if (at_comment()) {
        skip_comment();
    }
    bool const in_map = !scopes_.empty() && scopes_.back() == Scope::Map;
    bool const in_array = !scopes_.empty() && scopes_.back() == Scope::Array;
    expect_ = in_array ? Expect::Value : Expect::Key;
    char const c = peek();
    bool const closes = c == (in_array ? ']' : '}');
    if (closes || (at_end() && !in_array)) {
        return {};
    }
    if (c == '\n' || c == ',' || (c == ';' && !in_array)) {
        advance();
        return {};
    }
    if (in_array) {
        return unexpected(
            "Expected an array value terminator \",\" or an array terminator \"]\", but got ",
            " instead.");
    }
    if (in_map) {
        return unexpected(
            "Expected a map value terminator \",\" or a map terminator \"}\", but got ",
            " instead.");
    }
    return unexpected("Expected a top-level value to end with a new line, comment or EOF, but got ",
                      " instead.");
}

bool Lexer::at_comment() const {
    return peek() == '#' || text_.substr(at_ < text_.size() ? at_ : text_.size()).starts_with("//");
}

void Lexer::skip_blanks() {
    while (is_blank(peek())) {
        advance();
    }
}

void Lexer::skip_comment() {
    while (!at_end() && peek() != '\n') {
        advance();
    }
}

void Lexer::skip_space_and_comments() {
    while (!at_end()) {
        if (is_blank(peek()) || peek() == '\n') {
            advance();
        } else if (at_comment()) {
            skip_comment();
        } else {
            return;
        }
    }
}

void Lexer::advance() {
    if (peek() == '\n') {
        ++line_;
        line_start_ = at_;
    }
    ++at_;
}

void Lexer::advance_to(std::size_t at) {
    while (at_ < at) {
        advance();
    }
}

std::size_t Lexer::skip_digits(std::size_t at) const {
    while (at < text_.size() && is_digit(text_[at])) {
        ++at;
    }
    return at;
}

bool Lexer::ends_number(std::size_t at) const {
    return at >= text_.size() || (ends_unquoted(text_[at]) && text_[at] != '\'');
}

Token Lexer::token(TokenKind kind, std::string text, std::size_t start) const {
    return {.kind = kind,
            .text = std::move(text),
            .line = line_,
            .column = static_cast<int>(start - line_start_),
            .offset = start};
}

Token Lexer::opened(TokenKind kind, Scope scope) {
    advance();
    scopes_.push_back(scope);
    expect_ = scope == Scope::Map ? Expect::Key : Expect::Value;
    return token(kind, "", at_);
}

Token Lexer::closed(TokenKind kind) {
    advance();
    scopes_.pop_back();
    expect_ = Expect::ValueEnd;
    return token(kind, "", at_);
}

Error Lexer::error(std::string message) const {
    return Error(Errc::Malformed, concat("Parse error on line ", line_, ": '", message, "'"));
}

/// The line told is the one after the character, as the reference counts.
Error Lexer::unexpected(std::string_view before, std::string_view after) {
    if (at_end()) {
        return error("Unexpected EOF.");
    }
    std::string const what = shown(peek());
    advance();
    return error(concat(before, what, after));
}

}  // namespace signalbox::config
