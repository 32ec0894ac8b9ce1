#include "engine/auth/auth_chain.h"
#include "engine/auth/secret_check.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/run_tests.h"

namespace signalbox::auth {

using base::milliseconds;
using base::seconds;
using crypto::Secret;

namespace {

/// Of the password `secret`.
constexpr char kHash[] = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

class QuietLog : public base::LogSink {
public:
    void write(LogLevel, std::string_view) override {}
};

struct Stage {
    explicit Stage(config::Authorization authorization)
        : authenticator(make_authenticator(
              {world, log}, config::Options{.authorization = std::move(authorization)})) {}

    /// Shows these, and lets time pass until the answer comes.
    Verdict ask(std::string const& user, std::string const& password,
                std::string const& token = {}) {
        std::optional<Verdict> verdict;
        world.run([&] {
            authenticator->authenticate(
                {.user = user, .password = Secret(password), .token = Secret(token)},
                [&](Verdict const& v) { verdict = v; });
        });
        at_once = verdict.has_value();
        Instant const asked = universe.simulation().now();
        universe.simulation().run_until([&] { return verdict.has_value(); }, seconds(10));
        took = universe.simulation().now() - asked;
        return verdict.value();
    }

    sim::Universe universe{1};
    QuietLog sink;
    Logger log{sink};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    std::unique_ptr<Authenticator> authenticator;
    bool at_once = false;  ///< Of the last answer.
    Duration took{0};
};

config::Authorization users() {
    return {.users = {{.name = "a", .password = Secret("1a")},
                      {.name = "b", .password = Secret("2b")}}};
}

config::Authorization hashed() {
    return {.users = {{.name = "a", .password = Secret(kHash)}}};
}

}  // namespace

/// Who a connection is, by what the configuration holds.
class ConfiguredAuthTest : public QObject {
    Q_OBJECT

private slots:
    void without_users_everyone_is_someone() {
        Stage stage({});
        Verdict const verdict = stage.ask("whoever", "x", "y");
        QVERIFY(verdict.admitted && stage.at_once);
        QCOMPARE(verdict.identity.account, std::string("$G"));
        QCOMPARE(verdict.identity.user, std::string());
    }

    void a_user_is_known_by_the_right_password_data() {
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("password");
        QTest::addColumn<bool>("admitted");
        QTest::newRow("right") << "a"
                               << "1a" << true;
        QTest::newRow("the other") << "b"
                                   << "2b" << true;
        QTest::newRow("password of another") << "a"
                                             << "2b" << false;
        QTest::newRow("longer") << "a"
                                << "1aa" << false;
        QTest::newRow("shorter") << "a"
                                 << "1" << false;
        QTest::newRow("empty") << "a"
                               << "" << false;
        QTest::newRow("unknown") << "c"
                                 << "1a" << false;
        QTest::newRow("nobody") << ""
                                << "" << false;
        QTest::newRow("other case") << "A"
                                    << "1a" << false;
    }

    void a_user_is_known_by_the_right_password() {
        QFETCH(QString, user);
        QFETCH(QString, password);
        QFETCH(bool, admitted);
        Stage stage(users());
        Verdict const verdict = stage.ask(user.toStdString(), password.toStdString());
        QCOMPARE(verdict.admitted, admitted);
        QVERIFY(stage.at_once);
        if (admitted) {
            QCOMPARE(verdict.identity.user, user.toStdString());
            QCOMPARE(verdict.identity.account, std::string("$G"));
        }
    }

    void the_lone_user_is_one_of_the_users() {
        Stage stage({.user = "u", .password = Secret("p")});
        QVERIFY(stage.ask("u", "p").admitted);
        QVERIFY(!stage.ask("u", "q").admitted);
        QVERIFY(!stage.ask("", "").admitted);
    }

    void a_token_is_for_all_and_is_never_shown() {
        Stage stage({.token = Secret("t0ken")});
        Verdict const verdict = stage.ask("anyone", "", "t0ken");
        QVERIFY(verdict.admitted);
        QVERIFY(verdict.identity.user.find("t0ken") == std::string::npos);
        QVERIFY(verdict.identity.label.find("t0ken") == std::string::npos);
        QVERIFY(!stage.ask("anyone", "", "other").admitted);
        QVERIFY(!stage.ask("anyone", "t0ken", "").admitted);
    }

    void a_hash_is_computed_by_workers() {
        Stage stage(hashed());
        QVERIFY(stage.ask("a", "secret").admitted);
        QVERIFY(!stage.at_once);
        QVERIFY(stage.took > Duration(0));
        QVERIFY(!stage.ask("a", "Secret").admitted);
        QVERIFY(!stage.ask("a", kHash).admitted);
    }

    void a_hashed_token_is_computed_by_workers() {
        Stage stage({.token = Secret(kHash)});
        QVERIFY(stage.ask("", "", "secret").admitted);
        QVERIFY(!stage.at_once);
        QVERIFY(!stage.ask("", "", "wrong").admitted);
    }

    // Or one could find out by the clock which users there are.
    void a_user_that_is_not_there_takes_as_long_as_one_that_is() {
        Stage stage(hashed());
        QVERIFY(!stage.ask("a", "wrong").admitted);
        Duration const known = stage.took;
        QVERIFY(!stage.ask("nobody", "wrong").admitted);
        QVERIFY(!stage.at_once);
        QCOMPARE(stage.took.count(), known.count());
    }

    void what_is_asked_for_outlives_who_was_asked() {
        Stage stage(hashed());
        std::optional<Verdict> verdict;
        stage.world.run([&] {
            stage.authenticator->authenticate({.user = "a", .password = Secret("secret")},
                                              [&](Verdict const& v) { verdict = v; });
            stage.authenticator.reset();
        });
        stage.universe.simulation().run_for(seconds(1));
        QVERIFY(verdict.has_value());
        QVERIFY(verdict->admitted);
    }

    void when_too_many_wait_the_next_is_refused() {
        Stage stage(hashed());
        int answers = 0;
        stage.world.run([&] {
            for (std::size_t i = 0; i < sim::SimWorkers::kMaxWaiting; ++i) {
                stage.world.workers().run([] {}, [] {});
            }
            stage.authenticator->authenticate({.user = "a", .password = Secret("secret")},
                                              [&](Verdict const& v) {
                                                  ++answers;
                                                  QVERIFY(!v.admitted);
                                              });
        });
        QCOMPARE(answers, 1);
    }
};
SIGNALBOX_TEST(ConfiguredAuthTest);

}  // namespace signalbox::auth

#include "configured_auth_test.moc"
