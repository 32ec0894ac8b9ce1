#include "engine/permission/rule_book.h"

#include "engine/base/text.h"
#include "engine/permission/rule_books.h"

#include "tests/support/run_tests.h"

namespace signalbox::permission {

namespace {

std::vector<std::string> lines(QString const& text) {
    std::vector<std::string> all;
    for (QString const& line : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        all.push_back(line.trimmed().toStdString());
    }
    return all;
}

std::shared_ptr<RuleBook> book(SubjectRules publish, SubjectRules subscribe,
                               std::optional<ResponseRules> responses = {}) {
    return RuleBook::compile({.publish = std::move(publish),
                              .subscribe = std::move(subscribe),
                              .responses = responses})
        .value();
}

bool may_subscribe(RuleBook const& rules, std::string_view filter, std::string_view queue = {}) {
    return rules.rule_subscribe(subject::Filter::parse(filter).value(), queue).allowed;
}

}  // namespace

/// What single lines mean, as the reference has it.
class RuleBookTest : public QObject {
    Q_OBJECT

private slots:
    void queue_groups_are_let_in_by_lines_that_name_them_data() {
        QTest::addColumn<QString>("allow");
        QTest::addColumn<QString>("deny");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("queue");
        QTest::addColumn<bool>("allowed");
        auto const row = [](char const* allow, char const* deny, char const* filter,
                            char const* queue, bool allowed) {
            QTest::newRow(concat(allow, " | ", deny, " | ", filter, " ", queue).c_str())
                << QString(allow) << QString(deny) << QString(filter) << QString(queue) << allowed;
        };
        row("foo", "", "foo", "", true);
        row("foo", "", "foo", "bar", true);
        row("foo bar", "", "foo", "bar", true);
        row("foo bar", "", "foo", "fizz", false);
        row("foo bar", "", "foo", "", false);
        row("foo bar.*", "", "foo", "bar.fizz", true);
        row("foo bar.*", "", "foo", "bar.fizz.x", false);
        row("foo bar.*", "", "foo", "bar.*", true);
        row("foo bar.*", "", "foo", "bar.>", false);
        row("foo v1.>", "", "foo", "v1.a.b", true);
        row("> bar.>", "", "whizz", "bar.bang", true);
        row("> bar.>", "", "whizz", "", false);
        row("> v1.>", "", "foo", "v1.prod", true);
        row("> *.dev, > *.stg", "", "foo", "bar", false);
        row("foo, foo v1", "", "foo", "", true);
        row("foo, foo v1", "", "foo", "v1", true);
        row("foo, foo v1", "", "foo", "v2", false);
        row("foo.>, foo.a v1", "", "foo.b", "v2", true);
        row(">", "foo", "foo", "bar", false);
        row(">", ">", "foo", "bar", false);
        row(">", "> >", "foo", "", true);
        row("", "> >", "foo", "bar", false);
        row("", "> >", "foo", "", true);
        row("", "> *.dev, > *.stg", "foo", "bar", true);
        row("", "> *.dev, > *.stg", "foo", "x.dev", false);
        row("", "foo >", "foo", "bar", false);
        row("", "foo >", "goo", "bar", true);
        row(">", "admin.>, > restricted", "admin.secret", "workers", false);
        row("foo q", "foo q", "foo", "q", false);
    }

    void queue_groups_are_let_in_by_lines_that_name_them() {
        QFETCH(QString, allow);
        QFETCH(QString, deny);
        QFETCH(QString, filter);
        QFETCH(QString, queue);
        QFETCH(bool, allowed);
        auto const rules = book({}, {.allow = lines(allow), .deny = lines(deny)});
        QCOMPARE(may_subscribe(*rules, filter.toStdString(), queue.toStdString()), allowed);
    }

