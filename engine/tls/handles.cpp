#include "engine/tls/handles.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace signalbox::tls {
namespace {

char const* words_of(unsigned long error) {
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
        switch (ERR_GET_REASON(error)) {
            case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
                return "tls: client didn't provide a certificate";
            case SSL_R_WRONG_VERSION_NUMBER:
            case SSL_R_HTTP_REQUEST:
            case SSL_R_HTTPS_PROXY_REQUEST:
            case SSL_R_PACKET_LENGTH_TOO_LONG:
                return "tls: first record does not look like a TLS handshake";
            case SSL_R_UNSUPPORTED_PROTOCOL:
                return "tls: client offered only unsupported versions";
            case SSL_R_NO_SHARED_CIPHER:
                return "tls: no cipher suite supported by both client and server";
            case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
                return "remote error: tls: bad certificate";
            case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
                return "remote error: tls: unknown certificate authority";
            default:
                break;
        }
    }
    char const* const reason = ERR_reason_error_string(error);
    return reason == nullptr ? "unknown error" : reason;
}

}  // namespace

std::string take_library_error() {
    unsigned long const error = ERR_get_error();
    std::string text = error == 0 ? "unknown error" : words_of(error);
    ERR_clear_error();
    return text;
}

}  // namespace signalbox::tls
