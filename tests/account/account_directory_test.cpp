#include "engine/account/account_directory.h"

#include "engine/account/membership.h"

#include "tests/support/run_tests.h"

namespace signalbox::account {

namespace {

config::Options options_of(std::vector<config::AccountOptions> accounts) {
    config::Options options;
    options.accounts = std::move(accounts);
    return options;
}

}  // namespace

/// Which accounts there are, from one configuration to the next.
class AccountDirectoryTest : public QObject {
    Q_OBJECT

private slots:
    void a_reload_keeps_makes_changes_and_retires() {
        AccountDirectory accounts;
        accounts.apply(options_of({{.name = "A"}, {.name = "B"}}));
        Account* const a = accounts.find("A");
        QVERIFY(a != nullptr && a->origin() == Origin::Configuration);
        QCOMPARE(accounts.all().size(), std::size_t{4});
        a->subscribe({.filter = "x", .sid = "1"});

        accounts.apply(
            options_of({{.name = "A", .limits = {.max_connections = 3}}, {.name = "C"}}));
        QVERIFY(accounts.find("A") == a);
        QCOMPARE(a->limits().max_connections, std::int64_t{3});
        QCOMPARE(a->subscription_count(), std::size_t{1});
        QVERIFY(accounts.find("B") == nullptr);
        QVERIFY(accounts.find("C") != nullptr);
        QVERIFY(accounts.find("C")->index() != a->index());
    }

    void the_server_s_own_accounts_stay_and_lose_what_is_said_of_them_no_more() {
        AccountDirectory accounts;
        Account& global = accounts.global();
        accounts.apply(options_of({{.name = "$G", .limits = {.max_payload = 5}}}));
        QCOMPARE(global.limits().max_payload, std::int64_t{5});
        accounts.apply(options_of({}));
        QVERIFY(&accounts.global() == &global);
        QCOMPARE(global.limits().max_payload, std::int64_t{-1});
        QVERIFY(!accounts.retire("$G"));
        QVERIFY(!accounts.retire("nobody"));
    }

    void another_account_may_be_that_of_the_servers() {
        AccountDirectory accounts;
        config::Options options = options_of({{.name = "ADMIN"}});
        options.system_account = "ADMIN";
        accounts.apply(options);
        QVERIFY(accounts.find("ADMIN")->is_system());
        QVERIFY(&accounts.system() == accounts.find("ADMIN"));
        QVERIFY(!accounts.find("$SYS")->is_system());
        accounts.apply(options_of({}));
        QVERIFY(accounts.find("$SYS")->is_system());
        QVERIFY(accounts.find("ADMIN") == nullptr);
    }

    void what_a_token_brought_stays_when_a_configuration_does_not_name_it() {
        AccountDirectory accounts;
        Account& told = accounts.put({.name = "AAKEY", .limits = {.max_connections = 1}});
        accounts.apply(options_of({}));
        QVERIFY(accounts.find("AAKEY") == &told);
        QVERIFY(&accounts.put({.name = "AAKEY"}) == &told);
        QCOMPARE(told.limits().max_connections, std::int64_t{-1});
        QVERIFY(accounts.retire("AAKEY"));
        QVERIFY(accounts.find("AAKEY") == nullptr);
    }

    void a_retired_account_lasts_while_someone_is_bound_to_it() {
        AccountDirectory accounts;
        accounts.apply(options_of({{.name = "A"}}));
        auto bound = std::make_unique<Membership>(*accounts.find("A"));
        accounts.apply(options_of({}));
        QVERIFY((*bound)->is_retired());
        QCOMPARE((*bound)->name(), std::string("A"));
        // One of the same name is another one.
        accounts.apply(options_of({{.name = "A"}}));
        QVERIFY(accounts.find("A") != bound->get());
        bound.reset();
        accounts.apply(options_of({}));
    }

    void connections_are_counted_against_the_limit() {
        AccountDirectory accounts;
        accounts.apply(options_of({{.name = "A", .limits = {.max_connections = 2}}}));
        Account& a = *accounts.find("A");
        Membership one(accounts.global());
        QVERIFY(a.has_room_for_client());
        one.move_to(a);
        QCOMPARE(accounts.global().usage().clients, std::int64_t{0});
        QVERIFY(a.has_room_for_client());
        {
            Membership const two(a);
            QVERIFY(!a.has_room_for_client());
        }
        QVERIFY(a.has_room_for_client());
        QCOMPARE(a.usage().clients, std::int64_t{1});
        QCOMPARE(a.usage().connections_ever, std::uint64_t{2});
    }

    void default_permissions_are_shared_while_they_are_the_same() {
        AccountDirectory accounts;
        config::AccountOptions options{.name = "A"};
        options.default_permissions.emplace().publish.deny = {"x"};
        accounts.apply(options_of({options}));
        auto const before = accounts.find("A")->default_permissions();
        QCOMPARE(before->publish.deny.size(), std::size_t{1});
        options.limits.max_payload = 7;
        accounts.apply(options_of({options}));
        QVERIFY(accounts.find("A")->default_permissions() == before);
        options.default_permissions.reset();
        accounts.apply(options_of({options}));
        QVERIFY(accounts.find("A")->default_permissions() == nullptr);
    }
};
SIGNALBOX_TEST(AccountDirectoryTest);

}  // namespace signalbox::account

#include "account_directory_test.moc"
