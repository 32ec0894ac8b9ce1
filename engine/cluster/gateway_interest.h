#pragma once

#include "engine/account/account.h"
#include "engine/base/hash.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signalbox::cluster {

/// What is listened to in this cluster, as other clusters are told: each filter and each queue
/// group of an account once, on whichever server and however often.
class GatewayInterest final : public account::InterestListener {
public:
    using OnChange = std::function<void(account::Account const&, std::string_view filter,
                                        std::string_view queue, bool there)>;

    explicit GatewayInterest(OnChange changed) : changed_(std::move(changed)) {}

    /// Counts what is there already; nobody is told.
    void begin(account::Account& account);

    /// Calls `visit` with filter and queue group of everything in the account.
    template <class Visit>
    void for_each(account::Account const& account, Visit visit) const {
        auto const found = accounts_.find(account.index());
        if (found == accounts_.end()) {
            return;
        }
        for (auto const& [key, count] : found->second) {
            std::size_t const blank = key.find(' ');
            std::string_view const text = key;
            visit(text.substr(0, blank),
                  blank == std::string::npos ? std::string_view() : text.substr(blank + 1));
        }
    }

    // account::InterestListener
    void added(account::Account& account, message::Subscription const& subscription) override;
    void removing(account::Account& account, message::Subscription const& subscription) override;

private:
    using Counts = std::unordered_map<std::string, std::uint32_t, base::TextHash, std::equal_to<>>;

    static bool is_told(account::Account const& account, message::Subscription const& of);
    void make_key(message::Subscription const& subscription);

    OnChange changed_;
    std::unordered_map<std::uint32_t, Counts> accounts_;  ///< By account index.
    std::string key_;                                     ///< Reused.
    bool silent_ = false;
};

}  // namespace signalbox::cluster
