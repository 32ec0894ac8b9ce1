#include "engine/auth/jwt_auth.h"

#include "engine/auth/directory_resolver.h"
#include "engine/auth/operator_trust.h"
#include "engine/base/encoding.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/auth/token_kit.h"
#include "tests/support/run_tests.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::auth {
namespace {

using base::minutes;
using base::seconds;
using crypto::Secret;

class QuietLog : public base::LogSink {
public:
    void write(LogLevel, std::string_view) override {}
};

/// One server's worth of what judges JWTs, in the simulated world.
struct Stage {
    explicit Stage(config::Options options) { use(std::move(options)); }

    void use(config::Options options) {
        config_ = std::move(options);
        accounts.use(OperatorTrust::create(config_.operators, kit.now).value(),
                     std::make_unique<MemoryResolver>(config_.operators.preload));
        auth = std::make_unique<JwtAuth>(
            JwtAuth::Parts{.world = world,
                           .accounts = accounts,
                           .time_zones = zones,
                           .pinned_account_fails = pinned_account_fails},
            JwtRules{.pinned_accounts = config_.operators.pinned_accounts,
                     .default_sentinel = config_.operators.default_sentinel});
    }

    /// A client that has the user's key.
    Credentials shows(std::string const& jwt) const {
        return {.signature = base::to_base64_url(kit.user.sign("nonce")),
                .jwt = Secret(jwt),
                .nonce = "nonce",
                .remote = {.host = "10.1.2.3", .port = 5}};
    }

    Verdict ask(Credentials const& credentials) {
        std::optional<Verdict> verdict;
        world.run([&] { auth->authenticate(credentials, [&](Verdict const& v) { verdict = v; }); });
        universe.simulation().run_until([&] { return verdict.has_value(); }, seconds(10));
        return verdict.value();
    }
    Verdict ask(std::string const& jwt) { return ask(shows(jwt)); }

    TokenKit kit;
    sim::Universe universe{1};
    QuietLog sink;
    Logger log{sink};
    sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
    account::AccountDirectory directory;
    TimeZones zones{world.disk()};
    std::vector<std::string> changed;
    int shared = 0;
    TokenAccounts accounts{world,
                           log,
                           directory,
                           {.changed = [this](std::string const& key) { changed.push_back(key); },
                            .sharing_changed = [this] { ++shared; }}};
    std::uint64_t pinned_account_fails = 0;
    config::Options config_;
    std::unique_ptr<JwtAuth> auth;
};

}  // namespace

class JwtAuthTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        kit = TokenKit();
        // The simulated calendar, so that tokens are of now.
        sim::Universe universe{1};
        sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
        kit.now = world.clock().wall_now();
    }

    void a_chain_from_operator_to_user_is_admitted() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.permissions.publish.allow = {"a.>"};
        rights.subscriptions = 7;
        Stage stage(kit.options(kit.account_token()));
        Verdict const verdict = stage.ask(kit.user_token(rights));
        QVERIFY2(verdict.admitted, verdict.detail.c_str());
        Identity const& who = verdict.identity;
        QCOMPARE(who.account, TokenKit::id(kit.account));
        QCOMPARE(who.user, TokenKit::id(kit.user));
        QCOMPARE(who.permissions->publish.allow, std::vector<std::string>{"a.>"});
        QCOMPARE(who.max_subscriptions, std::int64_t{7});
        QCOMPARE(who.max_payload, std::int64_t{-1});
        QCOMPARE(who.token.name_tag, std::string("acc"));
        QCOMPARE(who.token.user_name, std::string("bob"));
        QCOMPARE(who.token.issuer_key, TokenKit::id(kit.account));
        QCOMPARE(who.token.tags, std::vector<std::string>{"team:red"});
        QVERIFY(stage.directory.find(who.account) != nullptr);
    }

    void who_does_not_show_the_key_is_refused() {
        Stage stage(kit.options(kit.account_token()));
        Credentials shown = stage.shows(kit.user_token());
        shown.signature.clear();
        QVERIFY(!stage.ask(shown).admitted);
        shown = stage.shows(kit.user_token());
        shown.nonce = "another";
        QVERIFY(!stage.ask(shown).admitted);
        shown = stage.shows(kit.user_token());
        shown.nonce.clear();
        shown.signature = base::to_base64_url(kit.user.sign(""));
        QVERIFY(!stage.ask(shown).admitted);
        shown = stage.shows(kit.user_token());
        shown.signature = base::to_base64_url(kit.account.sign("nonce"));
        QVERIFY(!stage.ask(shown).admitted);
        QVERIFY(!stage.ask("").admitted);
        QVERIFY(!stage.ask("x.y.z").admitted);
    }

    void a_bearer_needs_no_key_unless_the_account_forbids_it() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.bearer_token = true;
        Stage stage(kit.options(kit.account_token()));
        Credentials shown = stage.shows(kit.user_token(rights));
        shown.signature.clear();
        Verdict const verdict = stage.ask(shown);
        QVERIFY(verdict.admitted);
        // A bearer's token is as good as its key: nobody is shown it.
        QCOMPARE(verdict.identity.token.jwt, std::string());
        Stage strict(kit.options(kit.account_token({}, ",\"disallow_bearer\":true")));
        QVERIFY(!strict.ask(kit.user_token(rights)).admitted);
        QVERIFY(strict.ask(kit.user_token()).admitted);
    }

    void tokens_hold_for_their_time() {
        Stage stage(kit.options(kit.account_token()));
        claims::Draft draft = kit.draft();
        draft.expires = kit.now + minutes(1);
        std::string const jwt = claims::encode(draft, kit.account, kit.now);
        Verdict const verdict = stage.ask(jwt);
        QVERIFY(verdict.admitted);
        QVERIFY(verdict.identity.expires == draft.expires);
        stage.universe.simulation().run_for(minutes(2));
        Verdict const late = stage.ask(jwt);
        QVERIFY(!late.admitted);
        QVERIFY(late.refusal == Refusal::Expired);
        draft.expires.reset();
        draft.not_before = kit.now + base::hours(1);
        QVERIFY(!stage.ask(claims::encode(draft, kit.account, kit.now)).admitted);
    }

    void an_account_holds_for_its_time() {
        Stage stage(kit.options(kit.account_token({}, {}, kit.now + minutes(1))));
        QVERIFY(stage.ask(kit.user_token()).admitted);
        QVERIFY(stage.changed.empty());
        stage.universe.simulation().run_for(minutes(2));
        QCOMPARE(stage.changed, std::vector<std::string>{TokenKit::id(kit.account)});
        Verdict const late = stage.ask(kit.user_token());
        QVERIFY(late.refusal == Refusal::AccountExpired);
    }

    void accounts_are_those_of_trusted_operators() {
        TokenKit foreign = kit;
        foreign.op = TokenKit::key(crypto::NkeyKind::Operator, 99);
        Stage stage(kit.options(foreign.account_token()));
        QVERIFY(!stage.ask(kit.user_token()).admitted);
        // Nor are those that sign themselves.
        std::string const own = claims::encode({.kind = claims::ClaimKind::Account,
                                                .subject = TokenKit::id(kit.account),
                                                .members = concat(TokenKit::kNoLimits, "}")},
                                               kit.account, kit.now);
        Stage self_signed(kit.options(own));
        QVERIFY(!self_signed.ask(kit.user_token()).admitted);
    }

    void an_account_nobody_knows_is_refused() {
        Stage stage(kit.options(kit.account_token()));
        TokenKit other = kit;
        other.account = TokenKit::key(crypto::NkeyKind::Account, 77);
        QVERIFY(!stage.ask(other.user_token()).admitted);
    }

    void signing_keys_sign_in_place_of_the_account() {
        std::string const keys = concat("\"signing_keys\":[\"", TokenKit::id(kit.signing), "\"]");
        Stage stage(kit.options(kit.account_token(keys)));
        QVERIFY(stage.ask(kit.signed_by_key(kit.draft())).admitted);
        QVERIFY(stage.ask(kit.user_token()).admitted);
        Stage without(kit.options(kit.account_token()));
        QVERIFY(!without.ask(kit.signed_by_key(kit.draft())).admitted);
        // A key of the account that is not named as the issuer's account signs for nobody.
        QVERIFY(!stage.ask(claims::encode(kit.draft(), kit.signing, kit.now)).admitted);
    }

    void strict_operators_want_signing_keys() {
        crypto::KeyPair const op_signing = TokenKit::key(crypto::NkeyKind::Operator, 8);
        std::string const keys = concat("\"signing_keys\":[\"", TokenKit::id(kit.signing), "\"]");
        std::string const op = concat("\"strict_signing_key_usage\":true,\"signing_keys\":[\"",
                                      TokenKit::id(op_signing), "\"]");
        TokenKit by_key = kit;
        by_key.op = op_signing;
        config::Options options = kit.options(by_key.account_token(keys), op);
        Stage stage(options);
        QVERIFY(stage.ask(kit.signed_by_key(kit.draft())).admitted);
        QVERIFY(!stage.ask(kit.user_token()).admitted);
        // The operator's own key signed this account.
        Stage by_identity(kit.options(kit.account_token(keys), op));
        QVERIFY(!by_identity.ask(kit.signed_by_key(kit.draft())).admitted);
    }

    void a_scope_says_all_of_its_users() {
        std::string const scope = concat(
            R"("signing_keys":[{"kind":"user_scope","key":")", TokenKit::id(kit.signing),
            R"(","template":{"pub":{"allow":["u.{{name()}}.{{tag(team)}}"]},"subs":3,"payload":-1}}])");
        Stage stage(kit.options(kit.account_token(scope)));
        claims::Draft draft = kit.draft();
        draft.members = {};
        Verdict const verdict = stage.ask(kit.signed_by_key(draft));
        QVERIFY2(verdict.admitted, verdict.detail.c_str());
        QCOMPARE(verdict.identity.permissions->publish.allow,
                 std::vector<std::string>{"u.bob.red"});
        QCOMPARE(verdict.identity.max_subscriptions, std::int64_t{3});
        // One that says something itself is none of it.
        QVERIFY(!stage.ask(kit.signed_by_key(kit.draft())).admitted);
        draft.tags.clear();
        Verdict const untagged = stage.ask(kit.signed_by_key(draft));
        QVERIFY(untagged.admitted);
        QCOMPARE(untagged.identity.permissions->publish.deny, std::vector<std::string>{">"});
    }

    void permissions_of_the_account_are_for_those_without_their_own() {
        Stage stage(kit.options(
            kit.account_token(R"("default_permissions":{"pub":{"allow":["d.>"]},"sub":{}})")));
        Verdict const verdict = stage.ask(kit.user_token());
        QCOMPARE(verdict.identity.permissions->publish.allow, std::vector<std::string>{"d.>"});
        claims::UserRights rights = TokenKit::no_limits();
        rights.permissions.subscribe.deny = {"x"};
        QVERIFY(stage.ask(kit.user_token(rights)).identity.permissions->publish.allow.empty());
        Stage without(kit.options(kit.account_token()));
        QVERIFY(!without.ask(kit.user_token()).identity.permissions);
    }

    void only_pinned_accounts_log_in() {
        config::Options options = kit.options(kit.account_token());
        options.operators.pinned_accounts = {TokenKit::id(kit.system)};
        Stage stage(options);
        QVERIFY(!stage.ask(kit.user_token()).admitted);
        QCOMPARE(stage.pinned_account_fails, std::uint64_t{1});
        options.operators.pinned_accounts.push_back(TokenKit::id(kit.account));
        stage.use(options);
        QVERIFY(stage.ask(kit.user_token()).admitted);
    }

    void connection_types_are_those_of_the_user() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.connection_types = {"WEBSOCKET", "SEMAPHORE"};
        Stage stage(kit.options(kit.account_token()));
        Credentials shown = stage.shows(kit.user_token(rights));
        QVERIFY(!stage.ask(shown).admitted);
        shown.type = permission::ConnectionType::Websocket;
        QVERIFY(stage.ask(shown).admitted);
        rights.connection_types = {"SEMAPHORE"};
        QVERIFY(!stage.ask(kit.user_token(rights)).admitted);
    }

    void revoked_users_are_refused() {
        auto const revoked = [&](std::string const& who, Duration after) {
            auto const at = (kit.now + after).since_epoch() / seconds(1);
            return kit.account_token(concat("\"revocations\":{\"", who, "\":", at, "}"));
        };
        Stage stage(kit.options(revoked(TokenKit::id(kit.user), seconds(0))));
        Verdict const verdict = stage.ask(kit.user_token());
        QVERIFY(verdict.refusal == Refusal::Revoked);
        Stage all(kit.options(revoked("*", seconds(5))));
        QVERIFY(!all.ask(kit.user_token()).admitted);
        Stage before(kit.options(revoked("*", seconds(-1))));
        QVERIFY(before.ask(kit.user_token()).admitted);
    }

    void one_comes_from_where_the_token_says() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.sources = {"192.0.2.0/24", "10.1.0.0/16"};
        Stage stage(kit.options(kit.account_token()));
        QVERIFY(stage.ask(kit.user_token(rights)).admitted);
        rights.sources = {"192.0.2.0/24"};
        Verdict const verdict = stage.ask(kit.user_token(rights));
        QCOMPARE(verdict.detail, std::string("Bad src Ip"));
        rights.sources = {"nowhere"};
        QVERIFY(!stage.ask(kit.user_token(rights)).admitted);
    }

    void a_proxy_is_required_where_the_token_says_so() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.proxy_required = true;
        Stage stage(kit.options(kit.account_token()));
        Credentials shown = stage.shows(kit.user_token(rights));
        QVERIFY(stage.ask(shown).refusal == Refusal::ProxyRequired);
        shown.proxy_key = "UPROXY";
        Verdict const verdict = stage.ask(shown);
        QVERIFY(verdict.admitted);
        QCOMPARE(verdict.identity.proxy_key, std::string("UPROXY"));
    }

    void a_time_of_day_ends_the_connection() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.times = {{"00:00:00", "23:59:59"}};
        Stage stage(kit.options(kit.account_token()));
        Verdict const verdict = stage.ask(kit.user_token(rights));
        QVERIFY(verdict.admitted && verdict.identity.expires);
        QVERIFY(*verdict.identity.expires - kit.now <= base::hours(24));
        auto const hour = base::civil(kit.now).hour;
        std::string const other =
            (hour + 3) % 24 < 10 ? concat("0", (hour + 3) % 24) : concat((hour + 3) % 24);
        rights.times = {{concat(other, ":00:00"), concat(other, ":00:01")}};
        QCOMPARE(stage.ask(kit.user_token(rights)).detail, std::string("Outside connect times"));
    }

    void a_time_zone_that_is_no_name_is_refused() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.times = {{"00:00:00", "23:59:59"}};
        Stage stage(kit.options(kit.account_token()));
        for (char const* name :
             {"../../etc/passwd", "/etc/passwd", "Europe/../x", "Nowhere/At_All"}) {
            rights.times_location = name;
            QVERIFY2(!stage.ask(kit.user_token(rights)).admitted, name);
        }
        rights.times_location = "UTC";
        QVERIFY(stage.ask(kit.user_token(rights)).admitted);
    }

    void who_shows_nothing_is_the_sentinel() {
        claims::UserRights rights = TokenKit::no_limits();
        rights.bearer_token = true;
        config::Options options = kit.options(kit.account_token());
        QVERIFY(!Stage(options).ask(Credentials{}).admitted);
        options.operators.default_sentinel = kit.user_token(rights);
        Stage stage(options);
        QVERIFY(stage.ask(Credentials{}).admitted);
    }

    void a_pushed_account_changes_what_holds() {
        Stage stage(kit.options(kit.account_token()));
        QVERIFY(stage.ask(kit.user_token()).admitted);
        auto const at = kit.now.since_epoch() / seconds(1);
        std::string const revoking = kit.account_token(
            concat("\"revocations\":{\"", TokenKit::id(kit.user), "\":", at, "}"));
        std::optional<bool> kept;
        stage.accounts.update(revoking, [&](Result<bool> const& result) { kept = result.value(); });
        QVERIFY(kept == true);
        QCOMPARE(stage.changed, std::vector<std::string>{TokenKit::id(kit.account)});
        QVERIFY(stage.ask(kit.user_token()).refusal == Refusal::Revoked);
        // The same again changes nothing.
        stage.accounts.update(revoking, [](Result<bool> const&) {});
        QCOMPARE(stage.changed.size(), std::size_t{1});
    }

    void a_push_that_is_not_the_operators_is_refused() {
        Stage stage(kit.options(kit.account_token()));
        TokenKit foreign = kit;
        foreign.op = TokenKit::key(crypto::NkeyKind::Operator, 99);
        for (std::string const& jwt :
             {foreign.account_token(), kit.user_token(), kit.operator_token(), std::string("x")}) {
            std::optional<bool> ok;
            stage.accounts.update(jwt, [&](Result<bool> const& result) { ok = result.ok(); });
            QVERIFY(ok == false);
        }
        QVERIFY(stage.ask(kit.user_token()).admitted);
    }

    void a_permission_to_import_is_the_exporters_and_runs_out() {
        Stage stage(kit.options(kit.account_token()));
        QVERIFY(stage.ask(kit.user_token()).admitted);
        int const before = stage.shared;
        QVERIFY(before > 0);
        std::string const importer = TokenKit::id(kit.system);
        config::AccountOptions const exporter{.name = TokenKit::id(kit.account)};
        config::ExportOptions share{.kind = config::ShareKind::Service, .subject = "s.>"};
        auto const activation = [&](crypto::KeyPair const& by, std::string const& subject,
                                    std::string const& kind) {
            return claims::encode(
                {.kind = claims::ClaimKind::Activation,
                 .subject = importer,
                 .expires = kit.now + minutes(1),
                 .members = concat("\"subject\":\"", subject, "\",\"kind\":\"", kind, "\"")},
                by, kit.now);
        };
        auto const holds = [&](std::string const& token) {
            return stage.accounts.is_activated(
                exporter, share, importer,
                {.kind = config::ShareKind::Service, .subject = "s.a", .token = token});
        };
        std::string const good = activation(kit.account, "s.*", "service");
        QVERIFY(holds(good));
        QVERIFY(!holds(""));
        QVERIFY(!holds(kit.user_token()));
        QVERIFY(!holds(activation(kit.account, "s.b", "service")));
        QVERIFY(!holds(activation(kit.account, "s.*", "stream")));
        QVERIFY(!holds(activation(kit.system, "s.*", "service")));
        QVERIFY(!stage.accounts.is_activated(
            exporter, share, TokenKit::id(kit.signing),
            {.kind = config::ShareKind::Service, .subject = "s.a", .token = good}));
        share.revocations = {{importer, kit.now.since_epoch() / seconds(1)}};
        QVERIFY(!holds(good));
        share.revocations.clear();
        stage.universe.simulation().run_for(minutes(2));
        QVERIFY(!holds(good));
    }

    void a_deleted_account_admits_nobody() {
        Stage stage(kit.options(kit.account_token()));
        QVERIFY(stage.ask(kit.user_token()).admitted);
        stage.accounts.forget(TokenKit::id(kit.account));
        QCOMPARE(stage.changed.size(), std::size_t{1});
        QVERIFY(stage.ask(kit.user_token()).refusal == Refusal::AccountExpired);
    }

