#include "engine/host/permission_question.h"

#include "engine/permission/authorizer.h"
#include "engine/permission/rule_book.h"

#include "tests/support/run_tests.h"

#include <QObject>

#include <random>

namespace signalbox::host {

namespace {

using Act = PermissionQuestion::Act;
using Reason = PermissionAnswer::Reason;

permission::Permissions shop() {
    permission::Permissions rules;
    rules.publish.allow = {"orders.>", "orders.new"};
    rules.publish.deny = {"orders.*.delete"};
    rules.subscribe.allow = {"orders.>", "jobs.* workers"};
    rules.subscribe.deny = {"orders.secret"};
    return rules;
}

PermissionAnswer ask(permission::Permissions const& rules, Act act, std::string const& subject,
                     std::string const& queue = {}) {
    return ask_permission(&rules, {.act = act, .subject = subject, .queue = queue});
}

}  // namespace

class PermissionQuestionTest : public QObject {
    Q_OBJECT

private slots:
    void the_deciding_line_and_all_that_speak_are_told() {
        PermissionAnswer const yes = ask(shop(), Act::Publish, "orders.new");
        QVERIFY(yes.allowed && yes.reason == Reason::Allowed);
        QCOMPARE(yes.by, std::string("orders.>"));
        QCOMPARE(yes.allow, (std::vector<std::string>{"orders.>", "orders.new"}));
        QVERIFY(yes.deny.empty());

        PermissionAnswer const no = ask(shop(), Act::Publish, "orders.7.delete");
        QVERIFY(!no.allowed && no.reason == Reason::Denied);
        QCOMPARE(no.by, std::string("orders.*.delete"));
        QCOMPARE(no.allow, std::vector<std::string>{"orders.>"});
        QCOMPARE(no.deny, std::vector<std::string>{"orders.*.delete"});

        PermissionAnswer const unlisted = ask(shop(), Act::Publish, "stock");
        QVERIFY(!unlisted.allowed && unlisted.reason == Reason::NotAllowed);
    }

    void queue_groups_count_where_one_subscribes() {
        QVERIFY(ask(shop(), Act::Subscribe, "jobs.a", "workers").allowed);
        QVERIFY(!ask(shop(), Act::Subscribe, "jobs.a", "others").allowed);
        QVERIFY(!ask(shop(), Act::Subscribe, "jobs.a").allowed);
    }

    void what_is_denied_within_an_allowed_filter_is_told() {
        PermissionAnswer const answer = ask(shop(), Act::Subscribe, "orders.*");
        QVERIFY(answer.allowed);
        QVERIFY(answer.screened);
        QVERIFY(!ask(shop(), Act::Subscribe, "orders.new").screened);
    }

    void without_rules_all_is_open_but_what_is_reserved() {
        PermissionAnswer const open = ask_permission(nullptr, {.subject = "a"});
        QVERIFY(open.allowed && open.reason == Reason::NoRules);
        PermissionAnswer const reserved = ask_permission(nullptr, {.subject = "$NRG.x"});
        QVERIFY(!reserved.allowed && reserved.reason == Reason::Reserved);
        QVERIFY(ask_permission(nullptr, {.subject = "a b"}).reason == Reason::NotASubject);
        QVERIFY(ask_permission(nullptr, {.act = Act::Subscribe, .subject = "a..b"}).reason ==
                Reason::NotASubject);
    }

    void who_may_only_answer_is_told_so() {
        permission::Permissions rules;
        rules.responses.emplace();
        PermissionAnswer const answer = ask(rules, Act::Publish, "a");
        QVERIFY(!answer.allowed && answer.reason == Reason::AnswersOnly);
        QVERIFY(ask(rules, Act::Subscribe, "a").allowed);
    }

    // Against what a server asks.
    void the_answer_is_that_of_the_authorizer() {
        std::mt19937 random(4711);
        char const* const tokens[] = {"a", "b", "*"};
        auto const subject = [&](bool wild) {
            std::string text;
            for (std::size_t i = 0, n = 1 + random() % 3; i < n; ++i) {
                text += (i > 0 ? "." : "") + std::string(tokens[random() % (wild ? 3 : 2)]);
            }
            return wild && random() % 4 == 0 ? text + ".>" : text;
        };
        for (int round = 0; round < 3'000; ++round) {
            permission::Permissions rules;
            for (auto* const list : {&rules.publish.allow, &rules.publish.deny,
                                     &rules.subscribe.allow, &rules.subscribe.deny}) {
                for (std::size_t i = 0, n = random() % 3; i < n; ++i) {
                    bool const queue = random() % 3 == 0 && (list == &rules.subscribe.allow ||
                                                             list == &rules.subscribe.deny);
                    list->push_back(subject(true) + (queue ? " q" : ""));
                }
            }
            auto book = permission::RuleBook::compile(rules);
            QVERIFY(book.ok());
            permission::Authorizer authorizer(false, book.value());
            std::string const on = subject(false);
            PermissionAnswer const publish = ask(rules, Act::Publish, on);
            QCOMPARE(publish.allowed,
                     authorizer.may_publish(subject::PublishSubject::from_token(on), Instant()));
            std::string const filter = subject(true);
            for (char const* const queue : {"", "q", "r"}) {
                PermissionAnswer const subscribe = ask(rules, Act::Subscribe, filter, queue);
                QCOMPARE(subscribe.allowed,
                         authorizer.may_subscribe(subject::Filter::from_checked(filter), queue));
                QVERIFY(subscribe.allowed == (subscribe.reason == Reason::Allowed ||
                                              subscribe.reason == Reason::NotDenied));
            }
        }
    }
};

SIGNALBOX_TEST(PermissionQuestionTest);

}  // namespace signalbox::host

#include "permission_question_test.moc"
