#include "engine/protocol/client_parser.h"

#include "engine/base/text.h"

#include "tests/support/run_tests.h"

#include <cstring>

namespace signalbox::protocol {

namespace {

using Step = ClientParser::Step;

struct Setting {
    ParserLimits limits;
    bool headers = true;
};

std::string fault_name(ParseFault fault) {
    switch (fault) {
        case ParseFault::None:
            return "none";
        case ParseFault::UnknownOperation:
            return "unknown operation";
        case ParseFault::ControlLineTooLong:
            return "control line too long";
        case ParseFault::PayloadTooLarge:
            return "payload too large";
        case ParseFault::BadArguments:
            return "bad arguments";
        case ParseFault::BadHeaderSize:
            return "bad header size";
        case ParseFault::HeadersNotNegotiated:
            return "headers not negotiated";
    }
    return "?";
}

std::string describe(ClientParser const& parser, Step step) {
    switch (step) {
        case Step::NeedMore:
            return "more";
        case Step::Ping:
            return "ping";
        case Step::Pong:
            return "pong";
        case Step::Ok:
            return "ok";
        case Step::Connect:
            return concat("connect ", parser.json());
        case Step::Info:
            return concat("info ", parser.json());
        case Step::PeerError:
            return concat("error ", parser.json());
        case Step::Publish: {
            Publish const& p = parser.publish();
            return concat("publish ", p.subject.text(), '|', p.reply, '|', p.sizes, '|', p.headers,
                          '|', p.payload, '|', p.tail);
        }
        case Step::Subscribe: {
            Subscribe const& s = parser.subscribe();
            return concat("subscribe ", s.filter, '|', s.queue, '|', s.sid);
        }
        case Step::Unsubscribe:
            return concat("unsubscribe ", parser.unsubscribe().sid, '|', parser.unsubscribe().max);
        case Step::Fault:
            return concat("fault ", fault_name(parser.fault()));
    }
    return "?";
}

/// Everything in `bytes`, an operation a line; false at a fault.
bool take_all(ClientParser& parser, std::string& out) {
    for (;;) {
        Step const step = parser.next();
        if (step == Step::NeedMore) {
            return true;
        }
        append(out, describe(parser, step), '\n');
        if (step == Step::Fault) {
            return false;
        }
    }
}

/// What the parser makes of the pieces. Where it wants the rest of a frame in memory of its own, it
/// gets it there, as a connection does.
std::string transcript(std::vector<std::string_view> const& pieces, Setting const& setting = {}) {
    ClientParser parser(setting.limits);
    parser.allow_headers(setting.headers);
    std::string out;
    for (std::string_view piece : pieces) {
        while (!piece.empty()) {
            std::span<char> const space = parser.writable();
            if (!space.empty()) {
                std::size_t const n = std::min(space.size(), piece.size());
                std::memcpy(space.data(), piece.data(), n);
                parser.commit(n);
                piece.remove_prefix(n);
                if (!take_all(parser, out)) {
                    return out;
                }
                continue;
            }
            // On the heap and gone after the turn, so that a view kept too long is found.
            auto const bytes = std::make_unique<std::string>(piece);
            piece = {};
            parser.feed(*bytes);
            if (!take_all(parser, out)) {
                return out;
            }
        }
    }
    return out;
}

std::string whole(std::string_view bytes, Setting const& setting = {}) {
    return transcript({bytes}, setting);
}

/// `bytes` cut once at every place, and twice at every pair of places.
void compare_all_cuts(std::string_view bytes, Setting const& setting = {}) {
    std::string const expected = whole(bytes, setting);
    for (std::size_t first = 0; first <= bytes.size(); ++first) {
        for (std::size_t second = first; second <= bytes.size(); ++second) {
            std::string const cut = transcript(
                {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)},
                setting);
            if (cut != expected) {
                qInfo("cut at %zu and %zu", first, second);
                QCOMPARE(cut, expected);
            }
        }
    }
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        single.push_back(bytes.substr(i, 1));
    }
    QCOMPARE(transcript(single, setting), expected);
}

std::string text_of(QString const& text) {
    return text.toStdString();
}

QString shown(std::string_view text) {
    return QString::fromStdString(base::quoted(base::cut(text, 60)));
}

