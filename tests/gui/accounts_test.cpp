#include "gui/models/account_model.h"
#include "gui/models/account_text.h"
#include "gui/source/configuration_checker.h"

#include "tests/support/run_tests.h"

#include <QAbstractItemModelTester>

namespace signalbox::gui {

namespace {

constexpr char kAccounts[] =
    "accounts {\n"
    "  SHOP {\n"
    "    users: [\n"
    "      {user: seller, password: hunter2, permissions: {publish: [\"orders.>\", \"stock\"]}}\n"
    "      {user: guest, password: hunter3}\n"
    "    ]\n"
    "    default_permissions: {subscribe: {deny: \"secret.>\"}}\n"
    "    exports: [{stream: \"orders.>\"}]\n"
    "  }\n"
    "  AUDIT {\n"
    "    users: [{user: archive, password: hunter4}]\n"
    "    imports: [{stream: {account: SHOP, subject: \"orders.>\"}, prefix: shop}]\n"
    "  }\n"
    "}\n";

ConfigurationPtr read(std::string const& text) {
    return checkConfiguration(text, QStringLiteral("/x/shop.conf")).configuration;
}

observe::ConnectionRow connection(std::uint64_t cid, std::string account, std::string user) {
    auto who = std::make_shared<observe::ConnectionIdentity>();
    who->cid = cid;
    who->account = std::move(account);
    who->user = std::move(user);
    observe::ConnectionRow row;
    row.identity = who;
    row.subscriptions = 2;
    return row;
}

}  // namespace

class AccountsTest : public QObject {
    Q_OBJECT

private slots:
    void accounts_have_their_users_and_rules() {
        ConfigurationPtr const shop = read(kAccounts);
        QVERIFY(shop != nullptr);
        std::vector<AccountEntry> const accounts = accountsOf(shop->options);
        QCOMPARE(accounts.front().name, std::string("$G"));
        QVERIFY(accounts.back().system);
        AccountEntry const* const one = findAccount(accounts, "SHOP");
        QVERIFY(one != nullptr);
        QCOMPARE(one->users.size(), std::size_t{2});
        QVERIFY(findUser(*one, "seller")->rules == UserEntry::Rules::Own);
        QVERIFY(findUser(*one, "guest")->rules == UserEntry::Rules::OfAccount);
        QVERIFY(rulesText(*findUser(*one, "seller")).contains(QStringLiteral("2 allowed")));
    }

    void without_accounts_anyone_is_in_the_global_one() {
        std::vector<AccountEntry> const accounts = accountsOf(config::Options{});
        QCOMPARE(accounts[0].users.size(), std::size_t{1});
        QVERIFY(accounts[0].users[0].proof == UserEntry::Proof::Nothing);
    }

    void a_rule_is_found_in_its_file() {
        ConfigurationPtr const shop = read(kAccounts);
        auto const place = [&](char const* user, RuleList list, char const* rule) {
            return placeOfRule(*shop, "SHOP", user, list, rule);
        };
        QCOMPARE(place("seller", RuleList::PublishAllow, "orders.>"),
                 QStringLiteral("shop.conf:4"));
        QCOMPARE(place("guest", RuleList::SubscribeDeny, "secret.>"),
                 QStringLiteral("shop.conf:7"));
        QVERIFY(place("seller", RuleList::PublishDeny, "orders.>").isEmpty());
    }

    void use_is_counted_by_account_and_user() {
        ConfigurationPtr const shop = read(kAccounts);
        AccountModel model;
        QAbstractItemModelTester const tester(&model);
        std::vector<AccountEntry> const accounts = accountsOf(shop->options);
        model.show(accounts, {connection(1, "SHOP", "seller"), connection(2, "SHOP", "seller"),
                              connection(3, "SHOP", "guest")});
        QCOMPARE(model.rowAt(model.rowOf("SHOP", ""))->connections, quint64{3});
        QCOMPARE(model.rowAt(model.rowOf("SHOP", "seller"))->connections, quint64{2});
        QCOMPARE(model.rowAt(model.rowOf("AUDIT", ""))->connections, quint64{0});
        int const rows = model.rowCount();
        model.toggle(model.rowOf("SHOP", ""));
        QCOMPARE(model.rowCount(), rows - 2);
        model.show(accounts, {});
        QCOMPARE(model.rowCount(), rows - 2);
    }

    void texts_tell_of_sharing_and_of_no_secret() {
        ConfigurationPtr const shop = read(kAccounts);
        std::vector<AccountEntry> const accounts = accountsOf(shop->options);
        QString html;
        for (AccountEntry const& account : accounts) {
            html += accountHtml(*shop, account, nullptr);
            for (UserEntry const& user : account.users) {
                html += userHtml(*shop, account, user);
            }
        }
        for (char const* const part :
             {"orders.&gt;", "SHOP", "below", "line:/x/shop.conf:4", "those of the account hold"}) {
            QVERIFY2(html.contains(QLatin1String(part)), part);
        }
        QVERIFY(!html.contains(QStringLiteral("hunter")));
    }
};

SIGNALBOX_TEST(AccountsTest);

}  // namespace signalbox::gui

#include "accounts_test.moc"
