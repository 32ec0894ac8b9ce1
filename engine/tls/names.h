#pragma once

#include <span>
#include <string>
#include <string_view>

namespace signalbox::tls {

/// A cipher suite by the name of the registry, which the configuration uses, and by that of the
/// library.
struct CipherSuite {
    std::string_view name;
    std::string_view library_name;
    /// Of TLS 1.3: always on, whatever is configured, as in the reference.
    bool always = false;
    bool secure = true;      ///< Else it has to be allowed by name.
    bool by_default = true;  ///< Offered when nothing is configured.
};

/// In the order of preference.
std::span<CipherSuite const> cipher_suites();

/// Null: there is none of that name. Upper and lower case are the same.
CipherSuite const* find_cipher_suite(std::string_view name);

/// A group for the key exchange, likewise.
struct Curve {
    std::string_view name;
    std::string_view library_name;
};

std::span<Curve const> curves();
Curve const* find_curve(std::string_view name);

}  // namespace signalbox::tls
