#include "engine/sim/delivery_checker.h"

#include "tests/support/run_tests.h"

namespace signalbox::sim {

/// Each wrong that the checker is there to find, done to it.
class DeliveryCheckerTest : public QObject {
    Q_OBJECT

private slots:
    void what_is_right_is_no_violation() {
        DeliveryChecker checker;
        SubscriptionNumber const plain = checker.add_subscription(0, "a.*", "");
        SubscriptionNumber const one = checker.add_subscription(0, "a.>", "q");
        checker.add_subscription(0, "a.b", "q");
        checker.add_subscription(1, "a.b", "");
        PublisherNumber const publisher = checker.add_publisher(0);
        std::string const payload = checker.publish(publisher, 1, "a.b", true);
        checker.received(plain, "a.b", payload);
        checker.received(one, "a.b", payload);
        checker.check_arrivals();
        QVERIFY(checker.violations().empty());
        QCOMPARE(checker.received_count(), std::uint64_t{2});
    }

    void each_wrong_is_found_data() {
        QTest::addColumn<QString>("wrong");
        QTest::addColumn<QString>("found");
        auto const row = [](char const* wrong, char const* found) {
            QTest::newRow(wrong) << QString::fromUtf8(wrong) << QString::fromUtf8(found);
        };
        row("twice", "came twice");
        row("twice to a group", "came to its queue group twice");
        row("out of order", "came after");
        row("another subject", "is not as it was sent");
        row("other bytes", "is not as it was sent");
        row("not matched", "is not for it");
        row("another place", "is not for it");
        row("nobody's", "got what nobody published");
        row("missing", "misses message");
        row("missing in a group", "queue group q misses message");
    }

    void each_wrong_is_found() {
        QFETCH(QString, wrong);
        QFETCH(QString, found);
        DeliveryChecker checker;
        SubscriptionNumber const plain = checker.add_subscription(0, "a.b", "");
        SubscriptionNumber const one = checker.add_subscription(0, "a.*", "q");
        SubscriptionNumber const two = checker.add_subscription(0, "a.b", "q");
        SubscriptionNumber const elsewhere = checker.add_subscription(1, "a.b", "");
        SubscriptionNumber const other = checker.add_subscription(0, "c", "");
        PublisherNumber const publisher = checker.add_publisher(0);
        std::string const first = checker.publish(publisher, 1, "a.b", true);
        std::string const second = checker.publish(publisher, 1, "a.b", false);
        if (wrong == QLatin1String("out of order")) {
            checker.received(plain, "a.b", second);
        }
        if (wrong != QLatin1String("missing")) {
            checker.received(plain, "a.b", first);
        }
        if (wrong != QLatin1String("missing in a group")) {
            checker.received(one, "a.b", first);
        }
        QMap<QString, std::function<void()>> const deeds = {
            {"twice", [&] { checker.received(plain, "a.b", first); }},
            {"twice to a group", [&] { checker.received(two, "a.b", first); }},
            {"another subject", [&] { checker.received(one, "a.x", second); }},
            {"other bytes", [&] { checker.received(plain, "a.b", second + "!"); }},
            {"not matched", [&] { checker.received(other, "a.b", first); }},
            {"another place", [&] { checker.received(elsewhere, "a.b", first); }},
            {"nobody's", [&] { checker.received(plain, "a.b", "0 7 x"); }},
        };
        deeds.value(wrong, [] {})();
        checker.check_arrivals();
        QCOMPARE(checker.violations().size(), std::size_t{1});
        QVERIFY2(checker.violations().front().find(found.toStdString()) != std::string::npos,
                 checker.violations().front().c_str());
    }
};

SIGNALBOX_TEST(DeliveryCheckerTest);

}  // namespace signalbox::sim

#include "delivery_checker_test.moc"
