#include "engine/protocol/peer_parser.h"

#include "engine/base/text.h"
#include "engine/protocol/peer_writer.h"

#include "tests/support/run_tests.h"

#include <cstring>

namespace signalbox::protocol {

namespace {

using Step = PeerParser::Step;

constexpr PeerForm kRoute{.kind = PeerKind::Route};
constexpr PeerForm kPinned{.kind = PeerKind::Route, .accounts = false};
constexpr PeerForm kGateway{.kind = PeerKind::Gateway};
constexpr PeerForm kLeaf{.kind = PeerKind::Leaf, .accounts = false};

std::string fault_name(PeerFault fault) {
    switch (fault) {
        case PeerFault::None:
            return "none";
        case PeerFault::UnknownOperation:
            return "unknown operation";
        case PeerFault::LineTooLong:
            return "line too long";
        case PeerFault::PayloadTooLarge:
            return "payload too large";
        case PeerFault::BadArguments:
            return "bad arguments";
        case PeerFault::BadSize:
            return "bad size";
    }
    return "?";
}

std::string describe_interest(PeerInterest const& i) {
    return concat(i.by_leaf ? "leaf " : "", i.origin, '|', i.account, '|', i.filter, '|', i.queue,
                  '|', i.weight);
}

std::string describe(PeerParser const& parser, Step step) {
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
            return concat("connect ", parser.text());
        case Step::Info:
            return concat("info ", parser.text());
        case Step::PeerError:
            return concat("error ", parser.text());
        case Step::Message: {
            PeerMessage const& m = parser.message();
            return concat("message ", m.origin, '|', m.account, '|', m.subject.text(), '|', m.reply,
                          '|', m.names_queues ? "q:" : "", m.queues, '|', m.sizes, '|', m.headers,
                          '|', m.payload, '|', m.tail);
        }
        case Step::Interest:
            return concat("interest ", describe_interest(parser.interest()));
        case Step::NoInterest:
            return concat("none ", describe_interest(parser.interest()));
        case Step::AccountInterest:
            return concat("account ", parser.text());
        case Step::NoAccountInterest:
            return concat("no account ", parser.text());
        case Step::Fault:
            return concat("fault ", fault_name(parser.fault()));
    }
    return "?";
}

bool take_all(PeerParser& parser, std::string& out) {
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

std::string transcript(PeerForm form, std::vector<std::string> const& pieces,
                       PeerLimits limits = {}) {
    PeerParser parser(form, limits);
    std::string out;
    for (std::string const& piece : pieces) {
        Bytes bytes(piece);
        while (!bytes.empty()) {
            auto const space = parser.writable();
            std::size_t n = bytes.size();
            if (space.empty()) {
                parser.feed(bytes);
            } else {
                n = std::min(n, space.size());
                std::memcpy(space.data(), bytes.data(), n);
                parser.commit(n);
            }
            bytes.remove_prefix(n);
            if (!take_all(parser, out)) {
                return out;
            }
        }
    }
    return out;
}

std::string one(PeerForm form, std::string const& bytes) {
    std::string out = transcript(form, {bytes});
    if (out.ends_with('\n')) {
        out.pop_back();
    }
    return out;
}

}  // namespace

class PeerParserTest : public QObject {
    Q_OBJECT

private slots:
    void the_verbs_of_a_route() {
        QCOMPARE(one(kRoute, "RS+ $G foo.*\r\n"), "interest |$G|foo.*||1");
        QCOMPARE(one(kRoute, "RS+ $G foo.bar q1 3\r\n"), "interest |$G|foo.bar|q1|3");
        QCOMPARE(one(kRoute, "RS- $G foo.bar q1\r\n"), "none |$G|foo.bar|q1|1");
        QCOMPARE(one(kRoute, "LS+ LC $G foo lq 2\r\n"), "interest leaf LC|$G|foo|lq|2");
        QCOMPARE(one(kRoute, "LS-  $G foo\r\n"), "none leaf |$G|foo||1");
        QCOMPARE(one({.kind = PeerKind::Route, .origin_in_removal = true}, "LS- LC $G foo q\r\n"),
                 "none leaf LC|$G|foo|q|1");
        QCOMPARE(one(kRoute, "A+ X\r\n"), "account X");
        QCOMPARE(one(kRoute, "A- X\r\n"), "no account X");
        QCOMPARE(one(kRoute, "PING\r\nPONG\r\n+OK\r\n"), "ping\npong\nok");
        QCOMPARE(one(kRoute, "-ERR 'x y'\r\n"), "error 'x y'");
        QCOMPARE(one(kRoute, "CONNECT {\"a\":1}\r\nINFO {\"b\":2} \r\n"),
                 "connect {\"a\":1}\ninfo {\"b\":2}");
    }

