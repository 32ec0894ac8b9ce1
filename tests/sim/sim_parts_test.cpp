#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/run_tests.h"

namespace signalbox::sim {

using base::milliseconds;
using base::seconds;

/// Time, chance, files and turns of the simulated world.
class SimPartsTest : public QObject {
    Q_OBJECT

private slots:
    void events_happen_in_the_order_of_their_times_and_numbers() {
        EventQueue queue;
        std::string order;
        Instant const start = queue.now();
        queue.at(start + seconds(2), [&] { order += 'c'; });
        queue.at(start + seconds(1), [&] { order += 'a'; });
        queue.at(start + seconds(1), [&] { order += 'b'; });
        EventQueue::Id const cancelled = queue.at(start + seconds(1), [&] { order += 'x'; });
        queue.cancel(cancelled);
        queue.run_until(start + seconds(3));
        QCOMPARE(order, std::string("abc"));
        QVERIFY(queue.now() == start + seconds(3));
    }

    void an_event_may_plan_another_for_the_same_time() {
        EventQueue queue;
        int ran = 0;
        queue.after(seconds(1), [&] { queue.after(Duration(0), [&] { ++ran; }); });
        queue.run_until(queue.now() + seconds(1));
        QCOMPARE(ran, 1);
    }

    void equal_seeds_give_equal_numbers_and_forks_are_independent() {
        SimEntropy a(7);
        SimEntropy b(7);
        SimEntropy other(8);
        std::uint64_t const first = a.next();
        QCOMPARE(b.next(), first);
        QVERIFY(other.next() != first);
        // What one fork draws does not move the other.
        std::unique_ptr<world::Entropy> const fork_a = a.fork("x");
        std::unique_ptr<world::Entropy> const fork_b = b.fork("x");
        a.next();
        QCOMPARE(fork_a->next(), fork_b->next());
        QVERIFY(a.fork("x")->next() != a.fork("x")->next());
        std::vector<int> seen(10);
        for (int i = 0; i < 10'000; ++i) {
            ++seen[a.below(10)];
        }
        for (int const count : seen) {
            QVERIFY(count > 800 && count < 1200);
        }
    }

