#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace signalbox::tls {

/// Owners of the library's objects.
template <auto free_it>
struct Free {
    template <class T>
    void operator()(T* object) const {
        free_it(object);
    }
};

using BioPtr = std::unique_ptr<BIO, Free<&BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Free<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using SslPtr = std::unique_ptr<SSL, Free<&SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Free<&SSL_CTX_free>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, Free<&BIO_meth_free>>;

/// What the library says went wrong last, in the reference's words where people look for those.
/// Takes it out of the library's queue of this thread, which must be empty before each call into
/// it.
std::string take_library_error();

}  // namespace signalbox::tls
