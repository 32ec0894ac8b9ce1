#include "engine/base/text.h"
#include "engine/claims/account_claims.h"
#include "engine/claims/operator_claims.h"
#include "engine/config/keys/schema_rows.h"
#include "engine/crypto/nkey.h"

#include <algorithm>

namespace signalbox::config {

namespace {

using R = ResolverOptions;

/// The first whole JWT between lines of dashes, or the text itself where there are none.
std::string undecorated(std::string_view text) {
    std::vector<std::string_view> const lines = base::split(text, '\n');
    bool inside = false;
    for (std::string_view line : lines) {
        std::string_view const trimmed = base::trim(line);
        if (trimmed.starts_with("---")) {
            inside = !inside;
        } else if (inside && !trimmed.empty()) {
            return std::string(trimmed);
        }
    }
    return std::string(base::trim(text));
}

/// An operator's JWT as it stands, or out of the file of that name.
void add_operator(std::string const& text, Position const& at, Target& target) {
    constexpr std::string_view kWhat = "error parsing operator JWT: ";
    std::string jwt = text;
    if (!text.starts_with("eyJ")) {
        Result<std::string> const content = target.files.read(text);
        if (!content.ok()) {
            return target.problems.error(at, concat(kWhat, content.error().detail()));
        }
        jwt = undecorated(content.value());
    }
    Result<claims::OperatorClaims> const claims = claims::decode_operator(jwt);
    if (!claims.ok()) {
        return target.problems.error(at, concat(kWhat, claims.error().detail()));
    }
    target.options.operators.operators.push_back(std::move(jwt));
}

/// The texts of a value that is one or an array of them, each with its place.
std::vector<std::pair<std::string, Position>> texts_of(Value const& value, std::string_view what,
                                                       Problems& problems) {
    std::vector<std::pair<std::string, Position>> texts;
    if (auto const* text = value.as<std::string>()) {
        texts.emplace_back(*text, value.position());
    } else if (auto const* array = value.as<Value::Array>()) {
        for (Value const& element : *array) {
            auto const* one = element.as<std::string>();
            if (one == nullptr) {
                problems.error(element.position(),
                               concat("error parsing ", what, ": unsupported type in array ",
                                      type_name(element)));
                return {};
            }
            texts.emplace_back(*one, element.position());
        }
    } else {
        problems.error(value.position(),
                       concat("error parsing ", what, ": unsupported type ", type_name(value)));
    }
    return texts;
}

template <auto Path>
void read_resolver_duration(Key const& key, Value const& value, Target& target) {
    Problems found;
    std::optional<Duration> const duration = duration_text(key.name(), value, found);
    if (duration) {
        at<Path>(target.as<R>()) = *duration;
    } else if (auto const* text = value.as<std::string>()) {
        target.problems.error(value.position(), duration_error(*text));
    } else {
        wrong_type(value, "string", target.problems);
    }
}

void read_resolver_type(Key const&, Value const& value, Target& target) {
    auto const* text = value.as<std::string>();
    std::string const upper = text == nullptr ? "" : base::to_lower(*text);
    auto& resolver = target.as<R>();
    if (upper == "full") {
        resolver.kind = ResolverKind::Full;
    } else if (upper == "cache") {
        resolver.kind = ResolverKind::Cache;
    } else if (upper == "mem" || upper == "memory") {
        resolver.kind = ResolverKind::Memory;
    }
}

void refuse_member(Value::Map const& map, std::string_view key, std::string_view words,
                   Position const& at, Problems& problems) {
    if (member(Block::Resolver, map, key) != nullptr) {
        problems.error(at, words);
    }
}

constexpr std::string_view kNoResolver =
    "error parsing account resolver, should be MEM or  URL(\"url\") or a map containing dir and "
    "type state=[FULL|CACHE])";

void check_resolver(Value const& value, Value::Map const& map, Target& target) {
    auto const& resolver = target.as<R>();
    Position const& at = value.position();
    bool const folder = resolver.kind == ResolverKind::Full || resolver.kind == ResolverKind::Cache;
    if (resolver.kind == ResolverKind::None) {
        return target.problems.error(at, kNoResolver);
    }
    if (folder && resolver.directory.empty()) {
        return target.problems.error(at, "dir has no value and needs to point to a directory");
    }
    if (resolver.kind == ResolverKind::Cache) {
        refuse_member(map, "interval", "CACHE does not accept sync", at, target.problems);
        refuse_member(map, "allow_delete", "CACHE does not accept allow_delete", at,
                      target.problems);
        refuse_member(map, "hard_delete", "CACHE does not accept hard_delete", at, target.problems);
    }
    if (resolver.kind == ResolverKind::Full) {
        refuse_member(map, "ttl", "FULL does not accept ttl", at, target.problems);
        if (resolver.hard_delete && !resolver.allow_delete) {
            target.problems.error(at, "hard_delete has no effect without delete");
        }
    }
}

/// `MEMORY`, `MEM` or `URL(…)` with or without quotes within.
bool read_resolver_text(std::string_view text, ResolverOptions& resolver) {
    std::string const lower = base::to_lower(base::trim(text));
    if (lower == "mem" || lower == "memory") {
        resolver.kind = ResolverKind::Memory;
        return true;
    }
    std::string_view inner = base::trim(text);
    if (!lower.starts_with("url(") || !lower.ends_with(')')) {
        return false;
    }
    inner = base::trim(inner.substr(4, inner.size() - 5));
    if (inner.size() >= 2 && inner.front() == '"' && inner.back() == '"') {
        inner = inner.substr(1, inner.size() - 2);
    }
    resolver.kind = ResolverKind::Url;
    resolver.url = inner;
    return !inner.empty();
}

constexpr Key kResolver[] = {
    with_choices(row("type", KeyType::String,
                     "`full` keeps every account in a folder and takes updates, `cache` those used "
                     "last, `mem` what `resolver_preload` says.",
                     read_resolver_type),
                 "full cache mem"),
    nested<&R::directory>("dir", "The folder of JWTs."),
    nested<&R::allow_delete>("allow_delete", "Of `full`: accounts may be deleted by request."),
    nested<&R::hard_delete>("hard_delete", "Of `full`: their files go as well."),
    nested<&R::limit>("limit", "JWTs kept; 0 is no limit of ours."),
    special(described<&R::ttl>("ttl", kApplied, "", "Of `cache`: how long a JWT is kept."),
            read_resolver_duration<&R::ttl>),
    special(described<&R::interval>("interval", kApplied, "",
                                    "Of `full`: how often servers compare what they have."),
            read_resolver_duration<&R::interval>),
    special(described<&R::timeout>("timeout", kApplied, "",
                                   "How long an account is looked up before it counts as unknown."),
            read_resolver_duration<&R::timeout>),
};

void read_trusted_proxies(Key const& key, Value const& value, Target& target) {
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        return target.problems.error(value.position(), spec_of(key.inner).not_an_array(value));
    }
    std::vector<std::string> keys;
    for (Value const& entry : *array) {
        std::string proxy;
        Target inner = target.of(&proxy);
        if (read_block(key.inner, entry, inner)) {
            keys.push_back(std::move(proxy));
        }
    }
    target.options.trusted_proxies = std::move(keys);
}

void read_proxy_key(Key const& key, Value const& value, Target& target) {
    auto& proxy = target.as<std::string>();
    read_value(key, value, target.problems, proxy);
}

bool is_any_nkey(std::string_view text) {
    return crypto::PublicNkey::parse(text).ok();
}

void check_proxy(Value const& value, Value::Map const&, Target& target) {
    auto const& proxy = target.as<std::string>();
    if (!is_any_nkey(proxy)) {
        target.problems.error(value.position(), concat("invalid proxy key ", base::quoted(proxy)));
    }
}

constexpr Key kProxies[] = {
    blocks(row("trusted", KeyType::Blocks, "The proxies that are believed.", nullptr),
           Block::TrustedProxy, read_trusted_proxies),
};

constexpr Key kTrustedProxy[] = {
    row("key public_key", KeyType::String, "The proxy's public nkey.", read_proxy_key),
};

}  // namespace

