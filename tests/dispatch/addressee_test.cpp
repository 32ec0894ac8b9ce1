#include "engine/account/account_directory.h"
#include "engine/dispatch/internal_client.h"
#include "engine/message/built_message.h"
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
        client.emplace(world->turn(), *dispatcher, accounts.global());
    }
    void listen(std::string const& filter) {
        client->subscribe(filter, "", [this, filter](ReceivedMessage const& message) {
            got.push_back(filter + ": " + message.subject + " " + message.payload);
        });
    }
    std::uint64_t publish(std::string_view subject, std::string_view addressee) {
        std::uint64_t deliveries = 0;
        world->run([&] {
            message::BuiltMessage const built({}, {}, "x");
            message::MessageRun run = built.run(subject::PublishSubject::from_token(subject));
            run.addressee = subject::PublishSubject::from_token(addressee);
            deliveries = dispatcher->publish(accounts.global(), run, *client);
        });
        universe.simulation().run_for(base::milliseconds(1));
        return deliveries;
    }

    sim::Universe universe{1};
    observe::Observation observation{1, observe::Watch::Off};
    account::AccountDirectory accounts;
    NoRemoteInterest nobody_else;
    std::optional<sim::SimWorld> world;
    std::optional<Dispatcher> dispatcher;
    std::optional<InternalClient> client;
    std::vector<std::string> got;
};

}  // namespace

/// Deliveries of consumers: sent to one subject, shown under another; and the acks of them.
class AddresseeTest : public QObject {
    Q_OBJECT

private slots:
    void who_listens_on_the_addressee_gets_it_under_its_subject() {
        Stage stage;
        stage.listen("inbox");
        stage.listen("orders.*");
        QCOMPARE(stage.publish("orders.1", "inbox"), std::uint64_t{1});
        QVERIFY(stage.got == std::vector<std::string>{"inbox: orders.1 x"});
        QCOMPARE(stage.publish("orders.1", "nobody"), std::uint64_t{0});
        QCOMPARE(stage.publish("orders.1", ""), std::uint64_t{1});
    }

    void interest_is_known_without_a_message() {
        Stage stage;
        stage.listen("inbox.>");
        auto const asked = [&](std::string_view subject) {
            return stage.dispatcher->has_interest(stage.accounts.global(),
                                                  subject::PublishSubject::from_token(subject));
        };
        QVERIFY(asked("inbox.a.b"));
        QVERIFY(!asked("inbox"));
    }

    void each_ack_subject_finds_its_own_listeners() {
        Stage stage;
        stage.listen("$JS.ACK.S.>");
        stage.listen("$JS.ACK.S.c.*.7.>");
        stage.listen("$JS.ACK.S.c");
        QCOMPARE(stage.publish("$JS.ACK.S.c.1.7.1.1.0", ""), std::uint64_t{2});
        QCOMPARE(stage.publish("$JS.ACK.S.c.1.8.2.1.0", ""), std::uint64_t{1});
        QCOMPARE(stage.publish("$JS.ACK.S.c", ""), std::uint64_t{2});
        QCOMPARE(stage.publish("$JS.ACK.S.c.1.7.1.1.0", ""), std::uint64_t{2});
        QCOMPARE(stage.dispatcher->stats(stage.accounts.global()).cache_entries, std::uint64_t{1});
    }
};
SIGNALBOX_TEST(AddresseeTest);

}  // namespace signalbox::dispatch

#include "addressee_test.moc"
