#include "engine/base/text.h"
#include "engine/config/keys/schema_rows.h"
#include "engine/config/tls_files.h"
#include "engine/config/tls_settings.h"
#include "engine/tls/context.h"
#include "engine/tls/names.h"

#include <algorithm>

namespace signalbox::config {

namespace {

using T = TlsOptions;

template <auto Path>
void read_tls_flag(Key const& key, Value const& value, Target& target) {
    if (auto const* yes = value.as<bool>()) {
        at<Path>(target.as<RootOf<Path>>()) = *yes;
    } else {
        target.problems.error(value.position(), concat("error parsing tls config, expected '",
                                                       key.name(), "' to be a boolean"));
    }
}

/// The name of a file, or nothing and a problem.
std::string file_name_of(Key const& key, Value const& value, Problems& problems) {
    if (auto const* name = value.as<std::string>()) {
        return *name;
    }
    problems.error(value.position(),
                   concat("error parsing tls config, expected '", key.name(), "' to be filename"));
    return "";
}

TlsCertificate& only_certificate(TlsOptions& tls) {
    if (tls.certificates.empty()) {
        tls.certificates.emplace_back();
    }
    return tls.certificates.front();
}

void read_only_cert_file(Key const& key, Value const& value, Target& target) {
    only_certificate(target.as<T>()).cert_file = file_name_of(key, value, target.problems);
}

void read_only_key_file(Key const& key, Value const& value, Target& target) {
    only_certificate(target.as<T>()).key_file = file_name_of(key, value, target.problems);
}

template <auto Member>
void read_file_name(Key const& key, Value const& value, Target& target) {
    at<Member>(target.as<RootOf<Member>>()) = file_name_of(key, value, target.problems);
}

/// Adds to what may stand there already: `cert_file` beside `certs` is told afterwards.
void read_certificates(Key const& key, Value const& value, Target& target) {
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        return target.problems.error(value.position(), spec_of(key.inner).not_an_array(value));
    }
    for (Value const& entry : *array) {
        TlsCertificate certificate;
        Target inner = target.of(&certificate);
        if (read_block(key.inner, entry, inner)) {
            target.as<T>().certificates.push_back(std::move(certificate));
        }
    }
}

void read_tls_timeout(Key const& key, Value const& value, Target& target) {
    Problems found;
    std::optional<Duration> const timeout = read_seconds(key, value, found);
    if (timeout) {
        target.as<T>().timeout = timeout->count() == 0 ? T{}.timeout : *timeout;
        return;
    }
    auto const* text = value.as<std::string>();
    target.problems.error(
        value.position(),
        text == nullptr ? "error parsing tls config, 'timeout' wrong type"
                        : concat("error parsing tls config, 'timeout' ", duration_error(*text)));
}

/// An array of names that are known; nothing and a problem otherwise.
std::optional<std::vector<std::string>> known_names(Key const& key, Value const& value,
                                                    bool (*known)(std::string_view),
                                                    std::string_view what, Problems& problems) {
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        wrong_type(value, "[]interface {}", problems);
        return std::nullopt;
    }
    if (array->empty()) {
        problems.error(value.position(),
                       concat("error parsing tls config, '", key.name(), "' cannot be empty"));
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (Value const& element : *array) {
        auto const* name = element.as<std::string>();
        if (name == nullptr) {
            wrong_type(element, "string", problems);
            return std::nullopt;
        }
        if (!known(*name)) {
            problems.error(element.position(), concat("unrecognized ", what, " ", *name));
            return std::nullopt;
        }
        names.push_back(*name);
    }
    return names;
}

bool is_cipher_suite(std::string_view name) {
    tls::CipherSuite const* const suite = tls::find_cipher_suite(name);
    return suite != nullptr && suite->name == name;
}

bool is_curve(std::string_view name) {
    tls::Curve const* const curve = tls::find_curve(name);
    return curve != nullptr && curve->name == name;
}

void read_cipher_suites(Key const& key, Value const& value, Target& target) {
    if (auto names = known_names(key, value, is_cipher_suite, "cipher", target.problems)) {
        target.as<T>().cipher_suites = std::move(*names);
    }
}

void read_curves(Key const& key, Value const& value, Target& target) {
    if (auto names = known_names(key, value, is_curve, "curve preference", target.problems)) {
        target.as<T>().curve_preferences = std::move(*names);
    }
}

void read_min_version(Key const&, Value const& value, Target& target) {
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        return target.problems.error(
            value.position(),
            concat("error parsing tls config: 'min_version' wrong type: ", shown(value)));
    }
    if (*text != "1.2" && *text != "1.3") {
        bool const old = *text == "1.0" || *text == "1.1";
        return target.problems.error(
            value.position(),
            concat("error parsing tls config: ",
                   old ? "unsupported TLS version: TLS " : "unknown version: ", *text));
    }
    target.as<T>().min_version = *text;
}

