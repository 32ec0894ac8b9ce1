#include "engine/base/text.h"
#include "engine/config/change.h"
#include "engine/config/load.h"

#include "tests/config/memory_files.h"
#include "tests/support/run_tests.h"

#include <string>

using namespace signalbox;
using namespace signalbox::config;

namespace {

Options options(std::string const& text) {
    MemoryFiles files({{"t.conf", text}});
    Result<Loaded> result = load(CommandLine::for_file("t.conf"), files, {});
    if (!result.ok()) {
        qFatal("%s", result.error().detail().c_str());
    }
    return std::move(result).value().options;
}

/// The error, or nothing.
std::string complaint(std::string const& text) {
    MemoryFiles files({{"t.conf", text}});
    Result<Loaded> const result = load(CommandLine::for_file("t.conf"), files, {});
    return result.ok() ? "" : result.error().detail();
}

}  // namespace

/// The blocks about leaf nodes and gateways.
class PeersTest : public QObject {
    Q_OBJECT
private slots:
    void leaf_nodes_have_all_that_can_be_said_of_them() {
        Options const o = options(
            "accounts { A {} }\nleafnodes {\n listen: \"127.0.0.1:7000\"\n advertise: \"h:1\"\n"
            " authorization { users: [{user: u, password: p, account: A}], timeout: 3 }\n"
            " compression: s2_fast\n min_version: 2.10.3\n isolate: true\n reconnect: \"5s\"\n"
            " remotes: [ {urls: [\"nats-leaf://a:b@x\", \"tls://y:7\"], account: A,\n"
            "   deny_imports: in, deny_exports: [o1, o2], hub: true, no_randomize: true,\n"
            "   first_info_timeout: \"2s\", compression: off, request_isolation: true,\n"
            "   ignore_discovered_servers: true, disabled: true, creds: \"/c\"} ]\n}");
        LeafOptions const& leaf = o.leaf;
        QCOMPARE(leaf.listen.port, 7000);
        QCOMPARE(leaf.authorization.users.at(0).account, std::string("A"));
        QVERIFY(leaf.authorization.timeout == base::seconds(3));
        QVERIFY(leaf.compression.mode == CompressionMode::Fast);
        QVERIFY(leaf.isolate);
        LeafRemoteOptions const& remote = leaf.remotes.at(0);
        QCOMPARE(remote.urls.at(0).user, std::string("a"));
        QCOMPARE(remote.urls.at(1).port, 7);
        QCOMPARE(remote.deny_exports, (std::vector<std::string>{"o1", "o2"}));
        QVERIFY(remote.hub && remote.no_randomize && remote.disabled);
        QVERIFY(remote.compression.mode == CompressionMode::Off);
        QVERIFY(LeafRemoteOptions{}.compression.mode == CompressionMode::Auto);
    }

    void gateways_have_all_that_can_be_said_of_them() {
        Options const o = options(
            "gateway {\n name: EAST\n port: 7222\n authorization { user: u, password: p }\n"
            " connect_retries: 4\n connect_backoff: true\n reject_unknown_cluster: true\n"
            " gateways: [ {name: WEST, urls: [\"nats://a:1\", \"nats://b:2\"]} ]\n}");
        QCOMPARE(o.gateway.name, std::string("EAST"));
        QCOMPARE(o.gateway.gateways.at(0).urls.size(), 2U);
        QVERIFY(o.gateway.reject_unknown && o.gateway.connect_backoff);
    }

    void mistakes_are_told_in_the_words_of_the_reference_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("error");
        auto const row = [](char const* text, char const* error) {
            QTest::newRow(text) << text << error;
        };
        row("leafnodes { foo: 1 }", "t.conf:1:12: unknown field \"foo\"");
        row("leafnodes: 3", "t.conf:1:0: Expected map to define a leafnode, got int64");
        row("leafnodes { remotes: {} }",
            "t.conf:1:12: Expected remotes field to be an array, got map[string]interface {}");
        row("leafnodes { min_version: \"2.7.0\" }",
            "t.conf:1:12: the minimum version should be at least 2.8.0");
        row("leafnodes { min_version: abc }",
            "t.conf:1:12: invalid leafnode's minimum version: invalid semver");
        row("leafnodes { authorization { nkey: xx } }",
            "t.conf:1:28: Not a valid public nkey for leafnode authorization");
        row("leafnodes { authorization { users: [{user: a},{user: a}] } }",
            "t.conf:1:12: duplicate user \"a\" detected in leafnode authorization");
        row("leafnodes { remotes: [ {url: \"nats://x\", account: NOPE} ] }",
            "cannot find local account \"NOPE\" specified in leafnode remote");
        row("leafnodes { remotes: [ {url: \"ws://x\"} ] }",
            "t.conf:1:24: remote leafnode \"ws://x\" belongs to WebSocket, which is not part of "
            "this build yet");
        row("gateway { port: 1 }", "gateway has no name");
        row("gateway { name: \"X Y\", port: 1 }",
            "t.conf:1:10: gateway name cannot contain spaces");
        row("gateway { name: X }",
            "gateway \"X\" has no port specified (select -1 for random port)");
        row("gateway { name: X, port: 1, gateways: [{name: Y}] }", "gateway \"Y\" has no URL");
        row("gateway { name: X, port: 1 }\ncluster { name: Y, port: 2 }",
            "cluster name conflicts between cluster and gateway definitions");
        row("gateway { name: X, port: 1 }\nleafnodes { port: 2 }",
            "leaf nodes and gateways (both being defined) require a system account to also be "
            "configured");
    }
    void mistakes_are_told_in_the_words_of_the_reference() {
        QFETCH(QString, text);
        QFETCH(QString, error);
        QCOMPARE(QString::fromStdString(complaint(text.toStdString())), error);
    }

    void a_reload_changes_remotes_but_not_the_listener() {
        Options const before = options("leafnodes { port: 7000 }");
        Options const remotes =
            options("leafnodes { port: 7000, remotes: [{url: \"nats://x:1\"}] }");
        QVERIFY(difference(before, remotes).ok());
        QVERIFY(!difference(before, options("leafnodes { port: 7001 }")).ok());
        QVERIFY(!difference(options("gateway { name: A, port: 1 }"),
                            options("gateway { name: B, port: 1 }"))
                     .ok());
    }
};

SIGNALBOX_TEST(PeersTest);

#include "peers_test.moc"
