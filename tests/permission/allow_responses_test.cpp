#include "engine/base/text.h"
#include "engine/permission/authorizer.h"

#include "tests/support/run_tests.h"

namespace signalbox::permission {

using base::seconds;

namespace {

constexpr Instant kStart{seconds(1'000)};

Authorizer answering(ResponseRules rules, SubjectRules publish = {}) {
    return Authorizer(
        false, RuleBook::compile({.publish = std::move(publish), .responses = rules}).value());
}

bool publishes(Authorizer& authorizer, std::string_view subject, Instant now = kStart) {
    return authorizer.may_publish(subject::PublishSubject::from_token(subject), now);
}

}  // namespace

/// What whoever was sent a request may answer.
class AllowResponsesTest : public QObject {
    Q_OBJECT

private slots:
    void only_whoever_was_asked_may_answer_and_once() {
        Authorizer authorizer = answering({});
        QVERIFY(!publishes(authorizer, "r"));
        authorizer.requested("r", kStart);
        QVERIFY(publishes(authorizer, "r"));
        QVERIFY(!publishes(authorizer, "r"));
        QVERIFY(!publishes(authorizer, "s"));
    }

    void the_answer_after_the_last_is_refused() {
        Authorizer authorizer = answering({.max = 5});
        authorizer.requested("r", kStart);
        for (int i = 0; i < 5; ++i) {
            QVERIFY(publishes(authorizer, "r"));
        }
        QVERIFY(!publishes(authorizer, "r"));
    }

    void an_answer_can_be_too_late() {
        Authorizer authorizer = answering({.max = -1, .expires = seconds(10)});
        authorizer.requested("r", kStart);
        QVERIFY(publishes(authorizer, "r", kStart + seconds(10)));
        QVERIFY(!publishes(authorizer, "r", kStart + seconds(10) + Duration(1)));
        QVERIFY(!publishes(authorizer, "r"));
    }

    void without_limits_there_are_none() {
        Authorizer authorizer = answering({.max = -1, .expires = seconds(-1)});
        authorizer.requested("r", kStart);
        for (int i = 0; i < 1'000; ++i) {
            QVERIFY(publishes(authorizer, "r", kStart + base::hours(i)));
        }
    }

    void who_is_asked_again_may_answer_again() {
        Authorizer authorizer = answering({.max = 1, .expires = seconds(10)});
        authorizer.requested("r", kStart);
        QVERIFY(publishes(authorizer, "r"));
        authorizer.requested("r", kStart + seconds(8));
        QVERIFY(publishes(authorizer, "r", kStart + seconds(17)));
    }

    void what_may_be_published_anyway_is_not_counted() {
        Authorizer authorizer = answering({}, {.allow = {"r"}});
        authorizer.requested("r", kStart);
        QVERIFY(publishes(authorizer, "r"));
        QVERIFY(publishes(authorizer, "r"));
    }

    // A request is a permission of its own; what is denied is what nobody asked for.
    void an_answer_may_go_where_publishing_is_denied() {
        Authorizer authorizer = answering({}, {.deny = {">"}});
        QVERIFY(!publishes(authorizer, "r"));
        authorizer.requested("r", kStart);
        QVERIFY(publishes(authorizer, "r"));
    }

    void what_is_kept_is_bounded() {
        AllowResponses responses({.max = -1, .expires = seconds(-1)});
        for (std::size_t i = 0; i < AllowResponses::kMost + 100; ++i) {
            responses.requested(concat("r", i), kStart);
        }
        QVERIFY(responses.size() <= AllowResponses::kMost);
        QVERIFY(!responses.take("r0", kStart));
        QVERIFY(responses.take(concat("r", AllowResponses::kMost + 99), kStart));
    }

    void what_is_over_is_forgotten() {
        AllowResponses responses({.max = 1, .expires = seconds(1)});
        for (int i = 0; i < 100; ++i) {
            responses.requested(concat("r", i), kStart);
        }
        responses.requested("s", kStart + seconds(5));
        QCOMPARE(responses.size(), std::size_t{1});
    }
};
SIGNALBOX_TEST(AllowResponsesTest);

}  // namespace signalbox::permission

#include "allow_responses_test.moc"