bool is_fingerprint(std::string_view text) {
    auto const is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 64 && std::ranges::all_of(text, is_hex);
}

void read_pinned_certs(Key const&, Value const& value, Target& target) {
    constexpr std::string_view kWhat = "hex-encoded sha256 of DER encoded SubjectPublicKeyInfo";
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        return target.problems.error(
            value.position(),
            concat("error parsing tls config, expected 'pinned_certs' to be a list of ", kWhat));
    }
    std::vector<std::string> pinned;
    for (Value const& element : *array) {
        auto const* text = element.as<std::string>();
        std::string const key = text == nullptr ? shown(element) : base::to_lower(*text);
        if (!is_fingerprint(key)) {
            target.problems.error(element.position(),
                                  concat("error parsing tls config, 'pinned_certs' key ", key,
                                         " does not look like ", kWhat));
            continue;
        }
        pinned.push_back(key);
    }
    target.as<T>().pinned_certs = std::move(pinned);
}

void read_rate_limit(Key const&, Value const& value, Target& target) {
    auto const* rate = value.as<std::int64_t>();
    if (rate == nullptr || *rate < 0) {
        return target.problems.error(
            value.position(), "error parsing tls config, 'connection_rate_limit' wrong type");
    }
    target.as<T>().connection_rate_limit = *rate;
}

void read_handshake_first(Key const&, Value const& value, Target& target) {
    auto& tls = target.as<T>();
    if (auto const* yes = value.as<bool>()) {
        tls.handshake_first = *yes ? HandshakeFirst::Always : HandshakeFirst::Never;
        return;
    }
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        return target.problems.error(value.position(),
                                     concat("field \"handshake_first\" should be a boolean or a "
                                            "string, got ",
                                            type_name(value)));
    }
    std::string const lower = base::to_lower(base::trim(*text));
    if (lower == "true" || lower == "on" || lower == "false" || lower == "off") {
        tls.handshake_first =
            lower == "true" || lower == "on" ? HandshakeFirst::Always : HandshakeFirst::Never;
        return;
    }
    tls.handshake_first = HandshakeFirst::Fallback;
    if (lower == "auto" || lower == "auto_fallback") {
        return;
    }
    Problems ignored;
    std::optional<Duration> const delay = duration_text("handshake_first", value, ignored);
    if (!delay || *delay < Duration{0}) {
        return target.problems.error(value.position(), concat("field \"handshake_first\"'s value ",
                                                              base::quoted(*text), " is invalid"));
    }
    tls.handshake_first_delay = *delay;
}

void read_ocsp_peer(Key const& key, Value const& value, Target& target) {
    std::optional<OcspPeer>& peer = target.as<T>().ocsp_peer;
    if (auto const* yes = value.as<bool>()) {
        peer = *yes ? std::optional(OcspPeer{.verify = true}) : std::nullopt;
        return;
    }
    Target inner = target.of(&peer.emplace());
    read_block(key.inner, value, inner);
}

/// A number of seconds, or a text as `2m`. Zero and less are the default.
template <auto Path>
void read_ocsp_duration(Key const& key, Value const& value, Target& target) {
    Problems found;
    std::optional<Duration> const duration = read_seconds(key, value, found);
    if (!duration) {
        return target.problems.error(
            value.position(),
            concat("error parsing tls peer config, conversion error: ", shown(value)));
    }
    if (duration->count() > 0) {
        at<Path>(target.as<RootOf<Path>>()) = *duration;
    }
}

