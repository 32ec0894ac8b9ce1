#include "engine/system/claims_services.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/claims/operator_claims.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace signalbox::system {
namespace {

constexpr int kDone = 200;
constexpr int kFailed = 500;

/// The account in `$SYS.REQ.ACCOUNT.<account>.CLAIMS.…` and `$SYS.ACCOUNT.<account>.CLAIMS.…`;
/// empty where the subject names none.
std::string account_in(std::string_view subject) {
    std::vector<std::string_view> const tokens = base::split(subject, '.');
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (tokens[i] == "ACCOUNT") {
            return std::string(tokens[i + 1]);
        }
    }
    return {};
}

/// What the JWT says it is about, as far as it can be read, for whoever is told that it cannot.
std::string subject_of(std::string const& jwt) {
    Result<claims::Token> const token = claims::decode(jwt);
    return token.ok() ? token.value().subject : std::string();
}

std::string text_of_refusal(Error const& error) {
    // What does not even hold together was not validated.
    return concat(error.code() == Errc::Malformed ? "jwt update resulted in error - "
                                                  : "jwt validation failed - ",
                  error.detail());
}

}  // namespace

ClaimsServices::ClaimsServices(auth::OperatorMode& operators, Publisher& publisher,
                               Answers& answers)
    : operators_(operators), publisher_(publisher), answers_(answers) {}

void ClaimsServices::start() {
    subscribe("$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", &ClaimsServices::update);
    subscribe("$SYS.ACCOUNT.*.CLAIMS.UPDATE", &ClaimsServices::update);
    // Only who keeps them is asked without a name; there, nobody else listens either.
    if (resolver().keeps_on_disk()) {
        subscribe("$SYS.REQ.CLAIMS.UPDATE", &ClaimsServices::update);
    }
    if (!resolver().is_complete()) {
        return;
    }
    subscribe("$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP", &ClaimsServices::look_up);
    subscribe("$SYS.REQ.CLAIMS.LIST", &ClaimsServices::list);
    subscribe("$SYS.REQ.CLAIMS.DELETE", &ClaimsServices::remove);
    subscribe("$SYS.REQ.CLAIMS.PACK", &ClaimsServices::pack);
}

void ClaimsServices::subscribe(std::string const& subject,
                               void (ClaimsServices::*answer)(Received const&)) {
    publisher_.client().subscribe(
        subject, "", [this, answer](Received const& request) { (this->*answer)(request); });
}

/// A JWT, or nothing: this server keeps none of that account. Only what it keeps itself, for other
/// servers answer for themselves.
void ClaimsServices::look_up(Received const& request) {
    if (request.reply.empty()) {
        return;
    }
    Asker const to = asker_of(publisher_.client().account().name(), request);
    std::string const account = account_in(request.subject);
    std::vector<std::string> const keys = resolver().keys();
    if (!std::ranges::binary_search(keys, account)) {
        answers_.send_plain(to, "");
        return;
    }
    resolver().fetch(account, [this, to](Result<std::string> const& jwt) {
        answers_.send_plain(to, jwt.ok() ? jwt.value() : std::string());
    });
}

void ClaimsServices::update(Received const& request) {
    Asker const to = asker_of(publisher_.client().account().name(), request);
    std::string const jwt(base::trim(request.payload));
    std::string const named = account_in(request.subject);
    if (jwt.empty()) {
        send(to, named, kFailed, "jwt update error - request body is empty");
        return;
    }
    std::string const account = subject_of(jwt);
    if (!named.empty() && named != account) {
        send(to, named, kFailed, "jwt validation failed - subject does not match jwt content");
        return;
    }
    operators_.accounts().update(
        jwt, [this, to, account](Result<bool> const& kept) { updated(to, account, kept); });
}

void ClaimsServices::updated(Asker const& to, std::string const& account,
                             Result<bool> const& kept) {
    if (!kept.ok()) {
        send(to, account, kFailed, text_of_refusal(kept.error()));
        return;
    }
    bool const is_cache = resolver().keeps_on_disk() && !resolver().is_complete();
    if (is_cache) {
        send(to, account, kDone, kept.value() ? "jwt updated cache" : "jwt update cache skipped");
        return;
    }
    send(to, account, kDone, kept.value() ? "jwt updated" : "jwt update skipped");
}

