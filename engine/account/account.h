#pragma once

#include "engine/account/mapping_table.h"
#include "engine/account/usage.h"
#include "engine/base/slot_map.h"
#include "engine/config/account_options.h"
#include "engine/message/recipient.h"
#include "engine/message/subscription.h"
#include "engine/permission/permissions.h"
#include "engine/subject/interest_index.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::account {

class Account;

inline constexpr char kGlobalAccount[] = "$G";
inline constexpr char kSystemAccount[] = "$SYS";

/// Which way an account became known, and so what may take it away again.
enum class Origin {
    BuiltIn,        ///< `$G` and the system account: never.
    Configuration,  ///< A configuration that no longer names it.
    Token,          ///< Whoever brought its JWT.
    Elsewhere,      ///< Another server has it, and this one may come to know more of it.
};

/// Is told of all subscriptions of all accounts of a server as they come and go: of clients, of the
/// server itself, and of those that stand for others elsewhere.
class InterestListener {
public:
    virtual ~InterestListener() = default;

    virtual void added(Account& account, message::Subscription const& subscription) = 0;
    /// It is about to be removed.
    virtual void removing(Account& account, message::Subscription const& subscription) = 0;
    /// It stands for more or fewer members of its queue group than the `weight` of before.
    virtual void reweighed(Account&, message::Subscription const&, std::uint32_t /*weight*/) {}
};

/// The wall around subjects: its subscriptions see its messages alone.
class Account {
public:
    /// `hash_seed`: as `InterestIndex` has it.
    Account(std::string name, std::uint32_t index, std::uint64_t hash_seed = 0)
        : name_(std::move(name)), index_(index), index_of_interest_(hash_seed) {}

    Account(Account const&) = delete;
    Account& operator=(Account const&) = delete;

    std::string const& name() const { return name_; }
    /// Of this account among all its server ever had, from 0: for tables beside it.
    std::uint32_t index() const { return index_; }
    bool is_system() const { return is_system_; }
    /// Removed; it is kept while connections are still bound to it, and nobody finds it.
    bool is_retired() const { return retired_; }
    Origin origin() const { return origin_; }

    /// What was said of it, but for its users.
    config::AccountOptions const& options() const { return options_; }
    config::AccountLimits const& limits() const { return options_.limits; }
    /// Of users without their own; null: they may do everything.
    std::shared_ptr<permission::Permissions const> const& default_permissions() const {
        return default_permissions_;
    }

    /// Whether one more client may be bound to it, those of other servers counted.
    bool has_room_for_client() const;
    /// How many clients it has on that other server.
    void count_elsewhere(std::string const& server_id, std::int64_t clients);
    std::int64_t clients_elsewhere() const { return clients_elsewhere_; }
    /// One was bound to it, or is no more. Each is called once for each connection.
    void client_joined();
    void client_left() { --usage_.clients; }

    /// Beside what its options say: subjects that the server itself renames.
    void map_always(std::vector<config::MappingOptions> mappings);

    /// Null: no subject is renamed.
    MappingTable* mappings() const { return mappings_.get(); }

    Usage& usage() { return usage_; }
    Usage const& usage() const { return usage_; }

    /// Adds a subscription; its `filter` is valid. The reference lasts until it is removed.
    message::Subscription& subscribe(message::Subscription subscription);

    /// It must be one of this account's.
    void unsubscribe(message::Subscription& subscription);

    /// Likewise.
    void reweigh(message::Subscription& subscription, std::uint32_t weight);

    message::Subscription* find(subject::SubscriptionId id);

    subject::InterestIndex const& interest() const { return index_of_interest_; }
    std::size_t subscription_count() const { return index_of_interest_.size(); }
    std::uint64_t inserts() const { return inserts_; }
    std::uint64_t removes() const { return removes_; }

    /// In no particular order, but the same one for the same history.
    template <class Visit>
    void for_each_subscription(Visit visit) {
        subscriptions_.for_each([&](auto, SubscriptionPtr& s) { visit(*s); });
    }

private:
    friend class AccountDirectory;

    using SubscriptionPtr = std::unique_ptr<message::Subscription>;
    using Slots = base::SlotMap<SubscriptionPtr>;

    static Slots::Id slot_of(subject::SubscriptionId id) { return {id.index, id.generation}; }

    /// Lays `options` over what was said before, on a server of that cluster, or of none.
    void change(config::AccountOptions options, std::string_view cluster = {});
    void make_mappings();

    std::string name_;
    std::uint32_t index_;
    Origin origin_ = Origin::BuiltIn;
    bool is_system_ = false;
    bool retired_ = false;
    config::AccountOptions options_;
    std::shared_ptr<permission::Permissions const> default_permissions_;
    std::string cluster_of_mappings_;  ///< As transforms know it; empty: none.
    std::vector<config::MappingOptions> always_mapped_;
    std::unique_ptr<MappingTable> mappings_;
    Usage usage_;
    std::map<std::string, std::int64_t> elsewhere_;  ///< Clients by server.
    std::int64_t clients_elsewhere_ = 0;
    subject::InterestIndex index_of_interest_;
    Slots subscriptions_;
    std::vector<InterestListener*> const* listeners_ = nullptr;  ///< The directory's.
    std::uint64_t inserts_ = 0;
    std::uint64_t removes_ = 0;
};

}  // namespace signalbox::account