void check_certificate(Value const& value, Value::Map const&, Target& target) {
    auto const& certificate = target.as<TlsCertificate>();
    if (certificate.cert_file.empty() || certificate.key_file.empty()) {
        target.problems.error(value.position(),
                              "error parsing certificates config: both 'cert_file' and 'cert_key' "
                              "options are required");
    }
}

/// Whether the library takes what the files hold: a key that is of another certificate, a curve
/// that this machine does not have.
void check_with_library(TlsOptions const& tls, Position const& at, Target& target) {
    bool const listens = !tls.certificates.empty();
    auto const context = listens ? tls::Context::create(tls::Role::Server, listening_settings(tls))
                                 : tls::Context::create(tls::Role::Client, dialling_settings(tls));
    if (!context.ok()) {
        target.problems.error(at, context.error().detail());
    }
}

/// Of the one certificate that the block itself names.
bool is_whole(TlsCertificate const& certificate, Position const& at, Problems& problems) {
    if (!certificate.cert_file.empty() && !certificate.key_file.empty()) {
        return true;
    }
    problems.error(at, certificate.cert_file.empty() ? "missing 'cert_file' in TLS configuration"
                                                     : "missing 'key_file' in TLS configuration");
    return false;
}

void check_tls(Value const& value, Value::Map const& map, Target& target) {
    auto& tls = target.as<T>();
    Position const& at = value.position();
    std::size_t const found_before = target.problems.errors.size();
    bool const several = member(Block::Tls, map, "certs") != nullptr;
    if (several && (member(Block::Tls, map, "cert_file") != nullptr ||
                    member(Block::Tls, map, "key_file") != nullptr)) {
        return target.problems.error(
            at, "error parsing tls config, cannot combine 'cert_file' option with 'certs' option");
    }
    if (!tls.allow_insecure_cipher_suites) {
        for (std::string const& name : tls.cipher_suites) {
            tls::CipherSuite const* const suite = tls::find_cipher_suite(name);
            if (suite != nullptr && !suite->secure) {
                return target.problems.error(at,
                                             concat("insecure cipher suites configured without "
                                                    "'allow_insecure_cipher_suites' option set: ",
                                                    name));
            }
        }
    }
    std::erase_if(tls.certificates, [](TlsCertificate const& certificate) {
        return certificate.cert_file.empty() && certificate.key_file.empty();
    });
    bool whole = true;
    for (TlsCertificate const& certificate : tls.certificates) {
        whole = is_whole(certificate, at, target.problems) && whole;
    }
    if (whole) {
        Result<void> const loaded = load_tls_files(tls, target.files);
        if (!loaded.ok()) {
            target.problems.error(at, loaded.error().detail());
        }
    }
    tls.verify = tls.verify || tls.verify_and_map;
    if (target.problems.errors.size() == found_before) {
        check_with_library(tls, at, target);
    }
}

void read_known_urls(Key const& key, Value const& value, Target& target) {
    if (value.as<bool>() == nullptr) {
        return target.problems.error(
            value.position(),
            concat("error parsing tls config, expected '", key.name(), "' to be a boolean"));
    }
    if (!target.between_servers) {
        return target.problems.error(
            value.position(), "verify_cert_and_check_known_urls not supported in this context");
    }
    target.as<T>().verify_known_urls = *value.as<bool>();
    target.as<T>().verify = target.as<T>().verify || *value.as<bool>();
}

template <auto Path>
constexpr Key flag(std::string_view names, std::string_view about) {
    return special(nested<Path>(names, about), read_tls_flag<Path>);
}

