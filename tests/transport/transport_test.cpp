#include "engine/transport/transport.h"

#include "engine/base/text.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/run_tests.h"

namespace signalbox::transport {

using base::milliseconds;
using base::seconds;

namespace {

/// What a test sees and decides of a link, while the transport owns it.
struct Line {
    std::string taken;
    std::vector<std::size_t> sends;  ///< How much each call took.
    std::size_t room = 1'000'000'000;
    world::LinkOwner* owner = nullptr;
    bool reading = true;
    bool open = true;
};

class LineLink : public world::Link {
public:
    explicit LineLink(Line& line) : line_(line) {}
    ~LineLink() override { line_.open = false; }

    void start(world::LinkOwner& owner) override { line_.owner = &owner; }
    std::size_t send(std::span<Bytes const> pieces) override {
        std::size_t taken = 0;
        for (Bytes const piece : pieces) {
            std::size_t const n = std::min(piece.size(), line_.room);
            line_.taken.append(piece.substr(0, n));
            line_.room -= n;
            taken += n;
        }
        line_.sends.push_back(taken);
        return taken;
    }
    void pause_reading() override { line_.reading = false; }
    void resume_reading() override { line_.reading = true; }
    world::Address const& local() const override { return address_; }
    world::Address const& remote() const override { return address_; }

private:
    Line& line_;
    world::Address address_{.host = "10.0.0.9", .port = 1};
};

struct Owner : TransportOwner {
    void received(Bytes bytes) override { in.append(bytes); }
    void drained() override { ++drains; }
    void flushed() override { ++flushes; }
    void deadline_passed() override { ++deadlines; }
    void ended(world::LinkEnd, std::string_view detail) override { end = detail; }

    std::string in;
    std::string end;
    int drains = 0;
    int flushes = 0;
    int deadlines = 0;
};

/// One transport in a simulated process.
struct Stage {
    Stage() { transport.start(); }

    /// A turn of the process.
    void turn(std::function<void()> const& task) { world.run(task); }
    void pass(Duration time) { universe.simulation().run_for(time); }

    /// The link takes so much again.
    void make_room(std::size_t bytes) {
        turn([&] {
            line.room = bytes;
            line.owner->writable();
        });
    }

