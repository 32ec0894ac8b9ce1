#include "engine/subject/mapping.h"

#include "engine/base/text.h"
#include "engine/sim/sim_entropy.h"

#include "tests/support/run_tests.h"

#include <map>

namespace signalbox::subject {

namespace {

/// How many of the numbers 0 to 99 lead where.
std::map<std::string, int> spread(Mapping const& mapping, std::string const& subject) {
    sim::SimEntropy chance(1);
    std::map<std::string, int> counts;
    for (int number = 0; number < 100; ++number) {
        Mapping::Way const* const way = mapping.way_of(number);
        ++counts[way == nullptr ? "lost" : way->transform.apply_matching(subject, chance)];
    }
    return counts;
}

std::string refusal(std::vector<MappingTarget> const& targets) {
    auto const made = Mapping::create("a", targets, "");
    return made.ok() ? "accepted" : made.error().detail();
}

using Counts = std::map<std::string, int>;

}  // namespace

/// Subjects renamed by weights.
class MappingTest : public QObject {
    Q_OBJECT

private slots:
    void one_target_takes_all() {
        std::vector<MappingTarget> const targets{{.subject = "b.$1"}};
        auto const mapping = Mapping::create("a.*", targets, "").value();
        QVERIFY(mapping.matches(PublishSubject::from_token("a.x")));
        QVERIFY(!mapping.matches(PublishSubject::from_token("a.x.y")));
        QVERIFY((spread(mapping, "a.x") == Counts{{"b.x", 100}}));
    }

    void weights_share_and_the_rest_stays() {
        std::vector<MappingTarget> const targets{{.subject = "b.$1", .weight = 50},
                                                 {.subject = "c.$1", .weight = 20}};
        auto const mapping = Mapping::create("a.*", targets, "").value();
        QVERIFY((spread(mapping, "a.x") == Counts{{"b.x", 50}, {"c.x", 20}, {"a.x", 30}}));
    }

    void the_rest_is_lost_when_the_source_is_a_target() {
        std::vector<MappingTarget> const targets{{.subject = "a", .weight = 60},
                                                 {.subject = "b", .weight = 10}};
        auto const mapping = Mapping::create("a", targets, "").value();
        QVERIFY((spread(mapping, "a") == Counts{{"a", 60}, {"b", 10}, {"lost", 30}}));
    }

    void a_cluster_has_targets_and_weights_of_its_own() {
        std::vector<MappingTarget> const targets{{.subject = "b", .weight = 100},
                                                 {.subject = "c", .weight = 40, .cluster = "east"}};
        QVERIFY((spread(Mapping::create("a", targets, "").value(), "a") == Counts{{"b", 100}}));
        QVERIFY((spread(Mapping::create("a", targets, "west").value(), "a") == Counts{{"b", 100}}));
        QVERIFY((spread(Mapping::create("a", targets, "east").value(), "a") ==
                 Counts{{"c", 40}, {"a", 60}}));
        std::vector<MappingTarget> const scoped{{.subject = "c", .cluster = "east"}};
        QVERIFY((spread(Mapping::create("a", scoped, "west").value(), "a") == Counts{{"a", 100}}));
    }

    void what_does_not_add_up_is_refused() {
        QCOMPARE(refusal({{.subject = "b", .weight = 50}, {.subject = "b", .weight = 50}}),
                 std::string("duplicate entry for \"b\""));
        QCOMPARE(refusal({{.subject = "b", .weight = 101}}),
                 std::string("individual weights need to be <= 100"));
        QCOMPARE(refusal({{.subject = "b", .weight = 60}, {.subject = "c", .weight = 60}}),
                 std::string("total weight needs to be <= 100"));
        QCOMPARE(refusal({{.subject = "b", .weight = 60},
                          {.subject = "c", .weight = 60, .cluster = "x"}}),
                 std::string("accepted"));
        QCOMPARE(refusal({{.subject = "b.$1"}}),
                 std::string("invalid mapping destination: wildcard index out of range in $1"));
    }
};
SIGNALBOX_TEST(MappingTest);

}  // namespace signalbox::subject

#include "mapping_test.moc"
