#include "engine/base/text.h"
#include "engine/client/client.h"
#include "engine/host/engine.h"
#include "engine/native/native_world.h"

#include "tests/support/run_tests.h"

#include <QTemporaryDir>

#include <atomic>
#include <future>
#include <thread>

namespace signalbox::host {

namespace {

config::Options anywhere() {
    config::Options options;
    options.listen = {.host = "127.0.0.1", .port = -1};
    return options;
}

/// What the newest snapshot says of a server; null: nothing.
observe::ServerSnapshot const* look(Engine& engine, ServerNumber number) {
    observe::SnapshotPtr const& snapshot = engine.latest();
    if (!snapshot) {
        return nullptr;
    }
    for (observe::ServerSnapshot const& server : snapshot->servers) {
        if (server.server == number && server.port != 0) {
            return &server;
        }
    }
    return nullptr;
}

/// Until something is so, or an ample time is over.
bool wait_until(std::function<bool()> const& condition) {
    return QTest::qWaitFor(condition, 30'000);
}

/// Starts a server and answers its number; where it listens is in `port`.
ServerNumber start(Engine& engine, config::Options options, std::uint16_t& port) {
    Outcome const outcome = engine.wait(engine.post(StartServer{std::move(options)}));
    if (outcome.error || !wait_until([&] { return look(engine, outcome.server) != nullptr; })) {
        return 0;
    }
    port = look(engine, outcome.server)->port;
    return outcome.server;
}

/// A client on a thread of its own that answers what it is asked.
class Echo {
public:
    explicit Echo(std::uint16_t port) : world_("echo") {
        std::promise<void> ready;
        auto const is_ready = ready.get_future();
        world_.loop().post([&, port] {
            client::ClientOptions options;
            options.servers = {{.host = "127.0.0.1", .port = port}};
            client_ = std::make_unique<client::Client>(world_, options);
            auto const subscribed =
                client_->subscribe("echo.>", "", [this](client::Incoming const& message) {
                    std::string const payload = concat("heard ", message.payload);
                    auto const sent = client_->publish({.subject = message.reply,
                                                        .reply = {},
                                                        .headers = message.headers,
                                                        .payload = payload});
                    static_cast<void>(sent);
                });
            static_cast<void>(subscribed);
            client_->connect();
            settle(ready);
        });
        thread_ = std::thread([this] { world_.loop().run(); });
        is_ready.wait();
    }

    ~Echo() {
        world_.loop().post([this] {
            client_.reset();
            world_.loop().stop();
        });
        thread_.join();
    }

    Echo(Echo const&) = delete;
    Echo& operator=(Echo const&) = delete;

private:
    /// Asks until the server has seen the subscription.
    void settle(std::promise<void>& ready) {
        client_->flush([this, &ready](Result<void> const& flushed) {
            if (flushed.ok()) {
                ready.set_value();
            } else {
                world_.timers().call_at(world_.clock().now() + base::milliseconds(10),
                                        [this, &ready] { settle(ready); });
            }
        });
    }

    native::NativeWorld world_;
    std::unique_ptr<client::Client> client_;
    std::thread thread_;
};

class CountingLog : public base::LogSink {
public:
    void write(LogLevel level, std::string_view) override {
        ++lines;
        fatal += level == LogLevel::Fatal ? 1 : 0;
    }
    std::atomic<int> lines{0};
    std::atomic<int> fatal{0};
};

}  // namespace

/// An engine thread and what it is told to do.
class EngineCommandsTest : public QObject {
    Q_OBJECT

private slots:
    void an_engine_without_servers_comes_and_goes() {
        Engine const plain({.program_name = "test"});
        Engine observed({.program_name = "test", .observe = true});
        QVERIFY(wait_until([&] { return observed.latest() != nullptr; }));
    }

