#include "engine/config/command_line.h"

#include "tests/config/memory_files.h"
#include "tests/support/run_tests.h"

#include <string>

using namespace signalbox;
using namespace signalbox::config;

namespace {

Program const kProgram{.name = "signalboxd", .version_line = "the version"};

std::map<std::string, std::string> const kFiles = {
    {"cert", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"},
    {"key", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"},
    {"junk", "junk"}};

std::variant<CommandLine, Answer> parse(std::vector<std::string> const& arguments) {
    return parse_command_line(kProgram, arguments);
}

Answer answer(std::vector<std::string> const& arguments) {
    auto const result = parse(arguments);
    return std::holds_alternative<Answer>(result) ? std::get<Answer>(result) : Answer{.code = -1};
}

Options applied(std::vector<std::string> const& arguments) {
    auto const result = parse(arguments);
    if (auto const* refused = std::get_if<Answer>(&result)) {
        qFatal("%s", refused->err.c_str());
    }
    Options options;
    MemoryFiles files(kFiles);
    Result<void> const applied = std::get<CommandLine>(result).apply(options, files);
    if (!applied.ok()) {
        qFatal("%s", applied.error().detail().c_str());
    }
    return options;
}

/// Why the flags do not go together.
std::string refusal(std::vector<std::string> const& arguments) {
    auto const result = parse(arguments);
    Options options;
    MemoryFiles files(kFiles);
    Result<void> const applied = std::get<CommandLine>(result).apply(options, files);
    return applied.ok() ? "" : applied.error().detail();
}

}  // namespace

class CommandLineTest : public QObject {
    Q_OBJECT
private slots:
    void a_flag_has_four_forms() {
        for (std::vector<std::string> const& form : std::vector<std::vector<std::string>>{
                 {"-p", "5"}, {"--p", "5"}, {"-p=5"}, {"--port=5"}}) {
            QCOMPARE(applied(form).listen.port, 5);
        }
        QVERIFY(applied({"-D"}).logging.debug);
        QVERIFY(!applied({"-D", "-D=false"}).logging.debug);
        QVERIFY(!applied({"-T=false"}).logging.logtime);
        QCOMPARE(applied({"-p", "-1"}).listen.port, -1);
        QCOMPARE(applied({"-p", "5", "-p", "6"}).listen.port, 6);
        QCOMPARE(applied({"-p", "0"}).listen.port, 4222);
    }

    void each_flag_reaches_its_option() {
        Options const o = applied({"-a",
                                   "h",
                                   "-n",
                                   "name",
                                   "-P",
                                   "pid",
                                   "-m",
                                   "8222",
                                   "-client_advertise",
                                   "c:1",
                                   "-ports_file_dir",
                                   "dir",
                                   "-l",
                                   "log",
                                   "-logtime_utc",
                                   "-s",
                                   "-r",
                                   "udp://x:1",
                                   "-log_size_limit",
                                   "100",
                                   "-max_traced_msg_len",
                                   "9",
                                   "-user",
                                   "u",
                                   "-pass",
                                   "p"});
        QCOMPARE(o.listen.host, std::string("h"));
        QCOMPARE(o.server_name, std::string("name"));
        QCOMPARE(o.files.pid_file, std::string("pid"));
        QCOMPARE(o.monitoring.http->port, 8222);
        QCOMPARE(o.client_advertise, std::string("c:1"));
        QCOMPARE(o.files.ports_file_dir, std::string("dir"));
        QCOMPARE(o.logging.log_file, std::string("log"));
        QVERIFY(o.logging.logtime_utc && o.logging.syslog);
        QCOMPARE(o.logging.remote_syslog, std::string("udp://x:1"));
        QCOMPARE(o.logging.log_size_limit, std::int64_t{100});
        QCOMPARE(o.logging.max_traced_msg_len, std::int64_t{9});
        QCOMPARE(o.authorization.user, std::string("u"));
        QCOMPARE(o.authorization.password.reveal(), std::string_view("p"));
    }

    void the_letters_for_traces_add_up() {
        QVERIFY(applied({"-V"}).logging.trace && !applied({"-V"}).logging.debug);
        QVERIFY(applied({"-VV"}).logging.trace_verbose);
        QVERIFY(applied({"-DV"}).logging.debug && applied({"-DV"}).logging.trace);
        QVERIFY(applied({"-DVV"}).logging.debug && applied({"-DVV"}).logging.trace_verbose);
    }

    void what_is_no_option_is_kept_apart() {
        auto const result = parse({"-c", "f", "-t", "-sl", "reload=7"});
        auto const& line = std::get<CommandLine>(result);
        QCOMPARE(line.config_file(), std::string("f"));
        QVERIFY(line.test_only());
        QCOMPARE(line.signal()->command, std::string("reload"));
        QCOMPARE(line.signal()->target, std::string("7"));
    }

    void questions_are_answered_on_standard_output() {
        for (std::vector<std::string> const& question : std::vector<std::vector<std::string>>{
                 {"-v"}, {"--version"}, {"version"}, {"-v=true"}, {"-v", "foo"}, {"-js", "-v"}}) {
            QCOMPARE(answer(question).out, std::string("the version\n"));
            QCOMPARE(answer(question).code, 0);
        }
        for (std::vector<std::string> const& question :
             std::vector<std::vector<std::string>>{{"-h"}, {"--help"}, {"help"}, {"-v", "-h"}}) {
            QVERIFY(answer(question).out.starts_with("\nUsage: signalboxd [options]\n"));
            QCOMPARE(answer(question).code, 0);
            QVERIFY(answer(question).err.empty());
        }
        QVERIFY(
            Program::service().version_line.starts_with("nats-server: v2.15.0 compatible "
                                                        "(signalboxd "));
    }

    void a_fault_has_the_references_text_stream_and_code_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("err");
        QTest::addColumn<int>("code");
        auto const row = [](QStringList const& arguments, char const* err, int code) {
            QTest::newRow(qPrintable(arguments.join(' '))) << arguments << QByteArray(err) << code;
        };
        row({"-x"}, "flag provided but not defined: -x\n", 0);
        row({"--x=1"}, "flag provided but not defined: -x\n", 0);
        row({"-d"}, "flag provided but not defined: -d\n", 0);
        row({"-p", "abc"}, "invalid value \"abc\" for flag -p: parse error\n", 0);
        row({"-p", "99999999999999999999"},
            "invalid value \"99999999999999999999\" for flag -p: value out of range\n", 0);
        row({"-p", "70000"}, "signalboxd: invalid value \"70000\" for flag -p: out of range\n", 1);
        row({"-p"}, "flag needs an argument: -p\n", 0);
        row({"-D=maybe"}, "invalid boolean value \"maybe\" for -D: parse error\n", 0);
        row({"---x"}, "bad flag syntax: ---x\n", 0);
        row({"-=x"}, "bad flag syntax: -=x\n", 0);
        row({"foo"}, "signalboxd: unrecognized command: \"foo\"\n", 1);
        row({"-p", "1", "foo", "-x"}, "signalboxd: unrecognized command: \"foo\"\n", 1);
        row({"-D", "false"}, "signalboxd: unrecognized command: \"false\"\n", 1);
        row({"-"}, "signalboxd: unrecognized command: \"-\"\n", 1);
        row({"--", "-v"}, "signalboxd: unrecognized command: \"-v\"\n", 1);
        row({"-t"},
            "signalboxd: must specify [-c, --config] option to check configuration file syntax\n",
            1);
        row({"--profile", "1"},
            "signalboxd: flag -profile belongs to profiling, which is not part of this build yet\n",
            1);
    }
    void a_fault_has_the_references_text_stream_and_code() {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, err);
        QFETCH(int, code);
        std::vector<std::string> given;
        for (QString const& argument : arguments) {
            given.push_back(argument.toStdString());
        }
        Answer const got = answer(given);
        QCOMPARE(got.err, err.toStdString());
        QCOMPARE(got.code, code);
        QCOMPARE(!got.out.empty(), code == 0);
    }

