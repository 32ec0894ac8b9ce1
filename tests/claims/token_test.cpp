#include "engine/claims/token.h"

#include "engine/base/encoding.h"
#include "engine/base/text.h"
#include "engine/claims/account_claims.h"
#include "engine/claims/authorization_claims.h"
#include "engine/claims/credentials_file.h"
#include "engine/claims/operator_claims.h"
#include "engine/claims/user_claims.h"

#include "tests/claims/foreign_tokens.h"
#include "tests/support/run_tests.h"

#include <optional>
#include <string>
#include <vector>

using namespace signalbox;
using claims::ClaimKind;
using crypto::KeyPair;
using crypto::NkeyKind;

namespace {

constexpr char kHeader[] = R"({"typ":"JWT","alg":"ed25519-nkey"})";
constexpr char kOldHeader[] = R"({"typ":"JWT","alg":"ed25519"})";

KeyPair key(NkeyKind kind, unsigned char n) {
    crypto::SeedBytes seed{};
    seed[0] = n;
    return KeyPair::from_seed_bytes(kind, seed);
}

KeyPair account_key() {
    return key(NkeyKind::Account, 1);
}

std::string user_id() {
    return key(NkeyKind::User, 2).public_key().text();
}

/// A user's payload with members laid over the ordinary ones; an empty value takes one away.
std::string user_payload(std::vector<std::pair<std::string, std::string>> const& changes) {
    std::vector<std::pair<std::string, std::string>> members = {
        {"jti", "\"x\""},
        {"iat", "1700000000"},
        {"iss", concat('"', account_key().public_key().text(), '"')},
        {"sub", concat('"', user_id(), '"')},
        {"nats", R"({"type":"user","version":2,"subs":-1,"data":-1,"payload":-1})"}};
    for (auto const& [name, value] : changes) {
        bool known = false;
        for (auto& member : members) {
            if (member.first == name) {
                member.second = value;
                known = true;
            }
        }
        if (!known) {
            members.emplace_back(name, value);
        }
    }
    std::string out = "{";
    for (auto const& [name, value] : members) {
        if (!value.empty()) {
            append(out, out.size() > 1 ? "," : "", '"', name, "\":", value);
        }
    }
    return out + "}";
}

std::string signed_user(std::string const& payload, std::string const& header = kHeader) {
    return claims::sign_parts(header, payload, account_key());
}

/// Signed as the first version of claims is: the payload alone.
std::string signed_old(std::string const& payload, std::string const& header = kOldHeader) {
    std::string const body = base::to_base64_url(payload);
    return concat(base::to_base64_url(header), ".", body, ".",
                  base::to_base64_url(account_key().sign(body)));
}

std::string nested(int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
}

struct Crafted {
    std::string name;
    std::string token;
    Errc code;
};

void add(std::vector<Crafted>& all, std::string name, std::string token,
         Errc code = Errc::Malformed) {
    all.push_back({std::move(name), std::move(token), code});
}

void add_shapes(std::vector<Crafted>& all) {
    std::string const good = signed_user(user_payload({}));
    std::size_t const first = good.find('.');
    std::size_t const second = good.rfind('.');
    add(all, "empty", "");
    add(all, "one dot", ".");
    add(all, "two dots", "..");
    add(all, "three dots", "...");
    add(all, "no signature", good.substr(0, second));
    add(all, "empty signature", good.substr(0, second + 1), Errc::PermissionDenied);
    add(all, "a fourth part", good + ".AAAA");
    add(all, "without header", good.substr(first));
    add(all, "without payload", good.substr(0, first) + ".." + good.substr(second + 1));
    add(all, "padded payload", good.substr(0, second) + "=" + good.substr(second));
    add(all, "padded header", good.substr(0, first) + "=" + good.substr(first));
    add(all, "a blank before", " " + good);
    add(all, "a line end behind", good + "\n", Errc::PermissionDenied);
    add(all, "a zero byte inside", good.substr(0, 10) + std::string(1, '\0') + good.substr(10));
    add(all, "not base64", good.substr(0, first + 1) + "!!!!" + good.substr(first + 1));
    add(all, "longer than 64 KiB", good + std::string(claims::kMaxTokenBytes, 'A'),
        Errc::LimitExceeded);
    add(all, "signature of 63 bytes",
        good.substr(0, second + 1) + base::to_base64_url(std::string(63, 'x')),
        Errc::PermissionDenied);
    add(all, "signature of 65 bytes",
        good.substr(0, second + 1) + base::to_base64_url(std::string(65, 'x')),
        Errc::PermissionDenied);
    add(all, "signature of zeros",
        good.substr(0, second + 1) + base::to_base64_url(std::string(64, '\0')),
        Errc::PermissionDenied);
    add(all, "signature of another token",
        good.substr(0, second) +
            signed_user(user_payload({{"name", "\"x\""}}))
                .substr(signed_user(user_payload({{"name", "\"x\""}})).rfind('.')),
        Errc::PermissionDenied);
    add(all, "signed by another account",
        claims::sign_parts(kHeader, user_payload({}), key(NkeyKind::Account, 9)),
        Errc::PermissionDenied);
}

void add_headers(std::vector<Crafted>& all) {
    std::string const payload = user_payload({});
    for (char const* header : {"",
                               "{}",
                               "null",
                               "[]",
                               "7",
                               "\"JWT\"",
                               R"({"typ":"JWT"})",
                               R"({"alg":"ed25519-nkey"})",
                               R"({"typ":"JWT","alg":"none"})",
                               R"({"typ":"JWT","alg":"None"})",
                               R"({"typ":"JWT","alg":""})",
                               R"({"typ":"JWT","alg":"HS256"})",
                               R"({"typ":"JWT","alg":"EdDSA"})",
                               R"({"typ":"JWT","alg":"RS256"})",
                               R"({"typ":"JWT","alg":"ED25519-NKEY"})",
                               R"({"typ":"JWT","alg":"ed25519-nkey "})",
                               R"({"typ":"JWS","alg":"ed25519-nkey"})",
                               R"({"typ":7,"alg":"ed25519-nkey"})",
                               R"({"typ":"JWT","alg":["ed25519-nkey"]})",
                               R"({"typ":"JWT","alg":null})",
                               R"({"typ":"JWT","alg":"ed25519-nkey","alg":"none"})",
                               R"({"typ":"JWT","alg":"none","alg":"ed25519-nkey"})",
                               R"({"typ":"JWT","typ":"JWT","alg":"ed25519-nkey"})",
                               R"({"typ":"JWT","alg":"ed25519-nkey"}{})",
                               R"({"typ":"JWT","alg":"ed25519-nkey")",
                               R"({'typ':'JWT','alg':'ed25519-nkey'})",
                               R"({"Typ":"JWT","Alg":"ed25519-nkey"})"}) {
        add(all, concat("header ", header), signed_user(payload, header));
    }
    // What is signed differs by version: neither may pass for the other.
    add(all, "the old algorithm on new claims", signed_user(payload, kOldHeader));
    add(all, "the old algorithm and way of signing on new claims", signed_old(payload));
    add(all, "the new algorithm on old claims",
        signed_old(user_payload({{"type", "\"user\""}, {"nats", "{}"}}), kHeader));
    add(all, "old claims signed in the new way",
        signed_user(user_payload({{"type", "\"user\""}, {"nats", "{}"}}), kOldHeader),
        Errc::PermissionDenied);
    add(all, "depth in the header",
        signed_user(payload, concat(R"({"typ":"JWT","alg":"ed25519-nkey","x":)", nested(40), "}")),
        Errc::LimitExceeded);
}

void add_payloads(std::vector<Crafted>& all) {
    for (char const* payload : {"", "null", "[]", "{}", "7", "\"x\"", "{", "{\"a\":}", "[1,2"}) {
        add(all, concat("payload ", payload), signed_user(payload));
    }
    using Changes = std::vector<std::pair<std::string, std::string>>;
    std::vector<std::pair<char const*, Changes>> const changes = {
        {"no issuer", {{"iss", ""}}},
        {"empty issuer", {{"iss", "\"\""}}},
        {"issuer of one letter", {{"iss", "\"A\""}}},
        {"issuer that is a number", {{"iss", "7"}}},
        {"issuer that is a list", {{"iss", "[]"}}},
        {"issuer with a zero byte", {{"iss", "\"A\\u0000\""}}},
        {"issuer cut", {{"iss", concat('"', account_key().public_key().text().substr(1), '"')}}},
        {"issuer in lower case",
         {{"iss", concat('"', base::to_lower(account_key().public_key().text()), '"')}}},
        {"no subject", {{"sub", ""}}},
        {"empty subject", {{"sub", "\"\""}}},
        {"subject that is a path", {{"sub", "\"../../../etc/passwd\""}}},
        {"subject that is an account", {{"sub", concat('"', foreign::kAccountKey, '"')}}},
        {"subject that is a number", {{"sub", "7"}}},
        {"no nats", {{"nats", ""}}},
        {"nats null", {{"nats", "null"}}},
        {"nats a list", {{"nats", "[]"}}},
        {"no type", {{"nats", R"({"version":2})"}}},
        {"type of none", {{"nats", R"({"type":"","version":2})"}}},
        {"type unknown", {{"nats", R"({"type":"cluster","version":2})"}}},
        {"type a number", {{"nats", R"({"type":3,"version":2})"}}},
        {"type in upper case", {{"nats", R"({"type":"USER","version":2})"}}},
        {"two types", {{"nats", R"({"type":"user","type":"account","version":2})"}}},
        {"no version", {{"nats", R"({"type":"user"})"}}},
        {"version 0", {{"nats", R"({"type":"user","version":0})"}}},
        {"version 1", {{"nats", R"({"type":"user","version":1})"}}},
        {"version 3", {{"nats", R"({"type":"user","version":3})"}}},
        {"version -1", {{"nats", R"({"type":"user","version":-1})"}}},
        {"version of 2.0", {{"nats", R"({"type":"user","version":2.0})"}}},
        {"version as text", {{"nats", R"({"type":"user","version":"2"})"}}},
        {"version of 20 digits", {{"nats", R"({"type":"user","version":20000000000000000000})"}}},
        {"type beside nats as well", {{"type", "\"user\""}}},
        {"expires before 1970", {{"exp", "-1"}}},
        {"expires as text", {{"exp", "\"4000000000\""}}},
        {"expires as a fraction", {{"exp", "4e9"}}},
        {"expires past 64 bits", {{"exp", "99999999999999999999"}}},
        {"begins before 1970", {{"nbf", "-5"}}},
        {"issued as a list", {{"iat", "[1]"}}},
        {"issued before 1970", {{"iat", "-9223372036854775808"}}},
        {"audience a list", {{"aud", "[\"a\"]"}}},
        {"name an object", {{"name", "{}"}}},
        {"id a number", {{"jti", "1"}}},
        {"two subjects", {{"sub\":\"x\",\"sub", "\"y\""}}},
        {"two members deep inside",
         {{"nats", R"({"type":"user","version":2,"pub":{"allow":["a"],"allow":[">"]}})"}}},
        {"two expiries", {{"exp", "1,\"exp\":4000000000"}}},
        {"tags that are text", {{"nats", R"({"type":"user","version":2,"tags":"a"})"}}},
    };
    for (auto const& [name, change] : changes) {
        add(all, name, signed_user(user_payload(change)));
    }
    add(all, "depth of 40",
        signed_user(user_payload(
            {{"nats", concat(R"({"type":"user","version":2,"x":)", nested(40), "}")}})),
        Errc::LimitExceeded);
}

void add_issuers(std::vector<Crafted>& all) {
    struct Row {
        char const* type;
        NkeyKind issuer;
        std::string subject;
    };
    std::string const account = foreign::kAccountKey;
    std::string const op = foreign::kOperatorKey;
    for (Row const& row : std::vector<Row>{{"user", NkeyKind::User, user_id()},
                                           {"user", NkeyKind::Operator, user_id()},
                                           {"user", NkeyKind::Server, user_id()},
                                           {"account", NkeyKind::User, account},
                                           {"account", NkeyKind::Server, account},
                                           {"account", NkeyKind::Cluster, account},
                                           {"operator", NkeyKind::Account, op},
                                           {"operator", NkeyKind::User, op},
                                           {"operator", NkeyKind::Server, op},
                                           {"activation", NkeyKind::User, account},
                                           {"authorization_request", NkeyKind::Account, user_id()},
                                           {"authorization_request", NkeyKind::User, user_id()},
                                           {"authorization_response", NkeyKind::Server, user_id()},
                                           {"authorization_response", NkeyKind::User, user_id()}}) {
        KeyPair const issuer = key(row.issuer, 3);
        std::string const payload =
            user_payload({{"iss", concat('"', issuer.public_key().text(), '"')},
                          {"sub", concat('"', row.subject, '"')},
                          {"nats", concat(R"({"version":2,"type":")", row.type, R"("})")}});
        add(all, concat(row.type, " issued by kind ", static_cast<int>(row.issuer)),
            claims::sign_parts(kHeader, payload, issuer), Errc::PermissionDenied);
    }
}

std::vector<Crafted> crafted() {
    std::vector<Crafted> all;
    add_shapes(all);
    add_headers(all);
    add_payloads(all);
    add_issuers(all);
    return all;
}

}  // namespace

