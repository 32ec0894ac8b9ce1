#include "engine/subject/interest_index.h"

#include "engine/base/hash.h"
#include "engine/base/text.h"

#include "tests/support/random_subject.h"
#include "tests/support/run_tests.h"

#include <malloc.h>

#include <map>
#include <set>

namespace signalbox::subject {

namespace {

/// One subscription of the model.
struct Entry {
    std::string filter;
    std::string queue;
    SubscriptionId id;
    std::vector<std::string> tokens = support::tokens_of(filter);
};

SubscriptionId id_of(std::uint32_t number) {
    return {number, 1};
}

/// Sorted, so that two answers can be compared: `1 2 q:3,4`.
std::string answer(Interest interest) {
    std::string out;
    std::ranges::sort(interest.plain);
    for (SubscriptionId const id : interest.plain) {
        append(out, id.index, ' ');
    }
    std::ranges::sort(interest.queue_groups, {}, &Interest::QueueGroup::name);
    for (Interest::QueueGroup& group : interest.queue_groups) {
        std::ranges::sort(group.members, {}, &Interest::Member::id);
        append(out, group.name, ':');
        for (Interest::Member const& member : group.members) {
            append(out, member.id.index, ',');
        }
        out += ' ';
    }
    return out;
}

std::string match(InterestIndex const& index, std::string_view subject) {
    Interest interest;
    index.match(PublishSubject::parse(subject).value(), interest);
    return answer(std::move(interest));
}

/// The same from a list that is gone through from front to end.
std::string model_match(std::vector<Entry> const& entries, std::string_view subject) {
    Interest interest;
    std::vector<std::string> const tokens = support::tokens_of(subject);
    for (Entry const& entry : entries) {
        if (!support::plainly_matches(entry.tokens, tokens)) {
            continue;
        }
        if (entry.queue.empty()) {
            interest.plain.push_back(entry.id);
        } else {
            interest.group(entry.queue).members.push_back({.id = entry.id});
        }
    }
    return answer(std::move(interest));
}

std::uint64_t generation(InterestIndex const& index, std::string_view subject) {
    return index.generation_at(
        InterestIndex::generation_slot(PublishSubject::parse(subject).value()));
}

void insert(InterestIndex& index, std::string_view filter, std::string_view queue,
            std::uint32_t number) {
    index.insert(Filter::parse(filter).value(), queue, {.id = id_of(number)});
}

bool erase(InterestIndex& index, std::string_view filter, std::string_view queue,
           std::uint32_t number) {
    return index.erase(Filter::parse(filter).value(), queue, id_of(number));
}

std::size_t allocated() {
    struct mallinfo2 const info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

}  // namespace

/// The subscriptions of an account, found by subject.
class InterestIndexTest : public QObject {
    Q_OBJECT

private slots:
    void an_empty_index_matches_nothing() {
        InterestIndex const index;
        QCOMPARE(match(index, "a"), std::string());
        QCOMPARE(index.size(), std::size_t{0});
    }

    void every_subscription_of_a_filter_is_found() {
        InterestIndex index;
        insert(index, "a.b", "", 1);
        insert(index, "a.b", "", 2);
        insert(index, "a.*", "", 3);
        insert(index, "a.b", "q", 4);
        insert(index, "a.b.c", "", 5);
        QCOMPARE(match(index, "a.b"), std::string("1 2 3 q:4, "));
        QCOMPARE(match(index, "a.c"), std::string("3 "));
        QCOMPARE(match(index, "a.b.c"), std::string("5 "));
        QCOMPARE(match(index, "a"), std::string());
        QCOMPARE(index.size(), std::size_t{5});
    }

    void a_queue_group_is_one_however_many_filters_it_came_by() {
        InterestIndex index;
        insert(index, "a.b", "q", 1);
        insert(index, "a.*", "q", 2);
        insert(index, ">", "q", 3);
        insert(index, "a.>", "other", 4);
        QCOMPARE(match(index, "a.b"), std::string("other:4, q:1,2,3, "));
        QVERIFY(erase(index, "a.*", "q", 2));
        QCOMPARE(match(index, "a.b"), std::string("other:4, q:1,3, "));
    }