    void a_server_starts_and_stops() {
        CountingLog log;
        Engine engine({.program_name = "test", .log = &log});
        Outcome const started = engine.wait(engine.post(StartServer{anywhere()}));
        QVERIFY(!started.error);
        QVERIFY(started.server != 0);
        QVERIFY(log.lines > 0);
        Token const stop = engine.post(StopServer{started.server});
        Outcome const stopped = engine.wait(stop);
        QVERIFY(!stopped.error);
        QCOMPARE(stopped.token, stop);
        Outcome const again = engine.wait(engine.post(StopServer{started.server}));
        QVERIFY(again.error && again.error->code() == Errc::NotFound);
        // Nobody looks: there is nothing to see.
        QVERIFY(engine.latest() == nullptr);
        QCOMPARE(engine.drain_events(10, [](auto const&) {}), std::size_t{0});
    }

    void lame_duck_mode_is_answered_at_its_end() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t port = 0;
        config::Options options = anywhere();
        options.lame_duck = {.duration = base::hours(2), .grace_period = base::hours(1)};
        ServerNumber const busy = start(engine, options, port);
        QVERIFY(busy != 0);
        Echo const client(port);
        Outcome const idle = engine.wait(engine.post(StartServer{anywhere()}));
        QVERIFY(!engine.wait(engine.post(EnterLameDuck{idle.server})).error);
        QVERIFY(engine.wait(engine.post(EnterLameDuck{idle.server})).error.has_value());
        Token const emptied = engine.post(EnterLameDuck{busy});
        QVERIFY(engine.wait(engine.post(EnterLameDuck{busy})).error.has_value());
        // A stop does not wait for the clients.
        QVERIFY(!engine.wait(engine.post(StopServer{busy})).error);
        QVERIFY(!engine.wait(emptied).error);
    }

    void who_is_stopped_twice_answers_both() {
        QTemporaryDir dir;
        for (int i = 0; i < 20; ++i) {
            Engine engine({.program_name = "test"});
            config::Options options = anywhere();
            options.files.ports_file_dir = dir.path().toStdString();
            Outcome const started = engine.wait(engine.post(StartServer{options}));
            QVERIFY(!started.error);
            Token const first = engine.post(StopServer{started.server});
            Token const second = engine.post(StopServer{started.server});
            QVERIFY(engine.wait(second).error.has_value());
            QVERIFY(!engine.wait(first).error.has_value());
        }
        QVERIFY(QDir(dir.path()).entryList(QDir::Files).isEmpty());
    }

    void who_is_stopped_while_it_starts_answers_both() {
        QTemporaryDir dir;
        for (int i = 0; i < 20; ++i) {
            Engine engine({.program_name = "test"});
            config::Options options = anywhere();
            options.files.pid_file = dir.filePath("pid").toStdString();
            options.files.ports_file_dir = dir.path().toStdString();
            Token const start = engine.post(StartServer{options});
            Token const stop = engine.post(StopServer{1});
            Outcome const started = engine.wait(start);
            QVERIFY(started.error && started.error->code() == Errc::Closed);
            QVERIFY(!engine.wait(stop).error);
        }
    }

    void the_engine_may_end_in_the_middle_of_anything() {
        QTemporaryDir dir;
        for (int i = 0; i < 20; ++i) {
            Engine engine({.program_name = "test", .observe = i % 2 == 0});
            config::Options options = anywhere();
            options.files.ports_file_dir = dir.path().toStdString();
            Token const start = engine.post(StartServer{options});
            if (i % 4 > 0) {
                engine.wait(start);
            }
            if (i % 4 > 1) {
                engine.post(StopServer{1});
            }
            engine.post(Publish{1, {.subject = "x"}});
        }
        QVERIFY(QDir(dir.path()).entryList(QDir::Files).isEmpty());
    }

