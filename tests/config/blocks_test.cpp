#include "engine/base/text.h"
#include "engine/config/block_spec.h"
#include "engine/config/change.h"
#include "engine/config/load.h"
#include "engine/config/schema.h"

#include "tests/config/jwts.h"
#include "tests/config/memory_files.h"
#include "tests/support/run_tests.h"

#include <QDir>
#include <QFile>

#include <string>

using namespace signalbox;
using namespace signalbox::config;

namespace {

constexpr char const* kUserKey = "UC6NLCN7AS34YOJVCYD4PJ3QB7QGLYG5B5IMBT25VW5K4TNUJODM7BOX";
constexpr char const* kOperatorKey = "OAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPSABFW";

/// A certificate and its key that the corpus has.
std::string from_corpus(char const* name) {
    QFile file(QDir(QString::fromStdString(support::source_dir()))
                   .filePath(QString("tests/config/corpus/tls/") + name));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : "";
}

std::map<std::string, std::string> with_files(std::string const& text) {
    std::string const certificate = from_corpus("server.pem");
    return {{"t.conf", text},
            {"c.pem", certificate},
            {"d.pem", "# another text of the same\n" + certificate},
            {"k.pem", from_corpus("server-key.pem")},
            {"op.jwt", concat("-----BEGIN NATS OPERATOR JWT-----\n", kOperatorJwt,
                              "\n------END NATS OPERATOR JWT------\n")},
            {"bare.jwt", concat(kOtherOperatorJwt, "\n")}};
}

Options options(std::string const& text) {
    MemoryFiles files(with_files(text));
    Result<Loaded> result = load(CommandLine::for_file("t.conf"), files, {});
    if (!result.ok()) {
        qFatal("%s", result.error().detail().c_str());
    }
    return std::move(result).value().options;
}

/// The error, or nothing.
std::string complaint(std::string const& text) {
    MemoryFiles files(with_files(text));
    Result<Loaded> const result = load(CommandLine::for_file("t.conf"), files, {});
    return result.ok() ? "" : result.error().detail();
}

std::string names_at(std::string_view path) {
    std::optional<Place> const place = place_at(path);
    if (!place) {
        return "nothing";
    }
    if (!place->block) {
        return "names";
    }
    std::string names;
    for (Key const& key : keys_of(*place->block)) {
        append(names, names.empty() ? "" : " ", key.name());
    }
    return names;
}

}  // namespace

/// The blocks within blocks: who may connect, accounts, TLS, operators.
class BlocksTest : public QObject {
    Q_OBJECT
private slots:
    void a_user_has_all_that_can_be_said_of_one() {
        Options const o = options(concat(
            "authorization {\n default_permissions: {pub: \"d.>\"}\n users: [\n",
            "  {user: a, pass: b, clients: [standard, MQTT_WS], proxy_required: true,\n",
            "   permissions: {publish: {allow: [\"a.>\", b], deny: c}, subscribe: \"q workers\",\n",
            "                 allow_responses: {max: 5, ttl: \"10s\"}}},\n  {nkey: ", kUserKey,
            ", permission: {export: [x, y], allow_responses: true}}\n ]\n}"));
        User const& a = o.authorization.users.at(0);
        QVERIFY(a.proxy_required);
        QVERIFY(a.connection_types.has(permission::ConnectionType::Standard));
        QVERIFY(a.connection_types.has(permission::ConnectionType::MqttWs));
        QVERIFY(!a.connection_types.allows(permission::ConnectionType::Websocket));
        permission::Permissions const wanted{
            .publish = {.allow = {"a.>", "b"}, .deny = {"c"}},
            .subscribe = {.allow = {"q workers"}, .deny = {}},
            .responses = permission::ResponseRules{.max = 5, .expires = base::seconds(10)}};
        QVERIFY(a.permissions == wanted);
        User const& b = o.authorization.users.at(1);
        QCOMPARE(b.id(), std::string(kUserKey));
        QCOMPARE(b.permissions->subscribe.allow, (std::vector<std::string>{"x", "y"}));
        QVERIFY(b.permissions->responses == permission::ResponseRules{});
        QCOMPARE(o.authorization.default_permissions->publish.allow,
                 (std::vector<std::string>{"d.>"}));
    }

