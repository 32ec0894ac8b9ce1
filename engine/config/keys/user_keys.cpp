#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/config/keys/peer_rows.h"
#include "engine/crypto/nkey.h"
#include "engine/permission/connection_type.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace signalbox::config {

namespace {

using permission::Permissions;
using permission::ResponseRules;
using permission::SubjectRules;
using O = Options;
using A = Authorization;

bool is_subject(std::string_view text) {
    return subject::Filter::parse(text).ok();
}

/// What is wrong with an entry; empty when nothing is. One of `subscribe` may name a queue group
/// after a blank; one of `publish` may not.
std::string fault_of(std::string_view text, bool with_queue) {
    std::string const no_subject =
        concat("subject ", base::quoted(text), " is not a valid subject");
    std::size_t const blank = text.find_first_of(" \t");
    if (!with_queue || blank == std::string_view::npos) {
        return is_subject(text) ? "" : no_subject;
    }
    std::string_view const queue = base::trim(text.substr(blank));
    if (!is_subject(text.substr(0, blank)) ||
        queue.find_first_of(" \t") != std::string_view::npos) {
        return no_subject;
    }
    return is_subject(queue) ? "" : concat("queue ", base::quoted(queue), " is not a valid queue");
}

/// `allow` and `deny` are checked without knowing whose they are; queue groups are refused after.
void read_allow(Key const&, Value const& value, Target& target) {
    target.as<SubjectRules>().allow = permission_subjects(value, true, target.problems);
}

void read_deny(Key const&, Value const& value, Target& target) {
    target.as<SubjectRules>().deny = permission_subjects(value, true, target.problems);
}

void refuse_queues(std::vector<std::string> const& subjects, Position const& at,
                   Problems& problems) {
    for (std::string const& text : subjects) {
        std::string const fault = fault_of(text, false);
        if (!fault.empty()) {
            problems.error(at, fault);
        }
    }
}

SubjectRules rules_of(Key const& key, Value const& value, Target& target, bool with_queue) {
    SubjectRules rules;
    if (value.as<Value::Map>() == nullptr) {
        rules.allow = permission_subjects(value, with_queue, target.problems);
        return rules;
    }
    Target inner = target.of(&rules);
    read_block(key.inner, value, inner);
    if (!with_queue) {
        refuse_queues(rules.allow, value.position(), target.problems);
        refuse_queues(rules.deny, value.position(), target.problems);
    }
    return rules;
}

void read_publish(Key const& key, Value const& value, Target& target) {
    target.as<Permissions>().publish = rules_of(key, value, target, false);
}

void read_subscribe(Key const& key, Value const& value, Target& target) {
    target.as<Permissions>().subscribe = rules_of(key, value, target, true);
}

void read_responses(Key const& key, Value const& value, Target& target) {
    std::optional<ResponseRules>& responses = target.as<Permissions>().responses;
    if (auto const* yes = value.as<bool>()) {
        responses = *yes ? std::optional(ResponseRules{}) : std::nullopt;
        return;
    }
    Target inner = target.of(&responses.emplace());
    read_block(key.inner, value, inner);
}

void read_response_expires(Key const&, Value const& value, Target& target) {
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        target.problems.error(value.position(), "error parsing expires, not a duration string");
        return;
    }
    std::optional<Duration> const expires = duration_text("expires", value, target.problems);
    if (expires) {
        target.as<ResponseRules>().expires =
            expires->count() == 0 ? ResponseRules{}.expires : *expires;
    }
}

