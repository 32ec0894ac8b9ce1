#include "engine/host/remote_core.h"

#include "engine/claims/credentials_file.h"
#include "engine/crypto/key_pair.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/host/fake_server.h"
#include "tests/support/run_tests.h"

namespace signalbox::host {

using base::milliseconds;
using base::seconds;
using observe::EventKind;
using observe::FiguresFrom;
using State = RemoteNews::State;

namespace {

/// A poller's core, a server that says what the test wants, and what a window would have been told.
struct Stage {
    explicit Stage(RemoteOptions with = {}) : universe(1) {
        universe.exchange().add_machine("here", "10.0.0.1");
        universe.exchange().add_machine("there", "10.0.0.2");
        here = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "here");
        there =
            std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "there");
        server = std::make_unique<FakeServer>(*there, 4222);
        if (with.server.empty() && with.monitoring.empty()) {
            with.server = "nats://there:4222";
        }
        core = std::make_unique<RemoteCore>(
            *here, std::move(with),
            RemoteSink{.snapshot = [this](observe::SnapshotPtr one) { snapshot = std::move(one); },
                       .event = [this](observe::EventRow row) { events.push_back(std::move(row)); },
                       .news = [this](RemoteNews const& one) { news = one; },
                       .outcome = [this](Outcome one) { outcomes.push_back(std::move(one)); },
                       .observation =
                           [this](std::shared_ptr<observe::Observation> one) {
                               observation = std::move(one);
                           }});
    }
    ~Stage() { core.reset(); }

    Stage& as_system_user(std::uint64_t in_msgs = 100) {
        server->answers = system_answers(in_msgs);
        return *this;
    }
    void start(Duration time = seconds(2)) {
        here->run([this] { core->start(); });
        run(time);
    }
    void run(Duration time) {
        for (Duration passed{0}; passed < time; passed += milliseconds(10)) {
            universe.simulation().run_for(milliseconds(10));
            there->run([this] { server->turn(); });
        }
    }
    void act(std::function<void()> const& what, Duration time = milliseconds(200)) {
        here->run(what);
        run(time);
    }
    observe::ServerSnapshot const& look() const { return snapshot->servers.front(); }
    int count(EventKind kind) const {
        return static_cast<int>(std::ranges::count(events, kind, &observe::EventRow::kind));
    }
    std::string error_of(Token token) const {
        for (Outcome const& outcome : outcomes) {
            if (outcome.token == token) {
                return outcome.error ? std::string(name_of(outcome.error->code())) : "ok";
            }
        }
        return "none";
    }

    sim::Universe universe;
    std::unique_ptr<sim::SimWorld> here;
    std::unique_ptr<sim::SimWorld> there;
    std::unique_ptr<FakeServer> server;
    observe::SnapshotPtr snapshot;
    std::vector<observe::EventRow> events;
    std::optional<RemoteNews> news;
    std::vector<Outcome> outcomes;
    std::shared_ptr<observe::Observation> observation;
    std::unique_ptr<RemoteCore> core;
};

OutgoingMessage hello() {
    OutgoingMessage message;
    message.subject = "hello";
    return message;
}

}  // namespace