constexpr Key kTls[] = {
    row("cert_file", KeyType::String, "The certificate and those between it and the root, as PEM.",
        read_only_cert_file),
    row("key_file", KeyType::String, "The certificate's private key, as PEM.", read_only_key_file),
    special(nested<&T::ca_file>("ca_file", "The roots that peers' certificates lead to, as PEM."),
            read_file_name<&T::ca_file>),
    blocks(row("certs certificates", KeyType::Blocks,
               "Several certificates, of which the peer's wishes choose one.", nullptr),
           Block::TlsCertificate, read_certificates),
    flag<&T::verify>("verify", "Clients must show a certificate of `ca_file`."),
    flag<&T::verify_and_map>("verify_and_map",
                             "The same, and the certificate says which user the client is."),
    row("verify_cert_and_check_known_urls", KeyType::Boolean,
        "Of connections between servers: the certificate names a host of `routes`.",
        read_known_urls),
    flag<&T::insecure>("insecure", "Of a side that dials: it checks no certificate."),
    special(described<&T::timeout>("timeout", kApplied, "", "How long a handshake may take."),
            read_tls_timeout, KeyType::Seconds),
    row("cipher_suites", KeyType::Strings,
        "The only suites of TLS 1.2; all that are secure when "
        "not given.",
        read_cipher_suites),
    flag<&T::allow_insecure_cipher_suites>("allow_insecure_cipher_suites",
                                           "`cipher_suites` may name insecure ones."),
    row("curve_preferences", KeyType::Strings, "The key exchanges, best first.", read_curves),
    with_choices(special(nested<&T::min_version>("min_version", "The oldest version of TLS."),
                         read_min_version),
                 "1.2 1.3"),
    row("pinned_certs", KeyType::Strings,
        "SHA-256 of the public keys (SubjectPublicKeyInfo) of the only peers let in, in hex.",
        read_pinned_certs),
    special(nested<&T::connection_rate_limit>("connection_rate_limit",
                                              "Handshakes a second; 0 is no limit."),
            read_rate_limit),
    [] {
        Key one =
            row("handshake_first first immediate", KeyType::Boolean,
                "The handshake comes before INFO; with `auto` or a duration INFO is sent when "
                "none began within that time, 50ms with `auto`.",
                read_handshake_first);
        one.also = "auto or a duration";
        one.choices = "true false auto";
        return one;
    }(),
    block(row("ocsp_peer", KeyType::Block,
              "Peers' certificates are checked with the responder they name.", nullptr),
          Block::OcspPeer, read_ocsp_peer, "boolean"),
    absent("cert_store", "the certificate store of Windows"),
    absent("cert_match_by", "the certificate store of Windows"),
    absent("cert_match", "the certificate store of Windows"),
    absent("ca_certs_match", "the certificate store of Windows"),
    absent("cert_match_skip_invalid", "the certificate store of Windows"),
};

constexpr Key kCertificate[] = {
    special(nested<&TlsCertificate::cert_file>("cert_file", "The certificate, as PEM."),
            read_file_name<&TlsCertificate::cert_file>),
    special(nested<&TlsCertificate::key_file>("key_file", "Its private key, as PEM."),
            read_file_name<&TlsCertificate::key_file>),
};

template <auto Path>
constexpr Key ocsp_seconds(std::string_view names, std::string_view about) {
    return special(nested<Path>(names, about), read_ocsp_duration<Path>, KeyType::Seconds);
}

constexpr Key kOcspPeer[] = {
    flag<&OcspPeer::verify>("verify", "Peers' certificates are checked."),
    ocsp_seconds<&OcspPeer::ca_timeout>("ca_timeout", "How long a responder may take."),
    ocsp_seconds<&OcspPeer::allowed_clockskew>("allowed_clockskew",
                                               "How much a responder's clock may differ."),
    flag<&OcspPeer::warn_only>("warn_only", "What fails is only logged."),
    flag<&OcspPeer::unknown_is_good>("unknown_is_good",
                                     "A certificate that a responder does not know is good."),
    flag<&OcspPeer::allow_when_ca_unreachable>(
        "allow_when_ca_unreachable", "Without an answer, one that was good before stays good."),
    ocsp_seconds<&OcspPeer::cache_ttl>(
        "cache_ttl_when_next_update_unset",
        "How long an answer holds that does not say when the next one comes."),
};