void read_connection_types(Key const&, Value const& value, Target& target) {
    std::vector<std::string> names;
    if (auto const* text = value.as<std::string>()) {
        names.push_back(*text);
    } else if (auto const* array = value.as<Value::Array>()) {
        for (Value const& element : *array) {
            auto const* name = element.as<std::string>();
            if (name == nullptr) {
                target.problems.error(element.position(),
                                      concat("error parsing allowed connection types: unsupported "
                                             "type in array ",
                                             type_name(element)));
                return;
            }
            names.push_back(*name);
        }
    } else {
        target.problems.error(
            value.position(),
            concat("error parsing allowed connection types: unsupported type ", type_name(value)));
        return;
    }
    std::vector<std::string> unknown;
    permission::ConnectionTypes types;
    for (std::string const& name : names) {
        std::string upper = name;
        std::ranges::transform(upper, upper.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        if (auto const type = permission::connection_type(upper)) {
            types.add(*type);
        } else {
            unknown.push_back(base::quoted(upper));
        }
    }
    if (!unknown.empty()) {
        target.problems.error(value.position(),
                              concat("invalid connection types [", base::join(unknown, " "), "]"));
        return;
    }
    target.as<User>().connection_types = types;
}

void check_user(Value const& value, Value::Map const& map, Target& target) {
    User const& user = target.as<User>();
    if (user.nkey.empty()) {
        if (user.name.empty()) {
            target.problems.error(value.position(), "User entry requires a user");
        }
        return;
    }
    if (!crypto::is_public_nkey(user.nkey, crypto::NkeyKind::User)) {
        target.problems.error(value.position(), "Not a valid public nkey for a user");
    } else if (member(Block::User, map, "user") != nullptr ||
               member(Block::User, map, "password") != nullptr) {
        target.problems.error(value.position(), "Nkey users do not take usernames or passwords");
    }
}

void check_authorization(Value const& value, Value::Map const& map, Target& target) {
    Authorization const& authorization = target.options.authorization;
    bool const single = !authorization.user.empty() || !authorization.password.empty();
    Position const& at = value.position();
    if (single && !authorization.token.empty()) {
        target.problems.error(at, "Cannot have a user/pass and token");
    }
    bool const users = member(Block::Authorization, map, "users") != nullptr;
    if (single && users) {
        target.problems.error(at, "Can not have a single user/pass and a users array");
    }
    if (!authorization.token.empty() && users) {
        target.problems.error(at, "Can not have a token and a users array");
    }
    claim_users(authorization.users, at, target);
}

void read_auth_timeout(Key const& key, Value const& value, Target& target) {
    if (std::optional<Duration> const timeout = read_seconds(key, value, target.problems)) {
        Authorization& authorization = target.options.authorization;
        authorization.timeout_given = timeout->count() != 0;
        authorization.timeout = authorization.timeout_given ? *timeout : Authorization{}.timeout;
    }
}

void read_texts(Value const& value, std::string_view what, std::vector<std::string>& out,
                Problems& problems) {
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        problems.error(value.position(),
                       concat("Expected ", what, " field to be an array, got ", shown(value)));
        return;
    }
    std::vector<std::string> found;
    for (Value const& element : *array) {
        auto const* text = element.as<std::string>();
        if (text == nullptr) {
            return wrong_type(element, "string", problems);
        }
        found.push_back(*text);
    }
    out = std::move(found);
}

void read_auth_users(Key const&, Value const& value, Target& target) {
    read_texts(value, "auth_users", target.as<AuthCallout>().auth_users, target.problems);
}

void read_allowed_accounts(Key const&, Value const& value, Target& target) {
    read_texts(value, "allowed_accounts", target.as<AuthCallout>().allowed_accounts,
               target.problems);
}

void check_callout(Value const& value, Value::Map const&, Target& target) {
    auto& callout = target.as<AuthCallout>();
    Position const& at = value.position();
    if (callout.issuer.empty()) {
        target.problems.error(at, "Authorization callouts require an issuer to be specified");
    } else if (!crypto::is_public_nkey(callout.issuer, crypto::NkeyKind::Account)) {
        target.problems.error(at, concat("Expected callout user to be a valid public account nkey, "
                                         "got ",
                                         base::quoted(callout.issuer)));
    }
    if (callout.auth_users.empty()) {
        target.problems.error(at,
                              "Authorization callouts require authorized users to be specified");
    }
    if (!callout.xkey.empty() && !crypto::is_public_nkey(callout.xkey, crypto::NkeyKind::Curve)) {
        target.problems.error(at, concat("Expected callout xkey to be a valid public xkey, got ",
                                         base::quoted(callout.xkey)));
    }
    if (callout.account.empty()) {
        callout.account = "$G";
    }
}

