#include "engine/base/json_reader.h"
#include "engine/protocol/headers.h"

#include "tests/dispatch/sharing_stage.h"

namespace signalbox::dispatch {

namespace {

constexpr auto kService = config::ShareKind::Service;

Json request_info(Heard const& heard) {
    return Json::parse(protocol::find_header(heard.headers, "Nats-Request-Info").value_or("{}"))
        .value();
}

std::string text_of(Json const& json, std::string_view name) {
    Json const* const field = json.find(name);
    return field == nullptr || field->as_text() == nullptr ? std::string() : *field->as_text();
}

config::ExportOptions service(std::string subject, config::ResponseType type) {
    config::ExportOptions share = offers(kService, std::move(subject));
    share.response_type = type;
    share.response_threshold = base::seconds(10);
    return share;
}

/// A exports a service, B asks it.
struct Pair {
    explicit Pair(config::ExportOptions share, config::ImportOptions import)
        : stage({account_of("A", {std::move(share)}), account_of("B", {}, {std::move(import)})}) {}

    SharingStage stage;
    Guest& server = stage.guest("A");
    Guest& asker = stage.guest("B");
};

constexpr auto kSingle = config::ResponseType::Singleton;

}  // namespace

/// Services of one account asked from another.
class ServiceImportTest : public QObject {
    Q_OBJECT

private slots:
    void a_request_goes_over_and_its_answer_comes_back() {
        Pair pair(service("svc.*.*", kSingle), takes(kService, "A", "svc.*.*", "ask.$2.$1"));
        pair.server.subscribe("svc.>", "1");
        pair.asker.subscribe("inbox.*", "2");
        QCOMPARE(pair.asker.publish("ask.1.2", "question", "inbox.7"), std::uint64_t{1});
        Heard const request = pair.server.last();
        QCOMPARE(request.subject, std::string("svc.2.1"));
        QCOMPARE(request.payload, std::string("question"));
        QVERIFY(QRegularExpression("^_R_\\.[0-9A-Za-z]{6}\\.[0-9A-Za-z]{6}$")
                    .match(QString::fromStdString(request.reply))
                    .hasMatch());
        QCOMPARE(pair.server.publish(request.reply, "answer"), std::uint64_t{1});
        QVERIFY((pair.asker.take() == Lines{"2 inbox.7 answer"}));
        // One answer is all.
        QCOMPARE(pair.server.publish(request.reply, "another"), std::uint64_t{0});
        QCOMPARE(pair.stage.sharing->replies().size(), std::size_t{0});
    }

    void who_asks_is_told_as_little_as_is_shared() {
        Pair pair(service("svc", kSingle), takes(kService, "A", "svc"));
        pair.server.subscribe("svc", "1");
        pair.asker.publish("svc", "x", "r",
                           "NATS/1.0\r\nA: b\r\nnats-request-info: forged\r\n\r\n");
        Heard const request = pair.server.last();
        QVERIFY(request.headers.find("forged") == std::string::npos);
        QCOMPARE(protocol::find_header(request.headers, "A").value_or(""), std::string_view("b"));
        QCOMPARE(protocol::find_header(request.headers, "Nats-Request-Info").value_or(""),
                 std::string_view("{\"acc\":\"B\",\"rtt\":3000000}"));
        config::ImportOptions sharing = takes(kService, "A", "svc");
        sharing.share = true;
        Pair open(service("svc", kSingle), sharing);
        open.server.subscribe("svc", "1");
        open.asker.publish("svc", "x");
        Json const info = request_info(open.server.last());
        QCOMPARE(text_of(info, "name"), std::string("guest"));
        QCOMPARE(text_of(info, "server"), std::string("SERVER"));
        QCOMPARE(open.server.last().reply, std::string());
    }

    void streams_of_answers_end_with_an_empty_one() {
        for (auto const type : {config::ResponseType::Stream, config::ResponseType::Chunked}) {
            Pair pair(service("svc", type), takes(kService, "A", "svc"));
            pair.server.subscribe("svc", "1");
            pair.asker.subscribe("inbox", "2");
            pair.asker.publish("svc", "x", "inbox");
            std::string const reply = pair.server.last().reply;
            pair.server.publish(reply, "1");
            pair.server.publish(reply, "2");
            QCOMPARE(pair.server.publish(reply, ""), std::uint64_t{1});
            QCOMPARE(pair.server.publish(reply, "4"), std::uint64_t{0});
            QVERIFY((pair.asker.take() == Lines{"2 inbox 1", "2 inbox 2", "2 inbox "}));
        }
    }

