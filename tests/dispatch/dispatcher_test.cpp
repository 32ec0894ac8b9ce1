#include "engine/dispatch/dispatcher.h"

#include "engine/account/account_directory.h"
#include "engine/base/text.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/random_subject.h"
#include "tests/support/run_tests.h"

#include <map>

namespace signalbox::dispatch {

using message::Delivery;
using message::MessageRun;
using message::MessageView;
using message::Subscription;

namespace {

enum class Answer {
    Taken,
    Slow,
    Refused
};

/// Takes what it is given, unless told otherwise.
class Client : public message::Recipient, public message::Publisher {
public:
    explicit Client(std::uint64_t number) : number_(number) {}

    Delivery deliver(Subscription& subscription, MessageRun const& run) override {
        offers.push_back(subscription.sid);
        if (answer == Answer::Refused) {
            return {};
        }
        std::uint64_t bytes = 0;
        for (MessageView const& message : run.messages) {
            got.push_back(concat(subscription.sid, " ", run.subject.text(), " ", message.payload));
            bytes += message.size();
        }
        right_size = right_size && bytes == run.bytes;
        shared = run.sharing != nullptr;
        return {.taken = static_cast<std::uint32_t>(run.messages.size()),
                .slow = answer == Answer::Slow};
    }
    std::uint64_t connection_id() const override { return number_; }
    void finish(Subscription& subscription) override {
        finished.push_back(subscription.sid);
        if (on_finish) {
            on_finish(subscription);
        }
    }
    message::Recipient const* without_echo() const override { return echo ? nullptr : this; }
    void describe(event::ClientInfo&) const override {}
    void stall() override { ++stalls; }

    std::vector<std::string> got;
    std::vector<std::string> offers;
    std::vector<std::string> finished;
    bool right_size = true;
    bool shared = false;
    Answer answer = Answer::Taken;
    bool echo = true;
    int stalls = 0;
    std::function<void(Subscription&)> on_finish;

private:
    std::uint64_t number_;
};

/// Other servers, one subscription for each.
class Others : public RemoteInterest {
public:
    void add(account::Account&, subject::PublishSubject subject,
             std::vector<Subscription*>& to) override {
        for (auto const& each : subscriptions) {
            if (support::plainly_matches(each->filter, subject.text())) {
                to.push_back(each.get());
            }
        }
    }
    std::uint64_t generation() const override { return changes; }

    std::vector<std::unique_ptr<Subscription>> subscriptions;
    std::uint64_t changes = 0;
};

struct Stage {
    Subscription& subscribe(Client& client, std::string const& filter, std::string const& queue,
                            std::string const& sid) {
        client.on_finish = [this](Subscription& s) {
            dispatcher.unsubscribe(accounts.global(), s);
        };
        return dispatcher.subscribe(
            accounts.global(),
            {.recipient = &client, .filter = filter, .queue = queue, .sid = sid});
    }
    void unsubscribe(Subscription& subscription) {
        dispatcher.unsubscribe(accounts.global(), subscription);
    }
    std::uint64_t publish(Client& from, std::string const& subject, std::string const& payload) {
        return publish_run(from, subject, {payload});
    }
    std::uint64_t publish_run(Client& from, std::string const& subject,
                              std::vector<std::string> const& payloads) {
        std::vector<std::string> tails;
        std::uint64_t bytes = 0;
        for (std::string const& payload : payloads) {
            tails.push_back(concat(" ", payload.size(), "\r\n", payload, "\r\n"));
            bytes += payload.size();
        }
        std::vector<MessageView> messages;
        for (std::size_t i = 0; i < payloads.size(); ++i) {
            messages.push_back({.payload = payloads[i], .tail = tails[i]});
        }
        return dispatcher.publish(accounts.global(),
                                  {.subject = subject::PublishSubject::from_token(subject),
                                   .messages = messages,
                                   .regular = true,
                                   .bytes = bytes},
                                  from);
    }

    sim::Universe universe{1};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    observe::Observation observation{1, observe::Watch::Off};
    account::AccountDirectory accounts;
    Others others;
    Dispatcher dispatcher{world.clock(), world.entropy(), others, observation};
    Client publisher{100};
};

}  // namespace

/// From one published message to everyone who wants it.
class DispatcherTest : public QObject {
    Q_OBJECT

private slots:
    void each_plain_subscription_gets_a_copy() {
        Stage stage;
        Client a(1);
        Client b(2);
        stage.subscribe(a, "x.y", "", "1");
        stage.subscribe(a, "x.*", "", "2");
        stage.subscribe(b, ">", "", "1");
        stage.subscribe(b, "other", "", "2");
        QCOMPARE(stage.publish(stage.publisher, "x.y", "hi"), std::uint64_t{3});
        QCOMPARE(base::join(a.got, ", "), std::string("1 x.y hi, 2 x.y hi"));
        QCOMPARE(base::join(b.got, ", "), std::string("1 x.y hi"));
        QCOMPARE(stage.publish(stage.publisher, "nobody.cares.here", "hi"), std::uint64_t{1});
        QCOMPARE(stage.publish(stage.publisher, "x..y", "hi"), std::uint64_t{0});
    }

