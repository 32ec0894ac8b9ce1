#include "engine/server/near_misses.h"

#include "engine/base/text.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace signalbox::server {
namespace {

using message::Subscription;
using message::SubscriptionKind;

constexpr std::size_t kMost = 6;
/// Of each account; whoever asks waits for it, and so do all clients.
constexpr std::size_t kMostLookedAt = 50'000;

bool is_wild(std::string_view token) {
    return token == "*" || token == ">";
}

/// How a filter that does not match comes near, as the end of a sentence; nothing: it does not.
std::optional<std::string> nearness(std::string_view filter, std::string_view subject) {
    if (base::equal_ignoring_case(filter, subject)) {
        return "differs in the case of its letters alone";
    }
    std::vector<std::string_view> const wanted = base::split(filter, '.');
    std::vector<std::string_view> const given = base::split(subject, '.');
    std::size_t const common = std::min(wanted.size(), given.size());
    std::size_t different = 0;
    std::size_t place = 0;
    for (std::size_t i = 0; i < common && wanted[i] != ">"; ++i) {
        if (!is_wild(wanted[i]) && wanted[i] != given[i]) {
            ++different;
            place = i;
        }
    }
    if (wanted.size() == given.size() && different == 1) {
        // A filter of one token that is another is not near.
        return wanted.size() == 1
                   ? std::nullopt
                   : std::optional(concat("has ", base::quoted(wanted[place]), " where this has ",
                                          base::quoted(given[place])));
    }
    if (different > 0) {
        return std::nullopt;
    }
    if (given.size() == wanted.size() + 1) {
        return concat("ends before ", base::quoted(given.back()));
    }
    if (wanted.size() == given.size() + 1) {
        return concat("wants one token more, ", base::quoted(wanted.back()));
    }
    return std::nullopt;
}

class Search {
public:
    Search(ServerState const& state, std::string const& subject)
        : state_(state), subject_(subject) {}

    void in_own_account(account::Account& account) {
        visit(account, [&](Subscription const& subscription, std::string const& who) {
            if (auto const how = nearness(subscription.filter, subject_)) {
                found_.push_back(concat(who, " listens on ", base::quoted(subscription.filter),
                                        ", which ", *how));
            }
        });
    }

    void in_other(account::Account& account) {
        auto const subject = subject::PublishSubject::from_token(subject_);
        visit(account, [&](Subscription const& subscription, std::string const& who) {
            if (subject::Filter::from_checked(subscription.filter).matches(subject)) {
                found_.push_back(concat(who, " listens on ", base::quoted(subscription.filter),
                                        " in ", account.name(), ", to which no import leads"));
            }
        });
    }

    void services_of(account::Account const& exporter) {
        auto const subject = subject::PublishSubject::from_token(subject_);
        for (config::ExportOptions const& share : exporter.options().exports) {
            auto const filter = subject::Filter::parse(share.subject);
            bool const would_answer = share.kind == config::ShareKind::Service && filter.ok() &&
                                      filter.value().matches(subject);
            if (would_answer && !is_full()) {
                found_.push_back(concat("the service ", base::quoted(share.subject), " of ",
                                        exporter.name(), " is not imported"));
            }
        }
    }

    bool is_full() const { return found_.size() >= kMost; }
    std::vector<std::string> take() { return std::move(found_); }

private:
    /// Clients' own subscriptions, until enough was found.
    template <class Look>
    void visit(account::Account& account, Look look) {
        std::size_t looked_at = 0;
        account.for_each_subscription([&](Subscription const& subscription) {
            if (is_full() || looked_at >= kMostLookedAt ||
                subscription.kind != SubscriptionKind::Ordinary) {
                return;
            }
            ++looked_at;
            std::uint64_t const cid = subscription.recipient->connection_id();
            auto const* const connection = state_.connections().find(cid);
            if (connection == nullptr) {
                return;  // One of the server's own.
            }
            std::string const& name = connection->options().name;
            look(subscription,
                 name.empty() ? concat("connection ", cid) : concat("client ", base::quoted(name)));
        });
    }

    ServerState const& state_;
    std::string const& subject_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> near_misses(ServerState const& state, account::Account const& account,
                                     std::string const& subject) {
    Search search(state, subject);
    for (auto const& each : state.accounts().all()) {
        if (each.get() == &account) {
            search.in_own_account(*each);
        }
    }
    for (auto const& each : state.accounts().all()) {
        if (each.get() != &account && !search.is_full()) {
            search.services_of(*each);
            search.in_other(*each);
        }
    }
    return search.take();
}

}  // namespace signalbox::server
