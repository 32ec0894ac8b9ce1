#include "engine/tls/session.h"

#include "engine/base/text.h"
#include "engine/tls/certificate.h"

#include "tests/support/certificates.h"
#include "tests/support/run_tests.h"

namespace signalbox::tls {

using Progress = Session::Progress;
using support::Authority;
using support::KeyKind;

namespace {

ContextPtr made(Role role, Settings const& settings) {
    auto context = Context::create(role, settings);
    if (!context.ok()) {
        qWarning("%s", context.error().detail().c_str());
        return nullptr;
    }
    return std::move(context).value();
}

/// Two sides that hear each other, as much at a time as `step` says.
struct Pair {
    Pair(ContextPtr const& server_context, ContextPtr const& client_context,
         std::string const& host = "localhost")
        : server(Session::accept(server_context)), client(Session::connect(client_context, host)) {}

    static void carry(Session& from, Session& to, std::size_t step) {
        std::string const bytes = std::exchange(from.out(), {});
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            to.feed(Bytes(bytes).substr(at, step));
            to.keep();
        }
    }

    /// Until both are done, one failed, or nothing moves any more.
    bool shake(std::size_t step = 100'000) {
        auto at_server = Progress::NeedsMore;
        auto at_client = Progress::NeedsMore;
        for (int i = 0;
             i < 10 && (at_server == Progress::NeedsMore || at_client == Progress::NeedsMore);
             ++i) {
            if (at_client == Progress::NeedsMore) {
                at_client = client->advance();
            }
            carry(*client, *server, step);
            if (at_server == Progress::NeedsMore) {
                at_server = server->advance();
            }
            carry(*server, *client, step);
        }
        return at_server == Progress::Done && at_client == Progress::Done;
    }

    static std::string heard(Session& by) {
        std::string all;
        std::array<char, 1'000> part{};
        std::size_t count = 0;
        while (by.read(part, count) == Session::Read::Some) {
            all.append(part.data(), count);
        }
        return all;
    }

    std::unique_ptr<Session> server;
    std::unique_ptr<Session> client;
};

}  // namespace

/// A session fed and drained, with the peer beside it.
class SessionTest : public QObject {
    Q_OBJECT

private:
    Authority authority_{"good"};
    Authority other_{"bad"};

