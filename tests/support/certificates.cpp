#include "tests/support/certificates.h"

#include "engine/base/check.h"

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace signalbox::support {
namespace {

constexpr long kDay = 24 * 60 * 60;

EVP_PKEY* make_key(KeyKind kind) {
    switch (kind) {
        case KeyKind::Ecdsa:
            return EVP_EC_gen("P-256");
        case KeyKind::Rsa:
            return EVP_RSA_gen(2048);
        case KeyKind::Ed25519:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    }
    return nullptr;
}

void add_extension(X509* certificate, X509* issuer, int nid, std::string const& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    CHECK(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

std::string drained(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

std::string pem_of(X509* certificate) {
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    return drained(bio);
}

std::string pem_of(EVP_PKEY* key) {
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    return drained(bio);
}

X509_NAME* make_name(std::vector<std::pair<std::string, std::string>> const& subject) {
    X509_NAME* const name = X509_NAME_new();
    for (auto const& [type, value] : subject) {
        bool const joins = type.starts_with('+');
        X509_NAME_add_entry_by_txt(name, type.c_str() + (joins ? 1 : 0), MBSTRING_UTF8,
                                   reinterpret_cast<unsigned char const*>(value.data()),
                                   static_cast<int>(value.size()), -1, joins ? -1 : 0);
    }
    return name;
}

/// Ed25519 has its digest within.
EVP_MD const* digest_for(EVP_PKEY* key) {
    return EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_sha256();
}

}  // namespace

struct Authority::Parts {
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
    mutable long last_serial = 1;
};

Authority::Authority(std::string const& name) : parts_(std::make_unique<Parts>()) {
    parts_->key = make_key(KeyKind::Ecdsa);
    X509* const certificate = X509_new();
    parts_->certificate = certificate;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 10 * kDay);
    X509_NAME* const subject = make_name({{"O", "Signalbox"}, {"CN", name}});
    X509_set_subject_name(certificate, subject);
    X509_set_issuer_name(certificate, subject);
    X509_NAME_free(subject);
    X509_set_pubkey(certificate, parts_->key);
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, certificate, NID_key_usage,
                  "critical,keyCertSign,cRLSign,digitalSignature");
    X509_sign(certificate, parts_->key, digest_for(parts_->key));
}

Authority::~Authority() {
    X509_free(parts_->certificate);
    EVP_PKEY_free(parts_->key);
}

std::string Authority::pem() const {
    return pem_of(parts_->certificate);
}

tls::KeyPair Authority::issue(CertificateWish const& wish) const {
    EVP_PKEY* const key = make_key(wish.key);
    X509* const certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++parts_->last_serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), wish.valid_from_days * kDay);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wish.valid_to_days * kDay);
    X509_NAME* const subject = make_name(wish.subject);
    X509_set_subject_name(certificate, subject);
    X509_NAME_free(subject);
    X509_set_issuer_name(certificate, X509_get_subject_name(parts_->certificate));
    X509_set_pubkey(certificate, key);
    if (!wish.names.empty()) {
        add_extension(certificate, parts_->certificate, NID_subject_alt_name, wish.names);
    }
    if (!wish.extended_usage.empty()) {
        add_extension(certificate, parts_->certificate, NID_ext_key_usage, wish.extended_usage);
    }
    if (!wish.access.empty()) {
        add_extension(certificate, parts_->certificate, NID_info_access, wish.access);
    }
    if (!wish.features.empty()) {
        add_extension(certificate, parts_->certificate, NID_tlsfeature, wish.features);
    }
    X509_sign(certificate, parts_->key, digest_for(parts_->key));
    tls::KeyPair pair{.cert_pem = pem_of(certificate), .key_pem = crypto::Secret(pem_of(key))};
    X509_free(certificate);
    EVP_PKEY_free(key);
    return pair;
}

std::string Authority::ocsp_answer(std::string const& request, bool revoked, WallTime now) const {
    auto const* at = reinterpret_cast<unsigned char const*>(request.data());
    OCSP_REQUEST* const asked = d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(request.size()));
    CHECK(asked != nullptr);
    OCSP_CERTID* const id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(asked, 0));
    OCSP_BASICRESP* const basic = OCSP_BASICRESP_new();
    auto const seconds = static_cast<time_t>(now.since_epoch() / base::seconds(1));
    ASN1_TIME* const from = ASN1_TIME_set(nullptr, seconds);
    ASN1_TIME* const next = ASN1_TIME_set(nullptr, seconds + 60 * 60);
    OCSP_basic_add1_status(basic, id, revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
                           OCSP_REVOKED_STATUS_UNSPECIFIED, revoked ? from : nullptr, from, next);
    OCSP_basic_sign(basic, parts_->certificate, parts_->key, EVP_sha256(), nullptr, 0);
    OCSP_RESPONSE* const response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    unsigned char* der = nullptr;
    int const size = i2d_OCSP_RESPONSE(response, &der);
    std::string text(reinterpret_cast<char const*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    ASN1_TIME_free(from);
    ASN1_TIME_free(next);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_REQUEST_free(asked);
    return text;
}

}  // namespace signalbox::support
