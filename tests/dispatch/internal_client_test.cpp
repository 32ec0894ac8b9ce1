#include "engine/dispatch/internal_client.h"

#include "engine/account/account_directory.h"
#include "engine/base/text.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/run_tests.h"

namespace signalbox::dispatch {

namespace {

struct Stage {
    Stage() {
        universe.exchange().add_machine("near", "10.0.0.1");
        world.emplace(universe.simulation(), universe.exchange(), "near");
        dispatcher.emplace(world->clock(), world->entropy(), nobody_else, observation);
    }
    std::unique_ptr<InternalClient> client() {
        return std::make_unique<InternalClient>(world->turn(), *dispatcher, accounts.system());
    }
    void run(std::function<void()> const& task) {
        world->run(task);
        universe.simulation().run_for(base::milliseconds(1));
    }

    sim::Universe universe{1};
    observe::Observation observation{1, observe::Watch::Off};
    account::AccountDirectory accounts;
    NoRemoteInterest nobody_else;
    std::optional<sim::SimWorld> world;
    std::optional<Dispatcher> dispatcher;
};

}  // namespace

/// The server as a client of its own.
class InternalClientTest : public QObject {
    Q_OBJECT

private slots:
    void what_one_publishes_the_other_gets_whole() {
        Stage stage;
        auto const one = stage.client();
        auto const two = stage.client();
        std::vector<ReceivedMessage> got;
        two->subscribe("a.*", "", [&](ReceivedMessage const& m) { got.push_back(m); });
        std::vector<std::uint64_t> deliveries;
        stage.run([&] {
            auto const keep = [&](std::uint64_t n) { deliveries.push_back(n); };
            one->publish(
                {.subject = "a.b", .reply = "r", .headers = "NATS/1.0\r\n\r\n", .payload = "hi"},
                keep);
            one->publish({.subject = "c", .reply = {}, .headers = {}, .payload = {}}, keep);
        });
        QCOMPARE(got.size(), std::size_t{1});
        QCOMPARE(concat(got[0].subject, " ", got[0].reply, " ", got[0].payload),
                 std::string("a.b r hi"));
        QCOMPARE(got[0].headers, std::string("NATS/1.0\r\n\r\n"));
        QVERIFY((deliveries == std::vector<std::uint64_t>{1, 0}));
    }

    void a_callback_may_answer_subscribe_and_end_its_own_subscription() {
        Stage stage;
        auto const service = stage.client();
        auto const asker = stage.client();
        subject::SubscriptionId id;
        int answers = 0;
        id = service->subscribe("ask", "q", [&](ReceivedMessage const& m) {
            service->publish({.subject = m.reply, .reply = {}, .headers = {}, .payload = "yes"});
            service->subscribe("more", "", [](ReceivedMessage const&) {});
            service->unsubscribe(id);
        });
        asker->subscribe("inbox", "", [&](ReceivedMessage const&) { ++answers; });
        auto const ask = [&] {
            stage.run([&] {
                asker->publish({.subject = "ask", .reply = "inbox", .headers = {}, .payload = {}});
            });
        };
        ask();
        ask();
        QCOMPARE(answers, 1);
        QCOMPARE(service->subscription_count(), std::size_t{1});
    }

    void nothing_comes_to_a_client_that_is_gone() {
        Stage stage;
        auto const one = stage.client();
        auto two = stage.client();
        int got = 0;
        two->subscribe("x", "", [&](ReceivedMessage const&) { ++got; });
        two->subscribe("y", "", [&](ReceivedMessage const&) { two.reset(); });
        stage.run([&] {
            one->publish({.subject = "y", .reply = {}, .headers = {}, .payload = {}});
            one->publish({.subject = "x", .reply = {}, .headers = {}, .payload = {}});
        });
        QVERIFY(two == nullptr);
        QCOMPARE(got, 0);
        QCOMPARE(stage.accounts.system().subscription_count(), std::size_t{0});
    }
};
SIGNALBOX_TEST(InternalClientTest);

}  // namespace signalbox::dispatch

#include "internal_client_test.moc"
