#pragma once

#include "engine/base/hash.h"
#include "engine/config/options.h"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::auth {

/// Someone whom the configuration names.
struct KnownUser {
    config::User user;
    std::string account;
    /// His own, or those of his account or block; null: he may do everything.
    std::shared_ptr<permission::Permissions const> permissions;
};

/// The users of a configuration, of its `authorization` block and of its accounts.
class UserDirectory {
public:
    explicit UserDirectory(config::Options const& options);

    /// None of that name: null. Those with an nkey have no name.
    KnownUser const* by_name(std::string_view name) const { return find(by_name_, name); }
    KnownUser const* by_nkey(std::string_view nkey) const { return find(by_nkey_, nkey); }

    bool has_names() const { return !by_name_.empty(); }
    bool has_nkeys() const { return !by_nkey_.empty(); }
    /// A password that is a hash, for what has to take as long as one; empty: there is none.
    crypto::Secret const& some_hash() const { return some_hash_; }

    std::vector<KnownUser> const& all() const { return users_; }

private:
    using Index = std::unordered_map<std::string, std::size_t, base::TextHash, std::equal_to<>>;
    using PermissionsPtr = std::shared_ptr<permission::Permissions const>;

    KnownUser const* find(Index const& index, std::string_view key) const {
        auto const found = index.find(key);
        return found == index.end() ? nullptr : &users_[found->second];
    }
    void add(config::User user, std::string const& account, PermissionsPtr const& otherwise);

    std::vector<KnownUser> users_;
    Index by_name_;
    Index by_nkey_;
    crypto::Secret some_hash_;
};

}  // namespace signalbox::auth
