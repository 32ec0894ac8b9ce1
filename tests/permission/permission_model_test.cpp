#include "engine/base/text.h"
#include "engine/permission/authorizer.h"

#include "tests/support/plain_permissions.h"
#include "tests/support/run_tests.h"

namespace signalbox::permission {

namespace {

constexpr int kSetsOfLines = 2'500;

std::string described(Permissions const& permissions) {
    std::string text;
    auto const add = [&](char const* name, std::vector<std::string> const& lines) {
        append(text, name, "[", base::join(lines, ", "), "] ");
    };
    add("publish ", permissions.publish.allow);
    add("not ", permissions.publish.deny);
    add("subscribe ", permissions.subscribe.allow);
    add("not ", permissions.subscribe.deny);
    return text;
}

}  // namespace

/// The authorizer against what permissions plainly mean.
class PermissionModelTest : public QObject {
    Q_OBJECT

private slots:
    void it_answers_as_the_lines_mean_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 4; ++seed) {
            QTest::addRow("seed %llu", seed) << seed;
        }
    }

    void it_answers_as_the_lines_mean() {
        QFETCH(quint64, seed);
        support::RandomPermissions random(seed);
        int cases = 0;
        int refused = 0;
        for (int i = 0; i < kSetsOfLines; ++i) {
            Permissions const permissions = random.permissions();
            support::PlainPermissions const plain(permissions);
            Authorizer authorizer(false, RuleBook::compile(permissions).value());
            for (int question = 0; question < 8; ++question) {
                std::string const failure = compare(random, plain, authorizer, refused);
                if (!failure.empty()) {
                    QFAIL(concat(failure, " by ", described(permissions)).c_str());
                }
                cases += 3;
            }
        }
        QVERIFY(cases >= 50'000);
        // Cases that are all alike would prove nothing.
        QVERIFY(refused > cases / 10 && refused < cases / 10 * 9);
    }

private:
    /// Publishing, subscribing and delivering of something; answers what went wrong.
    static std::string compare(support::RandomPermissions& random,
                               support::PlainPermissions const& plain, Authorizer& authorizer,
                               int& refused) {
        std::string const subject = random.subject();
        std::string const filter = random.filter();
        std::string const queue = random.queue();
        auto const to = subject::PublishSubject::from_token(subject);
        auto const asked = subject::Filter::from_checked(filter);
        bool const publishes = plain.may_publish(subject);
        bool const subscribes = plain.may_subscribe(filter, queue);
        refused += (publishes ? 0 : 1) + (subscribes ? 0 : 1);
        // Twice: also when the answer is known.
        for (int again = 0; again < 2; ++again) {
            if (authorizer.may_publish(to, Instant()) != publishes) {
                return concat("publish on ", subject, " should be ", publishes);
            }
        }
        if (authorizer.may_subscribe(asked, queue) != subscribes) {
            return concat("subscribe to ", filter, " as ", queue, " should be ", subscribes);
        }
        if (!subscribes || !support::plainly_matches(filter, subject)) {
            return {};
        }
        bool const receives = plain.may_receive(filter, queue, subject);
        refused += receives ? 0 : 1;
        for (int again = 0; again < 2; ++again) {
            if (authorizer.may_receive(to, queue, authorizer.screening(asked, queue)) != receives) {
                return concat("delivery of ", subject, " to ", filter, " as ", queue, " should be ",
                              receives);
            }
        }
        return {};
    }
};
SIGNALBOX_TEST(PermissionModelTest);

}  // namespace signalbox::permission

#include "permission_model_test.moc"
