#include "gui/models/tap_expression.h"

#include "engine/subject/subject.h"

#include <QCoreApplication>
#include <QStringList>

#include <optional>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("tapExpression", text);
}

struct Token {
    enum class Kind {
        Word,
        Quoted,
        Operator,
        End,
    };
    Kind kind = Kind::End;
    QString text;
    qsizetype at = 0;
};

/// Cuts the text into words, quoted values and operators.
class Scanner {
public:
    explicit Scanner(QString const& text) : text_(text) {}

    Token next() {
        while (at_ < text_.size() && text_[at_].isSpace()) {
            ++at_;
        }
        qsizetype const start = at_;
        if (at_ >= text_.size()) {
            return {Token::Kind::End, {}, start};
        }
        if (text_[at_] == QLatin1Char('"')) {
            return quoted(start);
        }
        for (char const* one : {"&&", "==", ">=", "<=", "~", "=", "<", ">"}) {
            QLatin1String const sign(one);
            if (QStringView(text_).mid(at_).startsWith(sign) && isOperatorHere(sign)) {
                at_ += sign.size();
                return {Token::Kind::Operator, sign, start};
            }
        }
        // The first character is the word's in any case: a `>` may stand alone.
        while (at_ < text_.size() && !text_[at_].isSpace() && (at_ == start || !endsWord())) {
            ++at_;
        }
        return {Token::Kind::Word, text_.mid(start, at_ - start), start};
    }

    /// The next token without taking it.
    Token peek() {
        qsizetype const before = at_;
        Token token = next();
        at_ = before;
        return token;
    }

private:
    Token quoted(qsizetype start) {
        QString value;
        for (++at_; at_ < text_.size(); ++at_) {
            QChar const c = text_[at_];
            if (c == QLatin1Char('\\') && at_ + 1 < text_.size()) {
                value += text_[++at_];
            } else if (c == QLatin1Char('"')) {
                ++at_;
                return {Token::Kind::Quoted, value, start};
            } else {
                value += c;
            }
        }
        return {Token::Kind::Operator, QStringLiteral("\""), start};  // never closed
    }

    /// A `>` alone is the filter that matches all: an operator only with something after it.
    bool isOperatorHere(QLatin1String sign) const {
        if (sign != QLatin1String(">")) {
            return true;
        }
        return wordBefore_ && !QStringView(text_).mid(at_ + 1).trimmed().isEmpty();
    }

    /// Operators end a word, except the `>` that ends a subject filter.
    bool endsWord() const {
        QChar const c = text_[at_];
        if (c == QLatin1Char('>')) {
            return text_[at_ - 1] != QLatin1Char('.');
        }
        return c == QLatin1Char('~') || c == QLatin1Char('=') || c == QLatin1Char('<') ||
               c == QLatin1Char('"') || QStringView(text_).mid(at_).startsWith(u"&&");
    }

    QString const& text_;
    qsizetype at_ = 0;

public:
    bool wordBefore_ = false;  ///< A name was read, so that an operator may follow.
};

std::optional<quint64> sizeOf(QString text) {
    quint64 factor = 1;
    if (text.endsWith(QLatin1Char('B'))) {
        text.chop(1);
    }
    if (text.endsWith(QLatin1Char('k'), Qt::CaseInsensitive)) {
        factor = 1'000;
        text.chop(1);
    } else if (text.endsWith(QLatin1Char('M'), Qt::CaseInsensitive)) {
        factor = 1'000'000;
        text.chop(1);
    }
    bool ok = false;
    quint64 const number = text.toULongLong(&ok);
    if (!ok || number > 1'000'000'000'000ULL / factor) {
        return std::nullopt;
    }
    return number * factor;
}

struct Term {
    QString name;
    QString sign;
    Token value;
};

/// Puts one term after the other into a filter.
class Builder {
public:
    TapExpression result;

    bool fail(qsizetype at, QString const& message) {
        result.verdict = TapExpression::Verdict::Invalid;
        result.position = at;
        result.message = message;
        return false;
    }

    bool subject(Token const& value) {
        QByteArray const bytes = value.text.toUtf8();
        if (!subject::Filter::parse(
                 std::string_view(bytes.data(), static_cast<std::size_t>(bytes.size())))
                 .ok()) {
            return fail(value.at, say("“%1” is not a subject filter").arg(value.text));
        }
        if (subjectGiven_) {
            return fail(value.at, say("a second subject filter: “%1”").arg(value.text));
        }
        subjectGiven_ = true;
        result.filter.subject = bytes.toStdString();
        return true;
    }

