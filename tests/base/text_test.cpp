#include "engine/base/text.h"

#include "engine/base/number.h"
#include "engine/base/utf8.h"

#include "tests/support/run_tests.h"

#include <limits>

namespace signalbox {

class TextTest : public QObject {
    Q_OBJECT

private slots:
    void parts_of_any_kind_make_one_text() {
        QCOMPARE(concat("a", std::string("b"), 'c', 7, std::uint64_t{18446744073709551615U}, true,
                        -3, 0.5),
                 std::string("abc718446744073709551615true-30.5"));
    }

    void case_counts_for_ascii_letters_only() {
        QCOMPARE(base::to_lower("AbC-\xc3\x84"), std::string("abc-\xc3\x84"));
        QVERIFY(base::equal_ignoring_case("Nats-Msg-Id", "NATS-MSG-ID"));
        QVERIFY(!base::equal_ignoring_case("\xc3\x84", "\xc3\xa4"));
        QVERIFY(!base::equal_ignoring_case("a", "ab"));
    }

    void blanks_are_trimmed_at_the_ends_alone() {
        QCOMPARE(base::trim(" \t a b\r\n"), std::string_view("a b"));
        QCOMPARE(base::trim(" \r\n\t"), std::string_view());
        QCOMPARE(base::trim(""), std::string_view());
    }

    void splitting_keeps_empty_parts() {
        using Parts = std::vector<std::string_view>;
        QCOMPARE(base::split("a..b.", '.'), (Parts{"a", "", "b", ""}));
        QCOMPARE(base::split("", '.'), Parts{""});
    }

    void joining_undoes_splitting() {
        QCOMPARE(base::join({"a", "", "b"}, ", "), std::string("a, , b"));
        QCOMPARE(base::join({}, ", "), std::string());
    }

    void what_is_quoted_can_be_seen() {
        QCOMPARE(base::quoted("a\"b\\\n\x01\x7f\xff\xc3\xa4"),
                 std::string("\"a\\\"b\\\\\\n\\x01\\x7f\\xff\xc3\xa4\""));
    }

    void what_is_cut_says_so() {
        QCOMPARE(base::cut("abcdef", 3), std::string("abc..."));
        QCOMPARE(base::cut("abc", 3), std::string("abc"));
    }

    void edit_distance_counts_single_edits_data() {
        QTest::addColumn<QByteArray>("a");
        QTest::addColumn<QByteArray>("b");
        QTest::addColumn<int>("distance");
        QTest::newRow("equal") << QByteArray("port") << QByteArray("port") << 0;
        QTest::newRow("one more") << QByteArray("port") << QByteArray("ports") << 1;
        QTest::newRow("one other") << QByteArray("port") << QByteArray("part") << 1;
        QTest::newRow("swapped") << QByteArray("port") << QByteArray("prot") << 2;
        QTest::newRow("nothing") << QByteArray("") << QByteArray("abc") << 3;
        QTest::newRow("classic") << QByteArray("kitten") << QByteArray("sitting") << 3;
    }
    void edit_distance_counts_single_edits() {
        QFETCH(QByteArray, a);
        QFETCH(QByteArray, b);
        QFETCH(int, distance);
        auto const expected = static_cast<std::size_t>(distance);
        QCOMPARE(base::edit_distance(a.toStdString(), b.toStdString()), expected);
        QCOMPARE(base::edit_distance(b.toStdString(), a.toStdString()), expected);
    }
};
SIGNALBOX_TEST(TextTest);

class NumberTest : public QObject {
    Q_OBJECT

private slots:
    void the_whole_text_must_be_the_number() {
        QVERIFY(base::parse_int("-42") == -42);
        QVERIFY(base::parse_uint("42") == 42U);
        for (char const* const text : {"", " 1", "1 ", "1x", "0x10", "+1", "--1", "1.0"}) {
            QVERIFY2(!base::parse_int(text), text);
            QVERIFY2(!base::parse_uint(text), text);
        }
        QVERIFY(!base::parse_uint("-1"));
    }

