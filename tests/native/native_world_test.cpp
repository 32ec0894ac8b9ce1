#include "engine/native/native_world.h"

#include "engine/base/text.h"

#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>

#include <future>
#include <thread>

namespace signalbox::native {

using base::milliseconds;
using base::seconds;
using support::RawClient;
using support::RawPeer;
using world::LinkEnd;

namespace {

/// A real world whose loop runs until something is so.
class Stage : private world::EndOfTurn {
public:
    Stage() { world.turn().add(*this); }
    ~Stage() override { world.turn().remove(*this); }

    Stage(Stage const&) = delete;
    Stage& operator=(Stage const&) = delete;

    /// False: it did not come about in a time that is ample.
    bool run_until(std::function<bool()> condition) {
        if (condition()) {
            return true;
        }
        condition_ = std::move(condition);
        met_ = false;
        world::TimerId const guard = world.timers().call_at(world.clock().now() + seconds(60),
                                                            [this] { world.loop().stop(); });
        world.loop().run();
        world.timers().cancel(guard);
        return met_;
    }

    NativeWorld world{"native_test"};

private:
    void end_of_turn() override {
        if (!met_ && condition_ && condition_()) {
            met_ = true;
            world.loop().stop();
        }
    }

    std::function<bool()> condition_;
    bool met_ = false;
};

/// A listener on this machine, with who came last.
struct Host {
    explicit Host(Stage& stage)
        : listener(stage.world.network()
                       .listen({.host = "127.0.0.1", .port = 0},
                               [this](std::unique_ptr<world::Link> link) {
                                   remote = link->remote();
                                   peer = std::make_unique<RawPeer>(std::move(link));
                                   ++accepted;
                               })
                       .value()) {}

    std::uint16_t port() const { return listener->address().port; }

    std::unique_ptr<world::Listener> listener;
    std::unique_ptr<RawPeer> peer;
    world::Address remote;
    int accepted = 0;
};

/// Both ends of a link.
struct Pair {
    explicit Pair(Stage& stage) : host(stage) {
        client.connect(stage.world, "127.0.0.1", host.port());
        connected = stage.run_until([this] { return client.is_open() && host.peer != nullptr; });
    }

    Host host;
    RawClient client;
    bool connected = false;
};

std::string numbered(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) {
        append(text, i, ' ');
    }
    text.resize(size);
    return text;
}

/// Receives into memory of its own.
class OwnSpace : public world::LinkOwner {
public:
    explicit OwnSpace(std::unique_ptr<world::Link> link) : link_(std::move(link)) {
        link_->start(*this);
    }

    std::span<char> receive_space() override { return std::span(space).subspan(filled); }
    void received(Bytes bytes) override {
        elsewhere = elsewhere || bytes.data() != space.data() + filled;
        filled += bytes.size();
    }
    void writable() override {}
    void ended(LinkEnd, std::string_view) override {}

    std::vector<char> space = std::vector<char>(1'000'000);
    std::size_t filled = 0;
    bool elsewhere = false;

private:
    std::unique_ptr<world::Link> link_;
};

}  // namespace

/// The loop, its clock and its timers.
class EventLoopTest : public QObject {
    Q_OBJECT

private slots:
    void what_is_deferred_runs_after_all_that_was_ready_and_each_turn_ends_once() {
        Stage stage;
        std::string order;
        struct Ends : world::EndOfTurn {
            explicit Ends(std::string& o) : order(o) {}
            void end_of_turn() override { order += "end "; }
            std::string& order;
        } ends{order};
        world::Turn& turn = stage.world.turn();
        turn.add(ends);
        bool last = false;
        stage.world.loop().post([&] {
            order += "first ";
            turn.defer([&] {
                order += "deferred ";
                turn.defer([&] {
                    order += "again ";
                    last = true;
                });
            });
        });
        stage.world.loop().post([&] { order += "second "; });
        QVERIFY(stage.run_until([&] { return last; }));
        turn.remove(ends);
        QCOMPARE(order, std::string("first second deferred end again end "));
    }

