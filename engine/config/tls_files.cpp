#include "engine/config/tls_files.h"

#include "engine/base/text.h"

#include <string_view>
#include <utility>

namespace signalbox::config {

namespace {

constexpr std::string_view kCertificateMark = "-----BEGIN CERTIFICATE-----";

bool has_private_key(std::string_view pem) {
    return pem.find("-----BEGIN ") != std::string_view::npos &&
           pem.find("PRIVATE KEY-----") != std::string_view::npos;
}

Error no_pair(std::string_view why) {
    return Error(Errc::InvalidArgument, concat("error parsing X509 certificate/key pair: ", why));
}

Result<void> load_certificate(TlsCertificate& certificate, FileReader& files) {
    Result<std::string> cert = files.read(certificate.cert_file);
    if (!cert.ok()) {
        return no_pair(cert.error().detail());
    }
    Result<std::string> key = files.read(certificate.key_file);
    if (!key.ok()) {
        return no_pair(key.error().detail());
    }
    if (cert.value().find(kCertificateMark) == std::string::npos) {
        return no_pair("tls: failed to find any PEM data in certificate input");
    }
    if (!has_private_key(key.value())) {
        return no_pair("tls: failed to find any PEM data in key input");
    }
    certificate.cert_pem = std::move(cert).value();
    certificate.key_pem = crypto::Secret(std::move(key).value());
    return {};
}

}  // namespace

Result<void> load_tls_files(TlsOptions& tls, FileReader& files) {
    for (TlsCertificate& certificate : tls.certificates) {
        TRY(load_certificate(certificate, files));
    }
    if (tls.ca_file.empty()) {
        return {};
    }
    std::string const roots = TRY(files.read(tls.ca_file));
    if (roots.find(kCertificateMark) == std::string::npos) {
        return Error(Errc::InvalidArgument, "failed to parse root ca certificate");
    }
    tls.ca_pem = roots;
    return {};
}

}  // namespace signalbox::config