    void nobody_there_is_said_through_the_wall() {
        Pair pair(service("svc", kSingle), takes(kService, "A", "svc"));
        QCOMPARE(pair.asker.publish("svc", "x", "inbox"), std::uint64_t{0});
        QCOMPARE(pair.stage.sharing->replies().size(), std::size_t{0});
    }

    void a_request_is_forgotten_when_nobody_waits_any_more() {
        Pair pair(service("svc", config::ResponseType::Stream), takes(kService, "A", "svc"));
        pair.server.subscribe("svc", "1");
        pair.asker.subscribe("inbox.1", "2");
        pair.asker.subscribe("many.*", "3");
        pair.asker.publish("svc", "x", "inbox.1");
        pair.asker.publish("svc", "x", "many.1");
        QCOMPARE(pair.stage.sharing->replies().size(), std::size_t{2});
        pair.asker.unsubscribe("2");
        pair.stage.pass();
        QCOMPARE(pair.stage.sharing->replies().size(), std::size_t{1});
        pair.asker.unsubscribe("3");
        pair.stage.pass();
        QCOMPARE(pair.stage.sharing->replies().size(), std::size_t{0});
    }

    void a_request_is_forgotten_after_the_threshold() {
        Pair pair(service("svc", config::ResponseType::Stream), takes(kService, "A", "svc"));
        pair.server.subscribe("svc", "1");
        pair.asker.subscribe("inbox", "2");
        pair.asker.publish("svc", "x", "inbox");
        std::string const reply = pair.server.last().reply;
        pair.stage.pass(base::seconds(9));
        // Each answer makes it wait anew.
        QCOMPARE(pair.server.publish(reply, "1"), std::uint64_t{1});
        pair.stage.pass(base::seconds(9));
        QCOMPARE(pair.server.publish(reply, "2"), std::uint64_t{1});
        pair.stage.pass(base::seconds(11));
        QCOMPARE(pair.server.publish(reply, "3"), std::uint64_t{0});
        QCOMPARE(pair.stage.sharing->replies().size(), std::size_t{0});
    }

    void an_answer_that_asks_is_answered_in_turn() {
        Pair pair(service("svc", kSingle), takes(kService, "A", "svc"));
        pair.server.subscribe("svc", "1");
        pair.server.subscribe("more", "2");
        pair.asker.subscribe("inbox", "3");
        pair.asker.publish("svc", "x", "inbox");
        std::string const reply = pair.server.last().reply;
        QCOMPARE(pair.server.publish(reply, "which?", "more"), std::uint64_t{1});
        Heard const back = pair.asker.last();
        QVERIFY(back.reply.starts_with("_R_."));
        pair.server.take();
        QCOMPARE(pair.asker.publish(back.reply, "this"), std::uint64_t{1});
        QVERIFY((pair.server.take() == Lines{"2 more this"}));
    }

    void acknowledgements_keep_their_subject() {
        Pair pair(service("svc", kSingle), takes(kService, "A", "svc"));
        pair.server.subscribe("svc", "1");
        pair.asker.publish("svc", "x", "$JS.ACK.S.C.1");
        QCOMPARE(pair.server.last().reply, std::string("$JS.ACK.S.C.1"));
    }

