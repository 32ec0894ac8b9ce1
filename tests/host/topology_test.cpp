#include "engine/base/json_reader.h"
#include "engine/host/topology_picture.h"

#include "tests/support/run_tests.h"

namespace signalbox::host {

using base::seconds;
using observe::TopologyLinkKind;

namespace {

/// With single quotes, which read better here.
Json json(std::string text) {
    // By their numbers: moc takes a quoted quote for the beginning of a text.
    std::ranges::replace(text, char{0x27}, char{0x22});
    return Json::parse(text).value();
}

ServerFigures server(std::string name, std::string cluster) {
    ServerFigures figures;
    figures.id = "ID-" + name;
    figures.name = std::move(name);
    figures.cluster = std::move(cluster);
    return figures;
}

PeerFigures route_to(std::string const& name, std::uint64_t out) {
    PeerFigures peer;
    peer.peer_id = "ID-" + name;
    peer.peer_name = name;
    peer.traffic.out_msgs = out;
    return peer;
}

Instant at(int second) {
    return Instant(seconds(second));
}

}  // namespace

/// How servers hang together, from what each of them says.
class TopologyTest : public QObject {
    Q_OBJECT

private slots:
    void a_route_that_both_ends_tell_of_is_one_link() {
        TopologyPicture picture;
        picture.add(1, "first");
        picture.add(2, "second");
        picture.take(1, server("a", "c"), at(1));
        picture.take(2, server("b", "c"), at(1));
        for (int second : {1, 2}) {
            auto const sent = static_cast<std::uint64_t>(second) * 100;
            // Pooled connections are one link.
            picture.take(1, TopologyLinkKind::Route, {route_to("b", sent), route_to("b", sent)},
                         at(second));
            PeerFigures back = route_to("a", 0);
            back.traffic.in_msgs = 2 * sent;
            picture.take(2, TopologyLinkKind::Route, {back}, at(second));
        }
        picture.set_fresh(1, true);
        picture.set_fresh(2, true);
        observe::TopologyPtr const topology = picture.make();
        QCOMPARE(topology->servers.size(), 2U);
        QCOMPARE(topology->links.size(), 1U);
        observe::TopologyLink const& link = topology->links.front();
        QCOMPARE(link.from, std::string("a"));
        QCOMPARE(link.to, std::string("b"));
        QCOMPARE(link.connections, 2U);
        QCOMPARE(link.forth_msgs.per_second, 200.0);
        QCOMPARE(link.back_msgs.per_second, 0.0);
    }

    void who_is_only_heard_of_is_there_too() {
        TopologyPicture picture;
        picture.add(1, "127.0.0.1:8222");
        picture.take(1, server("a", "c"), at(1));
        picture.take(1, TopologyLinkKind::Route, {route_to("b", 0)}, at(1));
        picture.set_fresh(1, true);
        observe::TopologyPtr const topology = picture.make();
        QCOMPARE(topology->servers.size(), 2U);
        QVERIFY(!topology->servers[1].asked);
        QCOMPARE(topology->servers[1].cluster, std::string("c"));
    }

    void who_does_not_answer_tells_of_no_link() {
        TopologyPicture picture;
        picture.add(1, "a");
        picture.take(1, server("a", "c"), at(1));
        picture.take(1, TopologyLinkKind::Route, {route_to("b", 0)}, at(1));
        observe::TopologyPtr const topology = picture.make();
        QCOMPARE(topology->servers.size(), 1U);
        QVERIFY(!topology->servers.front().answered);
        QVERIFY(topology->links.empty());
    }

