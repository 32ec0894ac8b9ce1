#pragma once

#include "engine/account/account.h"
#include "engine/base/hash.h"
#include "engine/protocol/peer_op.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signalbox::cluster {

/// What is listened to on this server, as the others of the cluster are told: each filter and each
/// queue group of an account once, however many subscriptions there are.
class RouteInterest final : public account::InterestListener {
public:
    /// Is told of each change. Of queue groups `interest.weight` is how many members there are now;
    /// zero, of all kinds: nobody is left.
    using OnChange = std::function<void(account::Account&, protocol::PeerInterest const& interest)>;

    explicit RouteInterest(OnChange changed) : changed_(std::move(changed)) {}

    /// Counts what is there already.
    void count(account::Account& account);

    /// Calls `visit` with everything that is listened to in the account.
    template <class Visit>
    void for_each(account::Account const& account, Visit visit) const {
        auto const found = accounts_.find(account.index());
        if (found == accounts_.end()) {
            return;
        }
        for (auto const& [key, count] : found->second) {
            visit(interest_of(key, account, count));
        }
    }

    void forget(account::Account const& account) { accounts_.erase(account.index()); }

    // account::InterestListener
    void added(account::Account& account, message::Subscription const& subscription) override;
    void removing(account::Account& account, message::Subscription const& subscription) override;
    void reweighed(account::Account& account, message::Subscription const& subscription,
                   std::uint32_t weight) override;

private:
    /// By a key of origin, filter and queue group with blanks between.
    using Counts = std::unordered_map<std::string, std::uint32_t, base::TextHash, std::equal_to<>>;

    static bool is_told(account::Account const& account, message::Subscription const& of);
    static protocol::PeerInterest interest_of(std::string_view key, account::Account const& account,
                                              std::uint32_t count);
    void make_key(message::Subscription const& subscription);
    void change(account::Account& account, message::Subscription const& subscription,
                std::int64_t by);

    OnChange changed_;
    std::unordered_map<std::uint32_t, Counts> accounts_;  ///< By account index.
    std::string key_;                                     ///< Reused.
};

}  // namespace signalbox::cluster
