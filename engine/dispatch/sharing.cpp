#include "engine/dispatch/sharing.h"

#include <algorithm>
#include <utility>

namespace signalbox::dispatch {
namespace {

/// How late it may be noticed that an activation token is in force no longer.
constexpr Duration kTokenInterval = base::seconds(10);

}  // namespace

/// An import that may be, with the export that allows it.
struct Sharing::Wanted {
    account::Account& importer;
    account::Account& exporter;
    config::ImportOptions const& import;
    config::ExportOptions const& share;
};

Sharing::Sharing(World& world, Dispatcher& dispatcher, account::AccountDirectory& accounts)
    : world_(world),
      dispatcher_(dispatcher),
      accounts_(accounts),
      latency_(world, dispatcher),
      replies_(world, dispatcher, latency_),
      traces_(world, dispatcher) {
    dispatcher_.watch_interest(this);
    accounts_.watch_changes([this](account::Account& account) { account_changed(account); });
}

Sharing::~Sharing() {
    world_.timers().cancel(token_timer_);
    dispatcher_.watch_interest(nullptr);
    accounts_.watch_changes(nullptr);
}

void Sharing::apply() {
    for (auto const& account : accounts_.retired()) {
        let_go(*account);
    }
    for (auto const& account : accounts_.all()) {
        renew(*account);
    }
    accounts_.forget_unused();
}

void Sharing::let_go(account::Account& account) {
    imports_.erase(account.index());
    for (auto& [importer, imports] : imports_) {
        std::erase_if(imports.streams, [&](auto const& i) { return &i->exporter() == &account; });
        std::erase_if(imports.services, [&](auto const& i) { return &i->exporter() == &account; });
    }
    replies_.forget(account);
    latency_.forget(account);
    traces_.forget(account);
    dispatcher_.forget(account);
}

/// Its importers come first, so that an import of its own which closes a circle is the one left
/// out; and once more, for it may have broken one.
void Sharing::account_changed(account::Account& account) {
    renew_importers_of(account);
    renew(account);
    renew_importers_of(account);
}

void Sharing::renew_importers_of(account::Account const& account) {
    auto const found = importers_.find(account.name());
    if (found == importers_.end()) {
        return;
    }
    // By value: who is renewed may be entered anew.
    std::set<std::string> const names = found->second;
    for (std::string const& name : names) {
        if (account::Account* const importer = accounts_.find(name)) {
            renew(*importer);
        }
    }
}

/// Those of before that are still wanted move over; what is left of them ends at the end.
void Sharing::renew(account::Account& importer) {
    auto const known = imports_.find(importer.index());
    std::vector<config::ImportOptions> const& imports = importer.options().imports;
    if (known == imports_.end() && imports.empty()) {
        return;
    }
    Imports old = known == imports_.end() ? Imports() : std::move(known->second);
    Imports& next = imports_[importer.index()];
    next = {};
    for (config::ImportOptions const& import : imports) {
        importers_[import.account].insert(importer.name());
        account::Account* const exporter = accounts_.find(import.account);
        // What an account takes from itself leads nowhere.
        if (exporter == nullptr || exporter == &importer) {
            continue;
        }
        config::ExportOptions const* const share =
            config::authorising_export(exporter->options(), importer.name(), import, check_);
        if (share == nullptr) {
            continue;
        }
        add(next, old, {importer, *exporter, import, *share});
        if (share->token_required) {
            by_token_.insert(importer.name());
            check_tokens_later();
        }
    }
    if (next.empty()) {
        imports_.erase(importer.index());
    }
}

/// Tokens expire and nobody says so.
void Sharing::check_tokens_later() {
    if (token_timer_) {
        return;
    }
    token_timer_ = world_.timers().call_at(world_.clock().now() + kTokenInterval, [this] {
        token_timer_ = {};
        for (std::string const& name : std::exchange(by_token_, {})) {
            if (account::Account* const importer = accounts_.find(name)) {
                renew(*importer);
            }
        }
    });
}

void Sharing::add(Imports& next, Imports& old, Wanted const& wanted) {
    if (wanted.import.kind == config::ShareKind::Stream) {
        add_stream(next, old, wanted);
    } else {
        add_service(next, old, wanted);
    }
}

/// Configurations are looked at as a whole before they are applied. Accounts of JWTs come one by
/// one, and the one that closes a circle is left out.
bool Sharing::would_form_cycle(Wanted const& wanted, subject::Renaming const& renaming) const {
    if (wanted.importer.origin() != account::Origin::Token) {
        return false;
    }
    auto const feeds = [](subject::Renaming const& from, subject::Renaming const& into) {
        auto const filter = subject::Filter::from_checked(from.exported());
        return into.exported_filter(filter).has_value();
    };
    struct Step {
        subject::Renaming const* renaming;
        account::Account const* exporter;
    };
    std::vector<Step> open{{&renaming, &wanted.exporter}};
    std::set<ServiceImport const*> seen;
    while (!open.empty()) {
        Step const step = open.back();
        open.pop_back();
        if (step.exporter == &wanted.importer && feeds(*step.renaming, renaming)) {
            return true;
        }
        for (auto const& next : services_of(*step.exporter)) {
            bool const onward = next && feeds(*step.renaming, next->renaming());
            if (onward && seen.insert(next.get()).second) {
                open.push_back({&next->renaming(), &next->exporter()});
            }
        }
    }
    return false;
}

void Sharing::add_stream(Imports& next, Imports& old, Wanted const& wanted) {
    auto const same = std::ranges::find_if(old.streams, [&](auto const& each) {
        return each && &each->exporter() == &wanted.exporter && each->options() == wanted.import;
    });
    if (same != old.streams.end()) {
        next.streams.push_back(std::move(*same));
        return;
    }
    auto renaming =
        subject::Renaming::create(wanted.import.subject, config::local_subject(wanted.import));
    if (!renaming.ok()) {
        return;
    }
    next.streams.push_back(std::make_unique<StreamImport>(
        dispatcher_, wanted.importer, wanted.exporter, wanted.import, std::move(renaming).value()));
    wanted.importer.for_each_subscription([&](message::Subscription& subscription) {
        if (subscription.kind == message::SubscriptionKind::Ordinary) {
            next.streams.back()->add(subscription);
        }
    });
}

void Sharing::add_service(Imports& next, Imports& old, Wanted const& wanted) {
    auto const same = std::ranges::find_if(old.services, [&](auto const& each) {
        return each && &each->exporter() == &wanted.exporter && each->options() == wanted.import &&
               each->share() == wanted.share;
    });
    if (same != old.services.end()) {
        next.services.push_back(std::move(*same));
        return;
    }
    auto renaming =
        subject::Renaming::create(wanted.import.subject, config::local_subject(wanted.import));
    if (!renaming.ok() || would_form_cycle(wanted, renaming.value())) {
        return;
    }
    next.services.push_back(std::make_unique<ServiceImport>(
        dispatcher_, replies_,
        ServiceLink{wanted.importer, wanted.exporter, wanted.import, wanted.share},
        std::move(renaming).value()));
}

std::span<std::unique_ptr<StreamImport> const> Sharing::streams_of(
    account::Account const& of) const {
    auto const found = imports_.find(of.index());
    return found == imports_.end() ? std::span<std::unique_ptr<StreamImport> const>()
                                   : found->second.streams;
}

std::span<std::unique_ptr<ServiceImport> const> Sharing::services_of(
    account::Account const& of) const {
    auto const found = imports_.find(of.index());
    return found == imports_.end() ? std::span<std::unique_ptr<ServiceImport> const>()
                                   : found->second.services;
}

void Sharing::subscribed(account::Account& account, message::Subscription& subscription) {
    auto const found = imports_.find(account.index());
    if (found == imports_.end()) {
        return;
    }
    for (auto const& import : found->second.streams) {
        import->add(subscription);
    }
}

void Sharing::unsubscribing(account::Account& account, message::Subscription& subscription) {
    auto const found = imports_.find(account.index());
    bool const imports = found != imports_.end();
    if (imports) {
        for (auto const& import : found->second.streams) {
            import->remove(subscription);
        }
    }
    if (imports || replies_.serves(account)) {
        replies_.interest_lost(account, subscription.filter);
    }
}

}  // namespace signalbox::dispatch