std::string a_publish(std::string_view subject, std::size_t size, char filler = 'x') {
    return concat("PUB ", subject, " ", size, "\r\n", std::string(size, filler), "\r\n");
}

}  // namespace

class ClientParserTest : public QObject {
    Q_OBJECT

private slots:
    void each_line_is_its_operation_data() {
        QTest::addColumn<QString>("bytes");
        QTest::addColumn<QString>("operations");
        auto const row = [](std::string_view bytes, std::string_view operations) {
            QTest::newRow(qPrintable(shown(bytes)))
                << QString::fromUtf8(bytes) << QString::fromUtf8(concat(operations, '\n'));
        };
        row("PING\r\n", "ping");
        row("pInG\r\n", "ping");
        row("PING\n", "ping");
        row("PING and more\r\n", "ping");
        row("PINGPONG\r\n", "ping");
        row("PONG\r\n", "pong");
        row("+OK\r\n", "ok");
        row("+ok fine\r\n", "ok");
        row("-ERR 'what'\r\n", "error 'what'");
        row("-err\t'what' \r\n", "error 'what' ");
        row("CONNECT {}\r\n", "connect {}");
        row("connect{\"a\": 1}\r\n", "connect {\"a\": 1}");
        row("CONNECT \t {} \r\n", "connect {} ");
        row("CONNECT\r\n", "connect ");
        row("INFO {}\r\n", "info {}");
        row("SUB a 1\r\n", "subscribe a||1");
        row("sub\ta.*\tq\t1\r\n", "subscribe a.*|q|1");
        row("SUB   a   q   sid-7   \r\n", "subscribe a|q|sid-7");
        row("SUB a 1\n", "subscribe a||1");
        row("UNSUB 1\r\n", "unsubscribe 1|0");
        row("UNSUB 1 5\r\n", "unsubscribe 1|5");
        row("unsub 1 999999999\r\n", "unsubscribe 1|999999999");
        row("UNSUB 1 1234567890\r\n", "unsubscribe 1|0");
        row("UNSUB 1 five\r\n", "unsubscribe 1|0");
        row("UNSUB 1 -5\r\n", "unsubscribe 1|0");
        row("PUB a 2\r\nhi\r\n", "publish a||2||hi| 2\r\nhi\r\n");
        row("PUB a r.x 2\r\nhi\r\n", "publish a|r.x|2||hi| r.x 2\r\nhi\r\n");
        row("PUB a 0\r\n\r\n", "publish a||0||| 0\r\n\r\n");
        row("PUB a 000000004\r\n\r\n\r\n\r\n",
            "publish a||000000004||\r\n\r\n| 000000004\r\n\r\n\r\n\r\n");
        row("HPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
            "publish a||12 14|NATS/1.0\r\n\r\n|hi| 12 14\r\nNATS/1.0\r\n\r\nhi\r\n");
        row("hpub a r 3 3\r\nabc\r\n", "publish a|r|3 3|abc|| r 3 3\r\nabc\r\n");
    }

    void each_line_is_its_operation() {
        QFETCH(QString, bytes);
        QFETCH(QString, operations);
        QCOMPARE(whole(text_of(bytes)), text_of(operations));
        // With other operations on both sides it is the same.
        QCOMPARE(whole(concat("PONG\r\n", text_of(bytes), "SUB z 9\r\n")),
                 concat("pong\n", text_of(operations), "subscribe z||9\n"));
    }

    // What follows the subject is repeated to subscribers as it came only when it is written as
    // they expect it: with single blanks and CR LF.
    void an_irregular_line_has_no_tail_data() {
        QTest::addColumn<QString>("line");
        for (char const* line :
             {"PUB a  2\r\n",   "PUB  a 2\r\n",    "PUB a 2 \r\n",    "PUB\ta 2\r\n",
              "PUB a\t2\r\n",   "PUB a 2\t\r\n",   "PUB a 2\n",       "PUB a 2 \n",
              "PUB  a 2\n",     "PUB a 2\t\n",     "PUB a  2\n",      "PUB a\r2\r\n",
              "PUB a\r2\n",     "PUB a 2\r\r\n",   "PUB a\r 2\r\n",   "HPUB a 1 2\n",
              "HPUB a  1 2\n",  "HPUB a 1\r2\r\n", "HPUB a 1\t2\r\n", "HPUB a 1 2 \n",
              "HPUB a 0 2\r\n", "PUB a r\r2\r\n",  "PUB a r  2\n"}) {
            QTest::newRow(qPrintable(shown(line))) << QString(line);
        }
    }

