#include "engine/base/text.h"
#include "engine/compress/s2_stream.h"

#include "tests/support/run_tests.h"

#include <limits>
#include <random>

namespace signalbox::compress {

namespace {

constexpr std::size_t kAnything = std::numeric_limits<std::size_t>::max();

Result<std::string> read(Bytes stream, std::size_t budget = kAnything, std::size_t step = 1'000) {
    S2Reader reader(budget);
    std::string out;
    while (!stream.empty()) {
        Bytes const piece = stream.substr(0, step);
        stream.remove_prefix(piece.size());
        reader.feed(piece);
        for (;;) {
            Bytes const found = TRY(reader.next());
            if (found.empty()) {
                break;
            }
            out += found;
        }
    }
    return out;
}

/// Lines as servers write them, with some chance in them.
std::string lines(std::size_t size) {
    std::mt19937 random(7);
    std::string out;
    while (out.size() < size) {
        append(out, "RMSG $G orders.", random() % 100, " 16\r\n", random(), " payload\r\n");
    }
    out.resize(size);
    return out;
}

}  // namespace

class S2Test : public QObject {
    Q_OBJECT

private slots:
    void what_is_written_is_read_again() {
        for (std::size_t const size : {0, 1, 5, 63, 64, 70, 1'000, 65'536, 70'000, 1'200'000}) {
            std::string const text = lines(size);
            for (S2Level const level :
                 {S2Level::Uncompressed, S2Level::Fast, S2Level::Better, S2Level::Best}) {
                std::string stream;
                append_s2_stream(stream, text, level);
                QVERIFY(read(stream).value() == text);
            }
        }
    }

    void more_work_makes_less() {
        std::string const text = lines(200'000);
        std::size_t before = text.size();
        for (S2Level const level : {S2Level::Fast, S2Level::Better, S2Level::Best}) {
            std::string stream;
            append_s2_stream(stream, text, level);
            QVERIFY(stream.size() < before);
            before = stream.size();
        }
    }

    // As other servers send it.
    void a_ping_of_another_server() {
        std::string const ping("\xff\x06\x00\x00S2sTwO\x01\x0a\x00\x00\xab\x90\xcc\x24PING\r\n",
                               24);
        QCOMPARE(read(ping).value(), "PING\r\n");
        std::string ours;
        append_s2_stream(ours, "PING\r\n", S2Level::Fast);
        QCOMPARE(ours, ping);
        // Streams follow one another, and padding may stand between.
        std::string const padding("\xfe\x03\x00\x00xyz", 7);
        QCOMPARE(read(concat(ping, padding, ping), kAnything, 3).value(), "PING\r\nPING\r\n");
    }

    // Beyond Snappy: an offset is repeated.
    void repeats_are_read() {
        std::string out;
        // 40 bytes: the literal `abcd`, four bytes from four back, the same offset again for 32.
        std::string const block(
            "\x28\x0c"
            "abcd"
            "\x01\x04"
            "\x15\x00\x18",
            11);
        QVERIFY(read_s2_block(out, block));
        QCOMPARE(out, "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcd");
    }

    void damage_is_told() {
        std::string stream;
        append_s2_stream(stream, lines(5'000), S2Level::Fast);
        for (std::size_t i = 0; i < stream.size(); i += 7) {
            std::string damaged = stream;
            damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
            Result<std::string> const found = read(damaged);
            // A length that grew waits for bytes that never come.
            QVERIFY(!found.ok() || found.value().empty());
        }
        QVERIFY(!read(stream.substr(10)).ok());
        QVERIFY(!read(Bytes("\xff\x06\x00\x00S2sTw!", 10)).ok());
    }

    void the_budget_is_kept() {
        std::string stream;
        append_s2_stream(stream, std::string(2'000'000, 'x'), S2Level::Best);
        QVERIFY(stream.size() < 200'000);
        QCOMPARE(read(stream, 1'500'000).error().code(), Errc::LimitExceeded);
        QVERIFY(read(stream, 2'000'000).ok());
    }
};

SIGNALBOX_TEST(S2Test);

}  // namespace signalbox::compress

#include "s2_test.moc"
