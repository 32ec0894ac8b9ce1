#include "engine/host/lab/local_cluster.h"

#include "engine/config/load.h"
#include "engine/host/lab/free_ports.h"
#include "engine/host/lab/scenario_parser.h"
#include "engine/host/local_files.h"

#include "tests/support/run_tests.h"

#include <QTemporaryDir>

#include <filesystem>

namespace signalbox::host::lab {

namespace {

Scenario scenario(std::string_view text) {
    return parse_scenario(text).value();
}

/// A cluster and all that it told so far.
struct Watched {
    explicit Watched(std::string_view text) : cluster(scenario(text)) {}

    bool all(LocalState state) {
        poll();
        for (std::size_t i = 0; i < cluster.size(); ++i) {
            if (cluster.state(i) != state) {
                return false;
            }
        }
        return true;
    }

    void poll() {
        cluster.poll();
        for (TimelineEntry const& entry : cluster.take_timeline()) {
            told += entry.text + "\n";
        }
    }

    bool says(std::string_view text) {
        poll();
        return told.find(text) != std::string::npos;
    }

    LocalState state_of(std::size_t server) {
        poll();
        return cluster.state(server);
    }

    /// How many clients of the loads are on that server; none while it is not known.
    std::optional<std::size_t> clients_on(std::string_view server) {
        poll();
        LoadFiguresPtr const& figures = cluster.figures();
        if (!figures) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(std::ranges::count(
            figures->clients, server,
            [](LoadClientRow const& row) -> std::string_view { return row.server; }));
    }

    LocalCluster cluster;
    std::string told;
};

constexpr char const* kOne = "cluster a 1\nload l publish x.{1..3} rate 50\nuntil 1s\n";

}  // namespace

/// Servers of this process with real sockets.
class LocalClusterTest : public QObject {
    Q_OBJECT

private slots:
    void a_server_runs_and_is_looked_at() {
        Watched w(kOne);
        QVERIFY(w.cluster.start().ok());
        QTRY_VERIFY(w.all(LocalState::Running));
        QTRY_VERIFY(w.cluster.topology() && w.cluster.topology()->servers.size() == 1 &&
                    w.cluster.topology()->servers.front().answered);
        QCOMPARE(w.cluster.topology()->servers.front().name, std::string("a-1"));
        QVERIFY(w.says("a-1 is up"));
    }

    void loads_are_real_clients() {
        Watched w(kOne);
        QVERIFY(w.cluster.start().ok());
        w.cluster.set_loads(true);
        QTRY_COMPARE(w.clients_on("a-1"), std::optional<std::size_t>(2));
        QTRY_VERIFY(w.cluster.figures()->loads.front().totals.received > 20);
        QCOMPARE(w.cluster.figures()->violations, 0U);
        w.cluster.set_loads(false);
        QTRY_VERIFY(!w.cluster.figures());
    }

    void a_server_is_killed_and_started() {
        Watched w(kOne);
        QVERIFY(w.cluster.start().ok());
        w.cluster.set_loads(true);
        QTRY_COMPARE(w.clients_on("a-1"), std::optional<std::size_t>(2));
        w.cluster.act(Act{Deed::Kill, {"a-1"}, std::nullopt});
        QTRY_COMPARE(w.state_of(0), LocalState::Down);
        QTRY_COMPARE(w.clients_on("a-1"), std::optional<std::size_t>(0));
        w.cluster.act(Act{Deed::Start, {"a-1"}, std::nullopt});
        QTRY_COMPARE(w.state_of(0), LocalState::Running);
        QTRY_COMPARE(w.clients_on("a-1"), std::optional<std::size_t>(2));
        QVERIFY(w.says("kill a-1"));
    }

