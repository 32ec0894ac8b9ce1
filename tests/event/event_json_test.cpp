#include "engine/event/event_json.h"

#include "tests/support/run_tests.h"

namespace signalbox::event {
namespace {

constexpr WallTime kNow{base::seconds(1'700'000'000)};

EventFrame frame() {
    return {.id = "ID",
            .time = kNow,
            .server = {.name = "box",
                       .host = "h",
                       .id = "N",
                       .version = "2.15.0",
                       .tags = {"a"},
                       .metadata = {{"k", "v"}},
                       .sequence = 7,
                       .time = kNow}};
}

constexpr char kServer[] =
    R"({"name":"box","host":"h","id":"N","ver":"2.15.0","tags":["a"],"metadata":{"k":"v"},)"
    R"("jetstream":false,"flags":0,"seq":7,"time":"2023-11-14T22:13:20Z"})";

}  // namespace

/// Each event as it goes out, byte for byte: other programs read it.
class EventJsonTest : public QObject {
    Q_OBJECT

private slots:
    void a_client_is_told_without_what_is_not_known() {
        ClientConnected event{.client = {.host = "1.2.3.4", .id = 5, .account = "A"}};
        QCOMPARE(to_json(frame(), event),
                 concat(R"({"type":"io.nats.server.advisory.v1.client_connect","id":"ID",)"
                        R"("timestamp":"2023-11-14T22:13:20Z","server":)",
                        kServer,
                        R"(,"client":{"host":"1.2.3.4","id":5,"acc":"A","kind":"Client",)"
                        R"("client_type":"nats"}})"));
    }

    void one_who_left_is_told_with_what_he_did() {
        ClientDisconnected event{.client = {.start = kNow,
                                            .id = 5,
                                            .account = "A",
                                            .user = "u",
                                            .name = "n",
                                            .rtt = base::microseconds(3),
                                            .stop = kNow,
                                            .issuer_key = "I",
                                            .name_tag = "T",
                                            .tags = {"x"}},
                                 .sent = {1, 2},
                                 .received = {3, 4},
                                 .reason = "Client Closed"};
        QCOMPARE(to_json(frame(), event),
                 concat(R"({"type":"io.nats.server.advisory.v1.client_disconnect","id":"ID",)"
                        R"("timestamp":"2023-11-14T22:13:20Z","server":)",
                        kServer,
                        R"(,"client":{"start":"2023-11-14T22:13:20Z","id":5,"acc":"A","user":"u",)"
                        R"("name":"n","rtt":3000,"stop":"2023-11-14T22:13:20Z","issuer_key":"I",)"
                        R"("name_tag":"T","tags":["x"],"kind":"Client","client_type":"nats"},)"
                        R"("sent":{"msgs":1,"bytes":2},"received":{"msgs":3,"bytes":4},)"
                        R"("reason":"Client Closed"})"));
    }

    void a_certificate_that_is_refused_is_told() {
        PeerCertificateRefused event{
            .kind = "Client",
            .peer = {.subject = "CN=c", .issuer = "CN=ca", .fingerprint = "f", .raw = "r"},
            .reason = "revoked"};
        QCOMPARE(to_json(frame(), event),
                 concat(R"({"type":"io.nats.server.advisory.v1.ocsp_peer_reject","id":"ID",)"
                        R"("timestamp":"2023-11-14T22:13:20Z","kind":"Client","peer":{)"
                        R"("subject":"CN=c","issuer":"CN=ca","fingerprint":"f","raw":"r"},)"
                        R"("server":)",
                        kServer, R"(,"reason":"revoked"})"));
    }

    void a_link_of_a_chain_that_is_not_good_is_told() {
        CertificateLinkInvalid event{
            .link = {.subject = "CN=ca", .issuer = {}, .fingerprint = "l", .raw = "q"},
            .peer = {.subject = "CN=c", .issuer = "CN=ca", .fingerprint = "f", .raw = "r"},
            .reason = "revoked"};
        QCOMPARE(to_json(frame(), event),
                 concat(R"({"type":"io.nats.server.advisory.v1.ocsp_peer_link_invalid","id":"ID",)"
                        R"("timestamp":"2023-11-14T22:13:20Z","link":{"subject":"CN=ca",)"
                        R"("fingerprint":"l","raw":"q"},"peer":{"subject":"CN=c",)"
                        R"("issuer":"CN=ca","fingerprint":"f","raw":"r"},"server":)",
                        kServer, R"(,"reason":"revoked"})"));
    }

    void figures_tell_of_what_went_wrong_only_when_it_did() {
        ServerStats stats{.start = kNow, .cores = 2, .cpu_percent = 1.26, .connections = 3};
        std::string const calm = to_json(frame().server, stats);
        QVERIFY(calm.find(R"("cpu":1.3,"connections":3)") != std::string::npos);
        QVERIFY(calm.find("stale") == std::string::npos);
        QVERIFY(calm.find("slow_consumer_stats") == std::string::npos);
        stats.slow_consumers = 4;
        stats.stale_connections = 5;
        std::string const busy = to_json(frame().server, stats);
        QVERIFY(busy.find(R"("slow_consumer_stats":{"clients":4,)") != std::string::npos);
        QVERIFY(busy.find(R"("stale_connections":5,"stale_connection_stats")") !=
                std::string::npos);
    }
};
SIGNALBOX_TEST(EventJsonTest);

}  // namespace signalbox::event

#include "event_json_test.moc"