    Settings server_settings(support::CertificateWish const& wish = {}) {
        Settings settings;
        settings.certificates.push_back(authority_.issue(wish));
        return settings;
    }
    Settings mutual_settings() {
        Settings settings = server_settings();
        settings.verify = Verify::Peer;
        settings.ca_pem = authority_.pem();
        return settings;
    }
    Settings client_settings() {
        Settings settings;
        settings.verify = Verify::Peer;
        settings.ca_pem = authority_.pem();
        return settings;
    }
    Settings client_settings(KeyPair pair) {
        Settings settings = client_settings();
        settings.certificates.push_back(std::move(pair));
        return settings;
    }
    ContextPtr dialling() { return made(Role::Client, client_settings()); }

private slots:
    void both_sides_hear_each_other_however_the_bytes_are_cut() {
        for (std::size_t const step : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
            Pair pair(made(Role::Server, server_settings()), dialling());
            QVERIFY(pair.shake(step));
            std::string const question(40'000, 'q');
            QVERIFY(pair.client->write(question));
            QVERIFY(pair.server->write("answer"));
            Pair::carry(*pair.client, *pair.server, step);
            Pair::carry(*pair.server, *pair.client, step);
            QVERIFY(Pair::heard(*pair.server) == question);
            QCOMPARE(Pair::heard(*pair.client), std::string("answer"));
        }
    }

    void what_was_agreed_on_is_told() {
        Pair pair(made(Role::Server, server_settings()), dialling());
        QVERIFY(pair.shake());
        PeerIdentity const& peer = *pair.server->peer();
        QCOMPARE(peer.version, std::string("1.3"));
        QCOMPARE(peer.cipher, std::string("TLS_AES_128_GCM_SHA256"));
        QCOMPARE(peer.server_name, std::string("localhost"));
        QVERIFY(peer.certificates.empty());
        QCOMPARE(pair.client->peer()->certificates.size(), std::size_t{1});
        QCOMPARE(pair.client->peer()->verified_chain.size(), std::size_t{2});
    }

    void every_usual_kind_of_key_serves() {
        for (KeyKind const kind : {KeyKind::Ecdsa, KeyKind::Rsa, KeyKind::Ed25519}) {
            Pair pair(made(Role::Server, server_settings({.key = kind})), dialling());
            QVERIFY(pair.shake());
        }
    }

    void an_end_is_told() {
        Pair pair(made(Role::Server, server_settings()), dialling());
        QVERIFY(pair.shake());
        pair.client->close();
        Pair::carry(*pair.client, *pair.server, 100);
        std::array<char, 10> into{};
        std::size_t count = 0;
        QCOMPARE(pair.server->read(into, count), Session::Read::Closed);
        // The other way is still open.
        QVERIFY(pair.server->write("bye"));
        Pair::carry(*pair.server, *pair.client, 100);
        QCOMPARE(Pair::heard(*pair.client), std::string("bye"));
    }

    void what_is_no_tls_is_refused() {
        for (std::string const text : {"CONNECT {}\r\n", "GET / HTTP/1.1\r\n\r\n",
                                       "\x16\x03\x01"
                                       "garbage that "
                                       "is long"}) {
            auto const server = Session::accept(made(Role::Server, server_settings()));
            server->feed(text);
            Progress const progress = server->advance();
            if (progress == Progress::Failed) {
                QVERIFY(!server->failure().empty());
            } else {
                // A record that is longer than what came.
                QCOMPARE(progress, Progress::NeedsMore);
            }
        }
        auto const server = Session::accept(made(Role::Server, server_settings()));
        server->feed("CONNECT {}\r\n");
        QCOMPARE(server->advance(), Progress::Failed);
        QCOMPARE(server->failure(),
                 std::string("tls: first record does not look like a TLS handshake"));
    }

    void bytes_that_were_changed_on_the_way_end_it() {
        Pair pair(made(Role::Server, server_settings()), dialling());
        QVERIFY(pair.shake());
        QVERIFY(pair.client->write("hello"));
        pair.client->out().back() = static_cast<char>(pair.client->out().back() ^ 1);
        Pair::carry(*pair.client, *pair.server, 100);
        std::array<char, 10> into{};
        std::size_t count = 0;
        QCOMPARE(pair.server->read(into, count), Session::Read::Failed);
        QVERIFY(!pair.server->failure().empty());
    }

    void the_names_of_a_client_are_read() {
        KeyPair const pair_of_client = authority_.issue(
            {.subject = {{"C", "DE"},
                         {"DC", "org"},
                         {"DC", "example"},
                         {"O", "Acme, Inc"},
                         {"OU", "x"},
                         {"+UID", "7"},
                         {"OU", "y"},
                         {"CN", "joe"}},
             .names = "email:joe@example.org,DNS:joe.example.org,URI:spiffe://example/joe,"
                      "IP:127.0.0.1"});
        Pair pair(made(Role::Server, mutual_settings()),
                  made(Role::Client, client_settings(pair_of_client)));
        QVERIFY(pair.shake());
        PeerIdentity const& peer = *pair.server->peer();
        QCOMPARE(peer.subject, std::string("CN=joe,OU=x+OU=y,O=Acme\\, Inc,C=DE"));
        QCOMPARE(peer.subject_with_domain,
                 std::string("CN=joe,OU=x+OU=y,O=Acme\\, Inc,C=DE,DC=org,DC=example"));
        QCOMPARE(peer.names.size(), std::size_t{7});
        QCOMPARE(peer.names[4].size(), std::size_t{2});
        QCOMPARE(peer.emails, std::vector<std::string>{"joe@example.org"});
        QCOMPARE(peer.dns_names, std::vector<std::string>{"joe.example.org"});
        QCOMPARE(peer.uris, std::vector<std::string>{"spiffe://example/joe"});
        QCOMPARE(peer.certificates.size(), std::size_t{1});
        QCOMPARE(peer.certificates[0].cert_sha256.size(), std::size_t{64});
        QCOMPARE(peer.verified_chain.size(), std::size_t{2});
    }

    void a_client_must_show_what_the_authority_signed_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("why");
        QTest::newRow("none") << 0 << "tls: client didn't provide a certificate";
        QTest::newRow("of another authority") << 1 << "tls: failed to verify certificate: ";
        QTest::newRow("expired") << 2 << "certificate has expired";
        QTest::newRow("not yet valid") << 3 << "not yet valid";
        QTest::newRow("of a server") << 4 << "unsuitable certificate purpose";
    }
    void a_client_must_show_what_the_authority_signed() {
        QFETCH(int, which);
        QFETCH(QString, why);
        Settings client = client_settings();
        switch (which) {
            case 1:
                client.certificates.push_back(other_.issue({}));
                break;
            case 2:
                client.certificates.push_back(
                    authority_.issue({.valid_from_days = -3, .valid_to_days = -1}));
                break;
            case 3:
                client.certificates.push_back(
                    authority_.issue({.valid_from_days = 1, .valid_to_days = 3}));
                break;
            case 4:
                client.certificates.push_back(authority_.issue({.extended_usage = "serverAuth"}));
                break;
            default:
                break;
        }
        Pair pair(made(Role::Server, mutual_settings()), made(Role::Client, client));
        QVERIFY(!pair.shake());
        QVERIFY2(pair.server->failure().find(why.toStdString()) != std::string::npos,
                 pair.server->failure().c_str());
    }