/// A server elsewhere, simulated, as a poller looks at it.
class RemoteCoreTest : public QObject {
    Q_OBJECT

private slots:
    void a_user_of_the_system_account_is_told_everything() {
        Stage stage;
        stage.as_system_user().start();
        QVERIFY(stage.news && stage.news->state == State::Attached);
        QVERIFY(stage.news->figures == FiguresFrom::SystemAccount);
        QVERIFY(stage.news->events);
        QCOMPARE(stage.news->note, std::string());
        observe::ServerSnapshot const& server = stage.look();
        QCOMPARE(server.name, std::string("far"));
        QCOMPARE(server.in_msgs.total, 100U);
        QCOMPARE(server.connections, 2U);
        QCOMPARE(server.slow_consumers, 1U);
        QCOMPARE(stage.snapshot->resident_bytes, 1'048'576U);
        QCOMPARE(server.open.size(), std::size_t{2});
        observe::ConnectionRow const& row = server.open.front();
        QCOMPARE(row.identity->name, std::string("shop"));
        QCOMPARE(row.identity->user, std::string("ada"));
        QVERIFY(row.slow);
        QVERIFY(row.rtt == base::microseconds(1'500));
        QVERIFY(server.accounts != nullptr);
        QCOMPARE(server.accounts->size(), std::size_t{2});
        QCOMPARE(server.accounts->front().in_msgs.total, 3U);
        QCOMPARE(server.accounts->front().out_bytes.total, 40U);
        QVERIFY(server.remote != nullptr);
        QCOMPARE(server.remote->version, std::string("2.99.0"));
        QCOMPARE(server.remote->cluster, std::string("east"));
    }

    void rates_are_those_between_two_answers() {
        Stage stage;
        stage.as_system_user(100).start(milliseconds(600));
        stage.server->answers = system_answers(600);
        stage.run(milliseconds(1'000));
        QCOMPARE(stage.look().in_msgs.total, 600U);
        QVERIFY(stage.look().in_msgs.per_second > 350 && stage.look().in_msgs.per_second < 600);
        stage.run(seconds(3));
        QCOMPARE(stage.look().in_msgs.per_second, 0.0);
    }

    void an_ordinary_user_is_told_of_its_own_account() {
        Stage stage;
        std::string const connz = system_answers(5)["$SYS.REQ.SERVER.NFAR.CONNZ"];
        stage.server->answers = {{"$SYS.REQ.SERVER.PING.CONNZ", connz}};
        stage.start();
        QVERIFY(stage.news->state == State::Attached);
        QVERIFY(stage.news->figures == FiguresFrom::OwnAccount);
        QVERIFY(!stage.news->events);
        QCOMPARE(stage.look().open.size(), std::size_t{2});
        QCOMPARE(stage.look().name, std::string("far"));
    }

    void one_who_is_told_nothing_is_attached_all_the_same() {
        Stage stage;
        stage.start();
        QVERIFY(stage.news->state == State::Attached);
        QVERIFY(stage.news->figures == FiguresFrom::Nowhere);
        QVERIFY(stage.snapshot != nullptr);
    }

    void system_events_become_rows() {
        Stage stage;
        stage.as_system_user().start();
        QVERIFY(stage.server->is_subscribed("$SYS.ACCOUNT.*.CONNECT"));
        int const before = static_cast<int>(stage.events.size());
        std::string const client =
            R"("timestamp":"2024-05-06T07:08:09Z","server":{"id":"NFAR"},"client":{"id":41,"host":)"
            R"("10.3.3.3","acc":"A","name":"late","user":"bob"})";
        stage.server->say("$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.A.CONNECT",
                          R"({"type":"io.nats.server.advisory.v1.client_connect",)" + client + "}");
        stage.run(milliseconds(50));
        stage.server->say("$SYS.ACCOUNT.*.DISCONNECT", "$SYS.ACCOUNT.A.DISCONNECT",
                          R"({"type":"io.nats.server.advisory.v1.client_disconnect","reason":)"
                          R"x("Slow Consumer (Pending Bytes)","sent":{"msgs":9},)x" +
                              client + "}");
        stage.server->say("$SYS.SERVER.*.CLIENT.AUTH.ERR", "$SYS.SERVER.NFAR.CLIENT.AUTH.ERR",
                          R"({"reason":"Authentication Failure",)" + client + "}");
        stage.run(milliseconds(50));
        QCOMPARE(static_cast<int>(stage.events.size()), before + 3);
        QVERIFY(stage.events[static_cast<std::size_t>(before)].kind == EventKind::ConnectionOpened);
        QCOMPARE(stage.events.back().text, std::string("Authentication Failure"));
        QCOMPARE(stage.count(EventKind::SlowConsumer), 1);
        QCOMPARE(stage.count(EventKind::AuthenticationFailed), 1);
        stage.run(milliseconds(400));
        QCOMPARE(stage.look().closed->back().in_msgs, 9U);
        QCOMPARE(stage.look().closed->back().identity->name, std::string("late"));
    }

    void events_of_other_servers_are_left_out() {
        Stage stage;
        stage.as_system_user().start();
        stage.server->say("$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.A.CONNECT",
                          R"({"type":"x.client_connect","server":{"id":"NOTHER"},)"
                          R"("client":{"id":41}})");
        stage.server->say("$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.A.CONNECT", "no JSON");
        stage.run(milliseconds(50));
        QCOMPARE(stage.count(EventKind::ConnectionOpened), 0);
    }

    void without_events_they_are_told_from_how_the_list_changed() {
        Stage stage;
        std::string const connz = system_answers(5)["$SYS.REQ.SERVER.NFAR.CONNZ"];
        stage.server->answers = {{"$SYS.REQ.SERVER.PING.CONNZ", connz}};
        stage.start();
        QCOMPARE(stage.count(EventKind::ConnectionOpened), 0);
        stage.server->answers["$SYS.REQ.SERVER.PING.CONNZ"] =
            R"({"data":{"total":2,"connections":[{"cid":7},{"cid":8,"name":"new"}]}})";
        stage.run(milliseconds(1'500));
        QCOMPARE(stage.count(EventKind::ConnectionOpened), 1);
        // The list of those that closed is asked for, and tells the reason.
        stage.server->answers["$SYS.REQ.SERVER.PING.CONNZ"] =
            R"({"data":{"total":1,"connections":[{"cid":5,"reason":"Client Closed",)"
            R"("stop":"2024-05-06T07:08:09Z"}]}})";
        stage.run(seconds(3));
        QVERIFY(stage.count(EventKind::ConnectionClosed) >= 1);
        QCOMPARE(stage.look().closed->back().reason, std::string("Client Closed"));
    }

    void a_lost_connection_is_said_and_found_again() {
        Stage stage;
        stage.as_system_user().start();
        std::uint64_t const last = stage.snapshot->number;
        stage.server->stop();
        stage.run(seconds(1));
        QVERIFY(stage.news->state == State::Lost);
        QVERIFY(stage.news->note.find("there:4222") != std::string::npos);
        std::uint64_t const then = stage.snapshot->number;
        QVERIFY(then <= last + 2);
        stage.run(seconds(3));
        // Nothing new is known, and nothing is said.
        QCOMPARE(stage.snapshot->number, then);
        there_again(stage);
        QVERIFY(stage.news->state == State::Attached);
        QVERIFY(stage.news->figures == FiguresFrom::SystemAccount);
        QCOMPARE(stage.news->note, std::string());
        QVERIFY(stage.snapshot->number > then);
    }

    void one_who_is_not_let_in_is_not_tried_for_ever() {
        Stage stage({.server = "nats://bob:wrong@there:4222"});
        stage.server->refusal = "Authorization Violation";
        stage.start();
        QVERIFY(stage.news->state == State::Refused);
        QVERIFY(stage.news->note.find("does not let this user in") != std::string::npos);
        QVERIFY(stage.news->note.find("wrong") == std::string::npos);
        QVERIFY(stage.server->connects.front().find("\"user\":\"bob\"") != std::string::npos);
    }

    void a_credentials_file_says_who_one_is() {
        crypto::KeyPair const key = crypto::KeyPair::from_seed_bytes(crypto::NkeyKind::User, {7});
        std::string const jwt = "eyJ0.eyJq.c2ln";
        Stage stage({.server = "there", .identity = {.credentials_file = "/me.creds"}});
        std::string const text(
            claims::format_credentials({.jwt = crypto::Secret(jwt), .seed = key.seed()}).reveal());
        stage.server->info += R"(,"nonce":"n0nce")";
        stage.act([&] {
            stage.here->disk().write_file("/me.creds", text, 0600, [](Result<void> const&) {});
        });
        stage.start();
        QVERIFY(stage.news->state == State::Attached);
        std::string const& said = stage.server->connects.front();
        QVERIFY(said.find("\"jwt\":\"" + jwt + "\"") != std::string::npos);
        QVERIFY(said.find("\"sig\":\"") != std::string::npos);
        QVERIFY(said.find(std::string(key.seed().reveal())) == std::string::npos);
    }

    void a_credentials_file_that_is_not_there_is_said() {
        Stage stage({.server = "there", .identity = {.credentials_file = "/nowhere.creds"}});
        stage.start();
        QVERIFY(stage.news->state == State::Refused);
        QVERIFY(stage.news->note.find("/nowhere.creds") != std::string::npos);
        QVERIFY(stage.server->connects.empty());
    }

    void a_second_identity_asks_over_a_connection_of_its_own() {
        Stage stage(
            {.server = "there",
             .identity = {.user = "bob", .password = crypto::Secret("b")},
             .system_identity = RemoteIdentity{.user = "admin", .password = crypto::Secret("s")}});
        stage.as_system_user().start();
        QCOMPARE(stage.server->connects.size(), std::size_t{2});
        QVERIFY(stage.server->connects[0].find("\"user\":\"bob\"") != std::string::npos);
        QVERIFY(stage.server->connects[1].find("\"user\":\"admin\"") != std::string::npos);
        QVERIFY(stage.news->figures == FiguresFrom::SystemAccount);
    }

    void nothing_is_sampled_unless_asked_for_and_no_more_than_allowed() {
        Stage stage;
        stage.as_system_user().start();
        QVERIFY(!stage.server->is_subscribed(">"));
        stage.act([&] { stage.core->set_sampling(SamplingOrder{.most_per_second = 100}); });
        QVERIFY(stage.server->is_subscribed(">"));
        for (int i = 0; i < 20; ++i) {
            stage.server->say(">", "orders.new", "x");
        }
        stage.run(milliseconds(400));
        QCOMPARE(stage.look().subjects, 1U);
        QVERIFY(stage.look().remote->sampling.state == observe::Sampling::State::On);
        QCOMPARE(stage.look().remote->sampling.messages, 20U);
        for (int i = 0; i < 200; ++i) {
            stage.server->say(">", "orders.new", "x");
        }
        stage.run(milliseconds(400));
        QVERIFY(stage.look().remote->sampling.state == observe::Sampling::State::TooMuch);
        QVERIFY(!stage.server->is_subscribed(">"));
    }

    void a_refused_sample_says_why() {
        Stage stage;
        stage.start();
        stage.act([&] { stage.core->set_sampling(SamplingOrder{}); });
        stage.server->say_raw("-ERR 'Permissions Violation for Subscription to \">\"'\r\n");
        stage.run(milliseconds(400));
        QVERIFY(stage.look().remote->sampling.state == observe::Sampling::State::Refused);
        QVERIFY(stage.look().remote->sampling.note.find("Permissions") != std::string::npos);
    }

    void the_tree_knows_who_is_subscribed() {
        Stage stage;
        stage.as_system_user().start();
        observe::TreeQuery query;
        query.flat = true;
        stage.act([&] { stage.core->set_tree_query(query); }, seconds(1));
        // Our own subscriptions are left out.
        QCOMPARE(stage.snapshot->tree.rows.size(), std::size_t{1});
        QCOMPARE(stage.snapshot->tree.rows[0].subject, std::string("orders.*"));
        QCOMPARE(stage.snapshot->tree.rows[0].subscribers, 1U);
    }

    void a_tap_is_a_subscription() {
        Stage stage;
        stage.start();
        stage.act([&] {
            stage.core->run(1, SetTap{.filter = observe::TapFilter{.subject = "orders.>"}});
        });
        QCOMPARE(stage.error_of(1), std::string("ok"));
        stage.server->say("orders.>", "orders.new", "first");
        stage.run(milliseconds(400));
        auto* const rows = stage.observation->tap_rows();
        QVERIFY(rows != nullptr);
        observe::TapRow* const row = rows->front();
        QVERIFY(row != nullptr);
        QCOMPARE(row->payload, std::string("first"));
        QCOMPARE(row->recipients, observe::TapRow::kRecipientsUnknown);
        QCOMPARE(stage.look().tap.matched, 1U);
        stage.act([&] { stage.core->run(2, SetTap{.filter = std::nullopt}); });
        QVERIFY(!stage.server->is_subscribed("orders.>"));
        stage.act(
            [&] { stage.core->run(3, SetTap{.filter = observe::TapFilter{.connection = 4}}); });
        QCOMPARE(stage.error_of(3), std::string("InvalidArgument"));
    }

    void a_profile_for_looking_changes_nothing() {
        Stage stage;
        stage.as_system_user().start();
        stage.server->published.clear();
        stage.act([&] {
            stage.core->run(1, Publish{.message = hello()});
            stage.core->run(2, Request{.message = hello()});
            stage.core->run(3, Disconnect{.cid = 5});
            stage.core->run(4, StopServer{});
        });
        QCOMPARE(stage.error_of(1), std::string("PermissionDenied"));
        QCOMPARE(stage.error_of(2), std::string("PermissionDenied"));
        QCOMPARE(stage.error_of(3), std::string("PermissionDenied"));
        QCOMPARE(stage.error_of(4), std::string("Unavailable"));
        QVERIFY(std::ranges::find(stage.server->published, "hello") ==
                stage.server->published.end());
    }

    void one_that_may_write_publishes_and_disconnects() {
        Stage stage({.server = "there", .may_write = true});
        stage.as_system_user();
        stage.server->answers["$SYS.REQ.SERVER.NFAR.KICK"] = R"({"server":{}})";
        stage.server->answers["hello"] = "answer";
        stage.start();
        stage.act([&] {
            stage.core->run(1, Publish{.message = hello()});
            stage.core->run(2, Request{.message = hello()});
            stage.core->run(3, Disconnect{.cid = 5});
        });
        QCOMPARE(stage.error_of(1), std::string("ok"));
        QCOMPARE(stage.error_of(2), std::string("ok"));
        QCOMPARE(stage.error_of(3), std::string("ok"));
        stage.server->answers["$SYS.REQ.SERVER.NFAR.KICK"] =
            R"({"error":{"code":500,"description":"no such client or leafnode id"}})";
        stage.act([&] { stage.core->run(4, Disconnect{.cid = 6}); });
        QCOMPARE(stage.error_of(4), std::string("Unavailable"));
    }

    void what_nobody_looks_at_is_asked_for_less_often() {
        Stage stage;
        stage.as_system_user().start();
        auto const asked = [&] {
            stage.server->published.clear();
            stage.run(seconds(10));
            return std::ranges::count(stage.server->published,
                                      std::string("$SYS.REQ.SERVER.NFAR.VARZ"));
        };
        QVERIFY(asked() >= 9);
        stage.act([&] { stage.core->set_watched(false); });
        QVERIFY(asked() <= 3);
        QVERIFY(std::ranges::find(stage.server->published, "$SYS.REQ.SERVER.NFAR.CONNZ") ==
                stage.server->published.end());
    }

    void a_url_that_is_none_is_said_at_once() {
        Stage stage({.server = "http://there:8222"});
        stage.start();
        QVERIFY(stage.news->state == State::Refused);
        QVERIFY(stage.news->note.find("\"http\"") != std::string::npos);
    }

    void monitoring_alone_will_do() {
        Stage stage({.monitoring = "http://there:8222/base"});
        std::string asked;
        std::vector<std::unique_ptr<support::RawPeer>> peers;
        auto const listener = stage.there->network().listen(
            {"0.0.0.0", 8222}, [&](std::unique_ptr<world::Link> link) {
                peers.push_back(std::make_unique<support::RawPeer>(std::move(link)));
            });
        QVERIFY(listener.ok());
        stage.here->run([&] { stage.core->start(); });
        std::string const body = R"({"server_id":"N1","server_name":"web","in_msgs":5})";
        for (int i = 0; i < 100; ++i) {
            stage.run(milliseconds(10));
            for (std::size_t one = 0; one < peers.size(); ++one) {
                std::string const request = peers[one]->take_bytes();
                if (request.empty()) {
                    continue;
                }
                append(asked, std::string_view(request).substr(0, request.find('\r')), ";");
                bool const varz = request.starts_with("GET /base/varz HTTP/1.1\r\n");
                peers[one]->send(varz ? concat("HTTP/1.0 200 OK\r\nContent-Length: ", body.size(),
                                               "\r\n\r\n", body)
                                      : "HTTP/1.0 404 Not Found\r\n\r\n");
                stage.run(milliseconds(10));
                peers[one]->close();
            }
        }
        QVERIFY(asked.find("GET /base/varz HTTP/1.1") != std::string::npos);
        QVERIFY(stage.news->figures == FiguresFrom::Monitoring);
        QVERIFY(stage.news->state == State::Attached);
        QCOMPARE(stage.look().name, std::string("web"));
        QCOMPARE(stage.look().in_msgs.total, 5U);
    }

private:
    static void there_again(Stage& stage) {
        stage.there->run([&] { stage.server->listen(); });
        stage.run(seconds(8));
    }
};

SIGNALBOX_TEST(RemoteCoreTest);

}  // namespace signalbox::host

#include "remote_core_test.moc"
