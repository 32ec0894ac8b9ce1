#include "engine/base/text.h"
#include "engine/shape/shaped_world.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::shape {

using base::microseconds;
using base::milliseconds;
using base::seconds;
using support::RawClient;
using support::RawPeer;
using world::LinkEnd;

namespace {

/// Two machines; `b` listens, and the world of `a`, which dials, is a shaped one.
struct Pair {
    Pair() {
        universe.exchange().add_machine("a", "10.0.0.1");
        universe.exchange().add_machine("b", "10.0.0.2");
        // Almost nothing of its own, so that times can be told.
        universe.fabric().set_default_profile({.latency = microseconds(1)});
        a = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "a");
        b = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "b");
        shaped = std::make_unique<ShapedWorld>(*a);
        shaped->network().add_peer({"b", 4222}, "b");
        listener = b->network()
                       .listen({"0.0.0.0", 4222},
                               [this](std::unique_ptr<world::Link> link) {
                                   server = std::make_unique<RawPeer>(std::move(link));
                               })
                       .value();
    }
    ~Pair() {
        client.close();
        server.reset();
    }

    void connect() {
        client.connect(*shaped, "b", 4222);
        run(seconds(1));
        QVERIFY(client.is_open());
        QVERIFY(server && server->is_open());
    }

    void set(Way const& way) {
        a->run([&] { shaped->network().set_way("b", way); });
    }
    void run(Duration time) { universe.simulation().run_for(time); }

    sim::Universe universe{1};
    std::unique_ptr<sim::SimWorld> a;
    std::unique_ptr<sim::SimWorld> b;
    std::unique_ptr<ShapedWorld> shaped;
    std::unique_ptr<RawPeer> server;
    std::unique_ptr<world::Listener> listener;
    RawClient client;
};

std::string numbered(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) {
        append(text, i, ' ');
    }
    text.resize(size);
    return text;
}

}  // namespace

/// Links that are slower than what they run over, or cut.
class ShapedNetworkTest : public QObject {
    Q_OBJECT

private slots:
    void a_plain_way_adds_nothing() {
        Pair pair;
        pair.connect();
        pair.client.send("ping");
        pair.run(microseconds(10));
        QCOMPARE(pair.server->bytes(), std::string("ping"));
        pair.server->send("pong");
        pair.run(microseconds(10));
        QCOMPARE(pair.client.bytes(), std::string("pong"));
    }