    void who_left_is_told_of_no_more_turns() {
        Stage stage;
        struct Counts : world::EndOfTurn {
            void end_of_turn() override { ++turns; }
            int turns = 0;
        } counts;
        stage.world.turn().add(counts);
        bool done = false;
        stage.world.turn().defer([&] { done = true; });
        QVERIFY(stage.run_until([&] { return done; }));
        int const before = counts.turns;
        QVERIFY(before >= 1);
        stage.world.turn().remove(counts);
        done = false;
        stage.world.turn().defer([&] { done = true; });
        QVERIFY(stage.run_until([&] { return done; }));
        QCOMPARE(counts.turns, before);
    }

    // What is asked for right after a long wait must not be timed from its beginning.
    void the_clock_is_not_as_old_as_the_wait_before_the_turn() {
        Stage stage;
        world::Clock& clock = stage.world.clock();
        Instant const due = clock.now() + milliseconds(80);
        Instant seen;
        bool called = false;
        stage.world.timers().call_at(due, [&] {
            seen = clock.now();
            called = true;
        });
        QVERIFY(stage.run_until([&] { return called; }));
        QVERIFY(seen >= due);
    }

    void timers_come_in_the_order_of_their_times_and_then_of_asking() {
        Stage stage;
        Instant const now = stage.world.clock().now();
        std::string order;
        auto const at = [&](int ms, char const* name) {
            return stage.world.timers().call_at(now + milliseconds(ms),
                                                [&order, name] { order += name; });
        };
        at(20, "d");
        at(10, "b");
        at(10, "c");
        world::TimerId const cancelled = at(10, "x");
        at(0, "a");
        stage.world.timers().cancel(cancelled);
        QCOMPARE(order, std::string());
        QVERIFY(stage.run_until([&] { return order.size() >= 4; }));
        QCOMPARE(order, std::string("abcd"));
        stage.world.timers().cancel(cancelled);
    }

    void a_timer_may_ask_for_and_cancel_others() {
        Stage stage;
        world::Timers& timers = stage.world.timers();
        Instant const now = stage.world.clock().now();
        std::string order;
        world::TimerId const other =
            timers.call_at(now + milliseconds(5), [&] { order += "other "; });
        timers.call_at(now, [&] {
            order += "first ";
            timers.cancel(other);
            timers.call_at(now, [&] { order += "second "; });
        });
        timers.call_at(now + milliseconds(10), [&] { order += "last"; });
        QVERIFY(stage.run_until([&] { return order.ends_with("last"); }));
        QCOMPARE(order, std::string("first second last"));
    }

    void many_cancelled_timers_leave_the_others_alone() {
        Stage stage;
        world::Timers& timers = stage.world.timers();
        Instant const now = stage.world.clock().now();
        std::vector<world::TimerId> ids;
        int called = 0;
        for (int i = 0; i < 1'000; ++i) {
            ids.push_back(timers.call_at(now + milliseconds(i % 7), [&] { ++called; }));
        }
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (i % 10 != 0) {
                timers.cancel(ids[i]);
            }
        }
        bool last = false;
        timers.call_at(now + milliseconds(8), [&] { last = true; });
        QVERIFY(stage.run_until([&] { return last; }));
        QCOMPARE(called, 100);
    }

    void another_thread_may_post() {
        Stage stage;
        std::thread::id ran_on;
        bool ran = false;
        std::thread other([&] {
            stage.world.loop().post([&] {
                ran_on = std::this_thread::get_id();
                ran = true;
            });
        });
        QVERIFY(stage.run_until([&] { return ran; }));
        other.join();
        QCOMPARE(ran_on, std::this_thread::get_id());
    }
};
SIGNALBOX_TEST(EventLoopTest);

/// Links over the loopback of this machine.
class SocketNetworkTest : public QObject {
    Q_OBJECT

private slots:
    void a_small_message_comes_and_goes() {
        Stage stage;
        Pair pair(stage);
        QVERIFY(pair.connected);
        pair.client.send("hello");
        QVERIFY(stage.run_until([&] { return pair.host.peer->bytes() == "hello"; }));
        pair.host.peer->send("back");
        QVERIFY(stage.run_until([&] { return pair.client.bytes() == "back"; }));
        QCOMPARE(pair.host.remote.host, std::string("127.0.0.1"));
        QVERIFY(pair.host.remote.port != pair.host.port());
    }

