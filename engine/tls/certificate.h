#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/tls/handles.h"
#include "engine/tls/peer_identity.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::tls {

/// All certificates of a PEM text, other blocks skipped. Errors: Malformed (one cannot be read).
Result<std::vector<X509Ptr>> read_certificates(std::string_view pem);

/// The first private key of a PEM text. Errors: Malformed (none, or one behind a password).
Result<KeyPtr> read_key(std::string_view pem);

PeerCertificate facts_of(X509* certificate);
std::string pem_of(X509* certificate);
/// SHA-256 of the SubjectPublicKeyInfo in DER, in lower-case hex.
std::string spki_digest(X509* certificate);
WallTime not_after(X509* certificate);
/// Unset when it is none.
WallTime wall_time_of(ASN1_TIME const* time);

/// The names of `certificate` in `identity`: subject and alternative names.
void read_names(X509* certificate, PeerIdentity& identity);

/// The subject as the reference prints it; see `PeerIdentity::subject`.
std::string subject_text(std::vector<RelativeName> const& names);

}  // namespace signalbox::tls
