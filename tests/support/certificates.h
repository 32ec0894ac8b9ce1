#pragma once

#include "engine/base/time.h"
#include "engine/tls/settings.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::support {

enum class KeyKind {
    Ecdsa,
    Rsa,
    Ed25519,
};

/// A certificate to be made.
struct CertificateWish {
    /// Attributes by their short names, in order; one whose name begins with `+` joins the one
    /// before it in one part.
    std::vector<std::pair<std::string, std::string>> subject = {{"CN", "localhost"}};
    /// As in the library's configuration: `DNS:localhost,IP:127.0.0.1`; empty: none.
    std::string names = "DNS:localhost,IP:127.0.0.1";
    std::string extended_usage;  ///< Such as `serverAuth`; empty: any.
    /// Of TLS features, as the library's configuration has it: `status_request`; empty: none.
    std::string features;
    /// Where to ask about it: `OCSP;URI:http://…`; empty: nowhere.
    std::string access;
    KeyKind key = KeyKind::Ecdsa;
    int valid_from_days = -1;
    int valid_to_days = 2;
};

/// An authority of its own that signs certificates. Made anew by each test, so that none expires.
class Authority {
public:
    explicit Authority(std::string const& name = "test authority");
    ~Authority();

    Authority(Authority const&) = delete;
    Authority& operator=(Authority const&) = delete;

    std::string pem() const;
    tls::KeyPair issue(CertificateWish const& wish) const;

    /// What an OCSP responder of this authority says at `now` of a certificate it issued, in DER,
    /// in answer to `request`; it holds for an hour.
    std::string ocsp_answer(std::string const& request, bool revoked, WallTime now) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signalbox::support