    // The subject asked for is looked up as if something were published on it.
    void wildcards_asked_for_are_ordinary_text_data() {
        QTest::addColumn<QString>("allow");
        QTest::addColumn<QString>("deny");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<bool>("allowed");
        auto const row = [](char const* allow, char const* deny, char const* filter, bool allowed) {
            QTest::newRow(concat(allow, " | ", deny, " | ", filter).c_str())
                << QString(allow) << QString(deny) << QString(filter) << allowed;
        };
        row("foo.*", "", "foo.*", true);
        row("foo.>", "", "foo.*", true);
        row("foo.bar", "", "foo.*", false);
        row("foo.*", "", "foo.>", true);
        row("foo.*", "", "foo.*.>", false);
        row("foo.>", "", ">", false);
        row("*", "", ">", true);
        row("", "foo.>", "foo.*", false);
        row("", "foo.>", "foo.>", false);
        row("", "foo.bar", "foo.*", true);
        row("", "foo", "*", true);
        row("", "foo", "foo", false);
        row("", ">", "a", false);
    }

    void wildcards_asked_for_are_ordinary_text() {
        QFETCH(QString, allow);
        QFETCH(QString, deny);
        QFETCH(QString, filter);
        QFETCH(bool, allowed);
        auto const rules = book({}, {.allow = lines(allow), .deny = lines(deny)});
        QCOMPARE(may_subscribe(*rules, filter.toStdString()), allowed);
    }

    void what_is_denied_is_not_delivered_to_a_wider_subscription_data() {
        QTest::addColumn<QString>("deny");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("kept_back");
        QTest::addColumn<QString>("delivered");
        auto const row = [](char const* deny, char const* filter, char const* kept_back,
                            char const* delivered) {
            QTest::newRow(deny) << QString(deny) << QString(filter) << QString(kept_back)
                                << QString(delivered);
        };
        row("foo", "*", "foo", "bar");
        row("*.secret", "foo.*", "foo.secret", "foo.public");
        row("foo.*.bar", "foo.baz.*", "foo.baz.bar", "foo.baz.qux");
        row("*.*.bar", "foo.*.*", "foo.a.bar", "foo.a.b");
        row("a.>", "*.b", "a.b", "z.b");
    }

    void what_is_denied_is_not_delivered_to_a_wider_subscription() {
        QFETCH(QString, deny);
        QFETCH(QString, filter);
        QFETCH(QString, kept_back);
        QFETCH(QString, delivered);
        auto const rules = book({}, {.deny = lines(deny)});
        auto const asked = filter.toStdString();
        auto const parsed = subject::Filter::parse(asked).value();
        QVERIFY(rules->rule_subscribe(parsed, "").allowed);
        Screening const screening = rules->screening(parsed, "");
        QCOMPARE(screening, Screening::Denied);
        QVERIFY(!rules->may_receive(kept_back.toStdString(), "", screening));
        QVERIFY(rules->may_receive(delivered.toStdString(), "", screening));
        // And again, now that it is known.
        QVERIFY(!rules->may_receive(kept_back.toStdString(), "", screening));
        QVERIFY(rules->may_receive(delivered.toStdString(), "", screening));
    }

    void a_denied_group_gets_nothing_through_a_wildcard() {
        auto const rules = book({}, {.deny = {"foo.secret workers"}});
        auto const filter = subject::Filter::parse("foo.*").value();
        QCOMPARE(rules->screening(filter, ""), Screening::None);
        QCOMPARE(rules->screening(filter, "others"), Screening::None);
        QCOMPARE(rules->screening(filter, "workers"), Screening::Denied);
        QVERIFY(!rules->may_receive("foo.secret", "workers", Screening::Denied));
        QVERIFY(rules->may_receive("foo.secret", "others", Screening::Denied));
        QVERIFY(rules->may_receive("foo.public", "workers", Screening::Denied));
    }

    // `foo.*` lets `foo.>` in; what only the wider one matches stays out all the same.
    void a_narrower_line_lets_a_wider_subscription_in_but_nothing_more_through() {
        auto const rules = book({}, {.allow = {"foo.*"}});
        auto const filter = subject::Filter::parse("foo.>").value();
        QVERIFY(rules->rule_subscribe(filter, "").allowed);
        Screening const screening = rules->screening(filter, "");
        QCOMPARE(screening, Screening::All);
        QVERIFY(rules->may_receive("foo.a", "", screening));
        QVERIFY(!rules->may_receive("foo.a.b", "", screening));
    }

