#include "engine/base/json_reader.h"
#include "engine/base/json_writer.h"
#include "engine/base/number.h"

#include "tests/support/run_tests.h"

#include <limits>

namespace signalbox {

namespace {

Json read(std::string_view text) {
    auto json = Json::parse(text);
    return json.ok() ? json.value() : Json();
}

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

class JsonReaderTest : public QObject {
    Q_OBJECT

private slots:
    void every_kind_of_value_is_read() {
        Json const json =
            read(R"({"t":"text","y":true,"n":null,"i":-7,"f":1.5,"a":[1,"2"],"o":{"k":1}})");
        QCOMPARE(*json.find("t")->as_text(), std::string("text"));
        QCOMPARE(*json.find("y")->as_bool(), true);
        QVERIFY(json.find("n")->is_null());
        QVERIFY(json.find("i")->as_int() == -7);
        QVERIFY(json.find("f")->as_double() == 1.5);
        QCOMPARE(json.find("a")->as_array()->size(), std::size_t{2});
        QVERIFY(json.find("o")->find("k")->as_int() == 1);
        QVERIFY(json.find("absent") == nullptr);
        QVERIFY(json.find("t")->find("k") == nullptr);
    }

    void a_value_is_only_of_its_own_kind() {
        Json const json = read(R"({"t":"1","i":1})");
        QVERIFY(!json.find("t")->as_int());
        QVERIFY(json.find("i")->as_text() == nullptr);
        QVERIFY(json.find("i")->as_bool() == nullptr);
        QVERIFY(json.find("i")->as_array() == nullptr);
        QVERIFY(json.as_array() == nullptr);
    }

    void integers_keep_their_digits_and_fractions_are_none() {
        QVERIFY(read("9223372036854775807").as_int() == std::numeric_limits<std::int64_t>::max());
        QVERIFY(!read("9223372036854775808").as_int());
        QVERIFY(read("9223372036854775808").as_double() == 9223372036854775808.0);
        QVERIFY(!read("1.5").as_int());
        QVERIFY(read("3").as_double() == 3.0);
    }

    void of_equal_keys_the_last_counts() {
        QVERIFY(read(R"({"a":1,"a":2})").find("a")->as_int() == 2);
    }

    void keys_are_found_in_any_case_an_exact_one_first() {
        QVERIFY(read(R"({"Verbose":1})").find("verbose")->as_int() == 1);
        QVERIFY(read(R"({"VERBOSE":1,"Verbose":2})").find("verbose")->as_int() == 2);
        QVERIFY(read(R"({"verbose":1,"VERBOSE":2})").find("verbose")->as_int() == 1);
        QVERIFY(read(R"({"VERBOSE":2,"verbose":1})").find("verbose")->as_int() == 1);
    }

    void text_that_is_not_utf8_is_repaired() {
        QCOMPARE(*read("\"a\xff z\"").as_text(), std::string("a\xef\xbf\xbd z"));
    }

    void escapes_are_undone() {
        QCOMPARE(*read("\"\\u00e4\\n\\\"\\ud83d\\ude00\"").as_text(),
                 std::string("\xc3\xa4\n\"\xf0\x9f\x98\x80"));
    }

    void what_is_no_json_is_malformed() {
        for (char const* const text :
             {"", "{", "{\"a\":}", "[1,]", "nul", "{'a':1}", "\"a", "1 2", "{\"a\" 1}"}) {
            auto const json = Json::parse(text);
            QVERIFY2(!json.ok(), text);
            QVERIFY(json.error().code() == Errc::Malformed);
        }
    }

    void depth_has_a_limit() {
        QVERIFY(Json::parse(nested(Json::kMaxDepth - 1)).ok());
        auto const deep = Json::parse(nested(1'000));
        QVERIFY(!deep.ok());
        QVERIFY(deep.error().code() == Errc::LimitExceeded);
    }
};
SIGNALBOX_TEST(JsonReaderTest);

class JsonWriterTest : public QObject {
    Q_OBJECT

private slots:
    void compact_stands_on_one_line() {
        JsonWriter json;
        json.begin_object().field("a", 1).key("b").begin_array().value("x").value(true).null();
        json.end_array().key("o").begin_object().end_object().end_object();
        QCOMPARE(json.text(), std::string(R"({"a":1,"b":["x",true,null],"o":{}})"));
    }

    void indented_has_a_line_for_each_value() {
        JsonWriter json(2);
        json.begin_object().field("a", 1).key("b").begin_array().value(1).value(2).end_array();
        json.key("e").begin_array().end_array().end_object();
        QCOMPARE(json.text(),
                 std::string("{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ],\n  \"e\": []\n}"));
    }

    void what_a_page_could_run_is_escaped() {
        JsonWriter json;
        json.value("<&>\"\\\n\r\t\x01\xff\xe2\x80\xa8\xc3\xa4");
        QCOMPARE(json.text(),
                 std::string("\"\\u003c\\u0026\\u003e\\\"\\\\\\n\\r\\t\\u0001\\ufffd\\u2028"
                             "\xc3\xa4\""));
    }

    void empty_fields_can_be_left_out() {
        JsonWriter json;
        json.begin_object()
            .field_unless_empty("zero", 0)
            .field_unless_empty("no", false)
            .field_unless_empty("none", std::string())
            .field_unless_empty("one", 1)
            .end_object();
        QCOMPARE(json.text(), std::string(R"({"one":1})"));
    }

    void numbers_are_written_without_loss() {
        JsonWriter json;
        json.begin_array()
            .value(std::numeric_limits<std::uint64_t>::max())
            .value(std::numeric_limits<std::int64_t>::min())
            .value(0.1)
            .value(std::numeric_limits<double>::infinity())
            .end_array();
        QCOMPARE(json.text(), std::string("[18446744073709551615,-9223372036854775808,0.1,0]"));
    }

    // As the reference writes them: with an exponent only where zeros would outnumber digits.
    void fractions_have_an_exponent_only_when_very_large_or_small() {
        JsonWriter json;
        json.begin_array().value(100'000.0).value(12'500'000.0).value(1e20).value(1e21);
        json.value(0.000001).value(0.0000001).value(0.0).end_array();
        QCOMPARE(json.text(),
                 std::string("[100000,12500000,100000000000000000000,1e+21,0.000001,1e-7,0]"));
    }

    void what_is_written_reads_back() {
        std::string every_byte;
        for (int i = 0; i < 128; ++i) {
            every_byte += static_cast<char>(i);
        }
        JsonWriter json(4);
        json.begin_object().field("text", every_byte).field("time", WallTime(base::seconds(1)));
        json.end_object();
        auto const back = Json::parse(json.text());
        QVERIFY(back.ok());
        QCOMPARE(*back.value().find("text")->as_text(), every_byte);
        QCOMPARE(*back.value().find("time")->as_text(), std::string("1970-01-01T00:00:01Z"));
    }
};
SIGNALBOX_TEST(JsonWriterTest);

}  // namespace signalbox

#include "json_test.moc"
