#include "engine/host/jetstream/jetstream_desk.h"

#include "engine/base/text.h"

#include "tests/support/reference_server.h"
#include "tests/support/run_tests.h"

#include <QDir>
#include <QFile>

namespace signalbox::host {

namespace {

constexpr int kPatience = 20'000;

using State = JetStreamNews::State;

/// A desk in front of a server, and what came of it.
struct Asked {
    explicit Asked(std::string const& url, bool may_write = true)
        : desk({.server = {.server = url, .may_write = may_write}}) {}

    bool is(State state) {
        if (std::optional<JetStreamNews> const came = desk.take_news()) {
            news = *came;
        }
        return news.state == state;
    }

    JetStreamAnswer ask(JetStreamOrder order) {
        std::uint64_t const token = desk.post(std::move(order));
        QElapsedTimer since;
        since.start();
        while (since.elapsed() < kPatience) {
            for (JetStreamAnswer& answer : desk.take_answers()) {
                if (answer.token == token) {
                    return std::move(answer);
                }
            }
            QTest::qWait(1);
        }
        return {.error = Error(Errc::TimedOut, "the desk did not answer")};
    }
    JetStreamAnswer change(std::string const& subject, std::string const& body) {
        return ask(AskApi{.act = AskApi::Act::Change, .subject = subject, .body = body});
    }
    void publish(std::string const& subject, std::string const& payload) {
        JetStreamAnswer const answer = ask(StoreMessage{.subject = subject, .payload = payload});
        QVERIFY2(!answer.error, answer.error ? answer.error->detail().c_str() : "");
    }
    MessagesRead read(MessageRange const& range) {
        JetStreamAnswer answer = ask(ReadMessages{range});
        if (answer.error) {
            qWarning("%s", answer.error->detail().c_str());
            return {};
        }
        return std::get<MessagesRead>(std::move(answer.what));
    }

