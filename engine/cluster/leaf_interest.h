#pragma once

#include "engine/account/account.h"
#include "engine/base/hash.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signalbox::cluster {

/// What is listened to in an account, as one leaf node of it, or its hub, is told: each filter and
/// each queue group once, however many subscriptions there are.
class LeafInterest {
public:
    /// Who is told.
    struct Listener {
        message::Recipient const* itself = nullptr;  ///< What it listens to itself it knows.
        std::string cluster;                         ///< So do those of its cluster.
        bool is_hub = false;    ///< It is told only of what is attached to this very server.
        bool isolated = false;  ///< It is not told of other leaf nodes.
    };
    /// Of queue groups `count` is how many members there are now; zero, of all kinds: nobody is
    /// left.
    using OnChange =
        std::function<void(std::string_view filter, std::string_view queue, std::uint32_t count)>;

    LeafInterest(Listener listener, OnChange changed)
        : listener_(std::move(listener)), changed_(std::move(changed)) {}

    /// What is there at first; `changed` is not called.
    void begin(account::Account& account);

    void added(message::Subscription const& subscription);
    void removing(message::Subscription const& subscription);
    void reweighed(message::Subscription const& subscription, std::uint32_t weight);
    /// The account's mappings are others now.
    void mappings_changed(account::Account const& account);

    /// Calls `visit` as `changed` is called, with everything.
    template <class Visit>
    void for_each(Visit visit) const {
        for (auto const& [key, count] : counts_) {
            auto const [filter, queue] = parts_of(key);
            visit(filter, queue, count);
        }
    }

private:
    using Counts = std::unordered_map<std::string, std::uint32_t, base::TextHash, std::equal_to<>>;

    static std::pair<std::string_view, std::string_view> parts_of(std::string_view key);
    bool is_told(message::Subscription const& of) const;
    void change(message::Subscription const& subscription, std::int64_t by);
    void change(std::string_view filter, std::string_view queue, std::int64_t by);

    Listener listener_;
    OnChange changed_;
    Counts counts_;                    ///< By filter and queue group, with a blank between.
    std::vector<std::string> mapped_;  ///< What the account's mappings listen to.
    std::string key_;                  ///< Reused.
    bool silent_ = false;
};

}  // namespace signalbox::cluster
