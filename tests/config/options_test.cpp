#include "engine/base/text.h"
#include "engine/config/change.h"
#include "engine/config/document.h"
#include "engine/config/load.h"
#include "engine/config/schema.h"
#include "engine/config/validate.h"

#include "tests/config/memory_files.h"
#include "tests/support/run_tests.h"

#include <QDir>
#include <QFile>

#include <set>
#include <string>

using namespace signalbox;
using namespace signalbox::config;

namespace {

Result<Loaded> loaded(std::string const& text) {
    std::map<std::string, std::string> const file = {{"t.conf", text}};
    MemoryFiles files(file);
    return load(CommandLine::for_file("t.conf"), files, {});
}

Options options(std::string const& text) {
    Result<Loaded> result = loaded(text);
    if (!result.ok()) {
        qFatal("%s", result.error().detail().c_str());
    }
    return std::move(result).value().options;
}

/// The error, or the warnings, or nothing.
std::string complaint(std::string const& text) {
    Result<Loaded> const result = loaded(text);
    return result.ok() ? base::join(result.value().warnings, "\n") : result.error().detail();
}

}  // namespace

class OptionsTest : public QObject {
    Q_OBJECT
private slots:
    void each_key_reaches_its_option() {
        Options const o = options(
            "listen: 1.2.3.4:5222\nserver_name: s1\nclient_advertise: h:1\n"
            "server_tags: [' a ', b, a]\nserver_metadata: {k: v}\nno_header_support: true\n"
            "max_connections: 5\nmax_control_line: 1k\nmax_payload: 2kb\nmax_pending: 1m\n"
            "max_subs: 7\nmax_sub_tokens: 9\nmax_closed_clients: 11\nping_interval: \"1m30s\"\n"
            "ping_max: 3\nwrite_deadline: 5s\nno_fast_producer_stall: on\n"
            "debug: true\nlogtime: false\nlogtime_utc: true\nlog_file: '/l'\nlog_size_limit: 1mb\n"
            "logfile_max_num: 4\nsyslog: true\nremote_syslog: \"udp://h:1\"\n"
            "max_traced_msg_len: 12\ntrace: true\n"
            "http: 127.0.0.1:8222\nhttp_base_path: /m\npid_file: /p\nports_file_dir: /d\n"
            "signalbox { open_without_authentication: true, monitoring_cors: true }\n");
        QCOMPARE(o.listen, (ListenAddress{"1.2.3.4", 5222}));
        QCOMPARE(o.server_name, std::string("s1"));
        QCOMPARE(o.client_advertise, std::string("h:1"));
        QCOMPARE(o.server_tags, (std::vector<std::string>{"a", "b"}));
        QCOMPARE(o.server_metadata.at("k"), std::string("v"));
        QVERIFY(o.no_header_support);
        Limits const limits{.max_connections = 5,
                            .max_subscriptions = 7,
                            .max_sub_tokens = 9,
                            .max_control_line = 1'000,
                            .max_payload = 2'048,
                            .max_pending = 1'000'000,
                            .max_closed_clients = 11,
                            .ping_interval = base::seconds(90),
                            .ping_max = 3,
                            .write_deadline = base::seconds(5),
                            .no_fast_producer_stall = true};
        QVERIFY(o.limits == limits);
        Logging const logging{.debug = true,
                              .trace = true,
                              .logtime = false,
                              .logtime_utc = true,
                              .log_file = "/l",
                              .log_size_limit = 1 << 20,
                              .log_max_num = 4,
                              .syslog = true,
                              .remote_syslog = "udp://h:1",
                              .max_traced_msg_len = 12};
        QVERIFY(o.logging == logging);
        QCOMPARE(o.monitoring.http, std::optional(ListenAddress{"127.0.0.1", 8222}));
        QCOMPARE(o.monitoring.http_base_path, std::string("/m"));
        QCOMPARE(o.files.pid_file, std::string("/p"));
        QCOMPARE(o.files.ports_file_dir, std::string("/d"));
        QCOMPARE(o.files.config_file, std::string("t.conf"));
        QVERIFY(o.files.config_digest.starts_with("sha256:"));
        QVERIFY(o.own.open_without_authentication && o.own.monitoring_cors);
    }

    void zero_is_the_default_where_it_would_mean_nothing() {
        Options const o = options(
            "port: 0\nmax_payload: 0\nmax_pending: 0\nmax_control_line: 0\nping_max: 0\n"
            "ping_interval: \"0\"\nwrite_deadline: \"0s\"\nhttp: 0\n");
        QCOMPARE(o.listen.port, 4222);
        QVERIFY(o.limits == Limits{});
        QVERIFY(!o.monitoring.http);
    }

