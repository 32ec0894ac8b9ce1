#pragma once

#include <string>
#include <vector>

namespace signalbox::tls {

/// One assertion of a distinguished name. `type` is the short name where RFC 4514 and its users
/// have one (`CN`, `OU`, `DC`, `UID`), else the dotted number; `value` is the text, unescaped.
struct NameAttribute {
    std::string type;
    std::string value;

    friend bool operator==(NameAttribute const&, NameAttribute const&) = default;
};

/// A relative distinguished name: usually one attribute, several when it is multi-valued.
using RelativeName = std::vector<NameAttribute>;

/// A certificate that a peer showed.
struct PeerCertificate {
    std::string subject;      ///< As `PeerIdentity::subject`, of this certificate.
    std::string spki_sha256;  ///< Of its SubjectPublicKeyInfo in DER; 64 digits in lower case.
    std::string cert_sha256;  ///< Of the whole certificate in DER; likewise.
    std::string pem;
};

/// What a TLS handshake told of the peer, and what was agreed on with it. Made once at its end and
/// never changed.
struct PeerIdentity {
    std::string version;      ///< `1.2` or `1.3`.
    std::string cipher;       ///< By its IANA name, such as `TLS_AES_128_GCM_SHA256`.
    std::string server_name;  ///< The host the peer asked for; empty: it named none.

    /// The peer's own certificate first, then those it sent along. Empty: it showed none, and all
    /// below is empty too.
    std::vector<PeerCertificate> certificates;
    /// The chain from the peer's certificate to the authority that vouches for it, in PEM; empty
    /// when nothing was verified.
    std::vector<std::string> verified_chain;

    /// The subject as the reference prints it: `CN=…,OU=…,O=…`, the most specific part first and
    /// in a fixed order of types, values of one type joined by `+`, escaped by RFC 4514. Types
    /// beside the usual nine are left out.
    std::string subject;
    /// The same with the domain components at its end, `…,DC=x,DC=y`; empty when it has none.
    std::string subject_with_domain;
    /// The whole subject, in the order of the certificate, for a comparison part by part.
    std::vector<RelativeName> names;

    std::vector<std::string> emails;     ///< Subject alternative names, by their kind.
    std::vector<std::string> dns_names;  ///< Likewise.
    std::vector<std::string> uris;       ///< Likewise.
};

}  // namespace signalbox::tls
