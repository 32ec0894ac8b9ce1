#pragma once

#include "engine/account/account.h"
#include "engine/config/options.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::account {

/// The accounts of one server. `$G` and the system account are always there.
///
/// An account is known by its name: whatever a reload changes of it, it stays the same object, so
/// that those bound to it need not be touched.
class AccountDirectory {
public:
    /// `hash_seed`: a secret, from which clients cannot choose subjects that fall together.
    explicit AccountDirectory(std::uint64_t hash_seed = 0);

    AccountDirectory(AccountDirectory const&) = delete;
    AccountDirectory& operator=(AccountDirectory const&) = delete;

    /// Makes those accounts that `options` names and were not there, changes the others in place,
    /// and retires those of an earlier configuration that are named no more. What is wrong with
    /// their exports and imports was found out before.
    void apply(config::Options const& options);

    /// One account of which a JWT tells: made, or changed in place. The reference lasts until it is
    /// retired and nobody is bound to it.
    Account& put(config::AccountOptions options);

    /// One that another server spoke of: made, with nothing in it, unless it is known.
    Account& hear_of(std::string_view name);

    /// Is told of each account that `put` made or changed, before that returns; null: nobody.
    void watch_changes(std::function<void(Account&)> changed) { changed_ = std::move(changed); }

    /// From now on `listener` is told of subscriptions; of those that are there it was not.
    void listen(InterestListener& listener) { listeners_.push_back(&listener); }
    void stop_listening(InterestListener& listener) { std::erase(listeners_, &listener); }

    /// It is found no more; kept while connections are bound to it. False: there is none of that
    /// name, or it is one that stays.
    bool retire(std::string_view name);

    Account& global() { return *global_; }
    Account& system() { return *system_; }

    /// None of that name: null.
    Account* find(std::string_view name) const;

    /// Retired, and kept for those bound to them.
    std::vector<std::unique_ptr<Account>> const& retired() const { return retired_; }

    /// Lets go of retired accounts that nobody uses any more. Called when nothing else refers to
    /// them.
    void forget_unused();

    /// In the order they were made, without those that are retired.
    std::vector<std::unique_ptr<Account>> const& all() const { return accounts_; }

private:
    Account& make(std::string name, Origin origin);
    void choose_system(std::string const& name);

    std::uint64_t hash_seed_;
    std::vector<std::unique_ptr<Account>> accounts_;
    std::vector<std::unique_ptr<Account>> retired_;
    std::map<std::string, Account*, std::less<>> by_name_;
    std::uint32_t next_index_ = 0;  ///< Before the two below, which are made with it.
    std::function<void(Account&)> changed_;
    std::vector<InterestListener*> listeners_;  ///< Likewise.
    Account* global_;
    Account* system_;
};

}  // namespace signalbox::account