    void services_are_chained_over_accounts() {
        config::ImportOptions shared = takes(kService, "A", "svc.*", "ask.*");
        shared.share = true;
        SharingStage stage({account_of("A", {offers(kService, "svc.*")}),
                            account_of("B", {offers(kService, "ask.*")}, {shared}),
                            account_of("C", {}, {takes(kService, "B", "ask.*", "c.*")})});
        Guest& server = stage.guest("A");
        Guest& asker = stage.guest("C");
        server.subscribe("svc.*", "1");
        asker.subscribe("inbox", "2");
        QCOMPARE(asker.publish("c.x", "x", "inbox"), std::uint64_t{1});
        Heard const request = server.last();
        QCOMPARE(request.subject, std::string("svc.x"));
        Json const info = request_info(request);
        QCOMPARE(text_of(info, "acc"), std::string("C"));
        QCOMPARE(text_of(info, "svc"), std::string("B"));
        QCOMPARE(text_of(info, "server"), std::string("SERVER"));
        QCOMPARE(text_of(info, "name"), std::string());
        QCOMPARE(server.publish(request.reply, "yes"), std::uint64_t{1});
        QVERIFY((asker.take() == Lines{"2 inbox yes"}));
        QCOMPARE(stage.sharing->replies().size(), std::size_t{0});
        server.unsubscribe("1");
        QCOMPARE(asker.publish("c.x", "x", "inbox"), std::uint64_t{0});
        QCOMPARE(stage.sharing->replies().size(), std::size_t{0});
    }

    void mappings_of_the_exporter_hold_for_requests() {
        config::AccountOptions a = account_of("A", {offers(kService, "svc")});
        a.mappings = {{.source = "svc", .destinations = {{.subject = "svc.v2"}}}};
        SharingStage stage({a, account_of("B", {}, {takes(kService, "A", "svc")})});
        Guest& server = stage.guest("A");
        server.subscribe("svc.v2", "1");
        QCOMPARE(stage.guest("B").publish("svc", "x", "r"), std::uint64_t{1});
    }

    void what_a_service_is_asked_is_no_stream() {
        SharingStage stage(
            {account_of("A", {offers(kService, "x"), offers(config::ShareKind::Stream, ">")}),
             account_of("B", {}, {takes(kService, "A", "x")}),
             account_of("C", {}, {takes(config::ShareKind::Stream, "A", ">")})});
        Guest& server = stage.guest("A");
        Guest& listener = stage.guest("C");
        server.subscribe("x", "1");
        listener.subscribe(">", "1");
        stage.guest("B").publish("x", "asked", "r");
        QCOMPARE(server.heard.size(), std::size_t{1});
        QVERIFY(listener.take().empty());
        server.publish("x", "told");
        QVERIFY((listener.take() == Lines{"1 x told"}));
    }

    void two_exporters_of_one_local_subject_are_both_asked() {
        SharingStage stage(
            {account_of("A", {offers(kService, "s")}), account_of("X", {offers(kService, "s")}),
             account_of("B", {}, {takes(kService, "A", "s"), takes(kService, "X", "s")})});
        Guest& a = stage.guest("A");
        Guest& x = stage.guest("X");
        a.subscribe("s", "1");
        x.subscribe("s", "1");
        QCOMPARE(stage.guest("B").publish("s", "q", "r"), std::uint64_t{2});
    }

    void no_echo_does_not_keep_answers_away() {
        Pair pair(service("svc", kSingle), takes(kService, "A", "svc"));
        pair.asker.echo = false;
        pair.server.echo = false;
        pair.server.subscribe("svc", "1");
        pair.asker.subscribe("inbox", "2");
        pair.asker.publish("svc", "x", "inbox");
        QCOMPARE(pair.server.publish(pair.server.last().reply, "yes"), std::uint64_t{1});
    }

    void a_circle_ends_after_so_many_hops() {
        // Configurations with one are refused; should one come about, it does no harm.
        SharingStage stage({account_of("A", {offers(kService, "s")}, {takes(kService, "B", "s")}),
                            account_of("B", {offers(kService, "s")}, {takes(kService, "A", "s")})});
        QCOMPARE(stage.guest("A").publish("s", "x", "r"), std::uint64_t{0});
        QCOMPARE(stage.sharing->replies().size(), std::size_t{0});
    }

