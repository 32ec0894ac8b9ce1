#include "engine/client/client.h"

#include "engine/base/json_reader.h"
#include "engine/crypto/key_pair.h"
#include "engine/protocol/client_writer.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::client {

using base::milliseconds;
using base::seconds;
using support::RawPeer;

namespace {

constexpr std::string_view kInfo =
    "INFO {\"server_id\":\"X\",\"max_payload\":1000,\"nonce\":\"n0nce\"} \r\n";

/// What stands behind that name in a CONNECT; empty when it is not there.
std::string field_of(std::string const& greeting, std::string const& name) {
    Json const json = Json::parse(greeting.substr(8, greeting.find("\r\n") - 8)).value();
    Json const* const member = json.find(name);
    return member == nullptr ? std::string() : *member->as_text();
}

/// A client, and a server whose words the test says.
struct Stage {
    explicit Stage(ClientOptions with = {}) : universe(1) {
        universe.exchange().add_machine("client", "10.0.0.1");
        universe.exchange().add_machine("server", "10.0.0.2");
        here =
            std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "client");
        there =
            std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "server");
        listen();
        with.servers = {{"server", 4222}};
        client = std::make_unique<Client>(
            *here, std::move(with),
            Callbacks{[this](State state, std::string_view detail) {
                          append(states, static_cast<int>(state), detail.empty() ? "" : ":", detail,
                                 ' ');
                      },
                      [this](std::string_view text) { append(errors, text, ';'); }});
    }

    void listen() {
        listener = there->network()
                       .listen({"0.0.0.0", 4222},
                               [this](std::unique_ptr<world::Link> link) {
                                   server = std::make_unique<RawPeer>(std::move(link));
                                   server->send(kInfo);
                               })
                       .value();
    }

    /// The server greets, and answers the client's first PING.
    void connect() {
        here->run([&] { client->connect(); });
        run(milliseconds(100));
        QVERIFY(server != nullptr);
        greeting = server->take_bytes();
        server->send("PONG\r\n");
        run(milliseconds(100));
        QVERIFY(client->state() == State::Connected);
    }

    /// Lets the client do something, and answers what the server saw of it.
    std::string see(std::function<void()> const& act) {
        server->take_bytes();
        here->run(act);
        run(milliseconds(100));
        return server->take_bytes();
    }

    void say(std::string_view text) {
        server->send(text);
        run(milliseconds(100));
    }

    void run(Duration time) { universe.simulation().run_for(time); }

    sim::Universe universe;
    std::unique_ptr<sim::SimWorld> here;
    std::unique_ptr<sim::SimWorld> there;
    std::unique_ptr<RawPeer> server;
    std::unique_ptr<world::Listener> listener;
    std::unique_ptr<Client> client;
    std::string greeting;
    std::string states;
    std::string errors;
};

Client::OnMessage nothing() {
    return [](Incoming const&) {};
}

}  // namespace

class ClientTest : public QObject {
    Q_OBJECT

private slots:
    void it_connects_subscribes_and_then_sends_what_waited() {
        Stage stage({.name = "n", .user = "u", .password = crypto::Secret("p")});
        QVERIFY(stage.client->subscribe("a.*", "q", nothing()).ok());
        QVERIFY(stage.client->publish({.subject = "early", .payload = "x"}).ok());
        stage.connect();
        QVERIFY(stage.greeting.starts_with("CONNECT {"));
        QVERIFY(stage.greeting.find("\"user\":\"u\",\"pass\":\"p\"") != std::string::npos);
        QVERIFY(stage.greeting.ends_with("}\r\nPING\r\nSUB a.* q 1\r\n"));
        QCOMPARE(stage.server->bytes(), std::string("PUB early 1\r\nx\r\n"));
        QCOMPARE(stage.states, std::string("1 2 "));
    }

    void a_seed_signs_the_nonce() {
        crypto::KeyPair const key =
            crypto::KeyPair::from_seed_bytes(crypto::NkeyKind::User, {1, 2});
        Stage stage({.nkey_seed = key.seed()});
        stage.connect();
        QCOMPARE(field_of(stage.greeting, "nkey"), key.public_key().text());
        QVERIFY(crypto::verify_ed25519_text(key.public_key(), "n0nce",
                                            field_of(stage.greeting, "sig")));
        QCOMPARE(field_of(stage.greeting, "jwt"), std::string());
    }