    void an_irregular_line_has_no_tail() {
        QFETCH(QString, line);
        ClientParser parser({});
        parser.allow_headers(true);
        std::string const bytes = text_of(line) + "hi\r\n";
        parser.feed(bytes);
        QVERIFY(parser.next() == Step::Publish);
        QCOMPARE(parser.publish().subject.text(), std::string_view("a"));
        QCOMPARE(std::string(parser.publish().headers) + std::string(parser.publish().payload),
                 std::string("hi"));
        QCOMPARE(parser.publish().tail, std::string_view());
    }

    void however_the_bytes_are_cut_the_operations_are_the_same_data() {
        QTest::addColumn<QString>("bytes");
        auto const row = [](std::string_view bytes) {
            QTest::newRow(qPrintable(shown(bytes))) << QString::fromUtf8(bytes);
        };
        row("CONNECT {\"verbose\":false}\r\nPING x\r\nPONG\r\n+OK\r\nSUB a.* q 7\r\n");
        row("PUB a.b r 5\r\nhello\r\nPUB a.b r 5\r\nworld\r\nPUB a.c r 5\r\nagain\r\n");
        row("HPUB a.b r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPING\r\nUNSUB 7 3\r\n");
        row("pub \ta\t 4 \r\n\r\n\r\n\r\nhpub a 0 0\n\r\nUNSUB 1\nsub a 1\nINFO {}\n");
        row("-ERR 'x'\r\nPUB a 0\r\n\r\nPING\n\r\n");
        row("PING\r\nPUB a 2\r\nhixx");
        row("SUB a 1\r\nPUB a 2\r\nhi\rx");
        row("UNSUB 1\r\nPUB a\r\n");
        row("PONG\r\nHPUB a 3 2\r\nhi\r\n");
        row("PUB a 12345678901\r\n");
        row("PINX\r\n");
        row("PUBLISH a 2\r\n");
        row("CONNECT {}\r\n\r\n");
    }

    void however_the_bytes_are_cut_the_operations_are_the_same() {
        QFETCH(QString, bytes);
        compare_all_cuts(text_of(bytes));
    }

    // With small limits the cuts fall on both sides of every check.
    void however_a_long_line_is_cut_the_fault_is_the_same_data() {
        QTest::addColumn<QString>("bytes");
        auto const row = [](std::string const& bytes) {
            QTest::newRow(qPrintable(shown(bytes))) << QString::fromStdString(bytes);
        };
        std::string const blanks(70, ' ');
        row(concat("PUB ", blanks, "a 2\r\nhi\r\n"));
        row(concat("PUB a 2", blanks, "\r\nhi\r\n"));
        row("PUB a    2 \r\nhi\r\nPING\r\n");
        row("PUB a     2 \r\nhi\r\nPING\r\n");
        row("PUB a      2 \r\nhi\r\nPING\r\n");
        row("SUB aaaaaaaa 1\r\nPING\r\n");
        row("SUB aaaaaaaaa 1\r\nPING\r\n");
        row("SUB aaaaaaaaa 1\nPING\r\n");
        row(concat("SUB ", blanks, "\r\n"));
        row(concat("UNSUB 1", blanks, "\r\n"));
        row("HPUB a 12345 678901\r\n");
        row(concat("CONNECT {", blanks, "}\r\nPING\r\n"));
        row(concat("PING", blanks, blanks, "\r\nPONG\r\n"));
        row(concat("ZING", blanks, blanks, "\r\nPONG\r\n"));
    }

    void however_a_long_line_is_cut_the_fault_is_the_same() {
        QFETCH(QString, bytes);
        compare_all_cuts(text_of(bytes), {.limits = {.max_control_line = 10, .max_payload = 20}});
        compare_all_cuts(text_of(bytes),
                         {.limits = {.max_control_line = 10, .max_payload = 20}, .headers = false});
    }