    void accounts_of_tokens_come_one_by_one_and_close_no_circle() {
        SharingStage stage({});
        auto const linked = [](std::string const& name, std::string const& exporter) {
            config::AccountOptions options = account_of(name, {offers(kService, "s")});
            for (char const* const to : {"s", "t.*", "t.>"}) {
                config::ImportOptions import = takes(kService, exporter, "s", to);
                options.imports.push_back(import);
            }
            return options;
        };
        stage.accounts.put(linked("A", "B"));
        QVERIFY(stage.sharing->services_of(*stage.accounts.find("A")).empty());
        stage.accounts.put(linked("B", "C"));
        QCOMPARE(stage.sharing->services_of(*stage.accounts.find("A")).size(), std::size_t{3});
        stage.accounts.put(linked("C", "A"));
        // Its import of `s` would come back to it; the others are asked by other names.
        Guest& asker = stage.guest("A");
        Guest& server = stage.guest("C");
        server.subscribe("s", "1");
        QCOMPARE(asker.publish("s", "x", "r"), std::uint64_t{1});
        QCOMPARE(server.take().size(), std::size_t{1});
    }

    void an_import_by_token_ends_when_the_token_does() {
        SharingStage stage({});
        bool in_force = true;
        stage.sharing->check_activations_by(
            [&](auto const&, auto const&, auto, auto const&) { return in_force; });
        config::ExportOptions share = offers(kService, "s");
        share.token_required = true;
        stage.accounts.put(account_of("A", {share}));
        stage.accounts.put(account_of("B", {}, {takes(kService, "A", "s")}));
        stage.guest("A").subscribe("s", "1");
        Guest& asker = stage.guest("B");
        QCOMPARE(asker.publish("s", "x", "r"), std::uint64_t{1});
        in_force = false;
        stage.pass(base::seconds(11));
        QCOMPARE(asker.publish("s", "x", "r"), std::uint64_t{0});
    }

    void a_reload_spares_requests_under_way() {
        auto const a = account_of("A", {service("svc", kSingle)});
        auto const b = account_of("B", {}, {takes(kService, "A", "svc")});
        SharingStage stage({a, b});
        Guest& server = stage.guest("A");
        Guest& asker = stage.guest("B");
        server.subscribe("svc", "1");
        asker.subscribe("inbox", "2");
        asker.publish("svc", "x", "inbox");
        stage.reload({a, b, account_of("C", {})});
        QCOMPARE(server.publish(server.last().reply, "yes"), std::uint64_t{1});
        // The importer is gone: nothing leads back to it.
        asker.publish("svc", "x", "inbox");
        std::string const reply = server.last().reply;
        stage.reload({a});
        QCOMPARE(server.publish(reply, "late"), std::uint64_t{0});
        QCOMPARE(asker.publish("svc", "x", "inbox"), std::uint64_t{0});
    }
};
SIGNALBOX_TEST(ServiceImportTest);

/// How long services took, told where they are exported.
class ServiceLatencyTest : public QObject {
    Q_OBJECT

private slots:
    void an_answer_is_measured() {
        Pair pair(measured(100), takes(kService, "A", "svc"));
        pair.server.subscribe("svc", "1");
        pair.server.subscribe("lat", "m");
        pair.asker.subscribe("inbox", "2");
        pair.asker.publish("svc", "x", "inbox");
        pair.stage.pass(base::milliseconds(50));
        pair.server.publish(pair.server.last().reply, "yes");
        pair.stage.pass();
        Json const metric = Json::parse(pair.server.last().payload).value();
        QCOMPARE(text_of(metric, "type"), std::string("io.nats.server.metric.v1.service_latency"));
        QCOMPARE(metric.find("status")->as_int().value_or(0), std::int64_t{200});
        QVERIFY(metric.find("description") == nullptr);
        QCOMPARE(text_of(*metric.find("requestor"), "acc"), std::string("B"));
        QCOMPARE(text_of(*metric.find("responder"), "acc"), std::string("A"));
        QCOMPARE(text_of(*metric.find("responder"), "name"), std::string("guest"));
        QVERIFY(metric.find("service")->as_int().value_or(0) >= 40'000'000);
        QVERIFY(metric.find("total")->as_int().value_or(0) >=
                metric.find("service")->as_int().value_or(0));
        QCOMPARE(text_of(metric, "id").size(), std::size_t{22});
        // Once for each request.
        QCOMPARE(metrics(pair), 1);
    }