    // Far more than any socket takes at once: what was taken in parts arrives as a whole.
    void much_goes_both_ways_at_once_in_short_writes() {
        Stage stage;
        Pair pair(stage);
        QVERIFY(pair.connected);
        std::string const there = numbered(12'000'000);
        std::string const back = numbered(9'000'000);
        pair.client.send(there);
        pair.host.peer->send(back);
        QVERIFY(pair.client.unsent() > 0);
        QVERIFY(stage.run_until([&] {
            return pair.host.peer->bytes().size() >= there.size() &&
                   pair.client.bytes().size() >= back.size();
        }));
        QVERIFY(pair.host.peer->bytes() == there);
        QVERIFY(pair.client.bytes() == back);
    }

    void many_pieces_are_sent_in_their_order() {
        Stage stage;
        Host host(stage);
        std::unique_ptr<world::Link> link;
        auto const dial = stage.world.network().dial(
            "127.0.0.1", host.port(), seconds(10),
            [&](Result<std::unique_ptr<world::Link>> made) { link = std::move(made).value(); });
        QVERIFY(stage.run_until([&] { return link && host.peer; }));
        std::string const text = numbered(64);
        std::vector<Bytes> pieces;
        for (std::size_t i = 0; i < text.size(); ++i) {
            pieces.push_back(Bytes(text).substr(i, 1));
        }
        QCOMPARE(link->send(pieces), text.size());
        QVERIFY(stage.run_until([&] { return host.peer->bytes().size() == text.size(); }));
        QCOMPARE(host.peer->bytes(), text);
    }

