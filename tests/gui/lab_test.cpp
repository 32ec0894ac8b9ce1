#include "gui/application_settings.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/pages/topology_page.h"
#include "gui/source/lab_source.h"
#include "gui/topology/lab_design.h"
#include "gui/topology/lab_graph.h"

#include "tests/support/run_tests.h"

#include <QTemporaryDir>

namespace signalbox::gui {

namespace {

host::lab::Scenario oneServer() {
    host::lab::Scenario scenario = withCluster({});
    scenario.until = base::seconds(10);
    return scenario;
}

/// A window on a lab, as the program opens it.
struct Lab {
    Lab() {
        loadResources();
        theme.apply(ThemeKind::Light);
        source.setDesign(oneServer());
        window.showPage(QStringLiteral("topology"));
        window.resize(1'100, 750);
        window.show();
    }

    TopologyPage& page() { return static_cast<TopologyPage&>(window.currentPage()); }
    TopologyNode const& node(std::size_t index) { return page().view().graph().nodes[index]; }

    LabSource source;
    Theme theme{ThemeKind::Light};
    ApplicationSettings settings = ApplicationSettings::none();
    MainWindow window{source, theme, settings};
};

}  // namespace

/// A cluster in a window: built, started, broken.
class LabWindowTest : public QObject {
    Q_OBJECT

private slots:
    void what_is_built_is_shown_before_it_runs() {
        Lab lab;
        QCOMPARE(lab.page().view().graph().nodes.size(), 1U);
        QCOMPARE(lab.node(0).state, TopologyState::Planned);
        QVERIFY(
            lab.source.setDesign(withServer(withServer(oneServer(), "north"), "north")).isEmpty());
        QCOMPARE(lab.page().view().graph().nodes.size(), 3U);
        QCOMPARE(lab.page().view().graph().edges.size(), 3U);
        host::lab::Scenario none;
        QVERIFY(!lab.source.setDesign(none).isEmpty());
    }

    void every_shape_to_begin_with_is_one_that_can_run() {
        for (LabTemplate const& one : labTemplates()) {
            QVERIFY2(host::lab::check(one.scenario).ok(), qPrintable(one.name));
            QVERIFY(host::lab::check_local(one.scenario).ok());
        }
    }

    void a_server_runs_is_killed_and_comes_back() {
        Lab lab;
        lab.window.startBroker();
        QCOMPARE(lab.source.state(), BrokerState::Running);
        QTRY_COMPARE(lab.node(0).state, TopologyState::Up);
        QVERIFY(!lab.source.setDesign(oneServer()).isEmpty());
        lab.source.setDemoTraffic(true);
        lab.source.act(host::lab::Act{host::lab::Deed::Kill, {"north-1"}, std::nullopt});
        QTRY_COMPARE(lab.node(0).state, TopologyState::Down);
        lab.source.act(host::lab::Act{host::lab::Deed::Start, {"north-1"}, std::nullopt});
        QTRY_COMPARE(lab.node(0).state, TopologyState::Up);
        lab.source.stopBroker();
        QCOMPARE(lab.source.state(), BrokerState::Stopped);
        QCOMPARE(lab.node(0).state, TopologyState::Planned);
    }

    void the_other_pages_show_the_selected_server() {
        Lab lab;
        lab.window.startBroker();
        QTRY_VERIFY(lab.source.server() == 1 && serverIn(lab.source.latest(), 1) != nullptr &&
                    serverIn(lab.source.latest(), 1)->ready);
        QCOMPARE(serverIn(lab.source.latest(), 1)->name, std::string("north-1"));
        QVERIFY(lab.source.url().startsWith(QStringLiteral("nats://127.0.0.1:")));
        QSignalSpy finished(&lab.source, &DataSource::finished);
        JobToken const token = lab.source.publish({.subject = "hello", .payload = "x"});
        QTRY_COMPARE(finished.size(), 1);
        Job const job = finished.front().front().value<Job>();
        QCOMPARE(job.token, token);
        QVERIFY2(job.ok(), qPrintable(job.error));
    }

    void scenario_files_are_opened_or_refused() {
        Lab lab;
        QTemporaryDir const folder;
        auto const open = [&](QByteArray const& text) {
            QFile file(folder.filePath(QStringLiteral("a.scn")));
            file.open(QIODevice::WriteOnly);
            file.write(text);
            file.close();
            return lab.source.open(file.fileName());
        };
        QCOMPARE(open("cluster x 2\nuntil 5s\n"), QString());
        QCOMPARE(lab.source.serverNames(),
                 QStringList({QStringLiteral("x-1"), QStringLiteral("x-2")}));
        QVERIFY(open("cluster x 2\n").contains(QStringLiteral("until is missing")));
        QVERIFY(open("cluster x 2\nat 1s unplug x-1\nuntil 5s\n")
                    .contains(QStringLiteral("only the simulated world")));
        QVERIFY(!lab.source.open(folder.filePath(QStringLiteral("none"))).isEmpty());
        QCOMPARE(lab.source.writeConfigurations(folder.filePath(QStringLiteral("new"))), QString());
        QVERIFY(QFile::exists(folder.filePath(QStringLiteral("new/x-2.conf"))));
    }
};

SIGNALBOX_TEST(LabWindowTest);

}  // namespace signalbox::gui

#include "lab_test.moc"
