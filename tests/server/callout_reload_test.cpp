#include "engine/auth/callout_request.h"
#include "engine/claims/token.h"
#include "engine/claims/user_claims.h"

#include "tests/auth/token_kit.h"
#include "tests/support/run_tests.h"
#include "tests/system/system_stage.h"

#include <string>
#include <vector>

namespace signalbox::server {
namespace {

using auth::TokenKit;

/// A server whose users a service admits, the service, and what it was asked.
struct CalloutReload {
    CalloutReload() : running(stage.start(options(0))) {
        service = &come("svc", "svc");
        stage.ask(*stage.far, *service, "SUB $SYS.REQ.USER.AUTH 1\r\n");
    }

    /// The `number` is the password of one user who matters to nobody else.
    config::Options options(int number) const {
        config::Options out = on("10.0.0.1");
        config::AuthCallout callout;
        callout.issuer = TokenKit::id(kit.account);
        callout.account = "AUTH";
        callout.auth_users = {"svc"};
        out.authorization.callout = callout;
        out.authorization.timeout = seconds(2);
        auto const user = [](std::string name, std::string password) {
            config::User one;
            one.name = std::move(name);
            one.password = Secret(std::move(password));
            return one;
        };
        out.accounts = {{.name = "AUTH", .users = {user("svc", "svc")}},
                        {.name = "APP", .users = {user("app", concat(number))}}};
        return out;
    }

    RawClient& come(std::string const& name, std::string const& password) {
        RawClient& peer = stage.dial(*stage.far, "10.0.0.1", 4222);
        stage.far->run([&] {
            peer.send(concat("CONNECT {\"verbose\":false,\"user\":\"", name, "\",\"pass\":\"",
                             password, "\"}\r\nPING\r\n"));
        });
        stage.pass(milliseconds(20));
        return peer;
    }

    /// Answers what was asked since.
    void answer() {
        for (system::Got const& got : system::messages_in(service->take_bytes())) {
            ++asked;
            auto const question =
                claims::decode(got.payload, claims::ClaimKind::AuthorizationRequest).value();
            std::string const user = *question.body.find("user_nkey")->as_text();
            std::string const id = *question.body.find("server_id")->find("id")->as_text();
            claims::Draft draft = kit.draft();
            draft.subject = user;
            draft.audience = "APP";
            WallTime const now = stage.near->clock().wall_now();
            std::string const response = claims::encode(
                {.kind = claims::ClaimKind::AuthorizationResponse,
                 .subject = user,
                 .audience = id,
                 .members = concat("\"jwt\":\"", claims::encode(draft, kit.account, now), "\"")},
                kit.account, now);
            // The reply stands in the line of the question.
            stage.far->run([&] {
                service->send(
                    concat("PUB ", got.reply, " ", response.size(), "\r\n", response, "\r\n"));
            });
        }
        stage.pass(milliseconds(20));
    }

    TokenKit kit;
    Stage stage;
    Running& running;
    RawClient* service = nullptr;
    int asked = 0;
};

}  // namespace

/// A reload where a service says who may come in.
class CalloutReloadTest : public QObject {
    Q_OBJECT
private slots:
    // The service is slow, or away: whoever it admitted is not asked about again for what does not
    // concern him, and so is not lost.
    void a_hundred_reloads_ask_about_nobody_they_do_not_concern() {
        CalloutReload setting;
        std::vector<RawClient*> innocent;
        for (int i = 0; i < 8; ++i) {
            innocent.push_back(&setting.come(concat("guest", i), "x"));
            setting.answer();
            QVERIFY(innocent.back()->take_bytes().find("PONG") != std::string::npos);
            setting.stage.ask(*setting.stage.far, *innocent.back(), concat("SUB in.", i, " 1\r\n"));
        }
        QCOMPARE(setting.asked, 8);
        std::size_t heard = 0;
        for (int number = 1; number <= 100; ++number) {
            for (std::size_t i = 0; i < innocent.size(); ++i) {
                setting.stage.far->run(
                    [&] { innocent[i]->send(concat("PUB in.", i, " 2\r\nhi\r\n")); });
            }
            QVERIFY(setting.stage.reload(setting.running, setting.options(number)).ok());
            for (RawClient* const client : innocent) {
                heard += system::messages_in(client->take_bytes()).size();
                QVERIFY(client->is_open());
            }
        }
        QCOMPARE(heard, std::size_t{800});
        setting.answer();
        QCOMPARE(setting.asked, 8);
    }

    void whom_a_reload_concerns_is_asked_about_again() {
        CalloutReload setting;
        RawClient& concerned = setting.come("app", "x");
        setting.answer();
        RawClient& other = setting.come("guest", "x");
        setting.answer();
        QCOMPARE(setting.asked, 2);
        // The user of that name has another password now: it is the service's to say what of it.
        QVERIFY(setting.stage.reload(setting.running, setting.options(7)).ok());
        setting.answer();
        QCOMPARE(setting.asked, 3);
        QVERIFY(concerned.is_open() && other.is_open());
    }

    void whose_account_is_gone_goes() {
        CalloutReload setting;
        RawClient& guest = setting.come("guest", "x");
        setting.answer();
        config::Options without = setting.options(0);
        without.accounts.pop_back();
        QVERIFY(setting.stage.reload(setting.running, without).ok());
        setting.answer();
        setting.stage.pass(seconds(3));
        QVERIFY(!guest.is_open());
    }
};
SIGNALBOX_TEST(CalloutReloadTest);

}  // namespace signalbox::server

#include "callout_reload_test.moc"