    void one_of_a_queue_group_gets_it_beside_the_plain_ones() {
        Stage stage;
        std::vector<std::unique_ptr<Client>> clients;
        for (std::uint64_t i = 0; i < 6; ++i) {
            clients.push_back(std::make_unique<Client>(i));
            stage.subscribe(*clients.back(), "x", i < 2 ? "" : i < 4 ? "q" : "r", "1");
        }
        for (int i = 0; i < 100; ++i) {
            QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{4});
        }
        QCOMPARE(clients[0]->got.size(), std::size_t{100});
        QCOMPARE(clients[1]->got.size(), std::size_t{100});
        QCOMPARE(clients[2]->got.size() + clients[3]->got.size(), std::size_t{100});
        QCOMPARE(clients[4]->got.size() + clients[5]->got.size(), std::size_t{100});
    }

    void members_of_a_group_have_even_shares_also_over_several_filters() {
        Stage stage;
        std::vector<std::unique_ptr<Client>> clients;
        for (std::uint64_t i = 0; i < 4; ++i) {
            clients.push_back(std::make_unique<Client>(i));
            stage.subscribe(*clients.back(), i < 2 ? "x.y" : i == 2 ? "x.*" : ">", "q", "1");
        }
        constexpr std::size_t kMessages = 10'000;
        for (std::size_t i = 0; i < kMessages; ++i) {
            QCOMPARE(stage.publish(stage.publisher, "x.y", "hi"), std::uint64_t{1});
        }
        for (auto const& client : clients) {
            // Four standard deviations and more around a quarter.
            QVERIFY2(client->got.size() > 2'300 && client->got.size() < 2'700,
                     qPrintable(QString::number(client->got.size())));
        }
    }

