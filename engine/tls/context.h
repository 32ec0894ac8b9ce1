#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/tls/handles.h"
#include "engine/tls/settings.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::tls {

enum class Role {
    Server,  ///< Of a side that listens.
    Client,  ///< Of one that dials.
};

/// What the sessions of one listener, or of one kind of dialling, share: certificates, trusted
/// authorities, what is offered. Never changed once it is made, and used from several threads: a
/// reload makes another, and those of before go on with theirs.
class Context {
public:
    /// Errors: InvalidArgument (a certificate, key, cipher suite, curve or version that is not one,
    /// or that the library of this machine does not have), with the reference's words where it has
    /// some.
    static Result<std::shared_ptr<Context const>> create(Role role, Settings const& settings);

    Role role() const { return role_; }
    Verify verify() const { return verify_; }

    /// Whether a peer with this key may come in.
    bool admits(std::string_view spki_sha256) const;

    /// When the first of its own certificates expires; unset without certificates.
    WallTime not_after() const;

    /// For the sessions.
    SSL_CTX* handle() const { return handle_.get(); }
    BIO_METHOD* memory_method() const { return memory_.get(); }

    /// Own certificates, each with what it was signed by behind it.
    struct Identity {
        std::vector<X509Ptr> chain;  ///< At least one.
        KeyPtr key;
    };
    std::vector<Identity> const& identities() const { return identities_; }
    X509_STORE* trusted() const { return SSL_CTX_get_cert_store(handle_.get()); }

private:
    Context(Role role, Verify verify) : role_(role), verify_(verify) {}

    Result<void> load_identities(Settings const& settings);
    Result<void> choose_ciphers(Settings const& settings);
    Result<void> choose_curves(Settings const& settings);
    Result<void> choose_versions(Settings const& settings);
    Result<void> trust(Settings const& settings);
    static int choose_certificate(SSL* session, void* context);

    Role role_;
    Verify verify_;
    SslContextPtr handle_;
    BioMethodPtr memory_;
    std::vector<Identity> identities_;
    std::vector<std::string> pinned_;
};

using ContextPtr = std::shared_ptr<Context const>;

}  // namespace signalbox::tls