constexpr Key refused(Key one) {
    one.reload = kRefused;
    return one;
}

constexpr Key kAuthorization[] = {
    key<&O::authorization, &A::user>("user username", kApplied, "Username", "The only user."),
    key<&O::authorization, &A::password>("password pass", kApplied, "Password",
                                         "The only user's password, or its bcrypt hash."),
    key<&O::authorization, &A::token>("token", kApplied, "Authorization",
                                      "What every client sends, or its bcrypt hash."),
    special(described<&O::authorization, &A::timeout>(
                "timeout", kApplied, "AuthTimeout", "How long a client may take to say who it is."),
            read_auth_timeout, KeyType::Seconds),
    blocks(described<&O::authorization, &A::users>("users", kApplied, "Users",
                                                   "Those who may connect."),
           Block::User, read_blocks_member<&O::authorization, &A::users>),
    block(described<&O::authorization, &A::default_permissions>(
              "default_permissions default_permission permissions", kApplied, "DefaultPermissions",
              "The permissions of users without their own."),
          Block::Permissions, read_block_member<&O::authorization, &A::default_permissions>),
    block(described<&O::authorization, &A::callout>(
              "auth_callout auth_hook", kRefused, "AuthCallout",
              "A service that is asked whether someone may come in."),
          Block::AuthCallout, read_block_member<&O::authorization, &A::callout>),
    key<&O::authorization, &A::proxy_required>("proxy_required", kRefused, "ProxyRequired",
                                               "Clients come in only through a trusted proxy."),
};

constexpr Key kCallout[] = {
    refused(nested<&AuthCallout::issuer>("issuer", "The public account nkey that signs answers.")),
    refused(nested<&AuthCallout::account>(
        "account acc", "The account where the service listens; `$G` when none is given.")),
    refused(special(described<&AuthCallout::auth_users>(
                        "auth_users users", kApplied, "",
                        "Who is not asked about, the service itself: user names or nkeys."),
                    read_auth_users)),
    refused(nested<&AuthCallout::xkey>("xkey key",
                                       "The service's public curve key; requests are encrypted.")),
    refused(special(described<&AuthCallout::allowed_accounts>(
                        "allowed_accounts", kApplied, "",
                        "The accounts whose users are asked about; all when none is given."),
                    read_allowed_accounts)),
};

constexpr Key kUser[] = {
    nested<&User::name>("user username", "The user's name."),
    nested<&User::password>("password pass", "The password, or its bcrypt hash."),
    nested<&User::nkey>("nkey", "A public user nkey, in place of name and password."),
    block(row("permissions permission authorization", KeyType::Block,
              "What the user may publish and subscribe to; everything when not given.", nullptr),
          Block::Permissions, read_block_member<&User::permissions>),
    [] {
        Key one =
            row("allowed_connection_types connection_types clients", KeyType::Strings,
                "How the user may connect; in every way when not given.", read_connection_types);
        one.choices = "STANDARD WEBSOCKET LEAFNODE LEAFNODE_WS MQTT MQTT_WS IN_PROCESS";
        return one;
    }(),
    nested<&User::proxy_required>("proxy_required",
                                  "The user comes in only through a trusted proxy."),
};

constexpr Key kPermissions[] = {
    block(row("publish pub import", KeyType::Block, "What may be published.", nullptr),
          Block::SubjectRules, read_publish, "text or array of texts"),
    block(row("subscribe sub export", KeyType::Block,
              "What may be subscribed to; an entry may name a queue group after a blank.", nullptr),
          Block::SubjectRules, read_subscribe, "text or array of texts"),
    block(row("allow_responses publish_allow_responses", KeyType::Block,
              "Requests may be answered; nothing else may be published then, unless allowed.",
              nullptr),
          Block::ResponseRules, read_responses, "boolean"),
};

