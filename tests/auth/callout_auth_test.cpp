#include "engine/auth/admission.h"
#include "engine/base/encoding.h"
#include "engine/observe/observation.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/auth/token_kit.h"
#include "tests/support/run_tests.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::auth {
namespace {

using crypto::KeyPair;
using crypto::NkeyKind;
using crypto::Secret;

/// Keeps the warnings, in which the reasons stand.
class WarningLog : public base::LogSink {
public:
    void write(LogLevel level, std::string_view text) override {
        if (level == LogLevel::Warning) {
            lines.emplace_back(text);
        }
    }
    std::vector<std::string> lines;
};

/// What a service is asked, as it reads it.
struct Question {
    claims::Token token;
    std::string user_nkey;
    std::string server_id;
    std::string user;
    std::string password;
    std::string raw;  ///< As it came.
    std::string headers;
};

/// A server's admission with a service that answers as a test wants.
struct CalloutStage {
    CalloutStage(config::Options options, std::string service_account)
        : config_(std::move(options)), where(std::move(service_account)) {
        directory.apply(config_);
        admission = std::make_unique<Admission>(
            Admission::Parts{
                .context = {.world = world, .log = log, .observation = &observation},
                .accounts = directory,
                .dispatcher = dispatcher,
                .server = {.key = server_key,
                           .name = "srv",
                           .host = "127.0.0.1",
                           .version = "2.15.0",
                           .tags = {"t"}},
                .listeners = {.changed = [](std::string const&) {}, .sharing_changed = [] {}}},
            config_);
        std::optional<bool> started;
        world.run(
            [&] { admission->start([&](Result<void> const& result) { started = result.ok(); }); });
        universe.simulation().run_until([&] { return started.has_value(); }, base::seconds(10));
        CHECK(started == true);
    }

    /// From now on somebody listens.
    void serve() {
        account::Account* const account = directory.find(where);
        CHECK(account != nullptr);
        service = std::make_unique<dispatch::InternalClient>(world.turn(), dispatcher, *account);
        service->subscribe(kCalloutSubject, {}, [this](dispatch::ReceivedMessage const& message) {
            asked.push_back(read(message));
            service->publish({.subject = message.reply,
                              .reply = {},
                              .headers = {},
                              .payload = answer(asked.back())});
        });
    }

    Question read(dispatch::ReceivedMessage const& message) const {
        Question question;
        question.raw = message.payload;
        question.headers = message.headers;
        std::string text = message.payload;
        if (!text.starts_with("eyJ")) {
            std::size_t const at = message.headers.find(": ") + 2;
            auto const from = crypto::PublicNkey::parse(message.headers.substr(at, 56));
            text = service_xkey.open(from.value(), text).value();
        }
        question.token = claims::decode(text, claims::ClaimKind::AuthorizationRequest).value();
        Json const& body = question.token.body;
        question.user_nkey = *body.find("user_nkey")->as_text();
        question.server_id = *body.find("server_id")->find("id")->as_text();
        Json const* const shown = body.find("connect_opts");
        question.user = shown->find("user") != nullptr ? *shown->find("user")->as_text() : "";
        question.password = shown->find("pass") != nullptr ? *shown->find("pass")->as_text() : "";
        return question;
    }

    Verdict ask(Credentials const& credentials) {
        std::optional<Verdict> verdict;
        world.run([&] {
            admission->authenticator().authenticate(credentials,
                                                    [&](Verdict const& v) { verdict = v; });
        });
        universe.simulation().run_until([&] { return verdict.has_value(); }, base::seconds(30));
        return verdict.value();
    }
    Verdict ask(std::string const& user, std::string const& password) {
        return ask(Credentials{
            .user = user, .password = Secret(password), .remote = {.host = "10.1.2.3", .port = 4}});
    }

