#include "engine/server/explain.h"

#include "engine/base/text.h"
#include "engine/dispatch/crossing.h"
#include "engine/permission/rule_book.h"
#include "engine/protocol/error_text.h"
#include "engine/server/near_misses.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace signalbox::server {
namespace {

using message::Subscription;
using message::SubscriptionKind;
using observe::ExplainedReceiver;
using observe::ExplainedRule;
using observe::ExplainedWay;

ExplainedRule rule_of(permission::Ruling const& ruling) {
    return {.allowed = ruling.allowed, .line = ruling.by};
}

std::string step_text(std::string_view kind, config::ImportOptions const& import,
                      std::string const& importer, subject::Renaming const& renaming) {
    return concat(kind, " ", base::quoted(renaming.exported()), " of ", import.account, " as ",
                  base::quoted(renaming.local()), " in ", importer);
}

/// Whether a request on the local subject is one for this import.
bool leads_out(config::ImportOptions const& import, std::string const& subject) {
    auto const renaming = subject::Renaming::create(import.subject, config::local_subject(import));
    return renaming.ok() &&
           renaming.value().to_exported(subject::PublishSubject::from_token(subject)).has_value();
}

/// Walks from one subject to all who would hear of it.
class Explainer {
public:
    Explainer(ServerState const& state, dispatch::Sharing const& sharing)
        : state_(state), sharing_(sharing) {}

    void receivers(account::Account& account, std::string const& subject, ExplainedWay& way) {
        Place const place{account, subject, {}, 0};
        walk(place, way);
        name_idle_imports(account, subject, way);
        if (way.receivers.empty() && way.obstacles.empty()) {
            way.obstacles.push_back(
                concat("nobody listens on ", base::quoted(subject), " in ", account.name()));
        }
        if (way.receivers.empty()) {
            way.hints = near_misses(state_, account, subject);
        } else if (std::ranges::none_of(way.receivers, [](ExplainedReceiver const& receiver) {
                       return receiver.queue.empty();
                   })) {
            way.hints.emplace_back("only queue groups listen: one member of each gets it");
        }
    }

private:
    struct Place {
        account::Account& account;
        std::string subject;
        std::vector<std::string> through;
        unsigned hops;
    };

    /// Those that would take the request over if an export allowed it.
    void name_idle_imports(account::Account const& account, std::string const& subject,
                           ExplainedWay& way) const {
        auto const in_force = sharing_.services_of(account);
        for (config::ImportOptions const& import : account.options().imports) {
            bool const idle = import.kind == config::ShareKind::Service &&
                              std::ranges::none_of(
                                  in_force, [&](auto const& i) { return i->options() == import; });
            if (idle && leads_out(import, subject)) {
                way.obstacles.push_back(concat("the import of service ",
                                               base::quoted(import.subject), " of ", import.account,
                                               " is not in force: no export allows it"));
            }
        }
    }

    void walk(Place const& place, ExplainedWay& way) {
        subject::Interest interest;
        place.account.interest().match(subject::PublishSubject::from_token(place.subject),
                                       interest);
        for (subject::SubscriptionId const id : interest.plain) {
            if (Subscription* const subscription = place.account.find(id)) {
                meet(place, *subscription, 1, way);
            }
        }
        for (subject::Interest::QueueGroup const& group : interest.queue_groups) {
            for (subject::Interest::Member const& member : group.members) {
                if (Subscription* const subscription = place.account.find(member.id)) {
                    meet(place, *subscription, group.members.size(), way);
                }
            }
        }
    }

    void meet(Place const& place, Subscription& subscription, std::size_t members,
              ExplainedWay& way) {
        switch (subscription.kind) {
            case SubscriptionKind::Ordinary:
            case SubscriptionKind::Routed:
            case SubscriptionKind::Leaf:
            case SubscriptionKind::Hub:
                add(place, place.subject, subscription, members, way);
                return;
            case SubscriptionKind::Shadow:
                cross_stream(place, subscription, members, way);
                return;
            case SubscriptionKind::Service:
                cross_service(place, subscription, way);
                return;
            case SubscriptionKind::Answers:
                return;
        }
    }

