#include "engine/auth/user_directory.h"

#include "engine/account/account.h"
#include "engine/crypto/bcrypt.h"

#include <utility>

namespace signalbox::auth {
namespace {

std::shared_ptr<permission::Permissions const> shared(
    std::optional<permission::Permissions> const& permissions) {
    return permissions ? std::make_shared<permission::Permissions const>(*permissions) : nullptr;
}

}  // namespace

UserDirectory::UserDirectory(config::Options const& options) {
    config::Authorization const& block = options.authorization;
    PermissionsPtr const otherwise = shared(block.default_permissions);
    for (config::User user : block.users) {
        user.proxy_required = user.proxy_required || block.proxy_required;
        add(std::move(user), account::kGlobalAccount, otherwise);
    }
    if (!block.user.empty()) {
        // The default permissions are those of the block's users, not of its only user.
        add({.name = block.user,
             .password = block.password,
             .proxy_required = block.proxy_required},
            account::kGlobalAccount, nullptr);
    }
    for (config::AccountOptions const& account : options.accounts) {
        PermissionsPtr const of_account = shared(account.default_permissions);
        for (config::User const& user : account.users) {
            add(user, account.name, of_account);
        }
    }
}

void UserDirectory::add(config::User user, std::string const& account,
                        PermissionsPtr const& otherwise) {
    if (some_hash_.empty() && crypto::is_bcrypt(user.password.reveal())) {
        some_hash_ = user.password;
    }
    Index& index = user.nkey.empty() ? by_name_ : by_nkey_;
    index.emplace(user.id(), users_.size());
    PermissionsPtr permissions = user.permissions ? shared(user.permissions) : otherwise;
    users_.push_back(
        {.user = std::move(user), .account = account, .permissions = std::move(permissions)});
}

}  // namespace signalbox::auth