    TokenKit kit;
    sim::Universe universe{1};
    WarningLog sink;
    Logger log{sink};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    observe::Observation observation{1, observe::Watch::Off};
    account::AccountDirectory directory;
    dispatch::NoRemoteInterest remote;
    dispatch::Dispatcher dispatcher{world.clock(), world.entropy(), remote, observation};
    std::shared_ptr<KeyPair const> server_key =
        std::make_shared<KeyPair const>(TokenKit::key(NkeyKind::Server, 50));
    crypto::CurveKey service_xkey = crypto::CurveKey::from_seed_bytes({1, 2, 3});
    config::Options config_;
    std::string where;
    std::unique_ptr<Admission> admission;
    std::unique_ptr<dispatch::InternalClient> service;
    std::vector<Question> asked;
    std::function<std::string(Question const&)> answer;
};

/// The answer of a service: by whom, about whom, for which server, with what.
struct Response {
    std::string subject;
    std::string audience;
    std::string jwt;
    std::string error;

    std::string sign(KeyPair const& by, WallTime now) const {
        JsonWriter json;
        json.begin_object();
        json.field_unless_empty("jwt", jwt).field_unless_empty("error", error);
        json.end_object();
        std::string const object = json.take();
        return claims::encode({.kind = claims::ClaimKind::AuthorizationResponse,
                               .subject = subject,
                               .audience = audience,
                               .members = object.substr(1, object.size() - 2)},
                              by, now);
    }
};

}  // namespace

