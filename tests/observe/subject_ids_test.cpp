#include "engine/observe/subject_ids.h"

#include "engine/base/text.h"

#include "tests/support/run_tests.h"

#include <set>
#include <thread>

namespace signalbox {

using observe::kFolded;
using observe::SubjectId;
using observe::SubjectIds;

class SubjectIdsTest : public QObject {
    Q_OBJECT

private slots:
    void a_subject_keeps_its_id() {
        SubjectIds ids;
        std::vector<SubjectId> given;
        for (int i = 0; i < 20'000; ++i) {
            given.push_back(ids.id_for("$G", concat("a.", i)));
        }
        QCOMPARE(std::set<SubjectId>(given.begin(), given.end()).size(), given.size());
        for (int i = 0; i < 20'000; ++i) {
            QCOMPARE(ids.id_for("$G", concat("a.", i)), given[static_cast<std::size_t>(i)]);
            QCOMPARE(ids.entry(given[static_cast<std::size_t>(i)]).subject(),
                     std::string_view(concat("a.", i)));
        }
    }

    void equal_subjects_of_two_accounts_are_counted_apart() {
        SubjectIds ids;
        SubjectId const one = ids.id_for("A", "orders");
        SubjectId const other = ids.id_for("B", "orders");
        QVERIFY(one != other);
        ids.published(one, {.bytes = 10, .last_size = 10, .cid = 7, .recipients = 1}, 1'000);
        QCOMPARE(ids.entry(one).msgs.get(), 1U);
        QCOMPARE(ids.entry(other).msgs.get(), 0U);
    }

    void a_publish_leaves_every_figure() {
        SubjectIds ids;
        SubjectId const id = ids.id_for("$G", "orders");
        ids.published(id, {.bytes = 100, .last_size = 100, .cid = 7, .recipients = 3}, 5'000);
        ids.published(id, {.bytes = 50, .last_size = 50, .cid = 7, .recipients = 2}, 6'000);
        auto const& entry = ids.entry(id);
        QCOMPARE(entry.msgs.get(), 2U);
        QCOMPARE(entry.bytes.get(), 150U);
        QCOMPARE(entry.last_seen.get(), 6'000U);
        QCOMPARE(entry.last_size(), 50U);
        QCOMPARE(entry.receivers(), 2U);
    }

    void subjects_past_the_budget_are_counted_together() {
        SubjectIds ids(3);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(ids.id_for("$G", concat("s", i)) != kFolded);
        }
        QCOMPARE(ids.id_for("$G", "one.more"), kFolded);
        ids.published(kFolded, {.bytes = 10, .last_size = 10, .cid = 1, .recipients = 0}, 1'000);
        QCOMPARE(ids.entry(kFolded).msgs.get(), 1U);
        QVERIFY(ids.id_for("$G", "s1") != kFolded);
    }

    void inboxes_leave_room_for_everything_else() {
        SubjectIds ids(80);
        for (int i = 0; i < 1'000; ++i) {
            ids.id_for("$G", concat("_INBOX.", i));
        }
        QCOMPARE(ids.count(), std::size_t{1 + 10});
        QVERIFY(ids.id_for("$G", "orders") != kFolded);
    }

    void subscriptions_on_exactly_a_filter_are_counted() {
        SubjectIds ids;
        ids.subscribed("$G", "orders.*", 2);
        ids.subscribed("$G", "orders.*", 1);
        ids.subscribed("$G", "orders.*", -2);
        QCOMPARE(ids.entry(ids.id_for("$G", "orders.*")).subscribers(), 1U);
    }

    void publishers_are_distinct_and_of_the_last_minute() {
        SubjectIds ids;
        SubjectId const id = ids.id_for("$G", "orders");
        std::int64_t now = 1'700'000'000'000;
        QCOMPARE(ids.publishers(id, now), 0U);
        for (int i = 0; i < 10; ++i) {
            ids.published(id, {.bytes = 1, .last_size = 1, .cid = 11, .recipients = 0}, now);
        }
        QCOMPARE(ids.publishers(id, now), 1U);
        ids.published(id, {.bytes = 1, .last_size = 1, .cid = 22, .recipients = 0}, now + 1'000);
        ids.published(id, {.bytes = 1, .last_size = 1, .cid = 11, .recipients = 0}, now + 2'000);
        ids.published(id, {.bytes = 1, .last_size = 1, .cid = 33, .recipients = 0}, now + 40'000);
        QCOMPARE(ids.publishers(id, now + 40'000), 3U);
        QCOMPARE(ids.publishers(id, now + 70'000), 1U);
        QCOMPARE(ids.publishers(id, now + 110'000), 0U);
    }

    void publishers_are_capped() {
        SubjectIds ids;
        SubjectId const id = ids.id_for("$G", "orders");
        for (std::uint64_t cid = 1; cid <= 40; ++cid) {
            ids.published(id, {.bytes = 1, .last_size = 1, .cid = cid, .recipients = 0}, 1'000'000);
        }
        QCOMPARE(ids.publishers(id, 1'000'000), 16U);
        // Those that fell silent make room.
        for (std::uint64_t cid = 100; cid < 103; ++cid) {
            ids.published(id, {.bytes = 1, .last_size = 1, .cid = cid, .recipients = 0},
                          1'000'000 + 120'000);
        }
        QCOMPARE(ids.publishers(id, 1'000'000 + 120'000), 3U);
    }

    void subscriptions_and_publishers_do_not_disturb_each_other() {
        SubjectIds ids;
        SubjectId const id = ids.id_for("$G", "orders");
        ids.subscribed("$G", "orders", 5);
        ids.published(id, {.bytes = 1, .last_size = 1, .cid = 1, .recipients = 0}, 1'000'000);
        ids.published(id, {.bytes = 1, .last_size = 1, .cid = 2, .recipients = 0}, 1'000'000);
        ids.subscribed("$G", "orders", -1);
        QCOMPARE(ids.entry(id).subscribers(), 4U);
        QCOMPARE(ids.publishers(id, 1'000'000), 2U);
    }

    // The thread sanitizer has its say here.
    void a_reader_sees_whole_names_while_subjects_come() {
        SubjectIds ids;
        constexpr std::size_t kSubjects = 50'000;
        std::thread writer([&ids] {
            for (std::size_t i = 0; i < kSubjects; ++i) {
                SubjectId const id = ids.id_for("$G", concat("subject.", i));
                ids.published(id, {.bytes = 1, .last_size = 1, .cid = 1 + i % 3, .recipients = 1},
                              1'000'000);
                ids.published(id, {.bytes = 1, .last_size = 1, .cid = 2 + i % 3, .recipients = 1},
                              1'000'000);
            }
        });
        std::size_t seen = 1;
        bool whole = true;
        while (seen < kSubjects + 1) {
            std::size_t const count = ids.count();
            for (; seen < count; ++seen) {
                auto const id = static_cast<SubjectId>(seen);
                whole = whole && ids.entry(id).subject() == concat("subject.", seen - 1) &&
                        ids.publishers(id, 1'000'000) <= 2;
            }
        }
        writer.join();
        QVERIFY(whole);
        QCOMPARE(ids.publishers(1, 1'000'000), 2U);
    }
};

SIGNALBOX_TEST(SubjectIdsTest);

}  // namespace signalbox

#include "subject_ids_test.moc"
