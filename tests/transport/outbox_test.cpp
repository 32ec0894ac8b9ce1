#include "engine/transport/outbox.h"

#include "engine/base/text.h"

#include "tests/support/run_tests.h"

#include <cstring>
#include <random>

namespace signalbox::transport {

namespace {

/// All that is to be sent, as a link would be given it.
std::string content(Outbox const& outbox) {
    std::vector<Bytes> pieces(10'000);
    std::size_t const count = outbox.front(pieces);
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out.append(pieces[i]);
    }
    return out;
}

std::string letters(std::size_t size, std::size_t from) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (from + i) % 26);
    }
    return text;
}

}  // namespace

/// What one connection has still to send.
class OutboxTest : public QObject {
    Q_OBJECT

private slots:
    void an_empty_one_has_nothing_to_send() {
        BlockPool pool;
        Outbox outbox(pool);
        std::array<Bytes, 4> pieces;
        QCOMPARE(outbox.front(pieces), std::size_t{0});
        QCOMPARE(outbox.pending(), std::size_t{0});
        outbox.append("");
        outbox.append(std::make_shared<std::string const>());
        QCOMPARE(outbox.front(pieces), std::size_t{0});
    }

    void small_pieces_are_one_run() {
        BlockPool pool;
        Outbox outbox(pool);
        outbox.append("MSG ");
        outbox.append("a 1");
        std::memcpy(outbox.extend(2), "\r\n", 2);
        std::array<Bytes, 4> pieces;
        QCOMPARE(outbox.front(pieces), std::size_t{1});
        QCOMPARE(pieces[0], Bytes("MSG a 1\r\n"));
    }

    void an_extension_is_never_cut() {
        BlockPool pool;
        Outbox outbox(pool);
        outbox.append(letters(kBlockSize - 10, 0));
        std::string const run = letters(kBlockSize, 3);
        std::memcpy(outbox.extend(run.size()), run.data(), run.size());
        std::array<Bytes, 4> pieces;
        QCOMPARE(outbox.front(pieces), std::size_t{2});
        QVERIFY(pieces[1] == run);
    }

    void shared_bytes_are_not_copied_and_let_go_when_sent() {
        BlockPool pool;
        Outbox one(pool);
        Outbox two(pool);
        auto shared = std::make_shared<std::string const>(letters(20'000, 0));
        std::weak_ptr<std::string const> const watch = shared;
        one.append("head ");
        one.append(shared);
        one.append(" tail");
        two.append(shared);
        std::array<Bytes, 4> pieces;
        QCOMPARE(one.front(pieces), std::size_t{3});
        QVERIFY(pieces[1].data() == shared->data());
        QCOMPARE(pieces[2], Bytes(" tail"));
        shared.reset();
        one.consume(5 + 20'000);
        QCOMPARE(content(one), std::string(" tail"));
        QVERIFY(!watch.expired());
        two.clear();
        QVERIFY(watch.expired());
    }

    void only_so_many_runs_are_given_as_there_is_room_for() {
        BlockPool pool;
        Outbox outbox(pool);
        for (int i = 0; i < 10; ++i) {
            outbox.append(std::make_shared<std::string const>(concat("piece ", i)));
        }
        std::array<Bytes, 3> pieces;
        QCOMPARE(outbox.front(pieces), std::size_t{3});
        QCOMPARE(pieces[2], Bytes("piece 2"));
    }

    // Whatever is appended in whatever way and sent in whatever parts: the same bytes in order.
    void what_comes_out_is_what_went_in_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 20; ++seed) {
            QTest::addRow("seed %llu", seed) << seed;
        }
    }

    void what_comes_out_is_what_went_in() {
        QFETCH(quint64, seed);
        std::mt19937_64 random(seed);
        auto const below = [&](std::size_t bound) {
            return static_cast<std::size_t>(random() % bound);
        };
        BlockPool pool;
        Outbox outbox(pool);
        std::string model;
        std::size_t written = 0;
        for (int step = 0; step < 600; ++step) {
            std::size_t const kind = below(10);
            std::size_t const scale = below(3) == 0 ? 70'000 : 200;
            std::string const bytes = letters(below(scale), written);
            if (kind < 3) {
                outbox.append(bytes);
            } else if (kind < 5 && !bytes.empty() && bytes.size() <= kBlockSize) {
                std::memcpy(outbox.extend(bytes.size()), bytes.data(), bytes.size());
            } else if (kind < 6) {
                outbox.append(std::make_shared<std::string const>(bytes));
            } else if (kind < 9) {
                std::size_t const most = std::min<std::size_t>(model.size(), scale * 3);
                std::size_t const n = below(8) == 0 ? model.size() : below(most + 1);
                outbox.consume(n);
                model.erase(0, n);
                QCOMPARE(outbox.pending(), model.size());
                continue;
            } else {
                if (below(20) == 0) {
                    outbox.clear();
                    model.clear();
                }
                continue;
            }
            model += bytes;
            written += bytes.size();
            QCOMPARE(outbox.pending(), model.size());
            if (step % 10 == 0) {
                QVERIFY(content(outbox) == model);
            }
        }
        QVERIFY(content(outbox) == model);
        outbox.consume(model.size());
        QCOMPARE(content(outbox), std::string());
    }

    void blocks_are_used_again() {
        BlockPool pool;
        Outbox outbox(pool);
        outbox.append("x");
        std::array<Bytes, 1> pieces;
        outbox.front(pieces);
        char const* const block = pieces[0].data();
        outbox.consume(1);
        Outbox other(pool);
        other.append("y");
        other.front(pieces);
        QVERIFY(pieces[0].data() == block);
    }
};
SIGNALBOX_TEST(OutboxTest);

}  // namespace signalbox::transport

#include "outbox_test.moc"
