#include "engine/host/lab/plan.h"

#include "gui/topology/lab_design.h"
#include "gui/topology/lab_graph.h"
#include "gui/topology/topology_layout.h"
#include "gui/topology/topology_model.h"
#include "gui/topology/topology_view.h"

#include "tests/support/run_tests.h"

#include <QAbstractItemModelTester>

#include <cmath>

namespace signalbox::gui {

namespace {

observe::TopologyServer server(std::string name, std::string cluster) {
    observe::TopologyServer one;
    one.name = std::move(name);
    one.cluster = std::move(cluster);
    one.asked = true;
    one.answered = true;
    return one;
}

observe::TopologyLink link(observe::TopologyLinkKind kind, std::string from, std::string to) {
    observe::TopologyLink one;
    one.kind = kind;
    one.from = std::move(from);
    one.to = std::move(to);
    return one;
}

/// Two clusters of three, a leaf node, and some clients.
observe::Topology sample() {
    observe::Topology topology;
    for (char const* cluster : {"eu", "us"}) {
        for (char const* number : {"-1", "-2", "-3"}) {
            topology.servers.push_back(server(std::string(cluster) + number, cluster));
        }
    }
    topology.servers.push_back(server("edge", ""));
    using Kind = observe::TopologyLinkKind;
    for (std::string const cluster : {"eu", "us"}) {
        topology.links.push_back(link(Kind::Route, cluster + "-1", cluster + "-2"));
        topology.links.push_back(link(Kind::Route, cluster + "-1", cluster + "-3"));
        topology.links.push_back(link(Kind::Route, cluster + "-2", cluster + "-3"));
    }
    topology.links.push_back(link(Kind::Gateway, "eu-1", "us-2"));
    topology.links.push_back(link(Kind::Gateway, "us-1", "eu-3"));
    topology.links.push_back(link(Kind::Leaf, "edge", "eu-2"));
    for (int i = 0; i < 9; ++i) {
        topology.clients.push_back({.server = "eu-1",
                                    .name = "app" + std::to_string(i),
                                    .count = 1,
                                    .in_msgs_per_second = static_cast<double>(i)});
    }
    return topology;
}

int nodeOf(TopologyGraph const& graph, char const* name) {
    return graph.indexOf(QStringLiteral("server/%1").arg(QLatin1String(name)));
}

std::vector<int> linksOf(TopologyGraph const& graph, TopologyEdge::Kind kind) {
    std::vector<int> edges;
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
        if (graph.edges[i].kind == kind) {
            edges.push_back(static_cast<int>(i));
        }
    }
    return edges;
}

}  // namespace

/// The topology as a graph, a layout, a table and a drawing.
class TopologyGraphTest : public QObject {
    Q_OBJECT

private slots:
    void servers_links_and_clients_are_in_the_graph() {
        TopologyGraph const graph = graphOf(sample(), {});
        QCOMPARE(graph.clusters(), QStringList({QStringLiteral("eu"), QStringLiteral("us")}));
        QCOMPARE(linksOf(graph, TopologyEdge::Kind::Route).size(), 6U);
        QCOMPARE(linksOf(graph, TopologyEdge::Kind::Gateway).size(), 2U);
        // Nine names share six nodes.
        QCOMPARE(linksOf(graph, TopologyEdge::Kind::Clients).size(), 6U);
        QVERIFY(graph.notice.isEmpty());
        QVERIFY(
            linksOf(graphOf(sample(), {.clients = false}), TopologyEdge::Kind::Clients).empty());
    }

    void what_does_not_answer_is_said() {
        observe::Topology topology = sample();
        topology.servers[1].answered = false;
        topology.servers[2].asked = false;
        TopologyGraph const graph = graphOf(topology, {});
        QVERIFY(graph.notice.contains(QStringLiteral("5 of 6")));
        QCOMPARE(graph.nodes[1].state, TopologyState::Silent);
        QCOMPARE(graph.nodes[2].state, TopologyState::Heard);
    }

    void every_state_has_words_of_its_own() {
        QSet<QString> words;
        for (int i = 0; i <= static_cast<int>(TopologyState::Missing); ++i) {
            auto const state = static_cast<TopologyState>(i);
            QVERIFY(!textOf(state).isEmpty());
            if (state != TopologyState::CutBack) {
                QVERIFY(!words.contains(textOf(state)));
            }
            words.insert(textOf(state));
        }
    }

    void a_layout_comes_to_rest_with_clusters_apart() {
        TopologyGraph const graph = graphOf(sample(), {});
        TopologyLayout layout;
        layout.setGraph(graph);
        layout.settle(2'000);
        QVERIFY(!layout.step());
        QPointF eu;
        QPointF us;
        for (char const* number : {"-1", "-2", "-3"}) {
            eu += layout.position(nodeOf(graph, (std::string("eu") + number).c_str())) / 3;
            us += layout.position(nodeOf(graph, (std::string("us") + number).c_str())) / 3;
        }
        QVERIFY(QLineF(eu, us).length() > 300);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            for (std::size_t j = i + 1; j < graph.nodes.size(); ++j) {
                QPointF const way =
                    layout.position(static_cast<int>(i)) - layout.position(static_cast<int>(j));
                QVERIFY(std::isfinite(way.x()) && std::isfinite(way.y()));
                QVERIFY2(QLineF({}, way).length() > 20, qPrintable(graph.nodes[i].id));
            }
        }
    }

