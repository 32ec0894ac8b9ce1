#include "engine/dispatch/match_cache.h"

#include "engine/base/text.h"

#include "tests/support/run_tests.h"

namespace signalbox::dispatch {

namespace {

/// Makes the entry of a subject, and marks it so that it can be known again.
void make(MatchCache& cache, std::string const& subject, std::uint32_t mark) {
    cache.make(subject).targets->subject_id = mark;
}

}  // namespace

/// What was found for recent subjects.
class MatchCacheTest : public QObject {
    Q_OBJECT

private slots:
    void what_was_made_is_found_by_its_whole_subject() {
        MatchCache cache(1);
        std::string const longest(5'000, 'x');
        std::vector<std::string> const subjects = {"",
                                                   "a",
                                                   "b",
                                                   "exactly.twenty.four.chrs",
                                                   "more.than.twenty.four.chars",
                                                   "more.than.twenty.four.charz",
                                                   longest,
                                                   longest + "y"};
        for (std::uint32_t i = 0; i < subjects.size(); ++i) {
            QVERIFY(cache.find(subjects[i]) == nullptr);
            make(cache, subjects[i], i + 1);
        }
        for (std::uint32_t i = 0; i < subjects.size(); ++i) {
            MatchCache::Slot const* const slot = cache.find(subjects[i]);
            QVERIFY(slot != nullptr);
            QCOMPARE(slot->subject(), std::string_view(subjects[i]));
            QCOMPARE(slot->targets->subject_id, i + 1);
        }
        QCOMPARE(cache.size(), subjects.size());
    }

    // An entry may be given up, but never stands for another subject.
    void an_entry_is_its_own_or_gone_however_many_there_are() {
        MatchCache cache(2);
        constexpr std::uint32_t kSubjects = 60'000;
        auto const name = [](std::uint32_t i) {
            return concat(i % 2 == 0 ? "s." : "a.subject.with.a.long.name.", i);
        };
        std::size_t kept = 0;
        for (std::uint32_t i = 0; i < kSubjects; ++i) {
            make(cache, name(i), i);
        }
        for (std::uint32_t i = 0; i < kSubjects; ++i) {
            if (MatchCache::Slot const* const slot = cache.find(name(i))) {
                QCOMPARE(slot->targets->subject_id, i);
                ++kept;
            }
        }
        QCOMPARE(cache.size(), kept);
        std::size_t visited = 0;
        cache.for_each([&](Targets const&) { ++visited; });
        QCOMPARE(visited, kept);
        QVERIFY2(kept > kSubjects / 3, qPrintable(QString::number(kept)));
    }

    void subjects_that_never_come_again_do_not_fill_memory() {
        MatchCache cache(3);
        for (std::uint32_t i = 0; i < 300'000; ++i) {
            make(cache, concat("_INBOX.", i), i);
            cache.count_miss();
        }
        QVERIFY2(cache.size() <= 64 * 1'024, qPrintable(QString::number(cache.size())));
    }

    void subjects_that_come_again_are_kept_beyond_that() {
        MatchCache cache(4);
        for (std::uint32_t i = 0; i < 200'000; ++i) {
            make(cache, concat("busy.", i), i);
            cache.count_miss();
            cache.count_hit();
        }
        QVERIFY2(cache.size() > 80 * 1'024, qPrintable(QString::number(cache.size())));
        QCOMPARE(cache.hits(), std::uint64_t{200'000});
        QCOMPARE(cache.misses(), std::uint64_t{200'000});
    }
};
SIGNALBOX_TEST(MatchCacheTest);

}  // namespace signalbox::dispatch

#include "match_cache_test.moc"
