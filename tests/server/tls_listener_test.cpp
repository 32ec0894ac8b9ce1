#include "engine/client/client.h"
#include "engine/server/server.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"
#include "engine/tls/certificate.h"
#include "engine/transport/http_exchange.h"

#include "tests/support/certificates.h"
#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::server {

using base::milliseconds;
using base::seconds;
using config::HandshakeFirst;
using support::Authority;
using support::RawClient;

namespace {

class KeptLog : public base::LogSink {
public:
    void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }
    bool says(std::string_view text) const {
        return std::ranges::any_of(
            lines, [&](std::string const& line) { return line.find(text) != std::string::npos; });
    }

    std::vector<std::string> lines;
};

std::string spki_of(tls::KeyPair const& pair) {
    return tls::spki_digest(tls::read_certificates(pair.cert_pem).value().front().get());
}

/// A server with TLS in one process, and clients in another.
class Stage {
public:
    Stage() {
        universe.exchange().add_machine("near", "10.0.0.1");
        universe.exchange().add_machine("far", "10.0.0.2");
        near = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "near");
        far = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "far");
        options.listen.host = "0.0.0.0";
        options.logging.debug = true;
        options.tls = config::TlsOptions();
        tls::KeyPair const pair = authority.issue({.names = "DNS:near"});
        options.tls->certificates.push_back({.cert_pem = pair.cert_pem, .key_pem = pair.key_pem});
    }
    ~Stage() {
        clients.clear();
        raw.clear();
        server.reset();
    }

    void start() {
        auto observation = std::make_shared<observe::Observation>(1, observe::Watch::On);
        server = std::make_unique<Server>(*near, log, options, observation);
        near->run([&] { server->start([this](Result<void> result) { started = result; }); });
        pass(seconds(1));
    }
    void pass(Duration time) { universe.simulation().run_for(time); }
    bool until(std::function<bool()> const& done) {
        return universe.simulation().run_until(done, seconds(60));
    }

    RawClient& open() {
        raw.push_back(std::make_unique<RawClient>());
        RawClient& peer = *raw.back();
        far->run([&] { peer.connect(*far, "near", 4222); });
        pass(milliseconds(5));
        return peer;
    }

    client::ClientTls client_tls(bool first = false) {
        client::ClientTls tls;
        tls.settings.ca_pem = authority.pem();
        tls.required = true;
        tls.handshake_first = first;
        return tls;
    }
    client::Client& connect(std::optional<client::ClientTls> tls) {
        client::ClientOptions wanted{
            .servers = {{.host = "near", .port = 4222}}, .name = "c", .reconnect = false};
        wanted.tls = std::move(tls);
        clients.push_back(std::make_unique<client::Client>(
            *far, std::move(wanted),
            client::Callbacks{.state = [this](client::State, std::string_view detail) {
                if (!detail.empty()) {
                    why = detail;
                }
            }}));
        client::Client& made = *clients.back();
        far->run([&] { made.connect(); });
        until([&] {
            return made.state() == client::State::Connected ||
                   made.state() == client::State::Closed;
        });
        pass(milliseconds(500));
        return made;
    }
    bool is_in(client::Client const& client) const {
        return client.state() == client::State::Connected;
    }

    Result<void> reload(config::Options changed) {
        std::optional<Result<void>> done;
        near->run([&] { done = server->reload(std::move(changed)); });
        pass(seconds(1));
        return *done;
    }

    Authority authority;
    sim::Universe universe{1};
    std::unique_ptr<sim::SimWorld> near;
    std::unique_ptr<sim::SimWorld> far;
    config::Options options;
    KeptLog log;
    std::unique_ptr<Server> server;
    std::optional<Result<void>> started;
    std::vector<std::unique_ptr<RawClient>> raw;
    std::vector<std::unique_ptr<client::Client>> clients;
    std::string why;
};

