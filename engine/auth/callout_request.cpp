#include "engine/auth/callout_request.h"

#include "engine/base/json_writer.h"
#include "engine/claims/fields.h"
#include "engine/claims/token.h"
#include "engine/claims/user_claims.h"
#include "engine/tls/peer_identity.h"

#include <string_view>

namespace signalbox::auth {
namespace {

constexpr std::string_view kAudience = "nats-authorization-request";

void write_server(JsonWriter& json, CalloutServer const& server, CalloutQuestion const& question) {
    json.key("server_id").begin_object();
    json.field("name", server.name).field("host", server.host);
    json.field("id", server.key->public_key().text());
    json.field_unless_empty("version", server.version);
    claims::write_texts(json, "tags", server.tags);
    json.field_unless_empty("xkey", question.server_xkey);
    json.end_object();
}

/// Whoever shows a JWT may name himself beside it, and is asked about by that name.
std::string name_of(Credentials const& credentials, Result<claims::UserClaims> const& claims) {
    if (!credentials.nkey.empty()) {
        return credentials.nkey;
    }
    if (!credentials.user.empty()) {
        return credentials.user;
    }
    return claims.ok() ? claims.value().token.subject : std::string();
}

void write_client(JsonWriter& json, Credentials const& credentials) {
    json.key("client_info").begin_object();
    json.field_unless_empty("host", credentials.remote.host);
    json.field_unless_empty("id", credentials.facts.cid);
    Result<claims::UserClaims> const claims = claims::decode_user(credentials.jwt.reveal());
    json.field_unless_empty("user", name_of(credentials, claims));
    json.field_unless_empty("name", credentials.facts.name);
    if (claims.ok()) {
        claims::write_texts(json, "tags", claims.value().token.tags);
        json.field_unless_empty("name_tag", claims.value().token.name);
    }
    json.field("kind", "Client").field("type", "nats");
    if (!credentials.signature.empty()) {
        json.field_unless_empty("nonce", credentials.nonce);
    }
    json.end_object();
}

void write_connect(JsonWriter& json, Credentials const& credentials) {
    json.key("connect_opts").begin_object();
    json.field_unless_empty("jwt", credentials.jwt.reveal());
    json.field_unless_empty("nkey", credentials.nkey);
    json.field_unless_empty("sig", credentials.signature);
    json.field_unless_empty("auth_token", credentials.token.reveal());
    json.field_unless_empty("user", credentials.user);
    json.field_unless_empty("pass", credentials.password.reveal());
    json.field_unless_empty("name", credentials.facts.name);
    json.field_unless_empty("lang", credentials.facts.lang);
    json.field_unless_empty("version", credentials.facts.version);
    json.field("protocol", credentials.facts.protocol);
    json.end_object();
}

void write_tls(JsonWriter& json, tls::PeerIdentity const& peer) {
    json.key("client_tls").begin_object();
    json.field_unless_empty("version", peer.version);
    json.field_unless_empty("cipher", peer.cipher);
    if (!peer.certificates.empty()) {
        json.key("certs").begin_array();
        for (tls::PeerCertificate const& certificate : peer.certificates) {
            json.value(certificate.pem);
        }
        json.end_array();
    }
    if (!peer.verified_chain.empty()) {
        json.key("verified_chains").begin_array().begin_array();
        for (std::string const& pem : peer.verified_chain) {
            json.value(pem);
        }
        json.end_array().end_array();
    }
    json.field_unless_empty("server_name", peer.server_name);
    json.end_object();
}

}  // namespace

std::string encode_question(CalloutServer const& server, CalloutQuestion const& question,
                            Credentials const& credentials) {
    JsonWriter json;
    json.begin_object();
    write_server(json, server, question);
    json.field("user_nkey", question.user_nkey);
    write_client(json, credentials);
    write_connect(json, credentials);
    if (credentials.peer) {
        write_tls(json, *credentials.peer);
    }
    json.end_object();
    std::string const object = json.take();
    return claims::encode({.kind = claims::ClaimKind::AuthorizationRequest,
                           .subject = question.issuer_account,
                           .audience = std::string(kAudience),
                           .expires = question.expires,
                           .members = object.substr(1, object.size() - 2)},
                          *server.key, question.now);
}

}  // namespace signalbox::auth