class TokenTest : public QObject {
    Q_OBJECT
private slots:
    void what_the_crafted_ones_are_made_from_is_good() {
        auto const token = claims::decode(signed_user(user_payload({})));
        QVERIFY2(token.ok(), token.ok() ? "" : token.error().detail().c_str());
        QVERIFY(token.value().kind == ClaimKind::User);
        QCOMPARE(token.value().subject, user_id());
        QCOMPARE(token.value().version, 2);
        QVERIFY(!token.value().expires);
        QVERIFY(
            claims::decode(signed_old(user_payload({{"type", "\"user\""}, {"nats", "{}"}}))).ok());
        QVERIFY(crafted().size() >= 100);
    }

    void crafted_tokens_are_refused_data() {
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<int>("code");
        int number = 0;
        for (Crafted const& c : crafted()) {
            QTest::addRow("%d %.80s", number++, c.name.c_str())
                << QByteArray(c.token.data(), static_cast<qsizetype>(c.token.size()))
                << static_cast<int>(c.code);
        }
    }
    void crafted_tokens_are_refused() {
        QFETCH(QByteArray, token);
        QFETCH(int, code);
        auto const decoded = claims::decode(token.toStdString());
        QVERIFY(!decoded.ok());
        QCOMPARE(std::string(base::name_of(decoded.error().code())),
                 std::string(base::name_of(static_cast<Errc>(code))));
    }

