#pragma once

#include "engine/account/account_directory.h"
#include "engine/config/validate.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/service_import.h"
#include "engine/dispatch/service_latency.h"
#include "engine/dispatch/service_reply.h"
#include "engine/dispatch/stream_import.h"
#include "engine/dispatch/trace_teller.h"
#include "engine/world/world.h"

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::dispatch {

/// All that crosses the walls between the accounts of one server: makes what the accounts' imports
/// ask for, and keeps it in step with their subscriptions.
class Sharing final : public InterestWatcher {
public:
    /// All outlive it.
    Sharing(World& world, Dispatcher& dispatcher, account::AccountDirectory& accounts);
    ~Sharing() override;

    Sharing(Sharing const&) = delete;
    Sharing& operator=(Sharing const&) = delete;

    /// Asked about the activation tokens of imports; none refuses them all.
    void check_activations_by(config::CheckActivation check) { check_ = std::move(check); }

    /// The accounts changed: imports that are the same as before are not touched, so that requests
    /// under way go on. An import that no export allows is not made; it comes to life when one
    /// does. Retired accounts are let go.
    void apply();

    /// In the order in which their accounts have them; those that are in force alone.
    std::span<std::unique_ptr<StreamImport> const> streams_of(account::Account const& of) const;
    std::span<std::unique_ptr<ServiceImport> const> services_of(account::Account const& of) const;
    ServiceReplies const& replies() const { return replies_; }
    TraceTeller& traces() { return traces_; }

    // InterestWatcher
    void subscribed(account::Account& account, message::Subscription& subscription) override;
    void unsubscribing(account::Account& account, message::Subscription& subscription) override;

private:
    /// What one account imports.
    struct Imports {
        std::vector<std::unique_ptr<StreamImport>> streams;
        std::vector<std::unique_ptr<ServiceImport>> services;

        bool empty() const { return streams.empty() && services.empty(); }
    };
    struct Wanted;

    /// One account changed: what it imports, and what others import from it.
    void account_changed(account::Account& account);
    void renew_importers_of(account::Account const& account);
    void renew(account::Account& importer);
    void add(Imports& next, Imports& old, Wanted const& wanted);
    bool would_form_cycle(Wanted const& wanted, subject::Renaming const& renaming) const;
    void add_stream(Imports& next, Imports& old, Wanted const& wanted);
    void add_service(Imports& next, Imports& old, Wanted const& wanted);
    void let_go(account::Account& account);
    void check_tokens_later();

    World& world_;
    Dispatcher& dispatcher_;
    account::AccountDirectory& accounts_;
    ServiceLatency latency_;
    ServiceReplies replies_;
    TraceTeller traces_;
    std::map<std::uint32_t, Imports> imports_;  ///< By account index; none for most.
    config::CheckActivation check_;
    std::set<std::string> by_token_;  ///< The importers of which a token is in force.
    world::TimerId token_timer_;
    /// Whom to renew when an account comes or changes: by its name, those that name it.
    std::map<std::string, std::set<std::string>, std::less<>> importers_;
};

}  // namespace signalbox::dispatch
