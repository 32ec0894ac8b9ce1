#pragma once

#include "engine/account/account.h"

namespace signalbox::account {

/// Holds a connection to the account it is bound to: counted there, and the account stays.
class Membership {
public:
    explicit Membership(Account& account) : account_(&account) { account_->client_joined(); }
    ~Membership() { account_->client_left(); }

    Membership(Membership const&) = delete;
    Membership& operator=(Membership const&) = delete;

    void move_to(Account& account) {
        account.client_joined();
        account_->client_left();
        account_ = &account;
    }

    Account* get() const { return account_; }
    Account& operator*() const { return *account_; }
    Account* operator->() const { return account_; }

private:
    Account* account_;
};

}  // namespace signalbox::account
