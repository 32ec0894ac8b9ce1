#include "engine/claims/token.h"

#include "engine/base/encoding.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/claims/fields.h"
#include "engine/crypto/digest.h"

#include <array>
#include <limits>
#include <utility>

namespace signalbox::claims {
namespace {

using crypto::NkeyKind;
using crypto::PublicNkey;

constexpr int kNewestVersion = 2;
constexpr std::string_view kHeader = R"({"typ":"JWT","alg":"ed25519-nkey"})";

constexpr std::array<std::pair<ClaimKind, std::string_view>, 7> kKinds = {{
    {ClaimKind::Operator, "operator"},
    {ClaimKind::Account, "account"},
    {ClaimKind::User, "user"},
    {ClaimKind::Activation, "activation"},
    {ClaimKind::AuthorizationRequest, "authorization_request"},
    {ClaimKind::AuthorizationResponse, "authorization_response"},
    {ClaimKind::Generic, "generic"},
}};

Error malformed(std::string detail) {
    return {Errc::Malformed, std::move(detail)};
}

/// The three parts between the dots, none empty.
struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_by_version_2;  ///< Header, dot and payload.
};

Result<Parts> cut(std::string_view text) {
    std::size_t const first = text.find('.');
    if (first == std::string_view::npos) {
        return malformed("a JWT has three parts");
    }
    std::size_t const second = text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
        return malformed("a JWT has three parts");
    }
    return Parts{.header = text.substr(0, first),
                 .payload = text.substr(first + 1, second - first - 1),
                 .signature = text.substr(second + 1),
                 .signed_by_version_2 = text.substr(0, second)};
}

Result<Json> json_of(std::string_view part) {
    // Padding has no place in a JWT (RFC 7515, 2), and would give one token several texts.
    if (part.find_first_of("=+/") != std::string_view::npos) {
        return malformed("not base64 for URLs");
    }
    std::string const text = TRY(base::from_base64(part));
    Json json = TRY(Json::parse(text));
    TRY(refuse_duplicates(json));
    return json;
}

/// The version of claims whose algorithm that is.
Result<int> version_of_algorithm(Json const& header) {
    Fields fields(&header);
    std::string type;
    std::string algorithm;
    fields.read("typ", type);
    fields.read("alg", algorithm);
    TRY(fields.outcome());
    if (!base::equal_ignoring_case(type, "jwt")) {
        return malformed("not a JWT by its header");
    }
    if (algorithm == "ed25519-nkey") {
        return 2;
    }
    if (algorithm == "ed25519") {
        return 1;
    }
    return malformed("an algorithm that is not ed25519-nkey");
}

Result<ClaimKind> kind_named(std::string_view name) {
    for (auto const& [kind, text] : kKinds) {
        if (text == name) {
            return kind;
        }
    }
    return malformed("claims of an unknown type");
}

/// Whose keys may say such things.
bool may_issue(ClaimKind kind, NkeyKind issuer) {
    switch (kind) {
        case ClaimKind::Operator:
            return issuer == NkeyKind::Operator;
        case ClaimKind::Account:
        case ClaimKind::Activation:
            return issuer == NkeyKind::Operator || issuer == NkeyKind::Account;
        case ClaimKind::User:
        case ClaimKind::AuthorizationResponse:
            return issuer == NkeyKind::Account;
        case ClaimKind::AuthorizationRequest:
            return issuer == NkeyKind::Server;
        case ClaimKind::Generic:
            return issuer != NkeyKind::Curve;
    }
    return false;
}

/// Whom such claims speak of.
bool may_be_subject(ClaimKind kind, std::string_view subject) {
    switch (kind) {
        case ClaimKind::Operator:
            return crypto::is_public_nkey(subject, NkeyKind::Operator);
        case ClaimKind::Account:
        case ClaimKind::Activation:
            return crypto::is_public_nkey(subject, NkeyKind::Account);
        case ClaimKind::User:
        case ClaimKind::AuthorizationResponse:
            return crypto::is_public_nkey(subject, NkeyKind::User);
        // Of the account that answers, although it is about a user.
        case ClaimKind::AuthorizationRequest:
            return crypto::is_public_nkey(subject, NkeyKind::Account) ||
                   crypto::is_public_nkey(subject, NkeyKind::User);
        case ClaimKind::Generic:
            return !subject.empty();
    }
    return false;
}

