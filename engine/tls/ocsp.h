#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/tls/context.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::tls {

/// What a responder says of a certificate (RFC 6960).
enum class OcspStatus {
    Good,
    Revoked,
    Unknown,
};

struct OcspAnswer {
    OcspStatus status = OcspStatus::Unknown;
    WallTime this_update;
    WallTime next_update;  ///< Unset: the responder has newer ones at any time.
    std::string der;       ///< All of it, to be shown to peers.
};

/// Whether the first certificate of `context` says that peers should demand an answer (RFC 7633).
bool must_be_stapled(Context const& context);

/// A certificate and who issued it, as something that a responder is asked about.
class OcspSubject {
public:
    /// Of the first certificate that `context` shows; the issuer stands behind it in its file, or
    /// is one of the trusted authorities. Errors: NotFound (no certificate, no issuer).
    static Result<OcspSubject> of(Context const& context);
    /// Both in PEM. Errors: Malformed.
    static Result<OcspSubject> of(std::string_view certificate, std::string_view issuer);

    /// The responders that the certificate names.
    std::vector<std::string> responders() const;

    /// The question, in DER.
    std::string question() const;
    /// Errors: Malformed (not an answer to that question, or signed by nobody who may), TimedOut
    /// (not valid at `now`, with clocks that differ by `skew`), Unavailable (the responder does not
    /// say).
    Result<OcspAnswer> read(Bytes der, WallTime now, Duration skew = base::minutes(5)) const;

private:
    OcspSubject(X509Ptr certificate, X509Ptr issuer)
        : certificate_(std::move(certificate)), issuer_(std::move(issuer)) {}

    X509Ptr certificate_;
    X509Ptr issuer_;
};

}  // namespace signalbox::tls
