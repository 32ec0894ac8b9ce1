#include "engine/observe/subject_tree.h"

#include "engine/base/text.h"
#include "engine/observe/rate_meter.h"

#include "tests/support/run_tests.h"

#include <cmath>
#include <random>

namespace signalbox {

using observe::NodeId;
using observe::RateMeter;
using observe::SubjectId;
using observe::SubjectIds;
using observe::SubjectTree;

namespace {

void publish(SubjectIds& ids, std::string_view subject, std::uint64_t bytes = 1,
             std::int64_t now_ms = 1'000) {
    ids.published(ids.id_for("$G", subject),
                  {.bytes = bytes, .last_size = bytes, .cid = 1, .recipients = 0}, now_ms);
}

/// The node of a whole subject, which must be there.
NodeId node_of(SubjectTree const& tree, std::string_view subject) {
    NodeId node = SubjectTree::kRoot;
    while (node != SubjectTree::kNone) {
        std::size_t const dot = subject.find('.');
        node = tree.find_child(node, subject.substr(0, dot));
        if (dot == std::string_view::npos) {
            break;
        }
        subject.remove_prefix(dot + 1);
    }
    return node;
}

std::string random_subject(std::mt19937& random) {
    std::string subject;
    int const tokens = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < tokens; ++i) {
        append(subject, i == 0 ? "" : ".", static_cast<char>('a' + random() % 4));
    }
    return subject;
}

}  // namespace

class SubjectTreeTest : public QObject {
    Q_OBJECT

private slots:
    void every_sum_is_that_of_the_subjects_below() {
        std::mt19937 random(4711);
        SubjectIds ids;
        SubjectTree tree;
        std::map<std::string, std::uint64_t> msgs;
        std::map<std::string, std::uint64_t> bytes;
        for (int round = 0; round < 30; ++round) {
            for (auto i = random() % 100; i > 0; --i) {
                std::string const subject = random_subject(random);
                std::uint64_t const size = random() % 1'000;
                publish(ids, subject, size);
                // Every prefix of whole tokens counts it.
                for (std::size_t at = subject.find('.');; at = subject.find('.', at + 1)) {
                    ++msgs[subject.substr(0, at)];
                    bytes[subject.substr(0, at)] += size;
                    if (at == std::string::npos) {
                        break;
                    }
                }
            }
            tree.update(ids, 0.05);
            std::uint64_t all = 0;
            for (auto const& [subject, count] : msgs) {
                NodeId const node = node_of(tree, subject);
                QVERIFY(node != SubjectTree::kNone);
                QCOMPARE(tree.node(node).subject(), std::string_view(subject));
                QCOMPARE(tree.msgs(node), count);
                QCOMPARE(tree.bytes(node), bytes[subject]);
                all += subject.find('.') == std::string::npos ? count : 0;
            }
            QCOMPARE(tree.msgs(SubjectTree::kRoot), all);
            QCOMPARE(tree.size(), msgs.size() + 1);
        }
    }