private:
    TokenKit kit;
};
SIGNALBOX_TEST(JwtAuthTest);

/// The rules of a configuration that need its JWTs read.
class OperatorRulesTest : public QObject {
    Q_OBJECT
private slots:
    void a_sound_configuration_passes() {
        TokenKit const kit;
        config::Options const options = kit.options(kit.account_token());
        QVERIFY(check_operators(options, "2.15.0", kit.now).ok());
        QVERIFY(check_operators({}, "2.15.0", kit.now).ok());
    }

    void what_is_wrong_is_said_in_the_words_of_the_reference() {
        TokenKit const kit;
        config::Options const good = kit.options(kit.account_token());
        auto const text = [&](auto change) {
            config::Options options = good;
            change(options);
            Result<void> const result = check_operators(options, "2.15.0", kit.now);
            return result.ok() ? std::string() : result.error().detail();
        };
        QCOMPARE(text([&](auto& o) { o.system_account = TokenKit::id(kit.account); }),
                 std::string("system_account in config and operator JWT must be identical"));
        QCOMPARE(text([&](auto& o) { o.system_account = TokenKit::id(kit.system); }),
                 std::string());
        QCOMPARE(text([](auto& o) { o.operators.resolver.kind = config::ResolverKind::None; }),
                 std::string("operators require an account resolver to be configured"));
        QCOMPARE(text([&](auto& o) { o.operators.default_sentinel = kit.user_token(); }),
                 std::string("default sentinel must be a bearer token"));
        QVERIFY(text([](auto& o) {
                    o.operators.default_sentinel = "x";
                }).starts_with("default sentinel"));
        QVERIFY(text([](auto& o) {
                    o.operators.operators = {"x"};
                }).starts_with("error parsing operator JWT"));
        QVERIFY(text([&](auto& o) {
                    o.operators.preload[0].second = kit.user_token();
                }).starts_with("invalid account JWT"));
        QVERIFY(text([&](auto& o) {
                    o.operators.preload[0].first = TokenKit::id(kit.system);
                }).starts_with("invalid account JWT"));
        QVERIFY(text([&](auto& o) {
                    o.operators.operators = {
                        kit.operator_token("\"assert_server_version\":\"3.0.0\"")};
                }).find("3.0.0") != std::string::npos);
        QCOMPARE(text([](auto& o) {
                     o.operators.operators.clear();
                     o.operators.trusted_keys = {"O"};
                     o.operators.resolver.kind = config::ResolverKind::Full;
                 }),
                 std::string("using nats based account resolver - the system account needs to be "
                             "specified in configuration or the operator jwt"));
    }