    void zero_of_a_response_rule_is_its_default() {
        Options const o = options(
            "authorization {users: [{user: a, permissions: {allow_responses: {max: 0, expires: "
            "\"0s\"}}}, {user: b, permissions: {allow_responses: false}}]}");
        QVERIFY(o.authorization.users[0].permissions->responses == permission::ResponseRules{});
        QVERIFY(!o.authorization.users[1].permissions->responses);
    }

    void a_callout_names_who_signs_and_who_is_not_asked_about() {
        Options const o = options(
            "authorization { users: [{user: auth, password: p}]\n auth_callout {issuer: "
            "ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA, auth_users: [auth]} }");
        QCOMPARE(o.authorization.callout->account, std::string("$G"));
        QCOMPARE(o.authorization.callout->auth_users, (std::vector<std::string>{"auth"}));
    }

    void accounts_share_what_they_say() {
        Options const o = options(
            "accounts {\n"
            " A { exports: [{service: \"s.*\", accounts: [B], response: singleton,\n"
            "                threshold: \"3s\", latency: {subject: lat, sampling: headers},\n"
            "                allow_trace: true}, {service: c, response: chunk},\n"
            "               {stream: \"p.*\", account_token_position: 2}]\n"
            "     limits {max_conn: 3, max_subs: 4, max_pay: 5, max_leafs: 6}\n"
            "     msg_trace: {dest: tr, sampling: \"50%\"}\n"
            "     mappings {\"o.*\": \"n.$1\", w: [{dest: w1, weight: 20%}, {dest: w2, weight: 80,"
            " cluster: c}]} }\n"
            " B { users: [{user: b, password: x}]\n"
            "     imports: [{service: {account: A, subject: \"s.*\"}, to: \"t.*\", share: true},\n"
            "               {stream: {account: A, subject: \"p.B\"}, prefix: pre}] }\n}\n"
            "no_auth_user: b\nsystem_account: A\nmappings {foo: bar}\n");
        AccountOptions const& a = o.accounts.at(0);
        QCOMPARE(a.name, std::string("A"));
        ExportOptions service{.kind = ShareKind::Service,
                              .name = "",
                              .subject = "s.*",
                              .accounts = {"B"},
                              .accounts_given = true,
                              .response_threshold = base::seconds(3)};
        service.latency = LatencyOptions{.subject = "lat", .sampling = 0};
        service.allow_trace = true;
        QVERIFY(a.exports.at(0) == service);
        QVERIFY(a.exports.at(1).response_type == ResponseType::Chunked);
        QCOMPARE(a.exports.at(2).account_token_position, 2);
        QVERIFY((a.limits == AccountLimits{.max_connections = 3,
                                           .max_leafnodes = 6,
                                           .max_subscriptions = 4,
                                           .max_payload = 5}));
        QVERIFY((a.trace == TraceOptions{.destination = "tr", .sampling = 50}));
        std::vector<MappingOptions> const mappings = {
            {.source = "o.*", .destinations = {{.subject = "n.$1"}}},
            {.source = "w",
             .destinations = {{.subject = "w1", .weight = 20},
                              {.subject = "w2", .weight = 80, .cluster = "c"}}}};
        QVERIFY(a.mappings == mappings);
        AccountOptions const& b = o.accounts.at(1);
        QCOMPARE(b.imports.at(0).to, std::string("t.*"));
        QVERIFY(b.imports.at(0).share && b.imports.at(0).kind == ShareKind::Service);
        QCOMPARE(b.imports.at(1).prefix, std::string("pre"));
        QCOMPARE(b.imports.at(1).account, std::string("A"));
        QCOMPARE(o.accounts.at(2).name, std::string("$G"));
        QCOMPARE(o.accounts.at(2).mappings.at(0).source, std::string("foo"));
        QVERIFY(o.authentication_required());
        QCOMPARE(options("accounts: [X, Y]").accounts.at(1).name, std::string("Y"));
    }

