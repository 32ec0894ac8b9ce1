#include "engine/transport/tls_link.h"

#include "engine/base/text.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"
#include "engine/transport/http_exchange.h"
#include "engine/transport/transport.h"

#include "tests/support/certificates.h"
#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::transport {

using base::milliseconds;
using base::seconds;
using support::Authority;
using support::RawPeer;

namespace {

struct Owner : TransportOwner {
    void received(Bytes bytes) override { in.append(bytes); }
    void drained() override { ++drains; }
    void deadline_passed() override { ++deadlines; }
    void ended(world::LinkEnd why, std::string_view) override { end = why; }

    std::string in;
    std::optional<world::LinkEnd> end;
    int drains = 0;
    int deadlines = 0;
};

/// A listening and a dialling side in one process, whose links the tests cover with layers.
struct Stage {
    explicit Stage(std::uint16_t port = 4222) {
        world.run([&] {
            listener =
                std::move(world.network().listen({.host = "127.0.0.1", .port = port},
                                                 [this](auto link) { accepted(std::move(link)); }))
                    .value();
            dial = world.network().dial("127.0.0.1", port, seconds(5), [this](auto link) {
                dialled(std::move(std::move(link).value()));
            });
        });
        QVERIFY(until([&] { return server_link && client_link; }));
    }

    void accepted(std::unique_ptr<world::Link> link) { server_link = std::move(link); }
    void dialled(std::unique_ptr<world::Link> link) { client_link = std::move(link); }

    bool until(std::function<bool()> const& done) {
        return universe.simulation().run_until(done, seconds(60));
    }
    void pass(Duration time) { universe.simulation().run_for(time); }

    tls::ContextPtr server_context(bool ask = false) {
        tls::Settings settings;
        settings.certificates.push_back(authority.issue({}));
        if (ask) {
            settings.verify = tls::Verify::Peer;
            settings.ca_pem = authority.pem();
        }
        return tls::Context::create(tls::Role::Server, settings).value();
    }
    tls::ContextPtr client_context() {
        return tls::Context::create(tls::Role::Client,
                                    {.ca_pem = authority.pem(), .verify = tls::Verify::Peer})
            .value();
    }

    /// The dialling side, covered.
    std::unique_ptr<world::Link> covered_client() {
        return std::make_unique<TlsLink>(world, std::move(client_link),
                                         tls::Session::connect(client_context(), "localhost"));
    }

    Authority authority;
    sim::Universe universe{1};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    FlushQueue queue{world.turn()};
    std::unique_ptr<world::Listener> listener;
    std::unique_ptr<world::Dial> dial;
    std::unique_ptr<world::Link> server_link;
    std::unique_ptr<world::Link> client_link;
};

using Secured = std::optional<Result<std::shared_ptr<tls::PeerIdentity const>>>;

std::string much() {
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) {
        append(text, "line ", i, "\r\n");
    }
    return text;
}

}  // namespace

/// TLS between a link and what speaks over it.
class TlsLinkTest : public QObject {
    Q_OBJECT

private slots:
    void what_was_said_before_goes_in_the_plain_and_all_after_is_encrypted() {
        Stage stage;
        Owner owner;
        Transport server(stage.world, stage.queue, std::move(stage.server_link), owner);
        RawPeer client;
        Secured secured;
        stage.world.run([&] {
            client.take(std::move(stage.client_link));
            server.send("INFO {}\r\n");
            server.secure(tls::Session::accept(stage.server_context()), {},
                          [&](auto result) { secured = std::move(result); });
            server.send("secret");
        });
        QVERIFY(stage.until([&] { return client.bytes() == "INFO {}\r\n"; }));
        stage.pass(seconds(1));
        QCOMPARE(client.bytes(), std::string("INFO {}\r\n"));
        QVERIFY(!secured);
    }