    void a_lone_operator_may_name_the_resolver() {
        TokenKit const kit;
        config::Options options = kit.options(kit.account_token());
        options.operators.operators = {
            kit.operator_token("\"account_server_url\":\"http://127.0.0.1:9/jwt/v1/\"")};
        options.operators.resolver.kind = config::ResolverKind::None;
        auto const trust = OperatorTrust::create(options.operators, kit.now);
        auto const resolver = resolver_of(options.operators, trust.value());
        QVERIFY(resolver.kind == config::ResolverKind::Url);
        QCOMPARE(resolver.url, std::string("http://127.0.0.1:9/jwt/v1/accounts/"));
    }
};
SIGNALBOX_TEST(OperatorRulesTest);

/// Account JWTs in a directory.
class DirectoryResolverTest : public QObject {
    Q_OBJECT
private slots:
    void a_full_directory_keeps_what_it_is_told() {
        DirectoryStage stage(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QCOMPARE(stage.fetch(stage.key(1)).error().code(), Errc::NotFound);
        QCOMPARE(stage.asked, std::vector<std::string>{stage.key(1)});
        QVERIFY(stage.keep(stage.key(1), "one").value());
        QCOMPARE(stage.fetch(stage.key(1)).value(), std::string("one"));
        QCOMPARE(stage.resolver->keys(), std::vector<std::string>{stage.key(1)});
        std::string const digest = stage.resolver->digest();
        // It is on the disk, and read again by the next who starts there.
        stage.restart(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QCOMPARE(stage.fetch(stage.key(1)).value(), std::string("one"));
        QVERIFY(stage.resolver->digest() == digest);
    }

    // As the reference lists them.
    void accounts_that_expired_are_not_told_of() {
        TokenKit kit;
        DirectoryStage stage(config::ResolverKind::Full);
        WallTime const now = stage.world.clock().wall_now();
        kit.now = now;
        std::string const key = TokenKit::id(kit.account);
        QVERIFY(stage.start());
        std::string const none = stage.resolver->digest();
        QVERIFY(stage.keep(key, kit.account_token({}, {}, now + base::seconds(5))).ok());
        QCOMPARE(stage.resolver->keys(), std::vector<std::string>{key});
        QVERIFY(stage.resolver->digest() != none);
        stage.universe.simulation().run_for(base::seconds(6));
        QVERIFY(stage.resolver->keys().empty());
        QVERIFY(stage.resolver->digest() == none);
        // The next who starts there tells no more of them.
        stage.restart(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QVERIFY(stage.resolver->keys().empty());
    }

    void files_that_are_not_ours_are_left_alone() {
        DirectoryStage stage(config::ResolverKind::Full);
        bool written = false;
        stage.world.run([&] {
            stage.world.disk().write_file("/jwt/../x.jwt", "x", 0600, [](auto const&) {});
            stage.world.disk().write_file("/jwt/passwd.jwt", "x", 0600,
                                          [&](auto const&) { written = true; });
        });
        stage.universe.simulation().run_until([&] { return written; }, base::seconds(1));
        QVERIFY(stage.start());
        QVERIFY(stage.resolver->keys().empty());
    }

    void what_others_know_is_kept() {
        DirectoryStage stage(config::ResolverKind::Cache);
        QVERIFY(stage.start());
        stage.others[stage.key(2)] = "two";
        QCOMPARE(stage.fetch(stage.key(2)).value(), std::string("two"));
        QCOMPARE(stage.fetch(stage.key(2)).value(), std::string("two"));
        QCOMPARE(stage.asked.size(), std::size_t{1});
        // A cache is told news of what it holds, and nothing else.
        QVERIFY(stage.keep(stage.key(2), "new").value());
        QVERIFY(!stage.keep(stage.key(3), "x").value());
        QCOMPARE(stage.fetch(stage.key(2)).value(), std::string("new"));
    }

    void a_cache_forgets_in_time_and_by_number() {
        DirectoryStage stage(config::ResolverKind::Cache);
        stage.options.limit = 2;
        stage.options.ttl = base::minutes(1);
        stage.restart(config::ResolverKind::Cache);
        QVERIFY(stage.start());
        for (unsigned char n : std::vector<unsigned char>{1, 2, 3}) {
            stage.others[stage.key(n)] = "x";
            QVERIFY(stage.fetch(stage.key(n)).ok());
            stage.universe.simulation().run_for(base::seconds(1));
        }
        QCOMPARE(stage.asked.size(), std::size_t{3});
        QVERIFY(stage.fetch(stage.key(3)).ok());
        QCOMPARE(stage.asked.size(), std::size_t{3});
        QVERIFY(stage.fetch(stage.key(1)).ok());
        QCOMPARE(stage.asked.size(), std::size_t{4});
        stage.universe.simulation().run_for(base::minutes(2));
        QVERIFY(stage.fetch(stage.key(3)).ok());
        QCOMPARE(stage.asked.size(), std::size_t{5});
    }

    void deleting_is_for_those_who_allow_it() {
        DirectoryStage stage(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QVERIFY(stage.keep(stage.key(1), "one").ok());
        QVERIFY(stage.remove(stage.key(1)).error().code() == Errc::PermissionDenied);
        stage.options.allow_delete = true;
        stage.restart(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QVERIFY(stage.remove(stage.key(1)).ok());
        QVERIFY(stage.remove(stage.key(1)).error().code() == Errc::NotFound);
        QVERIFY(!stage.fetch(stage.key(1)).ok());
    }

    void a_full_directory_has_a_limit_too() {
        DirectoryStage stage(config::ResolverKind::Full);
        stage.options.limit = 1;
        stage.restart(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QVERIFY(stage.keep(stage.key(1), "one").ok());
        QVERIFY(stage.keep(stage.key(1), "again").ok());
        QVERIFY(stage.keep(stage.key(2), "two").error().code() == Errc::LimitExceeded);
    }

    void preloaded_accounts_are_there_unless_newer_ones_are() {
        DirectoryStage stage(config::ResolverKind::Full);
        stage.preload = {{stage.key(1), "preloaded"}};
        stage.restart(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QCOMPARE(stage.fetch(stage.key(1)).value(), std::string("preloaded"));
        QVERIFY(stage.keep(stage.key(1), "pushed").ok());
        stage.restart(config::ResolverKind::Full);
        QVERIFY(stage.start());
        QCOMPARE(stage.fetch(stage.key(1)).value(), std::string("pushed"));
    }

    void a_disk_that_fails_is_told() {
        DirectoryStage stage(config::ResolverKind::Full);
        QVERIFY(stage.start());
        stage.world.disk().faults().writes_fail = true;
        QVERIFY(stage.keep(stage.key(1), "one").error().code() == Errc::Io);
        stage.restart(config::ResolverKind::Full);
        QVERIFY(!stage.start());
    }

private:
    struct DirectoryStage {
        explicit DirectoryStage(config::ResolverKind kind) {
            options.directory = "/jwt";
            restart(kind);
        }

        void restart(config::ResolverKind kind) {
            options.kind = kind;
            resolver = std::make_unique<DirectoryResolver>(
                world, options, preload,
                [this](std::string const& key, AccountResolver::OnFetched done) {
                    asked.push_back(key);
                    auto const found = others.find(key);
                    done(found == others.end()
                             ? Result<std::string>(Error(Errc::NotFound, "nobody knows it"))
                             : Result<std::string>(found->second));
                });
        }

        static std::string key(unsigned char n) {
            return TokenKit::id(TokenKit::key(crypto::NkeyKind::Account, n));
        }

        template <class T>
        T wait(std::function<void(std::function<void(T)>)> act) {
            std::optional<T> result;
            world.run([&] { act([&](T value) { result = std::move(value); }); });
            universe.simulation().run_until([&] { return result.has_value(); }, base::seconds(10));
            return result.value();
        }
        bool start() {
            return wait<Result<void>>([&](auto done) { resolver->start(done); }).ok();
        }
        Result<std::string> fetch(std::string const& account) {
            return wait<Result<std::string>>([&](auto done) { resolver->fetch(account, done); });
        }
        Result<bool> keep(std::string const& account, std::string const& jwt) {
            return wait<Result<bool>>([&](auto done) { resolver->keep(account, jwt, done); });
        }
        Result<void> remove(std::string const& account) {
            return wait<Result<void>>([&](auto done) { resolver->remove(account, done); });
        }

        sim::Universe universe{1};
        sim::SimWorld world{universe.simulation(), universe.exchange(), "box"};
        config::ResolverOptions options;
        std::vector<std::pair<std::string, std::string>> preload;
        std::map<std::string, std::string> others;
        std::vector<std::string> asked;
        std::unique_ptr<DirectoryResolver> resolver;
    };
};
SIGNALBOX_TEST(DirectoryResolverTest);

}  // namespace signalbox::auth

#include "jwt_auth_test.moc"
