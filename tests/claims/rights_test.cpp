#include "engine/base/text.h"
#include "engine/claims/account_claims.h"
#include "engine/claims/network.h"
#include "engine/claims/permission_template.h"
#include "engine/claims/time_windows.h"
#include "engine/claims/user_claims.h"
#include "engine/claims/validation.h"

#include "tests/claims/foreign_tokens.h"
#include "tests/support/run_tests.h"

#include <string>
#include <vector>

using namespace signalbox;
using Texts = std::vector<std::string>;

namespace {

claims::TemplateValues const kValues = {.name = "bob",
                                        .subject = "UBOB",
                                        .tags = {"team:red", "team:blue", "site:ber"},
                                        .account_name = "acc",
                                        .account_subject = "AACC",
                                        .account_tags = {"tier:gold"}};

Result<permission::Permissions> expand_publish(Texts allow, Texts deny = {}) {
    permission::Permissions rules;
    rules.publish = {.allow = std::move(allow), .deny = std::move(deny)};
    return claims::expand(rules, kValues);
}

WallTime at(int hour, int minute = 0) {
    return WallTime(base::hours(24 * 19'000 + hour) + base::minutes(minute));
}

}  // namespace

class TemplateTest : public QObject {
    Q_OBJECT
private slots:
    void functions_stand_for_the_user() {
        auto const rules = expand_publish({"u.{{name()}}.{{subject()}}",
                                           "a.{{account-name()}}.{{account-subject()}}",
                                           "t.{{account-tag(tier)}}", "plain.>"});
        QCOMPARE(rules.value().publish.allow,
                 (Texts{"u.bob.UBOB", "a.acc.AACC", "t.gold", "plain.>"}));
    }

    void tags_multiply() {
        auto const rules = expand_publish({"{{tag(team)}}.x.{{TAG(TEAM)}}"});
        QCOMPARE(rules.value().publish.allow,
                 (Texts{"red.x.red", "red.x.blue", "blue.x.red", "blue.x.blue"}));
    }

    void queue_groups_are_part_of_it() {
        permission::Permissions rules;
        rules.subscribe.allow = {"in.{{name()}} {{tag(site)}}"};
        QCOMPARE(claims::expand(rules, kValues).value().subscribe.allow, (Texts{"in.bob ber"}));
    }

    void a_missing_tag_allows_less_and_never_denies_less() {
        auto const some = expand_publish({"a.{{tag(none)}}", "b"});
        QCOMPARE(some.value().publish.allow, Texts{"b"});
        QVERIFY(some.value().publish.deny.empty());
        auto const nothing = expand_publish({"a.{{tag(none)}}"});
        QVERIFY(nothing.value().publish.allow.empty());
        QCOMPARE(nothing.value().publish.deny, Texts{">"});
        QVERIFY(!expand_publish({"a"}, {"d.{{tag(none)}}"}).ok());
    }

    void what_is_no_function_is_refused_or_stays() {
        QVERIFY(!expand_publish({"a.{{env(HOME)}}"}).ok());
        QVERIFY(!expand_publish({"a.{{}}"}).ok());
        QVERIFY(!expand_publish({"a.{{tag}}"}).ok());
        QCOMPARE(expand_publish({"a.x{{name()}}"}).value().publish.allow, Texts{"a.x{{name()}}"});
    }

    void a_name_reaches_no_further_than_the_template() {
        for (char const* name : {"", ">", "*", "a.>", "a b", ".", "a.", "a\tb", "a\r\nSUB"}) {
            permission::Permissions rules;
            rules.publish.allow = {"u.{{name()}}"};
            auto values = kValues;
            values.name = name;
            QVERIFY2(!claims::expand(rules, values).ok(), name);
        }
    }

    void expansions_are_bounded() {
        auto values = kValues;
        values.tags.clear();
        for (int i = 0; i < 65; ++i) {
            values.tags.push_back(concat("t:", i));
        }
        permission::Permissions rules;
        rules.publish.allow = {"{{tag(t)}}.{{tag(t)}}"};
        QVERIFY(claims::expand(rules, values).error().code() == Errc::LimitExceeded);
    }
};
SIGNALBOX_TEST(TemplateTest);

class NetworkTest : public QObject {
    Q_OBJECT
private slots:
    void addresses_are_in_their_network_data() {
        QTest::addColumn<QString>("network");
        QTest::addColumn<QString>("inside");
        QTest::addColumn<QString>("outside");
        QTest::newRow("a") << "10.0.0.0/8"
                           << "10.255.3.4"
                           << "11.0.0.1";
        QTest::newRow("host") << "192.0.2.7/32"
                              << "192.0.2.7"
                              << "192.0.2.6";
        QTest::newRow("odd") << "192.0.2.128/25"
                             << "192.0.2.200"
                             << "192.0.2.127";
        QTest::newRow("all of four") << "0.0.0.0/0"
                                     << "255.1.1.1"
                                     << "2001:db8::1";
        QTest::newRow("six") << "2001:db8::/32"
                             << "2001:db8:1::ffff"
                             << "2001:db9::1";
        QTest::newRow("mapped") << "192.0.2.0/24"
                                << "::ffff:192.0.2.9"
                                << "::ffff:192.0.3.9";
        QTest::newRow("loopback") << "::1/128"
                                  << "::1"
                                  << "::2";
        QTest::newRow("no name") << "10.0.0.0/8"
                                 << "10.0.0.1"
                                 << "localhost";
    }
    void addresses_are_in_their_network() {
        QFETCH(QString, network);
        QFETCH(QString, inside);
        QFETCH(QString, outside);
        auto const parsed = claims::Network::parse(network.toStdString());
        QVERIFY(parsed.ok());
        QVERIFY(parsed.value().holds(inside.toStdString()));
        QVERIFY(!parsed.value().holds(outside.toStdString()));
    }

    void what_is_none_is_refused() {
        for (char const* text : {"", "10.0.0.1", "10.0.0/8", "10.0.0.0/33", "10.0.0.256/8", "a/8",
                                 "010.0.0.0/8", "1:2:3/8", "::1/129", ":::/8", "1::2::3/8",
                                 "10.0.0.0/", "10.0.0.0/-1", "1:2:3:4:5:6:7:8:9/3"}) {
            QVERIFY2(!claims::Network::parse(text).ok(), text);
        }
    }
};
SIGNALBOX_TEST(NetworkTest);

class TimeWindowTest : public QObject {
    Q_OBJECT
private slots:
    void one_stays_until_the_window_ends() {
        std::vector<claims::TimeRange> const day = {{"08:00:00", "17:30:00"}};
        QVERIFY(claims::end_of_window(day, at(9), {}) == at(17, 30));
        QVERIFY(claims::end_of_window(day, at(8), {}) == at(17, 30));
        QVERIFY(!claims::end_of_window(day, at(7, 59), {}));
        QVERIFY(!claims::end_of_window(day, at(17, 30), {}));
    }

    void a_night_goes_over_midnight() {
        std::vector<claims::TimeRange> const night = {{"22:00:00", "06:00:00"}};
        QVERIFY(claims::end_of_window(night, at(23), {}) == at(30));
        QVERIFY(claims::end_of_window(night, at(1), {}) == at(6));
        QVERIFY(!claims::end_of_window(night, at(12), {}));
    }

    void the_place_decides_what_time_it_is() {
        std::vector<claims::TimeRange> const day = {{"08:00:00", "09:00:00"}};
        QVERIFY(!claims::end_of_window(day, at(7), {}));
        QVERIFY(claims::end_of_window(day, at(7), base::hours(1)) == at(8));
        QVERIFY(claims::end_of_window(day, at(2), base::hours(-18)) == at(3));
    }

    void what_cannot_be_read_holds_no_time() {
        for (char const* text : {"", "8", "08:00", "25:00:00", "08:60:00", "08:00:60", "ab:00:00",
                                 "008:00:00", "08:00:00:00", "-8:00:00"}) {
            QVERIFY2(!claims::time_of_day(text).ok(), text);
            QVERIFY(!claims::end_of_window({{text, "23:59:59"}}, at(12), {}));
        }
    }
};
SIGNALBOX_TEST(TimeWindowTest);

class ValidationTest : public QObject {
    Q_OBJECT
private slots:
    void a_sound_account_has_nothing_wrong() {
        QVERIFY(claims::first_blocking(claims::validate(account(), at(0))) == nullptr);
    }

    void what_is_wrong_blocks() {
        using Change = void (*)(claims::AccountClaims&);
        for (Change const change :
             std::vector<Change>{[](auto& a) { a.exports[0].subject = "a..b"; },
                                 [](auto& a) { a.exports[0].account_token_position = 3; },
                                 [](auto& a) { a.exports[0].response_type = "Many"; },
                                 [](auto& a) { a.exports[0].response_threshold = Duration(-1); },
                                 [](auto& a) { a.exports[1].response_type = "Stream"; },
                                 [](auto& a) { a.exports[2].latency->sampling = 101; },
                                 [](auto& a) { a.exports[2].latency->results = "a.*"; },
                                 [](auto& a) { a.exports.push_back(a.exports[1]); },
                                 [](auto& a) { a.limits.exports = 2; },
                                 [](auto& a) { a.limits.imports = 0; },
                                 [](auto& a) { a.limits.wildcards = false; },
                                 [](auto& a) { a.imports[0].subject = ""; },
                                 [](auto& a) { a.imports[0].account = "B"; },
                                 [](auto& a) { a.imports[0].account = a.token.subject; },
                                 [](auto& a) { a.imports[0].to = "z"; },
                                 [](auto& a) { a.imports[0].share = true; },
                                 [](auto& a) { a.imports[0].token = "x"; },
                                 [](auto& a) { a.imports[0].token = foreign::kUser; },
                                 [](auto& a) { a.signing_keys[0].key = foreign::kUserKey; },
                                 [](auto& a) {
                                     a.default_permissions.publish.allow = {"a b c", "..", "x"};
                                 },
                                 [](auto& a) { a.mappings[0].destinations[0].weight = 90; },
                                 [](auto& a) { a.mappings[0].source = ">.x"; },
                                 [](auto& a) { a.authorization.auth_users = {"bob"}; },
                                 [](auto& a) { a.authorization.xkey = "X"; },
                                 [](auto& a) { a.authorization.allowed_accounts = {"*"}; },
                                 [](auto& a) { a.trace_destination = "t.*"; },
                                 [](auto& a) { a.token.expires = at(-1); },
                                 [](auto& a) { a.token.not_before = at(1); }}) {
            claims::AccountClaims changed = account();
            change(changed);
            QVERIFY(claims::first_blocking(claims::validate(changed, at(0))) != nullptr);
        }
    }

    void an_activation_is_the_exporters_for_the_importer() {
        claims::AccountClaims importer = account();
        importer.imports[0].token = foreign::kActivation;
        QVERIFY(claims::first_blocking(claims::validate(importer, at(0))) == nullptr);
        importer.imports[0].account = foreign::kScopedKey;
        QVERIFY(claims::first_blocking(claims::validate(importer, at(0))) != nullptr);
    }

    void revocations_hold_up_to_their_second() {
        claims::Revocations const revoked = {{"U1", 100}, {"*", 50}};
        auto const issued = [](int seconds) { return WallTime(base::seconds(seconds)); };
        QVERIFY(claims::is_revoked(revoked, "U1", issued(100)));
        QVERIFY(!claims::is_revoked(revoked, "U1", issued(101)));
        QVERIFY(claims::is_revoked(revoked, "U2", issued(50)));
        QVERIFY(!claims::is_revoked(revoked, "U2", issued(51)));
        QVERIFY(!claims::is_revoked({}, "U2", issued(0)));
    }

    void connection_types_that_all_are_unknown_mean_nobody() {
        QVERIFY(claims::known_types({})->is_all());
        QVERIFY(!claims::known_types({"CARRIER_PIGEON"}));
        auto const some = claims::known_types({"CARRIER_PIGEON", "mqtt"});
        QVERIFY(some && some->has(permission::ConnectionType::Mqtt));
        QVERIFY(!some->allows(permission::ConnectionType::Standard));
    }

private:
    static claims::AccountClaims account() {
        return claims::decode_account(foreign::kAccount).value();
    }
};
SIGNALBOX_TEST(ValidationTest);

#include "rights_test.moc"
