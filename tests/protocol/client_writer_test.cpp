#include "engine/protocol/client_writer.h"

#include "engine/base/json_reader.h"

#include "tests/support/run_tests.h"

namespace signalbox::protocol {

class ClientWriterTest : public QObject {
    Q_OBJECT

private slots:
    void a_message_is_published_with_what_it_has() {
        auto const written = [](PublishLine const& line) {
            std::string out;
            append_publish(out, line);
            return out;
        };
        QCOMPARE(written({.subject = "a.b"}), std::string("PUB a.b 0\r\n\r\n"));
        QCOMPARE(written({.subject = "a", .reply = "r", .payload = "hi"}),
                 std::string("PUB a r 2\r\nhi\r\n"));
        QCOMPARE(written({.subject = "a", .headers = "NATS/1.0\r\n\r\n", .payload = "hi"}),
                 std::string("HPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"));
        QCOMPARE(written({.subject = "a", .reply = "r", .headers = "NATS/1.0\r\n\r\n"}),
                 std::string("HPUB a r 12 12\r\nNATS/1.0\r\n\r\n\r\n"));
    }

    void subscriptions_begin_and_end() {
        std::string out;
        append_subscribe(out, "a.*", "", 1);
        append_subscribe(out, "a.>", "q", 2);
        append_unsubscribe(out, 1, 0);
        append_unsubscribe(out, 2, 5);
        QCOMPARE(out, std::string("SUB a.* 1\r\nSUB a.> q 2\r\nUNSUB 1\r\nUNSUB 2 5\r\n"));
    }

    void connect_leaves_out_what_is_empty() {
        std::string out;
        append_connect(out, {.name = "say \"hi\"", .token = "t"});
        QVERIFY(out.starts_with("CONNECT {"));
        QVERIFY(out.ends_with("}\r\n"));
        Json const json = Json::parse(out.substr(8)).value();
        QCOMPARE(*json.find("name")->as_text(), std::string("say \"hi\""));
        QCOMPARE(*json.find("auth_token")->as_text(), std::string("t"));
        QCOMPARE(*json.find("verbose")->as_bool(), false);
        QCOMPARE(*json.find("protocol")->as_int(), std::int64_t{1});
        QVERIFY(json.find("user") == nullptr);
        QVERIFY(json.find("pass") == nullptr);
    }

    void a_header_cannot_forge_another() {
        std::vector<std::pair<std::string, std::string>> const headers = {
            {"A", "1"}, {"B\r\nX: y", "2\r\n\r\nZ"}};
        QCOMPARE(header_block(headers), std::string("NATS/1.0\r\nA: 1\r\nB  X: y: 2    Z\r\n\r\n"));
        QCOMPARE(header_block({}), std::string());
    }
};

SIGNALBOX_TEST(ClientWriterTest);

}  // namespace signalbox::protocol

#include "client_writer_test.moc"