    bool add(Term const& term) {
        QString const name = term.name.toLower();
        bool const equals = term.sign == QLatin1String("==") || term.sign == QLatin1String("=");
        bool const like = equals || term.sign == QLatin1String("~");
        if (name == QLatin1String("size")) {
            return size(term);
        }
        if (name == QLatin1String("subject") && like) {
            return subject(term.value);
        }
        if ((name == QLatin1String("conn") || name == QLatin1String("cid")) && equals) {
            bool ok = false;
            result.filter.connection = term.value.text.toULongLong(&ok);
            return (ok && result.filter.connection > 0) ||
                   fail(term.value.at,
                        say("“%1” is not a connection's number").arg(term.value.text));
        }
        if (name == QLatin1String("account") && equals) {
            result.filter.account = term.value.text.toStdString();
            return true;
        }
        if (name == QLatin1String("header") && term.sign == QLatin1String("~")) {
            result.filter.header_contains = term.value.text.toStdString();
            return true;
        }
        if (name == QLatin1String("payload") && term.sign == QLatin1String("~")) {
            result.filter.payload_contains = term.value.text.toStdString();
            result.verdict = TapExpression::Verdict::Slow;
            result.message = say("every matching payload is searched");
            return true;
        }
        return fail(term.value.at, say("“%1 %2” cannot be asked").arg(term.name, term.sign));
    }

private:
    bool size(Term const& term) {
        std::optional<quint64> const bytes = sizeOf(term.value.text);
        if (!bytes) {
            return fail(term.value.at, say("“%1” is not a size").arg(term.value.text));
        }
        observe::TapFilter& filter = result.filter;
        if (term.sign == QLatin1String(">")) {
            filter.min_bytes = *bytes + 1;
        } else if (term.sign == QLatin1String(">=")) {
            filter.min_bytes = *bytes;
        } else if (term.sign == QLatin1String("<") && *bytes > 1) {
            filter.max_bytes = *bytes - 1;
        } else if (term.sign == QLatin1String("<=") && *bytes > 0) {
            filter.max_bytes = *bytes;
        } else if (term.sign.startsWith(QLatin1Char('=')) && *bytes > 0) {
            filter.min_bytes = *bytes;
            filter.max_bytes = *bytes;
        } else {
            return fail(term.value.at, say("no message is of that size"));
        }
        return true;
    }

    bool subjectGiven_ = false;
};

QStringList const& names() {
    static QStringList const all{QStringLiteral("subject"), QStringLiteral("size"),
                                 QStringLiteral("conn"),    QStringLiteral("cid"),
                                 QStringLiteral("account"), QStringLiteral("header"),
                                 QStringLiteral("payload")};
    return all;
}

bool readTerm(Scanner& scanner, Builder& builder, Token const& word) {
    scanner.wordBefore_ = names().contains(word.text.toLower());
    Token const sign = scanner.wordBefore_ ? scanner.peek() : Token{};
    bool const asks = sign.kind == Token::Kind::Operator && sign.text != QLatin1String("&&");
    if (!asks) {
        scanner.wordBefore_ = false;
        return builder.subject(word);
    }
    scanner.next();
    scanner.wordBefore_ = false;
    Token const value = scanner.next();
    if (value.kind != Token::Kind::Word && value.kind != Token::Kind::Quoted) {
        return builder.fail(value.at, say("a value is missing after “%1”").arg(sign.text));
    }
    return builder.add({word.text, sign.text, value});
}

QString quotedValue(std::string const& value) {
    QString text = QString::fromStdString(value);
    text.replace(QLatin1Char('\\'), QLatin1String("\\\\"));
    text.replace(QLatin1Char('"'), QLatin1String("\\\""));
    return QLatin1Char('"') + text + QLatin1Char('"');
}

}  // namespace

TapExpression parseTapExpression(QString const& text) {
    Scanner scanner(text);
    Builder builder;
    bool joined = false;  // the last token was `&&`
    for (;;) {
        Token const token = scanner.next();
        if (token.kind == Token::Kind::End) {
            if (joined) {
                builder.fail(token.at, say("something is missing after “&&”"));
            }
            break;
        }
        if (token.kind == Token::Kind::Operator) {
            if (token.text != QLatin1String("&&") || token.at == 0 || joined) {
                builder.fail(token.at, token.text == QLatin1String("\"")
                                           ? say("a quote is not closed")
                                           : say("“%1” is not expected here").arg(token.text));
                break;
            }
            joined = true;
            continue;
        }
        joined = false;
        if (!readTerm(scanner, builder, token)) {
            break;
        }
    }
    return builder.result;
}

QString tapExpressionText(observe::TapFilter const& filter) {
    QStringList terms;
    if (filter.subject != ">") {
        terms << QString::fromStdString(filter.subject);
    }
    if (!filter.account.empty()) {
        terms << QStringLiteral("account == ") + QString::fromStdString(filter.account);
    }
    if (filter.connection != 0) {
        terms << QStringLiteral("conn == %1").arg(filter.connection);
    }
    if (filter.min_bytes != 0) {
        terms << QStringLiteral("size >= %1").arg(filter.min_bytes);
    }
    if (filter.max_bytes != 0) {
        terms << QStringLiteral("size <= %1").arg(filter.max_bytes);
    }
    if (!filter.header_contains.empty()) {
        terms << QStringLiteral("header ~ ") + quotedValue(filter.header_contains);
    }
    if (!filter.payload_contains.empty()) {
        terms << QStringLiteral("payload ~ ") + quotedValue(filter.payload_contains);
    }
    return terms.join(QStringLiteral(" && "));
}

}  // namespace signalbox::gui