bool contains(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

/// How clients come in where TLS or a proxy precedes the protocol.
class TlsListenerTest : public QObject {
    Q_OBJECT

private slots:
    void a_client_comes_in_encrypted_and_is_served() {
        Stage stage;
        stage.start();
        QVERIFY(stage.log.says("TLS required for client connections"));
        client::Client& client = stage.connect(stage.client_tls());
        QVERIFY2(stage.is_in(client), stage.why.c_str());
        std::string got;
        std::string const large(500'000, 'x');
        stage.far->run([&] {
            client.subscribe("a", "", [&](client::Incoming const& m) { got = m.payload; }).value();
            client.publish({.subject = "a", .payload = large}).value();
        });
        QVERIFY(stage.until([&] { return got.size() == large.size(); }));
        QVERIFY(got == large);
        QVERIFY(contains(client.server_info(), "\"tls_required\":true"));
        QVERIFY(!contains(client.server_info(), "tls_verify"));
        QVERIFY(!contains(client.server_info(), "tls_available"));
        QVERIFY(stage.log.says("TLS handshake complete"));
        QVERIFY(stage.server->certificate_not_after().is_set());
    }

    void a_client_upgrades_also_when_nobody_told_it_to() {
        Stage stage;
        stage.start();
        // It trusts the authorities of the system, which ours is none of.
        QVERIFY(!stage.is_in(stage.connect(std::nullopt)));
        QVERIFY2(contains(stage.why, "verify"), stage.why.c_str());
    }

    void a_server_that_offers_none_is_not_spoken_to() {
        Stage stage;
        stage.options.tls.reset();
        stage.start();
        QVERIFY(!stage.is_in(stage.connect(stage.client_tls())));
        QCOMPARE(stage.why, std::string("the server offers no TLS"));
        QVERIFY(stage.is_in(stage.connect(std::nullopt)));
    }

    void plain_words_where_tls_is_required_end_it() {
        Stage stage;
        stage.start();
        RawClient& peer = stage.open();
        QVERIFY(peer.bytes().starts_with("INFO {"));
        stage.far->run([&] { peer.send("CONNECT {\"verbose\":false}\r\nPING\r\n"); });
        QVERIFY(stage.until([&] { return !peer.is_open(); }));
        QVERIFY(!contains(peer.bytes(), "PONG"));
        QVERIFY(stage.log.says(
            "TLS handshake error: tls: first record does not look like a TLS handshake"));
        QVERIFY(stage.log.says("Client connection closed: TLS Handshake Failure"));
    }

    void who_does_not_shake_hands_in_time_goes() {
        Stage stage;
        stage.options.tls->timeout = seconds(1);
        stage.start();
        RawClient& peer = stage.open();
        stage.pass(milliseconds(900));
        QVERIFY(peer.is_open());
        QVERIFY(stage.until([&] { return !peer.is_open(); }));
        QVERIFY(stage.log.says("TLS handshake timeout"));
        QVERIFY(stage.log.says("Client connection closed: TLS Handshake Failure"));
    }

    void where_both_are_allowed_the_first_byte_decides() {
        Stage stage;
        stage.options.allow_non_tls = true;
        stage.start();
        QVERIFY(stage.log.says("TLS available for client connections"));
        client::Client& secure = stage.connect(stage.client_tls());
        QVERIFY2(stage.is_in(secure), stage.why.c_str());
        QVERIFY(contains(secure.server_info(), "\"tls_available\":true"));
        QVERIFY(!contains(secure.server_info(), "tls_required"));
        RawClient& plain = stage.open();
        stage.far->run([&] { plain.send("CONNECT {\"verbose\":false}\r\nPING\r\n"); });
        QVERIFY(stage.until([&] { return contains(plain.bytes(), "PONG\r\n"); }));
    }

    void with_the_handshake_first_nothing_is_said_in_the_plain() {
        Stage stage;
        stage.options.tls->handshake_first = HandshakeFirst::Always;
        stage.start();
        QVERIFY(stage.log.says("Clients that are not using \"TLS Handshake First\" option"));
        RawClient& peer = stage.open();
        stage.pass(milliseconds(500));
        QCOMPARE(peer.bytes(), std::string());
        client::Client& client = stage.connect(stage.client_tls(true));
        QVERIFY2(stage.is_in(client), stage.why.c_str());
        QVERIFY(contains(client.server_info(), "\"tls_required\":true"));
    }

    void the_handshake_may_come_first_and_need_not() {
        Stage stage;
        stage.options.tls->handshake_first = HandshakeFirst::Fallback;
        stage.options.tls->handshake_first_delay = milliseconds(50);
        stage.start();
        QVERIFY(stage.is_in(stage.connect(stage.client_tls(true))));
        QVERIFY(stage.is_in(stage.connect(stage.client_tls(false))));
        RawClient& peer = stage.open();
        QCOMPARE(peer.bytes(), std::string());
        stage.pass(milliseconds(60));
        QVERIFY(peer.bytes().starts_with("INFO {"));
    }

    void only_clients_with_a_certificate_come_in_where_it_is_asked() {
        Stage stage;
        stage.options.tls->verify = true;
        stage.options.tls->ca_pem = stage.authority.pem();
        stage.start();
        QVERIFY(!stage.is_in(stage.connect(stage.client_tls())));
        QVERIFY(stage.log.says("TLS handshake error: tls: client didn't provide a certificate"));
        client::ClientTls with = stage.client_tls();
        with.settings.certificates.push_back(stage.authority.issue({.subject = {{"CN", "joe"}}}));
        client::Client& client = stage.connect(with);
        QVERIFY2(stage.is_in(client), stage.why.c_str());
        QVERIFY(contains(client.server_info(), "\"tls_verify\":true"));
    }

    void who_is_no_longer_pinned_goes_and_others_stay() {
        Stage stage;
        tls::KeyPair const one = stage.authority.issue({});
        tls::KeyPair const two = stage.authority.issue({});
        stage.options.tls->verify = true;
        stage.options.tls->ca_pem = stage.authority.pem();
        stage.options.tls->pinned_certs = {spki_of(one), spki_of(two)};
        stage.start();
        client::ClientTls with_one = stage.client_tls();
        with_one.settings.certificates = {one};
        client::ClientTls with_two = stage.client_tls();
        with_two.settings.certificates = {two};
        client::Client& first = stage.connect(with_one);
        client::Client& second = stage.connect(with_two);
        QVERIFY(stage.is_in(first) && stage.is_in(second));
        config::Options changed = stage.options;
        changed.tls->pinned_certs = {spki_of(two)};
        QVERIFY(stage.reload(changed).ok());
        QVERIFY(!stage.is_in(first));
        QVERIFY(stage.is_in(second));
        QVERIFY(!stage.is_in(stage.connect(with_one)));
        QVERIFY(stage.log.says("certificate not pinned"));
    }

    void new_certificates_are_for_new_handshakes() {
        Stage stage;
        stage.start();
        client::Client& before = stage.connect(stage.client_tls());
        QVERIFY(stage.is_in(before));
        Authority const other("other");
        tls::KeyPair const pair = other.issue({.names = "DNS:near"});
        config::Options changed = stage.options;
        changed.tls->certificates = {{.cert_pem = pair.cert_pem, .key_pem = pair.key_pem}};
        QVERIFY(stage.reload(changed).ok());
        QVERIFY(stage.is_in(before));
        QVERIFY(!stage.is_in(stage.connect(stage.client_tls())));
        client::ClientTls trusting = stage.client_tls();
        trusting.settings.ca_pem = other.pem();
        QVERIFY(stage.is_in(stage.connect(trusting)));
    }

    void a_certificate_that_is_none_leaves_the_old_one_in_force() {
        Stage stage;
        stage.start();
        config::Options changed = stage.options;
        changed.tls->certificates[0].cert_pem = "none";
        auto const refused = stage.reload(changed);
        QVERIFY(!refused.ok());
        QVERIFY(refused.error().detail().starts_with("error parsing X509 certificate/key pair"));
        QVERIFY(stage.is_in(stage.connect(stage.client_tls())));
    }

    void a_server_does_not_start_with_a_certificate_that_is_none() {
        Stage stage;
        stage.options.tls->certificates.clear();
        stage.start();
        QVERIFY(stage.started && !stage.started->ok());
        QCOMPARE(stage.started->error().detail(), std::string("TLS cert and key required"));
    }

    void more_handshakes_in_a_second_than_allowed_are_refused() {
        Stage stage;
        stage.options.tls->connection_rate_limit = 2;
        stage.start();
        stage.open();
        stage.open();
        RawClient& third = stage.open();
        QVERIFY(third.bytes().ends_with(
            "-ERR 'Connection throttling is active. Please try again later.'\r\n"));
        QVERIFY(stage.until([&] { return !third.is_open(); }));
        stage.pass(seconds(1));
        QVERIFY(stage.is_in(stage.connect(stage.client_tls())));
    }

    void monitoring_is_served_over_https() {
        Stage stage;
        stage.options.tls->verify = true;  // Asked of clients, and not of who monitors.
        stage.options.tls->ca_pem = stage.authority.pem();
        stage.options.monitoring.https = config::ListenAddress{.host = "0.0.0.0", .port = 8222};
        stage.start();
        QVERIFY(stage.log.says("Starting https monitor on 0.0.0.0:8222"));
        client::ClientTls with = stage.client_tls();
        with.settings.certificates.push_back(stage.authority.issue({.subject = {{"CN", "joe"}}}));
        QVERIFY(stage.is_in(stage.connect(with)));
        std::unique_ptr<transport::HttpExchange> exchange;
        std::string body;
        stage.far->run([&] {
            exchange =
                transport::HttpExchange::start(
                    *stage.far,
                    {.url = "https://near:8222/connz?auth=1",
                     .tls = tls::Context::create(tls::Role::Client, stage.client_tls().settings)
                                .value()},
                    [&](transport::HttpExchange::Outcome outcome) {
                        body = outcome.ok() ? outcome.value().body : outcome.error().detail();
                    })
                    .value();
        });
        QVERIFY(stage.until([&] { return !body.empty(); }));
        QVERIFY2(contains(body, "\"tls_version\": \"1.3\""), body.c_str());
        QVERIFY(contains(body, "\"tls_cipher_suite\": \"TLS_AES_128_GCM_SHA256\""));
        QVERIFY(contains(body, "\"subject\": \"CN=joe\""));
        stage.far->run([&] { exchange.reset(); });
    }

    void monitoring_is_not_encrypted_without_a_certificate() {
        Stage bare;
        bare.options.tls.reset();
        bare.options.monitoring.https = config::ListenAddress{.host = "", .port = 2};
        bare.start();
        QCOMPARE(bare.started->error().detail(),
                 std::string("Can't start monitoring: TLS cert and key required for HTTPS"));
    }

    void who_is_behind_a_proxy_is_shown_data() {
        QTest::addColumn<QString>("header");
        QTest::addColumn<QString>("address");
        QTest::newRow("version 1") << "PROXY TCP4 192.0.2.7 10.0.0.1 5555 4222\r\n"
                                   << "192.0.2.7:5555";
        QTest::newRow("none") << ""
                              << "10.0.0.2:";
        QTest::newRow("unknown") << "PROXY UNKNOWN\r\n"
                                 << "10.0.0.2:";
    }
    void who_is_behind_a_proxy_is_shown() {
        QFETCH(QString, header);
        QFETCH(QString, address);
        Stage stage;
        stage.options.tls.reset();
        stage.options.proxy_protocol = true;
        stage.start();
        QVERIFY(stage.log.says("PROXY protocol enabled for client connections"));
        RawClient& peer = stage.open();
        QVERIFY(peer.bytes().starts_with("INFO {"));
        QVERIFY(!contains(peer.bytes(), "client_ip"));
        stage.far->run([&] {
            peer.send(header.toStdString() +
                      "CONNECT {\"verbose\":false,\"protocol\":1}\r\nPING\r\n");
        });
        QVERIFY(stage.until([&] { return contains(peer.bytes(), "connect_info"); }));
        std::string const ip = address.section(':', 0, 0).toStdString();
        QVERIFY(contains(peer.bytes(), "\"client_ip\":\"" + ip + "\""));
        stage.far->run([&] { peer.close(); });
        stage.pass(seconds(1));
        QVERIFY(stage.log.says(address.toStdString()));
    }

    void a_header_that_is_none_ends_it() {
        for (bool const silent : {false, true}) {
            Stage stage;
            stage.options.tls.reset();
            stage.options.proxy_protocol = true;
            stage.start();
            RawClient& peer = stage.open();
            if (!silent) {
                stage.far->run([&] { peer.send("PROXY UDP4 a b c d\r\n"); });
            }
            QVERIFY(stage.until([&] { return !peer.is_open(); }));
            QVERIFY(stage.log.says("Client connection closed: Protocol Violation"));
        }
    }

    void a_proxy_speaks_before_the_handshake() {
        Stage stage;
        stage.options.proxy_protocol = true;
        stage.start();
        RawClient& peer = stage.open();
        stage.far->run([&] { peer.send("PROXY TCP4 192.0.2.7 10.0.0.1 5555 4222\r\nPING\r\n"); });
        QVERIFY(stage.until([&] { return !peer.is_open(); }));
        QVERIFY(stage.log.says("192.0.2.7:5555"));
        QVERIFY(stage.log.says("TLS handshake error: tls: first record"));
    }
};
SIGNALBOX_TEST(TlsListenerTest);

}  // namespace signalbox::server

#include "tls_listener_test.moc"