    void no_connections_at_all_is_minus_one() {
        QCOMPARE(options("max_connections: 0").limits.max_connections, std::int64_t{-1});
        QCOMPARE(options("max_conn: -5").limits.max_connections, std::int64_t{-5});
    }

    void the_later_of_two_keys_for_one_thing_wins() {
        QCOMPARE(options("port: 5\nlisten: x:6").listen, (ListenAddress{"x", 6}));
        QCOMPARE(options("listen: x:6\nport: 5\nnet: y").listen, (ListenAddress{"y", 5}));
        QCOMPARE(options("PORT: 5\nPort: 7").listen.port, 7);
        QCOMPARE(options("http: x:1\nmonitor_port: 2").monitoring.http,
                 std::optional(ListenAddress{"x", 2}));
    }

    void verbose_traces_are_traces() {
        QVERIFY(options("trace_verbose: true").logging.trace);
        QVERIFY(options("trace_headers: true").logging.trace);
        QVERIFY(!options("trace_headers: false").logging.trace);
    }

    void users_and_tokens_are_read() {
        Options const many = options(
            "authorization { timeout: 0.5\n users = [ {user: a, password: $2a$11$xyz}, "
            "{username: b, pass: c}, {user: d} ] }\nno_auth_user: b");
        QCOMPARE(many.authorization.users.size(), std::size_t{3});
        QCOMPARE(many.authorization.users[0].password.reveal(), std::string_view("$2a$11$xyz"));
        QCOMPARE(many.authorization.users[1].name, std::string("b"));
        QVERIFY(many.authorization.users[2].password.empty());
        QCOMPARE(many.authorization.no_auth_user, std::string("b"));
        QVERIFY(many.authorization.timeout == base::milliseconds(500));
        Options const one = options("authorization { user: u, pass: p, timeout: \"3s\" }");
        QCOMPARE(one.authorization.user, std::string("u"));
        QCOMPARE(one.authorization.password.reveal(), std::string_view("p"));
        QVERIFY(one.authorization.timeout == base::seconds(3));
        QCOMPARE(options("authorization { token: t }").authorization.token.reveal(),
                 std::string_view("t"));
    }

    void a_plain_password_is_told_from_a_hash() {
        QVERIFY(has_plaintext_secret(options("authorization { users [{user: a, password: b}] }")));
        QVERIFY(!has_plaintext_secret(
            options("authorization { users [{user: a, password: $2a$11$xyz}] }")));
        QVERIFY(has_plaintext_secret(options("authorization { token: t }")));
        QVERIFY(!has_plaintext_secret(Options{}));
    }