/// Times past what the clock can say are its last moment; such a token never expires in practice.
WallTime from_seconds(std::int64_t seconds) {
    constexpr std::int64_t kMost =
        std::numeric_limits<std::int64_t>::max() / std::int64_t{1'000'000'000};
    return WallTime(base::seconds(seconds > kMost ? kMost : seconds));
}

Result<void> read_times(Fields& fields, Token& token) {
    std::int64_t issued = 0;
    std::int64_t expires = 0;
    std::int64_t not_before = 0;
    fields.read("iat", issued);
    fields.read("exp", expires);
    fields.read("nbf", not_before);
    TRY(fields.outcome());
    if (issued < 0 || expires < 0 || not_before < 0) {
        return malformed("a time before 1970");
    }
    token.issued_at = from_seconds(issued);
    if (expires != 0) {
        token.expires = from_seconds(expires);
    }
    if (not_before != 0) {
        token.not_before = from_seconds(not_before);
    }
    return {};
}

/// The kind and version stand in `nats`; the first version has the kind beside it.
Result<void> read_kind(Fields& payload, Token& token) {
    std::string old_type;
    payload.read("type", old_type);
    Json const* const body = payload.object("nats");
    TRY(payload.outcome());
    std::string type = old_type;
    std::int64_t version = 1;
    Fields fields(body);
    if (old_type.empty()) {
        fields.read("type", type);
        fields.read("version", version);
        fields.read("tags", token.tags);
        TRY(fields.outcome());
    } else {
        payload.read("tags", token.tags);
    }
    if (version > kNewestVersion || version < 0) {
        return malformed("claims of a version that is not known");
    }
    token.version = version <= 1 ? 1 : 2;
    token.kind = TRY(kind_named(type));
    if (body != nullptr) {
        token.body = *body;
    }
    return {};
}

Result<Token> read_payload(Json const& payload) {
    Token token;
    Fields fields(&payload);
    fields.read("sub", token.subject);
    fields.read("iss", token.issuer);
    fields.read("aud", token.audience);
    fields.read("jti", token.id);
    fields.read("name", token.name);
    TRY(read_times(fields, token));
    TRY(read_kind(fields, token));
    TRY(fields.outcome());
    return token;
}

Result<void> check_keys(Token const& token, Parts const& parts) {
    Result<PublicNkey> const issuer = PublicNkey::parse(token.issuer);
    if (!issuer.ok()) {
        return malformed("an issuer that is no public nkey");
    }
    if (!may_be_subject(token.kind, token.subject)) {
        return malformed(concat("a subject that ", text_of(token.kind), " claims do not speak of"));
    }
    if (!may_issue(token.kind, issuer.value().kind())) {
        return Error(Errc::PermissionDenied,
                     concat("an issuer whose key does not sign ", text_of(token.kind), " claims"));
    }
    Bytes const message = token.version == 1 ? parts.payload : parts.signed_by_version_2;
    if (!crypto::verify_ed25519_text(issuer.value(), message, parts.signature)) {
        return Error(Errc::PermissionDenied, "a signature that is not the issuer's");
    }
    return {};
}

std::string payload_of(Draft const& draft, std::string_view issuer, std::string_view id,
                       WallTime now) {
    auto const seconds = [](WallTime time) {
        return std::chrono::duration_cast<base::seconds>(time.since_epoch()).count();
    };
    JsonWriter nats;
    nats.begin_object();
    nats.field("type", text_of(draft.kind)).field("version", kNewestVersion);
    write_texts(nats, "tags", draft.tags);
    std::string body = nats.take();
    if (!draft.members.empty()) {
        append(body, ",", draft.members);
    }
    append(body, "}");
    JsonWriter json;
    json.begin_object();
    json.field_unless_empty("aud", draft.audience);
    if (draft.expires) {
        json.field("exp", seconds(*draft.expires));
    }
    json.field_unless_empty("jti", id);
    json.field("iat", seconds(now)).field("iss", issuer);
    json.field_unless_empty("name", draft.name);
    if (draft.not_before) {
        json.field("nbf", seconds(*draft.not_before));
    }
    json.field("sub", draft.subject).key("nats").raw(body).end_object();
    return json.take();
}

}  // namespace

std::string_view text_of(ClaimKind kind) {
    for (auto const& [each, text] : kKinds) {
        if (each == kind) {
            return text;
        }
    }
    return {};
}

Result<Token> decode(std::string_view text) {
    if (text.size() > kMaxTokenBytes) {
        return Error(Errc::LimitExceeded, "a JWT of more than 64 KiB");
    }
    Parts const parts = TRY(cut(text));
    Json const header = TRY(json_of(parts.header));
    int const version = TRY(version_of_algorithm(header));
    Json const payload = TRY(json_of(parts.payload));
    Token token = TRY(read_payload(payload));
    // What is signed differs by version, so the header may not leave it open.
    if (token.version != version) {
        return malformed("an algorithm of another version than the claims");
    }
    TRY(check_keys(token, parts));
    token.text = text;
    return token;
}

Result<Token> decode(std::string_view text, ClaimKind kind) {
    Token token = TRY(decode(text));
    if (token.kind != kind) {
        return Error(Errc::InvalidArgument,
                     concat(text_of(token.kind), " claims instead of ", text_of(kind), " claims"));
    }
    return token;
}

std::string sign_parts(std::string_view header, std::string_view payload,
                       crypto::KeyPair const& issuer) {
    std::string text = concat(base::to_base64_url(header), ".", base::to_base64_url(payload));
    std::string const signature = issuer.sign(text);
    append(text, ".", base::to_base64_url(signature));
    return text;
}

std::string encode(Draft const& draft, crypto::KeyPair const& issuer, WallTime now) {
    std::string const key = issuer.public_key().text();
    // The id is of all the rest.
    std::string const id = base::to_base32(crypto::sha256(payload_of(draft, key, {}, now)));
    return sign_parts(kHeader, payload_of(draft, key, id, now), issuer);
}

}  // namespace signalbox::claims