    void a_clock_may_run_fast_and_its_timers_with_it() {
        Universe universe(1);
        SimWorld fast(universe.simulation(), universe.exchange(), "fast");
        fast.clock().set_drift(50'000);
        Simulation& simulation = universe.simulation();
        Instant const local = fast.clock().now();
        Instant const start = simulation.now();
        Instant fired;
        fast.timers().call_at(local + seconds(100), [&] {
            fired = simulation.now();
            QVERIFY(fast.clock().now() >= local + seconds(100));
        });
        simulation.run_for(seconds(120));
        // Five percent fast: 100 of its seconds are 95.2 true ones.
        QVERIFY(fired - start > seconds(95) && fired - start < seconds(96));
    }

    void a_jump_of_the_calendar_moves_no_timer() {
        Universe universe(1);
        SimWorld world(universe.simulation(), universe.exchange(), "a");
        bool fired = false;
        WallTime const before = world.clock().wall_now();
        world.timers().call_at(world.clock().now() + seconds(10), [&] { fired = true; });
        world.clock().set_wall_offset(base::hours(1));
        QVERIFY(world.clock().wall_now() - before == base::hours(1));
        universe.simulation().run_for(seconds(9));
        QVERIFY(!fired);
        universe.simulation().run_for(seconds(1));
        QVERIFY(fired);
    }

    void a_cancelled_timer_is_not_called() {
        Universe universe(1);
        SimWorld world(universe.simulation(), universe.exchange(), "a");
        int fired = 0;
        world::TimerId const id =
            world.timers().call_at(world.clock().now() + seconds(1), [&] { ++fired; });
        world.timers().cancel(id);
        world.timers().cancel(id);
        universe.simulation().run_for(seconds(2));
        QCOMPARE(fired, 0);
    }

    void a_turn_ends_after_what_was_deferred_in_it() {
        struct Listener : world::EndOfTurn {
            std::string* order;
            void end_of_turn() override { *order += "e"; }
        };
        Universe universe(1);
        SimWorld world(universe.simulation(), universe.exchange(), "a");
        std::string order;
        Listener listener;
        listener.order = &order;
        world.turn().add(listener);
        world.run([&] {
            world.turn().defer([&] { order += "2"; });
            world.turn().defer([&] {
                order += "3";
                world.turn().defer([&] { order += "4"; });
            });
            order += "1";
        });
        QCOMPARE(order, std::string("123e"));
        universe.simulation().run_for(seconds(1));
        QCOMPARE(order, std::string("123e4e"));
        world.turn().remove(listener);
        world.run([] {});
        QCOMPARE(order, std::string("123e4e"));
    }

    void a_process_that_is_paused_does_everything_after() {
        Universe universe(1);
        SimWorld world(universe.simulation(), universe.exchange(), "a");
        Simulation& simulation = universe.simulation();
        Instant const start = simulation.now();
        Instant fired;
        world.timers().call_at(start + seconds(1), [&] { fired = simulation.now(); });
        world.pause_until(start + seconds(5));
        simulation.run_for(seconds(10));
        QVERIFY(fired == start + seconds(5));
    }

    void files_outlive_their_process_and_what_was_not_done_is_lost() {
        Universe universe(1);
        auto world = std::make_unique<SimWorld>(universe.simulation(), universe.exchange(), "a");
        int done = 0;
        world->disk().write_file("/f", "one", 0600, [&](Result<void> r) { done += r.ok(); });
        world->disk().append_file("/f", " two", 0600, [&](Result<void> r) { done += r.ok(); });
        world->disk().rename_file("/f", "/g", [&](Result<void> r) { done += r.ok(); });
        QCOMPARE(done, 0);
        universe.simulation().run_for(seconds(1));
        QCOMPARE(done, 3);
        world->disk().write_file("/lost", "x", 0600, [&](Result<void>) { ++done; });
        world.reset();
        universe.simulation().run_for(seconds(1));
        QCOMPARE(done, 3);

        world = std::make_unique<SimWorld>(universe.simulation(), universe.exchange(), "a");
        std::string content;
        std::optional<Errc> error;
        world->disk().read_file("/g", [&](Result<std::string> r) { content = r.value(); });
        world->disk().read_file("/lost", [&](Result<std::string> r) { error = r.error().code(); });
        universe.simulation().run_for(seconds(1));
        QCOMPARE(content, std::string("one two"));
        QVERIFY(error == Errc::NotFound);
    }

    void a_full_disk_refuses_writes_and_keeps_what_there_is() {
        Universe universe(1);
        SimWorld world(universe.simulation(), universe.exchange(), "a");
        universe.simulation().files_of("a")["/f"] = {"old", 0600};
        world.disk().faults().writes_fail = true;
        std::optional<Errc> error;
        world.disk().write_file("/f", "new", 0600,
                                [&](Result<void> r) { error = r.error().code(); });
        universe.simulation().run_for(seconds(1));
        QVERIFY(error == Errc::Io);
        QCOMPARE(universe.simulation().files_of("a")["/f"].content, std::string("old"));
    }

    void work_takes_time_and_is_bounded() {
        Universe universe(1);
        SimWorld world(universe.simulation(), universe.exchange(), "a");
        world.workers().set_cost(milliseconds(10));
        std::string order;
        QVERIFY(world.workers().run([&] { order += "j"; }, [&] { order += "d"; }));
        QCOMPARE(order, std::string());
        universe.simulation().run_for(milliseconds(10));
        QCOMPARE(order, std::string("jd"));
        for (std::size_t i = 0; i < SimWorkers::kMaxWaiting; ++i) {
            QVERIFY(world.workers().run([] {}, [] {}));
        }
        QVERIFY(!world.workers().run([] {}, [] {}));
    }
};

SIGNALBOX_TEST(SimPartsTest);

}  // namespace signalbox::sim

#include "sim_parts_test.moc"
