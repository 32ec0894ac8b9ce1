#include "engine/subject/subject.h"

#include "engine/subject/tokens.h"

#include "tests/support/random_subject.h"
#include "tests/support/run_tests.h"

namespace signalbox::subject {

namespace {

Filter filter(std::string_view text) {
    return Filter::parse(text).value();
}

PublishSubject subject(std::string_view text) {
    return PublishSubject::parse(text).value();
}

}  // namespace

/// What may be published on, subscribed to, and what matches what.
class SubjectTest : public QObject {
    Q_OBJECT

private slots:
    void what_each_text_may_be_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("publishable");
        QTest::addColumn<bool>("literal");
        QTest::addColumn<bool>("filter");
        auto const row = [](char const* text, bool publishable, bool literal, bool filter) {
            QTest::newRow(text[0] == '\0' ? "empty" : text)
                << QString::fromUtf8(text) << publishable << literal << filter;
        };
        row("a", true, true, true);
        row("a.b.c", true, true, true);
        row("Foo.Bär.$x", true, true, true);
        row("_INBOX.x.1", true, true, true);
        row("a*", true, true, true);
        row("*a.b>", true, true, true);
        row("a>b.c", true, true, true);
        row("**", true, true, true);
        row(">>", true, true, true);
        row("*", true, false, true);
        row(">", true, false, true);
        row("a.*", true, false, true);
        row("*.a", true, false, true);
        row("a.>", true, false, true);
        row("*.>", true, false, true);
        row(">.a", true, false, false);
        row("a.>.b", true, false, false);
        row(">.>", true, false, false);
        row("a.", true, false, false);
        row(".a", true, false, false);
        row("a..b", true, false, false);
        row(".", true, false, false);
        row("..", true, false, false);
        row("", false, false, false);
        row(" ", false, false, false);
        row("a b", false, false, false);
        row("a\tb", false, false, false);
        row("a\r", false, false, false);
        row("a\n", false, false, false);
        row("a.\fb", false, false, false);
    }

    void what_each_text_may_be() {
        QFETCH(QString, text);
        QFETCH(bool, publishable);
        QFETCH(bool, literal);
        QFETCH(bool, filter);
        std::string const bytes = text.toStdString();
        auto const published = PublishSubject::parse(bytes);
        auto const exact = Subject::parse(bytes);
        auto const wanted = Filter::parse(bytes);
        QCOMPARE(published.ok(), publishable);
        QCOMPARE(exact.ok(), literal);
        QCOMPARE(wanted.ok(), filter);
        if (publishable) {
            QCOMPARE(published.value().text(), std::string_view(bytes));
            QCOMPARE(published.value().is_literal(), literal);
        } else {
            QVERIFY(published.error().code() == Errc::InvalidArgument);
        }
        if (!literal) {
            QVERIFY(exact.error().code() == Errc::InvalidArgument);
        }
        if (!filter) {
            QVERIFY(wanted.error().code() == Errc::InvalidArgument);
        }
    }

