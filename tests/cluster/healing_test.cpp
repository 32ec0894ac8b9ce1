#include "engine/sim/nemesis.h"

#include "tests/cluster/leaf_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::cluster {

namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kServers = 5;

/// Two clusters joined by gateways, the first of two servers with routes, and a leaf node of each.
///
///     leaf 3 - server 0 = server 1 === gateways === server 2 - leaf 4
RouteStage::Tweak installation() {
    return [](std::size_t place, config::Options& options) {
        options.limits.ping_interval = base::seconds(2);
        options.cluster.times.write_timeout = "close";
        bool const first = place < 2;
        if (!first) {
            options.cluster = {};
        } else {
            options.cluster.name = "C0";
            options.cluster.listen = {concat("10.0.0.", place + 1), 6222};
            options.cluster.routes = {
                {.scheme = "nats-route", .host = concat("10.0.0.", 2 - place), .port = 6222}};
        }
        if (place < 3) {
            options.gateway.name = first ? "C0" : "C1";
            options.gateway.listen = {concat("10.0.0.", place + 1), 7222};
            for (std::size_t other = 0; other < 3; ++other) {
                if ((other < 2) != first) {
                    options.gateway.gateways.push_back(
                        {.name = first ? "C1" : "C0",
                         .urls = {{.host = concat("10.0.0.", other + 1), .port = 7222}}});
                }
            }
            options.leaf.listen = {concat("10.0.0.", place + 1), 7422};
        } else {
            LeafStage::attach(options, place == 3 ? 0 : 2);
        }
    };
}

/// Everything is connected as it should be. The leaf node of the first cluster may have found the
/// other server of it.
bool is_whole(RouteStage& stage) {
    std::size_t at_first = 0;
    for (std::size_t place = 0; place < kServers; ++place) {
        if (!stage.cluster().server(place).ready()) {
            return false;
        }
        server::Server const& server = stage.cluster().server(place).server();
        std::size_t outbound = 0;
        if (place < 3) {
            server.gateways()->for_each([&](GatewayConnection const& each) {
                outbound += each.is_outbound() && each.is_open() ? 1 : 0;
            });
            if (outbound != 1) {
                return false;
            }
        }
        if (place >= 2 && server.leafs()->open_count() != 1) {
            return false;
        }
        if (place < 2) {
            if (server.routes()->servers().size() != 1) {
                return false;
            }
            at_first += server.leafs()->open_count();
        }
    }
    return at_first == 1;
}

/// What one says is heard by all, once.
QString said_and_heard(RouteStage& stage, std::vector<Ear*> const& ears, std::string const& word) {
    for (Ear* const ear : ears) {
        ear->heard.clear();
    }
    Texts wanted;
    for (std::size_t place = 0; place < kServers; ++place) {
        std::string const text = concat(word, place);
        ears[place]->say("all.said", text);
        wanted.push_back(concat("all.said ", text));
        stage.simulation().run_for(base::milliseconds(200));
    }
    for (std::size_t place = 0; place < kServers; ++place) {
        if (ears[place]->heard != wanted) {
            return QString("at %1: %2")
                .arg(place)
                .arg(QString::fromStdString(base::join(ears[place]->heard, ", ")));
        }
    }
    return {};
}

}  // namespace

/// Routes, gateways and leaf nodes together.
class HealingTest : public QObject {
    Q_OBJECT

private slots:
    void all_ways_together_lead_to_everybody_once() {
        RouteStage stage(kServers, sim::Routes::None, installation());
        QVERIFY(stage.cluster().start());
        QVERIFY2(stage.simulation().run_until([&] { return is_whole(stage); }, base::seconds(60)),
                 stage.log().c_str());
        std::vector<Ear*> ears;
        for (std::size_t place = 0; place < kServers; ++place) {
            ears.push_back(&stage.ear(place));
            ears.back()->listen("all.*");
        }
        stage.simulation().run_for(base::seconds(1));
        QCOMPARE(said_and_heard(stage, ears, "x"), QString());
        // Who asks at one end is answered from the other.
        ears[4]->answer("svc", "workers", "far");
        stage.simulation().run_for(base::seconds(1));
        ears[3]->ask("svc", "?");
        stage.simulation().run_for(base::seconds(1));
        QCOMPARE(ears[3]->answers, Texts{"far"});
    }

    void after_all_harm_everybody_is_heard_once_again() {
        RouteStage stage(kServers, sim::Routes::None, installation());
        QVERIFY(stage.cluster().start());
        std::vector<Ear*> ears;
        for (std::size_t place = 0; place < kServers; ++place) {
            ears.push_back(&stage.ear(place));
            ears.back()->listen("all.*");
        }
        for (int round = 0; round < 3; ++round) {
            {
                sim::Nemesis nemesis(stage.cluster(), {.between_servers = true});
                nemesis.start();
                stage.simulation().run_for(base::seconds(20));
                nemesis.stop();
            }
            QVERIFY2(stage.simulation().run_until(
                         [&] { return is_whole(stage) && stage.cluster().all_clients_connected(); },
                         base::seconds(120)),
                     stage.log().c_str());
            // Long enough for links that are silent to be found out.
            stage.simulation().run_for(base::seconds(20));
            QVERIFY(is_whole(stage));
            QCOMPARE(said_and_heard(stage, ears, concat("round ", round, ".")), QString());
        }
    }
};

SIGNALBOX_TEST(HealingTest);

}  // namespace signalbox::cluster

#include "healing_test.moc"
