#include "engine/protocol/server_parser.h"

#include "engine/base/text.h"

#include "tests/support/run_tests.h"

namespace signalbox::protocol {

namespace {

struct Describe {
    std::string operator()(InfoOp const& op) const { return concat("info ", op.json); }
    std::string operator()(MessageOp const& op) const {
        return concat("message ", op.subject, '|', op.sid, '|', op.reply, '|', op.headers, '|',
                      op.payload);
    }
    std::string operator()(PingOp) const { return "ping"; }
    std::string operator()(PongOp) const { return "pong"; }
    std::string operator()(OkOp) const { return "ok"; }
    std::string operator()(ErrorOp const& op) const { return concat("error ", op.text); }
};

/// What the parser makes of the pieces, an operation a line.
std::string transcript(std::vector<std::string> const& pieces, ServerParserLimits limits = {}) {
    ServerParser parser(limits);
    std::string out;
    for (std::string const& piece : pieces) {
        // On the heap and gone after the loop, so that a view kept too long is found.
        auto const bytes = std::make_unique<std::string>(piece);
        parser.feed(*bytes);
        for (;;) {
            Result<std::optional<ServerOp>> const next = parser.next();
            if (!next.ok()) {
                return concat(out, base::name_of(next.error().code()), '\n');
            }
            if (!next.value()) {
                break;
            }
            append(out, std::visit(Describe{}, *next.value()), '\n');
        }
    }
    return out;
}

std::string text_of(QString const& text) {
    return text.toStdString();
}

}  // namespace

class ServerParserTest : public QObject {
    Q_OBJECT

private slots:
    void each_line_is_its_operation_data() {
        QTest::addColumn<QString>("bytes");
        QTest::addColumn<QString>("operations");
        auto const row = [](char const* bytes, char const* operations) {
            QTest::newRow(bytes) << QString::fromUtf8(bytes) << QString::fromUtf8(operations);
        };
        row("INFO {\"a\":1} \r\n", "info {\"a\":1}\n");
        row("INFO{\"a\":1}\r\n", "info {\"a\":1}\n");
        row("info\t{}\n", "info {}\n");
        row("PING\r\n", "ping\n");
        row("ping\n", "ping\n");
        row("PONG\r\n", "pong\n");
        row("+OK\r\n", "ok\n");
        row("-ERR 'Stale Connection'\r\n", "error Stale Connection\n");
        row("-ERR plain\r\n", "error plain\n");
        row("-ERR 'a \"b\"' \r\n", "error a \"b\"\n");
        row("MSG a 1 0\r\n\r\n", "message a|1|||\n");
        row("MSG a.b 12 r 2\r\nhi\r\n", "message a.b|12|r||hi\n");
        row("msg\ta  1\t2 \r\nhi\r\n", "message a|1|||hi\n");
        row("MSG a 1 4\r\n\r\n\r\n\r\n", "message a|1|||\r\n\r\n\n");
        row("HMSG a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", "message a|1||NATS/1.0\r\n\r\n|hi\n");
        row("HMSG a 1 r 012 014\r\nNATS/1.0\r\n\r\nhi\r\n", "message a|1|r|NATS/1.0\r\n\r\n|hi\n");
        row("PING\r\nPONG\r\n+OK\r\n", "ping\npong\nok\n");
        row("MSG a 1 2\r\nhi", "");
        row("PIN", "");
    }

    void each_line_is_its_operation() {
        QFETCH(QString, bytes);
        QFETCH(QString, operations);
        QCOMPARE(transcript({text_of(bytes)}), text_of(operations));
    }

    void what_is_not_the_protocol_is_refused_data() {
        QTest::addColumn<QString>("bytes");
        for (char const* bytes :
             {"ZZZ\r\n", "\r\n", "MSG a 1\r\n", "MSG a 1 r 1 2\r\n", "MSG a 1 -1\r\n",
              "MSG a 1 x\r\n", "MSG a 1 1234567890\r\n", "MSG a 1 2\r\nhi!\r", "HMSG a 1 5\r\n",
              "HMSG a 1 r 1 2 3\r\n", "HMSG a 1 5 4\r\n", "HMSG a 1 x 4\r\n", "MSG\r\n"}) {
            QTest::newRow(bytes) << QString::fromUtf8(bytes);
        }
    }

    void what_is_not_the_protocol_is_refused() {
        QFETCH(QString, bytes);
        QCOMPARE(transcript({text_of(bytes)}), std::string("Malformed\n"));
    }

    void any_cut_gives_the_same_operations() {
        std::string const bytes =
            "INFO {\"x\":\"y\"} \r\nMSG a.b 7 3\r\na\r\n\r\nHMSG c 8 r 12 "
            "14\r\nNATS/1.0\r\n\r\nhi\r\n"
            "PING\r\n-ERR 'no'\r\n+OK\r\nPONG\r\n";
        std::string const whole = transcript({bytes});
        for (std::size_t first = 0; first <= bytes.size(); ++first) {
            for (std::size_t second = first; second <= bytes.size(); ++second) {
                QCOMPARE(transcript({bytes.substr(0, first), bytes.substr(first, second - first),
                                     bytes.substr(second)}),
                         whole);
            }
        }
    }

    void a_byte_at_a_time_gives_the_same_operations() {
        std::string const bytes =
            "MSG a 1 5\r\nhello\r\nHMSG a 1 12 12\r\nNATS/1.0\r\n\r\n\r\nPING\r\n";
        std::vector<std::string> pieces;
        for (char const c : bytes) {
            pieces.emplace_back(1, c);
        }
        QCOMPARE(transcript(pieces), transcript({bytes}));
    }

    void a_line_without_an_end_is_refused() {
        ServerParserLimits const limits{.max_line = 64, .max_frame = 100};
        QCOMPARE(transcript({std::string(65, 'x')}, limits), std::string("LimitExceeded\n"));
        QCOMPARE(transcript({std::string(60, 'x'), std::string(5, 'x')}, limits),
                 std::string("LimitExceeded\n"));
        QCOMPARE(transcript({std::string(64, 'x')}, limits), std::string());
    }

    void a_message_over_the_limit_is_refused() {
        ServerParserLimits const limits{.max_line = 64, .max_frame = 100};
        QCOMPARE(transcript({"MSG a 1 101\r\n"}, limits), std::string("LimitExceeded\n"));
        QCOMPARE(transcript({"MSG a 1 100\r\n"}, limits), std::string());
    }

    void a_refusal_stays() {
        ServerParser parser;
        parser.feed("ZZZ\r\n");
        QVERIFY(!parser.next().ok());
        parser.feed("PING\r\n");
        QVERIFY(!parser.next().ok());
    }

    void the_status_stands_in_the_version_line() {
        QCOMPARE(status_of("NATS/1.0 503\r\n\r\n"), std::optional<int>(503));
        QCOMPARE(status_of("NATS/1.0 100 Idle\r\n\r\n"), std::optional<int>(100));
        QCOMPARE(status_of("NATS/1.0\r\n\r\n"), std::optional<int>());
        QCOMPARE(status_of("NATS/1.0 x\r\n\r\n"), std::optional<int>());
        QCOMPARE(status_of(""), std::optional<int>());
    }
};

SIGNALBOX_TEST(ServerParserTest);

}  // namespace signalbox::protocol

#include "server_parser_test.moc"