    void what_is_not_the_protocol_is_its_fault_data() {
        QTest::addColumn<QString>("bytes");
        QTest::addColumn<QString>("fault");
        auto const row = [](char const* bytes, ParseFault fault) {
            QTest::newRow(qPrintable(shown(bytes)))
                << QString(bytes) << QString::fromStdString(fault_name(fault));
        };
        for (char const* bytes : {"\r\n",
                                  "\n",
                                  " PING\r\n",
                                  "PUB\r\n",
                                  "PUBX\r\n",
                                  "PU\r\n",
                                  "P\r\n",
                                  "SUB\r\n",
                                  "SUBX a 1\r\n",
                                  "UNSUB\r\n",
                                  "HPUB\r\n",
                                  "-ERR\r\n",
                                  "+KO\r\n",
                                  "MSG a 1 0\r\n",
                                  "RS+ x\r\n",
                                  "LS+ x\r\n",
                                  "A+ x\r\n",
                                  "GET / HTTP/1.1\r\n",
                                  "\x01\x02\x03\r\n",
                                  "{}\r\n",
                                  "CONNEC {}\r\n",
                                  "INF {}\r\n",
                                  "PUB a 2\r\nhixx",
                                  "PUB a 2\r\nhi\n\r",
                                  "PUB a 0\r\nhi\r\n",
                                  "PUB a 2\r\nhi\rx"}) {
            row(bytes, ParseFault::UnknownOperation);
        }
        for (char const* bytes : {"PUB \r\n",
                                  "PUB a\r\n",
                                  "PUB a r 2 3\r\n",
                                  "PUB a b c d e f\r\n",
                                  "PUB a x\r\n",
                                  "PUB a -1\r\n",
                                  "PUB a +1\r\n",
                                  "PUB a 1.5\r\n",
                                  "PUB a 0x1\r\n",
                                  "PUB a 1234567890\r\n",
                                  "PUB a 9223372036854775808\r\n",
                                  "PUB a 18446744073709551616\r\n",
                                  "PUB a 00000000000000000002\r\n",
                                  "SUB a\r\n",
                                  "SUB  \r\n",
                                  "SUB a q 1 x\r\n",
                                  "UNSUB \r\n",
                                  "UNSUB 1 2 3\r\n",
                                  "HPUB a 2\r\n",
                                  "HPUB a r q 1 2\r\n",
                                  "HPUB a 1 x\r\n",
                                  "HPUB a 1 1234567890\r\n"}) {
            row(bytes, ParseFault::BadArguments);
        }
        for (char const* bytes :
             {"HPUB a 3 2\r\n", "HPUB a x 2\r\n", "HPUB a -1 2\r\n", "HPUB a 1234567890 2\r\n"}) {
            row(bytes, ParseFault::BadHeaderSize);
        }
        row("PUB a 1048577\r\n", ParseFault::PayloadTooLarge);
        row("PUB a 999999999\r\n", ParseFault::PayloadTooLarge);
        row("HPUB a 1 1048577\r\n", ParseFault::PayloadTooLarge);
    }

    void what_is_not_the_protocol_is_its_fault() {
        QFETCH(QString, bytes);
        QFETCH(QString, fault);
        QCOMPARE(whole(text_of(bytes)), concat("fault ", text_of(fault), '\n'));
        // A fault stays, whatever comes.
        ClientParser parser({});
        parser.allow_headers(true);
        std::string const all = text_of(bytes);
        parser.feed(all);
        QVERIFY(parser.next() == Step::Fault);
        parser.feed("PING\r\n");
        QVERIFY(parser.next() == Step::Fault);
        QCOMPARE(fault_name(parser.fault()), text_of(fault));
        QVERIFY(parser.snippet().size() <= 32);
    }

    void headers_must_have_been_agreed_on() {
        QCOMPARE(whole("PING\r\nHPUB a 0 0\r\n", {.headers = false}),
                 std::string("ping\nfault headers not negotiated\n"));
    }

    void a_line_of_the_greatest_length_is_taken_and_no_longer_one_data() {
        QTest::addColumn<QString>("verb");
        QTest::addColumn<QString>("end");
        for (char const* verb : {"SUB ", "sub\t \t", "UNSUB ", "CONNECT ", "INFO", "-ERR "}) {
            for (char const* end : {"\r\n", "\n"}) {
                QTest::newRow(qPrintable(shown(concat(verb, end))))
                    << QString(verb) << QString(end);
            }
        }
    }

