#pragma once

#include "engine/base/time.h"
#include "engine/crypto/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::config {

/// A certificate and its key. The files were read with the configuration, so that the engine waits
/// for no disk, and so that a reload sees that they changed.
struct TlsCertificate {
    std::string cert_file;
    std::string key_file;
    std::string cert_pem;
    crypto::Secret key_pem;

    friend bool operator==(TlsCertificate const&, TlsCertificate const&) = default;
};

/// Whether TLS begins before INFO.
enum class HandshakeFirst {
    Never,
    Always,
    Fallback,  ///< INFO is sent when no handshake began within a time.
};

/// Whether peers' certificates are checked with the responder they name.
struct OcspPeer {
    bool verify = false;
    Duration ca_timeout = base::seconds(2);
    Duration allowed_clockskew = base::seconds(30);
    bool warn_only = false;
    bool unknown_is_good = false;
    bool allow_when_ca_unreachable = false;
    Duration cache_ttl = base::hours(1);

    friend bool operator==(OcspPeer const&, OcspPeer const&) = default;
};

/// A block `tls { … }`, of a listener or of a side that dials.
struct TlsOptions {
    std::vector<TlsCertificate> certificates;
    std::string ca_file;
    std::string ca_pem;
    bool verify = false;          ///< Peers must show a certificate of `ca_file`.
    bool verify_and_map = false;  ///< It says which user they are.
    bool verify_known_urls = false;
    bool insecure = false;  ///< Of the side that dials: it checks nothing.
    Duration timeout = base::seconds(2);
    std::vector<std::string> cipher_suites;  ///< Empty: all that are secure.
    bool allow_insecure_cipher_suites = false;
    std::vector<std::string> curve_preferences;
    std::string min_version = "1.2";
    /// SHA-256 of the SubjectPublicKeyInfo of peers that are let in, 64 digits in lower case;
    /// empty: all.
    std::vector<std::string> pinned_certs;
    std::int64_t connection_rate_limit = 0;  ///< Handshakes a second; 0: no limit.
    HandshakeFirst handshake_first = HandshakeFirst::Never;
    Duration handshake_first_delay = base::milliseconds(50);
    std::optional<OcspPeer> ocsp_peer;

    friend bool operator==(TlsOptions const&, TlsOptions const&) = default;
};

enum class OcspMode {
    Auto,  ///< Staples when the certificate says that it must be stapled.
    Always,
    Must,
    Never,
};

/// Stapling of OCSP answers for our own certificate.
struct OcspOptions {
    OcspMode mode = OcspMode::Auto;
    std::vector<std::string> urls;  ///< Instead of those that the certificate names.

    friend bool operator==(OcspOptions const&, OcspOptions const&) = default;
};

}  // namespace signalbox::config