    void each_way_to_fail_has_its_status_data() {
        QTest::addColumn<int>("way");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("description");
        QTest::newRow("no reply") << 0 << 400 << "Bad Request";
        QTest::newRow("lost interest") << 1 << 408 << "Request Timeout";
        QTest::newRow("nobody") << 2 << 503 << "Service Unavailable";
        QTest::newRow("late") << 3 << 504 << "Service Timeout";
    }
    void each_way_to_fail_has_its_status() {
        QFETCH(int, way);
        QFETCH(int, status);
        QFETCH(QString, description);
        Pair pair(measured(100), takes(kService, "A", "svc"));
        pair.server.subscribe("lat", "m");
        if (way != 2) {
            pair.server.subscribe("svc", "1");
        }
        pair.asker.subscribe("inbox", "2");
        pair.asker.publish("svc", "x", way == 0 ? "" : "inbox");
        if (way == 1) {
            pair.asker.unsubscribe("2");
        }
        pair.stage.pass(way == 3 ? base::seconds(11) : base::milliseconds(5));
        Json const metric = Json::parse(pair.server.last().payload).value();
        QCOMPARE(metric.find("status")->as_int().value_or(0), std::int64_t{status});
        QCOMPARE(text_of(metric, "description"), description.toStdString());
        QVERIFY(metric.find("responder") == nullptr);
        QCOMPARE(metrics(pair), 1);
    }

    void headers_ask_for_a_measurement_data() {
        QTest::addColumn<QString>("header");
        QTest::addColumn<bool>("wanted");
        QTest::addColumn<QString>("echoed");
        QTest::newRow("none") << "A: b" << false << "";
        QTest::newRow("jaeger") << "Uber-Trace-Id: a:b:c:1" << true << "Uber-Trace-Id";
        QTest::newRow("jaeger off") << "Uber-Trace-Id: a:b:c:0" << false << "";
        QTest::newRow("jaeger two digits") << "uber-trace-id: a:b:c:1f" << true << "Uber-Trace-Id";
        QTest::newRow("b3 sampled") << "X-B3-Sampled: 1" << true << "X-B3-Sampled";
        QTest::newRow("b3 denied") << "X-B3-Sampled: 0\r\nX-B3-TraceId: 1" << false << "";
        QTest::newRow("b3 deferred") << "X-B3-TraceId: 1" << true << "X-B3-TraceId";
        QTest::newRow("b3 single") << "B3: a-b-1-c" << true << "B3";
        QTest::newRow("b3 single denied") << "b3: 0" << false << "";
        QTest::newRow("w3c") << "Traceparent: 00-a-b-01" << true << "Traceparent";
        QTest::newRow("w3c off") << "traceparent: 00-a-b-00" << false << "";
    }
    void headers_ask_for_a_measurement() {
        QFETCH(QString, header);
        QFETCH(bool, wanted);
        QFETCH(QString, echoed);
        std::string const block = concat("NATS/1.0\r\n", header.toStdString(), "\r\n\r\n");
        HeaderSample const sample = sampled_by_headers(block);
        QCOMPARE(sample.wanted, wanted);
        bool const repeated = std::ranges::any_of(
            sample.headers, [&](auto const& each) { return each.first == echoed.toStdString(); });
        QCOMPARE(repeated, wanted);

        Pair pair(measured(0), takes(kService, "A", "svc"));
        pair.server.subscribe("svc", "1");
        pair.server.subscribe("lat", "m");
        pair.asker.publish("svc", "x", "", block);
        pair.stage.pass();
        QCOMPARE(metrics(pair), wanted ? 1 : 0);
    }

    void dice_decide_for_a_part_of_the_requests() {
        Pair pair(measured(20), takes(kService, "A", "svc"));
        pair.server.subscribe("lat", "m");
        for (int i = 0; i < 1'000; ++i) {
            pair.asker.publish("svc", "x", "r");
        }
        pair.stage.pass();
        QVERIFY(std::abs(metrics(pair) - 200) < 60);
    }

private:
    static config::ExportOptions measured(int sampling) {
        config::ExportOptions share = service("svc", kSingle);
        share.latency = {.subject = "lat", .sampling = sampling};
        return share;
    }
    static int metrics(Pair const& pair) {
        return static_cast<int>(std::ranges::count_if(
            pair.server.heard, [](Heard const& each) { return each.subject == "lat"; }));
    }
};
SIGNALBOX_TEST(ServiceLatencyTest);

}  // namespace signalbox::dispatch

#include "service_import_test.moc"