    void a_jwt_goes_with_the_signature_and_without_one_alone() {
        crypto::KeyPair const key = crypto::KeyPair::from_seed_bytes(crypto::NkeyKind::User, {3});
        Stage stage({.nkey_seed = key.seed(), .jwt = crypto::Secret("a.b.c")});
        stage.connect();
        QCOMPARE(field_of(stage.greeting, "jwt"), std::string("a.b.c"));
        QCOMPARE(field_of(stage.greeting, "nkey"), std::string());
        QVERIFY(crypto::verify_ed25519_text(key.public_key(), "n0nce",
                                            field_of(stage.greeting, "sig")));
        Stage bearer({.jwt = crypto::Secret("a.b.c")});
        bearer.connect();
        QCOMPARE(field_of(bearer.greeting, "jwt"), std::string("a.b.c"));
        QCOMPARE(field_of(bearer.greeting, "sig"), std::string());
    }

    void a_seed_that_is_none_signs_nothing() {
        Stage stage({.nkey_seed = crypto::Secret("SUNONE")});
        stage.connect();
        QCOMPARE(field_of(stage.greeting, "sig"), std::string());
        QVERIFY(stage.greeting.find("SUNONE") == std::string::npos);
    }

    void messages_reach_their_subscription() {
        Stage stage;
        stage.connect();
        std::string got;
        stage.client
            ->subscribe("a.>", "",
                        [&](Incoming const& message) {
                            append(got, message.subject, '|', message.reply, '|', message.headers,
                                   '|', message.payload, ';');
                        })
            .value();
        stage.say(
            "MSG a.b 1 2\r\nhi\r\nMSG a.c 1 r 0\r\n\r\nMSG x 99 1\r\n?\r\n"
            "HMSG a.d 1 12 13\r\nNATS/1.0\r\n\r\n!\r\n");
        QCOMPARE(got, std::string("a.b|||hi;a.c|r||;a.d||NATS/1.0\r\n\r\n|!;"));
    }

    void publishing_writes_one_line_for_each_message_at_the_end_of_the_turn() {
        Stage stage;
        stage.connect();
        QCOMPARE(stage.see([&] {
            QVERIFY(stage.client->publish({.subject = "a", .payload = "1"}).ok());
            QVERIFY(
                stage.client->publish({.subject = "b", .reply = "r", .headers = "NATS/1.0\r\n\r\n"})
                    .ok());
        }),
                 std::string("PUB a 1\r\n1\r\nHPUB b r 12 12\r\nNATS/1.0\r\n\r\n\r\n"));
    }

    void what_the_server_would_refuse_is_refused_here() {
        Stage stage({.max_pending = 3000});
        stage.connect();
        auto const code = [&](Outgoing const& message) {
            Result<void> const result = stage.client->publish(message);
            return result.ok() ? std::string("ok") : std::string(name_of(result.error().code()));
        };
        QCOMPARE(code({.subject = ""}), std::string("InvalidArgument"));
        QCOMPARE(code({.subject = "a b"}), std::string("InvalidArgument"));
        QCOMPARE(code({.subject = "a", .reply = "b\r\nPUB"}), std::string("InvalidArgument"));
        std::string const large(1000, 'x');
        QCOMPARE(code({.subject = "a", .headers = "NATS/1.0\r\n\r\n", .payload = large}),
                 std::string("LimitExceeded"));
        QCOMPARE(code({.subject = "a", .payload = large}), std::string("ok"));
        QCOMPARE(code({.subject = "a", .payload = large}), std::string("ok"));
        QCOMPARE(code({.subject = "a", .payload = large}), std::string("LimitExceeded"));
        QVERIFY(!stage.client->subscribe("a..b", "", nothing()).ok());
        QVERIFY(!stage.client->subscribe("a", "q r", nothing()).ok());
        stage.client->close();
        QCOMPARE(code({.subject = "a"}), std::string("Closed"));
    }

    void a_subscription_ends_after_its_messages() {
        Stage stage;
        stage.connect();
        int got = 0;
        Sid const sid = stage.client->subscribe("a", "", [&](Incoming const&) { ++got; }).value();
        QCOMPARE(stage.see([&] { stage.client->unsubscribe(sid, 2); }),
                 std::string("SUB a 1\r\nUNSUB 1 2\r\n"));
        stage.say("MSG a 1 0\r\n\r\nMSG a 1 0\r\n\r\nMSG a 1 0\r\n\r\n");
        QCOMPARE(got, 2);
        QCOMPARE(stage.client->subscription_count(), std::size_t{0});
    }

