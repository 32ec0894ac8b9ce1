#include "engine/dispatch/sharing.h"

#include <algorithm>
#include <utility>

namespace signalbox::dispatch {

/// An import that may be, with the export that allows it.
struct Sharing::Wanted {
    account::Account& importer;
    account::Account& exporter;
    config::ImportOptions const& import;
    config::ExportOptions const& share;
};

Sharing::Sharing(World& world, Dispatcher& dispatcher, account::AccountDirectory& accounts)
    : dispatcher_(dispatcher),
      accounts_(accounts),
      latency_(world, dispatcher),
      replies_(world, dispatcher, latency_),
      traces_(world, dispatcher) {
    dispatcher_.watch_interest(this);
}

Sharing::~Sharing() {
    dispatcher_.watch_interest(nullptr);
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

/// Those of before that are still wanted move over; what is left of them ends at the end.
void Sharing::renew(account::Account& importer) {
    auto const known = imports_.find(importer.index());
    std::vector<config::ImportOptions> const& imports = importer.options().imports;
    if (known == imports_.end() && imports.empty()) {
        return;
    }
    Imports old = known == imports_.end() ? Imports() : std::move(known->second);
    Imports next;
    for (config::ImportOptions const& import : imports) {
        account::Account* const exporter = accounts_.find(import.account);
        if (exporter == nullptr || exporter == &importer) {
            continue;
        }
        config::ExportOptions const* const share =
            config::authorising_export(exporter->options(), importer.name(), import, check_);
        if (share == nullptr) {
            continue;
        }
        Wanted const wanted{importer, *exporter, import, *share};
        if (import.kind == config::ShareKind::Stream) {
            add_stream(next, old, wanted);
        } else {
            add_service(next, old, wanted);
        }
    }
    imports_[importer.index()] = std::move(next);
    if (imports_[importer.index()].empty()) {
        imports_.erase(importer.index());
    }
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
    if (!renaming.ok()) {
        return;
    }
    next.services.push_back(
        std::make_unique<ServiceImport>(dispatcher_, replies_, wanted.importer, wanted.exporter,
                                        wanted.import, wanted.share, std::move(renaming).value()));
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