    void any_changed_byte_is_noticed() {
        std::string const good = signed_user(user_payload({}));
        for (std::size_t at = 0; at < good.size(); ++at) {
            std::string changed = good;
            changed[at] = changed[at] == 'A' ? 'B' : 'A';
            // The last digit of a signature holds four bits that are not part of it.
            bool const unused = at + 1 == good.size();
            QVERIFY2(unused || !claims::decode(changed).ok(), std::to_string(at).c_str());
        }
    }

    void another_kind_than_asked_for_is_refused() {
        auto const decoded = claims::decode(foreign::kUser, ClaimKind::Account);
        QVERIFY(decoded.error().code() == Errc::InvalidArgument);
        QVERIFY(!claims::decode_account(foreign::kUser).ok());
        QVERIFY(!claims::decode_user(foreign::kAccount).ok());
        QVERIFY(!claims::decode_operator(foreign::kGeneric).ok());
    }

    void times_are_those_of_the_token() {
        auto const token =
            claims::decode(signed_user(user_payload({{"exp", "2000"}, {"nbf", "1000"}})));
        QVERIFY(token.ok());
        auto const at = [](std::int64_t seconds) { return WallTime(base::seconds(seconds)); };
        QVERIFY(!token.value().valid_at(at(999)));
        QVERIFY(token.value().valid_at(at(1000)));
        QVERIFY(token.value().valid_at(at(1999)));
        QVERIFY(token.value().expired_at(at(2000)));
        // Past what a clock can say it is the last moment of it, not the past.
        auto const late =
            claims::decode(signed_user(user_payload({{"exp", "9223372036854775807"}})));
        QVERIFY(late.ok());
        QVERIFY(late.value().valid_at(at(4'000'000'000)));
    }

    void what_is_encoded_is_decoded() {
        KeyPair const issuer = account_key();
        WallTime const now(base::seconds(1'700'000'000));
        std::string const text = claims::encode({.kind = ClaimKind::User,
                                                 .subject = user_id(),
                                                 .audience = "aud",
                                                 .name = "n\"<",
                                                 .expires = now + base::seconds(5),
                                                 .tags = {"a:b"},
                                                 .members = R"("bearer_token":true)"},
                                                issuer, now);
        auto const user = claims::decode_user(text);
        QVERIFY(user.ok());
        claims::Token const& token = user.value().token;
        QCOMPARE(token.name, std::string("n\"<"));
        QCOMPARE(token.audience, std::string("aud"));
        QVERIFY(token.issued_at == now);
        QVERIFY(token.expires == now + base::seconds(5));
        QCOMPARE(token.tags, std::vector<std::string>{"a:b"});
        QCOMPARE(token.id.size(), std::size_t{52});
        QVERIFY(user.value().rights.bearer_token);
    }
};
SIGNALBOX_TEST(TokenTest);

class ForeignTokenTest : public QObject {
    Q_OBJECT
private slots:
    void an_operator() {
        auto const op = claims::decode_operator(foreign::kOperator);
        QVERIFY(op.ok());
        QCOMPARE(op.value().token.name, std::string("OP"));
        QCOMPARE(op.value().system_account, std::string(foreign::kAccountKey));
        QVERIFY(op.value().strict_signing_keys);
        QVERIFY(op.value().signs_with(foreign::kOperatorSigningKey));
        QVERIFY(!op.value().signs_with(foreign::kOperatorKey));
        QVERIFY(claims::is_new_enough(op.value(), "2.10.0").value());
        QVERIFY(claims::is_new_enough(op.value(), "2.15.0-dev").value());
        QVERIFY(!claims::is_new_enough(op.value(), "2.9.25").value());
    }

    void an_account() {
        auto const decoded = claims::decode_account(foreign::kAccount);
        QVERIFY2(decoded.ok(), decoded.ok() ? "" : decoded.error().detail().c_str());
        claims::AccountClaims const& account = decoded.value();
        QCOMPARE(account.limits.connections, std::int64_t{7});
        QCOMPARE(account.limits.payload, std::int64_t{2048});
        QVERIFY(account.limits.disallow_bearer);
        QCOMPARE(account.exports.size(), std::size_t{3});
        QCOMPARE(account.exports[0].response_type, std::string("Stream"));
        QCOMPARE(account.exports[0].account_token_position, std::int64_t{2});
        QVERIFY(account.exports[1].token_required);
        QVERIFY(account.exports[1].direction == claims::Direction::Stream);
        QCOMPARE(account.exports[2].latency->sampling, std::int64_t{50});
        QCOMPARE(account.imports[0].local_subject, std::string("y.>"));
        QCOMPARE(account.mappings[0].destinations[1].weight, std::int64_t{60});
        QCOMPARE(account.default_permissions.publish.allow, std::vector<std::string>{"d.>"});
        QVERIFY(account.signing_key(foreign::kAccountSigningKey) != nullptr);
        QVERIFY(!account.signing_key(foreign::kAccountSigningKey)->scope);
        claims::SigningKey const* const scoped = account.signing_key(foreign::kScopedKey);
        QVERIFY(scoped != nullptr && scoped->scope);
        QCOMPARE(scoped->role, std::string("role"));
        QCOMPARE(scoped->scope->permissions.publish.allow.size(), std::size_t{2});
        QVERIFY(account.signing_key(foreign::kExporterKey) == nullptr);
    }

    void a_user() {
        auto const user = claims::decode_user(foreign::kUser);
        QVERIFY(user.ok());
        QCOMPARE(user.value().account(), std::string(foreign::kAccountKey));
        claims::UserRights const& rights = user.value().rights;
        QCOMPARE(rights.permissions.subscribe.allow, std::vector<std::string>{"q.> grp"});
        QCOMPARE(rights.permissions.responses->max, std::int64_t{3});
        QVERIFY(rights.permissions.responses->expires == base::seconds(1));
        QCOMPARE(rights.sources, std::vector<std::string>{"10.0.0.0/8"});
        QCOMPARE(rights.times[0].end, std::string("17:00:00"));
        QCOMPARE(rights.times_location, std::string("Europe/Berlin"));
        QVERIFY(rights.bearer_token);
        auto const types = claims::known_types(rights.connection_types);
        QVERIFY(types && types->has(permission::ConnectionType::Websocket));
        QVERIFY(!types->has(permission::ConnectionType::Mqtt));
        QCOMPARE(user.value().token.tags, std::vector<std::string>{"team:red"});
    }

    void a_user_of_a_scoped_key_says_nothing_itself() {
        auto const user = claims::decode_user(foreign::kScopedUser);
        QVERIFY(user.ok());
        QVERIFY(user.value().rights.empty());
        QVERIFY(!claims::decode_user(foreign::kUser).value().rights.empty());
    }

    void a_user_of_the_first_version() {
        auto const user = claims::decode_user(foreign::kOldUser);
        QVERIFY2(user.ok(), user.ok() ? "" : user.error().detail().c_str());
        QCOMPARE(user.value().token.version, 1);
        QCOMPARE(user.value().rights.subscriptions, std::int64_t{-1});
    }

    void an_activation_a_deletion_and_a_response() {
        auto const activation = claims::decode_activation(foreign::kActivation);
        QVERIFY(activation.ok());
        QCOMPARE(activation.value().exporter(), std::string(foreign::kExporterKey));
        QCOMPARE(activation.value().subject, std::string("x.>"));
        auto const deletion = claims::decode_generic(foreign::kGeneric);
        QVERIFY(deletion.ok());
        QVERIFY(deletion.value().token.is_self_signed());
        QCOMPARE(deletion.value().accounts, std::vector<std::string>{foreign::kExporterKey});
        auto const response = claims::decode_authorization_response(foreign::kResponse);
        QVERIFY(response.ok());
        QCOMPARE(response.value().user_jwt, std::string(foreign::kUser));
        QCOMPARE(response.value().token.audience, std::string(foreign::kServerKey));
    }

    void credentials() {
        auto const credentials = claims::parse_credentials(foreign::kCredentials);
        QVERIFY(credentials.ok());
        QCOMPARE(std::string(credentials.value().jwt.reveal()), std::string(foreign::kUser));
        auto const pair = KeyPair::from_seed(credentials.value().seed.reveal());
        QCOMPARE(pair.value().public_key().text(), std::string(foreign::kUserKey));
        auto const again =
            claims::parse_credentials(claims::format_credentials(credentials.value()).reveal());
        QVERIFY(again.value().jwt == credentials.value().jwt);
        QVERIFY(again.value().seed == credentials.value().seed);
        QVERIFY(claims::undecorated(foreign::kCredentials) == foreign::kUser);
        QVERIFY(claims::undecorated(concat("\n", foreign::kUser, " \n")) == foreign::kUser);
    }

    void credentials_that_are_none() {
        for (char const* text :
             {"", "-----BEGIN-----", "no dashes", "-----B-----\n-----E-----\n",
              "-----B-----\nabc\n-----E-----\n-----B-----\nSUNOTASEED\n-----E-----\n"}) {
            QVERIFY2(!claims::parse_credentials(text).ok(), text);
        }
    }
};
SIGNALBOX_TEST(ForeignTokenTest);

#include "token_test.moc"
