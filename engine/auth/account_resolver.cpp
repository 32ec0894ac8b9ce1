#include "engine/auth/account_resolver.h"

namespace signalbox::auth {

void MemoryResolver::fetch(std::string const& key, OnFetched done) {
    auto const found = jwts_.find(key);
    if (found == jwts_.end()) {
        done(Error(Errc::NotFound, "the account is not preloaded"));
        return;
    }
    done(found->second);
}

void MemoryResolver::keep(std::string const& key, std::string const& jwt,
                          std::function<void(Result<bool>)> done) {
    auto const found = jwts_.find(key);
    if (found != jwts_.end()) {
        found->second = jwt;
    }
    done(found != jwts_.end());
}

}  // namespace signalbox::auth
