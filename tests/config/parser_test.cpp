#include "engine/config/parser.h"

#include "engine/base/encoding.h"
#include "engine/base/json_writer.h"
#include "engine/crypto/digest.h"

#include "tests/config/memory_files.h"
#include "tests/support/run_tests.h"

#include <string>

using namespace signalbox;
using namespace signalbox::config;

namespace {

/// A value as a short text that tells its type: 1, 1.0, "a", true, [..], {..}.
std::string shown(Value const& value) {
    if (auto const* integer = value.as<std::int64_t>()) {
        return std::to_string(*integer);
    }
    if (auto const* number = value.as<double>()) {
        return concat("f", *number);
    }
    if (auto const* text = value.as<std::string>()) {
        return base::quoted(*text);
    }
    if (auto const* yes = value.as<bool>()) {
        return *yes ? "true" : "false";
    }
    if (auto const* time = value.as<WallTime>()) {
        return base::rfc3339(*time);
    }
    std::string out;
    if (auto const* array = value.as<Value::Array>()) {
        for (Value const& element : *array) {
            append(out, out.empty() ? "" : " ", shown(element));
        }
        return concat("[", out, "]");
    }
    for (auto const& [key, member] : *value.as<Value::Map>()) {
        append(out, out.empty() ? "" : " ", key, ":", shown(member));
    }
    return concat("{", out, "}");
}

/// The whole map, or the error's text.
std::string parsed(std::string_view text, Environment const& variables = {},
                   std::map<std::string, std::string> files = {}) {
    MemoryFiles reader(std::move(files));
    Result<Document> const document = parse_text(text, "t.conf", reader, variables);
    return document.ok() ? shown(Value(document.value().root, {})) : document.error().detail();
}

}  // namespace