    void members_keep_their_weight() {
        InterestIndex index;
        index.insert(Filter::parse("a").value(), "q", {.id = id_of(1), .weight = 7});
        Interest interest;
        index.match(PublishSubject::parse("a").value(), interest);
        QCOMPARE(interest.queue_groups.at(0).members.at(0).weight, std::uint32_t{7});
    }

    void matching_adds_to_what_was_found_before() {
        InterestIndex one;
        InterestIndex two;
        insert(one, "a", "", 1);
        insert(one, "a", "q", 2);
        insert(two, "*", "", 3);
        insert(two, "*", "q", 4);
        Interest interest;
        one.match(PublishSubject::parse("a").value(), interest);
        two.match(PublishSubject::parse("a").value(), interest);
        QCOMPARE(answer(interest), std::string("1 3 q:2,4, "));
        interest.clear();
        QVERIFY(interest.empty());
    }

    void what_is_not_there_cannot_be_erased() {
        InterestIndex index;
        insert(index, "a.b", "q", 1);
        QVERIFY(!erase(index, "a.b", "", 1));
        QVERIFY(!erase(index, "a.b", "r", 1));
        QVERIFY(!erase(index, "a.b", "q", 2));
        QVERIFY(!erase(index, "a", "q", 1));
        QVERIFY(!erase(index, "a.b.c", "q", 1));
        QVERIFY(!erase(index, "a.*", "q", 1));
        QVERIFY(!erase(index, ">", "q", 1));
        QCOMPARE(index.size(), std::size_t{1});
        QVERIFY(erase(index, "a.b", "q", 1));
        QVERIFY(!erase(index, "a.b", "q", 1));
        QCOMPARE(index.size(), std::size_t{0});
    }

    void a_wildcard_in_a_published_subject_is_text() {
        InterestIndex index;
        insert(index, "a.*", "", 1);
        insert(index, "a.>", "", 2);
        insert(index, "a.b", "", 3);
        QCOMPARE(match(index, "a.*"), std::string("1 2 "));
        QCOMPARE(match(index, "a.>"), std::string("1 2 "));
        QCOMPARE(match(index, "a.b"), std::string("1 2 3 "));
    }

    // Who knows how tokens are hashed can find those that fall together; not so when a secret goes
    // into it.
    void tokens_chosen_to_fall_together_do_not() {
        constexpr std::uint64_t kMask = 0xfff;
        std::vector<std::string> chosen;
        for (int i = 0; chosen.size() < 200; ++i) {
            std::string const token = std::to_string(i);
            if ((base::hash_of(token, 0) & kMask) == 0) {
                chosen.push_back(token);
            }
        }
        std::set<std::uint64_t> places;
        for (std::string const& token : chosen) {
            places.insert(base::hash_of(token, 0x9e3779b97f4a7c15U) & kMask);
        }
        QVERIFY(places.size() > 150);
        InterestIndex index(0x9e3779b97f4a7c15U);
        std::uint32_t id = 0;
        for (std::string const& token : chosen) {
            index.insert(Filter::from_checked(token), "", {.id = {++id, 0}, .weight = 1});
        }
        for (std::string const& token : chosen) {
            Interest interest;
            index.match(PublishSubject::from_token(token), interest);
            QCOMPARE(interest.plain.size(), std::size_t{1});
        }
    }

    void subjects_may_be_very_deep() {
        InterestIndex index;
        std::string deep = "t";
        std::string stars = "*";
        for (int i = 0; i < 1'000; ++i) {
            deep += ".t";
            stars += ".*";
        }
        insert(index, deep, "", 1);
        insert(index, stars, "", 2);
        insert(index, "t.>", "", 3);
        QCOMPARE(match(index, deep), std::string("1 2 3 "));
        QVERIFY(erase(index, deep, "", 1));
        QVERIFY(erase(index, stars, "", 2));
        QCOMPARE(match(index, deep), std::string("3 "));
    }

    // Whatever is inserted and erased: the same as a list, and a changed answer is announced.
    void it_answers_as_a_list_does_and_counts_every_change_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 6; ++seed) {
            QTest::addRow("seed %llu", seed) << seed;
        }
    }

