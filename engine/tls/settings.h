#pragma once

#include "engine/crypto/secret.h"

#include <string>
#include <vector>

namespace signalbox::tls {

/// A certificate with what it was signed by, and its key, both in PEM.
struct KeyPair {
    std::string cert_pem;
    crypto::Secret key_pem;
};

/// Whether the peer's certificate is asked for and checked.
enum class Verify {
    Nothing,  ///< Of a side that dials: it takes any certificate. Of one that listens: asks none.
    Peer,     ///< Its certificate must be there and come from an authority that is trusted.
};

/// What a context is made of. Names are those of the reference's configuration, which are those of
/// its language: `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`, `CurveP256`.
struct Settings {
    std::vector<KeyPair> certificates;
    std::string ca_pem;  ///< Authorities that are trusted; empty: those of the system.
    Verify verify = Verify::Nothing;
    std::vector<std::string> cipher_suites;  ///< Up to 1.2; empty: those with AEAD.
    std::vector<std::string> curves;         ///< Empty: all there are, in the reference's order.
    std::string min_version = "1.2";
    /// SHA-256 of the SubjectPublicKeyInfo of peers that are let in, in lower-case hex; empty: all.
    std::vector<std::string> pinned;
};

}  // namespace signalbox::tls
