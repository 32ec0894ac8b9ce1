#include "engine/base/encoding.h"
#include "engine/base/text.h"
#include "engine/crypto/key_pair.h"
#include "engine/tls/peer_identity.h"

#include "tests/auth/auth_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::auth {

using crypto::KeyPair;
using crypto::NkeyKind;
using crypto::Secret;
using permission::ConnectionType;

namespace {

constexpr char kNonce[] = "AbCdEfGhIjKlMnO";

KeyPair key(unsigned char number, NkeyKind kind = NkeyKind::User) {
    return KeyPair::from_seed_bytes(kind, crypto::SeedBytes{number});
}

std::string public_text(KeyPair const& pair) {
    return pair.public_key().text();
}

std::string signed_by(KeyPair const& pair, std::string_view nonce = kNonce) {
    return base::to_base64_url(pair.sign(nonce));
}

Credentials with_nkey(KeyPair const& pair) {
    return {.nkey = public_text(pair), .signature = signed_by(pair), .nonce = kNonce};
}

config::Options nkey_users() {
    config::Options options;
    options.authorization.users = {{.nkey = public_text(key(1))}};
    config::AccountOptions account{.name = "A"};
    account.users = {{.nkey = public_text(key(2))}, {.name = "ann", .password = Secret("a")}};
    options.accounts = {account};
    return options;
}

std::shared_ptr<tls::PeerIdentity const> peer(tls::PeerIdentity identity) {
    return std::make_shared<tls::PeerIdentity const>(std::move(identity));
}

config::Options mapping(std::vector<config::User> users) {
    config::Options options;
    options.tls = config::TlsOptions{.verify = true, .verify_and_map = true};
    options.authorization.users = std::move(users);
    return options;
}

}  // namespace

/// Who a connection is by keys, certificates, accounts and proxies.
class IdentityTest : public QObject {
    Q_OBJECT

private slots:
    void an_nkey_is_known_by_its_signature_of_the_nonce() {
        AuthStage stage(nkey_users());
        QVERIFY(stage.authenticator->asks_for_signatures());
        Verdict const verdict = stage.ask(with_nkey(key(1)));
        QVERIFY(verdict.admitted);
        QCOMPARE(verdict.identity.account, std::string("$G"));
        QCOMPARE(verdict.identity.user, public_text(key(1)));
        QCOMPARE(verdict.identity.label, concat("nkey:", public_text(key(1))));
        QCOMPARE(stage.ask(with_nkey(key(2))).identity.account, std::string("A"));
    }

    void an_nkey_is_refused_data() {
        QTest::addColumn<int>("how");
        QTest::newRow("unknown") << 0;
        QTest::newRow("without signature") << 1;
        QTest::newRow("signed by another") << 2;
        QTest::newRow("another nonce") << 3;
        QTest::newRow("cut signature") << 4;
        QTest::newRow("no nonce was sent") << 5;
        QTest::newRow("not base64") << 6;
    }

    void an_nkey_is_refused() {
        QFETCH(int, how);
        AuthStage stage(nkey_users());
        Credentials shown = with_nkey(key(1));
        switch (how) {
            case 0:
                shown = with_nkey(key(9));
                break;
            case 1:
                shown.signature.clear();
                break;
            case 2:
                shown.signature = signed_by(key(2));
                break;
            case 3:
                shown.signature = signed_by(key(1), "AbCdEfGhIjKlMnP");
                break;
            case 4:
                shown.signature.resize(40);
                break;
            case 5:
                shown.nonce.clear();
                shown.signature = signed_by(key(1), "");
                break;
            default:
                shown.signature = "!!";
                break;
        }
        QVERIFY(!stage.ask(shown).admitted);
    }

    // A key that is not known is not helped by a name that is.
    void an_unknown_nkey_with_a_right_password_is_refused() {
        AuthStage stage(nkey_users());
        Credentials shown = with_nkey(key(9));
        shown.user = "ann";
        shown.password = Secret("a");
        QVERIFY(!stage.ask(shown).admitted);
        shown.nkey.clear();
        QCOMPARE(stage.ask(shown).identity.account, std::string("A"));
    }

    void no_auth_user_may_be_an_nkey() {
        config::Options options = nkey_users();
        options.authorization.no_auth_user = public_text(key(2));
        AuthStage stage(options);
        QVERIFY(stage.authenticator->admits_unnamed(ConnectionType::Standard));
        QCOMPARE(stage.ask({}).identity.user, public_text(key(2)));
        // Showing the name that anyone may have asks for no signature either.
        QVERIFY(stage.ask({.nkey = public_text(key(2))}).admitted);
        QVERIFY(!stage.ask({.nkey = public_text(key(1))}).admitted);
        QVERIFY(!stage.ask({.user = "ann", .password = Secret("wrong")}).admitted);
        QVERIFY(!stage.ask({.token = Secret("x")}).admitted);
    }

