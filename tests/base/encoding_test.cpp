#include "engine/base/encoding.h"

#include "engine/base/hash.h"

#include "tests/support/run_tests.h"

#include <set>

namespace signalbox {

namespace {

std::string all_bytes(std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) {
        bytes += static_cast<char>(i * 37 % 256);
    }
    return bytes;
}

}  // namespace

class EncodingTest : public QObject {
    Q_OBJECT

private slots:
    // RFC 4648, 10.
    void the_vectors_of_the_standard_hold_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("base64");
        QTest::addColumn<QByteArray>("base32");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("none") << QByteArray("") << QByteArray("") << QByteArray("")
                              << QByteArray("");
        QTest::newRow("1") << QByteArray("f") << QByteArray("Zg==") << QByteArray("MY")
                           << QByteArray("66");
        QTest::newRow("2") << QByteArray("fo") << QByteArray("Zm8=") << QByteArray("MZXQ")
                           << QByteArray("666f");
        QTest::newRow("3") << QByteArray("foo") << QByteArray("Zm9v") << QByteArray("MZXW6")
                           << QByteArray("666f6f");
        QTest::newRow("6") << QByteArray("foobar") << QByteArray("Zm9vYmFy")
                           << QByteArray("MZXW6YTBOI") << QByteArray("666f6f626172");
    }
    void the_vectors_of_the_standard_hold() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, base64);
        QFETCH(QByteArray, base32);
        QFETCH(QByteArray, hex);
        QCOMPARE(base::to_base64(text.toStdString()), base64.toStdString());
        QCOMPARE(base::to_base32(text.toStdString()), base32.toStdString());
        QCOMPARE(base::to_hex(text.toStdString()), hex.toStdString());
    }

    void any_bytes_come_back() {
        for (std::size_t size = 0; size < 300; ++size) {
            std::string const bytes = all_bytes(size);
            QCOMPARE(base::from_base64(base::to_base64(bytes)).value(), bytes);
            QCOMPARE(base::from_base64(base::to_base64_url(bytes)).value(), bytes);
            QCOMPARE(base::from_base32(base::to_base32(bytes)).value(), bytes);
        }
    }

    void the_url_alphabet_has_neither_plus_nor_slash_nor_padding() {
        QCOMPARE(base::to_base64_url("\xfb\xff\xfe"), std::string("-__-"));
        QCOMPARE(base::to_base64("\xfb\xff\xfe"), std::string("+//+"));
        QCOMPARE(base::to_base64_url("f"), std::string("Zg"));
    }

    void foreign_digits_and_cut_text_are_malformed() {
        for (char const* const text : {"a b=", "%%%%", "a", "aaaaa"}) {
            auto const bytes = base::from_base64(text);
            QVERIFY2(!bytes.ok(), text);
            QVERIFY(bytes.error().code() == Errc::Malformed);
        }
        for (char const* const text : {"my", "M1", "A"}) {
            QVERIFY2(!base::from_base32(text).ok(), text);
        }
    }

    void crc16_has_the_check_value_of_its_kind() {
        QCOMPARE(base::crc16("123456789"), std::uint16_t{0x31c3});
        QCOMPARE(base::crc16(""), std::uint16_t{0});
    }
};
SIGNALBOX_TEST(EncodingTest);

class HashTest : public QObject {
    Q_OBJECT

private slots:
    void equal_text_has_equal_hashes_and_other_text_others() {
        std::set<std::uint64_t> seen;
        for (int i = 0; i < 100'000; ++i) {
            seen.insert(base::hash_of("subject." + std::to_string(i)));
        }
        QCOMPARE(seen.size(), std::size_t{100'000});
        QCOMPARE(base::hash_of("a"), base::hash_of(std::string("a")));
    }

    void a_seed_makes_another_function() {
        QVERIFY(base::hash_of("a", 1) != base::hash_of("a", 2));
        QCOMPARE(base::hash_of("a", 7), base::hash_of("a", 7));
    }

    void low_bits_alone_spread_well() {
        std::array<int, 256> buckets{};
        for (int i = 0; i < 256 * 100; ++i) {
            ++buckets[base::hash_of(std::to_string(i)) & 255];
        }
        auto const [least, most] = std::ranges::minmax(buckets);
        QVERIFY(least > 50 && most < 160);
    }
};
SIGNALBOX_TEST(HashTest);

}  // namespace signalbox

#include "encoding_test.moc"