    void most_subscriptions_are_not_looked_at() {
        auto const rules = book({}, {.allow = {"foo.>", "bar"}, .deny = {"foo.x.>"}});
        auto const screening = [&](char const* filter) {
            return rules->screening(subject::Filter::parse(filter).value(), "");
        };
        QCOMPARE(screening("bar"), Screening::None);
        QCOMPARE(screening("foo.a.*"), Screening::None);
        QCOMPARE(screening("foo.*"), Screening::None);
        QCOMPARE(screening("foo.*.b"), Screening::Denied);
        QCOMPARE(screening("foo.>"), Screening::Denied);
    }

    void publishing_is_by_literal_subject_and_deny_wins() {
        auto const rules = book({.allow = {"a.>", "b"}, .deny = {"a.x", "a.*.z"}}, {});
        QVERIFY(rules->may_publish("a.b"));
        QVERIFY(rules->may_publish("b"));
        QVERIFY(!rules->may_publish("a"));
        QVERIFY(!rules->may_publish("a.x"));
        QVERIFY(!rules->may_publish("a.q.z"));
        QVERIFY(rules->may_publish("a.q.y"));
        QVERIFY(!rules->may_publish("c"));
        QVERIFY(!rules->may_publish("a..b"));
        QVERIFY(!rules->may_publish("a.x"));
        QVERIFY(rules->may_publish("a.b"));
    }

    void nothing_listed_allows_everything_but_answers_alone() {
        QVERIFY(book({}, {})->may_publish("x"));
        QVERIFY(may_subscribe(*book({}, {}), ">"));
        QVERIFY(!book({}, {}, ResponseRules{})->may_publish("x"));
        QVERIFY(book({.allow = {"x"}}, {}, ResponseRules{})->may_publish("x"));
    }

    void a_ruling_names_its_line() {
        auto const rules = book({.allow = {"a.>"}, .deny = {"a.x"}}, {.allow = {"b q"}});
        QCOMPARE(rules->rule_publish("a.b").by, std::string("allow \"a.>\""));
        QCOMPARE(rules->rule_publish("a.x").by, std::string("deny \"a.x\""));
        QCOMPARE(rules->rule_publish("c").by, std::string());
        auto const filter = subject::Filter::parse("b").value();
        QCOMPARE(rules->rule_subscribe(filter, "q").by, std::string("allow \"b q\""));
    }

    void what_is_no_subject_is_refused_data() {
        QTest::addColumn<QString>("line");
        QTest::addColumn<bool>("of_publish");
        QTest::newRow("empty") << "" << true;
        QTest::newRow("empty token") << "a..b" << true;
        QTest::newRow("rest inside") << "a.>.b" << true;
        QTest::newRow("group to publish") << "a q" << true;
        QTest::newRow("two groups") << "a q r" << false;
        QTest::newRow("group that is none") << "a q..r" << false;
    }

    void what_is_no_subject_is_refused() {
        QFETCH(QString, line);
        QFETCH(bool, of_publish);
        SubjectRules const rules{.allow = {line.toStdString()}};
        auto const result = of_publish ? RuleBook::compile({.publish = rules})
                                       : RuleBook::compile({.subscribe = rules});
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code(), Errc::InvalidArgument);
    }

    void equal_permissions_share_a_book() {
        RuleBooks books;
        Permissions const one{.publish = {.allow = {"a"}}};
        Permissions const same = one;
        Permissions const other{.publish = {.deny = {"a"}}};
        Permissions const joined{.publish = {.allow = {"a;1:b"}}};
        auto const first = books.book_of(&one).value();
        QCOMPARE(books.book_of(&same).value().get(), first.get());
        QVERIFY(books.book_of(&other).value() != first);
        QVERIFY(books.book_of(&joined).value() != first);
        QCOMPARE(books.book_of(nullptr).value().get(), nullptr);
        QVERIFY(!books
                     .book_of(std::make_unique<Permissions const>(
                                  Permissions{.publish = {.allow = {""}}})
                                  .get())
                     .ok());
    }

    void books_that_nobody_has_are_forgotten() {
        RuleBooks books;
        for (int i = 0; i < 1'000; ++i) {
            Permissions const some{.publish = {.allow = {concat("s", i)}}};
            QVERIFY(books.book_of(&some).ok());
        }
        QVERIFY(books.size() < 200);
    }
};
SIGNALBOX_TEST(RuleBookTest);

}  // namespace signalbox::permission

#include "rule_book_test.moc"