    void bytes_are_received_where_their_owner_wants_them() {
        Stage stage;
        std::unique_ptr<OwnSpace> owner;
        auto const listener = stage.world.network()
                                  .listen({.host = "127.0.0.1", .port = 0},
                                          [&](std::unique_ptr<world::Link> link) {
                                              owner = std::make_unique<OwnSpace>(std::move(link));
                                          })
                                  .value();
        RawClient client;
        client.connect(stage.world, "127.0.0.1", listener->address().port);
        std::string const text = numbered(700'000);
        QVERIFY(stage.run_until([&] { return client.is_open(); }));
        client.send(text);
        QVERIFY(stage.run_until([&] { return owner && owner->filled == text.size(); }));
        QVERIFY(!owner->elsewhere);
        QVERIFY(std::string_view(owner->space.data(), owner->filled) == text);
    }

    void who_pauses_gets_nothing_until_he_goes_on() {
        Stage stage;
        Pair paused(stage);
        Pair other(stage);
        QVERIFY(paused.connected && other.connected);
        paused.host.peer->pause();
        paused.client.send("early");
        // By the time these have come and gone, the other bytes have long been there.
        for (int i = 0; i < 5; ++i) {
            other.client.send("x");
            QVERIFY(stage.run_until([&] { return other.host.peer->take_bytes() == "x"; }));
        }
        QCOMPARE(paused.host.peer->bytes(), std::string());
        paused.host.peer->resume();
        QVERIFY(stage.run_until([&] { return paused.host.peer->bytes() == "early"; }));
    }

    void the_end_comes_after_all_that_was_said() {
        Stage stage;
        Pair pair(stage);
        QVERIFY(pair.connected);
        pair.host.peer->send("last words");
        pair.host.peer->close();
        QVERIFY(stage.run_until([&] { return pair.client.end().has_value(); }));
        QCOMPARE(pair.client.bytes(), std::string("last words"));
        QVERIFY(pair.client.end() == LinkEnd::ClosedByPeer);
    }

    // Closing a socket with unread bytes would send a reset, which overtakes what was said.
    void unread_bytes_do_not_cost_the_peer_the_last_words() {
        Stage stage;
        Pair pair(stage);
        QVERIFY(pair.connected);
        pair.host.peer->pause();
        pair.client.send(numbered(50'000));
        QVERIFY(stage.run_until([&] { return pair.client.unsent() == 0; }));
        pair.host.peer->send("-ERR 'no'\r\n");
        pair.host.peer->close();
        QVERIFY(stage.run_until([&] { return pair.client.end().has_value(); }));
        QCOMPARE(pair.client.bytes(), std::string("-ERR 'no'\r\n"));
        QVERIFY(pair.client.end() == LinkEnd::ClosedByPeer);
    }

    void a_closed_listener_accepts_no_more() {
        Stage stage;
        Host host(stage);
        std::uint16_t const port = host.port();
        host.listener.reset();
        RawClient client;
        client.connect(stage.world, "127.0.0.1", port);
        QVERIFY(stage.run_until([&] { return client.error().has_value(); }));
        QVERIFY(client.error()->code() == Errc::Io);
        QCOMPARE(host.accepted, 0);
    }

    void many_who_come_at_once_are_all_let_in() {
        Stage stage;
        std::vector<std::unique_ptr<RawPeer>> peers;
        auto const listener =
            stage.world.network()
                .listen({.host = "127.0.0.1", .port = 0},
                        [&](std::unique_ptr<world::Link> link) {
                            peers.push_back(std::make_unique<RawPeer>(std::move(link)));
                        })
                .value();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 150; ++i) {
            clients.push_back(std::make_unique<RawClient>());
            clients.back()->connect(stage.world, "127.0.0.1", listener->address().port);
        }
        QVERIFY(stage.run_until([&] { return peers.size() == clients.size(); }));
    }

    void a_port_in_use_or_a_foreign_address_is_refused_data() {
        QTest::addColumn<QString>("host");
        QTest::newRow("in use") << "127.0.0.1";
        QTest::newRow("not ours") << "203.0.113.77";
    }

    void a_port_in_use_or_a_foreign_address_is_refused() {
        QFETCH(QString, host);
        Stage stage;
        Host first(stage);
        auto const second = stage.world.network().listen(
            {.host = host.toStdString(), .port = first.port()}, [](auto) {});
        QVERIFY(!second.ok());
        QVERIFY(second.error().code() == Errc::Io);
    }

    void all_addresses_include_this_machine_s_own() {
        Stage stage;
        int accepted = 0;
        auto const listener = stage.world.network()
                                  .listen({.host = "0.0.0.0", .port = 0},
                                          [&](std::unique_ptr<world::Link> link) {
                                              accepted += link->local().host == "127.0.0.1" ? 1 : 0;
                                          })
                                  .value();
        QCOMPARE(listener->address().host, std::string("0.0.0.0"));
        RawClient client;
        client.connect(stage.world, "127.0.0.1", listener->address().port);
        QVERIFY(stage.run_until([&] { return accepted == 1; }));
    }

    void a_dial_that_takes_too_long_is_given_up() {
        Stage stage;
        Host host(stage);
        std::optional<Errc> why;
        int answers = 0;
        auto const dial = stage.world.network().dial(
            "127.0.0.1", host.port(), Duration(0), [&](Result<std::unique_ptr<world::Link>> link) {
                ++answers;
                why = link.ok() ? Errc::Closed : link.error().code();
            });
        QVERIFY(!why);
        QVERIFY(stage.run_until([&] { return why.has_value(); }));
        QVERIFY(why == Errc::TimedOut);
        Pair other(stage);
        QVERIFY(other.connected);
        QCOMPARE(answers, 1);
    }

    void a_dial_that_is_dropped_says_nothing() {
        Stage stage;
        Host host(stage);
        bool answered = false;
        auto dial = stage.world.network().dial("127.0.0.1", host.port(), seconds(10),
                                               [&](auto) { answered = true; });
        dial.reset();
        Pair other(stage);
        QVERIFY(other.connected);
        QVERIFY(!answered);
    }

    void a_numeric_host_is_its_own_address() {
        Stage stage;
        std::optional<std::vector<std::string>> found;
        stage.world.network().resolve("10.1.2.3", [&](Result<std::vector<std::string>> hosts) {
            found = std::move(hosts).value();
        });
        QVERIFY(!found);
        QVERIFY(stage.run_until([&] { return found.has_value(); }));
        QCOMPARE(found->size(), std::size_t{1});
        QCOMPARE(found->front(), std::string("10.1.2.3"));
    }
};
SIGNALBOX_TEST(SocketNetworkTest);

/// Files.
class FileDiskTest : public QObject {
    Q_OBJECT

private slots:
    void what_is_asked_for_one_path_is_done_in_order() {
        Stage stage;
        QTemporaryDir dir;
        world::Disk& disk = stage.world.disk();
        std::string const path = dir.filePath("a").toStdString();
        std::string const other = dir.filePath("b").toStdString();
        std::vector<std::string> told;
        auto const note = [&](char const* what) {
            return [&told, what](Result<void> const& done) {
                told.push_back(concat(what, done.ok() ? "" : " failed"));
            };
        };
        std::optional<Result<std::string>> content;
        disk.write_file(path, "one", 0640, note("write"));
        disk.append_file(path, " two", 0600, note("append"));
        disk.rename_file(path, other, note("rename"));
        disk.append_file(other, " three", 0600, note("append"));
        disk.read_file(other, [&](Result<std::string> read) { content = std::move(read); });
        QVERIFY(told.empty());
        QVERIFY(stage.run_until([&] { return content.has_value(); }));
        QVERIFY(content->ok());
        QCOMPARE(content->value(), std::string("one two three"));
        QCOMPARE(base::join(told, ", "), std::string("write, append, rename, append"));
        QVERIFY(!QFileInfo::exists(dir.filePath("a")));
        // The mode is that of its making, less what the umask takes.
        QFile::Permissions const mode = QFileInfo(dir.filePath("b")).permissions();
        QVERIFY(!mode.testFlag(QFile::ReadOther));
        QVERIFY(mode.testFlag(QFile::WriteOwner));
    }

    void writing_again_replaces_and_removing_again_is_fine() {
        Stage stage;
        QTemporaryDir dir;
        world::Disk& disk = stage.world.disk();
        std::string const path = dir.filePath("a").toStdString();
        std::optional<Result<std::string>> content;
        disk.write_file(path, "a long one", 0600, [](auto const&) {});
        disk.write_file(path, "short", 0600, [](auto const&) {});
        disk.read_file(path, [&](Result<std::string> read) { content = std::move(read); });
        std::vector<bool> removed;
        disk.remove_file(path, [&](Result<void> const& done) { removed.push_back(done.ok()); });
        disk.remove_file(path, [&](Result<void> const& done) { removed.push_back(done.ok()); });
        QVERIFY(stage.run_until([&] { return removed.size() == 2; }));
        QCOMPARE(content->value(), std::string("short"));
        QVERIFY(removed[0] && removed[1]);
    }

    void each_failure_says_which_kind_it_is_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("code");
        QTest::newRow("read missing") << "read missing" << static_cast<int>(Errc::NotFound);
        QTest::newRow("read folder") << "read folder" << static_cast<int>(Errc::Io);
        QTest::newRow("write") << "write" << static_cast<int>(Errc::Io);
        QTest::newRow("append") << "append" << static_cast<int>(Errc::Io);
        QTest::newRow("rename") << "rename" << static_cast<int>(Errc::Io);
        QTest::newRow("remove folder") << "remove folder" << static_cast<int>(Errc::Io);
    }

    void each_failure_says_which_kind_it_is() {
        QFETCH(QString, what);
        QFETCH(int, code);
        Stage stage;
        QTemporaryDir dir;
        world::Disk& disk = stage.world.disk();
        std::string const missing = dir.filePath("no/such").toStdString();
        std::string const folder = dir.path().toStdString();
        std::optional<Error> met;
        bool answered = false;
        auto const told = [&](auto const& result) {
            answered = true;
            if (!result.ok()) {
                met = result.error();
            }
        };
        if (what == "read missing") {
            disk.read_file(missing, told);
        } else if (what == "read folder") {
            disk.read_file(folder, told);
        } else if (what == "write") {
            disk.write_file(missing, "x", 0600, told);
        } else if (what == "append") {
            disk.append_file(missing, "x", 0600, told);
        } else if (what == "rename") {
            disk.rename_file(missing, dir.filePath("b").toStdString(), told);
        } else {
            disk.remove_file(folder, told);
        }
        QVERIFY(stage.run_until([&] { return answered; }));
        QVERIFY(met.has_value());
        QCOMPARE(static_cast<int>(met->code()), code);
        QVERIFY2(met->detail().find(folder) != std::string::npos, met->detail().c_str());
    }

    void the_end_of_the_world_waits_for_what_was_asked_for() {
        QTemporaryDir dir;
        {
            NativeWorld world("native_test");
            for (int i = 0; i < 50; ++i) {
                world.disk().append_file(dir.filePath("a").toStdString(), "x", 0600,
                                         [](auto const&) { QFAIL("nobody is left to be told"); });
            }
        }
        QCOMPARE(QFileInfo(dir.filePath("a")).size(), qint64{50});
    }
};
SIGNALBOX_TEST(FileDiskTest);

/// Threads that compute.
class WorkerThreadsTest : public QObject {
    Q_OBJECT

private slots:
    void a_job_runs_elsewhere_and_is_done_here() {
        Stage stage;
        std::thread::id worked_on;
        std::thread::id done_on;
        bool done = false;
        QVERIFY(stage.world.workers().run([&] { worked_on = std::this_thread::get_id(); },
                                          [&] {
                                              done_on = std::this_thread::get_id();
                                              done = true;
                                          }));
        QVERIFY(!done);
        QVERIFY(stage.run_until([&] { return done; }));
        QVERIFY(worked_on != std::this_thread::get_id());
        QCOMPARE(done_on, std::this_thread::get_id());
    }