/// A service that is asked about users of a configuration.
class ConfiguredCalloutTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        sim::Universe universe{1};
        sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
        kit = TokenKit();
        kit.now = world.clock().wall_now();
    }

    void the_service_says_who_comes_in() {
        CalloutStage stage(options(), "AUTH");
        stage.answer = [&](Question const& q) {
            return response(q, user(q)).sign(kit.account, kit.now);
        };
        stage.serve();
        Verdict const verdict = stage.ask("carol", "secret");
        QVERIFY2(verdict.admitted, verdict.detail.c_str());
        QCOMPARE(verdict.identity.account, std::string("APP"));
        QCOMPARE(verdict.identity.user, std::string("bob"));
        QCOMPARE(verdict.identity.permissions->publish.allow, std::vector<std::string>{"c.>"});
        QVERIFY(verdict.identity.by_callout);
        QCOMPARE(stage.asked.size(), std::size_t{1});
        Question const& question = stage.asked[0];
        QCOMPARE(question.user, std::string("carol"));
        QCOMPARE(question.password, std::string("secret"));
        QCOMPARE(question.server_id, TokenKit::id(*stage.server_key));
        QCOMPARE(question.token.issuer, question.server_id);
        QCOMPARE(question.token.audience, std::string("nats-authorization-request"));
        QCOMPARE(question.token.subject, TokenKit::id(kit.account));
        QVERIFY(question.token.expires == kit.now + base::seconds(2));
        QVERIFY(question.headers.empty());
    }

    void each_question_is_about_another_user() {
        CalloutStage stage(options(), "AUTH");
        stage.answer = [&](Question const& q) {
            return response(q, user(q)).sign(kit.account, kit.now);
        };
        stage.serve();
        QVERIFY(stage.ask("a", "x").admitted);
        QVERIFY(stage.ask("a", "x").admitted);
        QVERIFY(stage.asked[0].user_nkey != stage.asked[1].user_nkey);
    }

    void users_of_the_service_are_not_asked_about() {
        CalloutStage stage(options(), "AUTH");
        stage.answer = [&](Question const& q) {
            return response(q, user(q)).sign(kit.account, kit.now);
        };
        stage.serve();
        Verdict const verdict = stage.ask("svc", "svc");
        QVERIFY(verdict.admitted);
        QVERIFY(!verdict.identity.by_callout);
        // They listen to the questions, and must not ask any.
        QCOMPARE(verdict.identity.permissions->publish.deny,
                 std::vector<std::string>{"$SYS.REQ.USER.AUTH"});
        QVERIFY(!stage.ask("svc", "wrong").admitted);
        QVERIFY(stage.asked.empty());
    }

    // At Fiji it is twelve hours later, in a file of the machine's database as `zic` makes it.
    void times_of_day_are_those_of_the_place_data() {
        QTest::addColumn<QByteArray>("place");
        QTest::addColumn<bool>("admitted");
        QTest::newRow("UTC") << QByteArray("UTC") << false;
        QTest::newRow("Fiji") << QByteArray("Pacific/Fiji") << true;
        QTest::newRow("nowhere") << QByteArray("Nowhere/At_All") << false;
        QTest::newRow("not a name") << QByteArray("../../etc/passwd") << false;
    }
    void times_of_day_are_those_of_the_place() {
        QFETCH(QByteArray, place);
        QFETCH(bool, admitted);
        CalloutStage stage(options(), "AUTH");
        // Version 1, no transitions, one type of 12 hours; what comes after it is the same as text.
        std::string const counts{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4", 24};
        std::string const type{"\0\0\xa8\xc0\0\0+12\0", 10};
        std::string const half = std::string("TZif2") + std::string(15, '\0') + counts + type;
        bool written = false;
        stage.world.run([&] {
            stage.world.disk().write_file("/usr/share/zoneinfo/Pacific/Fiji",
                                          concat(half, half, "\n<+12>-12\n"), 0644,
                                          [&](auto const&) { written = true; });
        });
        stage.universe.simulation().run_until([&] { return written; }, base::seconds(1));
        WallTime const now = stage.world.clock().wall_now();
        auto const hour = (now.since_epoch() / base::hours(1)) % 24;
        auto const there = (hour + 12) % 24;
        claims::UserRights rights = TokenKit::no_limits();
        auto const of_day = [](auto h) { return concat(h < 10 ? "0" : "", h, ":00:00"); };
        rights.times = {{.start = of_day(there), .end = of_day((there + 1) % 24)}};
        rights.times_location = place.toStdString();
        stage.answer = [&](Question const& q) {
            claims::Draft draft = kit.draft(rights);
            draft.subject = q.user_nkey;
            draft.audience = "APP";
            Response r = response(q, claims::encode(draft, kit.account, kit.now));
            return r.sign(kit.account, kit.now);
        };
        stage.serve();
        Verdict const verdict = stage.ask("carol", "secret");
        QVERIFY2(verdict.admitted == admitted, verdict.detail.c_str());
        if (admitted) {
            QVERIFY(*verdict.identity.expires - now <= base::hours(1));
        }
    }

    void a_word_stands_while_nothing_it_hangs_on_changes_data() {
        QTest::addColumn<int>("change");
        QTest::addColumn<bool>("stands");
        QTest::newRow("nothing") << 0 << true;
        QTest::newRow("another user's password") << 1 << true;
        QTest::newRow("its own user's password") << 2 << false;
        QTest::newRow("the service's rules") << 3 << false;
        QTest::newRow("its account is gone") << 4 << false;
        QTest::newRow("it became a user of the service") << 5 << false;
        QTest::newRow("another account came") << 6 << true;
        QTest::newRow("no service any more") << 7 << false;
    }
    void a_word_stands_while_nothing_it_hangs_on_changes() {
        QFETCH(int, change);
        QFETCH(bool, stands);
        config::Options const before = options();
        config::Options now = before;
        auto account = [&](std::string const& name) {
            return std::ranges::find(now.accounts, name, &config::AccountOptions::name);
        };
        switch (change) {
            case 1:
                account("AUTH")->users.front().password = Secret("other");
                break;
            case 2:
                account("APP")->users.front().password = Secret("other");
                break;
            case 3:
                now.authorization.callout->xkey = "X";
                break;
            case 4:
                now.accounts.erase(account("APP"));
                break;
            case 5:
                now.authorization.callout->auth_users.emplace_back("app");
                break;
            case 6:
                now.accounts.push_back({.name = "NEW"});
                break;
            case 7:
                now.authorization.callout.reset();
                break;
            default:
                break;
        }
        Credentials const shown{.user = "app", .password = Secret("x")};
        Identity who{.account = "APP", .by_callout = true};
        QCOMPARE(service_word_stands(before, now, shown, who), stands);
        // Of those whom the configuration itself let in, nothing stands without being asked.
        who.by_callout = false;
        QVERIFY(!service_word_stands(before, before, shown, who));
    }

    void only_users_of_some_accounts_are_asked_about() {
        config::Options some = options();
        some.authorization.callout->allowed_accounts = {"AUTH"};
        CalloutStage stage(some, "AUTH");
        stage.answer = [&](Question const& q) {
            return response(q, user(q)).sign(kit.account, kit.now);
        };
        stage.serve();
        QVERIFY(stage.ask("app", "app").admitted);
        QVERIFY(!stage.ask("app", "wrong").admitted);
        QVERIFY(stage.asked.empty());
        QVERIFY(stage.ask("nobody", "x").admitted);
        QCOMPARE(stage.asked.size(), std::size_t{1});
    }

    void who_is_known_is_asked_about_all_the_same() {
        CalloutStage stage(options(), "AUTH");
        stage.answer = [&](Question const& q) {
            Response r = response(q, {});
            r.error = "go away";
            return r.sign(kit.account, kit.now);
        };
        stage.serve();
        Verdict const verdict = stage.ask("app", "app");
        QVERIFY(!verdict.admitted);
        QCOMPARE(verdict.detail, std::string("Auth callout service returned an error: go away"));
        QCOMPARE(stage.sink.lines, std::vector<std::string>{verdict.detail});
    }

    void nobody_answers_and_nobody_comes_in() {
        CalloutStage stage(options(), "AUTH");
        QVERIFY(stage.ask("carol", "x").refusal == Refusal::TimedOut);
    }

    void what_is_wrong_with_an_answer_is_said_data() {
        QTest::addColumn<int>("row");
        for (int row = 0; row < 14; ++row) {
            QTest::addRow("%d", row) << row;
        }
    }
    void what_is_wrong_with_an_answer_is_said() {
        QFETCH(int, row);
        CalloutStage stage(options(), "AUTH");
        KeyPair const other = TokenKit::key(NkeyKind::Account, 66);
        std::string const account = TokenKit::id(kit.account);
        std::string const wrong = TokenKit::id(other);
        struct Row {
            std::function<std::string(Question const&)> answer;
            std::string text;
        };
        auto const with = [&](auto change) {
            return [this, change](Question const& q) {
                Response r = response(q, user(q));
                change(q, r);
                return r.sign(kit.account, kit.now);
            };
        };
        auto const with_user = [&](auto change) {
            return with([this, change](Question const& q, Response& r) {
                claims::Draft draft = user_draft(q);
                change(draft);
                r.jwt = claims::encode(draft, kit.account, kit.now);
            });
        };
        std::vector<Row> const rows = {
            {[](Question const&) { return std::string(); },
             "Auth callout violation: \"no reason supplied\" on account \"AUTH\""},
            {[](Question const&) { return std::string("nonsense"); }, "Error decoding"},
            {with([&](Question const&, Response& r) { r.subject = TokenKit::id(kit.user); }),
             "Auth callout violation: auth callout response is not for expected user"},
            {with([&](Question const&, Response& r) { r.audience = "N"; }),
             "Auth callout violation: auth callout response is not for server"},
            {with([](Question const&, Response& r) { r.jwt.clear(); }), "Error decoding"},
            {with([](Question const&, Response& r) { r.error = "and a user"; }), "Error decoding"},
            {[&](Question const& q) { return response(q, user(q)).sign(other, kit.now); },
             concat("Wrong issuer for auth callout response on account \"AUTH\", expected \"",
                    account, "\" got \"", wrong, "\"")},
            {with([&](Question const& q, Response& r) {
                 r.jwt = claims::encode(user_draft(q), other, kit.now);
             }),
             concat("Wrong issuer for auth callout response on account \"AUTH\", expected \"",
                    account, "\" got \"", wrong, "\"")},
            {with_user([](claims::Draft& d) { d.audience = "NOWHERE"; }),
             "No valid account \"NOWHERE\" for auth callout response on account \"AUTH\""},
            {with_user([](claims::Draft& d) { d.audience.clear(); }),
             "No valid account \"\" for auth callout response on account \"AUTH\""},
            {with_user([&](claims::Draft& d) { d.subject = TokenKit::id(kit.user); }),
             "Auth callout violation: auth callout response is not for expected user"},
            {with_user([&](claims::Draft& d) { d.expires = kit.now + base::seconds(-1); }),
             "The user JWT of the auth callout is not of now"},
            {with_user([&](claims::Draft& d) {
                 append(d.members, ",\"issuer_account\":\"", account, "\"");
             }),
             "Auth callout non operator mode"},
            {with_user([](claims::Draft& d) { append(d.members, ",\"src\":[\"192.0.2.0/24\"]"); }),
             "Invalid source address"},
        };
        stage.answer = rows[static_cast<std::size_t>(row)].answer;
        stage.serve();
        Verdict const verdict = stage.ask("carol", "x");
        QVERIFY(!verdict.admitted);
        QVERIFY2(verdict.detail.starts_with(rows[static_cast<std::size_t>(row)].text),
                 verdict.detail.c_str());
    }

    void questions_and_answers_are_sealed() {
        config::Options sealed = options();
        crypto::CurveKey const xkey = crypto::CurveKey::from_seed_bytes({1, 2, 3});
        sealed.authorization.callout->xkey = xkey.public_key().text();
        CalloutStage stage(sealed, "AUTH");
        bool seal_answer = true;
        stage.answer = [&](Question const& q) {
            std::string const plain = response(q, user(q)).sign(kit.account, kit.now);
            std::string const to = q.headers.substr(q.headers.find(": ") + 2, 56);
            return seal_answer
                       ? xkey.seal(crypto::PublicNkey::parse(to).value(), {9}, plain).value()
                       : plain;
        };
        stage.serve();
        QVERIFY(stage.ask("carol", "secret").admitted);
        QVERIFY(stage.asked[0].raw.starts_with("xkv1"));
        QVERIFY(stage.asked[0].headers.starts_with("NATS/1.0\r\nNats-Server-Xkey: X"));
        seal_answer = false;
        QVERIFY(stage.ask("carol", "secret").admitted);
        stage.answer = [](Question const&) { return std::string("xkv1 and no box"); };
        QVERIFY(stage.ask("carol", "secret").detail.starts_with("Error decrypting"));
    }

private:
    config::Options options() const {
        config::Options out;
        config::AuthCallout callout;
        callout.issuer = TokenKit::id(kit.account);
        callout.account = "AUTH";
        callout.auth_users = {"svc"};
        out.authorization.callout = callout;
        out.accounts = {{.name = "AUTH", .users = {{.name = "svc", .password = Secret("svc")}}},
                        {.name = "APP", .users = {{.name = "app", .password = Secret("app")}}}};
        return out;
    }
    claims::Draft user_draft(Question const& q) const {
        claims::UserRights rights = TokenKit::no_limits();
        rights.permissions.publish.allow = {"c.>"};
        claims::Draft draft = kit.draft(rights);
        draft.subject = q.user_nkey;
        draft.audience = "APP";
        return draft;
    }
    std::string user(Question const& q) const {
        return claims::encode(user_draft(q), kit.account, kit.now);
    }
    static Response response(Question const& q, std::string jwt) {
        return {
            .subject = q.user_nkey, .audience = q.server_id, .jwt = std::move(jwt), .error = {}};
    }

    TokenKit kit;
};
SIGNALBOX_TEST(ConfiguredCalloutTest);

