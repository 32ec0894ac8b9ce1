#include "engine/host/connection_pages.h"

#include "tests/support/run_tests.h"

#include <vector>

namespace signalbox::host {
namespace {

ConnectionsDocument page(std::vector<std::uint64_t> const& cids, std::uint64_t total) {
    ConnectionsDocument out;
    for (std::uint64_t const cid : cids) {
        ConnectionFigures figures;
        figures.identity.cid = cid;
        out.connections.push_back(figures);
    }
    out.total = total;
    return out;
}

std::vector<std::uint64_t> cids(ConnectionsDocument const& document) {
    std::vector<std::uint64_t> out;
    for (ConnectionFigures const& figures : document.connections) {
        out.push_back(figures.identity.cid);
    }
    return out;
}

}  // namespace

/// A list that comes in pages.
class ConnectionPagesTest : public QObject {
    Q_OBJECT
private slots:
    void one_page_is_a_list() {
        ConnectionPages pages;
        auto const whole = pages.add(page({1, 2}, 2));
        QVERIFY(whole.has_value());
        QCOMPARE(whole->connections.size(), std::size_t{2});
        QCOMPARE(whole->total, std::uint64_t{2});
        QVERIFY(pages.add(page({}, 0)).has_value());
    }

    void pages_overlap_by_one() {
        ConnectionPages pages;
        QVERIFY(!pages.add(page({1, 2, 3}, 7)));
        QCOMPARE(pages.next(), std::size_t{2});
        QVERIFY(!pages.add(page({3, 4, 5}, 7)));
        QCOMPARE(pages.next(), std::size_t{4});
        auto const whole = pages.add(page({5, 6, 7}, 7));
        QVERIFY(whole.has_value());
        QCOMPARE(cids(*whole), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7}));
        QCOMPARE(whole->total, std::uint64_t{7});
        // And it begins anew.
        QCOMPARE(pages.next(), std::size_t{0});
    }

    // One of the first page went: the second begins one later, and 4 is in neither.
    void a_list_that_moved_meanwhile_is_one_that_was_cut() {
        ConnectionPages pages;
        QVERIFY(!pages.add(page({1, 2, 3}, 6)));
        auto const whole = pages.add(page({5, 6, 7}, 6));
        QVERIFY(whole.has_value());
        QVERIFY(whole->total > whole->connections.size());
    }

    void a_page_that_does_not_come_is_not_waited_for() {
        ConnectionPages pages;
        // A server that knows no offset says the same each time: there is an end to it.
        QVERIFY(!pages.add(page({1, 2, 3}, 5)));
        auto const cut = pages.add(page({1, 2, 3}, 5));
        QVERIFY(cut.has_value());
        QCOMPARE(cids(*cut), (std::vector<std::uint64_t>{1, 2, 3}));
        QVERIFY(cut->total > cut->connections.size());
        QVERIFY(!pages.add(page({1, 2, 3}, 5)));
        auto const whole = pages.add(page({3, 4, 5}, 5));
        QVERIFY(whole.has_value());
        QCOMPARE(cids(*whole), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    }

    void an_empty_page_ends_it() {
        ConnectionPages pages;
        QVERIFY(!pages.add(page({1, 2, 3}, 100)));
        auto const whole = pages.add(page({}, 100));
        QVERIFY(whole.has_value());
        QCOMPARE(whole->connections.size(), std::size_t{3});
        QCOMPARE(whole->total, std::uint64_t{100});
    }

    void there_is_an_end_to_what_is_asked_for() {
        ConnectionPages pages;
        std::uint64_t next = 1;
        int asked = 0;
        std::optional<ConnectionsDocument> whole;
        while (!whole) {
            std::vector<std::uint64_t> numbers(1'024);
            for (std::uint64_t& number : numbers) {
                number = next++;
            }
            --next;  // The last of each page is the first of the next.
            whole = pages.add(page(numbers, 1'000'000));
            ++asked;
        }
        QVERIFY(whole->connections.size() >= ConnectionPages::kMost);
        QVERIFY(asked <= 17);
    }
};
SIGNALBOX_TEST(ConnectionPagesTest);

}  // namespace signalbox::host

#include "connection_pages_test.moc"