    void a_subject_of_two_accounts_is_one_node() {
        SubjectIds ids;
        SubjectTree tree;
        ids.published(ids.id_for("A", "x.y"),
                      {.bytes = 10, .last_size = 10, .cid = 1, .recipients = 0}, 1'000);
        ids.published(ids.id_for("B", "x.y"),
                      {.bytes = 20, .last_size = 20, .cid = 1, .recipients = 0}, 2'000);
        tree.update(ids, 0.05);
        NodeId const node = node_of(tree, "x.y");
        QCOMPARE(tree.msgs(node), 2U);
        QCOMPARE(tree.bytes(node), 30U);
        QCOMPARE(tree.last_seen_ms(ids, node), 2'000);
        int visited = 0;
        tree.for_each_id(node, [&](SubjectId) { ++visited; });
        QCOMPARE(visited, 2);
        QCOMPARE(tree.subjects().size(), std::size_t{1});
    }

    void a_subject_of_very_many_tokens_ends_in_one_node() {
        SubjectIds ids;
        SubjectTree tree;
        std::string subject = "a";
        for (int i = 0; i < 2'000; ++i) {
            subject += ".a";
        }
        publish(ids, subject);
        tree.update(ids, 0.05);
        QCOMPARE(tree.size(), std::size_t{SubjectTree::kMaxDepth} + 1);
        QCOMPARE(tree.node(tree.subjects()[0]).subject(), std::string_view(subject));
    }

    void what_was_counted_before_the_first_look_makes_no_rate() {
        SubjectIds ids;
        SubjectTree tree;
        for (int i = 0; i < 1'000; ++i) {
            publish(ids, "a.b");
        }
        tree.update(ids, 12'345);
        QCOMPARE(tree.msgs(SubjectTree::kRoot), 1'000U);
        QCOMPARE(tree.msg_rate(SubjectTree::kRoot), 0.0);
    }

    void a_steady_flow_has_its_rate_on_every_level() {
        SubjectIds ids;
        SubjectTree tree;
        tree.update(ids, 0);
        for (int tick = 0; tick < 200; ++tick) {
            for (int i = 0; i < 5; ++i) {
                publish(ids, "a.b", 10);
                publish(ids, "a.c", 30);
            }
            tree.update(ids, 0.05);
        }
        QVERIFY(std::abs(tree.msg_rate(node_of(tree, "a.b")) - 100) < 1);
        QVERIFY(std::abs(tree.msg_rate(node_of(tree, "a")) - 200) < 1);
        QVERIFY(std::abs(tree.byte_rate(SubjectTree::kRoot) - 4'000) < 10);
    }

    void what_falls_silent_has_no_rate() {
        SubjectIds ids;
        SubjectTree tree;
        tree.update(ids, 0);
        for (int i = 0; i < 1'000'000; ++i) {
            publish(ids, "a");
        }
        tree.update(ids, 0.05);
        QVERIFY(tree.msg_rate(node_of(tree, "a")) > 0);
        for (int tick = 0; tick < 41; ++tick) {
            tree.update(ids, 0.05);
        }
        QCOMPARE(tree.msg_rate(node_of(tree, "a")), 0.0);
        QCOMPARE(tree.byte_rate(SubjectTree::kRoot), 0.0);
    }

    void the_table_of_children_outgrows_its_first_size() {
        SubjectIds ids;
        SubjectTree tree;
        for (int i = 0; i < 5'000; ++i) {
            publish(ids, concat("t.", i));
        }
        tree.update(ids, 0.05);
        for (int i = 0; i < 5'000; ++i) {
            QVERIFY(node_of(tree, concat("t.", i)) != SubjectTree::kNone);
        }
        QCOMPARE(tree.node(node_of(tree, "t")).children, 5'000U);
    }
};

SIGNALBOX_TEST(SubjectTreeTest);

class RateMeterTest : public QObject {
    Q_OBJECT

private slots:
    void totals_are_exact_however_the_looks_fall() {
        std::mt19937 random(7);
        RateMeter meter;
        std::uint64_t total = 0;
        for (int i = 0; i < 1'000; ++i) {
            total += random() % 1'000'000;
            QCOMPARE(meter.look(total, static_cast<double>(random() % 3'000) / 1'000).total, total);
        }
    }

    void a_rate_does_not_depend_on_how_often_one_looks() {
        RateMeter often;
        RateMeter seldom;
        double last_often = 0;
        double last_seldom = 0;
        for (std::uint64_t i = 1; i <= 400; ++i) {
            last_often = often.look(i * 10, 0.01).per_second;
            if (i % 20 == 0) {
                last_seldom = seldom.look(i * 10, 0.2).per_second;
            }
        }
        QVERIFY(std::abs(last_often - 1'000) < 25);
        QVERIFY(std::abs(last_often - last_seldom) < 1);
    }

    void nothing_for_two_seconds_is_no_rate() {
        RateMeter meter;
        meter.look(1'000'000, 0.05);
        observe::Rate rate;
        for (int i = 0; i < 40; ++i) {
            rate = meter.look(1'000'000, 0.05);
        }
        QCOMPARE(rate.per_second, 0.0);
        QCOMPARE(rate.total, 1'000'000U);
    }

    void a_total_that_began_anew_is_no_flow() {
        RateMeter meter;
        meter.start_at(500);
        QCOMPARE(meter.look(3, 0.05).per_second, 0.0);
        QVERIFY(meter.look(4, 0.05).per_second > 0);
    }
};

SIGNALBOX_TEST(RateMeterTest);

}  // namespace signalbox

#include "subject_tree_test.moc"