    void a_wrong_file_is_told_in_the_references_words_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        auto const row = [](char const* text, char const* expected) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
        };
        row("port: abc", "t.conf:1:0: interface conversion: interface {} is string, not int64");
        row("max_payload: 1.5",
            "t.conf:1:0: interface conversion: interface {} is float64, not int64");
        row("debug: 1", "t.conf:1:0: interface conversion: interface {} is int64, not bool");
        row("server_name: 3",
            "t.conf:1:0: interface conversion: interface {} is int64, not string");
        row("port: {a: 1}",
            "t.conf:1:0: interface conversion: interface {} is map[string]interface {}, not int64");
        row("port: [a]",
            "t.conf:1:0: interface conversion: interface {} is []interface {}, not int64");
        row("authorization: 3",
            "t.conf:1:0: interface conversion: interface {} is int64, not map[string]interface {}");
        row("quux: 1\nfrobnicate: 2",
            "t.conf:1:0: unknown field \"quux\"\nt.conf:2:1: unknown field \"frobnicate\"");
        row("max_payloud: 1",
            "t.conf:1:0: unknown field \"max_payloud\" (did you mean "
            "\"max_payload\"?)");
        row("authorization {usr: 1}",
            "t.conf:1:15: unknown field \"usr\" (did you mean \"user\"?)");
        row("listen: \"1.2.3.4\"", "t.conf:1:0: could not parse address string \"1.2.3.4\"");
        row("listen: \"::1\"", "t.conf:1:0: could not parse address string \"::1\"");
        row("listen: \"a:b\"", "t.conf:1:0: could not parse port \"b\"");
        row("listen: true", "t.conf:1:0: expected port or host:port, got bool");
        row("listen: \"a:70000\"", "t.conf:1:0: port 70000 is out of range");
        row("port: -2", "t.conf:1:0: port -2 is out of range");
        row("ping_interval: \"3x\"",
            "t.conf:1:0: error parsing ping_interval: time: unknown unit \"x\" in duration \"3x\"");
        row("write_deadline: \"x\"",
            "t.conf:1:0: error parsing write_deadline: time: invalid duration \"x\"");
        row("ping_interval: 3",
            "t.conf:1:0: invalid use of field \"ping_interval\": ping_interval should be converted "
            "to a duration");
        row("write_deadline: true",
            "t.conf:1:0: invalid use of field \"write_deadline\": write_deadline should be "
            "converted to a duration\nt.conf:1:0: interface conversion: interface {} is bool, not "
            "int64");
        row("max_control_line: 99999999999", "t.conf:1:0: max_control_line value is too big");
        row("max_payload: -1", "t.conf:1:0: max_payload value can not be negative");
        row("max_sub_tokens: 300", "t.conf:1:0: max_sub_tokens value is too big");
        row("max_sub_tokens: 0", "t.conf:1:0: max_sub_tokens value can not be negative");
        row("server_tags: 3", "t.conf:1:0: error parsing tags: unsupported type int64");
        row("authorization { user: a, pass: b, token: c}",
            "t.conf:1:0: Cannot have a user/pass and token");
        row("authorization { user: a, users=[{user:b,password:c}]}",
            "t.conf:1:0: Can not have a single user/pass and a users array");
        row("authorization {token: x, users: [{user: a, pass: b}]}",
            "t.conf:1:0: Can not have a token and a users array");
        row("authorization {users=[{user:b,password:c},{user: b, password: d}]}",
            "t.conf:1:0: Duplicate user \"b\" detected");
        row("authorization {users=[{password:c}]}", "t.conf:1:23: User entry requires a user");
        row("authorization {users=3}", "t.conf:1:15: Expected users field to be an array, got 3");
        row("authorization {users=[3 ]}",
            "t.conf:1:22: Expected user entry to be a map/struct, got 3");
        row("authorization {users=[secret]}",
            "t.conf:1:22: Expected user entry to be a map/struct, got string");
        row("authorization {users=[{user:b,password:3 }]}",
            "t.conf:1:30: interface conversion: interface {} is int64, not string");
        row("authorization {timeout: \"2m\"}",
            "t.conf:1:15: invalid use of field \"timeout\": timeout of 2m (120.000000 seconds) is "
            "high, consider keeping it under 60 seconds. possibly caused by unquoted duration; use "
            "'1m' instead of 1m, for example");
        row("", "t.conf: config has no values or is empty");
        row("max_payload: 100\nmax_pending: 50",
            "max_payload (100) cannot be higher than max_pending (50)");
        row("server_name: \"a b\"", "server name cannot contain spaces");
        row("no_auth_user: x", "no_auth_user: \"x\" present, but users/nkeys are not defined");
        row("no_auth_user: x\nauthorization {users: [{user:y,password:z}]}",
            "no_auth_user: \"x\" not present as user or nkey in authorization block or account "
            "configuration");
        row("client_advertise: \"h:x\"", "client_advertise \"h:x\" is not a host or host:port");
        row("websocket { port: 8080 }",
            "t.conf:1:0: field \"websocket\" belongs to WebSocket, which is not part of this build "
            "yet");
        row("accounts {A: {jetstream: {cluster_traffic: owner}}}",
            "t.conf:1:26: field \"cluster_traffic\" belongs to clustered JetStream, which is not "
            "part of this build yet");
        row("jetstream: false\nmqtt: disabled", "");
    }
    void a_wrong_file_is_told_in_the_references_words() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(complaint(text.toStdString()), expected.toStdString());
    }

    void a_lame_duck_needs_more_time_than_its_grace() {
        Options o;
        o.lame_duck.grace_period = o.lame_duck.duration;
        QCOMPARE(
            validate(o).error().detail(),
            std::string("lame duck grace period (2m0s) should be strictly lower than lame duck "
                        "duration (2m0s)"));
    }

    void a_key_that_served_as_a_variable_is_not_unknown() {
        QCOMPARE(options("my_port: 5\nport: $my_port").listen.port, 5);
    }

    void the_command_line_wins_over_the_file() {
        std::map<std::string, std::string> const file = {
            {"t.conf", "port: 5\nauthorization {user: f, pass: f}\nhttp: x:1"}};
        MemoryFiles files(file);
        std::vector<std::string> const arguments = {"-c",    "t.conf", "-p", "6",
                                                    "-auth", "tok",    "-m", "2"};
        auto const parsed = parse_command_line(Program::service(), arguments);
        Result<Loaded> const result = load(std::get<CommandLine>(parsed), files, {});
        QVERIFY(result.ok());
        Options const& o = result.value().options;
        QCOMPARE(o.listen.port, 6);
        QVERIFY(o.authorization.user.empty() && o.authorization.password.empty());
        QCOMPARE(o.authorization.token.reveal(), std::string_view("tok"));
        QCOMPARE(o.monitoring.http, std::optional(ListenAddress{"x", 2}));
    }

    void every_name_stands_once_in_its_block() {
        for (std::size_t at = 0; at < kBlockCount; ++at) {
            auto const block = static_cast<Block>(at);
            std::set<std::string_view> names;
            for (Key const& key : keys_of(block)) {
                for (std::string_view name : base::split(key.names, ' ')) {
                    QVERIFY2(names.insert(name).second, std::string(name).c_str());
                }
                QVERIFY(key.built() == (key.read != nullptr));
                QVERIFY(!key.built() || !key.about.empty());
            }
        }
    }

    // What is generated stands between the marks; the written file is beside the build for copying.
    void the_documentation_has_the_table_of_today() {
        QFile file(
            QDir(QString::fromStdString(support::source_dir())).filePath("docs/configuration.md"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        std::string const text = file.readAll().toStdString();
        std::string const begin = "<!-- keys: generated from the option table -->\n\n";
        std::size_t const at = text.find(begin);
        QVERIFY(at != std::string::npos);
        std::string const wanted = text.substr(0, at) + begin + document_keys();
        if (text != wanted) {
            QString const path =
                QDir(QString::fromStdString(support::binary_dir())).filePath("configuration.md");
            QFile out(path);
            QVERIFY(out.open(QIODevice::WriteOnly));
            out.write(QByteArray::fromStdString(wanted));
            QFAIL(qPrintable("docs/configuration.md is not of today: copy " + path));
        }
    }
};
SIGNALBOX_TEST(OptionsTest);

class ChangeTest : public QObject {
    Q_OBJECT
private slots:
    void nothing_changed_is_no_change() {
        Result<std::vector<Change>> const changes =
            difference(options("port: 5"), options("port: 5 # x"));
        QVERIFY(changes.ok() && changes.value().empty());
    }

    void a_change_has_its_key_and_both_values() {
        auto const changes =
            difference(options("debug: false"), options("debug: true\nping_interval: 5s")).value();
        QCOMPARE(changes.size(), std::size_t{2});
        QCOMPARE(changes[0].key, std::string_view("ping_interval"));
        QCOMPARE(changes[0].was, std::string("2m0s"));
        QCOMPARE(changes[0].now, std::string("5s"));
        QCOMPARE(changes[1].field, std::string_view("Debug"));
    }

    void one_change_that_is_not_supported_refuses_all() {
        auto const changes = difference(options("debug: false\nserver_name: a"),
                                        options("debug: true\nserver_name: b"));
        QCOMPARE(changes.error().detail(),
                 std::string("config reload not supported for ServerName: old=a, new=b"));
        QCOMPARE(difference(options("port: 5"), options("port: 6")).error().detail(),
                 std::string("config reload not supported for Port: old=5, new=6"));
        QCOMPARE(difference(options("debug: on"), options("http: 8222")).error().detail(),
                 std::string("config reload not supported for HTTPPort: old=0, new=8222"));
    }

    void every_change_is_told_with_its_rule() {
        std::vector<Change> const found = changes(options("debug: false\nserver_name: a"),
                                                  options("debug: true\nserver_name: b"));
        QCOMPARE(found.size(), std::size_t{2});
        QVERIFY(found[0].reload == ReloadRule::Refused);
        QCOMPARE(found[0].key, std::string_view("server_name"));
        QVERIFY(found[1].reload == ReloadRule::Applied);
    }

    void secrets_are_not_shown() {
        auto const changes = difference(options("authorization {user: a, pass: secret1}"),
                                        options("authorization {user: a, pass: secret2}"))
                                 .value();
        QCOMPARE(changes.size(), std::size_t{1});
        QCOMPARE(changes[0].was, std::string("[REDACTED]"));
        QCOMPARE(changes[0].now, std::string("[REDACTED]"));
        auto const users = difference(options("authorization {users: [{user: a, pass: secret1}]}"),
                                      options("authorization {users: [{user: a, pass: secret2}]}"))
                               .value();
        QCOMPARE(users.size(), std::size_t{1});
        QCOMPARE(users[0].now, std::string("[a]"));
    }

    void the_no_auth_user_goes_only_with_its_user() {
        Options const with = options(
            "authorization {users: [{user: a, pass: b}, {user: c, pass: d}]}\nno_auth_user: a");
        QVERIFY(difference(with, options("authorization {users: [{user: c, pass: d}]}")).ok());
        QVERIFY(!difference(with, options("authorization {users: [{user: a, pass: b}, "
                                          "{user: c, pass: d}]}"))
                     .ok());
    }
};
SIGNALBOX_TEST(ChangeTest);

#include "options_test.moc"