    void each_side_of_a_gateway_is_a_link() {
        Json const document = json(
            "{'server_id':'X','name':'eu','outbound_gateways':{'us':{"
            "'connection':{'name':'ID-us-1','ip':'10.0.0.4','port':7222,'rtt':'38ms',"
            "'pending_bytes':7,'out_msgs':5}}},'inbound_gateways':{'us':[{'connection':"
            "{'name':'ID-us-2','in_msgs':3}}]}}");
        std::vector<PeerFigures> const peers = read_gatewayz(document).value();
        QCOMPARE(peers.size(), 2U);
        QCOMPARE(peers[0].rtt, Duration(base::milliseconds(38)));
        QCOMPARE(peers[0].pending_bytes, 7U);
        QVERIFY(!peers[0].inbound);
        QVERIFY(peers[1].inbound);
        TopologyPicture picture;
        for (std::uint32_t i = 1; i <= 3; ++i) {
            picture.add(i, "?");
            picture.set_fresh(i, true);
        }
        picture.take(1, server("eu-1", "eu"), at(1));
        picture.take(2, server("us-1", "us"), at(1));
        picture.take(3, server("us-2", "us"), at(1));
        picture.take(1, TopologyLinkKind::Gateway, peers, at(1));
        observe::TopologyPtr const topology = picture.make();
        QCOMPARE(topology->links.size(), 2U);
        QCOMPARE(topology->links[0].from, std::string("eu-1"));
        QCOMPARE(topology->links[0].to, std::string("us-1"));
        QCOMPARE(topology->links[1].from, std::string("us-2"));
        QCOMPARE(topology->links[1].to, std::string("eu-1"));
    }

    void a_leaf_node_points_to_its_hub_whoever_tells() {
        std::vector<PeerFigures> const of_hub =
            read_leafz(json("{'leafnodes':1,'leafs':[{'name':'edge','is_spoke':false,"
                            "'ip':'1.2.3.4','port':5,'rtt':'1ms'}]}"))
                .value();
        std::vector<PeerFigures> const of_leaf =
            read_leafz(json("{'leafnodes':1,'leafs':[{'name':'hub','is_spoke':true}]}")).value();
        TopologyPicture picture;
        picture.add(1, "hub");
        picture.add(2, "edge");
        picture.take(1, server("hub", "c"), at(1));
        picture.take(2, server("edge", ""), at(1));
        picture.take(1, TopologyLinkKind::Leaf, of_hub, at(1));
        picture.take(2, TopologyLinkKind::Leaf, of_leaf, at(1));
        picture.set_fresh(1, true);
        picture.set_fresh(2, true);
        observe::TopologyPtr const topology = picture.make();
        QCOMPARE(topology->links.size(), 1U);
        QCOMPARE(topology->links.front().from, std::string("edge"));
        QCOMPARE(topology->links.front().to, std::string("hub"));
    }

    void clients_are_grouped_by_their_names() {
        TopologyPicture picture;
        picture.add(1, "a");
        ServerFigures figures = server("a", "");
        figures.max_pending = 1'000;
        picture.take(1, figures, at(1));
        ConnectionsDocument document;
        for (char const* name : {"web", "web", "db"}) {
            ConnectionFigures one;
            one.identity.name = name;
            one.pending_bytes = name == std::string("db") ? 600 : 0;
            document.connections.push_back(one);
        }
        ConnectionFigures leaf;
        leaf.identity.kind = "Leafnode";
        document.connections.push_back(leaf);
        document.total = 6;

        picture.take(1, document, at(1));
        picture.set_fresh(1, true);
        observe::TopologyPtr const topology = picture.make();
        QCOMPARE(topology->clients.size(), 2U);
        QCOMPARE(topology->clients[0].name, std::string("db"));
        QCOMPARE(topology->clients[0].slow, 1U);
        QCOMPARE(topology->clients[1].count, 2U);
        QCOMPARE(topology->clients_unlisted, 2U);
    }

    void what_is_no_such_document_is_refused() {
        for (char const* text : {"{}", "[]", "1"}) {
            QVERIFY(!read_routez(json(text)).ok());
            QVERIFY(!read_gatewayz(json(text)).ok());
            QVERIFY(!read_leafz(json(text)).ok());
        }
        QVERIFY(read_routez(json("{'num_routes':1,'routes':[7,{'rid':'x'}]}")).ok());
        QVERIFY(read_gatewayz(json("{'server_id':'x','outbound_gateways':{'a':3},"
                                   "'inbound_gateways':{'b':{}}}"))
                    .value()
                    .empty());
    }
};

SIGNALBOX_TEST(TopologyTest);

}  // namespace signalbox::host

#include "topology_test.moc"
