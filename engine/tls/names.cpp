#include "engine/tls/names.h"

#include "engine/base/text.h"

#include <algorithm>
#include <array>

namespace signalbox::tls {
namespace {

/// Ciphers without authenticated encryption are secure by the reference's list but not ours: they
/// are there when they are configured, and only then.
// Arrays of the language: g++ keeps a deduced std::array where it could be written.
constexpr CipherSuite kCipherSuites[] = {
    CipherSuite{
        .name = "TLS_AES_128_GCM_SHA256", .library_name = "TLS_AES_128_GCM_SHA256", .always = true},
    CipherSuite{
        .name = "TLS_AES_256_GCM_SHA384", .library_name = "TLS_AES_256_GCM_SHA384", .always = true},
    CipherSuite{.name = "TLS_CHACHA20_POLY1305_SHA256",
                .library_name = "TLS_CHACHA20_POLY1305_SHA256",
                .always = true},
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                .library_name = "ECDHE-ECDSA-AES128-GCM-SHA256"},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                .library_name = "ECDHE-RSA-AES128-GCM-SHA256"},
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                .library_name = "ECDHE-ECDSA-AES256-GCM-SHA384"},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                .library_name = "ECDHE-RSA-AES256-GCM-SHA384"},
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                .library_name = "ECDHE-ECDSA-CHACHA20-POLY1305"},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                .library_name = "ECDHE-RSA-CHACHA20-POLY1305"},
    // The same two, by the names the language had for them at first.
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
                .library_name = "ECDHE-ECDSA-CHACHA20-POLY1305",
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
                .library_name = "ECDHE-RSA-CHACHA20-POLY1305",
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                .library_name = "ECDHE-ECDSA-AES128-SHA",
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                .library_name = "ECDHE-RSA-AES128-SHA",
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                .library_name = "ECDHE-ECDSA-AES256-SHA",
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                .library_name = "ECDHE-RSA-AES256-SHA",
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
                .library_name = "ECDHE-ECDSA-AES128-SHA256",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
                .library_name = "ECDHE-RSA-AES128-SHA256",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_RSA_WITH_AES_128_GCM_SHA256",
                .library_name = "AES128-GCM-SHA256",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_RSA_WITH_AES_256_GCM_SHA384",
                .library_name = "AES256-GCM-SHA384",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_RSA_WITH_AES_128_CBC_SHA256",
                .library_name = "AES128-SHA256",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_RSA_WITH_AES_128_CBC_SHA",
                .library_name = "AES128-SHA",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_RSA_WITH_AES_256_CBC_SHA",
                .library_name = "AES256-SHA",
                .secure = false,
                .by_default = false},
    // Known, but no library of today has them: nothing comes of configuring them.
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
                .library_name = "ECDHE-RSA-DES-CBC3-SHA",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                .library_name = "DES-CBC3-SHA",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_RSA_WITH_RC4_128_SHA",
                .library_name = "RC4-SHA",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
                .library_name = "ECDHE-RSA-RC4-SHA",
                .secure = false,
                .by_default = false},
    CipherSuite{.name = "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
                .library_name = "ECDHE-ECDSA-RC4-SHA",
                .secure = false,
                .by_default = false},
};

/// The first three are for newer libraries; one that lacks them goes on without.
constexpr Curve kCurves[] = {
    Curve{.name = "X25519MLKEM768", .library_name = "X25519MLKEM768"},
    Curve{.name = "SecP256r1MLKEM768", .library_name = "SecP256r1MLKEM768"},
    Curve{.name = "SecP384r1MLKEM1024", .library_name = "SecP384r1MLKEM1024"},
    Curve{.name = "X25519", .library_name = "X25519"},
    Curve{.name = "CurveP256", .library_name = "P-256"},
    Curve{.name = "CurveP384", .library_name = "P-384"},
    Curve{.name = "CurveP521", .library_name = "P-521"},
};

template <class T>
T const* find(std::span<T const> all, std::string_view name) {
    auto const found = std::ranges::find_if(
        all, [&](T const& each) { return base::equal_ignoring_case(each.name, name); });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::span<CipherSuite const> cipher_suites() {
    return kCipherSuites;
}

CipherSuite const* find_cipher_suite(std::string_view name) {
    return find(cipher_suites(), name);
}

std::span<Curve const> curves() {
    return kCurves;
}

Curve const* find_curve(std::string_view name) {
    return find(curves(), name);
}

}  // namespace signalbox::tls
