#include "engine/protocol/headers.h"

#include "tests/support/run_tests.h"

namespace signalbox::protocol {

/// Headers as they lie in a message.
class HeadersTest : public QObject {
    Q_OBJECT

private slots:
    void headers_are_found_by_name() {
        Bytes const block = "NATS/1.0\r\nA: 1\r\nb:  two \r\nA: 3\r\nodd line\r\n\r\n";
        QCOMPARE(find_header(block, "A").value_or("none"), std::string_view("1"));
        QCOMPARE(find_header(block, "b").value_or("none"), std::string_view("two"));
        QVERIFY(!find_header(block, "B"));
        QCOMPARE(find_header_in_any_case(block, "B").value_or("none"), std::string_view("two"));
        QVERIFY(!find_header(block, "odd line"));
        QVERIFY(!find_header("", "A"));
        QVERIFY(!find_header("NATS/1.0", "A"));
        QVERIFY(!find_header("NATS/1.0 503\r\n\r\n", "NATS/1.0 503"));
    }

    void one_that_is_set_replaces_all_of_its_name() {
        QCOMPARE(with_header("", "X", "y"), std::string("NATS/1.0\r\nX: y\r\n\r\n"));
        QCOMPARE(with_header("NATS/1.0\r\nA: 1\r\nx: 2\r\nB: 3\r\n\r\n", "X", "y"),
                 std::string("NATS/1.0\r\nA: 1\r\nB: 3\r\nX: y\r\n\r\n"));
        QCOMPARE(with_header("NATS/1.0 100 Idle\r\n\r\n", "X", "y"),
                 std::string("NATS/1.0 100 Idle\r\nX: y\r\n\r\n"));
    }

    void what_only_servers_may_say_is_taken_out() {
        QVERIFY(!has_server_header("NATS/1.0\r\nNats-Msg-Id: 1\r\nA: Nats-Request-Info\r\n\r\n"));
        for (char const* const name :
             {"Nats-Request-Info", "nats-request-info", "NATS-TRACE-HOP", "Nats-Server-Xkey"}) {
            std::string const block =
                std::string("NATS/1.0\r\nA: 1\r\n") + name + ": x\r\nB: 2\r\n\r\n";
            QVERIFY2(has_server_header(block), name);
            QCOMPARE(without_server_headers(block),
                     std::string("NATS/1.0\r\nA: 1\r\nB: 2\r\n\r\n"));
        }
        QVERIFY(has_server_header("NATS/1.0\nNats-Request-Info: x\n"));
    }

    void a_block_cut_anywhere_is_survived() {
        std::string const block = "NATS/1.0\r\nNats-Request-Info: {}\r\nA: 1\r\n\r\n";
        for (std::size_t n = 0; n <= block.size(); ++n) {
            Bytes const part = Bytes(block).substr(0, n);
            find_header(part, "A");
            if (has_server_header(part)) {
                QVERIFY(!has_server_header(without_server_headers(part)));
            }
        }
    }
};
SIGNALBOX_TEST(HeadersTest);

}  // namespace signalbox::protocol

#include "headers_test.moc"