void read_operators(Key const&, Value const& value, Target& target) {
    target.options.operators.operators.clear();
    for (auto const& [text, at] : texts_of(value, "operators", target.problems)) {
        add_operator(text, at, target);
    }
}

void read_trusted_keys(Key const&, Value const& value, Target& target) {
    std::vector<std::string>& keys = target.options.operators.trusted_keys;
    keys.clear();
    for (auto const& [text, at] : texts_of(value, "trusted", target.problems)) {
        if (crypto::is_public_nkey(text, crypto::NkeyKind::Operator)) {
            keys.push_back(text);
        } else {
            target.problems.error(at, concat("trust key ", base::quoted(text),
                                             " required to be a valid public operator nkey"));
        }
    }
}

void read_resolver(Key const& key, Value const& value, Target& target) {
    ResolverOptions& resolver = target.options.operators.resolver;
    // `resolver_tls` may stand before.
    std::optional<TlsOptions> tls = std::move(resolver.tls);
    resolver = ResolverOptions{};
    resolver.tls = std::move(tls);
    if (auto const* text = value.as<std::string>()) {
        if (!read_resolver_text(*text, resolver)) {
            target.problems.error(value.position(), kNoResolver);
        }
        return;
    }
    Target inner = target.of(&resolver);
    read_block(key.inner, value, inner);
}