    void add(Place const& place, std::string const& subject, Subscription const& subscription,
             std::size_t members, ExplainedWay& way) {
        ExplainedReceiver receiver{.account = place.account.name(),
                                   .subject = subject,
                                   .through = place.through,
                                   .cid = subscription.recipient->connection_id(),
                                   .name = {},
                                   .filter = subscription.filter,
                                   .sid = subscription.sid,
                                   .queue = subscription.queue,
                                   .group_size = static_cast<std::uint32_t>(members),
                                   .hears = {}};
        if (auto const* const connection = state_.connections().find(receiver.cid)) {
            receiver.name = connection->options().name;
            receiver.hears = rule_of(connection->rule_hearing(subject, subscription));
        }
        way.receivers.push_back(std::move(receiver));
    }

    void cross_stream(Place const& place, Subscription const& shadow, std::size_t members,
                      ExplainedWay& way) {
        // What one service was asked is not told as a stream to others.
        if (place.hops > 0) {
            return;
        }
        for (auto const& account : state_.accounts().all()) {
            for (auto const& import : sharing_.streams_of(*account)) {
                if (shadow.recipient != import.get()) {
                    continue;
                }
                auto const local =
                    import->renaming().to_local(subject::PublishSubject::from_token(place.subject));
                Place const there{
                    *account,
                    place.subject,
                    {step_text("stream", import->options(), account->name(), import->renaming())},
                    1};
                if (local) {
                    add(there, *local, *shadow.origin, members, way);
                }
            }
        }
    }

    void cross_service(Place const& place, Subscription const& subscription, ExplainedWay& way) {
        for (auto const& import : sharing_.services_of(place.account)) {
            if (subscription.recipient != import.get()) {
                continue;
            }
            if (place.hops >= dispatch::kMostHops) {
                way.obstacles.emplace_back("the request went through too many accounts");
                return;
            }
            auto const asked = subject::PublishSubject::from_token(place.subject);
            std::string to = import->renaming().to_exported(asked).value_or(std::string());
            Place there{import->exporter(), to, place.through, place.hops + 1};
            there.through.push_back(
                step_text("service", import->options(), place.account.name(), import->renaming()));
            follow_mappings(there, way);
        }
    }

    /// Of the exporter: a request is mapped there once more.
    void follow_mappings(Place const& place, ExplainedWay& way) {
        account::MappingTable const* const table = place.account.mappings();
        auto const subject = subject::PublishSubject::from_token(place.subject);
        subject::Mapping const* const mapping = table == nullptr ? nullptr : table->find(subject);
        std::size_t const before = way.receivers.size();
        if (mapping == nullptr) {
            walk(place, way);
        } else {
            auto const chance = state_.world_entropy().fork("explain");
            for (subject::Mapping::Way const& each : mapping->ways()) {
                Place mapped = place;
                mapped.subject = each.transform.apply_matching(place.subject, *chance);
                mapped.through.push_back(concat("mapping ", base::quoted(mapping->source()), " to ",
                                                base::quoted(each.transform.destination()), " in ",
                                                place.account.name()));
                walk(mapped, way);
            }
        }
        if (way.receivers.size() == before) {
            way.obstacles.push_back(concat("nobody answers ", base::quoted(place.subject), " in ",
                                           place.account.name()));
        }
    }

