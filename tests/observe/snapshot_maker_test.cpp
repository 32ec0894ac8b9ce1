#include "engine/observe/snapshot_maker.h"

#include "tests/support/run_tests.h"

#include <cmath>

namespace signalbox {

using observe::ConnectionIdentity;
using observe::ConnectionIdentityPtr;
using observe::EventKind;
using observe::EventRow;
using observe::Observation;
using observe::ServerFacts;
using observe::Snapshot;
using observe::SnapshotMaker;
using observe::TreeQuery;
using observe::Watch;

namespace {

/// A maker with one server, and time that the test moves.
struct Fixture {
    std::vector<EventRow> forwarded;
    SnapshotMaker maker{[this](EventRow& row) { forwarded.push_back(row); }};
    std::shared_ptr<Observation> server = std::make_shared<Observation>(1, Watch::On);
    Instant now{base::seconds(1)};
    WallTime wall{base::seconds(1'700'000'000)};

    Fixture() { maker.add(server, {.server = 1, .name = "one", .max_pending = 1'000}); }

    Snapshot look(Duration later = base::milliseconds(50)) {
        now = now + later;
        wall = wall + later;
        return maker.make(now, wall);
    }

    ConnectionIdentityPtr open(std::uint64_t cid) {
        ConnectionIdentity identity;
        identity.cid = cid;
        identity.slot = server->connections.take(cid);
        identity.name = concat("client ", cid);
        auto shared = std::make_shared<ConnectionIdentity const>(identity);
        server->event(EventKind::ConnectionOpened, wall, shared);
        return shared;
    }

    void close(ConnectionIdentityPtr const& identity) {
        server->event(EventKind::ConnectionClosed, wall, identity, "Client Closed");
        server->connections.release(identity->slot);
    }

    observe::ConnectionCounters& counters(ConnectionIdentityPtr const& identity) {
        return server->connections.at(identity->slot);
    }

    void publish(std::string_view subject, int times = 1) {
        for (int i = 0; i < times; ++i) {
            observe::SubjectIds& ids = *server->subjects();
            ids.published(ids.id_for("$G", subject),
                          {.bytes = 10, .last_size = 10, .cid = 1, .recipients = 1}, 1'000);
        }
    }
};

}  // namespace

class SnapshotMakerTest : public QObject {
    Q_OBJECT

private slots:
    void snapshots_are_numbered_and_tell_the_time() {
        Fixture f;
        Snapshot const first = f.look();
        Snapshot const second = f.look();
        QCOMPARE(second.number, first.number + 1);
        QVERIFY(second.taken_at == f.now);
        QVERIFY(second.wall_time == f.wall);
    }

    void facts_reach_the_snapshot() {
        Fixture f;
        QCOMPARE(f.look().servers[0].name, std::string("one"));
        QVERIFY(!f.look().servers[0].ready);
        f.maker.update({.server = 1, .name = "one", .port = 4222, .ready = true});
        QVERIFY(f.look().servers[0].ready);
        QCOMPARE(f.look().servers[0].port, std::uint16_t{4222});
    }

    void totals_are_exact_and_rates_settle() {
        Fixture f;
        f.look();
        for (int i = 0; i < 200; ++i) {
            f.server->counters.in_msgs.add(50);
            f.server->counters.in_bytes.add(500);
            f.look();
        }
        observe::ServerSnapshot const row = f.look(base::milliseconds(0)).servers[0];
        QCOMPARE(row.in_msgs.total, 10'000U);
        QVERIFY(std::abs(row.in_msgs.per_second - 1'000) < 1);
        QVERIFY(std::abs(row.in_bytes.per_second - 10'000) < 10);
    }

    void what_was_counted_before_it_was_added_makes_no_rate() {
        Fixture f;
        auto other = std::make_shared<Observation>(2, Watch::On);
        other->counters.in_msgs.add(1'000'000);
        f.maker.add(other, {.server = 2});
        f.look();
        Snapshot const snapshot = f.look();
        QCOMPARE(snapshot.servers[1].in_msgs.total, 1'000'000U);
        QCOMPARE(snapshot.servers[1].in_msgs.per_second, 0.0);
    }

    void a_connection_is_known_from_open_to_close() {
        Fixture f;
        ConnectionIdentityPtr const one = f.open(7);
        f.counters(one).in_msgs.add(100);
        f.counters(one).pending_bytes.set(600);
        Snapshot const open = f.look();
        QCOMPARE(open.servers[0].open.size(), std::size_t{1});
        observe::ConnectionRow const& row = open.servers[0].open[0];
        QCOMPARE(row.identity->name, std::string("client 7"));
        QCOMPARE(row.in_msgs.total, 100U);
        QVERIFY(row.in_msgs.per_second == 0);  // nothing to measure against yet
        QVERIFY(row.slow);
        QCOMPARE(row.max_pending, 1'000U);
        f.counters(one).in_msgs.add(1);
        f.counters(one).pending_bytes.set(500);
        QVERIFY(f.look().servers[0].open[0].in_msgs.per_second > 0);
        QVERIFY(!f.look().servers[0].open[0].slow);
        f.close(one);
        Snapshot const closed = f.look();
        QVERIFY(closed.servers[0].open.empty());
        QCOMPARE(closed.servers[0].closed->size(), std::size_t{1});
        QCOMPARE(closed.servers[0].closed->front().reason, std::string("Client Closed"));
        QCOMPARE(closed.servers[0].closed->front().in_msgs, 101U);
    }

    void a_connection_that_comes_and_goes_between_two_looks_is_not_lost() {
        Fixture f;
        ConnectionIdentityPtr const one = f.open(7);
        f.counters(one).out_msgs.add(3);
        f.close(one);
        f.counters(f.open(8)).out_msgs.add(5);
        Snapshot const snapshot = f.look();
        QCOMPARE(snapshot.servers[0].closed->front().out_msgs, 3U);
        QCOMPARE(snapshot.servers[0].open[0].out_msgs.total, 5U);
    }

    void the_closed_list_is_bounded_and_drops_the_oldest() {
        Fixture f;
        for (std::uint64_t cid = 1; cid <= 10'050; ++cid) {
            f.close(f.open(cid));
            if (cid % 1'000 == 0) {
                f.look();
            }
        }
        auto const closed = f.look().servers[0].closed;
        QCOMPARE(closed->size(), std::size_t{10'000});
        QCOMPARE(closed->front().identity->cid, 51U);
        QCOMPARE(closed->back().identity->cid, 10'050U);
    }

    void the_closed_list_is_shared_while_nothing_closes() {
        Fixture f;
        f.close(f.open(1));
        auto const first = f.look().servers[0].closed;
        QCOMPARE(f.look().servers[0].closed.get(), first.get());
    }

    // 3,000 connections are more than the ring of events holds, twice over.
    void after_a_flood_of_events_the_connections_are_right_again() {
        Fixture f;
        std::vector<ConnectionIdentityPtr> all;
        for (std::uint64_t cid = 1; cid <= 3'000; ++cid) {
            all.push_back(f.open(cid));
        }
        for (std::size_t i = 0; i < 2'000; ++i) {
            f.close(all[i]);
        }
        QVERIFY(f.server->needs_resync());
        f.look();
        f.server->resync();
        for (std::size_t i = 2'000; i < all.size(); ++i) {
            f.server->event(EventKind::ConnectionIdentified, f.wall, all[i]);
        }
        Snapshot snapshot = f.look();
        QVERIFY(snapshot.events_dropped > 0);
        for (int i = 0; i < 25; ++i) {
            snapshot = f.look();
        }
        QCOMPARE(snapshot.servers[0].open.size(), std::size_t{1'000});
        QCOMPARE(snapshot.servers[0].open.front().identity->cid, 2'001U);
        QCOMPARE(snapshot.servers[0].closed->size(), std::size_t{2'000});
    }

    void every_event_is_forwarded_once_also_of_a_server_that_goes() {
        Fixture f;
        f.open(1);
        f.look();
        f.look();
        QCOMPARE(f.forwarded.size(), std::size_t{1});
        f.server->event(EventKind::ServerStopped, f.wall);
        f.maker.remove(1);
        QCOMPARE(f.forwarded.size(), std::size_t{2});
        QVERIFY(f.forwarded[1].kind == EventKind::ServerStopped);
        QVERIFY(f.look().servers.empty());
    }

    void the_busiest_subjects_are_those_of_the_last_second() {
        Fixture f;
        f.publish("before", 1'000);
        f.look();
        for (int i = 0; i < 15; ++i) {
            f.publish(concat("s", i), i + 1);
        }
        Snapshot snapshot = f.look(base::milliseconds(1'000));
        QCOMPARE(snapshot.servers[0].busiest.size(), std::size_t{10});
        QCOMPARE(snapshot.servers[0].busiest.front().subject, std::string("s14"));
        QCOMPARE(snapshot.servers[0].busiest.front().msgs_per_second, 15.0);
        QCOMPARE(snapshot.servers[0].busiest.front().bytes_per_second, 150.0);
        QCOMPARE(snapshot.servers[0].busiest.back().subject, std::string("s5"));
        QCOMPARE(snapshot.servers[0].subjects, 16U);
        QVERIFY(f.look(base::milliseconds(1'000)).servers[0].busiest.empty());
    }

    void a_tree_is_made_for_its_query_and_its_server_only() {
        Fixture f;
        f.publish("a.b", 3);
        QVERIFY(f.look().tree.rows.empty());
        TreeQuery query;
        query.server = 2;
        f.maker.set_query(query);
        QVERIFY(f.look().tree.rows.empty());
        query.server = 1;
        f.maker.set_query(query);
        Snapshot const snapshot = f.look();
        QCOMPARE(snapshot.tree.server, 1U);
        QCOMPARE(snapshot.tree.rows.size(), std::size_t{1});
        QCOMPARE(snapshot.tree.rows[0].msgs, 3U);
        f.publish("a.b", 2);
        QCOMPARE(f.look().tree.rows[0].msgs, 5U);
        f.maker.set_query(std::nullopt);
        QVERIFY(f.look().tree.rows.empty());
    }

    void a_query_may_come_before_its_server() {
        Fixture f;
        TreeQuery query;
        query.server = 2;
        f.maker.set_query(query);
        auto other = std::make_shared<Observation>(2, Watch::On);
        other->subjects()->published(other->subjects()->id_for("$G", "x"),
                                     {.bytes = 1, .last_size = 1, .cid = 1, .recipients = 1}, 1);
        f.maker.add(other, {.server = 2});
        QCOMPARE(f.look().tree.rows.size(), std::size_t{1});
    }

    void a_tree_that_was_hidden_shows_no_rate_of_the_meantime() {
        Fixture f;
        TreeQuery query;
        query.server = 1;
        f.maker.set_query(query);
        f.look();
        f.maker.set_query(std::nullopt);
        f.look();
        f.publish("a", 100'000);
        f.look(base::seconds(100));
        f.maker.set_query(query);
        Snapshot const snapshot = f.look();
        QCOMPARE(snapshot.tree.rows[0].msgs, 100'000U);
        QCOMPARE(snapshot.tree.rows[0].msgs_per_second, 0.0);
    }

    void subjects_past_the_budget_are_told() {
        Fixture f;
        auto other = std::make_shared<Observation>(2, Watch::On, 1);
        observe::SubjectIds& ids = *other->subjects();
        for (char const* const subject : {"a", "b", "c"}) {
            ids.published(ids.id_for("$G", subject),
                          {.bytes = 1, .last_size = 1, .cid = 1, .recipients = 1}, 1);
        }
        f.maker.add(other, {.server = 2});
        Snapshot const snapshot = f.look();
        QCOMPARE(snapshot.servers[1].subjects, 1U);
        QCOMPARE(snapshot.servers[1].subjects_folded, 2U);
    }

    void tap_counts_are_told() {
        Fixture f;
        f.server->set_tap(observe::TapFilter{.sample = 2});
        f.server->tap()->offer({.subject = "a"}, f.wall, f.now);
        f.server->tap()->offer({.subject = "a"}, f.wall, f.now);
        observe::TapCounts const counts = f.look().servers[0].tap;
        QCOMPARE(counts.matched, 2U);
        QCOMPARE(counts.sampled_out, 1U);
    }
};

SIGNALBOX_TEST(SnapshotMakerTest);

}  // namespace signalbox

#include "snapshot_maker_test.moc"
