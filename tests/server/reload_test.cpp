#include "engine/sim/sim_server.h"

#include "tests/support/run_tests.h"

#include <string>

namespace signalbox::sim {

using base::seconds;

namespace {

/// One server on a machine of its own.
struct Alone {
    explicit Alone(config::Options const& options) {
        universe.exchange().add_machine("server", "10.0.0.1");
        server.emplace(universe, log, "server", options);
        server->start();
        universe.simulation().run_for(seconds(1));
    }

    /// The error, or nothing.
    std::string reload(config::Options const& options) {
        std::string error;
        server->world().run([&] {
            Result<void> const result = server->server().reload(options);
            error = result.ok() ? "" : result.error().detail();
        });
        universe.simulation().run_for(seconds(1));
        return error;
    }

    std::string file(std::string const& path) {
        SimFiles const& files = universe.simulation().files_of("server");
        auto const found = files.find(path);
        return found == files.end() ? "" : found->second.content;
    }

    Universe universe{1};
    RunLog log{universe.simulation()};
    std::optional<SimServer> server;
};

config::Options with_token() {
    config::Options options;
    options.authorization.token = crypto::Secret("t");
    return options;
}

}  // namespace

/// What a server makes of new settings while it runs.
class ReloadTest : public QObject {
    Q_OBJECT

private slots:
    void users_may_not_go_while_it_listens_everywhere_because_of_them() {
        Alone alone(with_token());
        QCOMPARE(alone.server->failure(), std::string());
        QCOMPARE(alone.server->server().client_address().host, std::string("0.0.0.0"));
        QCOMPARE(alone.reload({}),
                 std::string("config reload not supported for Host: old=0.0.0.0, new=127.0.0.1"));
        QVERIFY(alone.server->server().options().authentication_required());
    }

    // As there: whoever is told of the servers is so for as long as they run.
    void the_system_account_may_not_change() {
        config::Options options;
        options.listen.host = "10.0.0.1";
        options.accounts = {{.name = "S1"}, {.name = "S2"}};
        options.system_account = "S1";
        Alone alone(options);
        options.system_account = "S2";
        QCOMPARE(alone.reload(options),
                 std::string("config reload not supported for SystemAccount: old=S1, new=S2"));
    }

    void users_may_go_where_an_address_was_given() {
        config::Options options = with_token();
        options.listen.host = "0.0.0.0";
        Alone alone(options);
        options.authorization = {};
        QCOMPARE(alone.reload(options), std::string());
    }

    void a_change_that_is_not_supported_changes_nothing() {
        Alone alone({});
        config::Options options;
        options.logging.debug = true;
        options.limits.max_pending *= 2;
        QCOMPARE(alone.reload(options), std::string("config reload not supported for MaxPending: "
                                                    "old=67108864, new=134217728"));
        QVERIFY(!alone.server->server().options().logging.debug);
    }

    void pid_and_ports_files_move() {
        config::Options options;
        options.files.pid_file = "/a/pid";
        options.files.ports_file_dir = "/a";
        Alone alone(options);
        std::string const pid = alone.file("/a/pid");
        QVERIFY(!pid.empty());
        std::string const ports = "/signalbox-simulated_" + pid + ".ports";
        std::string const listening = alone.file("/a" + ports);
        QVERIFY(!listening.empty());
        options.files.pid_file = "/b/pid";
        options.files.ports_file_dir = "/b";
        QCOMPARE(alone.reload(options), std::string());
        QCOMPARE(alone.file("/b/pid"), pid);
        QCOMPARE(alone.file("/b" + ports), listening);
        QCOMPARE(alone.file("/a" + ports), std::string());
    }
};

SIGNALBOX_TEST(ReloadTest);

}  // namespace signalbox::sim

#include "reload_test.moc"