    void messages_of_a_route() {
        QCOMPARE(one(kRoute, "RMSG $G foo.bar 5\r\nhello\r\n"),
                 "message |$G|foo.bar|||5||hello| 5\r\nhello\r\n");
        QCOMPARE(one(kRoute, "RMSG $G foo r.1 2\r\nhi\r\n"),
                 "message |$G|foo|r.1||2||hi| r.1 2\r\nhi\r\n");
        QCOMPARE(one(kRoute, "RMSG $G foo | q1 q2 2\r\nhi\r\n"),
                 "message |$G|foo||q:q1 q2|2||hi| 2\r\nhi\r\n");
        QCOMPARE(one(kRoute, "RMSG $G foo + r q1 2\r\nhi\r\n"), "message |$G|foo|r|q:q1|2||hi|");
        QCOMPARE(one(kRoute, "HMSG $G foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"),
                 "message |$G|foo|||12 14|NATS/1.0\r\n\r\n|hi| 12 14\r\nNATS/1.0\r\n\r\nhi\r\n");
        QCOMPARE(one(kRoute, "LMSG LC $G bar 0 2\r\nhi\r\n"),
                 "message LC|$G|bar|||2||hi| 2\r\nhi\r\n");
        QCOMPARE(one(kRoute, "LMSG LC $G bar rep 0 2\r\nhi\r\n"), "message LC|$G|bar|rep||2||hi|");
        QCOMPARE(one(kPinned, "RMSG foo.bar | q1 5\r\nhello\r\n"),
                 "message ||foo.bar||q:q1|5||hello| 5\r\nhello\r\n");
        QCOMPARE(one(kPinned, "RS+ foo q 2\r\n"), "interest ||foo|q|2");
    }

    void the_verbs_of_gateways_and_leaf_nodes() {
        QCOMPARE(one(kGateway, "A- acc\r\nRS- acc foo\r\n"), "no account acc\nnone |acc|foo||1");
        QCOMPARE(one(kGateway, "LS+ foo\r\n"), "fault unknown operation");
        QCOMPARE(one(kLeaf, "LS+ foo\r\nLS+ foo q 1\r\nLS- foo q\r\n"),
                 "interest leaf ||foo||1\ninterest leaf ||foo|q|1\nnone leaf ||foo|q|1");
        QCOMPARE(one(kLeaf, "LMSG foo.zzz my.reply 2\r\nhi\r\n"),
                 "message ||foo.zzz|my.reply||2||hi| my.reply 2\r\nhi\r\n");
        QCOMPARE(one(kLeaf, "LMSG foo | q2 q1 2\r\nhi\r\n"),
                 "message ||foo||q:q2 q1|2||hi| 2\r\nhi\r\n");
        QCOMPARE(one(kLeaf, "HMSG foo + r q 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"),
                 "message ||foo|r|q:q|12 14|NATS/1.0\r\n\r\n|hi|");
        QCOMPARE(one(kLeaf, "RMSG foo 2\r\n"), "fault unknown operation");
    }

    void what_is_wrong_data() {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("fault");
        QTest::newRow("queue without weight") << "RS+ $G foo q\r\n"
                                              << "bad arguments";
        QTest::newRow("weight that is none") << "RS+ $G foo q x\r\n"
                                             << "bad arguments";
        QTest::newRow("too many words") << "RS- $G foo q 1\r\n"
                                        << "bad arguments";
        QTest::newRow("no filter") << "RS+ $G\r\n"
                                   << "bad arguments";
        QTest::newRow("indicator") << "RMSG $G foo ! q 2\r\n"
                                   << "bad arguments";
        QTest::newRow("no size") << "RMSG $G foo\r\n"
                                 << "bad size";
        QTest::newRow("no number") << "RMSG $G foo x\r\n"
                                   << "bad size";
        QTest::newRow("headers larger") << "HMSG $G foo 5 4\r\n"
                                        << "bad size";
        QTest::newRow("too large") << "RMSG $G foo 999999999\r\n"
                                   << "payload too large";
        QTest::newRow("end missing") << "RMSG $G foo 2\r\nhiXX"
                                     << "unknown operation";
        QTest::newRow("a client's verb") << "PUB foo 2\r\n"
                                         << "unknown operation";
        QTest::newRow("account with blanks") << "A- a b\r\n"
                                             << "bad arguments";
        QTest::newRow("no verb") << "hello\r\n"
                                 << "unknown operation";
    }
    void what_is_wrong() {
        QFETCH(QString, line);
        QFETCH(QString, fault);
        QCOMPARE(QString::fromStdString(one(kRoute, line.toStdString())), "fault " + fault);
    }

