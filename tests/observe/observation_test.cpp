#include "engine/observe/observation.h"

#include "tests/support/run_tests.h"

namespace signalbox {

using observe::ConnectionIdentity;
using observe::ConnectionIdentityPtr;
using observe::ConnectionSlots;
using observe::EventKind;
using observe::EventRow;
using observe::Observation;
using observe::Watch;

namespace {

ConnectionIdentityPtr identity(std::uint64_t cid, std::uint32_t slot) {
    ConnectionIdentity one;
    one.cid = cid;
    one.slot = slot;
    return std::make_shared<ConnectionIdentity const>(one);
}

/// The oldest row of a ring, or none where nothing was put or nobody watches.
template <class Ring>
auto* first_row(Ring* ring) {
    return ring == nullptr ? nullptr : ring->front();
}

}  // namespace

class ObservationTest : public QObject {
    Q_OBJECT

private slots:
    void a_slot_starts_at_zero_whoever_had_it_before() {
        ConnectionSlots pool;
        std::uint32_t const slot = pool.take(5);
        observe::ConnectionCounters& counters = pool.at(slot);
        counters.in_msgs.add(7);
        counters.rtt.set(8);
        pool.release(slot);
        QCOMPARE(pool.take(6), slot);
        QCOMPARE(&pool.at(slot), &counters);
        QCOMPARE(counters.cid.get(), 6U);
        QCOMPARE(counters.in_msgs.get(), 0U);
        QCOMPARE(counters.rtt.get(), 0U);
    }

    void slots_keep_their_addresses() {
        ConnectionSlots pool;
        std::vector<observe::ConnectionCounters*> places;
        for (std::uint64_t cid = 1; cid <= 2'000; ++cid) {
            places.push_back(&pool.at(pool.take(cid)));
        }
        for (std::size_t i = 0; i < places.size(); ++i) {
            QCOMPARE(places[i]->cid.get(), i + 1);
        }
    }

    void only_slots_in_use_are_visited() {
        ConnectionSlots pool;
        pool.take(1);
        std::uint32_t const second = pool.take(2);
        pool.take(3);
        pool.release(second);
        std::vector<std::uint64_t> cids;
        pool.for_each([&](std::uint32_t, observe::ConnectionCounters const& counters) {
            cids.push_back(counters.cid.get());
        });
        QCOMPARE(cids, (std::vector<std::uint64_t>{1, 3}));
    }

    void a_server_nobody_watches_keeps_no_rows() {
        Observation observation(1, Watch::Off);
        observation.event(EventKind::ServerReady, WallTime());
        observation.log(LogLevel::Notice, WallTime(), "x");
        observation.set_tap(observe::TapFilter{});
        QVERIFY(!observation.watched());
        QVERIFY(observation.subjects() == nullptr);
        QVERIFY(observation.tap() == nullptr);
        QVERIFY(observation.events() == nullptr);
        QVERIFY(!observation.needs_resync());
    }

    void a_tap_comes_and_goes() {
        Observation observation(1, Watch::On);
        QVERIFY(observation.tap() == nullptr);
        observation.set_tap(observe::TapFilter{});
        QVERIFY(observation.tap() != nullptr);
        observation.tap()->offer({.subject = "a"}, WallTime(), Instant());
        QCOMPARE(observation.tap_counts().matched, 1U);
        observation.set_tap(std::nullopt);
        QVERIFY(observation.tap() == nullptr);
        // The rows it left can still be read.
        QVERIFY(first_row(observation.tap_rows()) != nullptr);
    }

    void a_closed_connection_leaves_its_last_figures() {
        Observation observation(3, Watch::On);
        std::uint32_t const slot = observation.connections.take(9);
        observation.connections.at(slot).in_msgs.add(4);
        observation.connections.at(slot).out_bytes.add(5);
        observation.event(EventKind::ConnectionClosed, WallTime(base::seconds(1)),
                          identity(9, slot), "Client Closed");
        observation.connections.release(slot);
        EventRow const* row = first_row(observation.events());
        QVERIFY(row != nullptr);
        QCOMPARE(row->server, 3U);
        QCOMPARE(row->connection->cid, 9U);
        QCOMPARE(row->text, std::string("Client Closed"));
        QCOMPARE(row->last.in_msgs, 4U);
        QCOMPARE(row->last.out_bytes, 5U);
    }

    void a_lost_event_of_a_connection_asks_for_all_of_them_again() {
        Observation observation(1, Watch::On);
        for (std::size_t i = 0; i < Observation::kEventRows; ++i) {
            observation.event(EventKind::ConnectionOpened, WallTime(), identity(i + 1, 0));
        }
        observation.event(EventKind::SlowConsumer, WallTime());
        QVERIFY(!observation.needs_resync());
        observation.event(EventKind::ConnectionOpened, WallTime(), identity(1'000'000, 0));
        QVERIFY(observation.needs_resync());
        QCOMPARE(observation.events_dropped(), std::size_t{2});
        observation.resync();
        QVERIFY(!observation.needs_resync());
    }

    void log_lines_keep_their_level_and_server() {
        Observation observation(2, Watch::On);
        observation.log(LogLevel::Warning, WallTime(base::seconds(3)), "slow");
        observe::LogRow const* row = first_row(observation.log_rows());
        QVERIFY(row != nullptr);
        QCOMPARE(row->level, static_cast<int>(LogLevel::Warning));
        QCOMPARE(row->server, 2U);
        QCOMPARE(row->text, std::string("slow"));
    }
};

SIGNALBOX_TEST(ObservationTest);

}  // namespace signalbox

#include "observation_test.moc"
