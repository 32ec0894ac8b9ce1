#include "engine/tls/context.h"

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/tls/certificate.h"
#include "engine/tls/memory_bio.h"
#include "engine/tls/names.h"
#include "engine/tls/session.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

namespace signalbox::tls {
namespace {

constexpr std::string_view kSessionScope = "signalbox";

Error wrong(std::string_view what) {
    return Error(Errc::InvalidArgument, concat(what, ": ", take_library_error()));
}

/// Adds `identity` to what a context or one session shows.
template <class Target, class Use>
bool use_identity(Target* target, Use use, Context::Identity const& identity) {
    STACK_OF(X509)* const rest = sk_X509_new_null();
    for (std::size_t i = 1; i < identity.chain.size(); ++i) {
        sk_X509_push(rest, identity.chain[i].get());
    }
    bool const done = use(target, identity.chain.front().get(), identity.key.get(), rest, 1) == 1;
    sk_X509_free(rest);
    return done;
}

bool is_for(Context::Identity const& identity, char const* host) {
    return host == nullptr ||
           X509_check_host(identity.chain.front().get(), host, 0, 0, nullptr) == 1;
}

}  // namespace

Result<std::shared_ptr<Context const>> Context::create(Role role, Settings const& settings) {
    ERR_clear_error();
    std::shared_ptr<Context> made(new Context(role, settings.verify));
    made->handle_.reset(
        SSL_CTX_new(role == Role::Server ? TLS_server_method() : TLS_client_method()));
    made->memory_ = make_memory_bio_method();
    if (!made->handle_ || !made->memory_) {
        return wrong("error making a TLS context");
    }
    SSL_CTX* const handle = made->handle_.get();
    // Nobody resumes a session: each handshake checks the certificates that count now.
    SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(handle, 0);
    SSL_CTX_set_session_id_context(handle,
                                   reinterpret_cast<unsigned char const*>(kSessionScope.data()),
                                   static_cast<unsigned>(kSessionScope.size()));
    // Bytes for a write may have moved when it is tried again; idle sessions hold no buffers; what
    // is shown is what was configured.
    SSL_CTX_set_mode(handle, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS |
                                 SSL_MODE_NO_AUTO_CHAIN);
    if (role == Role::Server) {
        // What the header's macro does, whose cast is not of this language.
        SSL_CTX_callback_ctrl(handle, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
                              reinterpret_cast<void (*)()>(&Session::show_staple));
    }
    TRY(made->choose_versions(settings));
    TRY(made->choose_ciphers(settings));
    TRY(made->choose_curves(settings));
    TRY(made->load_identities(settings));
    TRY(made->trust(settings));
    made->pinned_ = settings.pinned;
    std::ranges::sort(made->pinned_);
    return std::shared_ptr<Context const>(std::move(made));
}

bool Context::admits(std::string_view spki_sha256) const {
    return pinned_.empty() || std::ranges::binary_search(pinned_, spki_sha256);
}

WallTime Context::not_after() const {
    WallTime first;
    for (Identity const& identity : identities_) {
        WallTime const end = tls::not_after(identity.chain.front().get());
        if (!first.is_set() || end < first) {
            first = end;
        }
    }
    return first;
}

Result<void> Context::choose_versions(Settings const& settings) {
    int version = 0;
    if (settings.min_version == "1.2" || settings.min_version.empty()) {
        version = TLS1_2_VERSION;
    } else if (settings.min_version == "1.3") {
        version = TLS1_3_VERSION;
    } else {
        return Error(Errc::InvalidArgument,
                     concat("unknown TLS version ", base::quoted(settings.min_version)));
    }
    SSL_CTX_set_min_proto_version(handle_.get(), version);
    SSL_CTX_set_max_proto_version(handle_.get(), TLS1_3_VERSION);
    return {};
}

Result<void> Context::choose_ciphers(Settings const& settings) {
    std::string always;
    std::string chosen;
    auto const add = [](std::string& list, CipherSuite const& suite) {
        append(list, list.empty() ? "" : ":", suite.library_name);
    };
    for (CipherSuite const& suite : cipher_suites()) {
        if (suite.always) {
            add(always, suite);
        } else if (settings.cipher_suites.empty() && suite.by_default) {
            add(chosen, suite);
        }
    }
    for (std::string const& name : settings.cipher_suites) {
        CipherSuite const* const suite = find_cipher_suite(name);
        if (suite == nullptr) {
            return Error(Errc::InvalidArgument, concat("unrecognized cipher ", name));
        }
        if (!suite->always) {
            add(chosen, *suite);
        }
    }
    SSL_CTX_set_ciphersuites(handle_.get(), always.c_str());
    if (chosen.empty() || SSL_CTX_set_cipher_list(handle_.get(), chosen.c_str()) != 1) {
        // Nothing that was chosen can be had up to 1.2, so that nobody is served with it.
        ERR_clear_error();
        SSL_CTX_set_min_proto_version(handle_.get(), TLS1_3_VERSION);
    }
    return {};
}

Result<void> Context::choose_curves(Settings const& settings) {
    std::vector<std::string_view> names;
    for (std::string const& name : settings.curves) {
        Curve const* const curve = find_curve(name);
        if (curve == nullptr) {
            return Error(Errc::InvalidArgument, concat("unrecognized curve preference ", name));
        }
        names.push_back(curve->library_name);
    }
    if (settings.curves.empty()) {
        for (Curve const& curve : curves()) {
            names.push_back(curve.library_name);
        }
    }
    std::string chosen;
    for (std::string_view const name : names) {
        // An older library lacks the newest; the others are enough.
        if (SSL_CTX_set1_groups_list(handle_.get(), std::string(name).c_str()) == 1) {
            append(chosen, chosen.empty() ? "" : ":", name);
        }
    }
    ERR_clear_error();
    if (chosen.empty()) {
        return Error(Errc::InvalidArgument,
                     "none of the curve preferences is known to this machine's TLS library");
    }
    CHECK(SSL_CTX_set1_groups_list(handle_.get(), chosen.c_str()) == 1);
    return {};
}

Result<void> Context::load_identities(Settings const& settings) {
    for (KeyPair const& pair : settings.certificates) {
        Identity identity;
        auto chain = read_certificates(pair.cert_pem);
        if (!chain.ok() || chain.value().empty()) {
            return Error(Errc::InvalidArgument,
                         concat("error parsing X509 certificate/key pair: ",
                                chain.ok() ? "no certificate" : chain.error().detail()));
        }
        identity.chain = std::move(chain).value();
        auto key = read_key(pair.key_pem.reveal());
        if (!key.ok()) {
            return Error(Errc::InvalidArgument,
                         concat("error parsing X509 certificate/key pair: ", key.error().detail()));
        }
        identity.key = std::move(key).value();
        if (!use_identity(handle_.get(), &SSL_CTX_use_cert_and_key, identity)) {
            return wrong("error parsing X509 certificate/key pair");
        }
        identities_.push_back(std::move(identity));
    }
    if (role_ == Role::Server && identities_.empty()) {
        return Error(Errc::InvalidArgument, "TLS cert and key required");
    }
    if (identities_.size() > 1 && role_ == Role::Server) {
        SSL_CTX_set_cert_cb(handle_.get(), &Context::choose_certificate, this);
    }
    return {};
}

/// Of several certificates those for the host that the client asks for, one of each kind of key;
/// the first of all when none is for it. May run on any thread.
int Context::choose_certificate(SSL* session, void* context) {
    auto const& identities = static_cast<Context const*>(context)->identities_;
    char const* const host = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    SSL_certs_clear(session);
    std::vector<int> kinds;
    for (Identity const& identity : identities) {
        int const kind = EVP_PKEY_get_base_id(identity.key.get());
        if (is_for(identity, host) && std::ranges::find(kinds, kind) == kinds.end() &&
            use_identity(session, &SSL_use_cert_and_key, identity)) {
            kinds.push_back(kind);
        }
    }
    if (kinds.empty()) {
        use_identity(session, &SSL_use_cert_and_key, identities.front());
    }
    ERR_clear_error();
    return 1;
}

Result<void> Context::trust(Settings const& settings) {
    if (!settings.ca_pem.empty()) {
        auto authorities = read_certificates(settings.ca_pem);
        if (!authorities.ok() || authorities.value().empty()) {
            return Error(Errc::InvalidArgument, "failed to parse root ca certificate");
        }
        STACK_OF(X509_NAME)* const names = sk_X509_NAME_new_null();
        for (X509Ptr const& authority : authorities.value()) {
            X509_STORE_add_cert(trusted(), authority.get());
            sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(authority.get())));
        }
        if (role_ == Role::Server) {
            SSL_CTX_set_client_CA_list(handle_.get(), names);
        } else {
            sk_X509_NAME_pop_free(names, X509_NAME_free);
        }
    } else if (verify_ == Verify::Peer) {
        SSL_CTX_set_default_verify_paths(handle_.get());
    }
    if (verify_ == Verify::Peer) {
        SSL_CTX_set_verify(handle_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           nullptr);
    }
    ERR_clear_error();
    return {};
}

}  // namespace signalbox::tls
