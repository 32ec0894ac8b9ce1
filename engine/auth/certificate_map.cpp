#include "engine/auth/certificate_map.h"

#include <algorithm>

namespace signalbox::auth {

CertificateMap::CertificateMap(UserDirectory const& users) : users_(&users) {
    for (std::size_t i = 0; i < users.all().size(); ++i) {
        config::User const& user = users.all()[i].user;
        auto name = parse_distinguished_name(user.name);
        if (user.nkey.empty() && name.ok()) {
            by_subject_.push_back({.user = i, .name = std::move(name).value()});
        }
    }
}

KnownUser const* CertificateMap::user_named(std::string_view name,
                                            permission::ConnectionType type) const {
    KnownUser const* const user = name.empty() ? nullptr : users_->by_name(name);
    return user != nullptr && user->user.connection_types.allows(type) ? user : nullptr;
}

KnownUser const* CertificateMap::user_of_subject(std::vector<tls::RelativeName> const& names,
                                                 permission::ConnectionType type) const {
    if (names.empty()) {
        return nullptr;
    }
    // Written names begin with what a certificate ends with.
    DistinguishedName const written(names.rbegin(), names.rend());
    for (auto const same : {&same_name, &same_parts}) {
        for (Named const& named : by_subject_) {
            KnownUser const& user = users_->all()[named.user];
            if (user.user.connection_types.allows(type) && same(named.name, written)) {
                return &user;
            }
        }
    }
    return nullptr;
}

KnownUser const* CertificateMap::user_of(tls::PeerIdentity const& peer,
                                         permission::ConnectionType type) const {
    for (auto const* const names : {&peer.emails, &peer.dns_names, &peer.uris}) {
        for (std::string const& name : *names) {
            if (KnownUser const* const user = user_named(name, type)) {
                return user;
            }
        }
    }
    if (KnownUser const* const user = user_of_subject(peer.names, type)) {
        return user;
    }
    if (KnownUser const* const user = user_named(peer.subject_with_domain, type)) {
        return user;
    }
    return user_named(peer.subject, type);
}

}  // namespace signalbox::auth
