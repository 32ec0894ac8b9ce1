#include "engine/base/text.h"

#include "tests/auth/auth_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::auth {

using base::milliseconds;
using base::minutes;
using base::seconds;
using crypto::Secret;

namespace {

config::Options one_user() {
    config::Options options;
    options.authorization.users = {{.name = "u", .password = Secret("p")},
                                   {.name = "v", .password = Secret("p")}};
    return options;
}

Credentials from(std::string host, std::string user, std::string password) {
    return {.user = std::move(user),
            .password = Secret(std::move(password)),
            .remote = {.host = std::move(host), .port = 1}};
}

}  // namespace

/// What guessing costs.
class FailureDelayTest : public QObject {
    Q_OBJECT

private slots:
    void after_ten_failures_an_address_waits() {
        AuthStage stage(one_user());
        for (unsigned i = 0; i < FailureTable::kFree; ++i) {
            // Of different names, so that it is the address that counts.
            QVERIFY(!stage.ask(from("10.0.0.9", concat("x", i), "no")).admitted);
            QVERIFY(stage.at_once);
        }
        QVERIFY(stage.sink.line.find("10.0.0.9") != std::string::npos);
        QVERIFY(stage.ask(from("10.0.0.9", "u", "p")).admitted);
        QVERIFY(stage.took >= FailureTable::kShortest);
        QVERIFY(stage.observation.counters.auth_delays.get() > 0);
        QVERIFY(stage.ask(from("10.0.0.8", "u", "p")).admitted);
        QVERIFY(stage.at_once);
    }

    void after_ten_failures_a_name_waits_wherever_they_came_from() {
        AuthStage stage(one_user());
        for (unsigned i = 0; i < FailureTable::kFree; ++i) {
            QVERIFY(!stage.ask(from(concat("10.0.1.", i), "u", "no")).admitted);
        }
        QVERIFY(stage.ask(from("10.0.0.8", "u", "p")).admitted);
        QVERIFY(!stage.at_once);
        QVERIFY(stage.ask(from("10.0.0.8", "v", "p")).admitted);
        QVERIFY(stage.at_once);
    }

