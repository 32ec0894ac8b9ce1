#pragma once

#include "engine/account/account.h"

#include <cstdint>
#include <vector>

namespace signalbox::dispatch {

/// Asked after an account's own index: who on other servers may want messages of a subject.
class RemoteInterest {
public:
    virtual ~RemoteInterest() = default;

    /// Adds the subscriptions that stand for other servers; they last while `generation` does.
    virtual void add(account::Account& account, subject::PublishSubject subject,
                     std::vector<message::Subscription*>& to) = 0;

    /// Grows with each change of what `add` would answer.
    virtual std::uint64_t generation() const = 0;
};

/// A server without others.
class NoRemoteInterest : public RemoteInterest {
public:
    void add(account::Account&, subject::PublishSubject,
             std::vector<message::Subscription*>&) override {}
    std::uint64_t generation() const override { return 0; }
};

}  // namespace signalbox::dispatch