    void a_port_in_use_is_said_and_the_engine_is_idle() {
        CountingLog log;
        Engine engine({.program_name = "test", .log = &log, .observe = true});
        std::uint16_t port = 0;
        ServerNumber const first = start(engine, anywhere(), port);
        QVERIFY(first != 0);
        std::promise<void> idle;
        engine.on_idle([&] { idle.set_value(); });
        config::Options same = anywhere();
        same.listen.port = port;
        Outcome const second = engine.wait(engine.post(StartServer{same}));
        QVERIFY(second.error && second.error->code() == Errc::Io);
        QCOMPARE(log.fatal.load(), 1);
        auto const is_idle = idle.get_future();
        QVERIFY(is_idle.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
        QVERIFY(!engine.wait(engine.post(StopServer{first})).error);
        QVERIFY(is_idle.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    }

    void a_person_s_message_goes_the_way_of_any_client_s() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t port = 0;
        ServerNumber const server = start(engine, anywhere(), port);
        QVERIFY(server != 0);
        QVERIFY(
            !engine.wait(engine.post(SetTap{server, observe::TapFilter{.subject = "a.>"}})).error);
        QVERIFY(!engine
                     .wait(engine.post(Publish{server,
                                               {.subject = "a.b",
                                                .reply = "r",
                                                .headers = {{"Key", "value"}},
                                                .payload = "hello"}}))
                     .error);
        QVERIFY(!engine.wait(engine.post(Publish{server, {.subject = "other"}})).error);
        std::vector<observe::TapRow> rows;
        QVERIFY(wait_until([&] {
            engine.drain_tap(100, [&](observe::TapRow const& row) { rows.push_back(row); });
            return !rows.empty();
        }));
        QCOMPARE(rows.size(), std::size_t{1});
        QCOMPARE(rows[0].subject, std::string("a.b"));
        QCOMPARE(rows[0].reply, std::string("r"));
        QCOMPARE(rows[0].payload, std::string("hello"));
        QVERIFY(rows[0].headers.find("Key: value") != std::string::npos);
        QVERIFY(!engine.wait(engine.post(SetTap{server, std::nullopt})).error);
        QVERIFY(wait_until([&] {
            observe::ServerSnapshot const* const seen = look(engine, server);
            return seen != nullptr && seen->in_msgs.total == 2 && seen->connections == 0;
        }));
    }

    void a_message_the_server_refuses_is_an_error() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t port = 0;
        config::Options options = anywhere();
        options.authorization.user = "u";
        options.authorization.password = crypto::Secret("p");
        ServerNumber const server = start(engine, options, port);
        QVERIFY(server != 0);
        auto const publish = [&](OutgoingMessage message) {
            return engine.wait(engine.post(Publish{server, std::move(message)})).error.has_value();
        };
        QVERIFY(publish({.subject = "a"}));
        QVERIFY(publish({.subject = "a", .user = "u", .password = "q"}));
        QVERIFY(!publish({.subject = "a", .user = "u", .password = "p"}));
        QVERIFY(publish({.subject = "_GR_.a.b", .user = "u", .password = "p"}));
        QVERIFY(publish({.subject = "a b", .user = "u", .password = "p"}));
        QVERIFY(publish({.subject = "", .user = "u", .password = "p"}));
    }

    void a_request_is_answered_or_not() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t port = 0;
        ServerNumber const server = start(engine, anywhere(), port);
        QVERIFY(server != 0);
        Outcome const nobody = engine.wait(engine.post(Request{server, {.subject = "echo.x"}}));
        QVERIFY(!nobody.error && nobody.reply);
        QVERIFY(nobody.reply->no_responders);
        Echo const echo(port);
        Outcome const answered = engine.wait(
            engine.post(Request{server,
                                {.subject = "echo.x", .headers = {{"A", "b"}}, .payload = "this"},
                                base::seconds(30)}));
        QVERIFY(!answered.error && answered.reply);
        QVERIFY(!answered.reply->no_responders);
        QCOMPARE(answered.reply->payload, std::string("heard this"));
        QVERIFY(answered.reply->headers.find("A: b") != std::string::npos);
        QVERIFY(answered.reply->after.count() > 0);
    }