    void a_server_that_is_paused_says_nothing_until_it_goes_on() {
        Watched w(kOne);
        QVERIFY(w.cluster.start().ok());
        w.cluster.set_loads(true);
        QTRY_COMPARE(w.clients_on("a-1"), std::optional<std::size_t>(2));
        w.cluster.act(Act{Deed::Pause, {"a-1"}, std::nullopt});
        QCOMPARE(w.state_of(0), LocalState::Paused);
        QTRY_VERIFY_WITH_TIMEOUT(!w.cluster.topology()->servers.front().answered, 15'000);
        w.cluster.act(Act{Deed::Resume, {"a-1"}, std::nullopt});
        QTRY_VERIFY_WITH_TIMEOUT((w.poll(), w.cluster.topology()->servers.front().answered),
                                 15'000);
    }

    void one_that_is_paused_can_be_killed() {
        Watched w(kOne);
        QVERIFY(w.cluster.start().ok());
        QTRY_VERIFY(w.all(LocalState::Running));
        w.cluster.act(Act{Deed::Pause, {"a-1"}, std::nullopt});
        w.cluster.act(Act{Deed::Kill, {"a-1"}, std::nullopt});
        QTRY_COMPARE(w.state_of(0), LocalState::Down);
    }

    void two_clusters_find_ports_of_their_own() {
        Watched first(kOne);
        Watched second(kOne);
        QVERIFY(first.cluster.start().ok());
        QTRY_VERIFY(first.all(LocalState::Running));
        QVERIFY(second.cluster.start().ok());
        QTRY_VERIFY(second.all(LocalState::Running));
        QVERIFY(first.cluster.plan().servers().front().ports.client !=
                second.cluster.plan().servers().front().ports.client);
    }

    void a_scenario_is_played_at_its_times() {
        Watched w(
            "cluster a 1\nload l publish x.1 rate 100\nat 0s expect connected within 2s\n"
            "at 200ms expect delivery within 1s\nuntil 3s\n");
        QVERIFY(w.cluster.start().ok());
        QTRY_VERIFY(w.all(LocalState::Running));
        QVERIFY(w.cluster.play());
        QVERIFY(!w.cluster.play());
        QTRY_VERIFY_WITH_TIMEOUT(w.says("the scenario is over"), 15'000);
        QTRY_VERIFY(w.says("expect delivery within 1s, at"));
        QVERIFY2(w.says("expect connected within 2s: after"), w.told.c_str());
        QVERIFY2(!w.says("not delivered"), w.told.c_str());
    }

    void a_cut_parts_servers_until_it_is_healed() {
        Watched w("cluster a 3\nset ping_interval: \"1s\"\nload l publish x.1 rate 50\nuntil 1s\n");
        QVERIFY(w.cluster.start().ok());
        auto const routes = [&] {
            w.poll();
            return w.cluster.topology() ? w.cluster.topology()->links.size() : 0;
        };
        QTRY_COMPARE_WITH_TIMEOUT(routes(), std::size_t{3}, 20'000);
        w.cluster.act(Cut{{"a-1"}, {"a-2", "a-3"}, false});
        QTRY_COMPARE_WITH_TIMEOUT(routes(), std::size_t{1}, 20'000);
        QVERIFY(w.says("route a-1 – a-2 is lost"));
        w.cluster.act(Heal{});
        QTRY_COMPARE_WITH_TIMEOUT(routes(), std::size_t{3}, 20'000);
    }

    void clients_move_when_their_server_is_killed() {
        Watched w("cluster a 3\nload l publish x.1 rate 50 workers 3\nuntil 1s\n");
        QVERIFY(w.cluster.start().ok());
        QTRY_VERIFY(w.all(LocalState::Running));
        w.cluster.set_loads(true);
        QTRY_VERIFY(w.clients_on("a-1").value_or(0) > 0);
        QTRY_COMPARE(w.clients_on(""), std::optional<std::size_t>(0));
        w.cluster.act(Act{Deed::Kill, {"a-1"}, std::nullopt});
        QTRY_COMPARE(w.clients_on("a-1"), std::optional<std::size_t>(0));
        QTRY_COMPARE(w.clients_on(""), std::optional<std::size_t>(0));
        QCOMPARE(w.cluster.figures()->violations, 0U);
    }

    void what_only_the_simulated_world_can_do_is_refused() {
        QVERIFY(check_local(scenario(kOne)).ok());
        QCOMPARE(check_local(scenario("cluster a 1\nat 1s unplug a-1\nuntil 2s")).error().code(),
                 Errc::Unavailable);
        QVERIFY(!check_local(scenario("cluster a 1\nat 1s clock a-1 ahead 1h\nuntil 2s")).ok());
    }

    void configuration_files_are_written() {
        QTemporaryDir const folder;
        std::string const path = folder.path().toStdString();
        LocalCluster const cluster(scenario("cluster a 3\nuntil 1s"));

        QVERIFY(cluster.write_configurations(path + "/new").ok());
        for (char const* name : {"a-1.conf", "a-2.conf", "a-3.conf", "README"}) {
            QVERIFY2(std::filesystem::exists(path + "/new/" + name), name);
        }
        QVERIFY(!cluster.write_configurations("/dev/null/x").ok());
        // As the service reads them.
        LocalFiles files;
        Result<config::Loaded> const loaded = config::load(
            config::CommandLine::for_file(path + "/new/a-2.conf"), files, environment());
        QVERIFY2(loaded.ok(), loaded.ok() ? "" : loaded.error().detail().c_str());
        QVERIFY(loaded.value().warnings.empty());
        QCOMPARE(loaded.value().options.server_name, std::string("a-2"));
    }
};

SIGNALBOX_TEST(LocalClusterTest);

}  // namespace signalbox::host::lab

#include "local_cluster_test.moc"