    ServerState const& state_;
    dispatch::Sharing const& sharing_;
};

config::User const* find_user(config::Options const& options, std::string const& account,
                              std::string const& id) {
    auto const among = [&](std::vector<config::User> const& users) -> config::User const* {
        auto const found =
            std::ranges::find_if(users, [&](config::User const& u) { return u.id() == id; });
        return found == users.end() ? nullptr : &*found;
    };
    for (config::AccountOptions const& each : options.accounts) {
        if (each.name == account) {
            if (config::User const* const user = among(each.users)) {
                return user;
            }
        }
    }
    return account == account::kGlobalAccount ? among(options.authorization.users) : nullptr;
}

/// What the publisher may do, if it is anyone.
class Publisher {
public:
    Publisher(observe::ExplainQuestion const& question, account::Account const& account,
              ServerState const& state, std::vector<std::string>& obstacles) {
        if (question.cid != 0) {
            connection_ = state.connections().find(question.cid);
            if (connection_ == nullptr) {
                obstacles.push_back(concat("there is no connection ", question.cid));
            }
            return;
        }
        if (question.user.empty()) {
            return;
        }
        config::User const* const user = find_user(state.options(), account.name(), question.user);
        if (user == nullptr) {
            obstacles.push_back(concat("no user ", base::quoted(question.user),
                                       " is configured for ", account.name()));
            return;
        }
        permission::Permissions const* const permissions =
            user->permissions ? &*user->permissions : account.default_permissions().get();
        if (permissions != nullptr) {
            if (auto book = permission::RuleBook::compile(*permissions); book.ok()) {
                book_ = std::move(book).value();
            }
        }
    }

    ExplainedRule may_publish(std::string const& subject) const {
        if (connection_ != nullptr) {
            return rule_of(connection_->rule_publish(subject));
        }
        return book_ == nullptr ? ExplainedRule() : rule_of(book_->rule_publish(subject));
    }

private:
    connection::ClientConnection const* connection_ = nullptr;
    std::shared_ptr<permission::RuleBook> book_;
};

/// The ways that the publisher's own account opens, each with its share.
std::vector<ExplainedWay> ways_of(account::Account const& account, std::string const& subject,
                                  world::Entropy& chance) {
    account::MappingTable const* const table = account.mappings();
    subject::Mapping const* const mapping =
        table == nullptr ? nullptr : table->find(subject::PublishSubject::from_token(subject));
    if (mapping == nullptr) {
        return {ExplainedWay{.subject = subject}};
    }
    std::vector<ExplainedWay> ways;
    int before = 0;
    for (subject::Mapping::Way const& each : mapping->ways()) {
        std::string to = each.transform.apply_matching(subject, chance);
        std::string const text =
            to == subject ? std::string()
                          : concat(mapping->source(), " -> ", each.transform.destination());
        ways.push_back({.subject = std::move(to), .mapping = text, .percent = each.below - before});
        before = each.below;
    }
    if (before < 100) {
        ways.push_back({.subject = {}, .mapping = mapping->source(), .percent = 100 - before});
        ways.back().obstacles.emplace_back("the weights of the mapping leave this part to be lost");
    }
    std::erase_if(ways, [](ExplainedWay const& way) { return way.percent == 0; });
    return ways;
}

}  // namespace

observe::Explanation explain(observe::ExplainQuestion const& question, ServerState const& state,
                             dispatch::Sharing const& sharing) {
    observe::Explanation out{.question = question, .obstacles = {}, .ways = {}};
    account::Account* const account = state.accounts().find(question.account);
    if (account == nullptr) {
        out.obstacles.push_back(concat("there is no account ", base::quoted(question.account)));
        return out;
    }
    auto const subject = subject::PublishSubject::parse(question.subject);
    if (!subject.ok()) {
        out.obstacles.push_back(concat(base::quoted(question.subject), " cannot be published on"));
        return out;
    }
    Publisher const publisher(question, *account, state, out.obstacles);
    if (!out.obstacles.empty()) {
        return out;
    }
    auto const chance = state.world_entropy().fork("explain");
    out.ways = ways_of(*account, question.subject, *chance);
    for (ExplainedWay& way : out.ways) {
        if (way.subject.empty()) {
            continue;
        }
        way.publish = publisher.may_publish(way.subject);
        if (!way.publish.allowed) {
            way.obstacles.push_back(
                concat("publishing on ", base::quoted(way.subject), " is not permitted",
                       way.publish.line.empty() ? "" : " by ", way.publish.line));
        }
        Explainer(state, sharing).receivers(*account, way.subject, way);
    }
    return out;
}

}  // namespace signalbox::server