    void what_does_not_fit_is_no_number() {
        QVERIFY(base::parse_int("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
        QVERIFY(!base::parse_int("9223372036854775808"));
        QVERIFY(base::parse_uint("18446744073709551615") ==
                std::numeric_limits<std::uint64_t>::max());
        QVERIFY(!base::parse_uint("18446744073709551616"));
    }

    void fractions_have_no_names() {
        QVERIFY(base::parse_double("1.5") == 1.5);
        QVERIFY(base::parse_double("-2e3") == -2000.0);
        for (char const* const text : {"inf", "nan", "", "1.5.2", "0x1p3", "1.5 "}) {
            QVERIFY2(!base::parse_double(text), text);
        }
    }

    void decimals_fit_in_twenty_bytes() {
        char out[20];
        char* const end = base::write_decimal(out, std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(std::string_view(out, static_cast<std::size_t>(end - out)),
                 std::string_view("18446744073709551615"));
        QCOMPARE(base::write_decimal(out, 0) - out, 1);
        QCOMPARE(out[0], '0');
    }

    void the_shortest_text_reads_back_as_the_same_number() {
        for (double const value : {0.1, 1.0 / 3, 1e300, -2.5, 123456.789, 5e-324}) {
            QVERIFY(base::parse_double(base::shortest(value)) == value);
        }
        QCOMPARE(base::shortest(0.1), std::string("0.1"));
    }
};
SIGNALBOX_TEST(NumberTest);

class Utf8Test : public QObject {
    Q_OBJECT

private slots:
    // RFC 3629, 4: what is a character, and what only looks like one.
    void only_well_formed_characters_have_a_length_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("length");
        QTest::newRow("nothing") << QByteArray("") << 0;
        QTest::newRow("NUL") << QByteArray("\0", 1) << 1;
        QTest::newRow("last of one byte") << QByteArray("\x7f") << 1;
        QTest::newRow("first of two") << QByteArray("\xc2\x80") << 2;
        QTest::newRow("last of two") << QByteArray("\xdf\xbf") << 2;
        QTest::newRow("first of three") << QByteArray("\xe0\xa0\x80") << 3;
        QTest::newRow("before the surrogates") << QByteArray("\xed\x9f\xbf") << 3;
        QTest::newRow("after the surrogates") << QByteArray("\xee\x80\x80") << 3;
        QTest::newRow("first of four") << QByteArray("\xf0\x90\x80\x80") << 4;
        QTest::newRow("the last") << QByteArray("\xf4\x8f\xbf\xbf") << 4;
        QTest::newRow("no first byte") << QByteArray("\x80") << 0;
        QTest::newRow("overlong of two") << QByteArray("\xc1\xbf") << 0;
        QTest::newRow("overlong of three") << QByteArray("\xe0\x9f\xbf") << 0;
        QTest::newRow("overlong of four") << QByteArray("\xf0\x8f\xbf\xbf") << 0;
        QTest::newRow("a surrogate") << QByteArray("\xed\xa0\x80") << 0;
        QTest::newRow("past the last") << QByteArray("\xf4\x90\x80\x80") << 0;
        QTest::newRow("cut") << QByteArray("\xe2\x82") << 0;
        QTest::newRow("interrupted") << QByteArray("\xe2\x82x") << 0;
    }
    void only_well_formed_characters_have_a_length() {
        QFETCH(QByteArray, text);
        QFETCH(int, length);
        QCOMPARE(base::utf8_length(text.toStdString()), static_cast<std::size_t>(length));
    }

    void each_foreign_byte_becomes_one_replacement() {
        QCOMPARE(base::repaired_utf8("a\xff\xe2\x82z\xc3\xa4"),
                 std::string("a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xc3\xa4"));
        QCOMPARE(base::repaired_utf8(""), std::string());
    }

    void what_was_repaired_needs_no_repair() {
        std::string bytes;
        for (int i = 0; i < 5'000; ++i) {
            bytes += static_cast<char>((i * 7919 + i / 3) % 256);
        }
        std::string const once = base::repaired_utf8(bytes);
        QCOMPARE(base::repaired_utf8(once), once);
    }
};
SIGNALBOX_TEST(Utf8Test);

}  // namespace signalbox

#include "text_test.moc"