void read_resolver_preload(Key const&, Value const& value, Target& target) {
    auto const* map = value.as<Value::Map>();
    if (map == nullptr) {
        return target.problems.error(value.position(),
                                     "preload should be a map of account_public_key:account_jwt");
    }
    std::vector<std::pair<std::string, std::string>> preload;
    for (auto const& [account, entry] : in_order(*map)) {
        auto const* text = entry->as<std::string>();
        if (text == nullptr) {
            target.problems.error(entry->position(), "preload map value should be a string JWT");
        } else if (!claims::decode_account(*text).ok()) {
            target.problems.error(entry->position(), "invalid account JWT");
        } else {
            preload.emplace_back(account, *text);
        }
    }
    target.options.operators.preload = std::move(preload);
}

void read_pinned_accounts(Key const&, Value const& value, Target& target) {
    std::vector<std::string> keys;
    for (auto const& [text, at] : texts_of(value, "resolver_pinned_accounts", target.problems)) {
        keys.push_back(text);
    }
    target.options.operators.pinned_accounts = std::move(keys);
}

void read_proxies(Key const& key, Value const& value, Target& target) {
    read_block(key.inner, value, target);
}

BlockSpec resolver_spec() {
    return {.path = "resolver",
            .about = "Where the JWTs of accounts come from, in operator mode.",
            .example =
                "operator: \"/etc/signalbox/operator.jwt\"\n"
                "system_account: AAPUNTQJFSRYPRZQZ64JODOTD5YGG7QOQOWHUPVT3OXSABW2YBDOO7RL\n"
                "resolver { type: full, dir: \"/var/lib/signalbox/jwt\", interval: \"2m\" }",
            .keys = kResolver,
            .not_a_map =
                [](Value const& value) {
                    return concat("error parsing operator resolver, wrong type ", type_name(value));
                },
            .check = check_resolver};
}

BlockSpec proxies_spec() {
    return {.path = "proxies",
            .about = "Proxies whose word for a client is believed: they sign the nonce of INFO.",
            .example =
                "proxies { trusted: [ { key: "
                "UCAPATEHVIIRQMWUDOGEUKZS4HQUJHUXIR7HVLQ5XNYIJX3ZJMHTB7NI } ] }",
            .keys = kProxies,
            .not_a_map = [](Value const& value) {
                return concat("expected proxies to be a map/struct, got ", type_name(value));
            }};
}

BlockSpec trusted_proxy_spec() {
    return {.path = "proxies.trusted[]",
            .about = "One of them.",
            .example =
                "trusted: [ { key: "
                "UCAPATEHVIIRQMWUDOGEUKZS4HQUJHUXIR7HVLQ5XNYIJX3ZJMHTB7NI } ]",
            .keys = kTrustedProxy,
            .not_a_map =
                [](Value const& value) {
                    return concat("expected proxies' trusted entry to be a map/struct, got ",
                                  type_name(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("expected proxies' trusted field to be an array, got ",
                                  type_name(value));
                },
            .check = check_proxy};
}

}  // namespace signalbox::config
