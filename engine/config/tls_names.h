#pragma once

#include <algorithm>
#include <array>
#include <string_view>

/// The names that `cipher_suites` and `curve_preferences` may hold: those of the reference.
namespace signalbox::config {

inline constexpr std::array<std::string_view, 13> kCipherSuites = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
};

/// Only with `allow_insecure_cipher_suites`.
inline constexpr std::array<std::string_view, 12> kInsecureCipherSuites = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_RC4_128_SHA",
};

inline constexpr std::array<std::string_view, 7> kCurves = {
    "X25519MLKEM768",    "X25519", "CurveP256", "CurveP384", "CurveP521", "SecP384r1MLKEM1024",
    "SecP256r1MLKEM768",
};

inline bool is_insecure_cipher_suite(std::string_view name) {
    return std::ranges::find(kInsecureCipherSuites, name) != kInsecureCipherSuites.end();
}

inline bool is_cipher_suite(std::string_view name) {
    return std::ranges::find(kCipherSuites, name) != kCipherSuites.end() ||
           is_insecure_cipher_suite(name);
}

inline bool is_curve(std::string_view name) {
    return std::ranges::find(kCurves, name) != kCurves.end();
}

}  // namespace signalbox::config