    void latency_is_added_in_both_directions() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.latency = milliseconds(10)}});
        pair.client.send("one ");
        pair.client.send("two");
        pair.run(milliseconds(9));
        QCOMPARE(pair.server->bytes(), std::string());
        pair.run(milliseconds(2));
        QCOMPARE(pair.server->bytes(), std::string("one two"));
        pair.server->send("back");
        pair.run(milliseconds(9));
        QCOMPARE(pair.client.bytes(), std::string());
        pair.run(milliseconds(2));
        QCOMPARE(pair.client.bytes(), std::string("back"));
    }

    void dialling_takes_the_way_there_and_back() {
        Pair pair;
        pair.set({.profile = {.latency = milliseconds(50)}});
        pair.client.connect(*pair.shaped, "b", 4222);
        pair.run(milliseconds(99));
        QVERIFY(!pair.client.is_open());
        pair.run(milliseconds(2));
        QVERIFY(pair.client.is_open());
    }

    void jitter_never_lets_one_piece_overtake_another() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.latency = milliseconds(1), .jitter = milliseconds(20)}});
        std::string const sent = numbered(20'000);
        for (std::size_t at = 0; at < sent.size(); at += 100) {
            pair.client.send(Bytes(sent).substr(at, 100));
            pair.server->send(Bytes(sent).substr(at, 100));
            pair.run(milliseconds(1));
        }
        pair.run(seconds(1));
        QCOMPARE(pair.server->bytes(), sent);
        QCOMPARE(pair.client.bytes(), sent);
    }

    void bandwidth_takes_time_and_fills_the_window() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.bytes_per_second = 100'000}});
        std::string const sent = numbered(400'000);
        pair.client.send(sent);
        QCOMPARE(pair.client.unsent(), sent.size() - ShapedPath::kWindow);
        pair.run(seconds(1));
        QVERIFY(pair.server->bytes().size() <= 100'000);
        QVERIFY(pair.server->bytes().size() > 95'000);
        pair.run(seconds(4));
        QCOMPARE(pair.server->bytes(), sent);
    }

    void what_is_under_way_when_the_way_changes_keeps_its_order() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.latency = milliseconds(50)}});
        pair.client.send("slow ");
        pair.server->send("slow ");
        pair.run(milliseconds(1));
        pair.set({});
        pair.client.send("fast");
        pair.server->send("fast");
        pair.run(milliseconds(60));
        QCOMPARE(pair.server->bytes(), std::string("slow fast"));
        QCOMPARE(pair.client.bytes(), std::string("slow fast"));
    }

    void a_partition_holds_what_is_sent_until_it_is_healed() {
        Pair pair;
        pair.connect();
        pair.set({.blocked_out = true, .blocked_in = true});
        pair.client.send("there");
        pair.server->send("back");
        pair.run(seconds(60));
        QCOMPARE(pair.server->bytes(), std::string());
        QCOMPARE(pair.client.bytes(), std::string());
        QVERIFY(pair.client.is_open());
        QVERIFY(pair.server->is_open());
        pair.set({});
        pair.run(milliseconds(1));
        QCOMPARE(pair.server->bytes(), std::string("there"));
        QCOMPARE(pair.client.bytes(), std::string("back"));
    }

    void a_way_that_is_cut_in_one_direction_carries_the_other() {
        Pair pair;
        pair.connect();
        pair.set({.blocked_in = true});
        pair.client.send("there");
        pair.server->send("back");
        pair.run(seconds(1));
        QCOMPARE(pair.server->bytes(), std::string("there"));
        QCOMPARE(pair.client.bytes(), std::string());
        pair.set({.blocked_out = true});
        pair.client.send(" more");
        pair.run(seconds(1));
        QCOMPARE(pair.client.bytes(), std::string("back"));
        QCOMPARE(pair.server->bytes(), std::string("there"));
    }

    void nobody_is_reached_over_a_way_that_is_cut() {
        Pair pair;
        pair.set({.blocked_in = true});
        pair.client.connect(*pair.shaped, "b", 4222);
        pair.run(milliseconds(4900));
        QVERIFY(!pair.client.error());
        pair.run(milliseconds(200));
        QVERIFY(pair.client.error());
        QCOMPARE(pair.client.error()->code(), Errc::TimedOut);
        QVERIFY(!pair.server);
    }

    void a_dial_succeeds_once_its_way_is_healed() {
        Pair pair;
        pair.set({.blocked_out = true, .blocked_in = true});
        pair.client.connect(*pair.shaped, "b", 4222);
        pair.run(seconds(2));
        QVERIFY(!pair.client.is_open());
        pair.set({});
        pair.run(milliseconds(1));
        QVERIFY(pair.client.is_open());
    }

    void a_dial_that_is_given_up_calls_nobody() {
        Pair pair;
        pair.set({.profile = {.latency = milliseconds(50)}});
        bool called = false;
        auto dial =
            pair.shaped->network().dial("b", 4222, seconds(5), [&](auto) { called = true; });
        pair.run(milliseconds(20));
        dial.reset();
        pair.run(seconds(10));
        QVERIFY(!called);
        QVERIFY(!pair.server);
    }

    void a_close_arrives_after_what_was_sent_before_it() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.latency = milliseconds(20)}});
        pair.client.send("last words");
        pair.client.close();
        pair.run(milliseconds(19));
        QVERIFY(pair.server->is_open());
        pair.run(milliseconds(3));
        QCOMPARE(pair.server->bytes(), std::string("last words"));
        QCOMPARE(pair.server->end(), LinkEnd::ClosedByPeer);
    }

    void the_peers_close_takes_the_way_as_well() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.latency = milliseconds(20)}});
        pair.server->send("last words");
        pair.server->close();
        pair.run(milliseconds(19));
        QVERIFY(pair.client.is_open());
        pair.run(milliseconds(3));
        QCOMPARE(pair.client.bytes(), std::string("last words"));
        QCOMPARE(pair.client.end(), LinkEnd::ClosedByPeer);
    }

    void a_close_behind_a_partition_is_learned_of_when_it_heals() {
        Pair pair;
        pair.connect();
        pair.set({.blocked_out = true, .blocked_in = true});
        pair.client.close();
        pair.run(seconds(5));
        QVERIFY(pair.server->is_open());
        pair.set({});
        pair.run(milliseconds(1));
        QCOMPARE(pair.server->end(), LinkEnd::ClosedByPeer);
    }

    void a_link_that_is_reset_breaks_for_both() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.latency = milliseconds(20)}});
        pair.client.send("lost");
        pair.a->run([&] { pair.shaped->network().reset("b"); });
        pair.run(milliseconds(100));
        QCOMPARE(pair.client.end(), LinkEnd::ReadError);
        QVERIFY(pair.server->end().has_value());
        QCOMPARE(pair.server->bytes(), std::string());
        // And the next one works.
        RawClient next;
        next.connect(*pair.shaped, "b", 4222);
        pair.run(milliseconds(100));
        QVERIFY(next.is_open());
        next.close();
    }

    void a_reader_that_pauses_loses_nothing() {
        Pair pair;
        pair.connect();
        pair.set({.profile = {.latency = milliseconds(5)}});
        pair.client.pause();
        std::string const sent = numbered(2'000'000);
        pair.server->send(sent);
        pair.run(seconds(1));
        QCOMPARE(pair.client.bytes(), std::string());
        // What is under way is bounded by the two windows.
        QVERIFY(pair.server->unsent() > 1'000'000);
        pair.client.resume();
        pair.run(seconds(5));
        QCOMPARE(pair.client.bytes(), sent);
    }

    void who_is_not_known_is_reached_as_ever() {
        Pair pair;
        pair.set({.blocked_out = true, .blocked_in = true});
        RawClient other;
        other.connect(*pair.shaped, "10.0.0.2", 4222);
        pair.run(milliseconds(10));
        QVERIFY(other.is_open());
        other.close();
    }
};

SIGNALBOX_TEST(ShapedNetworkTest);

}  // namespace signalbox::shape

#include "shaped_network_test.moc"
