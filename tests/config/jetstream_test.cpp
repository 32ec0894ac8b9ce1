#include "engine/config/change.h"
#include "engine/config/command_line.h"
#include "engine/config/load.h"
#include "engine/config/schema.h"
#include "engine/config/validate.h"

#include "tests/config/memory_files.h"
#include "tests/support/run_tests.h"

namespace signalbox::config {
namespace {

Result<Loaded> load_text(std::string const& text, std::vector<std::string> arguments = {}) {
    MemoryFiles files({{"t.conf", text}});
    arguments.insert(arguments.begin(), {"-c", "t.conf"});
    auto const parsed = parse_command_line(Program::service(), arguments);
    return load(std::get<CommandLine>(parsed), files, {});
}

JetStreamOptions jetstream(std::string const& text, std::vector<std::string> arguments = {}) {
    Result<Loaded> const loaded = load_text(text, std::move(arguments));
    return loaded.ok() ? loaded.value().options.jetstream : JetStreamOptions{.store_dir = "bad"};
}

}  // namespace

class JetStreamKeysTest : public QObject {
    Q_OBJECT
private slots:
    void it_is_off_until_asked_for() {
        QVERIFY(!jetstream("port: 5").enabled);
        QVERIFY(!jetstream("jetstream: disabled").enabled);
        QVERIFY(!jetstream("jetstream { enabled: false }").enabled);
        QVERIFY(jetstream("jetstream: true").enabled);
        QVERIFY(jetstream("jetstream: enabled").enabled);
        QVERIFY(jetstream("jetstream {}").enabled);
        QVERIFY(jetstream("port: 5", {"-js"}).enabled);
    }

    void the_folder_is_said_once() {
        QCOMPARE(jetstream("store_dir: /a\njetstream: true").store_dir, std::string("/a"));
        QCOMPARE(jetstream("jetstream { store: /a }").store_dir, std::string("/a"));
        QCOMPARE(jetstream("jetstream { store: /a }", {"-sd", "/b"}).store_dir, std::string("/b"));
        QVERIFY(load_text("store_dir: /a\njetstream { store_dir: /b }")
                    .error()
                    .detail()
                    .find("Duplicate 'store_dir' configuration") != std::string::npos);
    }

    void sizes_are_numbers_or_texts_with_a_unit() {
        JetStreamOptions const o = jetstream("jetstream { max_mem: 10M, max_file: \"2G\" }");
        QCOMPARE(o.max_memory, std::int64_t{10'000'000});
        QCOMPARE(o.max_file, std::int64_t{2} << 30);
        QCOMPARE(jetstream("jetstream {}").max_memory, std::int64_t{-1});
    }

    void an_interval_is_what_trades_safety_for_speed() {
        QVERIFY(!jetstream("jetstream {}").sync_interval);
        QVERIFY(!jetstream("jetstream { sync: always }").sync_interval);
        QVERIFY(jetstream("jetstream { sync_interval: \"30s\" }").sync_interval ==
                base::seconds(30));
    }

    void limits_of_the_server_stand_in_blocks() {
        JetStreamServerLimits const limits =
            jetstream(
                "jetstream { limits { max_ack_pending: 7, duplicate_window: \"5m\", "
                "batch { max_msgs: 9, timeout: \"3s\" } } }")
                .limits;
        QCOMPARE(limits.max_ack_pending, std::int64_t{7});
        QVERIFY(limits.duplicate_window == base::minutes(5));
        QCOMPARE(limits.batch.max_msgs, std::int64_t{9});
        QVERIFY(limits.batch.timeout == base::seconds(3));
    }

    void accounts_have_limits_of_their_own() {
        Options const o = load_text(
                              "accounts { A { jetstream { mem: 5, streams: 2, max_bytes: true } }\n"
                              "B { jetstream: enabled }\nC { jetstream: disabled } }")
                              .value()
                              .options;
        QCOMPARE(o.accounts.size(), std::size_t{3});
        JetStreamTier const& tier = o.accounts[0].jetstream->tiers.at("");
        QCOMPARE(tier.max_memory, std::int64_t{5});
        QCOMPARE(tier.max_storage, std::int64_t{-1});
        QCOMPARE(tier.max_streams, std::int64_t{2});
        QVERIFY(tier.max_bytes_required);
        QVERIFY(o.accounts[1].jetstream == AccountJetStream{});
        QVERIFY(!o.accounts[2].jetstream);
    }

    void faults_are_told_in_the_references_words_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        int number = 0;
        auto const row = [&](char const* text, char const* expected) {
            QTest::addRow("%d", ++number) << QByteArray(text) << QByteArray(expected);
        };
        row("jetstream: 3",
            "t.conf:1:0: Expected map, bool or string to define JetStream, got int64");
        row("jetstream: foo",
            "t.conf:1:0: Expected 'enabled' or 'disabled' for string value, got 'foo'");
        row("jetstream { max_mem: foo }",
            "t.conf:1:12: max_memory_store strconv.ParseInt: parsing \"fo\": invalid syntax");
        row("jetstream { max_file: \"10X\" }",
            "t.conf:1:12: max_file_store sizes defined as strings must end in K, M, G, T");
        row("jetstream { max_mem: [] }", "t.conf:1:12: max_memory_store must be int64 or string");
        row("jetstream { foo: 3 }", "t.conf:1:12: unknown field \"foo\"");
        row("jetstream { limits: 3 }",
            "t.conf:1:12: Expected a map to define JetStreamLimits, got int64");
        row("jetstream { limits { batch: 3 } }",
            "t.conf:1:21: Expected a map to define batch limits, got int64");
        row("jetstream { domain: \"a.b\" }", "invalid domain name: may not contain ., * or >");
        row("jetstream { domain: \"a b\" }",
            "invalid domain name: derived \"$JS.a b.API.>\" is not a valid subject");
        row("accounts { A { jetstream { max_mem: foo} } }",
            "t.conf:1:27: Expected a parseable size for \"max_memory\", got foo");
        row("accounts { A { jetstream { max_bytes: 5} } }",
            "t.conf:1:27: Expected a parseable bool for \"max_bytes_required\", got 5");
        row("accounts { A { jetstream: enabled } }\njetstream: enabled\nsystem_account: A",
            "Not allowed to enable JetStream on the system account");
        row("jetstream { key: abc }",
            "t.conf:1:12: field \"key\" belongs to encryption at rest, which is not part of this "
            "build yet");
    }
    void faults_are_told_in_the_references_words() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        Result<Loaded> const loaded = load_text(text.toStdString());
        QVERIFY(!loaded.ok());
        QCOMPARE(QByteArray::fromStdString(loaded.error().detail()), expected);
    }

    void a_running_server_gets_only_more_room() {
        auto const options = [](std::string const& text) {
            return load_text(text).value().options;
        };
        Options const small = options("jetstream { max_mem: 5, max_file: 5 }");
        QVERIFY(difference(small, options("jetstream { max_mem: 6, max_file: 5 }")).ok());
        QVERIFY(!difference(small, options("jetstream { max_mem: 4, max_file: 5 }")).ok());
        QVERIFY(!difference(small, options("jetstream: false")).ok());
        QVERIFY(
            !difference(small, options("jetstream { max_mem: 5, max_file: 5, domain: x }")).ok());
    }
};
SIGNALBOX_TEST(JetStreamKeysTest);

}  // namespace signalbox::config

#include "jetstream_test.moc"