    void only_whole_tokens_are_wildcards_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("wildcard");
        QTest::addColumn<int>("tokens");
        QTest::newRow("a") << "a" << false << 1;
        QTest::newRow("a.b") << "a.b" << false << 2;
        QTest::newRow("a*.>b") << "a*.>b" << false << 2;
        QTest::newRow("*") << "*" << true << 1;
        QTest::newRow("a.*.c") << "a.*.c" << true << 3;
        QTest::newRow("a.b.c.>") << "a.b.c.>" << true << 4;
    }

    void only_whole_tokens_are_wildcards() {
        QFETCH(QString, text);
        QFETCH(bool, wildcard);
        QFETCH(int, tokens);
        std::string const bytes = text.toStdString();
        QCOMPARE(filter(bytes).has_wildcard(), wildcard);
        QCOMPARE(static_cast<int>(filter(bytes).token_count()), tokens);
    }

    void a_filter_matches_data() {
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<QString>("given");
        QTest::addColumn<bool>("matches");
        auto const row = [](char const* wanted, char const* given, bool matches) {
            QTest::addRow("%s / %s", wanted, given) << wanted << given << matches;
        };
        row("a", "a", true);
        row("a", "A", false);
        row("a", "ab", false);
        row("ab", "a", false);
        row("a", "a.b", false);
        row("a.b", "a", false);
        row("a.b", "a.b", true);
        row("*", "a", true);
        row("*", "a.b", false);
        row("*.*", "a.b", true);
        row("a.*.c", "a.b.c", true);
        row("a.*.c", "a.c", false);
        row("a.*.c", "a.b.b.c", false);
        row(">", "a", true);
        row(">", "a.b.c", true);
        row("a.>", "a", false);
        row("a.>", "a.b", true);
        row("a.>", "a.b.c.d", true);
        row("a.>", "ab.c", false);
        row("*.>", "a", false);
        row("*.>", "a.b", true);
        row(">", "a.", false);
        row(">", ".a", false);
        row(">", "a..b", false);
        row("a.*.b", "a..b", false);
        row("a.*", "a.", false);
        row("a.*", "a.*", true);
        row("a.*", "a.>", true);
        row("a.b", "a.*", false);
        row("a.>", "a.*.>", true);
        row("*", "*", true);
        row("*", ">", true);
        row("a*", "a*", true);
        row("a*", "ab", false);
    }

    void a_filter_matches() {
        QFETCH(QString, wanted);
        QFETCH(QString, given);
        QFETCH(bool, matches);
        std::string const f = wanted.toStdString();
        std::string const s = given.toStdString();
        QCOMPARE(filter(f).matches(subject(s)), matches);
        QCOMPARE(support::plainly_matches(f, s), matches);
    }

    void a_filter_covers_data() {
        QTest::addColumn<QString>("wide");
        QTest::addColumn<QString>("narrow");
        QTest::addColumn<bool>("covers");
        auto const row = [](char const* wide, char const* narrow, bool covers) {
            QTest::addRow("%s / %s", wide, narrow) << wide << narrow << covers;
        };
        row("a", "a", true);
        row("a", "b", false);
        row("a", "*", false);
        row("*", "a", true);
        row("*", "*", true);
        row("*", ">", false);
        row(">", "*", true);
        row(">", ">", true);
        row(">", "a.b.*.>", true);
        row("a.>", "a", false);
        row("a.>", "a.*", true);
        row("a.>", "a.>", true);
        row("a.>", "a.b.>", true);
        row("a.>", ">", false);
        row("a.b.>", "a.>", false);
        row("*.*", "a.>", false);
        row("*.>", "a.>", true);
        row("*.>", "*.*", true);
        row("*.>", "*", false);
        row("a.*.c", "a.b.c", true);
        row("a.b.c", "a.*.c", false);
    }

    void a_filter_covers() {
        QFETCH(QString, wide);
        QFETCH(QString, narrow);
        QFETCH(bool, covers);
        std::string const w = wide.toStdString();
        std::string const n = narrow.toStdString();
        QCOMPARE(filter(w).covers(filter(n)), covers);
    }

    void matching_agrees_with_splitting() {
        constexpr std::uint64_t kSeed = 7;
        support::RandomSubjects random(kSeed);
        for (int i = 0; i < 20'000; ++i) {
            std::string const f = random.filter();
            std::string const s = random.subject();
            QVERIFY2(filter(f).matches(subject(s)) == support::plainly_matches(f, s),
                     qPrintable(QString::fromStdString(f + " / " + s)));
        }
    }

    // Whoever covers another wants all that the other wants.
    void covering_means_matching_all_that_is_covered() {
        constexpr std::uint64_t kSeed = 11;
        support::RandomSubjects random(kSeed);
        int covered = 0;
        for (int i = 0; i < 20'000; ++i) {
            std::string const wide = random.filter();
            std::string const narrow = random.filter();
            if (!filter(wide).covers(filter(narrow))) {
                continue;
            }
            ++covered;
            for (int j = 0; j < 5; ++j) {
                std::string const s = random.subject();
                if (support::plainly_matches(narrow, s)) {
                    QVERIFY2(support::plainly_matches(wide, s),
                             qPrintable(QString::fromStdString(wide + " " + narrow + " " + s)));
                }
            }
        }
        QVERIFY(covered > 500);
    }

    void tokens_are_what_stands_between_the_dots() {
        for (char const* text : {"a", "a.b", "a..b", ".a", "a.", ".", "a.b.c.d"}) {
            std::vector<std::string> found;
            Tokens tokens(text);
            while (!tokens.done()) {
                found.emplace_back(tokens.next());
            }
            QVERIFY2(found == support::tokens_of(text), text);
        }
    }
};
SIGNALBOX_TEST(SubjectTest);

}  // namespace signalbox::subject

#include "subject_test.moc"