    void guesses_in_parallel_are_no_faster() {
        AuthStage stage(one_user());
        for (unsigned i = 0; i < FailureTable::kFree; ++i) {
            stage.ask(from("10.0.0.9", concat("x", i), "no"));
        }
        int judged = 0;
        int refused_at_once = 0;
        stage.world.run([&] {
            for (int i = 0; i < 10'000; ++i) {
                stage.authenticator->authenticate(from("10.0.0.9", concat("y", i), "no"),
                                                  [&](Verdict const&) { ++judged; });
            }
            refused_at_once = judged;
        });
        stage.universe.simulation().run_for(seconds(10));
        QCOMPARE(judged, 10'000);
        // What waited was judged within the patience of 1.5 s, ten a second at most.
        QVERIFY(refused_at_once >= 10'000 - 16);
    }

    void waits_grow_and_have_an_end() {
        FailureTable table;
        Credentials const guess = from("10.0.0.9", "", "");
        Instant now{seconds(1'000)};
        Duration longest{0};
        for (int i = 0; i < 30; ++i) {
            auto const wait = table.wait(guess, now, FailureTable::kLongest);
            QVERIFY(wait.has_value());
            longest = std::max(longest, *wait);
            now = now + *wait;
            table.failed(guess, now);
        }
        QCOMPARE(longest, FailureTable::kLongest);
    }

    // Whoever has one address of version 6 has a network of them.
    void addresses_of_one_network_wait_for_each_other_data() {
        QTest::addColumn<QString>("other");
        QTest::addColumn<bool>("waits");
        QTest::newRow("same network") << "2001:db8:1:2:ffff::9" << true;
        QTest::newRow("the next network") << "2001:db8:1:3::1" << false;
        QTest::newRow("another way to write it") << "2001:0DB8:0001:0002:0:0:0:7" << true;
    }
    void addresses_of_one_network_wait_for_each_other() {
        QFETCH(QString, other);
        QFETCH(bool, waits);
        FailureTable table;
        Instant const now{seconds(1'000)};
        for (unsigned i = 0; i < FailureTable::kFree; ++i) {
            table.failed(from(concat("2001:db8:1:2::", i + 1), "", ""), now);
        }
        auto const wait =
            table.wait(from(other.toStdString(), "", ""), now, FailureTable::kLongest);
        QCOMPARE(*wait > Duration{0}, waits);
        // Of version 4 each counts for itself, also within one of version 6.
        FailureTable fours;
        for (unsigned i = 0; i < FailureTable::kFree; ++i) {
            fours.failed(from("::ffff:10.0.0.9", "", ""), now);
        }
        QVERIFY(*fours.wait(from("10.0.0.9", "", ""), now, FailureTable::kLongest) > Duration{0});
        QCOMPARE(*fours.wait(from("::ffff:10.0.0.8", "", ""), now, FailureTable::kLongest),
                 Duration{0});
    }

    void holding_back_is_counted_and_told_once() {
        AuthStage stage(one_user());
        for (unsigned i = 0; i < FailureTable::kFree + 5; ++i) {
            stage.ask(from("10.0.0.9", concat("x", i), "no"));
        }
        QCOMPARE(stage.observation.counters.auth_holds.get(), std::uint64_t{1});
    }

    void old_failures_are_forgotten() {
        FailureTable table;
        Credentials const guess = from("10.0.0.9", "u", "");
        Instant const now{seconds(1'000)};
        for (int i = 0; i < 20; ++i) {
            table.failed(guess, now);
        }
        QVERIFY(*table.wait(guess, now, FailureTable::kLongest) > Duration{0});
        Instant const later = now + FailureTable::kForgotten + seconds(1);
        QCOMPARE(*table.wait(guess, later, FailureTable::kLongest), Duration{0});
        QCOMPARE(table.size(), std::size_t{0});
    }

    void those_who_are_known_make_up_for_those_who_are_not() {
        FailureTable table;
        Credentials const guess = from("10.0.0.9", "", "");
        Instant const now{seconds(1'000)};
        for (int i = 0; i < 12; ++i) {
            table.failed(guess, now);
        }
        table.succeeded(guess, now);
        QCOMPARE(*table.wait(guess, now, FailureTable::kLongest), Duration{0});
    }

    void loopback_never_waits_data() {
        QTest::addColumn<QString>("host");
        QTest::newRow("v4") << "127.0.0.1";
        QTest::newRow("v4, another") << "127.8.0.1";
        QTest::newRow("v6") << "::1";
        QTest::newRow("v4 in v6") << "::ffff:127.0.0.1";
    }

    void loopback_never_waits() {
        QFETCH(QString, host);
        AuthStage stage(one_user());
        for (int i = 0; i < 100; ++i) {
            QVERIFY(!stage.ask(from(host.toStdString(), "u", "no")).admitted);
            QVERIFY(stage.at_once);
        }
        QCOMPARE(stage.failures.size(), std::size_t{0});
        // Nor did it make others wait for that name.
        QVERIFY(stage.ask(from("10.0.0.9", "u", "p")).admitted);
        QVERIFY(stage.at_once);
    }

    void who_was_let_in_before_does_not_wait_at_a_reload() {
        AuthStage stage(one_user());
        for (int i = 0; i < 20; ++i) {
            stage.failures.failed(from("10.0.0.9", "u", ""), Instant{});
        }
        Credentials shown = from("10.0.0.9", "u", "p");
        shown.again = true;
        QVERIFY(stage.ask(shown).admitted);
        QVERIFY(stage.at_once);
    }

    void what_is_remembered_is_bounded() {
        FailureTable table;
        for (std::size_t i = 0; i < FailureTable::kMost + 1'000; ++i) {
            table.failed(from(concat("h", i), "", ""), Instant{});
        }
        QVERIFY(table.size() <= FailureTable::kMost);
    }
};
SIGNALBOX_TEST(FailureDelayTest);

}  // namespace signalbox::auth

#include "failure_delay_test.moc"