    void who_refuses_is_followed_by_the_next_in_the_ring() {
        Stage stage;
        Client client(1);
        client.answer = Answer::Refused;
        for (int i = 0; i < 5; ++i) {
            stage.subscribe(client, "x", "q", std::to_string(i));
        }
        std::map<std::string, int> first;
        for (int i = 0; i < 200; ++i) {
            client.offers.clear();
            QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{0});
            QCOMPARE(client.offers.size(), std::size_t{5});
            ++first[client.offers[0]];
            for (std::size_t k = 0; k + 1 < client.offers.size(); ++k) {
                int const at = std::stoi(client.offers[k]);
                QCOMPARE(std::stoi(client.offers[k + 1]), (at + 1) % 5);
            }
        }
        QCOMPARE(first.size(), std::size_t{5});
    }

    void who_takes_nothing_leaves_it_to_another_of_the_group() {
        Stage stage;
        Client deaf(1);
        Client hears(2);
        deaf.answer = Answer::Refused;
        stage.subscribe(deaf, "x", "q", "1");
        stage.subscribe(hears, "x", "q", "1");
        for (int i = 0; i < 50; ++i) {
            QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{1});
        }
        QCOMPARE(hears.got.size(), std::size_t{50});
    }

    void who_wants_no_echo_gets_none_and_the_group_goes_on() {
        Stage stage;
        Client self(1);
        Client other(2);
        self.echo = false;
        stage.subscribe(self, "x", "", "1");
        stage.subscribe(self, "x", "q", "2");
        QCOMPARE(stage.publish(self, "x", "hi"), std::uint64_t{0});
        stage.subscribe(other, "x", "q", "1");
        for (int i = 0; i < 50; ++i) {
            QCOMPARE(stage.publish(self, "x", "hi"), std::uint64_t{1});
        }
        QVERIFY(self.got.empty());
        QCOMPARE(other.got.size(), std::size_t{50});
        // What others say reaches it.
        QCOMPARE(stage.publish(other, "x", "hi"), std::uint64_t{2});
    }

    void a_subscription_with_a_maximum_gets_so_many() {
        Stage stage;
        Client a(1);
        Client b(2);
        stage.subscribe(a, "x", "", "1").max = 3;
        stage.subscribe(a, "x", "", "2");
        stage.subscribe(b, "x", "q", "1").max = 2;
        stage.subscribe(b, "x", "q", "2").max = 1;
        std::vector<std::uint64_t> taken;
        for (int i = 0; i < 6; ++i) {
            taken.push_back(stage.publish(stage.publisher, "x", "hi"));
        }
        QCOMPARE(taken, (std::vector<std::uint64_t>{3, 3, 3, 1, 1, 1}));
        QCOMPARE(base::join(a.finished, ","), std::string("1"));
        QCOMPARE(b.finished.size(), std::size_t{2});
        QCOMPARE(a.got.size(), std::size_t{3 + 6});
        QCOMPARE(stage.accounts.global().subscription_count(), std::size_t{1});
        QCOMPARE(stage.observation.counters.subscriptions.get(), std::uint64_t{1});
    }

    void many_that_end_with_one_message_all_end() {
        Stage stage;
        Client a(1);
        for (int i = 0; i < 20; ++i) {
            stage.subscribe(a, i % 2 == 0 ? "x" : ">", "", std::to_string(i)).max = 1;
        }
        QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{20});
        QCOMPARE(a.finished.size(), std::size_t{20});
        QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{0});
        QCOMPARE(a.got.size(), std::size_t{20});
    }

    void a_refused_message_does_not_count() {
        Stage stage;
        Client a(1);
        Subscription& subscription = stage.subscribe(a, "x", "", "1");
        subscription.max = 1;
        a.answer = Answer::Refused;
        QCOMPARE(stage.publish(stage.publisher, "x", "no"), std::uint64_t{0});
        QCOMPARE(subscription.delivered, std::uint64_t{0});
        a.answer = Answer::Taken;
        QCOMPARE(stage.publish(stage.publisher, "x", "yes"), std::uint64_t{1});
        QCOMPARE(base::join(a.finished, ","), std::string("1"));
    }

    void the_publisher_of_a_slow_reader_is_held() {
        Stage stage;
        Client slow(1);
        slow.answer = Answer::Slow;
        stage.subscribe(slow, "x", "", "1");
        QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{1});
        QCOMPARE(stage.publisher.stalls, 1);
        slow.answer = Answer::Taken;
        stage.publish(stage.publisher, "x", "hi");
        QCOMPARE(stage.publisher.stalls, 1);
    }

    void what_is_large_is_shared_by_many() {
        Stage stage;
        Client a(1);
        Client b(2);
        stage.subscribe(a, "x", "", "1");
        stage.publish(stage.publisher, "x", std::string(20'000, 'p'));
        QVERIFY(!a.shared);
        stage.subscribe(b, "x", "", "1");
        stage.publish(stage.publisher, "x", "small");
        QVERIFY(!a.shared);
        stage.publish(stage.publisher, "x", std::string(20'000, 'p'));
        QVERIFY(a.shared && b.shared);
    }

    void a_run_reaches_each_plain_one_whole_and_is_shared_out_by_a_group() {
        Stage stage;
        Client plain(1);
        Client one(2);
        Client two(3);
        stage.subscribe(plain, "x", "", "p");
        stage.subscribe(one, "x", "q", "1");
        stage.subscribe(two, "x", "q", "2");
        std::vector<std::string> payloads;
        for (int i = 0; i < 200; ++i) {
            payloads.push_back(std::to_string(i));
        }
        QCOMPARE(stage.publish_run(stage.publisher, "x", payloads), std::uint64_t{400});
        QCOMPARE(plain.offers.size(), std::size_t{1});
        for (std::size_t i = 0; i < payloads.size(); ++i) {
            QCOMPARE(plain.got[i], concat("p x ", i));
        }
        QCOMPARE(one.got.size() + two.got.size(), std::size_t{200});
        QVERIFY(one.got.size() > 60 && two.got.size() > 60);
        QVERIFY(plain.right_size && one.right_size && two.right_size);
    }

    void a_maximum_is_kept_within_a_run() {
        Stage stage;
        Client plain(1);
        Client member(2);
        stage.subscribe(plain, "x", "", "p").max = 3;
        stage.subscribe(member, "x", "q", "1").max = 2;
        stage.subscribe(member, "x", "q", "2").max = 1;
        QCOMPARE(stage.publish_run(stage.publisher, "x", {"a", "bb", "ccc", "dddd", "e"}),
                 std::uint64_t{6});
        QCOMPARE(base::join(plain.got, ","), std::string("p x a,p x bb,p x ccc"));
        QVERIFY(plain.right_size);
        QCOMPARE(member.got.size(), std::size_t{3});
        QCOMPARE(stage.accounts.global().subscription_count(), std::size_t{0});
    }

    void accounts_hear_nothing_of_each_other() {
        Stage stage;
        Client a(1);
        stage.dispatcher.subscribe(stage.accounts.system(),
                                   {.recipient = &a, .filter = ">", .queue = {}, .sid = "1"});
        QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{0});
        QVERIFY(a.got.empty());
    }

    void a_plain_subscription_of_one_s_own_is_found() {
        Stage stage;
        Client a(1);
        Client b(2);
        stage.subscribe(b, "x", "", "b");
        stage.subscribe(a, "x", "q", "queue");
        auto const found = [&] {
            Subscription const* const s = stage.dispatcher.find_plain(
                stage.accounts.global(), subject::PublishSubject::from_token("x"), a);
            return s == nullptr ? std::string() : s->sid;
        };
        QCOMPARE(found(), std::string());
        Subscription& own = stage.subscribe(a, "*", "", "own");
        QCOMPARE(found(), std::string("own"));
        own.ended = true;
        QCOMPARE(found(), std::string());
    }

    void other_servers_count_as_plain_ones_and_their_changes_are_seen() {
        Stage stage;
        Client route(9);
        QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{0});
        stage.others.subscriptions.push_back(std::make_unique<Subscription>());
        *stage.others.subscriptions.back() = {.recipient = &route, .filter = "x", .sid = "r"};
        ++stage.others.changes;
        QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{1});
        stage.others.subscriptions.clear();
        ++stage.others.changes;
        QCOMPARE(stage.publish(stage.publisher, "x", "hi"), std::uint64_t{0});
    }

    void what_was_looked_up_before_is_a_hit() {
        Stage stage;
        Client a(1);
        stage.subscribe(a, "x.y", "", "1");
        for (int i = 0; i < 10; ++i) {
            stage.publish(stage.publisher, "x.y", "hi");
        }
        DispatchStats stats = stage.dispatcher.stats(stage.accounts.global());
        QCOMPARE(stats.matches, std::uint64_t{10});
        QCOMPARE(stats.cache_hits, std::uint64_t{9});
        QCOMPARE(stats.cache_entries, std::uint64_t{1});
        stage.subscribe(a, "x.*", "", "2");
        stage.subscribe(a, "x.y", "q", "3");
        stage.publish(stage.publisher, "x.y", "hi");
        stats = stage.dispatcher.stats(stage.accounts.global());
        QCOMPARE(stats.matches - stats.cache_hits, std::uint64_t{2});
        FanoutStats const fanout = stage.dispatcher.fanout(stage.accounts.global());
        QCOMPARE(fanout.max, std::uint64_t{3});
        QCOMPARE(fanout.total, std::uint64_t{3});
        QCOMPARE(stage.dispatcher.stats(stage.accounts.system()).matches, std::uint64_t{0});
    }

    // However subscriptions come and go between messages, each reaches who wants it then.
    void the_cache_is_right_while_subscriptions_come_and_go_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 6; ++seed) {
            QTest::addRow("seed %llu", seed) << seed;
        }
    }

    void the_cache_is_right_while_subscriptions_come_and_go() {
        QFETCH(quint64, seed);
        support::RandomSubjects random(seed);
        Stage stage;
        Client client(1);
        std::vector<std::string> subjects;
        for (int i = 0; i < 60; ++i) {
            subjects.push_back(random.subject());
        }
        struct Entry {
            Subscription* subscription;
            std::string filter;
            std::string queue;
            std::string sid;
        };
        std::vector<Entry> entries;
        int next = 0;
        for (int step = 0; step < 1'500; ++step) {
            std::size_t const kind = random.below(10);
            if (kind == 0 && entries.size() < 60) {
                Entry entry{nullptr, random.filter(), random.below(3) == 0 ? "q" : "",
                            std::to_string(next++)};
                entry.subscription = &stage.subscribe(client, entry.filter, entry.queue, entry.sid);
                entries.push_back(std::move(entry));
                continue;
            }
            if (kind == 1 && !entries.empty()) {
                auto const at =
                    entries.begin() + static_cast<std::ptrdiff_t>(random.below(entries.size()));
                stage.unsubscribe(*at->subscription);
                entries.erase(at);
                continue;
            }
            std::string const& subject = subjects[random.below(subjects.size())];
            client.offers.clear();
            std::uint64_t const taken = stage.publish(stage.publisher, subject, "m");
            std::vector<std::string> plain;
            std::vector<std::string> group;
            for (Entry const& entry : entries) {
                if (support::plainly_matches(entry.filter, subject)) {
                    (entry.queue.empty() ? plain : group).push_back(entry.sid);
                }
            }
            QCOMPARE(taken, std::uint64_t{plain.size() + (group.empty() ? 0U : 1U)});
            if (!group.empty()) {
                QVERIFY(std::ranges::find(group, client.offers.back()) != group.end());
                client.offers.pop_back();
            }
            std::ranges::sort(plain);
            std::ranges::sort(client.offers);
            QVERIFY2(client.offers == plain, subject.c_str());
        }
    }
};
SIGNALBOX_TEST(DispatcherTest);

}  // namespace signalbox::dispatch

#include "dispatcher_test.moc"