    void settings_are_reloaded_or_refused() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t port = 0;
        ServerNumber const server = start(engine, anywhere(), port);
        QVERIFY(server != 0);
        config::Options now = anywhere();
        now.limits.max_payload = 3;
        QVERIFY(!engine.wait(engine.post(ReloadServer{server, now})).error);
        QVERIFY(engine.wait(engine.post(Publish{server, {.subject = "x", .payload = "four"}}))
                    .error.has_value());
        QVERIFY(
            !engine.wait(engine.post(Publish{server, {.subject = "x", .payload = "two"}})).error);
        now.listen.port = 1;
        Outcome const refused = engine.wait(engine.post(ReloadServer{server, now}));
        QVERIFY(refused.error && refused.error->code() == Errc::InvalidArgument);
    }

    void a_connection_is_seen_and_can_be_closed() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t port = 0;
        ServerNumber const server = start(engine, anywhere(), port);
        QVERIFY(server != 0);
        Echo const echo(port);
        std::uint64_t cid = 0;
        QVERIFY(wait_until([&] {
            observe::ServerSnapshot const* const seen = look(engine, server);
            if (seen == nullptr || seen->open.empty()) {
                return false;
            }
            cid = seen->open.front().identity->cid;
            return true;
        }));
        QVERIFY(!engine.wait(engine.post(Disconnect{server, cid})).error);
        Outcome const again = engine.wait(engine.post(Disconnect{server, cid}));
        QVERIFY(again.error && again.error->code() == Errc::NotFound);
        std::vector<observe::EventKind> kinds;
        QVERIFY(wait_until([&] {
            engine.drain_events(100,
                                [&](observe::EventRow const& row) { kinds.push_back(row.kind); });
            return std::ranges::count(kinds, observe::EventKind::ConnectionClosed) == 1;
        }));
    }

    void two_servers_share_an_engine_and_nothing_else() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t one_port = 0;
        std::uint16_t two_port = 0;
        ServerNumber const one = start(engine, anywhere(), one_port);
        ServerNumber const two = start(engine, anywhere(), two_port);
        QVERIFY(one != 0 && two != 0 && one != two && one_port != two_port);
        Echo const echo(one_port);
        QVERIFY(!engine.wait(engine.post(Request{one, {.subject = "echo.x"}, base::seconds(30)}))
                     .reply->no_responders);
        QVERIFY(engine.wait(engine.post(Request{two, {.subject = "echo.x"}, base::seconds(30)}))
                    .reply->no_responders);
        QVERIFY(!engine.wait(engine.post(StopServer{two})).error);
        QVERIFY(!engine.wait(engine.post(Publish{one, {.subject = "x"}})).error);
        QVERIFY(engine.wait(engine.post(Publish{two, {.subject = "x"}})).error.has_value());
    }

    void outcomes_come_in_the_order_of_their_commands() {
        Engine engine({.program_name = "test"});
        std::vector<Token> tokens;
        for (int i = 0; i < 50; ++i) {
            tokens.push_back(engine.post(StopServer{static_cast<ServerNumber>(100 + i)}));
        }
        std::vector<Token> answered;
        QVERIFY(wait_until([&] {
            for (Outcome const& outcome : engine.take_outcomes()) {
                answered.push_back(outcome.token);
            }
            return answered.size() == tokens.size();
        }));
        QVERIFY(answered == tokens);
    }

    void demo_traffic_makes_messages_flow_and_ends() {
        Engine engine({.program_name = "test", .observe = true});
        std::uint16_t port = 0;
        ServerNumber const server = start(engine, anywhere(), port);
        QVERIFY(server != 0);
        {
            DemoTraffic const traffic("127.0.0.1", port);
            QVERIFY(wait_until([&] {
                observe::ServerSnapshot const* const seen = look(engine, server);
                return seen != nullptr && seen->connections > 3 && seen->subjects > 20 &&
                       seen->in_msgs.total > 500 && seen->out_msgs.total > 500;
            }));
        }
        QVERIFY(wait_until([&] {
            observe::ServerSnapshot const* const seen = look(engine, server);
            return seen != nullptr && seen->connections == 0;
        }));
    }
};
SIGNALBOX_TEST(EngineCommandsTest);

}  // namespace signalbox::host

#include "engine_commands_test.moc"
