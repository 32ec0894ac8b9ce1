#include "engine/auth/secret_check.h"

#include "tests/auth/auth_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::auth {

using base::milliseconds;
using base::seconds;
using crypto::Secret;

namespace {

/// Of another password.
constexpr char kOtherHash[] = "$2a$04$CyQ4eG4HehcPT0SdPXTvyew.GcG2wwxLXPlcfl/QX6BWLtMeLPjeO";
/// Of the password `secret`.
constexpr char kHash[] = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

struct Stage : AuthStage {
    explicit Stage(config::Authorization authorization)
        : AuthStage(config::Options{.authorization = std::move(authorization)}) {}

    Verdict ask(std::string const& user, std::string const& password,
                std::string const& token = {}) {
        return AuthStage::ask({.user = user, .password = Secret(password), .token = Secret(token)});
    }
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

    void hashes_wait_for_a_worker() {
        Stage stage(hashed());
        int admitted = 0;
        constexpr int kMany = 200;
        stage.world.run([&] {
            for (int i = 0; i < kMany; ++i) {
                stage.authenticator->authenticate(
                    {.user = "a", .password = Secret("secret")},
                    [&](Verdict const& v) { admitted += v.admitted; });
            }
        });
        stage.universe.simulation().run_until([&] { return admitted == kMany; }, seconds(1'000));
        QCOMPARE(admitted, kMany);
    }

    // A reload asks everyone again, and must not hash for all of them.
    void what_was_proved_once_need_not_be_hashed_again() {
        Stage stage(hashed());
        Credentials shown{.user = "a", .password = Secret("secret")};
        Verdict const first = stage.AuthStage::ask(shown);
        QVERIFY(first.admitted && !stage.at_once);
        shown.proof = first.identity.proof;
        QVERIFY(stage.AuthStage::ask(shown).admitted);
        QVERIFY(stage.at_once);
        Stage changed({.users = {{.name = "a", .password = Secret(kOtherHash)}}});
        QVERIFY(!changed.AuthStage::ask(shown).admitted);
        QVERIFY(!changed.at_once);
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
