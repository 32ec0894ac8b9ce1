#include "engine/observe/tree_view.h"

#include "engine/base/text.h"
#include "engine/subject/subject.h"

#include "tests/support/run_tests.h"

#include <random>
#include <set>

namespace signalbox {

using observe::NodeId;
using observe::SubjectId;
using observe::SubjectIds;
using observe::SubjectTree;
using observe::TreeQuery;
using observe::TreeRow;
using observe::TreeSnapshot;
using observe::TreeSort;
using observe::TreeView;

namespace {

/// Subjects with a tree and a view of it, looked at together.
struct Fixture {
    SubjectIds ids;
    SubjectTree tree;
    TreeView view;
    std::int64_t now_ms = 1'000'000;

    void publish(std::string_view subject, int times = 1, std::uint32_t recipients = 1,
                 std::uint64_t cid = 1) {
        for (int i = 0; i < times; ++i) {
            ids.published(ids.id_for("$G", subject),
                          {.bytes = 10, .last_size = 10, .cid = cid, .recipients = recipients},
                          now_ms);
        }
    }

    TreeSnapshot look(TreeQuery query) {
        tree.update(ids, 0.05);
        view.set_query(std::move(query));
        return view.rows(tree, ids, now_ms);
    }

    NodeId node(std::string_view subject) {
        tree.update(ids, 0.05);
        for (std::size_t i = 0; i < tree.size(); ++i) {
            if (tree.node(static_cast<NodeId>(i)).subject() == subject) {
                return static_cast<NodeId>(i);
            }
        }
        return SubjectTree::kNone;
    }
};

/// Each row as `depth token`, or `depth +count` for one that stands for others.
std::vector<std::string> outline(TreeSnapshot const& snapshot) {
    std::vector<std::string> lines;
    for (TreeRow const& row : snapshot.rows) {
        lines.push_back(row.kind == TreeRow::Kind::More ? concat(int{row.depth}, " +", row.more)
                                                        : concat(int{row.depth}, " ", row.token));
    }
    return lines;
}

TreeRow row_of(TreeSnapshot const& snapshot, std::string_view subject) {
    for (TreeRow const& row : snapshot.rows) {
        if (row.kind == TreeRow::Kind::Subject && row.subject == subject) {
            return row;
        }
    }
    qFatal("no row of %s", std::string(subject).c_str());
}

using Lines = std::vector<std::string>;

std::string random_subject(std::mt19937& random) {
    std::string subject;
    int const tokens = 1 + static_cast<int>(random() % 3);
    for (int i = 0; i < tokens; ++i) {
        append(subject, i == 0 ? "" : ".", static_cast<char>('a' + random() % 6));
    }
    return subject;
}

}  // namespace

class TreeViewTest : public QObject {
    Q_OBJECT

private slots:
    void the_root_is_open_and_the_rest_as_asked() {
        Fixture f;
        f.publish("b.x.1");
        f.publish("a.y");
        f.publish("b.w");
        QCOMPARE(outline(f.look({})), (Lines{"0 a", "0 b"}));
        NodeId const b = f.node("b");
        TreeSnapshot const open = f.look({.expanded = {b}});
        QCOMPARE(outline(open), (Lines{"0 a", "0 b", "1 w", "1 x"}));
        QVERIFY(row_of(open, "b").expanded);
        QVERIFY(!row_of(open, "a").expanded);
        QVERIFY(row_of(open, "a").has_children);
        QVERIFY(!row_of(open, "b.w").has_children);
        QCOMPARE(row_of(open, "b").msgs, 2U);
        QCOMPARE(row_of(open, "b").bytes, 20U);
    }

