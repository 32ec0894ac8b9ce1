#include "engine/subject/renaming.h"

#include "engine/base/text.h"

#include "tests/support/random_subject.h"
#include "tests/support/run_tests.h"

namespace signalbox::subject {

namespace {

PublishSubject published(std::string const& text) {
    return PublishSubject::from_token(text);
}

/// Another name for all that `exported` matches: its wildcards in another order, other literals.
std::string renamed(std::string const& exported, support::RandomSubjects& random) {
    std::vector<std::string> parts{"here"};
    std::vector<std::string> tokens = support::tokens_of(exported);
    int stars = 0;
    for (std::string const& token : tokens) {
        stars += token == "*" ? 1 : 0;
    }
    int const turn =
        stars == 0 ? 0 : static_cast<int>(random.below(static_cast<std::size_t>(stars)));
    for (int i = 0; i < stars; ++i) {
        parts.push_back(concat("$", (i + turn) % stars + 1));
    }
    if (tokens.back() == ">") {
        parts.emplace_back(">");
    }
    return base::join(parts, ".");
}

}  // namespace

/// What an account calls the subjects of another.
class RenamingTest : public QObject {
    Q_OBJECT

private slots:
    void names_lead_both_ways_data() {
        QTest::addColumn<QString>("exported");
        QTest::addColumn<QString>("local");
        QTest::addColumn<QString>("there");
        QTest::addColumn<QString>("here");
        QTest::newRow("same") << "a.>"
                              << "a.>"
                              << "a.b.c"
                              << "a.b.c";
        QTest::newRow("literal") << "a"
                                 << "x.y"
                                 << "a"
                                 << "x.y";
        QTest::newRow("prefix") << "a.>"
                                << "pre.a.>"
                                << "a.b"
                                << "pre.a.b";
        QTest::newRow("order") << "a.*.*"
                               << "x.$2.$1"
                               << "a.1.2"
                               << "x.2.1";
        QTest::newRow("function") << "a.*"
                                  << "x.{{wildcard(1)}}"
                                  << "a.1"
                                  << "x.1";
        QTest::newRow("stars") << "a.*.b.*"
                               << "*.x.*"
                               << "a.1.b.2"
                               << "1.x.2";
        QTest::newRow("rest") << "*.>"
                              << "x.$1.>"
                              << "a.b.c"
                              << "x.a.b.c";
    }
    void names_lead_both_ways() {
        QFETCH(QString, exported);
        QFETCH(QString, local);
        QFETCH(QString, there);
        QFETCH(QString, here);
        auto const made = Renaming::create(exported.toStdString(), local.toStdString());
        QVERIFY2(made.ok(), made.ok() ? "" : made.error().detail().c_str());
        QCOMPARE(made.value().to_local(published(there.toStdString())).value_or("none"),
                 here.toStdString());
        QCOMPARE(made.value().to_exported(published(here.toStdString())).value_or("none"),
                 there.toStdString());
    }

    void many_requests_may_lead_to_one_service() {
        auto const made = Renaming::create("svc", "ask.*").value();
        QCOMPARE(made.to_exported(published("ask.1")).value_or(""), std::string("svc"));
        QVERIFY(!made.to_exported(published("ask")).has_value());
    }

    void what_is_not_reversible_is_refused() {
        QCOMPARE(Renaming::create("a.*.*", "x.$1").error().detail(),
                 std::string("invalid mapping destination: not using all of the token wildcard(s) "
                             "in x.$1"));
        QCOMPARE(Renaming::create("a.>", "x").error().detail(), std::string("invalid subject"));
        QVERIFY(!Renaming::create("a..b", "x").ok());
        QVERIFY(!Renaming::create("a", "x..y").ok());
    }

    void only_what_both_match_is_listened_for_data() {
        QTest::addColumn<QString>("local");
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<QString>("expected");
        // Exported is a.*.* everywhere.
        QTest::newRow("all") << "x.$1.$2"
                             << ">"
                             << "a.*.*";
        QTest::newRow("inner") << "x.$2.$1"
                               << "x.1.>"
                               << "a.*.1";
        QTest::newRow("literal") << "x.$2.$1"
                                 << "x.1.2"
                                 << "a.2.1";
        QTest::newRow("crossing") << "x.$1.$2"
                                  << "*.1.*"
                                  << "a.1.*";
        QTest::newRow("short") << "x.$1.$2"
                               << "x.*"
                               << "none";
        QTest::newRow("long") << "x.$1.$2"
                              << "x.*.*.*"
                              << "none";
        QTest::newRow("other") << "x.$1.$2"
                               << "y.>"
                               << "none";
        QTest::newRow("after") << "x.$1.$2"
                               << "x.*.*.>"
                               << "none";
    }
    void only_what_both_match_is_listened_for() {
        QFETCH(QString, local);
        QFETCH(QString, wanted);
        QFETCH(QString, expected);
        auto const made = Renaming::create("a.*.*", local.toStdString()).value();
        std::string const text = wanted.toStdString();
        QCOMPARE(made.exported_filter(Filter::from_checked(text)).value_or("none"),
                 expected.toStdString());
    }

    // A subject there leads here and back; and it is listened for there exactly if its name here is
    // wanted.
    void names_are_one_to_one_and_filters_lose_nothing() {
        constexpr std::uint64_t kSeed = 31;
        support::RandomSubjects random(kSeed);
        int matched = 0;
        for (int i = 0; i < 60'000; ++i) {
            std::string const exported = random.filter();
            std::string const local = renamed(exported, random);
            auto const made = Renaming::create(exported, local);
            QVERIFY2(made.ok(), concat(exported, " ", local).c_str());
            std::string const subject = random.subject();
            if (!published(subject).is_literal()) {
                continue;
            }
            auto const here = made.value().to_local(published(subject));
            QCOMPARE(here.has_value(), support::plainly_matches(exported, subject));
            std::string const wanted = concat(random.below(2) == 0 ? "here." : "", random.filter());
            auto const filter = made.value().exported_filter(Filter::from_checked(wanted));
            bool const listened = filter && support::plainly_matches(*filter, subject);
            bool const is_wanted = here && support::plainly_matches(wanted, *here);
            QVERIFY2(listened == is_wanted,
                     concat(exported, " ", local, " ", wanted, " ", subject).c_str());
            if (here) {
                ++matched;
                QCOMPARE(made.value().to_exported(published(*here)).value_or("none"), subject);
            }
        }
        QVERIFY(matched > 1'000);
    }
};
SIGNALBOX_TEST(RenamingTest);

}  // namespace signalbox::subject

#include "renaming_test.moc"
