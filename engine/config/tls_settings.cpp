#include "engine/config/tls_settings.h"

namespace signalbox::config {
namespace {

tls::Settings common_settings(TlsOptions const& options) {
    tls::Settings settings;
    for (TlsCertificate const& certificate : options.certificates) {
        settings.certificates.push_back(
            {.cert_pem = certificate.cert_pem, .key_pem = certificate.key_pem});
    }
    settings.ca_pem = options.ca_pem;
    settings.cipher_suites = options.cipher_suites;
    settings.curves = options.curve_preferences;
    settings.min_version = options.min_version;
    settings.pinned = options.pinned_certs;
    return settings;
}

}  // namespace

tls::Settings listening_settings(TlsOptions const& options) {
    tls::Settings settings = common_settings(options);
    bool const asks = options.verify || options.verify_and_map;
    settings.verify = asks ? tls::Verify::Peer : tls::Verify::Nothing;
    return settings;
}

tls::Settings dialling_settings(TlsOptions const& options) {
    tls::Settings settings = common_settings(options);
    settings.verify = options.insecure ? tls::Verify::Nothing : tls::Verify::Peer;
    return settings;
}

}  // namespace signalbox::config
