#include "engine/cluster/subscription_set.h"

#include "tests/support/run_tests.h"

#include <QtTest>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

using signalbox::cluster::SubscriptionSet;
using signalbox::message::Subscription;

namespace {

SubscriptionSet::Key key_of(Subscription const& of) {
    return {.filter = of.filter, .queue = of.queue, .by_leaf = !of.sid.empty()};
}

}  // namespace

class SubscriptionSetTest : public QObject {
    Q_OBJECT

private slots:
    void holds_what_a_list_holds();
    void tells_alike_ones_apart();
};

/// Against a plain list, over many insertions and removals in any order.
void SubscriptionSetTest::holds_what_a_list_holds() {
    std::mt19937 random(7);
    SubscriptionSet set;
    std::vector<std::unique_ptr<Subscription>> list;
    for (int step = 0; step < 20'000; ++step) {
        auto one = std::make_unique<Subscription>();
        one->filter = "f." + std::to_string(random() % 300);
        one->queue = random() % 3 == 0 ? "q" + std::to_string(random() % 3) : "";
        one->sid = random() % 4 == 0 ? "leaf" : "";
        auto const same = [&](auto const& other) {
            return other->filter == one->filter && other->queue == one->queue &&
                   other->sid == one->sid;
        };
        auto const at = std::ranges::find_if(list, same);
        auto const of_its_kind = [&](Subscription const& other) { return other.sid == one->sid; };
        if (at == list.end()) {
            QVERIFY(set.find(key_of(*one), of_its_kind) == nullptr);
            set.insert(key_of(*one), *one);
            list.push_back(std::move(one));
        } else {
            QCOMPARE(set.take(key_of(*one), of_its_kind), at->get());
            list.erase(at);
        }
        QCOMPARE(set.size(), list.size());
    }
    std::vector<Subscription*> all = set.all();
    std::vector<Subscription*> wanted;
    for (auto const& one : list) {
        wanted.push_back(one.get());
    }
    std::ranges::sort(all);
    std::ranges::sort(wanted);
    QVERIFY(all == wanted);
}

void SubscriptionSetTest::tells_alike_ones_apart() {
    Subscription a;
    a.filter = "orders.*";
    a.sid = "north";
    Subscription b = {};
    b.filter = "orders.*";
    b.sid = "south";
    SubscriptionSet set;
    set.insert(key_of(a), a);
    set.insert(key_of(b), b);
    QCOMPARE(set.take(key_of(b), [](Subscription const& of) { return of.sid == "south"; }), &b);
    QCOMPARE(set.find(key_of(a), SubscriptionSet::kAny), &a);
    QCOMPARE(set.size(), std::size_t{1});
}

SIGNALBOX_TEST(SubscriptionSetTest);

#include "subscription_set_test.moc"