    void names_stay_in_order_while_subjects_come() {
        std::mt19937 random(99);
        Fixture f;
        std::set<std::string> all;
        for (int round = 0; round < 50; ++round) {
            for (int i = 0; i < 7; ++i) {
                std::string const subject = concat("s", random() % 10'000);
                all.insert(subject);
                f.publish(subject);
            }
            Lines expected;
            for (std::string const& subject : all) {
                expected.push_back("0 " + subject);
            }
            QCOMPARE(outline(f.look({})), expected);
            std::reverse(expected.begin(), expected.end());
            QCOMPARE(outline(f.look({.descending = true})), expected);
        }
    }

    void each_column_sorts_data() {
        QTest::addColumn<int>("sort");
        QTest::newRow("message rate") << static_cast<int>(TreeSort::MsgRate);
        QTest::newRow("byte rate") << static_cast<int>(TreeSort::ByteRate);
        QTest::newRow("messages") << static_cast<int>(TreeSort::TotalMsgs);
        QTest::newRow("bytes") << static_cast<int>(TreeSort::TotalBytes);
        QTest::newRow("subscribers") << static_cast<int>(TreeSort::Subscribers);
        QTest::newRow("last seen") << static_cast<int>(TreeSort::LastSeen);
    }
    void each_column_sorts() {
        QFETCH(int, sort);
        Fixture f;
        f.node("nothing yet");
        for (auto const& [subject, times] :
             {std::pair{"b", 3}, std::pair{"d", 1}, std::pair{"a", 4}, std::pair{"c", 2}}) {
            f.now_ms = 1'000'000 + times;
            f.publish(subject, times);
            f.ids.subscribed("$G", subject, times);
        }
        auto const by = static_cast<TreeSort>(sort);
        QCOMPARE(outline(f.look({.sort = by, .descending = true})),
                 (Lines{"0 a", "0 b", "0 c", "0 d"}));
        QCOMPARE(outline(f.look({.sort = by})), (Lines{"0 d", "0 c", "0 b", "0 a"}));
    }

    void the_rest_of_many_children_is_one_row() {
        Fixture f;
        for (int i = 0; i < 1'000; ++i) {
            f.publish(concat("many.", 1'000 + i));
        }
        f.publish("z");
        NodeId const many = f.node("many");
        TreeSnapshot const first = f.look({.expanded = {many}, .page = 3});
        QCOMPARE(outline(first), (Lines{"0 many", "1 1000", "1 1001", "1 1002", "1 +997", "0 z"}));
        QCOMPARE(first.rows[4].node, many);
        TreeSnapshot const all = f.look({.expanded = {many}, .page = 3, .paged = {many}});
        QCOMPARE(all.rows.size(), std::size_t{1'002});
    }

    void rows_are_bounded_and_say_what_is_left_out() {
        Fixture f;
        for (int i = 0; i < 100; ++i) {
            f.publish(concat("a.", 100 + i));
            f.publish(concat("b.", i));
        }
        f.publish("c");
        TreeSnapshot const cut = f.look({.expanded = {f.node("a"), f.node("b")}, .row_limit = 4});
        QCOMPARE(outline(cut), (Lines{"0 a", "1 100", "1 101", "1 102", "1 +97", "0 +2"}));
    }

    void a_filter_leaves_what_it_matches_and_the_parents() {
        Fixture f;
        f.publish("orders.eu.created");
        f.publish("orders.eu.deleted");
        f.publish("orders.us.created");
        f.publish("stock");
        TreeSnapshot const found = f.look({.filter = "orders.*.created"});
        QCOMPARE(outline(found), (Lines{"0 orders", "1 eu", "2 created", "1 us", "2 created"}));
        QCOMPARE(found.matching, 2U);
        QVERIFY(row_of(found, "orders.eu.created").matches);
        QVERIFY(!row_of(found, "orders.eu").matches);
        QVERIFY(!row_of(found, "orders.eu.created").has_children);
        // A subject that comes later is found as well, and another filter starts afresh.
        f.publish("orders.jp.created");
        QCOMPARE(f.look({.filter = "orders.*.created"}).matching, 3U);
        QCOMPARE(outline(f.look({.filter = "stock"})), (Lines{"0 stock"}));
        QCOMPARE(outline(f.look({})), (Lines{"0 orders", "0 stock"}));
        QCOMPARE(f.look({}).matching, 5U);
    }

    void an_inner_node_that_becomes_a_subject_is_found() {
        Fixture f;
        f.publish("a.b.c");
        QCOMPARE(f.look({.filter = "a.*"}).matching, 0U);
        f.publish("a.b");
        QCOMPARE(outline(f.look({.filter = "a.*"})), (Lines{"0 a", "1 b"}));
    }

    void what_is_no_filter_finds_nothing() {
        Fixture f;
        f.publish("a");
        QCOMPARE(f.look({.filter = "a."}).rows.size(), std::size_t{0});
        QCOMPARE(f.look({.filter = "a."}).matching, 0U);
    }

    void flat_rows_are_whole_subjects_with_their_own_figures() {
        Fixture f;
        f.publish("a", 2);
        f.publish("a.b", 5);
        f.publish("c.d.e", 1);
        TreeSnapshot const flat = f.look({.flat = true});
        QCOMPARE(outline(flat), (Lines{"0 a", "0 a.b", "0 c.d.e"}));
        QCOMPARE(row_of(flat, "a").msgs, 2U);
        QCOMPARE(row_of(flat, "a").bytes, 20U);
        QVERIFY(!row_of(flat, "a").has_children);
        QCOMPARE(outline(f.look({.sort = TreeSort::TotalMsgs, .descending = true, .flat = true})),
                 (Lines{"0 a.b", "0 a", "0 c.d.e"}));
        QCOMPARE(outline(f.look({.flat = true, .page = 1})), (Lines{"0 a", "0 +2"}));
    }

    void filter_and_flat_agree_with_a_plain_model() {
        std::mt19937 random(2718);
        for (int round = 0; round < 40; ++round) {
            Fixture f;
            std::map<std::string, std::uint64_t> model;
            for (int i = 0; i < 60; ++i) {
                std::string const subject = random_subject(random);
                f.publish(subject);
                ++model[subject];
            }
            for (char const* const text : {"a.*", ">", "*.b.>", "c", "*.*.*", "d.>"}) {
                auto const filter = subject::Filter::parse(text).value();
                Lines expected;
                for (auto const& [subject, count] : model) {
                    if (filter.matches(subject::PublishSubject::from_token(subject))) {
                        expected.push_back(concat(subject, " ", count));
                    }
                }
                Lines flat;
                for (TreeRow const& row : f.look({.flat = true, .filter = text}).rows) {
                    flat.push_back(concat(row.subject, " ", row.msgs));
                }
                QCOMPARE(flat, expected);
                Lines marked;
                TreeSnapshot const tree = f.look({.filter = text});
                for (TreeRow const& row : tree.rows) {
                    if (row.matches) {
                        marked.push_back(row.subject);
                    }
                }
                std::ranges::sort(marked);
                QCOMPARE(marked.size(), expected.size());
                QCOMPARE(tree.matching, expected.size());
                for (std::size_t i = 0; i < marked.size(); ++i) {
                    QVERIFY(expected[i].starts_with(marked[i] + " "));
                }
            }
        }
    }

    void published_without_interest_is_marked() {
        Fixture f;
        f.publish("lonely", 1, 0);
        f.publish("heard", 1, 2);
        f.ids.subscribed("$G", "wanted", 1);
        TreeSnapshot const rows = f.look({});
        QVERIFY(row_of(rows, "lonely").no_interest);
        QVERIFY(!row_of(rows, "heard").no_interest);
        QCOMPARE(row_of(rows, "heard").receivers, 2U);
        QVERIFY(!row_of(rows, "wanted").no_interest);
    }

    void subscribed_without_traffic_is_marked_until_there_is_some() {
        Fixture f;
        for (char const* const filter : {"orders.*", "stock.>", "plain", ">", "*.*.deep"}) {
            f.ids.subscribed("$G", filter, 1);
        }
        auto const marks = [&f] {
            std::string text;
            for (TreeRow const& row : f.look({.flat = true}).rows) {
                if (row.no_traffic) {
                    append(text, row.subject, " ");
                }
            }
            return text;
        };
        QCOMPARE(marks(), std::string("*.*.deep > orders.* plain stock.> "));
        f.publish("orders.eu");
        QCOMPARE(marks(), std::string("*.*.deep plain stock.> "));
        f.publish("stock");
        QCOMPARE(marks(), std::string("*.*.deep plain stock.> "));
        f.publish("stock.a.deep");
        QCOMPARE(marks(), std::string("plain "));
        f.publish("plain");
        QCOMPARE(marks(), std::string());
        f.ids.subscribed("$G", "orders.*", -1);
        QVERIFY(row_of(f.look({.flat = true}), "orders.*").is_filter);
    }

    void a_row_says_who_and_when() {
        Fixture f;
        f.publish("a.b", 1, 1, 7);
        f.now_ms += 1'000;
        f.publish("a.b", 1, 1, 8);
        f.ids.subscribed("$G", "a.b", 3);
        TreeRow const row = row_of(f.look({.flat = true}), "a.b");
        QCOMPARE(row.publishers, 2U);
        QCOMPARE(row.subscribers, 3U);
        QCOMPARE(row.last_size, 10U);
        QCOMPARE(row.last_seen_ms, f.now_ms);
    }
};

SIGNALBOX_TEST(TreeViewTest);

}  // namespace signalbox

#include "tree_view_test.moc"
