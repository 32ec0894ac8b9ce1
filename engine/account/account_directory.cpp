#include "engine/account/account_directory.h"

#include <algorithm>
#include <set>
#include <utility>

namespace signalbox::account {

AccountDirectory::AccountDirectory(std::uint64_t hash_seed)
    : hash_seed_(hash_seed),
      global_(&make(kGlobalAccount, Origin::BuiltIn)),
      system_(&make(kSystemAccount, Origin::BuiltIn)) {
    system_->is_system_ = true;
}

Account& AccountDirectory::make(std::string name, Origin origin) {
    auto account = std::make_unique<Account>(std::move(name), next_index_++, hash_seed_);
    account->origin_ = origin;
    account->listeners_ = &listeners_;
    by_name_.emplace(account->name(), account.get());
    accounts_.push_back(std::move(account));
    return *accounts_.back();
}

Account* AccountDirectory::find(std::string_view name) const {
    auto const found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

void AccountDirectory::apply(config::Options const& options) {
    std::set<std::string_view> named;
    for (config::AccountOptions const& each : options.accounts) {
        named.insert(each.name);
        Account* account = find(each.name);
        if (account == nullptr) {
            account = &make(each.name, Origin::Configuration);
        } else if (account->origin() == Origin::Elsewhere) {
            account->origin_ = Origin::Configuration;
        }
        account->change(each, options.cluster.name);
    }
    std::vector<std::string> gone;
    for (auto const& account : accounts_) {
        if (named.contains(account->name())) {
            continue;
        }
        if (account->origin() == Origin::Configuration) {
            gone.push_back(account->name());
        } else if (account->origin() == Origin::BuiltIn) {
            account->change({.name = account->name()});
        }
    }
    choose_system(options.system_account.empty() ? kSystemAccount : options.system_account);
    for (std::string const& name : gone) {
        retire(name);
    }
}

/// The servers' own account is another one from now on, if it is a known one.
void AccountDirectory::choose_system(std::string const& name) {
    Account* const chosen = find(name);
    if (chosen == nullptr || chosen == system_) {
        return;
    }
    system_->is_system_ = false;
    system_ = chosen;
    system_->is_system_ = true;
}

Account& AccountDirectory::put(config::AccountOptions options) {
    Account* account = find(options.name);
    if (account == nullptr) {
        account = &make(options.name, Origin::Token);
    } else if (account->origin() == Origin::Elsewhere) {
        account->origin_ = Origin::Token;
    }
    account->change(std::move(options));
    if (changed_) {
        changed_(*account);
    }
    return *account;
}

Account& AccountDirectory::hear_of(std::string_view name) {
    Account* const known = find(name);
    return known == nullptr ? make(std::string(name), Origin::Elsewhere) : *known;
}

bool AccountDirectory::retire(std::string_view name) {
    auto const found = std::ranges::find_if(
        accounts_, [&](auto const& account) { return account->name() == name; });
    if (found == accounts_.end() || (*found)->origin() == Origin::BuiltIn ||
        found->get() == system_) {
        return false;
    }
    (*found)->retired_ = true;
    by_name_.erase((*found)->name());
    retired_.push_back(std::move(*found));
    accounts_.erase(found);
    return true;
}

void AccountDirectory::forget_unused() {
    std::erase_if(retired_, [](auto const& account) {
        return account->usage().clients == 0 && account->usage().leafnodes == 0 &&
               account->subscription_count() == 0;
    });
}

}  // namespace signalbox::account