class ParserTest : public QObject {
    Q_OBJECT
private slots:
    // What the installed server answers for the same value; see corpus_test for whole files.
    void a_value_is_read_as_the_reference_reads_it_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        auto const row = [](char const* text, char const* expected) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
        };
        row("1", "1");
        row("-1", "-1");
        row("007", "7");
        row("1k", "1000");
        row("-1k", "-1000");
        row("1K", "1000");
        row("1kb", "1024");
        row("1ki", "1024");
        row("1m30s", "\"1m30s\"");
        row("5k3", "\"5k3\"");
        row("1KiB", "1024");
        row("1m", "1000000");
        row("1mb", "1048576");
        row("1g", "1000000000");
        row("1t", "1000000000000");
        row("1p", "1000000000000000");
        row("1eb", "1152921504606846976");
        row("9223372036854775807", "9223372036854775807");
        row("1ek", "\"1ek\"");
        row("10s", "\"10s\"");
        row("2ms", "\"2ms\"");
        row("0x10", "\"0x10\"");
        row("1_000", "\"1_000\"");
        row("1:2", "\"1:2\"");
        row("1.5", "f1.5");
        row("-1.5", "f-1.5");
        row("127.0.0.1:4222", "\"127.0.0.1:4222\"");
        row("1.2.3.4:-1", "\"1.2.3.4:-1\"");
        row("2016-05-04T18:53:41Z", "2016-05-04T18:53:41Z");
        row("true", "true");
        row("On", "true");
        row("no", "false");
        row("yesno", "\"yesno\"");
        row("\"true\"", "\"true\"");
        row("\"$x\"", "\"$x\"");
        row("$2a$11$abc", "\"$2a$11$abc\"");
        row("'a\\tb'", "\"a\\\\tb\"");
        row("\"a\\tb\\x41\\\"q\\\\\"", "\"a\\tbA\\\"q\\\\\"");
        row("a\\x41b", "\"aAb\"");
        row("\"multi\nline\"", "\"multi\\nline\"");
        row("(\nfoo)\n bar\n)", "\"\\nfoo)\\n bar\\n\"");
        row("a#b", "\"a#b\"");
        row("#c", "\"#c\"");
        row("a //b", "\"a\"");
        row("a=b:c{d", "\"a=b:c{d\"");
        row("http://x:3/y", "\"http://x:3/y\"");
        row("foo.*.>", "\"foo.*.>\"");
        row("[]", "[]");
        row("[a,]", "[\"a\"]");
        row("[a\nb]", "[\"a\" \"b\"]");
        row("[a # x\n // y\n b]", "[\"a\" \"b\"]");
        row("[[a],[b]]", "[[\"a\"] [\"b\"]]");
        row("[1, 2]", "[1 2]");
        row("[10ms, 5m]", "[\"10ms\" \"5m\"]");
        row("[{a b},{c d}]", "[{a:\"b\"} {c:\"d\"}]");
        row("{a:b,c:d;e f\ng = h}", "{a:\"b\" c:\"d\" e:\"f\" g:\"h\"}");
        row("{a\n\n1}", "{a:1}");
        row("{a:\n1}", "{a:1}");
        row("{}", "{}");
    }
    void a_value_is_read_as_the_reference_reads_it() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(parsed(concat("o {\n v: ", text.toStdString(), "\n}\n")),
                 concat("{o:{v:", expected.toStdString(), "}}"));
    }

    void a_fault_is_told_in_the_references_words_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        auto const row = [](char const* text, char const* expected) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
        };
        row("a 1 { b 2 }",
            "Parse error on line 1: 'Expected a top-level value to end with a new line, comment or "
            "EOF, but got '{' instead.'");
        row("a: \"b\" \"c\"",
            "Parse error on line 1: 'Expected a top-level value to end with a new line, comment or "
            "EOF, but got '\"' instead.'");
        row("o {\n a: b c\n}",
            "Parse error on line 2: 'Expected a map value terminator \",\" or a map terminator "
            "\"}\", but got 'c' instead.'");
        row("a: [b c]",
            "Parse error on line 1: 'Expected an array value terminator \",\" or an array "
            "terminator \"]\", but got 'c' instead.'");
        row("a: [b,,c]", "Parse error on line 1: 'Unexpected array value terminator ','.'");
        row("a: [b\n,c]", "Parse error on line 2: 'Unexpected array value terminator ','.'");
        row("o {\n a: -\n}\n", "Parse error on line 3: 'Expected a digit but got '\\n'.'");
        row("a: -x", "Parse error on line 1: 'Expected a digit but got 'x'.'");
        row("a: .5", "Parse error on line 1: 'Floats must start with a digit'");
        row("o {\n a: 1.\n}\n",
            "Parse error on line 3: 'Floats must have a digit after the '.', but got '\\n' "
            "instead.'");
        row("a: 12-34", "Parse error on line 1: 'All ISO8601 dates must be in full Zulu form.'");
        row("a: 2016-13-45T18:53:41Z",
            "expected Zulu formatted DateTime, but got '2016-13-45T18:53:41Z'");
        row("a: \"x\\qy\"",
            "Parse error on line 1: 'Invalid escape character 'q'. Only the following escape "
            "characters are allowed: \\xXX, \\t, \\n, \\r, \\\", \\\\.'");
        row("a: \"x\\x4\"",
            "Parse error on line 1: 'Expected two hexadecimal digits after '\\x', but got '4''");
        row("a {\n b: \"x\n}\n", "Parse error on line 4: 'Unexpected EOF.'");
        row("a {\n b: (x)\n}\n", "Parse error on line 4: 'Unexpected EOF processing block.'");
        row("a {\n", "Parse error on line 2: 'Unexpected EOF processing map.'");
        row("a:\n1\n", "Parse error on line 2: 'Expected value but found new line'");
        row("= 1", "Parse error on line 1: 'Unexpected key separator '=''");
        row("include\nx", "Parse error on line 2: 'Expected include value but found new line'");
        row("include x", "error parsing include file 'x', open x: no such file or directory");
        row("a: 9223372036854775808", "integer '9223372036854775808' is out of the range");
        row("a: 99999999999g", "integer '99999999999g' is out of the range");
        row("a: $x\nx: 1", "variable reference for 'x' on line 1 can not be found");
        row("o { x: 1 }\na: $x", "variable reference for 'x' on line 2 can not be found");
        row("a: 1\nb", "config is invalid (t.conf:2:1)");
        row("a:", "config is invalid (t.conf:1:0)");
    }
    void a_fault_is_told_in_the_references_words() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(parsed(text.toStdString()), expected.toStdString());
    }

    void a_whole_file_is_a_map() {
        QCOMPARE(parsed(""), std::string("{}"));
        QCOMPARE(parsed("# only\n// comments\n"), std::string("{}"));
        QCOMPARE(parsed("a 1, b=2; c: 3 # x\r\n'd e' 4\n"), std::string("{a:1 b:2 c:3 d e:4}"));
        QCOMPARE(parsed("{\"a\": 1, \"b\": {\"c\": [1, 2.5, true]}}"),
                 std::string("{a:1 b:{c:[1 f2.5 true]}}"));
        QCOMPARE(parsed("a: b\na: c\n"), std::string("{a:\"c\"}"));
        QCOMPARE(parsed("\xef\xbb\xbf"
                        "a 1"),
                 std::string("{a:1}"));
        QCOMPARE(parsed("foo{ 1"), std::string("{foo{:1}"));
    }

    void variables_come_from_outer_maps_and_then_the_environment() {
        Environment const env = {{"N", "10"}, {"S", "\"a b\""}, {"R", "$N"},    {"E", "\"x"},
                                 {"L", "$M"}, {"M", "$L"},      {"T", "1\nq=2"}};
        QCOMPARE(parsed("x: 1\no { y: $x, x: 2, z: $x }", env),
                 std::string("{o:{x:2 y:1 z:2} x:1}"));
        QCOMPARE(parsed("a: $N\nb: $S\nc: [$R]", env), std::string("{a:10 b:\"a b\" c:[10]}"));
        QCOMPARE(parsed("a: $E", env),
                 std::string("variable reference for 'E' on line 1 could not be parsed: Parse "
                             "error on line 1: 'Unexpected EOF.'"));
        QVERIFY(parsed("a: $L", env).find("refers to itself") != std::string::npos);
        QVERIFY(parsed("a: $T", env).find("not one value") != std::string::npos);
    }

    void includes_have_an_end() {
        std::map<std::string, std::string> files;
        for (int i = 0; i < 12; ++i) {
            files[concat("f", i)] = concat("include f", i + 1);
        }
        QVERIFY(parsed("include f0", {}, files).find("more than 10 files deep") !=
                std::string::npos);
        files["ping"] = "include pong";
        files["pong"] = "include ping";
        QVERIFY(parsed("include ping", {}, files).find("which includes itself") !=
                std::string::npos);
        // A few bytes could ask for many: all files together have a limit.
        files["large"] = "# " + std::string(3U << 20U, 'x') + "\n";
        std::string many;
        for (int i = 0; i < 6; ++i) {
            many += "include large\n";
        }
        QVERIFY(parsed(many, {}, files).find("larger than 16 MiB") != std::string::npos);
    }

    void includes_stay_in_the_configurations_folder() {
        std::map<std::string, std::string> const files = {
            {"../up.conf", "port: 7"}, {"sub/b.conf", "include ../c.conf"}, {"c.conf", "port: 8"}};
        std::string const outside = "outside the folder of the configuration";
        QVERIFY(parsed("include ../up.conf", {}, files).find(outside) != std::string::npos);
        QVERIFY(parsed("include sub/../../up.conf", {}, files).find(outside) != std::string::npos);
        QCOMPARE(parsed("include sub/b.conf", {}, files), std::string("{port:8}"));
        QVERIFY(parsed("signalbox { includes_anywhere: false }\ninclude ../up.conf", {}, files)
                    .find(outside) != std::string::npos);
        QCOMPARE(parsed("SignalBox { Includes_Anywhere: yes }\ninclude ../up.conf", {}, files),
                 std::string("{SignalBox:{Includes_Anywhere:true} port:7}"));
    }

    void includes_are_merged_where_they_stand() {
        std::map<std::string, std::string> const files = {{"sub/b.conf", "x: 2\ninclude 'c.conf'"},
                                                          {"sub/c.conf", "y: 3"},
                                                          {"d.conf", "z: 4"},
                                                          {"loop.conf", "include loop.conf"},
                                                          {"bad.conf", "a: [b c]"}};
        QCOMPARE(
            parsed("x: 1\ninclude ./sub/b.conf\no { include \"sub/../d.conf\" }\nw: $y", {}, files),
            std::string("{o:{z:4} w:3 x:2 y:3}"));
        QCOMPARE(parsed("include: d.conf", {}, files), std::string("{include:\"d.conf\"}"));
        QVERIFY(parsed("include loop.conf", {}, files).find("which includes itself") !=
                std::string::npos);
        QVERIFY(parsed("include bad.conf", {}, files)
                    .starts_with("error parsing include file 'bad.conf', Parse error on line 1"));
    }

    void a_value_knows_where_its_key_stands() {
        MemoryFiles files;
        auto const document = parse_text("a 1\n b { \"c\": [x\ny] }", "t.conf", files, {}).value();
        QCOMPARE(document.root.at("a").position().text(), std::string("t.conf:1:0"));
        Value const& b = document.root.at("b");
        QCOMPARE(b.position().text(), std::string("t.conf:2:2"));
        Value const& c = b.as<Value::Map>()->at("c");
        QCOMPARE(c.position().text(), std::string("t.conf:2:7"));
        QCOMPARE(c.as<Value::Array>()->at(1).position().text(), std::string("t.conf:3:1"));
    }

    void nesting_and_copies_are_bounded() {
        std::string deep;
        for (int i = 0; i < 40; ++i) {
            deep += "a { ";
        }
        QCOMPARE(parsed(deep), std::string("Parse error on line 1: 'Too many levels.'"));
        std::string bomb = "v0: \"0123456789\"\n";
        for (int i = 1; i < 30; ++i) {
            append(bomb, "v", i, ": [$v", i - 1, ", $v", i - 1, "]\n");
        }
        QCOMPARE(parsed(bomb), std::string("variables copy more than 64 MiB"));
    }

    // Sorted keys, no blanks, `<` as the reference's writer has it, a new line at the end; what
    // served as a variable is in it.
    void the_digest_is_of_the_json_of_the_map() {
        MemoryFiles files;
        auto const digest = [&](std::string_view text) {
            return parse_text(text, "t.conf", files, {}).value().digest;
        };
        std::string const json = "{\"a\":\"\\u003cx\",\"b\":{\"c\":[1,true,1.5]},\"p\":1}\n";
        QCOMPARE(digest("p: 1\nb { c: [$p, on, 1.5] }\na: <x\n"),
                 concat("sha256:", base::to_hex(crypto::sha256(json))));
        QCOMPARE(digest("a: 1 # x"), digest("a = 1"));
        QVERIFY(digest("a: 1") != digest("a: 2"));
    }
};
SIGNALBOX_TEST(ParserTest);

#include "parser_test.moc"