    void users_of_accounts_and_blocks_have_their_default_permissions() {
        config::Options options;
        permission::Permissions const of_block{.publish = {.allow = {"block"}}};
        permission::Permissions const of_account{.publish = {.allow = {"account"}}};
        permission::Permissions const own{.publish = {.allow = {"own"}}};
        options.authorization.default_permissions = of_block;
        options.authorization.users = {{.name = "u", .password = Secret("p")},
                                       {.name = "v", .password = Secret("p"), .permissions = own}};
        config::AccountOptions account{.name = "A"};
        account.default_permissions = of_account;
        account.users = {{.name = "w", .password = Secret("p")}};
        config::AccountOptions bare{.name = "B"};
        bare.users = {{.name = "x", .password = Secret("p")}};
        options.accounts = {account, bare};
        AuthStage stage(options);
        auto const permissions_of = [&](char const* user) {
            return stage.ask({.user = user, .password = Secret("p")}).identity.permissions;
        };
        QVERIFY(*permissions_of("u") == of_block);
        QVERIFY(*permissions_of("v") == own);
        QVERIFY(*permissions_of("w") == of_account);
        QVERIFY(permissions_of("x") == nullptr);
    }

    void a_user_may_be_held_to_kinds_of_connections() {
        config::Options options;
        permission::ConnectionTypes websocket;
        websocket.add(ConnectionType::Websocket);
        options.authorization.users = {
            {.name = "u", .password = Secret("p"), .connection_types = websocket}};
        options.authorization.no_auth_user = "u";
        AuthStage stage(options);
        Credentials shown{.user = "u", .password = Secret("p")};
        QVERIFY(!stage.ask(shown).admitted);
        QVERIFY(!stage.ask({}).admitted);
        QVERIFY(!stage.authenticator->admits_unnamed(ConnectionType::Standard));
        QVERIFY(stage.authenticator->admits_unnamed(ConnectionType::Websocket));
        shown.type = ConnectionType::Websocket;
        QVERIFY(stage.ask(shown).admitted);
    }

    void when_only_the_system_account_has_users_others_need_not_say_who_they_are() {
        config::Options options;
        config::AccountOptions system{.name = "SYS"};
        system.users = {{.name = "admin", .password = Secret("x")}};
        options.accounts = {system};
        options.system_account = "SYS";
        AuthStage stage(options);
        QVERIFY(stage.authenticator->admits_unnamed(ConnectionType::Standard));
        Verdict const anyone = stage.ask({});
        QCOMPARE(anyone.identity.account, std::string("$G"));
        QVERIFY(anyone.identity.user.starts_with("nats-"));
        QVERIFY(!stage.ask({.user = "admin", .password = Secret("y")}).admitted);
        QVERIFY(!stage.ask({.user = "other"}).admitted);
        QCOMPARE(stage.ask({.user = "admin", .password = Secret("x")}).identity.account,
                 std::string("SYS"));
        // Time for TLS as well is no word on who may come in.
        options.authorization.timeout = base::seconds(3);
        QVERIFY(AuthStage(options).ask({}).admitted);
        // One more account, or one word on who may come in, and nobody is let in unasked.
        options.accounts.push_back({.name = "A"});
        QVERIFY(!AuthStage(options).ask({}).admitted);
        options.accounts.pop_back();
        options.authorization.users = {{.name = "u", .password = Secret("p")}};
        QVERIFY(!AuthStage(options).ask({}).admitted);
    }

    void a_proxy_is_known_by_its_signature() {
        KeyPair const proxy = key(7, NkeyKind::Server);
        config::Options options;
        options.authorization.users = {
            {.name = "u", .password = Secret("p"), .proxy_required = true},
            {.name = "v", .password = Secret("p")}};
        options.trusted_proxies = {public_text(key(6, NkeyKind::Server)), public_text(proxy)};
        AuthStage stage(options);
        QVERIFY(stage.authenticator->asks_for_signatures());
        Credentials shown{.user = "u", .password = Secret("p"), .nonce = kNonce};
        QVERIFY(stage.ask(shown).refusal == Refusal::ProxyRequired);
        shown.proxy_signature = signed_by(key(8, NkeyKind::Server));
        QVERIFY(stage.ask(shown).refusal == Refusal::ProxyNotTrusted);
        shown.proxy_signature = signed_by(proxy);
        Verdict const verdict = stage.ask(shown);
        QVERIFY(verdict.admitted);
        QCOMPARE(verdict.identity.proxy_key, public_text(proxy));
        shown.user = "v";
        shown.proxy_signature = "nonsense";
        QVERIFY(!stage.ask(shown).admitted);
        shown.proxy_signature.clear();
        QVERIFY(stage.ask(shown).admitted);
    }