void read_ocsp_mode(Key const&, Value const& value, Target& target) {
    auto const* text = value.as<std::string>();
    std::string const lower = text == nullptr ? "" : base::to_lower(*text);
    auto& ocsp = target.as<OcspOptions>();
    if (lower == "auto") {
        ocsp.mode = OcspMode::Auto;
    } else if (lower == "always") {
        ocsp.mode = OcspMode::Always;
    } else if (lower == "must") {
        ocsp.mode = OcspMode::Must;
    } else if (lower == "never") {
        ocsp.mode = OcspMode::Never;
    } else {
        target.problems.error(
            value.position(),
            concat("error parsing ocsp config: unsupported ocsp mode ", type_name(value)));
    }
}

void read_ocsp_url(Key const& key, Value const& value, Target& target) {
    std::string url;
    read_value(key, value, target.problems, url);
    if (!url.empty()) {
        target.as<OcspOptions>().urls = {std::move(url)};
    }
}

constexpr Key kOcsp[] = {
    with_choices(row("mode", KeyType::String,
                     "`auto` staples when the certificate says it must be; `always`, `must`, "
                     "`never`.",
                     read_ocsp_mode),
                 "auto always must never"),
    row("url", KeyType::String, "The responder, instead of those the certificate names.",
        read_ocsp_url),
    nested<&OcspOptions::urls>("urls", "The responders, instead of those the certificate names."),
};

}  // namespace

void read_ocsp(Key const& key, Value const& value, Target& target) {
    std::optional<OcspOptions>& ocsp = target.options.ocsp;
    if (auto const* yes = value.as<bool>()) {
        ocsp = OcspOptions{.mode = *yes ? OcspMode::Auto : OcspMode::Never, .urls = {}};
        return;
    }
    Target inner = target.of(&ocsp.emplace());
    read_block(key.inner, value, inner);
}

BlockSpec tls_spec() {
    return {.path = "tls",
            .about = "How connections are encrypted, and who is let in.",
            .example =
                "tls {\n"
                "  cert_file: \"/etc/signalbox/server.pem\"\n"
                "  key_file: \"/etc/signalbox/server-key.pem\"\n"
                "  ca_file: \"/etc/signalbox/clients-ca.pem\"\n"
                "  verify_and_map: true\n"
                "  min_version: \"1.3\"\n"
                "}",
            .keys = kTls,
            .not_a_map = plain_not_a_map,
            .unknown =
                [](std::string_view name) {
                    return concat("error parsing tls config, unknown field ", base::quoted(name));
                },
            .check = check_tls};
}

BlockSpec tls_certificate_spec() {
    return {.path = "tls.certs[]",
            .about = "A certificate and its key.",
            .example =
                "certs: [ { cert_file: rsa.pem, key_file: rsa-key.pem }\n"
                "         { cert_file: ec.pem, key_file: ec-key.pem } ]",
            .keys = kCertificate,
            .not_a_map =
                [](Value const& value) {
                    return concat("error parsing certificates config: unsupported type ",
                                  type_name(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("error parsing certificates config: unsupported type ",
                                  type_name(value));
                },
            .unknown =
                [](std::string_view name) {
                    return concat("error parsing tls certs config, unknown field ",
                                  base::quoted(name));
                },
            .check = check_certificate};
}

BlockSpec ocsp_peer_spec() {
    return {.path = "tls.ocsp_peer",
            .about = "Whether peers' certificates were revoked.",
            .example = "ocsp_peer { verify: true, warn_only: true }",
            .keys = kOcspPeer,
            .not_a_map =
                [](Value const& value) {
                    return concat("error parsing ocsp peer config: unsupported type ",
                                  type_name(value));
                },
            .unknown =
                [](std::string_view name) {
                    return concat("error parsing tls peer config, unknown field [",
                                  base::quoted(name), "]");
                }};
}

BlockSpec ocsp_spec() {
    return {.path = "ocsp",
            .about = "Stapling of OCSP answers for our own certificate.",
            .example = "ocsp { mode: always }",
            .keys = kOcsp,
            .not_a_map =
                [](Value const& value) {
                    return concat("error parsing ocsp config: unsupported type ", type_name(value));
                },
            .unknown =
                [](std::string_view) {
                    return std::string("error parsing ocsp config: unsupported field string");
                }};
}

}  // namespace signalbox::config