    void a_server_must_be_who_was_dialled() {
        ContextPtr const server = made(Role::Server, server_settings());
        QVERIFY(Pair(server, dialling(), "127.0.0.1").shake());
        QVERIFY(!Pair(server, dialling(), "example.org").shake());
        QVERIFY(!Pair(server, dialling(), "10.0.0.1").shake());
        Settings strange = client_settings();
        strange.ca_pem = other_.pem();
        QVERIFY(!Pair(server, made(Role::Client, strange)).shake());
        QVERIFY(
            Pair(server, made(Role::Client, {.verify = Verify::Nothing}), "example.org").shake());
    }

    void only_pinned_keys_come_in() {
        KeyPair const one = authority_.issue({});
        KeyPair const two = authority_.issue({});
        Settings server = mutual_settings();
        server.pinned = {spki_digest(read_certificates(one.cert_pem).value().front().get())};
        QVERIFY(Pair(made(Role::Server, server), made(Role::Client, client_settings(one))).shake());
        Pair pair(made(Role::Server, server), made(Role::Client, client_settings(two)));
        QVERIFY(!pair.shake());
        QCOMPARE(pair.server->failure(), std::string("certificate not pinned"));
    }

    void of_several_certificates_the_one_for_the_host_is_shown() {
        Settings server = server_settings();
        server.certificates.push_back(authority_.issue({.names = "DNS:one.example"}));
        server.certificates.push_back(authority_.issue({.names = "DNS:*.two.example"}));
        ContextPtr const context = made(Role::Server, server);
        QVERIFY(Pair(context, dialling(), "one.example").shake());
        QVERIFY(Pair(context, dialling(), "a.two.example").shake());
        QVERIFY(Pair(context, dialling(), "localhost").shake());
        QVERIFY(!Pair(context, dialling(), "three.example").shake());
    }

    void what_cannot_be_is_refused_with_a_reason_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("why");
        QTest::newRow("no certificate") << 0 << "TLS cert and key required";
        QTest::newRow("no key") << 1 << "error parsing X509 certificate/key pair";
        QTest::newRow("key of another") << 2 << "error parsing X509 certificate/key pair";
        QTest::newRow("cipher") << 3 << "unrecognized cipher NONE";
        QTest::newRow("curve") << 4 << "unrecognized curve preference NONE";
        QTest::newRow("version") << 5 << "unknown TLS version \"1.1\"";
        QTest::newRow("authority") << 6 << "failed to parse root ca certificate";
    }
    void what_cannot_be_is_refused_with_a_reason() {
        QFETCH(int, which);
        QFETCH(QString, why);
        Settings settings = server_settings();
        switch (which) {
            case 0:
                settings.certificates.clear();
                break;
            case 1:
                settings.certificates[0].key_pem = crypto::Secret("none");
                break;
            case 2:
                settings.certificates[0].key_pem = authority_.issue({}).key_pem;
                break;
            case 3:
                settings.cipher_suites = {"NONE"};
                break;
            case 4:
                settings.curves = {"NONE"};
                break;
            case 5:
                settings.min_version = "1.1";
                break;
            default:
                settings.ca_pem = "none";
                break;
        }
        auto const context = Context::create(Role::Server, settings);
        QVERIFY(!context.ok());
        QCOMPARE(context.error().code(), Errc::InvalidArgument);
        QVERIFY2(context.error().detail().starts_with(why.toStdString()),
                 context.error().detail().c_str());
    }

    void chosen_suites_and_curves_are_used() {
        Settings server = server_settings({.key = KeyKind::Rsa});
        server.cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"};
        server.curves = {"CurveP384"};
        Pair pair(made(Role::Server, server), dialling());
        QVERIFY(pair.shake());
        Settings one_curve = client_settings();
        one_curve.curves = {"X25519"};
        QVERIFY(!Pair(made(Role::Server, server), made(Role::Client, one_curve)).shake());
    }

    void when_the_first_certificate_expires_is_known() {
        Settings settings = server_settings({.valid_to_days = 3});
        settings.certificates.push_back(authority_.issue({.valid_to_days = 1}));
        ContextPtr const both = made(Role::Server, settings);
        settings.certificates.pop_back();
        ContextPtr const one = made(Role::Server, settings);
        QVERIFY(both->not_after().is_set());
        QVERIFY(both->not_after() < one->not_after());
    }

    void a_subject_is_printed_as_the_reference_does() {
        QCOMPARE(subject_text({{{"O", "#a"}}, {{"CN", " b "}}, {{"CN", "c<>"}}}),
                 std::string("CN=c\\<\\>,O=\\#a"));
        QCOMPARE(subject_text({}), std::string());
        QCOMPARE(subject_text({{{"C", "DE"}, {"1.2.3", "x"}}, {{"SERIALNUMBER", "9"}}}),
                 std::string("SERIALNUMBER=9,C=DE"));
    }
};
SIGNALBOX_TEST(SessionTest);

}  // namespace signalbox::tls

#include "session_test.moc"