    void a_line_of_the_greatest_length_is_taken_and_no_longer_one() {
        QFETCH(QString, verb);
        QFETCH(QString, end);
        ParserLimits const limits{.max_control_line = 100, .max_payload = 100};
        std::string const arguments =
            verb == "UNSUB " ? std::string(100, 'a') : concat(std::string(98, 'a'), " 1");
        std::string const fits = concat(text_of(verb), arguments, text_of(end));
        std::string const taken = whole(fits, {.limits = limits});
        QVERIFY2(!taken.starts_with("fault"), taken.c_str());
        std::string const longer = concat(text_of(verb), "b", arguments, text_of(end));
        QCOMPARE(whole(longer, {.limits = limits}), std::string("fault control line too long\n"));
    }

    void a_publish_line_of_the_greatest_length_is_taken_and_no_longer_one() {
        ParserLimits const limits{.max_control_line = 4'096, .max_payload = 100};
        std::string const subject(4'094, 'a');
        QVERIFY(whole(a_publish(subject, 2), {.limits = limits}).starts_with("publish aaa"));
        QCOMPARE(whole(a_publish(concat(subject, "b"), 2), {.limits = limits}),
                 std::string("fault control line too long\n"));
        // Before its end has come it is too long already.
        QCOMPARE(whole(concat("PUB ", std::string(4'200, 'a')), {.limits = limits}),
                 std::string("fault control line too long\n"));
    }

    // For whoever tells of it: as far as the headers came along with the line.
    void of_one_that_is_too_large_the_headers_are_known() {
        std::string const line = "HPUB a.b 14 2000000\r\n";
        for (bool const whole_headers : {true, false}) {
            ClientParser parser({});
            parser.allow_headers(true);
            std::string const all = line + (whole_headers ? "NATS/1.0\r\nA:\r\n" : "NATS/1.0\r\n");
            parser.feed(all);
            QVERIFY(parser.next() == Step::Fault);
            QVERIFY(parser.fault() == ParseFault::PayloadTooLarge);
            QCOMPARE(parser.refused_size(), std::uint64_t{2'000'000});
            QCOMPARE(parser.refused().headers.size(),
                     whole_headers ? std::size_t{14} : std::size_t{0});
        }
    }

    void a_payload_of_the_greatest_size_is_taken_and_no_larger_one() {
        ParserLimits const limits{.max_control_line = 100, .max_payload = 10};
        QVERIFY(whole(a_publish("a", 10), {.limits = limits}).starts_with("publish a||10|"));
        QCOMPARE(whole("PUB a 11\r\n", {.limits = limits}),
                 std::string("fault payload too large\n"));
        QVERIFY(whole("HPUB a 4 10\r\n0123456789\r\n", {.limits = limits})
                    .starts_with("publish a||4 10|0123|456789|"));
        QCOMPARE(whole("HPUB a 4 11\r\n", {.limits = limits}),
                 std::string("fault payload too large\n"));
    }

    void lowered_limits_hold_for_a_line_seen_before_data() {
        QTest::addColumn<int>("control_line");
        QTest::addColumn<int>("payload");
        QTest::addColumn<QString>("fault");
        QTest::newRow("payload") << 100 << 4 << "fault payload too large\n";
        QTest::newRow("line") << 5 << 100 << "fault control line too long\n";
    }

    void lowered_limits_hold_for_a_line_seen_before() {
        QFETCH(int, control_line);
        QFETCH(int, payload);
        QFETCH(QString, fault);
        ClientParser parser({.max_control_line = 100, .max_payload = 100});
        std::string const bytes = a_publish("a.b.c", 5);
        std::string out;
        parser.feed(bytes);
        QVERIFY(take_all(parser, out));
        parser.set_limits({.max_control_line = static_cast<std::uint64_t>(control_line),
                           .max_payload = static_cast<std::uint64_t>(payload)});
        out.clear();
        parser.feed(bytes);
        QVERIFY(!take_all(parser, out));
        QCOMPARE(out, text_of(fault));
    }

    // The last line is remembered; one that differs in a single byte is not taken for it.
    void lines_of_equal_length_are_told_apart() {
        std::string bytes;
        std::string expected;
        for (char subject : {'a', 'a', 'b', 'a'}) {
            for (char reply : {'r', 's', 's'}) {
                for (int size : {1, 2, 2}) {
                    std::string const payload(static_cast<std::size_t>(size), 'x');
                    append(bytes, "PUB ", subject, " ", reply, " ", size, "\r\n", payload, "\r\n");
                    append(expected, "publish ", subject, "|", reply, "|", size, "||", payload,
                           "| ", reply, " ", size, "\r\n", payload, "\r\n\n");
                }
            }
        }
        QCOMPARE(whole(bytes), expected);
        // A verb in another case, and one with headers in between.
        QCOMPARE(whole("PUB a 1\r\nx\r\npub a 1\r\ny\r\nHPUB a 1 1\r\nz\r\nPUB a 1\r\nw\r\n"),
                 std::string("publish a||1||x| 1\r\nx\r\n\npublish a||1||y| 1\r\ny\r\n\n"
                             "publish a||1 1|z|| 1 1\r\nz\r\n\npublish a||1||w| 1\r\nw\r\n\n"));
    }

    void lines_around_the_remembered_length_are_the_same() {
        for (std::size_t length = 60; length < 100; ++length) {
            std::string const subject(length, 's');
            std::string const one = concat("PUB ", subject, " 2\r\nhi\r\n");
            std::string const expected = concat("publish ", subject, "||2||hi| 2\r\nhi\r\n\n");
            QCOMPARE(whole(concat(one, one, one)), concat(expected, expected, expected));
        }
    }

    void the_line_seen_before_is_checked_to_its_payload_s_end() {
        QCOMPARE(whole("PUB a 2\r\nhi\r\nPUB a 2\r\nhixx"),
                 std::string("publish a||2||hi| 2\r\nhi\r\n\nfault unknown operation\n"));
    }

    void an_ignored_argument_of_any_length_takes_no_memory_data() {
        QTest::addColumn<QString>("head");
        QTest::addColumn<QString>("operation");
        QTest::newRow("whole") << "PING "
                               << "ping";
        QTest::newRow("cut in the verb") << "PIN"
                                         << "ping";
        QTest::newRow("pong") << "PONG"
                              << "pong";
        QTest::newRow("ok") << "+OK "
                            << "ok";
    }

    void an_ignored_argument_of_any_length_takes_no_memory() {
        QFETCH(QString, head);
        QFETCH(QString, operation);
        ClientParser parser({.max_control_line = 100, .max_payload = 100});
        std::string const first = text_of(head);
        std::string const garbage = concat("G", std::string(10'000, 'x'));
        std::string out;
        parser.feed(first);
        QVERIFY(take_all(parser, out));
        for (int i = 0; i < 110; ++i) {
            parser.feed(garbage);
            QVERIFY(take_all(parser, out));
            QVERIFY(parser.writable().empty());
            // Nothing is kept, and the next byte is in the middle of a line.
            QCOMPARE(parser.first_byte(), '\0');
        }
        QCOMPARE(out, std::string());
        parser.feed("\r\nPONG\r\n");
        QVERIFY(take_all(parser, out));
        QCOMPARE(out, concat(text_of(operation), "\npong\n"));
    }

    // A publisher's payload that is not there yet is received into the frame itself.
    void a_large_frame_is_received_where_it_stays() {
        std::string const payload(300'000, 'p');
        std::string const bytes = concat("PUB big 300000\r\n", payload, "\r\nPING\r\n");
        ClientParser parser({});
        std::string const head = bytes.substr(0, 10'000);
        parser.feed(head);
        QVERIFY(parser.next() == Step::NeedMore);
        std::size_t at = head.size();
        std::size_t const frame = bytes.size() - std::strlen("PING\r\n");
        int steps = 0;
        while (!parser.writable().empty()) {
            std::span<char> const space = parser.writable();
            QCOMPARE(space.size(), frame - at);
            std::size_t const n = std::min<std::size_t>(space.size(), 64'000);
            std::memcpy(space.data(), bytes.data() + at, n);
            parser.commit(n);
            at += n;
            ++steps;
            if (parser.next() == Step::Publish) {
                break;
            }
        }
        QVERIFY(steps >= 4);
        // Little is left at the end: that comes the ordinary way.
        if (at < frame) {
            parser.feed(Bytes(bytes).substr(at));
            QVERIFY(parser.next() == Step::Publish);
        }
        QVERIFY(parser.publish().payload == payload);
        QVERIFY(parser.publish().tail.ends_with("ppp\r\n"));
        if (at == frame) {
            parser.feed("PING\r\n");
        }
        QVERIFY(parser.next() == Step::Ping);
        QVERIFY(parser.writable().empty());
    }

    void large_frames_are_the_same_however_they_come() {
        std::string bytes;
        for (std::size_t size : {std::size_t{40'000}, std::size_t{33'000}, std::size_t{100'000},
                                 std::size_t{32'768}, std::size_t{32'766}}) {
            bytes += a_publish(concat("s.", size), size, 'q');
            bytes += "PING\r\n";
        }
        std::string const expected = whole(bytes);
        for (std::size_t step : {std::size_t{1'000}, std::size_t{4'096}, std::size_t{32'767},
                                 std::size_t{32'768}, std::size_t{65'536}}) {
            std::vector<std::string_view> pieces;
            for (std::size_t at = 0; at < bytes.size(); at += step) {
                pieces.push_back(std::string_view(bytes).substr(at, step));
            }
            QVERIFY(transcript(pieces) == expected);
        }
    }

    void small_frames_want_no_space_of_their_own() {
        ClientParser parser({});
        parser.feed("PUB a 1000\r\nabc");
        QVERIFY(parser.next() == Step::NeedMore);
        QVERIFY(parser.writable().empty());
    }

    void what_is_held_goes_on_where_it_stopped() {
        ClientParser parser({});
        std::string out;
        {
            auto const buffer = std::make_unique<std::string>("CONNECT {}\r\nPUB a 2\r\nhi\r\nPI");
            parser.feed(*buffer);
            QVERIFY(parser.next() == Step::Connect);
            parser.hold();
        }
        QVERIFY(parser.next() == Step::NeedMore);
        parser.resume_held();
        QVERIFY(take_all(parser, out));
        parser.feed("NG\r\n");
        QVERIFY(take_all(parser, out));
        QCOMPARE(out, std::string("publish a||2||hi| 2\r\nhi\r\n\nping\n"));
    }

    void what_is_held_may_be_held_again() {
        ClientParser parser({});
        std::string out;
        {
            auto const buffer = std::make_unique<std::string>(
                "CONNECT {1}\r\nCONNECT {2}\r\nCONNECT {3}\r\nPING\r\n");
            parser.feed(*buffer);
            QVERIFY(parser.next() == Step::Connect);
            parser.hold();
        }
        for (char const* json : {"{2}", "{3}"}) {
            parser.resume_held();
            QVERIFY(parser.next() == Step::Connect);
            QCOMPARE(parser.json(), std::string_view(json));
            parser.hold();
        }
        parser.resume_held();
        QVERIFY(take_all(parser, out));
        QCOMPARE(out, std::string("ping\n"));
    }

    void holding_nothing_is_fine() {
        ClientParser parser({});
        parser.feed("CONNECT {}\r\n");
        QVERIFY(parser.next() == Step::Connect);
        parser.hold();
        parser.resume_held();
        QVERIFY(parser.next() == Step::NeedMore);
        parser.feed("PING\r\n");
        QVERIFY(parser.next() == Step::Ping);
    }

    void the_first_byte_is_that_of_a_line_alone() {
        ClientParser parser({});
        QCOMPARE(parser.first_byte(), '\0');
        parser.feed("CONNECT {}\r\nPING\r\nPUB a 2\r\nh");
        QCOMPARE(parser.first_byte(), 'C');
        QVERIFY(parser.next() == Step::Connect);
        QCOMPARE(parser.first_byte(), 'P');
        QVERIFY(parser.next() == Step::Ping);
        QVERIFY(parser.next() == Step::NeedMore);
        // In the middle of a frame.
        parser.feed("C\r\n");
        QCOMPARE(parser.first_byte(), '\0');
    }

    void views_into_the_fed_bytes_are_not_copied() {
        ClientParser parser({});
        std::string const bytes = "PUB a 2\r\nhi\r\n";
        parser.feed(bytes);
        QVERIFY(parser.next() == Step::Publish);
        QVERIFY(parser.publish().payload.data() == bytes.data() + 9);
        QVERIFY(parser.publish().tail.data() == bytes.data() + 5);
    }
};
SIGNALBOX_TEST(ClientParserTest);

}  // namespace signalbox::protocol

#include "client_parser_test.moc"
