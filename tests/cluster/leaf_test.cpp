#include "tests/cluster/leaf_stage.h"
#include "tests/support/run_tests.h"

#include <set>

namespace signalbox::cluster {

namespace {

using Texts = std::vector<std::string>;

/// A hub and so many leaf nodes of it.
RouteStage::Tweak star(RouteStage::Tweak const& more = {}) {
    return [more](std::size_t place, config::Options& options) {
        if (place == 0) {
            LeafStage::take_in(options, place);
        } else {
            LeafStage::attach(options, 0);
        }
        if (more) {
            more(place, options);
        }
    };
}

config::Options with_account(config::Options options, std::string const& name) {
    options.accounts.push_back(
        {.name = name, .users = {{.name = name, .password = crypto::Secret("pw")}}});
    return options;
}

}  // namespace

class LeafTest : public QObject {
    Q_OBJECT

private slots:
    void a_message_goes_both_ways_and_to_each_once() {
        LeafStage stage(3, star());
        QVERIFY(stage.start());
        QVERIFY2(stage.has_leafs(0, 2), stage.log().c_str());
        Ear& hub = stage.ear(0);
        Ear& one = stage.ear(1);
        Ear& two = stage.ear(2);
        hub.listen("a.*");
        one.listen("a.b");
        one.listen("a.>");
        two.listen("a.b");
        stage.settle();
        hub.say("a.b", "hub");
        one.say("a.b", "one");
        stage.settle();
        QCOMPARE(hub.heard, (Texts{"a.b hub", "a.b one"}));
        QCOMPARE(one.heard.size(), 4U);
        QCOMPARE(two.heard, (Texts{"a.b hub", "a.b one"}));
        two.forget("a.b");
        stage.settle();
        hub.say("a.b", "more");
        stage.settle();
        QCOMPARE(two.heard.size(), 2U);
        QVERIFY(stage.leaf(1).is_spoke());
        QVERIFY(!stage.leaf(0).is_spoke());
    }

    void who_asks_over_there_is_answered_or_hears_that_nobody_is_there() {
        LeafStage stage(2, star());
        QVERIFY(stage.start());
        QVERIFY(stage.has_leafs(0, 1));
        Ear& hub = stage.ear(0);
        Ear& leaf = stage.ear(1);
        hub.answer("at.hub", "workers", "from hub");
        leaf.answer("at.leaf", "", "from leaf");
        stage.settle();
        hub.ask("at.leaf", "?");
        leaf.ask("at.hub", "?");
        leaf.ask("nowhere", "?");
        stage.simulation().run_for(base::milliseconds(200));
        QCOMPARE(hub.answers, Texts{"from leaf"});
        QCOMPARE(std::set<std::string>(leaf.answers.begin(), leaf.answers.end()),
                 (std::set<std::string>{"from hub", "nobody"}));
    }

    void a_queue_group_is_served_at_home_while_somebody_is_there() {
        LeafStage stage(2, star());
        QVERIFY(stage.start());
        QVERIFY(stage.has_leafs(0, 1));
        Ear& hub = stage.ear(0);
        Ear& leaf = stage.ear(1);
        hub.listen("q", "g");
        leaf.listen("q", "g");
        stage.settle();
        for (int i = 0; i < 50; ++i) {
            hub.say("q", "x");
        }
        stage.settle();
        QCOMPARE(hub.heard.size(), 50U);
        hub.forget("q");
        stage.settle();
        for (int i = 0; i < 50; ++i) {
            hub.say("q", "x");
        }
        stage.settle();
        QCOMPARE(hub.heard.size(), 50U);
        QCOMPARE(leaf.heard.size(), 50U);
    }

    void it_is_bound_to_the_accounts_of_both_sides() {
        LeafStage stage(
            2, star([](std::size_t place, config::Options& options) {
                options = with_account(options, place == 0 ? "HUB" : "LEAF");
                options.authorization.users = {
                    {.name = "anyone", .password = crypto::Secret("pw")}};
                if (place == 0) {
                    options.leaf.authorization.users = {
                        {.name = "edge", .password = crypto::Secret("secret"), .account = "HUB"}};
                } else {
                    config::LeafRemoteOptions& remote = options.leaf.remotes[0];
                    remote.account = "LEAF";
                    remote.urls[0].user = "edge";
                    remote.urls[0].password = crypto::Secret("secret");
                }
            }));
        QVERIFY(stage.start());
        QVERIFY2(stage.has_leafs(0, 1), stage.log().c_str());
        QCOMPARE(stage.leaf(0).account()->name(), std::string("HUB"));
        QCOMPARE(stage.leaf(1).account()->name(), std::string("LEAF"));
        QCOMPARE(stage.leaf(0).remote_account(), std::string("LEAF"));
        QCOMPARE(stage.leaf(1).remote_account(), std::string("HUB"));
    }

    void wrong_credentials_are_refused_and_tried_again() {
        LeafStage stage(2, star([](std::size_t place, config::Options& options) {
                            if (place == 0) {
                                options.leaf.authorization.user = "edge";
                                options.leaf.authorization.password = crypto::Secret("secret");
                            } else {
                                options.leaf.remotes[0].urls[0].user = "edge";
                                options.leaf.remotes[0].urls[0].password = crypto::Secret("wrong");
                            }
                        }));
        QVERIFY(stage.start());
        stage.simulation().run_for(base::seconds(10));
        QCOMPARE(stage.leafs(0).open_count(), 0U);
        QVERIFY(stage.sim().server(0).counters().auth_failures.get() > 3);
    }

