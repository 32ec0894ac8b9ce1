#include "engine/host/lab/scenario_parser.h"

#include "engine/host/lab/plan.h"

#include "tests/support/run_tests.h"

namespace signalbox::host::lab {

using base::milliseconds;
using base::seconds;

namespace {

Scenario parsed(std::string_view text) {
    Result<Scenario> scenario = parse_scenario(text);
    if (!scenario.ok()) {
        qWarning("%s", scenario.error().detail().c_str());
    }
    return std::move(scenario).value();
}

constexpr char const* kWhole =
    "# how two clusters are broken\n"
    "seed 4711\n"
    "cluster eu 3 ; cluster us 2\n"
    "gateway eu us\n"
    "leaf edge to eu\n"
    "link eu us latency 38ms jitter 4ms\n"
    "link eu-1 eu-2 bandwidth 1M\n"
    "set ping_interval: \"2s\"\n"
    "load prices publish prices.{1..50}.eur rate 2k from eu to us edge size 200\n"
    "load jobs queue jobs.new workers 3\n"
    "load ask request time.now rate 50 timeout 500ms\n"
    "at 2s cut eu-1 | eu-2 eu-3\n"
    "at 4s heal eu-1 | eu-2 eu-3\n"
    "at 5s cut us > eu ; at 6s heal\n"
    "at 7s pause eu-2 for 1500ms\n"
    "at 9s kill us-1 ; at 9500ms start us-1 ; at 10s restart eu-3\n"
    "at 11s break eu us\n"
    "at 12s clock us behind 1h\n"
    "at 13s unplug us-2 ; at 14s start us-2 ; at 14s link eu us latency 80ms\n"
    "at 14s drain eu-1\n"
    "at 15s expect connected within 5s\n"
    "at 15s expect clients eu-1 0 within 5s\n"
    "at 20s expect delivery within 5s\n"
    "until 40s\n";

}  // namespace

/// Scenario files: what is read, what is refused.
class ScenarioParserTest : public QObject {
    Q_OBJECT

private slots:
    void everything_that_there_is_is_read() {
        Scenario const scenario = parsed(kWhole);
        QCOMPARE(scenario.seed, 4711U);
        QCOMPARE(scenario.topology.clusters.size(), 2U);
        QCOMPARE(scenario.topology.super_cluster.size(), 2U);
        QCOMPARE(scenario.topology.leafs.front().hub, std::string("eu"));
        QCOMPARE(scenario.topology.links.front().profile.latency, Duration(milliseconds(38)));
        QCOMPARE(scenario.topology.settings.front(), std::string("ping_interval: \"2s\""));
        LoadSpec const& prices = scenario.loads.front();
        QCOMPARE(prices.subjects.size(), 50U);
        QCOMPARE(prices.subjects[49], std::string("prices.50.eur"));
        QCOMPARE(prices.filter, std::string("prices.*.eur"));
        QCOMPARE(prices.rate, 2'000U);
        QCOMPARE(prices.to, (Places{"us", "edge"}));
        QCOMPARE(scenario.loads[2].timeout, Duration(milliseconds(500)));
        QCOMPARE(scenario.steps.size(), 17U);
        QCOMPARE(scenario.until, Duration(seconds(40)));
        auto const& cut = std::get<Cut>(scenario.steps[2].action);
        QVERIFY(cut.one_way);
        QCOMPARE(scenario.steps[2].at, Duration(seconds(5)));
    }

    void what_is_written_reads_back_as_the_same() {
        Scenario const scenario = parsed(kWhole);
        std::string const text = scenario_text(scenario);
        QVERIFY(parsed(text) == scenario);
        QCOMPARE(scenario_text(parsed(text)), text);
    }

    void steps_stand_in_the_order_of_their_times() {
        Scenario const scenario = parsed("cluster a 2\nat 3s heal\nat 1s kill a-1\nuntil 5s");
        QCOMPARE(scenario.steps[0].at, Duration(seconds(1)));
        QCOMPARE(scenario.steps[1].at, Duration(seconds(3)));
    }

    void a_mistake_is_told_with_its_line_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        auto const row = [](char const* name, char const* text, char const* says) {
            QTest::newRow(name) << text << says;
        };
        row("no end", "cluster a 1", "line 1: until is missing");
        row("no servers", "until 1s", "from 1 to 32 servers");
        row("too many", "cluster a 20\ncluster b 20\nuntil 1s", "not 40");
        row("word", "cluster a 1\nclutser b 1\nuntil 1s", "line 2: \"clutser\" is no statement");
        row("rest", "cluster a 1 2\nuntil 1s", "line 1: \"2\" is not understood here");
        row("name", "cluster 1a 1", "line 1: a name expected, not \"1a\"");
        row("twice", "cluster a 1\ncluster a 2\nuntil 1s", "one name");
        row("hub", "cluster a 1\nleaf x to b\nuntil 1s", "there is no cluster b");
        row("gateway", "cluster a 1\ngateway a\nuntil 1s", "between two clusters");
        row("place", "cluster a 1\nload l publish x from b\nuntil 1s",
            "there is no server, cluster or leaf node b");
        row("subject", "cluster a 1\nload l publish x.> rate 1\nuntil 1s", "not a literal subject");
        row("range", "cluster a 1\nload l publish x{1..5} rate 1\nuntil 1s", "a whole token");
        row("range backwards", "cluster a 1\nload l publish x.{5..1}\nuntil 1s", "line 2");
        row("action", "cluster a 1\nat 1s explode a\nuntil 2s", "line 2: \"explode\" is no action");
        row("sides", "cluster a 3\nat 1s cut a | a-2\nuntil 2s",
            "line 2: a-2 is on both sides of the cut");
        row("late", "cluster a 3\nat 1s expect connected within 5s\nuntil 2s",
            "line 2: this is after the end, 2s");
        row("disturbed", "cluster a 3\nat 1s expect delivery within 5s\nat 3s kill a-1\nuntil 20s",
            "line 2: what is done at 3s comes before this can be told");
        row("overlap", "cluster a 1\nload l publish x.{1..5}\nload m publish x.3\nuntil 2s",
            "loads l and m share the subject x.3");
        row("server", "cluster a 2\nat 1s expect clients a 0 within 1s\nuntil 9s",
            "line 2: there is no server a");
    }
    void a_mistake_is_told_with_its_line() {
        QFETCH(QString, text);
        QFETCH(QString, says);
        Result<Scenario> const scenario = parse_scenario(text.toStdString());
        QVERIFY(!scenario.ok());
        QCOMPARE(scenario.error().code(), Errc::Malformed);
        QString const detail = QString::fromStdString(scenario.error().detail());
        QVERIFY2(detail.startsWith("line "), qPrintable(detail));
        QVERIFY2(detail.contains(says), qPrintable(detail));
    }
};

SIGNALBOX_TEST(ScenarioParserTest);

}  // namespace signalbox::host::lab

#include "scenario_parser_test.moc"