    sim::Universe universe{1};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    Line line;
    Owner owner;
    FlushQueue queue{world.turn()};
    Transport transport{world, queue, std::make_unique<LineLink>(line), owner};
};

}  // namespace

/// The way to one peer.
class TransportTest : public QObject {
    Q_OBJECT

private slots:
    void what_a_turn_says_leaves_once_at_its_end() {
        Stage stage;
        stage.turn([&] {
            for (int i = 0; i < 100; ++i) {
                stage.transport.send("MSG a 1 2\r\nhi\r\n");
            }
            QVERIFY(stage.line.sends.empty());
        });
        QCOMPARE(stage.line.sends.size(), std::size_t{1});
        QCOMPARE(stage.line.taken.size(), std::size_t{1'500});
        QCOMPARE(stage.owner.flushes, 1);
        QCOMPARE(stage.transport.pending(), std::size_t{0});
        stage.turn([] {});
        QCOMPARE(stage.line.sends.size(), std::size_t{1});
    }

    void much_for_one_leaves_before_the_turn_ends() {
        Stage stage;
        stage.turn([&] {
            std::string const piece(10'000, 'x');
            for (int i = 0; i < 30; ++i) {
                stage.transport.send(piece);
            }
            QVERIFY(!stage.line.sends.empty());
            QVERIFY(stage.line.taken.size() > 256 * 1'024);
        });
        QCOMPARE(stage.line.taken.size(), std::size_t{300'000});
    }

    void much_for_many_leaves_before_the_turn_ends() {
        Stage stage;
        std::vector<Line> lines(60);
        std::vector<std::unique_ptr<Transport>> transports;
        for (Line& line : lines) {
            transports.push_back(std::make_unique<Transport>(
                stage.world, stage.queue, std::make_unique<LineLink>(line), stage.owner));
            transports.back()->start();
        }
        stage.turn([&] {
            std::string const piece(100'000, 'x');
            for (auto const& transport : transports) {
                transport->send(piece);
            }
            QVERIFY(!lines[0].taken.empty());
            QVERIFY(lines.back().taken.empty());
        });
        for (Line const& line : lines) {
            QCOMPARE(line.taken.size(), std::size_t{100'000});
        }
    }

    void what_was_not_taken_follows_when_there_is_room() {
        Stage stage;
        std::string text;
        for (int i = 0; i < 20'000; ++i) {
            append(text, i, ' ');
        }
        stage.line.room = 7;
        stage.turn([&] { stage.transport.send(text); });
        QCOMPARE(stage.transport.pending(), text.size() - 7);
        QCOMPARE(stage.owner.drains, 0);
        // While it is blocked nothing is tried.
        std::size_t const tries = stage.line.sends.size();
        stage.turn([&] { stage.transport.send("more"); });
        QCOMPARE(stage.line.sends.size(), tries);
        text += "more";
        stage.make_room(50'000);
        QCOMPARE(stage.owner.drains, 0);
        QCOMPARE(stage.transport.pending(), text.size() - 50'007);
        stage.make_room(1'000'000);
        QCOMPARE(stage.owner.drains, 1);
        QCOMPARE(stage.transport.pending(), std::size_t{0});
        QVERIFY(stage.line.taken == text);
    }

    void any_room_gives_the_same_bytes() {
        for (std::size_t room : {std::size_t{1}, std::size_t{3}, std::size_t{100}}) {
            Stage stage;
            std::string text;
            for (int i = 0; i < 50; ++i) {
                append(text, "line ", i, "\r\n");
            }
            stage.line.room = 0;
            stage.turn([&] { stage.transport.send(text); });
            for (std::size_t i = 0; i <= text.size() / room; ++i) {
                stage.make_room(room);
            }
            QCOMPARE(stage.line.taken, text);
        }
    }

    void who_does_not_read_in_time_is_told_of_once() {
        Stage stage;
        stage.transport.set_write_deadline(seconds(2));
        stage.line.room = 10;
        stage.turn([&] { stage.transport.send(std::string(100, 'x')); });
        stage.pass(milliseconds(1'999));
        QCOMPARE(stage.owner.deadlines, 0);
        stage.pass(milliseconds(2));
        QCOMPARE(stage.owner.deadlines, 1);
        stage.pass(seconds(60));
        QCOMPARE(stage.owner.deadlines, 1);
    }

    void a_little_is_not_enough_within_the_deadline() {
        Stage stage;
        stage.transport.set_write_deadline(seconds(2));
        stage.line.room = 0;
        stage.turn([&] { stage.transport.send(std::string(100, 'x')); });
        stage.pass(seconds(1));
        stage.make_room(99);
        stage.pass(milliseconds(1'001));
        QCOMPARE(stage.owner.deadlines, 1);
    }

    void who_takes_what_waited_has_time_anew_for_the_rest() {
        Stage stage;
        stage.transport.set_write_deadline(seconds(2));
        stage.line.room = 0;
        stage.turn([&] { stage.transport.send(std::string(100, 'x')); });
        stage.pass(seconds(1));
        stage.turn([&] { stage.transport.send(std::string(100, 'y')); });
        stage.make_room(150);
        // All of the first hundred have gone by the deadline; the others came later.
        stage.pass(milliseconds(1'500));
        QCOMPARE(stage.owner.deadlines, 0);
        stage.pass(milliseconds(1'600));
        QCOMPARE(stage.owner.deadlines, 1);
    }

    void who_takes_all_in_time_has_no_deadline_left() {
        Stage stage;
        stage.transport.set_write_deadline(seconds(2));
        stage.line.room = 0;
        stage.turn([&] { stage.transport.send("x"); });
        stage.pass(milliseconds(1'900));
        stage.make_room(10);
        stage.pass(seconds(60));
        QCOMPARE(stage.owner.deadlines, 0);
    }

    void without_a_deadline_a_peer_may_take_for_ever() {
        Stage stage;
        stage.line.room = 0;
        stage.turn([&] { stage.transport.send("x"); });
        stage.pass(base::hours(24));
        QCOMPARE(stage.owner.deadlines, 0);
    }

    void what_is_discarded_is_not_sent() {
        Stage stage;
        stage.line.room = 0;
        stage.turn([&] { stage.transport.send("gone"); });
        stage.transport.discard();
        QCOMPARE(stage.transport.pending(), std::size_t{0});
        stage.make_room(100);
        stage.turn([&] { stage.transport.send("kept"); });
        QCOMPARE(stage.line.taken, std::string("kept"));
    }

    void one_that_is_destroyed_in_the_turn_it_spoke_is_forgotten() {
        Stage stage;
        Line line;
        stage.turn([&] {
            Transport transport(stage.world, stage.queue, std::make_unique<LineLink>(line),
                                stage.owner);
            transport.start();
            transport.send("never");
            stage.transport.send("said");
        });
        QVERIFY(!line.open);
        QCOMPARE(line.taken, std::string());
        QCOMPARE(stage.line.taken, std::string("said"));
    }

    void one_that_is_destroyed_while_it_waits_has_no_deadline() {
        Stage stage;
        Line line;
        line.room = 0;
        {
            Transport transport(stage.world, stage.queue, std::make_unique<LineLink>(line),
                                stage.owner);
            transport.set_write_deadline(seconds(1));
            transport.start();
            stage.turn([&] { transport.send("x"); });
        }
        stage.pass(seconds(5));
        QCOMPARE(stage.owner.deadlines, 0);
    }

    void what_comes_and_ends_is_passed_on() {
        Stage stage;
        stage.turn([&] {
            stage.line.owner->received("hello");
            stage.line.owner->ended(world::LinkEnd::ClosedByPeer, "bye");
        });
        QCOMPARE(stage.owner.in, std::string("hello"));
        QCOMPARE(stage.owner.end, std::string("bye"));
        stage.transport.pause_reading();
        QVERIFY(!stage.line.reading);
        stage.transport.resume_reading();
        QVERIFY(stage.line.reading);
        QCOMPARE(stage.transport.remote().host, std::string("10.0.0.9"));
    }
};
SIGNALBOX_TEST(TransportTest);

}  // namespace signalbox::transport

#include "transport_test.moc"
