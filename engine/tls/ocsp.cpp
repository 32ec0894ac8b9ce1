#include "engine/tls/ocsp.h"

#include "engine/base/text.h"
#include "engine/tls/certificate.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

namespace signalbox::tls {
namespace {

using RequestPtr = std::unique_ptr<OCSP_REQUEST, Free<&OCSP_REQUEST_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Free<&OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Free<&OCSP_BASICRESP_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, Free<&OCSP_CERTID_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Free<&X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Free<&X509_STORE_CTX_free>>;

/// The number of the extension's feature that demands an answer (RFC 7633, 4.2.1).
constexpr long kStatusRequest = 5;

X509Ptr shared(X509* certificate) {
    X509_up_ref(certificate);
    return X509Ptr(certificate);
}

bool issued(X509* issuer, X509* certificate) {
    return X509_check_issued(issuer, certificate) == X509_V_OK;
}

/// Whether the issuer, or someone it authorised, signed the answer.
bool is_signed_for(OCSP_BASICRESP* answer, X509* issuer) {
    StorePtr const store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), issuer);
    // The issuer is trusted as it is, whoever stands above it.
    X509_VERIFY_PARAM_set_flags(X509_STORE_get0_param(store.get()), X509_V_FLAG_PARTIAL_CHAIN);
    STACK_OF(X509)* const signers = sk_X509_new_null();
    sk_X509_push(signers, issuer);
    bool const is_good = OCSP_basic_verify(answer, signers, store.get(), OCSP_TRUSTOTHER) == 1;
    sk_X509_free(signers);
    return is_good;
}

}  // namespace

bool must_be_stapled(Context const& context) {
    if (context.identities().empty()) {
        return false;
    }
    auto* const features = static_cast<TLS_FEATURE*>(X509_get_ext_d2i(
        context.identities().front().chain.front().get(), NID_tlsfeature, nullptr, nullptr));
    bool found = false;
    for (int i = 0; i < sk_ASN1_INTEGER_num(features); ++i) {
        found = found || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == kStatusRequest;
    }
    TLS_FEATURE_free(features);
    ERR_clear_error();
    return found;
}

Result<OcspSubject> OcspSubject::of(Context const& context) {
    ERR_clear_error();
    if (context.identities().empty()) {
        return Error(Errc::NotFound, "no certificate");
    }
    auto const& chain = context.identities().front().chain;
    X509* const certificate = chain.front().get();
    if (chain.size() > 1 && issued(chain[1].get(), certificate)) {
        return OcspSubject(shared(certificate), shared(chain[1].get()));
    }
    StoreContextPtr const search(X509_STORE_CTX_new());
    X509_STORE_CTX_init(search.get(), context.trusted(), certificate, nullptr);
    X509* issuer = nullptr;
    bool const found = X509_STORE_CTX_get1_issuer(&issuer, search.get(), certificate) == 1;
    ERR_clear_error();
    if (!found) {
        return Error(Errc::NotFound, "no issuer of the certificate is known");
    }
    return OcspSubject(shared(certificate), X509Ptr(issuer));
}

Result<OcspSubject> OcspSubject::of(std::string_view certificate, std::string_view issuer) {
    auto subject = TRY(read_certificates(certificate));
    auto authority = TRY(read_certificates(issuer));
    if (subject.empty() || authority.empty()) {
        return Error(Errc::Malformed, "not a certificate");
    }
    return OcspSubject(std::move(subject.front()), std::move(authority.front()));
}

std::vector<std::string> OcspSubject::responders() const {
    std::vector<std::string> urls;
    STACK_OF(OPENSSL_STRING)* const named = X509_get1_ocsp(certificate_.get());
    for (int i = 0; i < sk_OPENSSL_STRING_num(named); ++i) {
        urls.emplace_back(sk_OPENSSL_STRING_value(named, i));
    }
    X509_email_free(named);
    ERR_clear_error();
    return urls;
}

std::string OcspSubject::question() const {
    RequestPtr const request(OCSP_REQUEST_new());
    // The request takes the id over.
    OCSP_request_add0_id(request.get(),
                         OCSP_cert_to_id(EVP_sha1(), certificate_.get(), issuer_.get()));
    unsigned char* der = nullptr;
    int const size = i2d_OCSP_REQUEST(request.get(), &der);
    std::string text(reinterpret_cast<char const*>(der),
                     static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(der);
    return text;
}

Result<OcspAnswer> OcspSubject::read(Bytes der, WallTime now, Duration skew) const {
    ERR_clear_error();
    auto const* at = reinterpret_cast<unsigned char const*>(der.data());
    ResponsePtr const response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
    if (!response) {
        ERR_clear_error();
        return Error(Errc::Malformed, "not an OCSP response");
    }
    if (int const status = OCSP_response_status(response.get());
        status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        return Error(Errc::Unavailable,
                     concat("the responder says no more than ", OCSP_response_status_str(status)));
    }
    BasicPtr const basic(OCSP_response_get1_basic(response.get()));
    if (!basic || !is_signed_for(basic.get(), issuer_.get())) {
        ERR_clear_error();
        return Error(Errc::Malformed, "the OCSP response is signed by nobody who may");
    }
    // Responders answer by whatever digest they were asked with, and that is ours.
    IdPtr const id(OCSP_cert_to_id(EVP_sha1(), certificate_.get(), issuer_.get()));
    int status = 0;
    int reason = 0;
    ASN1_GENERALIZEDTIME* revoked_at = nullptr;
    ASN1_GENERALIZEDTIME* from = nullptr;
    ASN1_GENERALIZEDTIME* until = nullptr;
    if (OCSP_resp_find_status(basic.get(), id.get(), &status, &reason, &revoked_at, &from,
                              &until) != 1) {
        ERR_clear_error();
        return Error(Errc::Malformed, "the OCSP response is of another certificate");
    }
    OcspAnswer answer{.status = status == V_OCSP_CERTSTATUS_GOOD      ? OcspStatus::Good
                                : status == V_OCSP_CERTSTATUS_REVOKED ? OcspStatus::Revoked
                                                                      : OcspStatus::Unknown,
                      .this_update = wall_time_of(from),
                      .next_update = until == nullptr ? WallTime() : wall_time_of(until),
                      .der = std::string(der)};
    bool const is_over = answer.next_update.is_set() && answer.next_update + skew < now;
    if (is_over || now + skew < answer.this_update) {
        return Error(Errc::TimedOut, "the OCSP response is not valid now");
    }
    return answer;
}

}  // namespace signalbox::tls
