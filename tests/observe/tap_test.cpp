#include "engine/observe/tap.h"

#include "tests/support/run_tests.h"

namespace signalbox {

using observe::Tap;
using observe::TapCounters;
using observe::TapFilter;
using observe::TapMessage;
using observe::TapRing;
using observe::TapRow;

namespace {

TapMessage message() {
    return {.account = "$G",
            .cid = 7,
            .subject = "orders.eu.created",
            .reply = "_INBOX.x",
            .headers = "NATS/1.0\r\nX-Env: test\r\n\r\n",
            .payload = "0123456789",
            .recipients = 3};
}

/// Whether a tap takes the message above.
bool takes(TapFilter filter) {
    TapRing ring(8);
    TapCounters counters;
    Tap tap(std::move(filter), ring, counters);
    tap.offer(message(), WallTime(), Instant());
    return ring.front() != nullptr;
}

}  // namespace

class TapTest : public QObject {
    Q_OBJECT

private slots:
    void a_row_says_what_was_published() {
        TapRing ring(8);
        TapCounters counters;
        Tap tap({.head_bytes = 4}, ring, counters);
        tap.offer(message(), WallTime(base::seconds(9)), Instant());
        TapRow const* row = ring.front();
        QVERIFY(row != nullptr);
        QCOMPARE(row->number, 1U);
        QVERIFY(row->time == WallTime(base::seconds(9)));
        QCOMPARE(row->account, std::string("$G"));
        QCOMPARE(row->cid, 7U);
        QCOMPARE(row->subject, std::string("orders.eu.created"));
        QCOMPARE(row->reply, std::string("_INBOX.x"));
        QCOMPARE(row->headers, std::string("NATS"));
        QCOMPARE(row->payload, std::string("0123"));
        QCOMPARE(row->header_bytes, message().headers.size());
        QCOMPARE(row->payload_bytes, 10U);
        QCOMPARE(row->recipients, 3U);
    }

    void every_part_of_a_filter_is_asked_data() {
        QTest::addColumn<int>("part");
        QTest::addColumn<bool>("taken");
        char const* const names[] = {
            "nothing",      "subject",       "other subject", "no subject",
            "account",      "other account", "connection",    "other connection",
            "large enough", "too small",     "small enough",  "too large",
            "header",       "other header",  "payload",       "other payload"};
        for (int i = 0; i < 16; ++i) {
            bool const other = i == 2 || i == 3 || (i > 3 && i % 2 == 1);
            QTest::newRow(names[i]) << i << !other;
        }
    }
    void every_part_of_a_filter_is_asked() {
        QFETCH(int, part);
        QFETCH(bool, taken);
        std::uint64_t const size = message().headers.size() + message().payload.size();
        TapFilter const filters[] = {{},
                                     {.subject = "orders.*.created"},
                                     {.subject = "orders.*"},
                                     {.subject = "orders..x"},
                                     {.account = "$G"},
                                     {.account = "$SYS"},
                                     {.connection = 7},
                                     {.connection = 8},
                                     {.min_bytes = size},
                                     {.min_bytes = size + 1},
                                     {.max_bytes = size},
                                     {.max_bytes = size - 1},
                                     {.header_contains = "X-Env: test"},
                                     {.header_contains = "X-Env: live"},
                                     {.payload_contains = "456"},
                                     {.payload_contains = "465"}};
        QCOMPARE(takes(filters[part]), taken);
    }

    void a_subject_with_an_id_is_judged_as_its_text() {
        TapRing ring(64);
        TapCounters counters;
        Tap tap({.subject = "orders.*", .account = "A"}, ring, counters);
        for (int round = 0; round < 3; ++round) {
            tap.offer({.account = "A", .subject = "orders.eu", .subject_id = 1}, WallTime(),
                      Instant());
            tap.offer({.account = "A", .subject = "stock", .subject_id = 900}, WallTime(),
                      Instant());
            tap.offer({.account = "B", .subject = "orders.eu", .subject_id = 3}, WallTime(),
                      Instant());
            tap.offer({.account = "A", .subject = "orders.us"}, WallTime(), Instant());
        }
        QCOMPARE(counters.matched.get(), 6U);
    }

    void sampling_takes_one_of_so_many_and_counts_the_rest() {
        TapRing ring(64);
        TapCounters counters;
        Tap tap({.sample = 4}, ring, counters);
        for (int i = 0; i < 100; ++i) {
            tap.offer(message(), WallTime(), Instant());
        }
        int rows = 0;
        for (; TapRow const* row = ring.front(); ++rows) {
            QCOMPARE(row->number % 4, 1U);
            ring.pop();
        }
        QCOMPARE(rows, 25);
        QCOMPARE(counters.matched.get(), 100U);
        QCOMPARE(counters.sampled_out.get(), 75U);
        QCOMPARE(counters.dropped.get(), 0U);
    }

    void rows_are_bounded_for_each_second() {
        TapRing ring(1024);
        TapCounters counters;
        Tap tap({.rows_per_second = 10}, ring, counters);
        Instant now(base::seconds(100));
        // The first second may use what was saved, and what comes meanwhile.
        for (int i = 0; i < 1'000; ++i) {
            tap.offer(message(), WallTime(), now + base::milliseconds(i));
        }
        std::uint64_t const first = counters.matched.get() - counters.sampled_out.get();
        QVERIFY(first >= 10 && first <= 20);
        for (int i = 1'000; i < 11'000; ++i) {
            tap.offer(message(), WallTime(), now + base::milliseconds(i));
        }
        std::uint64_t const all = counters.matched.get() - counters.sampled_out.get();
        QVERIFY(all - first >= 99 && all - first <= 101);
        QCOMPARE(counters.dropped.get(), 0U);
    }

    void what_finds_no_room_is_counted() {
        TapRing ring(4);
        TapCounters counters;
        Tap tap({}, ring, counters);
        for (int i = 0; i < 10; ++i) {
            tap.offer(message(), WallTime(), Instant());
        }
        QCOMPARE(counters.matched.get(), 10U);
        QCOMPARE(counters.dropped.get(), 6U);
    }

    void a_new_tap_counts_from_one() {
        TapRing ring(8);
        TapCounters counters;
        { Tap(TapFilter{}, ring, counters).offer(message(), WallTime(), Instant()); }
        ring.front();
        ring.pop();
        Tap tap({}, ring, counters);
        tap.offer(message(), WallTime(), Instant());
        QCOMPARE(counters.matched.get(), 1U);
        QCOMPARE(ring.front()->number, 1U);
    }
};

SIGNALBOX_TEST(TapTest);

}  // namespace signalbox

#include "tap_test.moc"