    void what_is_pinned_stays_and_is_kept() {
        TopologyGraph const graph = graphOf(sample(), {});
        TopologyLayout layout;
        layout.setGraph(graph);
        layout.move(0, {1'000, 1'000});
        layout.setPinned(0, true);
        layout.settle(100);
        QCOMPARE(layout.position(0), QPointF(1'000, 1'000));
        TopologyLayout other;
        other.restore(layout.save());
        other.setGraph(graph);
        QCOMPARE(other.position(0), QPointF(1'000, 1'000));
        QVERIFY(other.isPinned(0));
        other.unpinAll();
        QVERIFY(!other.isPinned(0));
    }

    void the_table_says_the_same() {
        TopologyModel model(nullptr);
        QAbstractItemModelTester const tester(
            &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        TopologyGraph const graph = graphOf(sample(), {});
        model.show(graph);
        QCOMPARE(model.rowCount(), 7 + 9 + 6);
        QCOMPARE(model.data(model.index(0, TopologyModel::What), Qt::DisplayRole).toString(),
                 QStringLiteral("server"));
        model.show(graphOf(sample(), {.clients = false}));
        QCOMPARE(model.rowCount(), 7 + 9);
        model.show({});
        QCOMPARE(model.rowCount(), 0);
    }

    void the_keyboard_walks_through_servers_and_links() {
        Theme theme(ThemeKind::Light);
        TopologyView view(theme);
        view.resize(800, 600);
        view.setGraph(graphOf(sample(), {}));
        view.settle();
        view.show();
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.selected().node, 0);
        QTest::keyClick(&view, Qt::Key_N);
        QCOMPARE(view.selected().node, 1);
        QTest::keyClick(&view, Qt::Key_B);
        QTest::keyClick(&view, Qt::Key_B);
        QCOMPARE(view.selected().edge, static_cast<int>(view.graph().edges.size()) - 1);
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("clients")));
        // What is selected stays so when the graph is another.
        view.select({.node = 2, .edge = -1});
        observe::Topology less = sample();
        less.servers.erase(less.servers.begin());
        view.setGraph(graphOf(less, {}));
        QCOMPARE(view.selected().node, 1);
    }

    void a_line_across_links_is_drawn_by_the_mouse() {
        Theme theme(ThemeKind::Dark);
        TopologyView view(theme);
        view.resize(900, 600);
        view.setGraph(graphOf(sample(), {.clients = false}));
        view.settle();
        view.show();
        std::vector<int> crossed;
        connect(&view, &TopologyView::cutDrawn, this,
                [&](QLineF const&, std::vector<int> const& edges) { crossed = edges; });
        view.setCutting(true);
        QTest::mousePress(&view, Qt::LeftButton, {}, {450, 5});
        QTest::mouseMove(&view, {450, 300});
        QTest::mouseMove(&view, {450, 595});
        QTest::mouseRelease(&view, Qt::LeftButton, {}, {450, 595});
        QVERIFY(!crossed.empty());
        QVERIFY(!view.cutting());
    }

    void a_line_through_a_cluster_parts_its_servers() {
        TopologyGraph const graph = graphOf(sample(), {});
        auto const place = [&](int node) {
            QString const name = graph.nodes[static_cast<std::size_t>(node)].name;
            return name == QLatin1String("eu-1") ? QPointF(-100, 0) : QPointF(100, 10.0 * node);
        };
        std::vector<int> const routes = linksOf(graph, TopologyEdge::Kind::Route);
        std::optional<host::lab::Cut> const cut =
            cutFor(graph, {routes[0], routes[1]}, QLineF(0, -500, 0, 500), place);
        QVERIFY(cut);
        QCOMPARE(host::lab::Places({"eu-1"}), cut->a);
        QCOMPARE(host::lab::Places({"eu-2", "eu-3"}), cut->b);
    }

    void a_line_across_a_gateway_parts_whole_clusters() {
        TopologyGraph const graph = graphOf(sample(), {});
        std::vector<int> const gateways = linksOf(graph, TopologyEdge::Kind::Gateway);
        auto const place = [&](int node) {
            bool const eu =
                graph.nodes[static_cast<std::size_t>(node)].cluster == QLatin1String("eu");
            return QPointF(eu ? -100 : 100, 0);
        };
        std::optional<host::lab::Cut> const cut =
            cutFor(graph, gateways, QLineF(0, -500, 0, 500), place);
        QVERIFY(cut);
        QCOMPARE(host::lab::Places({"eu"}), cut->a);
        QCOMPARE(host::lab::Places({"us"}), cut->b);
        QVERIFY(!cutFor(graph, {}, QLineF(0, 0, 1, 1), place));
    }

    void a_cluster_is_built_by_hand() {
        host::lab::Scenario scenario = withCluster({});
        scenario.until = base::seconds(1);
        scenario = withServer(withServer(scenario, "north"), "north");
        scenario = withLeaf(withCluster(scenario), "north");
        scenario = joined(scenario, "north", "south");
        QVERIFY(host::lab::check(scenario).ok());
        QCOMPARE(scenario.topology.clusters[0].servers, 3U);
        QCOMPARE(scenario.topology.super_cluster.size(), 2U);
        host::lab::LinkSpec far{"north", "south", {}};
        far.profile.latency = base::milliseconds(40);
        scenario = withLink(withLink(scenario, far), far);
        QCOMPARE(scenario.topology.links.size(), 1U);
        scenario = withoutServer(scenario, "south");
        QVERIFY(host::lab::check(scenario).ok());
        QCOMPARE(scenario.topology.clusters.size(), 1U);
        QVERIFY(scenario.topology.super_cluster.empty());
        QVERIFY(scenario.topology.links.empty());
        scenario = withoutLeaf(scenario, "edge-a");
        QVERIFY(scenario.topology.leafs.empty());
    }
};

SIGNALBOX_TEST(TopologyGraphTest);

}  // namespace signalbox::gui

#include "topology_test.moc"