/// A service that an account's JWT names.
class OperatorCalloutTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        sim::Universe universe{1};
        sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
        kit = TokenKit();
        kit.now = world.clock().wall_now();
    }

    void the_service_places_users_in_its_account() {
        CalloutStage stage(options(), TokenKit::id(kit.account));
        listen(stage);
        stage.answer = [&](Question const& q) {
            return response(q, user(q, kit.account)).sign(kit.account, kit.now);
        };
        Verdict const verdict = stage.ask(sentinel());
        QVERIFY2(verdict.admitted, verdict.detail.c_str());
        QCOMPARE(verdict.identity.account, TokenKit::id(kit.account));
        QCOMPARE(verdict.identity.permissions->publish.deny,
                 std::vector<std::string>{"$SYS.REQ.USER.AUTH"});
        QCOMPARE(stage.asked[0].token.subject, TokenKit::id(kit.account));
    }

    void other_accounts_have_to_be_allowed() {
        KeyPair const system = kit.system;
        auto const answers = [&](Question const& q) {
            return response(q, user(q, system)).sign(kit.account, kit.now);
        };
        CalloutStage stage(options(), TokenKit::id(kit.account));
        listen(stage);
        stage.answer = answers;
        QVERIFY(stage.ask(sentinel()).detail.find("is not allowed") != std::string::npos);
        CalloutStage any(options(R"(,"allowed_accounts":["*"])"), TokenKit::id(kit.account));
        listen(any);
        any.answer = answers;
        QCOMPARE(any.ask(sentinel()).identity.account, TokenKit::id(kit.system));
    }

    void users_of_the_service_and_of_other_accounts_are_not_asked_about() {
        CalloutStage stage(options(), TokenKit::id(kit.account));
        listen(stage);
        Credentials shown{.signature = base::to_base64_url(kit.user.sign("nonce")),
                          .jwt = Secret(kit.user_token()),
                          .nonce = "nonce",
                          .remote = {.host = "10.0.0.1", .port = 1}};
        Verdict const verdict = stage.ask(shown);
        QVERIFY(verdict.admitted && !verdict.identity.by_callout);
        shown.signature.clear();
        QVERIFY(!stage.ask(shown).admitted);
        QVERIFY(!stage.ask(Credentials{}).admitted);
        QVERIFY(stage.asked.empty());
    }

    void an_answer_is_signed_by_the_account_or_its_keys() {
        CalloutStage stage(options(), TokenKit::id(kit.account));
        listen(stage);
        stage.answer = [&](Question const& q) {
            return response(q, user(q, kit.account)).sign(kit.signing, kit.now);
        };
        QCOMPARE(stage.ask(sentinel()).detail, std::string("Auth callout signing key is unknown"));
        std::string const keys = concat(",\"signing_keys\":[\"", TokenKit::id(kit.signing), "\"]");
        CalloutStage with_key(options({}, keys), TokenKit::id(kit.account));
        listen(with_key);
        with_key.answer = stage.answer;
        QVERIFY(with_key.ask(sentinel()).admitted);
    }

    void a_user_that_others_signed_is_refused() {
        CalloutStage stage(options(), TokenKit::id(kit.account));
        listen(stage);
        stage.answer = [&](Question const& q) {
            claims::Draft draft = kit.draft();
            draft.subject = q.user_nkey;
            return response(q, kit.signed_by_key(draft)).sign(kit.account, kit.now);
        };
        QVERIFY(!stage.ask(sentinel()).admitted);
    }

