#include "engine/sim/sim_network.h"

#include "engine/base/text.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::sim {

using base::milliseconds;
using base::seconds;
using support::RawClient;
using support::RawPeer;
using world::LinkEnd;

namespace {

/// Two machines; `b` listens, `a` dials.
struct Pair {
    explicit Pair(std::uint64_t seed = 1) : universe(seed) {
        universe.exchange().add_machine("a", "10.0.0.1");
        universe.exchange().add_machine("b", "10.0.0.2");
        a = std::make_unique<SimWorld>(universe.simulation(), universe.exchange(), "a");
        b = std::make_unique<SimWorld>(universe.simulation(), universe.exchange(), "b");
        listener = b->network()
                       .listen({"0.0.0.0", 4222},
                               [this](std::unique_ptr<world::Link> link) {
                                   server = std::make_unique<RawPeer>(std::move(link));
                               })
                       .value();
    }

    void connect() {
        client.connect(*a, "b", 4222);
        run(seconds(1));
        QVERIFY(client.is_open());
        QVERIFY(server && server->is_open());
    }

    void run(Duration time) { universe.simulation().run_for(time); }

    Universe universe;
    std::unique_ptr<SimWorld> a;
    std::unique_ptr<SimWorld> b;
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

/// Links between simulated machines, and what goes wrong with them.
class SimNetworkTest : public QObject {
    Q_OBJECT

private slots:
    void bytes_arrive_in_order_after_the_latency() {
        Pair pair;
        pair.universe.fabric().set_profile("a", "b", {.latency = milliseconds(10)});
        pair.connect();
        pair.client.send("one ");
        pair.client.send("two");
        pair.run(milliseconds(9));
        QCOMPARE(pair.server->bytes(), std::string());
        pair.run(milliseconds(1));
        QCOMPARE(pair.server->bytes(), std::string("one two"));
        pair.server->send("back");
        pair.run(milliseconds(10));
        QCOMPARE(pair.client.bytes(), std::string("back"));
    }

