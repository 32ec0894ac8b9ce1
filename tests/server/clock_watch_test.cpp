#include "engine/server/clock_watch.h"

#include "tests/server/server_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::server {

/// Who notices that the calendar was set.
class ClockWatchTest : public QObject {
    Q_OBJECT
private slots:
    void a_jump_is_noticed_within_a_second_data() {
        QTest::addColumn<int>("milliseconds_ahead");
        QTest::addColumn<bool>("noticed");
        QTest::addColumn<bool>("told");
        QTest::newRow("an hour ahead") << 3'600'000 << true << true;
        QTest::newRow("an hour back") << -3'600'000 << true << true;
        QTest::newRow("two seconds") << 2'000 << true << false;
        QTest::newRow("as clocks are corrected") << 20 << false << false;
    }
    void a_jump_is_noticed_within_a_second() {
        QFETCH(int, milliseconds_ahead);
        QFETCH(bool, noticed);
        QFETCH(bool, told);
        Stage stage;
        KeptLog lines;
        Logger log(lines);
        int jumps = 0;
        std::unique_ptr<ClockWatch> watch;
        stage.near->run(
            [&] { watch = std::make_unique<ClockWatch>(*stage.near, log, [&] { ++jumps; }); });
        stage.pass(seconds(10));
        QCOMPARE(jumps, 0);
        stage.near->clock().set_wall_offset(milliseconds(milliseconds_ahead));
        stage.pass(seconds(1));
        QCOMPARE(jumps, noticed ? 1 : 0);
        QCOMPARE(lines.says("the clock of this machine was set"), told);
        stage.pass(seconds(10));
        QCOMPARE(jumps, noticed ? 1 : 0);
        stage.near->run([&] { watch.reset(); });
    }
};
SIGNALBOX_TEST(ClockWatchTest);

}  // namespace signalbox::server

#include "clock_watch_test.moc"