private:
    config::Options options(std::string const& more = {}, std::string const& keys = {}) const {
        return kit.options(
            kit.account_token(concat("\"authorization\":{\"auth_users\":[\"",
                                     TokenKit::id(kit.user), "\"]", more, "}", keys)));
    }
    /// The account is there once somebody of it came.
    void listen(CalloutStage& stage) const {
        std::optional<bool> found;
        stage.world.run([&] {
            stage.admission->operators()->accounts().find(
                TokenKit::id(kit.account), [&](auto const& result) { found = result.ok(); });
        });
        QVERIFY(found == true);
        stage.serve();
    }
    /// What everyone shows who is to be asked about: a bearer that may do nothing.
    Credentials sentinel() const {
        claims::UserRights rights = TokenKit::no_limits();
        rights.bearer_token = true;
        rights.permissions.publish.deny = {">"};
        claims::Draft draft = kit.draft(rights);
        draft.subject = TokenKit::id(TokenKit::key(NkeyKind::User, 90));
        return {.user = "carol",
                .password = Secret("secret"),
                .jwt = Secret(claims::encode(draft, kit.account, kit.now)),
                .remote = {.host = "10.0.0.1", .port = 1}};
    }
    std::string user(Question const& q, KeyPair const& account) const {
        claims::Draft draft = kit.draft();
        draft.subject = q.user_nkey;
        return claims::encode(draft, account, kit.now);
    }
    static Response response(Question const& q, std::string jwt) {
        return {
            .subject = q.user_nkey, .audience = q.server_id, .jwt = std::move(jwt), .error = {}};
    }

    TokenKit kit;
};
SIGNALBOX_TEST(OperatorCalloutTest);

}  // namespace signalbox::auth

#include "callout_auth_test.moc"
