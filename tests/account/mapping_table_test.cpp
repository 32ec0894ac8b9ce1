#include "engine/account/mapping_table.h"

#include "engine/base/text.h"
#include "engine/sim/sim_entropy.h"

#include "tests/support/run_tests.h"

#include <map>

namespace signalbox::account {

namespace {

config::MappingOptions mapping(std::string source,
                               std::vector<config::MappingDestination> destinations) {
    return {.source = std::move(source), .destinations = std::move(destinations)};
}

std::string mapped(MappingTable& table, std::string_view subject, world::Entropy& chance) {
    Mapped const to = table.map(subject::PublishSubject::from_token(subject), chance);
    switch (to.kind) {
        case Mapped::Kind::Unchanged:
            return "unchanged";
        case Mapped::Kind::Lost:
            return "lost";
        case Mapped::Kind::Renamed:
            return std::string(to.subject);
    }
    return {};
}

}  // namespace

/// The mappings of an account.
class MappingTableTest : public QObject {
    Q_OBJECT

private slots:
    void the_first_that_matches_is_applied_once() {
        sim::SimEntropy chance(1);
        MappingTable table(
            {mapping("a.*", {{.subject = "b.$1"}}), mapping("a.>", {{.subject = "c.>"}}),
             mapping("b.*", {{.subject = "d.$1"}})},
            "");
        for (int again = 0; again < 2; ++again) {
            QCOMPARE(mapped(table, "a.x", chance), std::string("b.x"));
            QCOMPARE(mapped(table, "a.x.y", chance), std::string("c.x.y"));
            QCOMPARE(mapped(table, "b.x", chance), std::string("d.x"));
            QCOMPARE(mapped(table, "e", chance), std::string("unchanged"));
        }
    }

    void weights_are_kept_over_many_messages() {
        sim::SimEntropy chance(3);
        MappingTable table(
            {mapping("a", {{.subject = "b", .weight = 60}, {.subject = "a", .weight = 20}}),
             mapping("r", {{.subject = "r.{{random(3)}}"}})},
            "");
        std::map<std::string, int> counts;
        for (int i = 0; i < 10'000; ++i) {
            ++counts[mapped(table, "a", chance)];
            ++counts[mapped(table, "r", chance)];
        }
        QVERIFY(std::abs(counts["b"] - 6'000) < 300);
        QVERIFY(std::abs(counts["unchanged"] - 2'000) < 300);
        QVERIFY(std::abs(counts["lost"] - 2'000) < 300);
        for (char const* const each : {"r.0", "r.1", "r.2"}) {
            QVERIFY(std::abs(counts[each] - 3'333) < 300);
        }
    }

    void more_subjects_than_are_kept_are_mapped_all_the_same() {
        sim::SimEntropy chance(3);
        MappingTable table({mapping("a.*", {{.subject = "b.$1"}})}, "");
        for (int i = 0; i < 10'000; ++i) {
            QCOMPARE(mapped(table, concat("a.", i), chance), concat("b.", i));
        }
    }
};
SIGNALBOX_TEST(MappingTableTest);

}  // namespace signalbox::account

#include "mapping_table_test.moc"