    JetStreamDesk desk;
    JetStreamNews news;
};

std::vector<std::uint64_t> sequences(MessagesRead const& read) {
    std::vector<std::uint64_t> all;
    for (StoredMessagePtr const& message : read.messages) {
        all.push_back(message->sequence);
    }
    return all;
}

using Sequences = std::vector<std::uint64_t>;

std::string what_of(JetStreamAnswer const& answer) {
    return answer.error ? answer.error->detail() : "ok";
}

}  // namespace

/// JetStream of a real server, asked as the window asks it.
class JetStreamDeskTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        server_ = std::make_unique<support::ReferenceServer>();
        if (!server_->isReady()) {
            QSKIP("no nats-server to ask; NATS_SERVER may name one");
        }
        asked_ = std::make_unique<Asked>(server_->url());
        QTRY_VERIFY_WITH_TIMEOUT(asked_->is(State::Available), kPatience);
    }
    void cleanupTestCase() {
        asked_.reset();
        server_.reset();
    }

    void streams_and_consumers_are_listed_with_their_figures() {
        make("LISTED", R"("subjects":["listed.>"],"max_msgs":100,"max_age":60000000000)");
        asked_->publish("listed.a", "one");
        asked_->publish("listed.b", "two");
        JetStreamAnswer const made = asked_->change(
            "CONSUMER.CREATE.LISTED.reader",
            R"({"stream_name":"LISTED","config":{"durable_name":"reader","ack_policy":"explicit",)"
            R"("filter_subject":"listed.a"}})");
        QCOMPARE(what_of(made), std::string("ok"));
        JetStreamAnswer answer = asked_->ask(LookAtStreams{});
        QCOMPARE(what_of(answer), std::string("ok"));
        auto const& seen = std::get<StreamsSeen>(answer.what);
        auto const found = std::ranges::find(seen.streams.rows, "LISTED", &StreamFacts::name);
        QVERIFY(found != seen.streams.rows.end());
        StreamFacts const& stream = **found;
        QCOMPARE(stream.subjects, std::vector<std::string>{"listed.>"});
        QCOMPARE(stream.state.messages, 2U);
        QCOMPARE(stream.state.last, 2U);
        QCOMPARE(stream.state.consumers, 1U);
        QCOMPARE(stream.limits.messages, 100);
        QCOMPARE(stream.limits.bytes, -1);
        QVERIFY(stream.limits.age == base::minutes(1));
        QVERIFY(stream.state.last_time.is_set());
        answer = asked_->ask(LookAtConsumers{"LISTED"});
        auto const& consumers = std::get<FactsPage<ConsumerFacts>>(answer.what);
        QCOMPARE(consumers.rows.size(), 1U);
        ConsumerFacts const& consumer = *consumers.rows.front();
        QCOMPARE(consumer.name, std::string("reader"));
        QCOMPARE(consumer.settings.filters, std::vector<std::string>{"listed.a"});
        QCOMPARE(consumer.state.pending, 1U);
        QVERIFY(!consumer.is_push());
    }

    void more_streams_than_one_page_holds_are_all_listed() {
        for (int i = 0; i < 260; ++i) {
            make(concat("MANY_", i),
                 concat("\"storage\":\"memory\",\"subjects\":[\"many.", i, "\"]"));
        }
        JetStreamAnswer answer = asked_->ask(LookAtStreams{});
        auto const& seen = std::get<StreamsSeen>(answer.what);
        QVERIFY(seen.streams.rows.size() >= 260);
        QCOMPARE(seen.streams.rows.size(), seen.streams.total);
        for (int i = 0; i < 260; ++i) {
            (void)asked_->change(concat("STREAM.DELETE.MANY_", i), {});
        }
    }

    void a_refusal_has_its_code_and_text() {
        JetStreamAnswer const answer = asked_->ask(AskApi{.subject = "STREAM.INFO.NOWHERE"});
        QVERIFY(answer.error.has_value());
        QVERIFY(answer.error->code() == Errc::NotFound);
        QCOMPARE(answer.api_code, 10'059);
        QCOMPARE(answer.error->detail(), std::string("stream not found (10059)"));
    }

    void messages_are_read_forward_and_backward_data() {
        QTest::addColumn<bool>("direct");
        QTest::newRow("by batches") << true;
        QTest::newRow("one by one") << false;
    }

    void messages_are_read_forward_and_backward() {
        QFETCH(bool, direct);
        std::string const name = direct ? "DIRECT" : "PLAIN";
        std::string const low = direct ? "direct" : "plain";
        make(name, concat("\"storage\":\"memory\",\"allow_direct\":", direct, ",\"subjects\":[\"",
                          low, ".>\"]"));
        for (int i = 1; i <= 40; ++i) {
            asked_->publish(concat(low, i % 10 == 0 ? ".rare" : ".often"), concat("n", i));
        }
        MessagesRead read = asked_->read({.stream = name, .limit = 3});
        QCOMPARE(sequences(read), (Sequences{1, 2, 3}));
        QVERIFY(read.more);
        QCOMPARE(read.messages.front()->payload, std::string("n1"));
        QVERIFY(read.messages.front()->headers.empty());
        read = asked_->read({.stream = name, .sequence = 39, .limit = 10});
        QCOMPARE(sequences(read), (Sequences{39, 40}));
        QVERIFY(!read.more);
        std::string const rare = concat(low, ".rare");
        read = asked_->read({.stream = name, .filter = rare, .sequence = 11, .limit = 10});
        QCOMPARE(sequences(read), (Sequences{20, 30, 40}));
        using From = MessageRange::From;
        read = asked_->read({.stream = name, .from = From::Before, .sequence = 0, .limit = 3});
        QCOMPARE(sequences(read), (Sequences{38, 39, 40}));
        read = asked_->read({.stream = name, .from = From::Before, .sequence = 6, .limit = 3});
        QCOMPARE(sequences(read), (Sequences{3, 4, 5}));
        read = asked_->read(
            {.stream = name, .filter = rare, .from = From::Before, .sequence = 0, .limit = 2});
        QCOMPARE(sequences(read), (Sequences{30, 40}));
        if (!direct && asked_->news.api_level < 1) {
            return;  // nats-server 2.9 leaves some of these unanswered
        }
        read = asked_->read(
            {.stream = name, .filter = rare, .from = From::Before, .sequence = 30, .limit = 2});
        QCOMPARE(sequences(read), (Sequences{10, 20}));
        read = asked_->read({.stream = name, .filter = "no.such", .limit = 2});
        QVERIFY(read.messages.empty());
    }

    void the_last_ones_of_a_rare_subject_are_found_far_back() {
        if (asked_->news.api_level < 1) {
            QSKIP("this server has no batches: nats-server has since 2.11");
        }
        make("FAR", R"("storage":"memory","allow_direct":true,"subjects":["far.>"])");
        for (int i = 1; i <= 1'200; ++i) {
            asked_->publish(i < 300 ? "far.old" : "far.new", "x");
        }
        MessagesRead const read = asked_->read({.stream = "FAR",
                                                .filter = "far.old",
                                                .from = MessageRange::From::Before,
                                                .sequence = 0,
                                                .limit = 5});
        QCOMPARE(sequences(read), (Sequences{295, 296, 297, 298, 299}));
    }

    void looking_makes_no_consumer_and_consumes_nothing() {
        make("WORK", R"("retention":"workqueue","subjects":["work"],"allow_direct":true)");
        asked_->publish("work", "job");
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(asked_->read({.stream = "WORK"}).messages.size(), 1U);
        }
        JetStreamAnswer const info = asked_->ask(AskApi{.subject = "STREAM.INFO.WORK"});
        std::string const& json = std::get<ApiDocument>(info.what).json;
        QVERIFY(json.find("\"consumer_count\":0") != std::string::npos);
        QVERIFY(json.find("\"messages\":1") != std::string::npos);
    }

    void the_last_of_each_subject_is_read_in_order() {
        make("LAST", R"("storage":"memory","allow_direct":true,"subjects":["last.>"])");
        for (int i = 0; i < 100; ++i) {
            asked_->publish(concat("last.", i % 50), concat(i));
        }
        JetStreamAnswer answer = asked_->ask(LookAtSubjects{.stream = "LAST", .filter = "last.>"});
        auto const& seen = std::get<SubjectsSeen>(answer.what);
        QCOMPARE(seen.subjects.size(), 50U);
        QCOMPARE(seen.subjects.front().second, 2U);
        ReadLast order{.stream = "LAST"};
        for (int i = 49; i >= 0; --i) {
            order.subjects.push_back(concat("last.", i));
        }
        order.subjects.push_back("last.nothing");
        answer = asked_->ask(order);
        auto const& read = std::get<LastRead>(answer.what);
        QCOMPARE(read.messages.size(), 51U);
        QCOMPARE(read.messages.front()->payload, std::string("99"));
        QCOMPARE(read.messages[49]->payload, std::string("50"));
        QVERIFY(read.messages[50] == nullptr);
    }

    void headers_are_those_the_message_was_stored_with() {
        make("HEADED", R"("storage":"memory","allow_direct":true,"subjects":["headed"])");
        (void)asked_->ask(StoreMessage{.subject = "headed",
                                       .headers = {{"X-One", "1"}, {"Nats-Stream", "other"}},
                                       .payload = "p"});
        MessagesRead const read = asked_->read({.stream = "HEADED"});
        QCOMPARE(read.messages.size(), 1U);
        QCOMPARE(read.messages.front()->headers,
                 std::string("NATS/1.0\r\nX-One: 1\r\nNats-Stream: other\r\n\r\n"));
    }

    void an_object_comes_back_as_it_went() {
        make(
            "OBJ_box",
            R"("subjects":["$O.box.C.>","$O.box.M.>"],"allow_rollup_hdrs":true,"allow_direct":true)");
        QByteArray content;
        for (int i = 0; i < 300'000; ++i) {
            content.append(static_cast<char>(i * 7 + i / 251));
        }
        QString const from = server_->file(QStringLiteral("from"));
        QFile file(from);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        UploadObject const up{.bucket = "box", .name = "a/b c", .file = from.toStdString()};
        for (int i = 0; i < 2; ++i) {  // the second replaces the first and its pieces
            JetStreamAnswer const answer = asked_->ask(up);
            QCOMPARE(what_of(answer), std::string("ok"));
        }
        JetStreamAnswer answer =
            asked_->ask(LookAtSubjects{.stream = "OBJ_box", .filter = "$O.box.C.>"});
        auto const seen = std::get<SubjectsSeen>(answer.what);
        QCOMPARE(seen.subjects.size(), 1U);
        QCOMPARE(seen.subjects.front().second, 3U);
        QString const to = server_->file(QStringLiteral("to"));
        DownloadObject down{.bucket = "box",
                            .nuid = seen.subjects.front().first.substr(9),
                            .size = 300'000,
                            .file = to.toStdString()};
        answer = asked_->ask(down);
        QCOMPARE(what_of(answer), std::string("ok"));
        down.digest = std::get<Transferred>(answer.what).digest;
        QFile back(to);
        QVERIFY(back.open(QIODevice::ReadOnly));
        QCOMPARE(back.readAll(), content);
        answer = asked_->ask(down);
        QCOMPARE(what_of(answer), std::string("ok"));
        down.digest = "SHA-256=wrong";
        answer = asked_->ask(down);
        QVERIFY(answer.error && answer.error->code() == Errc::Corrupt);
        QVERIFY(!QFile::exists(to + QStringLiteral(".part")));
    }

    void a_backup_is_restored_with_all_its_messages() {
        make("KEPT", R"("subjects":["kept.>"],"storage":"file")");
        for (int i = 0; i < 50; ++i) {
            asked_->publish(concat("kept.", i),
                            std::string(5'000, static_cast<char>('a' + i % 26)));
        }
        std::string const folder = server_->file(QStringLiteral("backup")).toStdString();
        JetStreamAnswer answer = asked_->ask(BackUpStream{.stream = "KEPT", .folder = folder});
        QCOMPARE(what_of(answer), std::string("ok"));
        answer = asked_->ask(BackUpStream{.stream = "KEPT", .folder = folder});
        QVERIFY(answer.error && answer.error->code() == Errc::AlreadyExists);
        answer = asked_->ask(RestoreStream{.folder = folder});
        QVERIFY(answer.error.has_value());  // it is there
        QCOMPARE(what_of(asked_->change("STREAM.DELETE.KEPT", {})), std::string("ok"));
        answer = asked_->ask(RestoreStream{.folder = folder});
        QCOMPARE(what_of(answer), std::string("ok"));
        MessagesRead const read = asked_->read({.stream = "KEPT"});
        QCOMPARE(read.messages.size(), 50U);
        QCOMPARE(read.messages[3]->payload, std::string(5'000, 'd'));
    }

    void a_desk_that_may_not_change_anything_does_not() {
        Asked looking(server_->url(), false);
        QTRY_VERIFY_WITH_TIMEOUT(looking.is(State::Available), kPatience);
        JetStreamAnswer answer = looking.change("STREAM.CREATE.X", R"({"name":"X"})");
        QVERIFY(answer.error && answer.error->code() == Errc::PermissionDenied);
        answer = looking.ask(StoreMessage{.subject = "x"});
        QVERIFY(answer.error && answer.error->code() == Errc::PermissionDenied);
        QVERIFY(!looking.ask(LookAtStreams{}).error);
    }

    void a_server_without_jetstream_says_so() {
        support::ReferenceServer plain("# nothing\n");
        QVERIFY(plain.isReady());
        Asked asked(plain.url());
        QTRY_VERIFY_WITH_TIMEOUT(asked.is(State::Absent), kPatience);
        QVERIFY(!asked.news.note.empty());
    }

private:
    void make(std::string const& name, std::string const& settings) {
        JetStreamAnswer const answer = asked_->change(
            concat("STREAM.CREATE.", name), concat("{\"name\":\"", name, "\",", settings, "}"));
        QVERIFY2(!answer.error, what_of(answer).c_str());
    }

    std::unique_ptr<support::ReferenceServer> server_;
    std::unique_ptr<Asked> asked_;
};

SIGNALBOX_TEST(JetStreamDeskTest);

}  // namespace signalbox::host

#include "jetstream_desk_test.moc"