constexpr Key kSubjectRules[] = {
    row("allow", KeyType::Strings, "What is allowed; everything when not given.", read_allow),
    row("deny", KeyType::Strings, "What is not, whatever is allowed.", read_deny),
};

constexpr Key zero_is_default(Key one) {
    one.zero_is_default = true;
    return one;
}

constexpr Key kResponseRules[] = {
    zero_is_default(nested<&ResponseRules::max>("max max_msgs max_messages max_responses",
                                                "Answers to each request; negative is no limit.")),
    special(described<&ResponseRules::expires>(
                "expires expiration ttl", kApplied, "",
                "How long after a request it may be answered; negative is no limit."),
            read_response_expires),
};

}  // namespace

namespace {

/// At most 2^53 millionths, so that none is lost.
std::string six_decimals(double seconds) {
    constexpr std::int64_t kMillion = 1'000'000;
    std::int64_t const millionths = std::llround(seconds * kMillion);
    std::string const fraction = std::to_string(kMillion + millionths % kMillion).substr(1);
    return concat(millionths / kMillion, ".", fraction);
}

}  // namespace

std::optional<Duration> read_seconds(Key const& key, Value const& value, Problems& problems) {
    constexpr double kMostSeconds = 9e9;
    double seconds = 0;
    std::string written = shown(value);
    if (auto const* integer = value.as<std::int64_t>()) {
        seconds = static_cast<double>(*integer);
    } else if (auto const* number = value.as<double>()) {
        seconds = *number;
    } else if (auto const* text = value.as<std::string>()) {
        written = *text;
        std::optional<Duration> const duration = duration_text(key.name(), value, problems);
        if (!duration) {
            return std::nullopt;
        }
        seconds = std::chrono::duration<double>(*duration).count();
    } else {
        problems.error(value.position(),
                       concat("error parsing authorization config, '", key.name(), "' wrong type"));
        return std::nullopt;
    }
    if (seconds < 0 || seconds > kMostSeconds) {
        problems.error(
            value.position(),
            concat(key.name(), seconds < 0 ? " value can not be negative" : " value is too big"));
        return std::nullopt;
    }
    auto const timeout =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    if (timeout > base::minutes(1)) {
        problems.warning(
            value.position(), key.name(),
            concat(key.name(), " of ", written, " (", six_decimals(seconds),
                   " seconds) is high, consider keeping it under 60 seconds. possibly caused by "
                   "unquoted duration; use '1m' instead of 1m, for example"));
    }
    return timeout;
}

std::vector<std::string> permission_subjects(Value const& value, bool with_queue,
                                             Problems& problems) {
    std::vector<std::string> subjects;
    auto const add = [&](std::string const& text, Position const& at) {
        std::string const fault = fault_of(text, with_queue);
        if (fault.empty()) {
            subjects.push_back(text);
        } else {
            problems.error(at, fault);
        }
    };
    if (auto const* text = value.as<std::string>()) {
        add(*text, value.position());
    } else if (auto const* array = value.as<Value::Array>()) {
        for (Value const& element : *array) {
            auto const* text_of_element = element.as<std::string>();
            if (text_of_element == nullptr) {
                problems.error(element.position(),
                               "Subject in permissions array cannot be cast to string");
                continue;
            }
            add(*text_of_element, element.position());
        }
    } else {
        problems.error(value.position(),
                       concat("Expected subject permissions to be a subject, or array of subjects, "
                              "got ",
                              type_name(value)));
    }
    return subjects;
}