    void a_callback_may_unsubscribe_itself_and_close_the_client() {
        Stage stage;
        stage.connect();
        std::string got;
        Sid sid = 0;
        sid = stage.client
                  ->subscribe("a", "",
                              [&](Incoming const& message) {
                                  stage.client->unsubscribe(sid);
                                  stage.client->close();
                                  got.append(message.payload);
                              })
                  .value();
        stage.say("MSG a 1 2\r\nhi\r\nMSG a 1 2\r\nno\r\n");
        QCOMPARE(got, std::string("hi"));
        QVERIFY(stage.client->state() == State::Closed);
        QVERIFY(stage.server->end().has_value());
    }

    void a_request_gets_its_reply_and_no_other() {
        Stage stage;
        stage.connect();
        std::string got;
        std::string const seen = stage.see([&] {
            for (std::string const name : {"one", "two"}) {
                QVERIFY(stage.client
                            ->request({.subject = "svc", .payload = name}, seconds(1),
                                      [&, name](Result<Reply> reply) {
                                          append(got, name, '=', reply.value().payload, ';');
                                      })
                            .ok());
            }
        });
        // One inbox for both.
        QVERIFY(seen.starts_with("SUB _INBOX."));
        QCOMPARE(seen.find("SUB", 4), std::string::npos);
        std::size_t const at = seen.find("PUB svc ") + 8;
        std::string const inbox = seen.substr(at, seen.find(' ', at) - at - 1);
        stage.say(concat("MSG ", inbox, "2 1 1\r\nB\r\nMSG ", inbox, "1 1 1\r\nA\r\nMSG ", inbox,
                         "1 1 1\r\nC\r\nMSG ", inbox, "x 1 1\r\nC\r\n"));
        QCOMPARE(got, std::string("two=B;one=A;"));
    }

    void a_request_that_nobody_answers_times_out() {
        Stage stage;
        stage.connect();
        std::optional<Errc> error;
        stage.see([&] {
            QVERIFY(stage.client
                        ->request({.subject = "svc"}, seconds(2),
                                  [&](Result<Reply> reply) { error = reply.error().code(); })
                        .ok());
        });
        stage.run(milliseconds(1800));
        QVERIFY(!error);
        stage.run(milliseconds(200));
        QVERIFY(error == Errc::TimedOut);
    }

    void a_request_that_reaches_nobody_is_told_so() {
        Stage stage;
        stage.connect();
        bool nobody = false;
        std::string const seen = stage.see([&] {
            QVERIFY(
                stage.client
                    ->request({.subject = "svc"}, seconds(2),
                              [&](Result<Reply> reply) { nobody = reply.value().no_responders; })
                    .ok());
        });
        std::size_t const at = seen.find("PUB svc ") + 8;
        std::string const inbox = seen.substr(at, seen.find(' ', at) - at);
        stage.say(concat("HMSG ", inbox, " 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"));
        QVERIFY(nobody);
    }

    void a_lost_connection_is_made_again_with_its_subscriptions() {
        Stage stage;
        stage.connect();
        Sid const sid = stage.client->subscribe("a", "", nothing()).value();
        stage.client->subscribe("b", "q", nothing()).value();
        stage.see([&] { stage.client->unsubscribe(sid, 3); });
        stage.say("MSG a 1 0\r\n\r\n");
        std::optional<Errc> flushed;
        stage.see([&] {
            stage.client->flush([&](Result<void> done) { flushed = done.error().code(); });
        });
        stage.server.reset();
        stage.run(milliseconds(10));
        QVERIFY(flushed == Errc::Closed);
        QVERIFY(stage.client->state() == State::Waiting);
        QVERIFY(stage.client->publish({.subject = "meanwhile"}).ok());
        stage.run(seconds(1));
        QVERIFY(stage.server->bytes().ends_with("PING\r\nSUB a 1\r\nUNSUB 1 2\r\nSUB b q 2\r\n"));
        stage.server->take_bytes();
        stage.say("PONG\r\n");
        QCOMPARE(stage.server->bytes(), std::string("PUB meanwhile 0\r\n\r\n"));
        QCOMPARE(stage.client->counts().connects, std::uint64_t{2});
        QCOMPARE(stage.states, std::string("1 2 3:EOF 1 2 "));
    }