    void asking_for_a_part_to_be_off_is_fine() {
        QCOMPARE(applied({"-tls=false", "-js=false", "-p", "7"}).listen.port, 7);
    }

    void any_flag_of_tls_turns_it_on() {
        Options const o = applied({"-tlscert", "cert", "-tlskey=key", "--tlscacert", "cert",
                                   "-tlsverify", "-ms", "8443"});
        QVERIFY(o.tls.has_value());
        QCOMPARE(o.tls->certificates.size(), std::size_t{1});
        QVERIFY(o.tls->certificates[0].cert_pem.starts_with("-----BEGIN"));
        QVERIFY(o.tls->certificates[0].key_pem.reveal().starts_with("-----BEGIN"));
        QVERIFY(o.tls->ca_pem.starts_with("-----BEGIN"));
        QVERIFY(o.tls->verify);
        QCOMPARE(o.monitoring.https->port, 8443);
        QVERIFY(!applied({"-tlscert", "cert", "-tlskey", "key", "-tls=false"}).tls);
        QVERIFY(!applied({"-tls=0"}).tls);
    }

    void flags_of_tls_need_a_certificate_and_its_key() {
        QCOMPARE(refusal({"-tls"}),
                 std::string("TLS Server certificate must be present and valid"));
        QCOMPARE(refusal({"-tlsverify=false"}),
                 std::string("TLS Server certificate must be present and valid"));
        QCOMPARE(refusal({"-tlscert", "cert"}),
                 std::string("TLS Server private key must be present and valid"));
        QCOMPARE(refusal({"-tlscert", "none", "-tlskey", "key"}),
                 std::string("error parsing X509 certificate/key pair: open none: no such file or "
                             "directory"));
        QCOMPARE(refusal({"-tlscert", "junk", "-tlskey", "key"}),
                 std::string("error parsing X509 certificate/key pair: tls: failed to find any PEM "
                             "data in certificate input"));
        QCOMPARE(refusal({"-tlscert", "cert", "-tlskey", "junk"}),
                 std::string("error parsing X509 certificate/key pair: tls: failed to find any PEM "
                             "data in key input"));
        QCOMPARE(refusal({"-tlscert", "cert", "-tlskey", "key", "-tlscacert", "junk"}),
                 std::string("failed to parse root ca certificate"));
    }

    void the_help_of_tls_names_ciphers_and_curves() {
        Answer const help = answer({"-help_tls"});
        QCOMPARE(help.code, 0);
        for (char const* name : {"TLS_AES_128_GCM_SHA256", "X25519MLKEM768", "cert_file", "must"}) {
            QVERIFY2(help.out.find(name) != std::string::npos, name);
        }
    }

    void the_help_names_every_flag_that_works_and_none_that_does_not() {
        std::string const help = usage_text(kProgram);
        for (char const* name : {"-a, --addr", "-p, --port", "-DVV", "--log_size_limit", "-js",
                                 "-sd", "-sl", "--routes"}) {
            QVERIFY2(help.find(name) != std::string::npos, name);
        }
        QVERIFY(help.find("--profile") == std::string::npos);
        QVERIFY(help.find("lab <file>") == std::string::npos);
        QVERIFY(usage_text(Program::service()).find("lab <file>") != std::string::npos);
    }
};
SIGNALBOX_TEST(CommandLineTest);

#include "command_line_test.moc"