    void what_is_denied_does_not_pass() {
        LeafStage stage(2, star([](std::size_t place, config::Options& options) {
                            if (place == 1) {
                                options.leaf.remotes[0].deny_imports = {"in.no"};
                                options.leaf.remotes[0].deny_exports = {"out.no"};
                            }
                        }));
        QVERIFY(stage.start());
        QVERIFY(stage.has_leafs(0, 1));
        Ear& hub = stage.ear(0);
        Ear& leaf = stage.ear(1);
        hub.listen("out.>");
        leaf.listen("in.*");
        leaf.listen("in.no");
        stage.settle();
        hub.say("in.no", "x");
        hub.say("in.yes", "x");
        leaf.say("out.no", "x");
        leaf.say("out.yes", "x");
        stage.settle();
        QCOMPARE(hub.heard, Texts{"out.yes x"});
        QCOMPARE(leaf.heard, Texts{"in.yes x"});
    }

    void servers_in_a_circle_find_it_out() {
        LeafStage stage(3, [](std::size_t place, config::Options& options) {
            LeafStage::take_in(options, place);
            LeafStage::attach(options, (place + 1) % 3);
        });
        auto const open = [&] {
            std::size_t count = 0;
            for (std::size_t place = 0; place < 3; ++place) {
                count += stage.leafs(place).open_count();
            }
            return count;
        };
        QVERIFY(stage.start());
        stage.simulation().run_for(base::seconds(10));
        // All three were there at once, and all stay away for a while.
        QVERIFY2(open() == 0, stage.log().c_str());
        // Then, unless two come at once again, only the last of them has to go.
        for (int seconds = 0; seconds < 120 && open() != 4; ++seconds) {
            stage.simulation().run_for(base::seconds(1));
        }
        QVERIFY2(open() == 4, stage.log().c_str());
        Ear& a = stage.ear(0);
        Ear& b = stage.ear(1);
        b.listen("round");
        stage.settle();
        a.say("round", "once");
        stage.settle();
        QCOMPARE(b.heard, Texts{"round once"});
    }

    void one_that_was_lost_comes_back_and_knows_what_is_wanted() {
        LeafStage stage(2, star());
        QVERIFY(stage.start());
        QVERIFY(stage.has_leafs(0, 1));
        Ear& leaf = stage.ear(1);
        leaf.listen("news");
        stage.settle();
        stage.sim().server(0).kill();
        stage.simulation().run_for(base::seconds(5));
        QCOMPARE(stage.leafs(1).open_count(), 0U);
        stage.sim().server(0).start();
        QVERIFY2(stage.has_leafs(1, 1), stage.log().c_str());
        Ear& hub = stage.ear(0);
        hub.say("news", "again");
        stage.settle();
        QCOMPARE(leaf.heard, Texts{"news again"});
    }

    void the_hub_may_be_the_one_that_dials() {
        LeafStage stage(2, star([](std::size_t place, config::Options& options) {
                            if (place == 1) {
                                options.leaf.remotes[0].hub = true;
                            }
                        }));
        QVERIFY(stage.start());
        QVERIFY(stage.has_leafs(0, 1));
        QVERIFY(stage.leaf(0).is_spoke());
        QVERIFY(!stage.leaf(1).is_spoke());
        Ear& spoke = stage.ear(0);
        spoke.listen("x");
        stage.settle();
        stage.ear(1).say("x", "y");
        stage.settle();
        QCOMPARE(spoke.heard, Texts{"x y"});
    }

    void isolated_ones_are_not_told_of_each_other() {
        LeafStage stage(3, star([](std::size_t place, config::Options& options) {
                            if (place == 0) {
                                options.leaf.isolate = true;
                            }
                        }));
        QVERIFY(stage.start());
        QVERIFY(stage.has_leafs(0, 2));
        stage.ear(1).listen("only.here");
        stage.settle();
        std::set<std::string> told;
        stage.leaf(2).recipient()->for_each(
            [&](message::Subscription const& each) { told.insert(each.filter); });
        QVERIFY(!told.contains("only.here"));
    }

    void what_passes_may_be_compressed() {
        LeafStage stage(2, star([](std::size_t, config::Options& options) {
                            options.leaf.compression.mode = config::CompressionMode::Best;
                            for (auto& remote : options.leaf.remotes) {
                                remote.compression.mode = config::CompressionMode::Fast;
                            }
                        }));
        QVERIFY(stage.start());
        QVERIFY2(stage.has_leafs(0, 1), stage.log().c_str());
        QCOMPARE(std::string(stage.leaf(1).compression()), std::string("s2_fast"));
        Ear& hub = stage.ear(0);
        hub.listen("big");
        stage.settle();
        std::string const text(100'000, 'z');
        stage.ear(1).say("big", text);
        stage.settle();
        QCOMPARE(hub.heard, Texts{"big " + text});
    }

    void old_leaf_nodes_are_refused() {
        LeafStage stage(2, star([](std::size_t place, config::Options& options) {
                            if (place == 0) {
                                options.leaf.min_version = "99.0.0";
                            }
                        }));
        QVERIFY(stage.start());
        stage.simulation().run_for(base::seconds(3));
        QCOMPARE(stage.leafs(0).open_count(), 0U);
    }
};

SIGNALBOX_TEST(LeafTest);

}  // namespace signalbox::cluster

#include "leaf_test.moc"
