#include "engine/host/lab/simulated_run.h"

#include "engine/host/lab/scenario_parser.h"

#include "tests/support/run_tests.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace signalbox::host::lab {

namespace {

Verdict run(std::string_view text, std::uint64_t seed = 1) {
    Scenario scenario = parse_scenario(text).value();
    scenario.seed = seed;
    return run_simulated(scenario);
}

bool says(Verdict const& verdict, TimelineEntry::Kind kind, std::string_view text) {
    return std::ranges::any_of(verdict.timeline, [&](TimelineEntry const& entry) {
        return entry.kind == kind && entry.text.find(text) != std::string::npos;
    });
}

QString told(Verdict const& verdict) {
    std::string all = verdict.why + "\n";
    for (TimelineEntry const& entry : verdict.timeline) {
        all += entry.text + "\n";
    }
    return QString::fromStdString(all + verdict.log);
}

constexpr char const* kOneServer =
    "cluster a 1\n"
    "load prices publish prices.{1..5} rate 100 workers 2\n"
    "load jobs queue jobs.new rate 50 workers 3\n"
    "load ask request time.now rate 20 workers 2\n"
    "at 0s expect connected within 2s\n"
    "at 0s expect delivery within 2s\n"
    "at 5s restart a-1\n"
    "at 5s expect clients a-1 0 within 100ms\n"
    "at 5s expect delivery within 4s\n"
    "until 15s\n";

}  // namespace

/// Scenarios in the simulated world: what is checked, and that a seed is a run.
class SimulatedRunTest : public QObject {
    Q_OBJECT

private slots:
    void a_server_that_comes_back_delivers_again() {
        Verdict const verdict = run(kOneServer);
        QVERIFY2(verdict.kind == Verdict::Kind::Right, qPrintable(told(verdict)));
        QVERIFY(verdict.published > 1'000);
        QVERIFY(verdict.received > verdict.published);
        QVERIFY(says(verdict, TimelineEntry::Kind::Fault, "restart a-1"));
        QVERIFY(says(verdict, TimelineEntry::Kind::Client, "lost its server"));
        QVERIFY(says(verdict, TimelineEntry::Kind::Check, "expect delivery within 4s"));
    }

    void one_seed_is_one_run_and_another_is_another() {
        Verdict const first = run(kOneServer, 7);
        QCOMPARE(run(kOneServer, 7).fingerprint, first.fingerprint);
        QVERIFY(run(kOneServer, 8).fingerprint != first.fingerprint);
    }

    void an_expectation_that_is_not_met_is_wrong() {
        Verdict const verdict =
            run("cluster a 1\nload l publish x.1\n"
                "at 1s expect clients a-1 5 within 1s\nuntil 5s\n");
        QCOMPARE(verdict.kind, Verdict::Kind::Wrong);
        QVERIFY(says(verdict, TimelineEntry::Kind::Broken, "there are 2"));
        QCOMPARE(exit_code(verdict.kind), 1);
    }

    void messages_that_are_lost_while_they_must_not_be_are_wrong() {
        // Nobody brings the server back.
        Verdict const verdict =
            run("cluster a 1\nload l publish x.1\nat 2s pause a-1\n"
                "at 2s expect delivery within 1s\nuntil 8s\n");
        QCOMPARE(verdict.kind, Verdict::Kind::Wrong);
        QVERIFY2(says(verdict, TimelineEntry::Kind::Broken, "were not delivered"),
                 qPrintable(told(verdict)));
    }

    void a_server_that_is_gone_takes_its_clients_along() {
        Verdict const verdict =
            run("cluster a 1\nload l publish x.1\nat 2s kill a-1\n"
                "at 3s expect connected within 3s\nuntil 8s\n");
        QCOMPARE(verdict.kind, Verdict::Kind::Wrong);
        QVERIFY(says(verdict, TimelineEntry::Kind::Broken, "expect connected within 3s"));
    }

    void a_server_without_power_leaves_its_clients_in_the_dark() {
        Verdict const verdict =
            run("cluster a 1\nload l publish x.1\nat 2s unplug a-1\n"
                "at 3s expect clients a-1 2 within 1s\n"
                "at 4s start a-1\nat 4s expect connected within 10s\n"
                "at 4s expect delivery within 10s\nuntil 30s\n");
        QVERIFY2(verdict.kind == Verdict::Kind::Right, qPrintable(told(verdict)));
    }

    void a_calendar_that_jumps_changes_nothing() {
        Verdict const verdict =
            run("cluster a 1\nload l publish x.1\nat 2s clock a-1 ahead 1h\n"
                "at 2s expect delivery within 0s\nat 5s clock a-1 behind 1h\n"
                "at 5s expect delivery within 0s\nuntil 8s\n");
        QVERIFY2(verdict.kind == Verdict::Kind::Right, qPrintable(told(verdict)));
    }

    void a_setting_that_is_none_cannot_be_run() {
        Verdict const verdict = run("cluster a 1\nset max_paylod: 1\nuntil 1s\n");
        QCOMPARE(verdict.kind, Verdict::Kind::Unusable);
        QVERIFY(verdict.why.find("max_paylod") != std::string::npos);
        QCOMPARE(exit_code(verdict.kind), 3);
    }

    void every_sample_is_right_data() {
        QTest::addColumn<QString>("path");
        std::filesystem::path const folder = support::source_dir() + "/resources/samples";
        for (auto const& entry : std::filesystem::directory_iterator(folder)) {
            if (entry.path().extension() == ".scn") {
                QTest::newRow(entry.path().filename().c_str())
                    << QString::fromStdString(entry.path().string());
            }
        }
    }
    void every_sample_is_right() {
        QFETCH(QString, path);
        std::ifstream in(path.toStdString());
        std::string const text{std::istreambuf_iterator<char>(in), {}};
        Result<Scenario> scenario = parse_scenario(text);
        QVERIFY2(scenario.ok(), scenario.ok() ? "" : scenario.error().detail().c_str());
        Verdict const verdict = run_simulated(scenario.value());
        QVERIFY2(verdict.kind == Verdict::Kind::Right, qPrintable(told(verdict)));
        QCOMPARE(run_simulated(scenario.value()).fingerprint, verdict.fingerprint);
    }
};

SIGNALBOX_TEST(SimulatedRunTest);

}  // namespace signalbox::host::lab

#include "simulated_run_test.moc"