void ClaimsServices::send(Asker const& to, std::string const& account, int code,
                          std::string_view text) {
    if (to.reply.empty()) {
        return;
    }
    bool const done = code == kDone;
    JsonWriter json;
    json.begin_object().key("server").raw(event::to_json(publisher_.next_word()));
    json.key(done ? "data" : "error").begin_object();
    json.field_unless_empty("account", account).field("code", code);
    json.field(done ? "message" : "description", text).end_object().end_object();
    answers_.send_plain(to, json.text());
}

void ClaimsServices::list(Received const& request) {
    if (request.reply.empty()) {
        return;
    }
    JsonWriter json;
    json.begin_object().key("server").raw(event::to_json(publisher_.next_word()));
    json.key("data").begin_array();
    for (std::string const& key : resolver().keys()) {
        json.value(key);
    }
    json.end_array().end_object();
    answers_.send_plain(asker_of(publisher_.client().account().name(), request), json.text());
}

Result<std::vector<std::string>> ClaimsServices::accounts_to_delete(std::string_view jwt) const {
    Result<claims::GenericClaims> const claims = claims::decode_generic(base::trim(jwt));
    std::string const who = claims.ok() ? claims.value().token.issuer : std::string();
    auto const refused = [&](std::string_view why) {
        return Error(Errc::PermissionDenied,
                     concat("delete accounts request by ", who, " failed - ", why));
    };
    if (!claims.ok()) {
        return refused(claims.error().detail());
    }
    if (!resolver().may_delete()) {
        return refused("delete must be enabled in server config");
    }
    if (!claims.value().token.is_self_signed()) {
        return refused("not self signed");
    }
    if (!operators_.accounts().trust().trusts(who)) {
        return refused("not trusted");
    }
    if (claims.value().accounts.empty()) {
        return refused("malformed request");
    }
    if (std::ranges::find(claims.value().accounts, operators_.system_account()) !=
        claims.value().accounts.end()) {
        return refused("not allowed to delete system account");
    }
    return claims.value().accounts;
}

void ClaimsServices::remove(Received const& request) {
    Asker const to = asker_of(publisher_.client().account().name(), request);
    Result<std::vector<std::string>> const accounts = accounts_to_delete(request.payload);
    if (!accounts.ok()) {
        send(to, {}, kFailed, accounts.error().detail());
        return;
    }
    struct Rest {
        std::size_t open;
        std::size_t deleted = 0;
        std::string failure;
    };
    auto const rest = std::make_shared<Rest>(Rest{.open = accounts.value().size(), .failure = {}});
    for (std::string const& account : accounts.value()) {
        operators_.accounts().forget(account);
        resolver().remove(account, [this, to, rest](Result<void> const& removed) {
            if (removed.ok()) {
                ++rest->deleted;
            } else {
                rest->failure = removed.error().detail();
            }
            if (--rest->open > 0) {
                return;
            }
            if (rest->failure.empty()) {
                send(to, {}, kDone, concat("deleted ", rest->deleted, " accounts"));
            } else {
                send(to, {}, kFailed,
                     concat("deleted ", rest->deleted, " accounts, failed - ", rest->failure));
            }
        });
    }
}

/// All accounts to a server that does not keep the same, one a message; an empty one is the end.
void ClaimsServices::pack(Received const& request) {
    if (request.reply.empty()) {
        return;
    }
    Asker const to = asker_of(publisher_.client().account().name(), request);
    std::vector<std::string> const keys =
        request.payload == resolver().digest() ? std::vector<std::string>() : resolver().keys();
    auto const open = std::make_shared<std::size_t>(keys.size());
    if (keys.empty()) {
        answers_.send_plain(to, "");
        return;
    }
    for (std::string const& key : keys) {
        resolver().fetch(key, [this, to, key, open](Result<std::string> const& jwt) {
            if (jwt.ok()) {
                answers_.send_plain(to, concat(key, "|", jwt.value()));
            }
            if (--*open == 0) {
                answers_.send_plain(to, "");
            }
        });
    }
}

}  // namespace signalbox::system