    void too_many_are_refused_and_the_others_are_done() {
        Stage stage;
        std::promise<void> gate;
        std::shared_future<void> const opened = gate.get_future().share();
        int accepted = 0;
        int done = 0;
        while (accepted < 1'000 &&
               stage.world.workers().run([opened] { opened.wait(); }, [&] { ++done; })) {
            ++accepted;
        }
        // 64 wait, and those that threads have taken already.
        QVERIFY2(accepted >= 64 && accepted <= 66, qPrintable(QString::number(accepted)));
        gate.set_value();
        QVERIFY(stage.run_until([&] { return done == accepted; }));
        QVERIFY(stage.world.workers().run([] {}, [&] { ++done; }));
        QVERIFY(stage.run_until([&] { return done == accepted + 1; }));
    }
};
SIGNALBOX_TEST(WorkerThreadsTest);

/// The rest of the outside.
class NativeWorldTest : public QObject {
    Q_OBJECT

private slots:
    void it_says_what_the_process_uses() {
        NativeWorld world("native_test");
        World::Usage const usage = world.usage();
        QVERIFY(usage.resident_bytes > 1'000'000);
        QVERIFY(usage.cpu_time.count() > 0);
        QVERIFY(usage.cores >= 1);
        QCOMPARE(world.process_id(),
                 static_cast<std::uint64_t>(QCoreApplication::applicationPid()));
        QCOMPARE(world.program_name(), std::string("native_test"));
    }

    void random_numbers_differ() {
        NativeWorld world("native_test");
        std::array<unsigned char, 32> a{};
        std::array<unsigned char, 32> b{};
        world.entropy().fill(a);
        world.entropy().fill(b);
        QVERIFY(a != b);
        auto const fork = world.entropy().fork("x");
        auto const other = world.entropy().fork("x");
        QVERIFY(fork->next() != other->next());
        for (std::uint64_t bound : {1ULL, 2ULL, 7ULL, 1'000ULL}) {
            QVERIFY(world.entropy().below(bound) < bound);
        }
    }
};
SIGNALBOX_TEST(NativeWorldTest);

}  // namespace signalbox::native

#include "native_world_test.moc"
