#include "engine/account/account_directory.h"

#include "tests/support/run_tests.h"

#include <set>

namespace signalbox::account {

namespace {

message::Subscription subscription(std::string filter, std::string sid, std::string queue = {}) {
    return {.filter = std::move(filter), .queue = std::move(queue), .sid = std::move(sid)};
}

std::size_t match_count(Account const& account, std::string_view subject) {
    subject::Interest interest;
    account.interest().match(subject::PublishSubject::from_token(subject), interest);
    return interest.plain.size() + interest.queue_groups.size();
}

}  // namespace

/// The wall around subjects.
class AccountTest : public QObject {
    Q_OBJECT

private slots:
    void a_subscription_is_found_by_its_id_until_it_is_removed() {
        Account account("A", 2);
        message::Subscription& one = account.subscribe(subscription("a.*", "1"));
        message::Subscription& two = account.subscribe(subscription("a.b", "2", "q"));
        QVERIFY(one.id != two.id);
        QVERIFY(account.find(one.id) == &one);
        QCOMPARE(match_count(account, "a.b"), std::size_t{2});
        subject::SubscriptionId const gone = one.id;
        account.unsubscribe(one);
        QVERIFY(account.find(gone) == nullptr);
        QVERIFY(account.find(two.id) == &two);
        QCOMPARE(match_count(account, "a.b"), std::size_t{1});
        // Whoever takes its place is not taken for it.
        message::Subscription const& three = account.subscribe(subscription("c", "3"));
        QVERIFY(three.id != gone);
        QVERIFY(account.find(gone) == nullptr);
        QVERIFY(account.find({}) == nullptr);
    }

    void references_last_while_others_come_and_go() {
        Account account("A", 2);
        message::Subscription& first = account.subscribe(subscription("first", "f"));
        std::vector<message::Subscription*> others;
        for (int i = 0; i < 1'000; ++i) {
            others.push_back(&account.subscribe(subscription("x.y", std::to_string(i))));
        }
        QCOMPARE(first.sid, std::string("f"));
        QVERIFY(account.find(first.id) == &first);
        for (message::Subscription* const other : others) {
            account.unsubscribe(*other);
        }
        QCOMPARE(account.subscription_count(), std::size_t{1});
        QCOMPARE(account.inserts(), std::uint64_t{1'001});
        QCOMPARE(account.removes(), std::uint64_t{1'000});
    }

    void every_subscription_is_visited_once() {
        Account account("A", 2);
        for (int i = 0; i < 10; ++i) {
            account.subscribe(subscription("x", std::to_string(i)));
        }
        std::multiset<std::string> seen;
        account.for_each_subscription([&](message::Subscription const& s) { seen.insert(s.sid); });
        QCOMPARE(seen.size(), std::size_t{10});
        QCOMPARE(seen.count("7"), std::size_t{1});
    }

    void the_global_and_the_system_account_are_always_there() {
        AccountDirectory accounts;
        QCOMPARE(accounts.global().name(), std::string("$G"));
        QVERIFY(!accounts.global().is_system());
        QVERIFY(accounts.system().is_system());
        QVERIFY(accounts.find("$G") == &accounts.global());
        QVERIFY(accounts.find("$SYS") == &accounts.system());
        QVERIFY(accounts.find("A") == nullptr);
        for (std::uint32_t i = 0; i < accounts.all().size(); ++i) {
            QCOMPARE(accounts.all()[i]->index(), i);
        }
    }
};
SIGNALBOX_TEST(AccountTest);

}  // namespace signalbox::account

#include "account_test.moc"
