#include "engine/tls/session.h"

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/tls/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::tls {
namespace {

std::string version_of(SSL const* session) {
    switch (SSL_version(session)) {
        case TLS1_3_VERSION:
            return "1.3";
        case TLS1_2_VERSION:
            return "1.2";
        default:
            return SSL_get_version(session);
    }
}

}  // namespace

Session::Session(ContextPtr context, Staple staple)
    : context_(std::move(context)),
      staple_(std::move(staple)),
      session_(SSL_new(context_->handle())) {
    // They fail only when the library has no memory.
    CHECK(session_ != nullptr);
    BIO* const bio = make_memory_bio(context_->memory_method(), memory_);
    CHECK(bio != nullptr);
    SSL_set_bio(session_.get(), bio, bio);
    SSL_set_app_data(session_.get(), this);
}

Session::~Session() = default;

std::unique_ptr<Session> Session::accept(ContextPtr context, Staple staple) {
    CHECK(context->role() == Role::Server);
    std::unique_ptr<Session> made(new Session(std::move(context), std::move(staple)));
    SSL_set_accept_state(made->session_.get());
    return made;
}

std::unique_ptr<Session> Session::connect(ContextPtr context, std::string const& host) {
    CHECK(context->role() == Role::Client);
    std::unique_ptr<Session> made(new Session(std::move(context), nullptr));
    SSL* const session = made->session_.get();
    SSL_set_connect_state(session);
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(session);
    bool const is_numeric = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    ERR_clear_error();
    if (!is_numeric) {
        X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size());
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        std::string name = host;
        // What the header's macro does, whose cast is not of this language.
        SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    }
    return made;
}

void Session::feed(Bytes bytes) {
    if (memory_.in.empty()) {
        memory_.in = bytes;
        return;
    }
    keep();
    kept_.append(bytes);
    memory_.in = kept_;
}

void Session::keep() {
    if (memory_.in.empty()) {
        kept_.clear();
        return;
    }
    kept_ = std::string(memory_.in);
    memory_.in = kept_;
}

Session::Progress Session::advance() {
    ERR_clear_error();
    int const result = SSL_do_handshake(session_.get());
    if (result == 1) {
        learn_peer();
        return is_admitted() ? Progress::Done : Progress::Failed;
    }
    if (SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_READ) {
        return Progress::NeedsMore;
    }
    failure_ = why();
    return Progress::Failed;
}

std::string Session::why() {
    long const verdict = SSL_get_verify_result(session_.get());
    std::string const error = take_library_error();
    if (verdict != X509_V_OK && context_->verify() == Verify::Peer) {
        return concat("tls: failed to verify certificate: ",
                      X509_verify_cert_error_string(verdict));
    }
    return error;
}

void Session::learn_peer() {
    SSL* const session = session_.get();
    auto peer = std::make_shared<PeerIdentity>();
    peer->version = version_of(session);
    if (SSL_CIPHER const* const cipher = SSL_get_current_cipher(session)) {
        peer->cipher = SSL_CIPHER_standard_name(cipher);
    }
    if (char const* const host = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name)) {
        peer->server_name = host;
    }
    if (X509* const own = SSL_get0_peer_certificate(session)) {
        read_names(own, *peer);
        peer->certificates.push_back(facts_of(own));
        STACK_OF(X509)* const sent = SSL_get_peer_cert_chain(session);
        for (int i = 0; i < sk_X509_num(sent); ++i) {
            // A client sees the peer's own certificate in this list too, a server does not.
            if (X509* const other = sk_X509_value(sent, i); X509_cmp(other, own) != 0) {
                peer->certificates.push_back(facts_of(other));
            }
        }
        STACK_OF(X509)* const chain = SSL_get0_verified_chain(session);
        for (int i = 0; i < sk_X509_num(chain); ++i) {
            peer->verified_chain.push_back(pem_of(sk_X509_value(chain, i)));
        }
    }
    ERR_clear_error();
    peer_ = std::move(peer);
}

bool Session::is_admitted() {
    // Without pins `admits` says yes to everyone, also to those without a certificate.
    std::string const spki =
        peer_->certificates.empty() ? std::string() : peer_->certificates.front().spki_sha256;
    if (context_->admits(spki)) {
        return true;
    }
    failure_ = "certificate not pinned";
    return false;
}

Session::Read Session::read(std::span<char> into, std::size_t& count) {
    ERR_clear_error();
    int const result = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
    if (result == 1) {
        return Read::Some;
    }
    count = 0;
    switch (SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Read::NeedsMore;
        case SSL_ERROR_ZERO_RETURN:
            return Read::Closed;
        default:
            failure_ = why();
            return Read::Failed;
    }
}

bool Session::write(Bytes bytes) {
    ERR_clear_error();
    std::size_t done = 0;
    if (SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &done) == 1) {
        return true;
    }
    failure_ = why();
    return false;
}

int Session::show_staple(SSL* session, void*) {
    Staple const& staple = static_cast<Session*>(SSL_get_app_data(session))->staple_;
    if (!staple) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    // The session frees it.
    void* const copy = OPENSSL_memdup(staple->data(), staple->size());
    SSL_set_tlsext_status_ocsp_resp(session, copy, static_cast<long>(staple->size()));
    return SSL_TLSEXT_ERR_OK;
}

void Session::close() {
    ERR_clear_error();
    if (failure_.empty() && SSL_is_init_finished(session_.get()) == 1) {
        SSL_shutdown(session_.get());
    }
    ERR_clear_error();
}

}  // namespace signalbox::tls
