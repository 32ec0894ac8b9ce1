#include "engine/cluster/gateway_name.h"
#include "engine/cluster/gateway_table.h"

#include "tests/cluster/route_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::cluster {

namespace {

using Texts = std::vector<std::string>;

/// Servers that are a cluster each, and know each other by gateways.
class GatewayStage {
public:
    explicit GatewayStage(std::size_t clusters, RouteStage::Tweak const& more = {})
        : stage_(clusters, sim::Routes::None, [=](std::size_t place, config::Options& options) {
              options.cluster = {};
              options.gateway.name = concat("C", place);
              options.gateway.listen = {concat("10.0.0.", place + 1), 7222};
              // Each knows the first alone, and hears of the others.
              for (std::size_t other = 0; other < 2 && clusters > 1; ++other) {
                  if (other != place && (place == 0 || other == 0)) {
                      options.gateway.gateways.push_back(
                          {.name = concat("C", other),
                           .urls = {{.host = concat("10.0.0.", other + 1), .port = 7222}}});
                  }
              }
              if (more) {
                  more(place, options);
              }
          }) {}

    bool start() {
        return stage_.cluster().start() &&
               stage_.simulation().run_until([this] { return is_meshed(); }, base::seconds(30)) &&
               stage_.settle();
    }
    GatewayTable const& gateways(std::size_t place) {
        return *stage_.cluster().server(place).server().gateways();
    }
    bool is_meshed() {
        std::size_t const clusters = stage_.cluster().servers().size();
        for (std::size_t place = 0; place < clusters; ++place) {
            std::size_t outbound = 0;
            std::size_t inbound = 0;
            gateways(place).for_each([&](GatewayConnection const& each) {
                (each.is_outbound() ? outbound : inbound) += each.is_open() ? 1 : 0;
            });
            if (outbound != clusters - 1 || inbound != clusters - 1) {
                return false;
            }
        }
        return true;
    }

    void settle() { stage_.settle(); }
    Ear& ear(std::size_t place) { return stage_.ear(place); }
    sim::Cluster& sim() { return stage_.cluster(); }
    sim::Simulation& simulation() { return stage_.simulation(); }
    std::string log() { return stage_.log(); }

private:
    RouteStage stage_;
};

}  // namespace

class GatewayTest : public QObject {
    Q_OBJECT

private slots:
    void names_are_hashed_as_others_do() {
        QCOMPARE(gateway_hash("GB"), std::string("u4xB6R"));
        GatewayReply const reply = GatewayReply::of("_GR_.u4xB6R.VLNJdp._INBOX.x");
        QCOMPARE(std::string(reply.cluster), std::string("u4xB6R"));
        QCOMPARE(std::string(reply.reply), std::string("_INBOX.x"));
        QVERIFY(GatewayReply::of("_GR_.short.x").reply.empty());
        QVERIFY(GatewayReply::of("_INBOX.x").reply.empty());
    }

    void clusters_learn_of_each_other() {
        GatewayStage stage(3);
        QVERIFY2(stage.start(), stage.log().c_str());
    }

    void a_message_reaches_each_subscription_of_all_clusters_once() {
        GatewayStage stage(3);
        QVERIFY(stage.start());
        std::vector<Ear*> ears;
        for (std::size_t place = 0; place < 3; ++place) {
            ears.push_back(&stage.ear(place));
            ears.back()->listen("all.*");
        }
        stage.settle();
        for (std::size_t place = 0; place < 3; ++place) {
            ears[place]->say("all.x", std::to_string(place));
            stage.settle();
        }
        for (Ear const* const ear : ears) {
            QCOMPARE(ear->heard, (Texts{"all.x 0", "all.x 1", "all.x 2"}));
        }
        ears[1]->forget("all.*");
        stage.settle();
        ears[0]->say("all.x", "more");
        stage.settle();
        QCOMPARE(ears[1]->heard.size(), 3U);
    }

    void requests_are_answered_from_another_cluster() {
        GatewayStage stage(2);
        QVERIFY(stage.start());
        Ear& asks = stage.ear(0);
        Ear& answers = stage.ear(1);
        answers.answer("svc", "workers", "from there");
        stage.settle();
        for (int i = 0; i < 20; ++i) {
            asks.ask("svc", "?");
        }
        asks.ask("nowhere", "?");
        stage.simulation().run_for(base::milliseconds(300));
        QCOMPARE(asks.answers.size(), 21U);
        QCOMPARE(std::count(asks.answers.begin(), asks.answers.end(), "from there"), 20);
        QCOMPARE(std::count(asks.answers.begin(), asks.answers.end(), "nobody"), 1);
    }

    void a_queue_group_is_served_at_home_first_and_once() {
        GatewayStage stage(3);
        QVERIFY(stage.start());
        Ear& home = stage.ear(0);
        Ear& one = stage.ear(1);
        Ear& two = stage.ear(2);
        for (Ear* const ear : {&home, &one, &two}) {
            ear->listen("work", "crew");
        }
        stage.settle();
        for (int i = 0; i < 30; ++i) {
            home.say("work", "x");
        }
        stage.settle();
        QCOMPARE(home.heard.size(), 30U);
        home.forget("work");
        stage.settle();
        for (int i = 0; i < 30; ++i) {
            home.say("work", "x");
        }
        stage.settle();
        QCOMPARE(home.heard.size(), 30U);
        QCOMPARE(one.heard.size() + two.heard.size(), 30U);
    }

    void unknown_clusters_are_refused_where_that_is_asked_for() {
        GatewayStage stage(3, [](std::size_t, config::Options& options) {
            options.gateway.reject_unknown = true;
        });
        QVERIFY(stage.sim().start());
        stage.simulation().run_for(base::seconds(10));
        std::size_t names = 0;
        stage.gateways(0).for_each([&](GatewayConnection const& each) {
            names += each.is_open() && each.gateway_name() == "C2" ? 1 : 0;
        });
        QCOMPARE(names, 0U);
    }

    void one_that_was_lost_comes_back_and_knows_what_is_wanted() {
        GatewayStage stage(2);
        QVERIFY(stage.start());
        Ear& far = stage.ear(1);
        far.listen("news");
        stage.settle();
        stage.sim().server(0).kill();
        stage.simulation().run_for(base::seconds(3));
        stage.sim().server(0).start();
        QVERIFY(stage.simulation().run_until(
            [&] { return stage.sim().server(0).ready() && stage.is_meshed(); }, base::seconds(60)));
        stage.settle();
        stage.ear(0).say("news", "again");
        stage.settle();
        QCOMPARE(far.heard, Texts{"news again"});
    }
};

SIGNALBOX_TEST(GatewayTest);

}  // namespace signalbox::cluster

#include "gateway_test.moc"
