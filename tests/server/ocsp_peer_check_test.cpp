#include "engine/server/ocsp_peer_check.h"

#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/server/ocsp_responder.h"
#include "tests/support/certificates.h"
#include "tests/support/run_tests.h"

namespace signalbox::server {

using base::hours;
using base::milliseconds;
using base::minutes;
using base::seconds;

namespace {

class NoLog : public base::LogSink {
public:
    void write(LogLevel, std::string_view) override {}
};

/// A check, and the responder of the peers' authority.
class Stage {
public:
    explicit Stage(config::OcspPeer options = {.verify = true}) {
        world.run([&] { responder.emplace(world, authority, std::uint16_t{80}); });
        check = std::make_unique<OcspPeerCheck>(world, log, options);
    }
    ~Stage() {
        world.run([&] {
            check.reset();
            responder.reset();
        });
    }

    std::shared_ptr<tls::PeerIdentity const> peer(bool names_responder = true) {
        tls::KeyPair const pair =
            authority.issue({.access = names_responder ? "OCSP;URI:http://127.0.0.1/" : ""});
        auto made = std::make_shared<tls::PeerIdentity>();
        made->subject = "CN=x";
        made->verified_chain = {pair.cert_pem, authority.pem()};
        return made;
    }

    /// The verdict: `in`, `out`, or `none` when there is none yet.
    std::string ask(std::shared_ptr<tls::PeerIdentity const> const& peer) {
        auto verdict = std::make_shared<std::string>("none");
        world.run([&] {
            check->check(
                peer,
                [verdict](Result<void> const& result) { *verdict = result.ok() ? "in" : "out"; },
                {});
        });
        pass(seconds(4));
        return *verdict;
    }

    void pass(Duration time) {
        Instant const end = universe.simulation().now() + time;
        while (universe.simulation().now() < end) {
            universe.simulation().run_for(std::min(time, Duration(milliseconds(200))));
            world.run([&] { responder->answer_all(); });
        }
    }

    support::Authority authority;
    sim::Universe universe{1};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    NoLog sink;
    Logger log{sink};
    std::optional<OcspResponder> responder;
    std::unique_ptr<OcspPeerCheck> check;
};

}  // namespace

/// Whether a client's certificate is still good, asked of those who know.
class OcspPeerCheckTest : public QObject {
    Q_OBJECT

private slots:
    void who_is_good_comes_in_and_who_was_revoked_does_not() {
        Stage stage;
        QCOMPARE(stage.ask(stage.peer()), std::string("in"));
        stage.responder->revoked = true;
        QCOMPARE(stage.ask(stage.peer()), std::string("out"));
    }

    void an_answer_is_remembered_while_it_holds() {
        Stage stage;
        auto const peer = stage.peer();
        QCOMPARE(stage.ask(peer), std::string("in"));
        stage.responder->revoked = true;
        stage.pass(minutes(30));
        QCOMPARE(stage.ask(peer), std::string("in"));
        QCOMPARE(stage.responder->asked, 1);
        stage.pass(minutes(40));
        QCOMPARE(stage.ask(peer), std::string("out"));
        QCOMPARE(stage.responder->asked, 2);
    }

    void who_names_no_responder_comes_in() {
        Stage stage;
        QCOMPARE(stage.ask(stage.peer(false)), std::string("in"));
        QCOMPARE(stage.responder->asked, 0);
    }

    void without_an_answer_it_is_as_configured_data() {
        QTest::addColumn<bool>("allow");
        QTest::addColumn<bool>("warn");
        QTest::addColumn<QString>("verdict");
        QTest::newRow("strict") << false << false << "out";
        QTest::newRow("unreachable allowed") << true << false << "in";
        QTest::newRow("only warned of") << false << true << "in";
    }
    void without_an_answer_it_is_as_configured() {
        QFETCH(bool, allow);
        QFETCH(bool, warn);
        QFETCH(QString, verdict);
        Stage stage({.verify = true, .warn_only = warn, .allow_when_ca_unreachable = allow});
        stage.responder->silent = true;
        QCOMPARE(stage.ask(stage.peer()), verdict.toStdString());
    }

    void one_that_was_revoked_stays_out_when_nobody_answers() {
        Stage stage({.verify = true, .allow_when_ca_unreachable = true});
        auto const peer = stage.peer();
        stage.responder->revoked = true;
        QCOMPARE(stage.ask(peer), std::string("out"));
        stage.responder->silent = true;
        stage.pass(hours(2));
        QCOMPARE(stage.ask(peer), std::string("out"));
    }

    void what_is_destroyed_while_it_asks_says_nothing() {
        Stage stage;
        stage.responder->silent = true;
        bool said = false;
        stage.world.run([&] {
            stage.check->check(stage.peer(), [&](Result<void> const&) { said = true; }, {});
        });
        stage.pass(milliseconds(400));
        stage.world.run([&] { stage.check.reset(); });
        stage.pass(seconds(10));
        QVERIFY(!said);
    }
};
SIGNALBOX_TEST(OcspPeerCheckTest);

}  // namespace signalbox::server

#include "ocsp_peer_check_test.moc"