    void however_it_is_cut_the_stream_is_the_same() {
        Pair pair;
        pair.universe.fabric().set_profile("a", "b",
                                           {.latency = milliseconds(1),
                                            .jitter = milliseconds(20),
                                            .cuts_per_hundred = 70,
                                            .largest_piece = 13});
        pair.connect();
        std::string const sent = numbered(20'000);
        for (std::size_t at = 0; at < sent.size(); at += 100) {
            pair.client.send(Bytes(sent).substr(at, 100));
            pair.run(milliseconds(1));
        }
        pair.run(seconds(1));
        QCOMPARE(pair.server->bytes(), sent);
    }

    void a_reader_that_pauses_fills_the_window_and_nothing_is_lost() {
        Pair pair;
        pair.universe.fabric().set_profile("a", "b", {.window = 1000});
        pair.connect();
        pair.server->pause();
        std::string const sent = numbered(5'000);
        pair.client.send(sent);
        pair.run(seconds(1));
        QCOMPARE(pair.client.unsent(), std::size_t{4'000});
        QCOMPARE(pair.server->bytes(), std::string());
        pair.server->resume();
        pair.run(seconds(1));
        QCOMPARE(pair.client.unsent(), std::size_t{0});
        QCOMPARE(pair.server->bytes(), sent);
    }

    void bandwidth_takes_time() {
        Pair pair;
        pair.connect();
        pair.universe.fabric().set_profile(
            "a", "b", {.bytes_per_second = 1000, .window = 100'000, .largest_piece = 100});
        pair.client.send(std::string(10'000, 'x'));
        pair.run(milliseconds(5'001));
        QVERIFY(pair.server->bytes().size() >= 4'900 && pair.server->bytes().size() <= 5'000);
        pair.run(seconds(6));
        QCOMPARE(pair.server->bytes().size(), std::size_t{10'000});
    }

    void a_close_comes_after_what_was_sent() {
        Pair pair;
        pair.connect();
        pair.client.send("last words");
        pair.client.close();
        pair.run(seconds(1));
        QCOMPARE(pair.server->bytes(), std::string("last words"));
        QVERIFY(pair.server->end() == LinkEnd::ClosedByPeer);
    }

    void writing_to_a_closed_link_ends_it() {
        Pair pair;
        pair.connect();
        pair.server->pause();
        pair.client.close();
        pair.server->send("anyone?");
        pair.run(seconds(1));
        QVERIFY(pair.server->end() == LinkEnd::WriteError);
    }

    void a_reset_ends_both_sides() {
        Pair pair;
        pair.connect();
        pair.client.send("lost");
        pair.universe.fabric().reset(pair.universe.fabric().connections_of("a").front());
        pair.run(seconds(1));
        QCOMPARE(pair.server->bytes(), std::string());
        QVERIFY(pair.server->end() == LinkEnd::ReadError);
        QVERIFY(pair.client.end() == LinkEnd::ReadError);
    }

    void a_partition_delays_what_was_sent_and_lets_nobody_in() {
        Pair pair;
        pair.connect();
        pair.universe.fabric().block("a", "b");
        pair.client.send("later");
        pair.server->send("the other way is open");
        RawClient second;
        second.connect(*pair.a, "b", 4222);
        pair.run(seconds(10));
        QCOMPARE(pair.server->bytes(), std::string());
        QCOMPARE(pair.client.bytes(), std::string("the other way is open"));
        QVERIFY(second.error() && second.error()->code() == Errc::TimedOut);
        pair.universe.fabric().heal();
        pair.run(seconds(1));
        QCOMPARE(pair.server->bytes(), std::string("later"));
        QVERIFY(pair.client.is_open() && pair.server->is_open());
    }

    void a_link_that_is_held_says_nothing_to_either_side() {
        Pair pair;
        pair.connect();
        ConnectionId const id = pair.universe.fabric().connections_of("a").front();
        pair.universe.fabric().hold(id);
        pair.client.send("x");
        pair.server->close();
        pair.run(seconds(60));
        QVERIFY(pair.client.is_open());
        pair.universe.fabric().release(id);
        pair.run(seconds(1));
        QVERIFY(pair.client.end() == LinkEnd::ClosedByPeer);
    }

    void nobody_listening_refuses_and_an_unknown_name_is_not_found() {
        Pair pair;
        RawClient refused;
        refused.connect(*pair.a, "10.0.0.2", 1);
        RawClient unknown;
        unknown.connect(*pair.a, "nowhere", 4222);
        RawClient loopback;
        loopback.connect(*pair.a, "127.0.0.1", 4222);
        pair.run(seconds(10));
        QVERIFY(refused.error() && refused.error()->code() == Errc::Io);
        QVERIFY(unknown.error() && unknown.error()->code() == Errc::NotFound);
        // The loopback address is that of the dialling machine, where nobody listens.
        QVERIFY(loopback.error() && loopback.error()->code() == Errc::Io);
    }

    void an_address_is_listened_on_once() {
        Pair pair;
        auto const nothing = [](std::unique_ptr<world::Link>) {};
        QVERIFY(!pair.b->network().listen({"0.0.0.0", 4222}, nothing).ok());
        QVERIFY(!pair.b->network().listen({"10.0.0.1", 4223}, nothing).ok());
        auto const chosen = pair.b->network().listen({"127.0.0.1", 0}, nothing);
        QVERIFY(chosen.ok() && chosen.value()->address().port != 0);
        pair.listener.reset();
        QVERIFY(pair.b->network().listen({"0.0.0.0", 4222}, nothing).ok());
    }

    void a_process_that_is_gone_gets_nothing_more() {
        Pair pair;
        pair.connect();
        pair.client.send("too late");
        pair.server.reset();
        pair.listener.reset();
        pair.b.reset();
        pair.run(seconds(1));
        QVERIFY(pair.client.end() == LinkEnd::ClosedByPeer);
    }

    void one_seed_is_one_run() {
        auto const fingerprint = [](std::uint64_t seed) {
            Pair pair(seed);
            pair.universe.fabric().set_profile("a", "b",
                                               {.jitter = milliseconds(5), .cuts_per_hundred = 50});
            pair.connect();
            pair.client.send(numbered(10'000));
            pair.run(seconds(1));
            return pair.universe.simulation().fingerprint().value();
        };
        QCOMPARE(fingerprint(1), fingerprint(1));
        QVERIFY(fingerprint(1) != fingerprint(2));
    }
};

SIGNALBOX_TEST(SimNetworkTest);

}  // namespace signalbox::sim

#include "sim_network_test.moc"