void claim_users(std::vector<User> const& users, Position const& at, Target& target) {
    for (User const& user : users) {
        if (!user.id().empty() && !target.user_ids.insert(user.id()).second) {
            target.problems.error(at, concat("Duplicate ", user.nkey.empty() ? "user " : "nkey ",
                                             base::quoted(user.id()), " detected"));
        }
    }
}

permission::SubjectRules read_subject_rules(Key const& key, Value const& value, Target& target) {
    return rules_of(key, value, target, false);
}

BlockSpec authorization_spec() {
    return {.path = "authorization",
            .about = "Who may connect to the account `$G`: one user, a token, or several users.",
            .example =
                "authorization {\n"
                "  timeout: 1\n"
                "  default_permissions { publish: \"public.>\", subscribe: \"public.>\" }\n"
                "  users = [\n"
                "    { user: alice, password: $2a$11$... }\n"
                "    { nkey: UC6NLCN7AS34YOJVCYD4PJ3QB7QGLYG5B5IMBT25VW5K4TNUJODM7BOX }\n"
                "  ]\n"
                "}",
            .keys = kAuthorization,
            .not_a_map = plain_not_a_map,
            .check = check_authorization};
}

BlockSpec callout_spec() {
    return {.path = "authorization.auth_callout",
            .about = "A service that decides who comes in, and as whom (ADR-26).",
            .example =
                "auth_callout {\n"
                "  issuer: ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA\n"
                "  auth_users: [ auth ]\n"
                "}",
            .keys = kCallout,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected authorization callout to be a map/struct, got ",
                                  shown(value));
                },
            .unknown =
                [](std::string_view name) {
                    return concat("Unknown field ", base::quoted(name),
                                  " parsing authorization callout");
                },
            .check = check_callout};
}

BlockSpec user_spec() {
    return {.path = "users[]",
            .about = "Someone who may connect, of `authorization` and of each account.",
            .example =
                "{ user: bob, password: $BOB_PASSWORD, allowed_connection_types: [STANDARD],\n"
                "  permissions { publish: \"orders.*\", subscribe: \"orders.> workers\" } }",
            .keys = kUser,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected user entry to be a map/struct, got ", shown(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("Expected users field to be an array, got ", shown(value));
                },
            .check = check_user};
}

BlockSpec permissions_spec() {
    return {.path = "permissions",
            .about = "What may be published and subscribed to.",
            .example =
                "permissions {\n"
                "  publish { allow: [\"orders.>\"], deny: \"orders.secret\" }\n"
                "  subscribe: [\"orders.> workers\", \"_INBOX.>\"]\n"
                "  allow_responses: { max: 5, expires: \"1m\" }\n"
                "}",
            .keys = kPermissions,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected permissions to be a map/struct, got ", shown(value));
                },
            .unknown =
                [](std::string_view name) {
                    return concat("Unknown field ", base::quoted(name), " parsing permissions");
                }};
}

BlockSpec subject_rules_spec() {
    return {.path = "permissions.publish",
            .about =
                "Also of `subscribe`: lists of subjects. What is denied is denied, whatever is "
                "allowed.",
            .example = "publish { allow: \">\", deny: [\"$SYS.>\", \"admin.>\"] }",
            .keys = kSubjectRules,
            .not_a_map = plain_not_a_map,
            .unknown = [](std::string_view name) {
                return concat("Unknown field name ", base::quoted(name),
                              " parsing subject permissions, only 'allow' or 'deny' are "
                              "permitted");
            }};
}

BlockSpec response_rules_spec() {
    return {.path = "permissions.allow_responses",
            .about = "How requests may be answered.",
            .example = "allow_responses { max: 1, expires: \"2m\" }",
            .keys = kResponseRules,
            .not_a_map =
                [](Value const&) {
                    return std::string(
                        "error parsing response permissions, expected a boolean or a map");
                },
            .unknown =
                [](std::string_view name) {
                    return concat("Unknown field ", base::quoted(name), " parsing permissions");
                }};
}

}  // namespace signalbox::config