    void a_line_has_a_longest_length() {
        std::string const line = concat("RS+ $G ", std::string(200, 'x'), "\r\n");
        QCOMPARE(transcript(kRoute, {line}, {.max_line = 100}), "fault line too long\n");
        QCOMPARE(transcript(kRoute, {line.substr(0, 150), line.substr(150)}, {.max_line = 100}),
                 "fault line too long\n");
        // One that never ends is not gathered for ever.
        std::vector<std::string> pieces(30, std::string(10, 'x'));
        pieces.insert(pieces.begin(), "RS+ $G ");
        QCOMPARE(transcript(kRoute, pieces, {.max_line = 100}), "fault line too long\n");
    }

    // However the network cuts the bytes, the operations are the same.
    void any_cut_gives_the_same_operations() {
        std::string const bytes =
            "RS+ $G a.* q 7\r\nHMSG $G a.b | q w 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPING\r\n"
            "LMSG L $G a 0 2\r\nhi\r\nRMSG $G a 1\r\nx\r\nRMSG $G a 1\r\ny\r\n";
        std::string const whole = transcript(kRoute, {bytes});
        QVERIFY(whole.find("fault") == std::string::npos);
        for (std::size_t first = 0; first <= bytes.size(); ++first) {
            for (std::size_t second = first; second <= bytes.size(); ++second) {
                std::string const cut =
                    transcript(kRoute, {bytes.substr(0, first), bytes.substr(first, second - first),
                                        bytes.substr(second)});
                // A tail is there only when the message lay in one piece; it says nothing new.
                QCOMPARE(cut, whole);
            }
        }
    }

    void large_messages_are_received_into_their_place() {
        std::string const payload(200'000, 'p');
        std::string const bytes = concat("RMSG $G big ", payload.size(), "\r\n", payload, "\r\n");
        std::string const found = transcript(kRoute, {bytes.substr(0, 1'000), bytes.substr(1'000)});
        QVERIFY(found.starts_with("message |$G|big|||200000||ppp"));
        QCOMPARE(found.size(), transcript(kRoute, {bytes}).size());
    }

    void what_is_not_looked_at_is_given_back() {
        PeerParser parser(kRoute, {});
        parser.feed("INFO {}\r\n\xff\x06rest");
        QCOMPARE(parser.next(), Step::Info);
        QCOMPARE(parser.take_rest(), Bytes("\xff\x06rest"));
        QCOMPARE(parser.next(), Step::NeedMore);
    }

    void what_is_written_is_read_again() {
        std::string out;
        PeerForm const form{.kind = PeerKind::Route, .origin_in_removal = true};
        append_interest(out, form, {.account = "A", .filter = "f", .queue = "q", .weight = 4});
        append_no_interest(out, form,
                           {.by_leaf = true, .origin = "L", .account = "A", .filter = "f"});
        append_message_head(out, form, true, {}, "A", "s");
        append_message_rest(out, "r", "q1 q2", true, 12, 14);
        out += "NATS/1.0\r\n\r\nhi\r\n";
        append_message_head(out, form, false, "L", "A", "s");
        append_message_rest(out, {}, "q1", true, 0, 2);
        out += "hi\r\n";
        QCOMPARE(transcript(form, {out}),
                 "interest |A|f|q|4\nnone leaf L|A|f||1\n"
                 "message |A|s|r|q:q1 q2|12 14|NATS/1.0\r\n\r\n|hi|\n"
                 "message L|A|s||q:q1|2||hi| 2\r\nhi\r\n\n");
    }
};

SIGNALBOX_TEST(PeerParserTest);

}  // namespace signalbox::protocol

#include "peer_parser_test.moc"