    void it_answers_as_a_list_does_and_counts_every_change() {
        QFETCH(quint64, seed);
        support::RandomSubjects random(seed);
        InterestIndex index;
        std::vector<Entry> entries;
        std::vector<std::string> subjects;
        for (int i = 0; i < 25; ++i) {
            subjects.push_back(random.subject());
        }
        struct Seen {
            std::string answer;
            std::uint64_t generation = 0;
        };
        std::map<std::string, Seen> seen;
        std::uint32_t next = 1;
        for (int step = 0; step < 300; ++step) {
            // It grows, and later shrinks to nothing.
            bool const grow = random.below(100) < (step < 180 ? 65U : 25U);
            if (grow || entries.empty()) {
                std::string const queue = random.below(2) == 0   ? ""
                                          : random.below(2) == 0 ? "q"
                                                                 : "r";
                entries.push_back({.filter = random.filter(), .queue = queue, .id = id_of(next++)});
                insert(index, entries.back().filter, queue, entries.back().id.index);
            } else {
                std::size_t const which = random.below(entries.size());
                Entry const gone = entries[which];
                entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(which));
                QVERIFY(erase(index, gone.filter, gone.queue, gone.id.index));
                QVERIFY(!erase(index, gone.filter, gone.queue, gone.id.index));
            }
            QCOMPARE(index.size(), entries.size());
            for (std::string const& subject : subjects) {
                std::string const found = match(index, subject);
                QCOMPARE(found, model_match(entries, subject));
                Seen const now{found, generation(index, subject)};
                Seen const before = std::exchange(seen[subject], now);
                QVERIFY2(now.answer == before.answer || now.generation != before.generation,
                         subject.c_str());
                QVERIFY(now.generation >= before.generation);
            }
        }
        for (Entry const& entry : entries) {
            QVERIFY(erase(index, entry.filter, entry.queue, entry.id.index));
        }
        QCOMPARE(index.size(), std::size_t{0});
        for (std::string const& subject : subjects) {
            QCOMPARE(match(index, subject), std::string());
        }
    }

    void a_change_elsewhere_leaves_the_generation_alone() {
        InterestIndex index;
        insert(index, "a.b.c", "", 1);
        std::uint64_t const before = generation(index, "a.b.x");
        // Most others fall into other places.
        int moved = 0;
        for (std::uint32_t i = 0; i < 100; ++i) {
            insert(index, concat("other.", i), "", 2 + i);
            moved += generation(index, "a.b.x") != before ? 1 : 0;
        }
        QVERIFY(moved <= 100);
        QVERIFY(generation(index, "a.b.x") - before <= 2);
        insert(index, "a.b.*", "", 200);
        QVERIFY(generation(index, "a.b.x") > before);
    }

    // Many edges come and go in one table: none is lost while holes are closed.
    void thousands_of_edges_come_and_go() {
        InterestIndex index;
        auto const filter = [](std::uint32_t i) { return concat("f.", i % 97, ".", i); };
        for (std::uint32_t i = 0; i < 5'000; ++i) {
            insert(index, filter(i), "", i);
        }
        for (std::uint32_t i = 0; i < 5'000; i += 3) {
            QVERIFY(erase(index, filter(i), "", i));
        }
        for (std::uint32_t i = 0; i < 5'000; ++i) {
            QCOMPARE(match(index, filter(i)), i % 3 == 0 ? std::string() : concat(i, " "));
        }
        for (std::uint32_t i = 0; i < 5'000; i += 3) {
            insert(index, filter(i), "", i);
        }
        for (std::uint32_t i = 0; i < 5'000; ++i) {
            QCOMPARE(match(index, filter(i)), concat(i, " "));
        }
    }

    void an_index_that_became_empty_holds_little_memory() {
        InterestIndex index;
        insert(index, "first", "", 0);
        QVERIFY(erase(index, "first", "", 0));
        std::size_t const before = allocated();
        for (std::uint32_t i = 0; i < 20'000; ++i) {
            insert(index, concat("some.subject.", i, ".and.more"), "", i);
        }
        QVERIFY(before == 0 || allocated() > before + 1'000'000);
        for (std::uint32_t i = 0; i < 20'000; ++i) {
            QVERIFY(erase(index, concat("some.subject.", i, ".and.more"), "", i));
        }
        QVERIFY2(allocated() < before + 100'000, qPrintable(QString::number(allocated() - before)));
        insert(index, "a.*", "", 1);
        QCOMPARE(match(index, "a.b"), std::string("1 "));
    }
};
SIGNALBOX_TEST(InterestIndexTest);

}  // namespace signalbox::subject

#include "interest_index_test.moc"