    void a_large_answer_arrives_whole() {
        Stage stage;
        Owner owner;
        Transport server(stage.world, stage.queue, std::move(stage.server_link), owner);
        RawPeer client;
        Secured secured;
        std::string const text = much();
        stage.world.run([&] {
            server.secure(tls::Session::accept(stage.server_context()), {},
                          [&](auto result) { secured = std::move(result); });
            client.take(stage.covered_client());
            client.send(text);
            for (std::size_t at = 0; at < text.size(); at += 7'000) {
                server.send(Bytes(text).substr(at, 7'000));
            }
        });
        QVERIFY(stage.until([&] {
            return client.bytes().size() == text.size() && owner.in.size() == text.size();
        }));
        QVERIFY(client.bytes() == text);
        QVERIFY(owner.in == text);
        QVERIFY(secured && secured->ok());
        QCOMPARE(secured->value()->version, std::string("1.3"));
        QCOMPARE(server.pending(), std::size_t{0});
    }

    void who_reads_nothing_is_waited_for_and_told_of() {
        Stage stage;
        Owner owner;
        Transport server(stage.world, stage.queue, std::move(stage.server_link), owner);
        RawPeer client;
        Secured secured;
        std::string const text = much() + much() + much() + much();
        stage.world.run([&] {
            server.secure(tls::Session::accept(stage.server_context()), {},
                          [&](auto result) { secured = std::move(result); });
            client.take(stage.covered_client());
        });
        QVERIFY(stage.until([&] { return secured.has_value(); }));
        server.set_write_deadline(seconds(2));
        stage.world.run([&] {
            client.pause();
            server.send(text);
        });
        stage.pass(seconds(1));
        std::size_t const waiting = server.pending();
        QVERIFY(waiting > 0);
        QCOMPARE(owner.drains, 0);
        stage.pass(seconds(2));
        QCOMPARE(owner.deadlines, 1);
        QCOMPARE(server.pending(), waiting);
        stage.world.run([&] { client.resume(); });
        QVERIFY(stage.until([&] { return client.bytes().size() == text.size(); }));
        QVERIFY(client.bytes() == text);
        QVERIFY(stage.until([&] { return owner.drains == 1; }));
    }

    void nothing_more_is_given_to_an_owner_that_wants_to_wait() {
        Stage stage;
        RawPeer server;
        RawPeer client;
        std::string const text = much();
        stage.world.run([&] {
            server.take(std::make_unique<TlsLink>(stage.world, std::move(stage.server_link),
                                                  tls::Session::accept(stage.server_context())));
            client.take(stage.covered_client());
            client.send(text);
        });
        QVERIFY(stage.until([&] { return !server.bytes().empty(); }));
        stage.world.run([&] { server.pause(); });
        std::size_t const had = server.bytes().size();
        stage.pass(seconds(5));
        QCOMPARE(server.bytes().size(), had);
        stage.world.run([&] { server.resume(); });
        QVERIFY(stage.until([&] { return server.bytes().size() == text.size(); }));
        QVERIFY(server.bytes() == text);
    }

    void a_peer_that_closes_may_still_hear_the_answer() {
        Stage stage;
        Owner owner;
        Transport server(stage.world, stage.queue, std::move(stage.server_link), owner);
        RawPeer client;
        Secured secured;
        stage.world.run([&] {
            server.secure(tls::Session::accept(stage.server_context()), {},
                          [&](auto result) { secured = std::move(result); });
            client.take(stage.covered_client());
            client.send("last");
        });
        QVERIFY(stage.until([&] { return owner.in == "last"; }));
        stage.world.run([&] { client.close(); });
        QVERIFY(stage.until([&] { return owner.end.has_value(); }));
        QCOMPARE(*owner.end, world::LinkEnd::ClosedByPeer);
    }

    void a_handshake_that_fails_is_told_of_data() {
        QTest::addColumn<bool>("speaks");
        QTest::addColumn<QString>("why");
        QTest::newRow("no TLS") << true << "tls: first record does not look like a TLS handshake";
        QTest::newRow("gone") << false << "EOF";
    }
    void a_handshake_that_fails_is_told_of() {
        QFETCH(bool, speaks);
        QFETCH(QString, why);
        Stage stage;
        Owner owner;
        Transport server(stage.world, stage.queue, std::move(stage.server_link), owner);
        RawPeer client;
        Secured secured;
        stage.world.run([&] {
            server.secure(tls::Session::accept(stage.server_context()), {},
                          [&](auto result) { secured = std::move(result); });
            client.take(std::move(stage.client_link));
            if (speaks) {
                client.send("CONNECT {\"verbose\":false}\r\nPING\r\n");
            } else {
                client.close();
            }
        });
        QVERIFY(stage.until([&] { return secured.has_value(); }));
        QVERIFY(!secured->ok());
        QCOMPARE(secured->error().detail(), why.toStdString());
        QVERIFY(!owner.end);
    }

    void a_client_without_its_certificate_learns_it() {
        Stage stage;
        RawPeer server;
        RawPeer client;
        stage.world.run([&] {
            server.take(
                std::make_unique<TlsLink>(stage.world, std::move(stage.server_link),
                                          tls::Session::accept(stage.server_context(true))));
            client.take(stage.covered_client());
        });
        QVERIFY(stage.until([&] { return client.end() && server.end(); }));
        QCOMPARE(*server.end(), world::LinkEnd::ReadError);
    }

    void one_that_is_destroyed_while_a_worker_has_its_session_is_forgotten() {
        Stage stage;
        RawPeer server;
        stage.world.run([&] {
            server.take(std::make_unique<TlsLink>(stage.world, std::move(stage.server_link),
                                                  tls::Session::accept(stage.server_context())));
            server.close();
        });
        stage.pass(seconds(1));
        QVERIFY(!server.end());
    }
};
SIGNALBOX_TEST(TlsLinkTest);

/// One question to an HTTP server.
class HttpExchangeTest : public QObject {
    Q_OBJECT

private:
    using Answer = std::optional<HttpExchange::Outcome>;

    /// Asks a server of `stage` that says `answer` to whatever it hears.
    static Answer ask(Stage& stage, HttpQuery query, std::string const& answer,
                      tls::ContextPtr const& secure = {}, std::string* asked = nullptr) {
        Answer outcome;
        std::unique_ptr<RawPeer> peer;
        std::unique_ptr<HttpExchange> exchange;
        std::unique_ptr<world::Listener> listener;
        stage.world.run([&] {
            listener =
                stage.world.network()
                    .listen({.host = "127.0.0.1", .port = 8080},
                            [&](std::unique_ptr<world::Link> link) {
                                if (secure) {
                                    link = std::make_unique<TlsLink>(stage.world, std::move(link),
                                                                     tls::Session::accept(secure));
                                }
                                peer = std::make_unique<RawPeer>(std::move(link));
                                peer->send(answer);
                            })
                    .value();
            auto started = HttpExchange::start(stage.world, std::move(query),
                                               [&](auto result) { outcome = std::move(result); });
            if (started.ok()) {
                exchange = std::move(started).value();
            } else {
                outcome = started.error();
            }
        });
        stage.until([&] { return outcome.has_value(); });
        if (asked != nullptr && peer) {
            stage.pass(seconds(1));
            *asked = peer->bytes();
        }
        stage.world.run([&] {
            exchange.reset();
            peer.reset();
            listener.reset();
        });
        return outcome;
    }

private slots:
    void a_question_is_asked_and_answered() {
        Stage stage;
        std::string asked;
        Answer const got = ask(stage, {.url = "http://127.0.0.1:8080/jwt/a?b=c"},
                               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", {}, &asked);
        QVERIFY(got && got->ok());
        QCOMPARE(got->value().status, 200);
        QCOMPARE(got->value().body, std::string("hi"));
        QCOMPARE(asked, std::string("GET /jwt/a?b=c HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
                                    "User-Agent: signalbox\r\nConnection: close\r\n\r\n"));
    }

    void a_body_is_sent_with_its_length_and_type() {
        Stage stage;
        std::string asked;
        ask(stage,
            {.method = "POST",
             .url = "http://127.0.0.1:8080/",
             .content_type = "application/ocsp-request",
             .body = "bytes"},
            "HTTP/1.1 204 \r\n\r\n", {}, &asked);
        QVERIFY(asked.starts_with("POST / HTTP/1.1\r\n"));
        QVERIFY(asked.ends_with(
            "Content-Type: application/ocsp-request\r\nContent-Length: 5\r\n\r\nbytes"));
    }

    void an_answer_may_come_over_tls() {
        Stage stage;
        Answer const got =
            ask(stage, {.url = "https://127.0.0.1:8080/", .tls = stage.client_context()},
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", stage.server_context());
        QVERIFY(got && got->ok());
        QCOMPARE(got->value().body, std::string("hi"));
    }

    void a_server_of_a_strange_authority_is_not_asked() {
        Stage stage;
        Authority const other;
        tls::Settings settings;
        settings.certificates.push_back(other.issue({}));
        std::string asked;
        Answer const got =
            ask(stage, {.url = "https://127.0.0.1:8080/", .tls = stage.client_context()}, "",
                tls::Context::create(tls::Role::Server, settings).value(), &asked);
        QVERIFY(got && !got->ok());
        QCOMPARE(got->error().code(), Errc::Closed);
        QVERIFY2(got->error().detail().find("verify") != std::string::npos,
                 got->error().detail().c_str());
        QCOMPARE(asked, std::string());
    }

    void what_goes_wrong_has_a_name_data() {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("answer");
        QTest::addColumn<int>("code");
        QString const here = "http://127.0.0.1:8080/";
        QTest::newRow("silence") << here << "" << int(Errc::TimedOut);
        QTest::newRow("not HTTP") << here << "hello\r\n" << int(Errc::Malformed);
        QTest::newRow("too large") << here << "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"
                                   << int(Errc::LimitExceeded);
        QTest::newRow("no URL") << "ftp://127.0.0.1/"
                                << "" << int(Errc::InvalidArgument);
        QTest::newRow("nobody there") << "http://127.0.0.1:8081/"
                                      << "" << int(Errc::Io);
    }
    void what_goes_wrong_has_a_name() {
        QFETCH(QString, url);
        QFETCH(QString, answer);
        QFETCH(int, code);
        Stage stage;
        Answer const got = ask(stage, {.url = url.toStdString()}, answer.toStdString());
        QVERIFY(got && !got->ok());
        QCOMPARE(int(got->error().code()), code);
    }
};
SIGNALBOX_TEST(HttpExchangeTest);

}  // namespace signalbox::transport

#include "tls_link_test.moc"