    void attempts_come_ever_more_rarely() {
        Stage stage;
        stage.listener.reset();
        stage.here->run([&] { stage.client->connect(); });
        stage.run(seconds(60));
        // Doubling from 100 ms to 5 s: some 17 attempts in a minute, hundreds without.
        std::size_t attempts = 0;
        for (std::size_t at = stage.states.find("3:"); at != std::string::npos;
             at = stage.states.find("3:", at + 1)) {
            ++attempts;
        }
        QVERIFY(attempts > 10 && attempts < 30);
        stage.listen();
        QVERIFY(stage.universe.simulation().run_until([&] { return stage.server != nullptr; },
                                                      seconds(6)));
        stage.say("PONG\r\n");
        QVERIFY(stage.client->state() == State::Connected);
    }

    void a_refused_user_does_not_try_again() {
        Stage stage;
        stage.here->run([&] { stage.client->connect(); });
        stage.run(milliseconds(100));
        stage.server->send("-ERR 'Authorization Violation'\r\n");
        stage.server->close();
        stage.run(seconds(60));
        QCOMPARE(stage.states, std::string("1 4:Authorization Violation "));
    }

    void an_error_that_leaves_the_connection_open_is_told() {
        Stage stage;
        stage.connect();
        stage.say("-ERR 'Permissions Violation for Publish to \"a\"'\r\n");
        QCOMPARE(stage.errors, std::string("Permissions Violation for Publish to \"a\";"));
        QVERIFY(stage.client->state() == State::Connected);
    }

    void a_server_that_goes_silent_is_left() {
        Stage stage({.ping_interval = seconds(10)});
        stage.connect();
        stage.server->take_bytes();
        stage.run(seconds(11));
        QCOMPARE(stage.server->take_bytes(), std::string("PING\r\n"));
        stage.say("PONG\r\n");
        stage.run(seconds(10));
        QVERIFY(stage.client->state() == State::Connected);
        stage.run(seconds(25));
        QVERIFY(stage.states.find("the server does not answer pings") != std::string::npos);
    }

    void pings_are_answered_and_flush_waits_for_its_own_pong() {
        Stage stage;
        stage.connect();
        QCOMPARE(stage.see([&] { stage.server->send("PING\r\n"); }), std::string("PONG\r\n"));
        int flushed = 0;
        QCOMPARE(stage.see([&] {
            QVERIFY(stage.client->publish({.subject = "a"}).ok());
            stage.client->flush([&](Result<void> done) { flushed += done.ok() ? 1 : 0; });
        }),
                 std::string("PUB a 0\r\n\r\nPING\r\n"));
        QCOMPARE(flushed, 0);
        stage.say("PONG\r\n");
        QCOMPARE(flushed, 1);
    }

    void bytes_that_are_no_protocol_end_the_connection() {
        Stage stage;
        stage.connect();
        stage.say("HTTP/1.1 200 OK\r\n");
        QVERIFY(stage.states.find("3:not of the protocol") != std::string::npos);
    }

    void closing_sends_what_was_published_before() {
        Stage stage;
        stage.connect();
        QCOMPARE(stage.see([&] {
            QVERIFY(stage.client->publish({.subject = "a"}).ok());
            stage.client->close();
        }),
                 std::string("PUB a 0\r\n\r\n"));
        QVERIFY(stage.server->end() == world::LinkEnd::ClosedByPeer);
    }

    void a_slow_link_takes_all_in_the_end() {
        Stage stage;
        stage.universe.fabric().set_profile("client", "server",
                                            {.window = 100, .largest_piece = 7});
        stage.connect();
        stage.server->take_bytes();
        std::string expected;
        stage.here->run([&] {
            for (int i = 0; i < 200; ++i) {
                std::string const payload = concat("message ", i);
                QVERIFY(stage.client->publish({.subject = "a", .payload = payload}).ok());
                protocol::append_publish(expected, {.subject = "a", .payload = payload});
            }
        });
        QVERIFY(stage.client->pending_bytes() > 1000);
        stage.run(seconds(10));
        QCOMPARE(stage.server->bytes(), expected);
    }
};

SIGNALBOX_TEST(ClientTest);

}  // namespace signalbox::client

#include "client_test.moc"