    void a_certificate_names_its_user_data() {
        QTest::addColumn<QString>("user");
        QTest::addColumn<bool>("found");
        QTest::newRow("e-mail") << "ann@x.org" << true;
        QTest::newRow("dns name") << "ann.x.org" << true;
        QTest::newRow("uri") << "spiffe://x/ann" << true;
        QTest::newRow("subject") << "CN=ann,OU=dev,O=x" << true;
        QTest::newRow("subject with domain") << "CN=ann,OU=dev,O=x,DC=x,DC=org" << true;
        QTest::newRow("subject as written by others") << "cn = ann, ou=dev,o=x,dc=x,dc=org" << true;
        QTest::newRow("subject in another order") << "O=x,CN=ann,DC=org,OU=dev,DC=x" << true;
        QTest::newRow("part of the subject") << "CN=ann,OU=dev" << false;
        QTest::newRow("common name alone") << "ann" << false;
        QTest::newRow("more than the subject") << "CN=ann,OU=dev,O=x,DC=x,DC=org,L=y" << false;
        QTest::newRow("other case of a value") << "CN=Ann,OU=dev,O=x,DC=x,DC=org" << false;
        QTest::newRow("escaped comma") << "CN=ann\\,OU=dev,O=x,DC=x,DC=org" << false;
        QTest::newRow("joined part") << "CN=ann+OU=dev,O=x,DC=x,DC=org" << false;
        QTest::newRow("part of the e-mail") << "x.org" << false;
    }

    void a_certificate_names_its_user() {
        QFETCH(QString, user);
        QFETCH(bool, found);
        AuthStage stage(mapping({{.name = user.toStdString()}, {.name = "CN=someone"}}));
        Verdict const verdict =
            stage.ask({.peer = peer({.subject = "CN=ann,OU=dev,O=x",
                                     .subject_with_domain = "CN=ann,OU=dev,O=x,DC=x,DC=org",
                                     .names = {{{"DC", "org"}},
                                               {{"DC", "x"}},
                                               {{"O", "x"}},
                                               {{"OU", "dev"}},
                                               {{"CN", "ann"}}},
                                     .emails = {"ann@x.org"},
                                     .dns_names = {"www.x.org", "ann.x.org"},
                                     .uris = {"spiffe://x/ann"}})});
        QCOMPARE(verdict.admitted, found);
        QCOMPARE(verdict.identity.user, found ? user.toStdString() : std::string());
    }

    void alternative_names_come_before_the_subject() {
        AuthStage stage(mapping({{.name = "CN=ann"}, {.name = "ann.org"}, {.name = "a@b"}}));
        Credentials shown{.peer = peer({.subject = "CN=ann",
                                        .names = {{{"CN", "ann"}}},
                                        .emails = {"a@b"},
                                        .dns_names = {"ann.org"}})};
        QCOMPARE(stage.ask(shown).identity.user, std::string("a@b"));
        shown.peer =
            peer({.subject = "CN=ann", .names = {{{"CN", "ann"}}}, .dns_names = {"ann.org"}});
        QCOMPARE(stage.ask(shown).identity.user, std::string("ann.org"));
    }

    void a_subject_in_its_own_order_comes_before_any_order() {
        AuthStage stage(mapping({{.name = "O=x,CN=ann"}, {.name = "CN=ann,O=x"}}));
        QCOMPARE(
            stage.ask({.peer = peer({.names = {{{"O", "x"}}, {{"CN", "ann"}}}})}).identity.user,
            std::string("CN=ann,O=x"));
        QCOMPARE(
            stage.ask({.peer = peer({.names = {{{"CN", "ann"}}, {{"O", "x"}}}})}).identity.user,
            std::string("O=x,CN=ann"));
    }

    void where_certificates_decide_nothing_else_does() {
        AuthStage stage(mapping({{.name = "ann", .password = Secret("p")}, {.name = "bob"}}));
        QVERIFY(!stage.ask({.user = "ann", .password = Secret("p")}).admitted);
        QVERIFY(!stage.ask({.user = "bob"}).admitted);
        Credentials shown{
            .user = "ann", .password = Secret("p"), .peer = peer({.dns_names = {"bob"}})};
        QCOMPARE(stage.ask(shown).identity.user, std::string("bob"));
        QVERIFY(stage.sink.line.find("User \"ann\" found in connect proto") != std::string::npos);
        // A user with a password has to show that too.
        shown.peer = peer({.dns_names = {"ann"}});
        QVERIFY(stage.ask(shown).admitted);
        shown.password = Secret("q");
        QVERIFY(!stage.ask(shown).admitted);
    }

    void users_who_may_not_come_this_way_are_passed_over() {
        permission::ConnectionTypes websocket;
        websocket.add(ConnectionType::Websocket);
        AuthStage stage(
            mapping({{.name = "a@b", .connection_types = websocket}, {.name = "ann.org"}}));
        QCOMPARE(
            stage.ask({.peer = peer({.emails = {"a@b"}, .dns_names = {"ann.org"}})}).identity.user,
            std::string("ann.org"));
    }
};
SIGNALBOX_TEST(IdentityTest);

}  // namespace signalbox::auth

#include "identity_test.moc"
