#include "gui/editor/configuration_text.h"

#include "engine/config/lexer.h"

#include "tests/support/run_tests.h"

namespace signalbox::gui {

namespace {

/// Each stretch with a letter for its kind; plain ones left out.
QString shown(std::string const& text) {
    static QString const letters = QStringLiteral("-ckisnbv{!");
    QStringList out;
    for (TextSpan const& span : spansOf(text)) {
        if (span.kind != SpanKind::Plain) {
            out << letters[static_cast<int>(span.kind)] + QLatin1Char(' ') +
                       QString::fromStdString(text.substr(span.begin, span.end - span.begin));
        }
    }
    return out.join(QLatin1Char('|'));
}

/// The place of the bar in the text.
TextPlace placeOfBar(std::string text) {
    std::size_t const at = text.find('|');
    text.erase(at, 1);
    return placeAt(text, at);
}

QString placeText(TextPlace const& place) {
    QStringList path;
    for (std::string const& part : place.path) {
        path << QString::fromStdString(part);
    }
    return QStringLiteral("%1 %2 %3 %4")
        .arg(path.join(QLatin1Char('.')),
             place.at_key ? QStringLiteral("key") : QStringLiteral("value"),
             QString::fromStdString(place.key), QString::fromStdString(place.word));
}

}  // namespace

class ConfigurationTextTest : public QObject {
    Q_OBJECT

private slots:
    void spans_are_what_the_lexer_reads_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("spans");
        auto const row = [](char const* name, char const* text, char const* spans) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(spans);
        };
        row("empty", "", "");
        row("a number", "port: 4222", "k port|n 4222");
        row("a comment", "# port\nport = 1 // so\n", "c # port|k port|n 1|c // so");
        row("texts", "a: \"x y\"\nb 'z'\nc: word", "k a|s \"x y\"|k b|s 'z'|k c|s word");
        row("no comment in a text", "a: \"#x\"", "k a|s \"#x\"");
        row("a quoted key", "\"a b\": yes", "k \"a b\"|b yes");
        row("a variable", "a = $B\nB = 1", "k a|v $B|k B|n 1");
        row("an include", "include ./b.conf\na: 1", "i include|s ./b.conf|k a|n 1");
        row("blocks", "a { b: [1, {c: 2}] }", "k a|{ {|k b|{ [|n 1|{ {|k c|n 2|{ }|{ ]|{ }");
        row("braces around all", "{ a: 1 }", "{ {|k a|n 1|{ }");
        row("sizes and dates", "a: 1mb\nb: 2016-05-04T18:53:41Z",
            "k a|n 1mb|k b|n 2016-05-04T18:53:41Z");
        row("after a mistake", "= 3\nport: 1", "! = 3|k port|n 1");
        row("a mistake in a block", "a {\n = 3\n b: 1\n}\nc: 2",
            "k a|{ {|! = 3|k b|n 1|{ }|k c|n 2");
        row("a text without its end", "a: \"b\nc: 1", "k a|! \"b|k c|n 1");
        row("letters of other alphabets", "name: \"größe\"\nb: 1", "k name|s \"größe\"|k b|n 1");
    }
    void spans_are_what_the_lexer_reads() {
        QFETCH(QString, text);
        QFETCH(QString, spans);
        QCOMPARE(shown(text.toStdString()), spans);
    }

    // Whatever stands there, while it is typed letter by letter or cut anywhere.
    void spans_cover_every_byte_once() {
        std::string const text =
            "# c\na { b: [1, \"x\", {c: $D}]\n include 'f.conf' }\nx = (\nblock\n)\n] } {{ ((\n";
        for (std::size_t begin = 0; begin <= text.size(); ++begin) {
            for (std::size_t end = begin; end <= text.size(); ++end) {
                std::string const part = text.substr(begin, end - begin);
                std::size_t at = 0;
                for (TextSpan const& span : spansOf(part)) {
                    QCOMPARE(span.begin, at);
                    QVERIFY(span.end > span.begin || span.kind == SpanKind::Wrong);
                    at = span.end;
                }
                QCOMPARE(at, part.size());
                QVERIFY(placeAt(part, part.size() / 2).begin <= part.size());
            }
        }
    }

    void a_place_knows_its_block_and_key_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("place");
        auto const row = [](char const* text, char const* place) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(place);
        };
        row("|", " key  ");
        row("por|", " key por por");
        row("po|rt: 1\n", " key port port");
        row("port: 42|", " value port 42");
        row("port: |", " value port ");
        row("port: 1\n|", " key  ");
        row("port: 1\nmax_pa|\nhost: b", " key max_pa max_pa");
        row("a {\n  b|\n}", "a key b b");
        row("a { b: 1 }\nc|", " key c c");
        row("authorization { users: [ { us|er: x } ] }", "authorization.users.[] key user user");
        row("authorization { users: [ { user: x|", "authorization.users.[] value user x");
        row("accounts { A { exports: [|] } }", "accounts.A value exports ");
        row("= broken\nport: 4|", " value port 4");
    }
    void a_place_knows_its_block_and_key() {
        QFETCH(QString, text);
        QFETCH(QString, place);
        QCOMPARE(placeText(placeOfBar(text.toStdString())), place);
    }

    void a_file_of_mistakes_is_read_quickly() {
        std::string text;
        for (int i = 0; i < 20'000; ++i) {
            text += "= mistake\n";
        }
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!spansOf(text).empty());
        QVERIFY(timer.elapsed() < 5'000);
    }
};

SIGNALBOX_TEST(ConfigurationTextTest);

}  // namespace signalbox::gui

#include "configuration_text_test.moc"
