#include "engine/server/ocsp_stapler.h"

#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/server/ocsp_responder.h"
#include "tests/support/certificates.h"
#include "tests/support/run_tests.h"

namespace signalbox::server {

using base::minutes;
using base::seconds;
using config::OcspMode;
using config::OcspOptions;

namespace {

class KeptLog : public base::LogSink {
public:
    void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }
    bool says(std::string_view text) const {
        return std::ranges::any_of(
            lines, [&](std::string const& line) { return line.find(text) != std::string::npos; });
    }

    std::vector<std::string> lines;
};

/// A stapler, and the responder of the certificate's authority, in one process.
class Stage {
public:
    explicit Stage(std::string const& features = "") {
        tls::Settings settings;
        settings.certificates.push_back(authority.issue({.features = features}));
        settings.ca_pem = authority.pem();
        context = tls::Context::create(tls::Role::Server, settings).value();
        world.run([&] { responder.emplace(world, authority, std::uint16_t{80}); });
    }
    ~Stage() {
        world.run([&] {
            stapler.reset();
            responder.reset();
        });
    }

    void start(std::optional<OcspOptions> const& options) {
        world.run([&] {
            stapler = std::make_unique<OcspStapler>(
                world, log,
                OcspStapler::Hooks{.changed = [this](tls::Staple now) { staple = std::move(now); },
                                   .revoked = [this] { must_stop = true; }});
            stapler->start(context, options, [this](Result<void> result) { outcome = result; });
        });
    }
    static OcspOptions asking(OcspMode mode) {
        return {.mode = mode, .urls = {"http://127.0.0.1/ocsp"}};
    }

    /// Lets time pass, answering each question that comes meanwhile.
    void pass(Duration time, bool revoked = false) {
        Instant const end = universe.simulation().now() + time;
        while (universe.simulation().now() < end) {
            universe.simulation().run_for(std::min(time, Duration(base::milliseconds(500))));
            world.run([&] {
                responder->revoked = revoked;
                responder->answer_all();
            });
        }
    }

    support::Authority authority;
    sim::Universe universe{1};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    KeptLog sink;
    Logger log{sink};
    tls::ContextPtr context;
    std::optional<OcspResponder> responder;
    std::unique_ptr<OcspStapler> stapler;
    tls::Staple staple;
    std::optional<Result<void>> outcome;
    bool must_stop = false;
};

}  // namespace

/// What is known of the server's own certificate, and what follows from it.
class OcspStaplerTest : public QObject {
    Q_OBJECT

private slots:
    void when_it_asks_is_by_mode_and_certificate_data() {
        QTest::addColumn<int>("mode");
        QTest::addColumn<bool>("demanded");
        QTest::addColumn<bool>("asks");
        QTest::newRow("auto") << int(OcspMode::Auto) << false << false;
        QTest::newRow("auto, demanded") << int(OcspMode::Auto) << true << true;
        QTest::newRow("must") << int(OcspMode::Must) << false << false;
        QTest::newRow("must, demanded") << int(OcspMode::Must) << true << true;
        QTest::newRow("always") << int(OcspMode::Always) << false << true;
        QTest::newRow("never, demanded") << int(OcspMode::Never) << true << false;
    }
    void when_it_asks_is_by_mode_and_certificate() {
        QFETCH(int, mode);
        QFETCH(bool, demanded);
        QFETCH(bool, asks);
        Stage stage(demanded ? "status_request" : "");
        stage.start(Stage::asking(OcspMode(mode)));
        stage.pass(seconds(2));
        QVERIFY(stage.outcome && stage.outcome->ok());
        QCOMPARE(stage.staple != nullptr, asks);
        QCOMPARE(stage.responder->asked, asks ? 1 : 0);
    }

    void it_asks_again_before_the_answer_grows_old() {
        Stage stage;
        stage.start(Stage::asking(OcspMode::Always));
        stage.pass(seconds(2));
        tls::Staple const first = stage.staple;
        stage.pass(minutes(31));
        QCOMPARE(stage.responder->asked, 2);
        QVERIFY(stage.staple && *stage.staple != *first);
    }

    void one_that_is_revoked_is_not_served_with_data() {
        QTest::addColumn<int>("mode");
        QTest::addColumn<bool>("serves");
        QTest::newRow("always") << int(OcspMode::Always) << false;
        QTest::newRow("must") << int(OcspMode::Must) << false;
        QTest::newRow("auto") << int(OcspMode::Auto) << true;
    }
    void one_that_is_revoked_is_not_served_with() {
        QFETCH(int, mode);
        QFETCH(bool, serves);
        Stage at_start("status_request");
        at_start.start(Stage::asking(OcspMode(mode)));
        at_start.pass(seconds(2), true);
        QVERIFY(at_start.outcome);
        QCOMPARE(at_start.outcome->ok(), serves);
        Stage later("status_request");
        later.start(Stage::asking(OcspMode(mode)));
        later.pass(seconds(2));
        QVERIFY(later.outcome && later.outcome->ok());
        later.pass(minutes(31), true);
        QCOMPARE(later.must_stop, !serves);
        QVERIFY(later.sink.says("revoked"));
    }

    void without_an_answer_it_does_not_begin() {
        Stage stage;
        stage.responder->silent = true;
        stage.start(Stage::asking(OcspMode::Always));
        stage.pass(seconds(10));
        QVERIFY(stage.outcome && !stage.outcome->ok());
        QCOMPARE(stage.outcome->error().code(), Errc::TimedOut);
        QVERIFY(stage.outcome->error().detail().starts_with("bad OCSP status update"));
    }

    void without_a_responder_it_does_not_begin() {
        Stage stage;
        stage.start(OcspOptions{.mode = OcspMode::Always, .urls = {}});
        QVERIFY(stage.outcome && !stage.outcome->ok());
        QCOMPARE(stage.outcome->error().detail(), std::string("no available OCSP servers"));
    }

    void the_next_responder_is_asked_when_one_is_silent() {
        Stage stage;
        OcspOptions options = Stage::asking(OcspMode::Always);
        std::string const known = options.urls.front();
        options.urls = {"http://127.0.0.1:81/", known};
        stage.start(options);
        stage.pass(seconds(10));
        QVERIFY(stage.outcome && stage.outcome->ok());
        QVERIFY(stage.staple);
    }

    void what_is_too_old_is_not_shown() {
        Stage stage;
        stage.start(Stage::asking(OcspMode::Always));
        stage.pass(seconds(2));
        stage.responder->silent = true;
        stage.pass(minutes(50));
        QVERIFY(stage.staple);
        stage.pass(minutes(20));
        QVERIFY(!stage.staple);
        QVERIFY(!stage.must_stop);
        stage.responder->silent = false;
        stage.pass(minutes(2));
        QVERIFY(stage.staple);
    }
};
SIGNALBOX_TEST(OcspStaplerTest);

}  // namespace signalbox::server

#include "ocsp_stapler_test.moc"
