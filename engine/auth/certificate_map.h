#pragma once

#include "engine/auth/distinguished_name.h"
#include "engine/auth/user_directory.h"
#include "engine/permission/connection_type.h"
#include "engine/tls/peer_identity.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace signalbox::auth {

/// Which user a client's certificate names: by an e-mail address, a DNS name or a URI of its
/// subject alternative names, then by its subject. Names are compared whole, never by parts of
/// text.
class CertificateMap {
public:
    /// `users` outlive it.
    explicit CertificateMap(UserDirectory const& users);

    /// The first user that a name of the certificate is that of, of those who may come this way;
    /// null: there is none.
    KnownUser const* user_of(tls::PeerIdentity const& peer, permission::ConnectionType type) const;

private:
    struct Named {
        std::size_t user;  ///< Its place among the users.
        DistinguishedName name;
    };
    KnownUser const* user_named(std::string_view name, permission::ConnectionType type) const;
    KnownUser const* user_of_subject(std::vector<tls::RelativeName> const& names,
                                     permission::ConnectionType type) const;

    UserDirectory const* users_;
    std::vector<Named> by_subject_;  ///< Those whose names are distinguished names.
};

}  // namespace signalbox::auth