    void the_files_of_tls_are_read_with_it() {
        Options const o = options(
            "tls {cert_file: c.pem, key_file: k.pem, ca_file: d.pem, verify_and_map: true,\n"
            "timeout: 0.5, min_version: \"1.3\", cipher_suites: [TLS_AES_128_GCM_SHA256],\n"
            "curve_preferences: [X25519], first: \"300ms\", connection_rate_limit: 9,\n"
            "pinned_certs: "
            "[\"AB0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"],\n"
            "ocsp_peer: {verify: true, ca_timeout: 5}}\n"
            "allow_non_tls: true\nhttps: 8443\nocsp {mode: Always, urls: [u]}");
        TlsOptions const& tls = *o.tls;
        QCOMPARE(tls.certificates.size(), std::size_t{1});
        QVERIFY(tls.certificates[0].cert_pem.starts_with("-----BEGIN CERTIFICATE"));
        QVERIFY(tls.certificates[0].key_pem.reveal().starts_with("-----BEGIN PRIVATE KEY"));
        QVERIFY(tls.ca_pem.starts_with("# another"));
        QVERIFY(tls.verify && tls.verify_and_map);
        QVERIFY(tls.timeout == base::milliseconds(500));
        QVERIFY(tls.handshake_first == HandshakeFirst::Fallback);
        QVERIFY(tls.handshake_first_delay == base::milliseconds(300));
        QVERIFY(tls.pinned_certs.at(0).starts_with("ab0102"));
        QVERIFY(tls.ocsp_peer->ca_timeout == base::seconds(5));
        QVERIFY(o.ocsp->mode == OcspMode::Always && o.ocsp->urls.size() == 1);
        QCOMPARE(o.monitoring.https->port, 8443);
        QCOMPARE(options("tls {certs: [{cert_file: c.pem, key_file: k.pem}, {cert_file: d.pem, "
                         "key_file: k.pem}]}")
                     .tls->certificates.size(),
                 std::size_t{2});
    }

    void operators_come_as_they_are_or_from_files() {
        Options const o = options(
            concat("operator: [op.jwt, bare.jwt, ", kOperatorJwt,
                   "]\nresolver_tls {ca_file: c.pem}\n"
                   "resolver {type: full, dir: d, allow_delete: true, limit: 5, interval: \"1m\",\n"
                   "timeout: \"3s\"}\nresolver_preload {",
                   kAccountKey, ": ", kAccountJwt,
                   "}\nresolver_pinned_accounts: [P]\ndefault_sentinel: \"s\""));
        OperatorOptions const& operators = o.operators;
        QCOMPARE(operators.operators,
                 (std::vector<std::string>{kOperatorJwt, kOtherOperatorJwt, kOperatorJwt}));
        QVERIFY(operators.resolver.kind == ResolverKind::Full);
        QVERIFY(operators.resolver.tls->ca_pem.starts_with("-----BEGIN"));
        QVERIFY(operators.resolver.timeout == base::seconds(3));
        QCOMPARE(operators.preload.at(0).second, std::string(kAccountJwt));
        QCOMPARE(operators.pinned_accounts, (std::vector<std::string>{"P"}));
        QVERIFY(options("resolver: MEMORY").operators.resolver.kind == ResolverKind::Memory);
        QCOMPARE(options("resolver: URL(http://h/x)").operators.resolver.url,
                 std::string("http://h/x"));
        QCOMPARE(options(concat("trusted: ", kOperatorKey)).operators.trusted_keys,
                 (std::vector<std::string>{kOperatorKey}));
        QCOMPARE(options(concat("proxies {trusted: [{key: ", kUserKey, "}]}")).trusted_proxies,
                 (std::vector<std::string>{kUserKey}));
    }

    void what_does_not_go_with_operators_is_refused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        auto const row = [](char const* text, char const* expected) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
        };
        row("accounts {A: {}}", "operators do not allow Accounts to be configured directly");
        row("authorization {users: [{user: a, password: b}]}",
            "operators do not allow users to be configured directly");
        row("no_auth_user: a", "no_auth_user not compatible with Trusted Operator");
        row("trusted_keys: OAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPSABFW",
            "conflicting options for 'TrustedKeys' and 'TrustedOperators'");
    }
    void what_does_not_go_with_operators_is_refused() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(complaint(concat("operator: op.jwt\nresolver: MEMORY\n", text.toStdString())),
                 expected.toStdString());
    }

    // A key that several blocks know has one meaning in each, and unknown ones name their
    // neighbour.
    void an_unknown_key_is_told_in_its_blocks_words() {
        QCOMPARE(complaint("accounts {A: {export: []}}"),
                 std::string("t.conf:1:14: unknown field \"export\" (did you mean \"exports\"?)"));
        QCOMPARE(complaint("tls {certfile: x}"),
                 std::string("t.conf:1:5: error parsing tls config, unknown field \"certfile\""));
        QCOMPARE(complaint("accounts {A: {limits: {conn: 1}}}"),
                 std::string("t.conf:1:23: Unknown field \"conn\" parsing account limits"));
    }

    void an_editor_finds_the_keys_of_any_place() {
        QVERIFY(names_at("").starts_with("listen host port"));
        QCOMPARE(names_at("accounts"), std::string("names"));
        QVERIFY(names_at("accounts.X").starts_with("nkey users"));
        QCOMPARE(names_at("accounts.X.imports[]"),
                 std::string("stream service prefix to share allow_trace"));
        QCOMPARE(names_at("accounts.X.imports[].stream"), std::string("account subject"));
        QCOMPARE(names_at("Authorization.Users[].permissions.pub"), std::string("allow deny"));
        QCOMPARE(names_at("mappings"), std::string("names"));
        QCOMPARE(names_at("mappings.x"), std::string("destination weight cluster"));
        QCOMPARE(names_at("accounts.X.imports[].nope"), std::string("nothing"));
        QCOMPARE(names_at("port"), std::string("nothing"));
        QVERIFY(names_at("cluster").starts_with("name listen host port"));
        QCOMPARE(names_at("websocket"), std::string("nothing"));
        QVERIFY(place_at("accounts.X.exports")->in_array);
        QCOMPARE(place_at("tls.certs[]")->key->name(), std::string_view("certs"));
        std::vector<std::string_view> const dotted = {"accounts", "a.b", "limits"};
        QVERIFY(place_at(dotted)->block == Block::AccountLimits);
    }

    void every_block_can_be_reached_and_describes_itself() {
        for (std::size_t i = 0; i < kBlockCount; ++i) {
            BlockSpec const spec = spec_of(static_cast<Block>(i));
            QVERIFY(!spec.keys.empty());
            QVERIFY(spec.not_a_map != nullptr);
            for (Key const& key : spec.keys) {
                QVERIFY2(!key.has_block() || key.inner != Block::Top,
                         std::string(key.name()).c_str());
                QVERIFY2(key.type != KeyType::Blocks || spec_of(key.inner).not_an_array != nullptr,
                         std::string(key.name()).c_str());
                QVERIFY2(key.reload != ReloadRule::Partial || key.allowed != nullptr,
                         std::string(key.name()).c_str());
            }
        }
    }

    // Each account imports from the next; the last one's import may close the circle.
    void a_long_way_round_is_found() {
        auto const ring = [](bool closed) {
            constexpr int kAccounts = 300;
            std::string text = "accounts {\n";
            for (int i = 0; i < kAccounts; ++i) {
                int const next = (i + 1) % kAccounts;
                append(text, "A", i, " {exports: [{stream: \"x.>\"}]");
                if (next != 0 || closed) {
                    append(text, ", imports: [{stream: {account: A", next, ", subject: \"x.>\"}}]");
                }
                text += "}\n";
            }
            return text + "}\n";
        };
        QCOMPARE(complaint(ring(false)), std::string());
        QVERIFY(complaint(ring(true)).find("import forms a cycle") != std::string::npos);
    }

    // What the documentation shows is of the language, as it stands or as an element of an array.
    void every_example_can_be_read() {
        MemoryFiles files;
        Environment const variables = {{"BOB_PASSWORD", "x"},
                                       {"EDGE_PASSWORD", "x"},
                                       {"ROUTE_PASSWORD", "x"},
                                       {"SHOP_PASSWORD", "x"},
                                       {"WEB_PASSWORD", "x"}};
        for (std::size_t i = 0; i < kBlockCount; ++i) {
            std::string const example(spec_of(static_cast<Block>(i)).example);
            std::string const text =
                example.starts_with('{') ? concat("x: [ ", example, " ]") : example;
            Result<Document> const read = parse_text(text, "example", files, variables);
            QVERIFY2(read.ok(), concat(example, "\n").c_str());
        }
    }

    void the_example_of_accounts_is_a_whole_configuration() {
        MemoryFiles files({{"t.conf", concat("SHOP_PASSWORD: x\nWEB_PASSWORD: y\n",
                                             spec_of(Block::Account).example)}});
        Result<Loaded> const result = load(CommandLine::for_file("t.conf"), files, {});
        QVERIFY2(result.ok(), result.ok() ? "" : result.error().detail().c_str());
        QCOMPARE(result.value().options.accounts.size(), std::size_t{2});
    }

    void a_reload_takes_accounts_and_certificates() {
        auto const keys_changed = [](std::string const& old, std::string const& now) {
            Result<std::vector<Change>> const changes = difference(options(old), options(now));
            std::string keys;
            if (changes.ok()) {
                for (Change const& change : changes.value()) {
                    append(keys, keys.empty() ? "" : " ", change.key);
                }
                return keys;
            }
            return changes.error().detail();
        };
        QCOMPARE(keys_changed("accounts {A: {}}", "accounts {A: {limits: {max_conn: 1}}}"),
                 std::string("accounts"));
        QCOMPARE(keys_changed("mappings {a: b}", "mappings {a: c}"), std::string("mappings"));
        QCOMPARE(keys_changed("tls {cert_file: c.pem, key_file: k.pem}",
                              "tls {cert_file: d.pem, key_file: k.pem}"),
                 std::string("tls"));
        QCOMPARE(keys_changed("port: 1", "port: 1\nsystem_account: \"$SYS\""),
                 std::string("system_account"));
        QCOMPARE(keys_changed("port: 1", "port: 1\nsystem_account: A"),
                 std::string("config reload not supported for SystemAccount: old=, new=A"));
        QCOMPARE(keys_changed("port: 1", "port: 1\nallow_non_tls: true"),
                 std::string("config reload not supported for AllowNonTLS: old=false, new=true"));
        QCOMPARE(keys_changed("resolver: MEMORY", "resolver: URL(http://x)"),
                 std::string("config reload not supported for AccountResolver: old=MEMORY, "
                             "new=URL(http://x)"));
        QCOMPARE(keys_changed("resolver: URL(http://y)", "resolver: URL(http://x)"),
                 std::string("resolver"));
        QCOMPARE(keys_changed("no_auth_user: x\naccounts {A: {users: [{user: x}]}}",
                              "accounts {A: {users: [{user: y}]}}"),
                 std::string("no_auth_user accounts"));
    }
};
SIGNALBOX_TEST(BlocksTest);

#include "blocks_test.moc"
