#pragma once

#include "engine/account/account_directory.h"
#include "engine/base/text.h"
#include "engine/dispatch/sharing.h"
#include "engine/event/client_info.h"
#include "engine/message/built_message.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/run_tests.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::dispatch {

/// What one client was delivered.
struct Heard {
    std::string sid;
    std::string subject;
    std::string reply;
    std::string headers;
    std::string payload;
};

class SharingStage;

/// A client of one account, as the dispatcher sees it.
class Guest : public message::Recipient, public message::Publisher {
public:
    Guest(SharingStage& stage, account::Account& account, std::uint64_t number)
        : stage_(stage), account_(account), number_(number) {
        account_.client_joined();
    }
    ~Guest() override {
        account_.client_left();
        while (!subscriptions_.empty()) {
            unsubscribe(subscriptions_.begin()->first);
        }
    }

    Guest(Guest const&) = delete;
    Guest& operator=(Guest const&) = delete;

    void subscribe(std::string const& filter, std::string const& sid,
                   std::string const& queue = {});
    void unsubscribe(std::string const& sid);
    std::uint64_t publish(std::string const& subject, std::string const& payload,
                          std::string const& reply = {}, std::string const& headers = {});
    void end_after(std::string const& sid, std::uint64_t max) { subscriptions_[sid]->max = max; }

    /// What came since it was last asked: `sid subject payload`.
    std::vector<std::string> take() {
        std::vector<std::string> lines;
        for (Heard const& each : std::exchange(heard, {})) {
            lines.push_back(concat(each.sid, " ", each.subject, " ", each.payload));
        }
        return lines;
    }
    Heard last() const { return heard.empty() ? Heard() : heard.back(); }

    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override {
        if (refuses == run.subject.text()) {
            return {};
        }
        for (message::MessageView const& m : run.messages) {
            heard.push_back({subscription.sid, std::string(run.subject.text()),
                             std::string(m.reply), std::string(m.headers), std::string(m.payload)});
        }
        return {.taken = static_cast<std::uint32_t>(run.messages.size())};
    }
    std::uint64_t connection_id() const override { return number_; }
    void finish(message::Subscription& subscription) override {
        unsubscribe(std::string(subscription.sid));
    }
    message::Recipient const* without_echo() const override { return echo ? nullptr : this; }
    void describe(event::ClientInfo& info) const override {
        info.id = number_;
        info.account = account_.name();
        info.name = "guest";
        info.rtt = base::milliseconds(3);
        info.server = "SERVER";
    }
    void stall() override {}

    std::vector<Heard> heard;
    std::string refuses;  ///< A subject it may not hear.
    bool echo = true;

private:
    SharingStage& stage_;
    account::Account& account_;
    std::uint64_t number_;
    std::map<std::string, message::Subscription*> subscriptions_;
};

/// Accounts on one simulated machine, with guests.
class SharingStage {
public:
    explicit SharingStage(std::vector<config::AccountOptions> accounts_wanted) {
        universe.exchange().add_machine("near", "10.0.0.1");
        world.emplace(universe.simulation(), universe.exchange(), "near");
        dispatcher.emplace(world->clock(), world->entropy(), nobody_else, observation);
        sharing.emplace(*world, *dispatcher, accounts);
        reload(std::move(accounts_wanted));
    }

    SharingStage(SharingStage const&) = delete;
    SharingStage& operator=(SharingStage const&) = delete;

    void reload(std::vector<config::AccountOptions> wanted) {
        config::Options options;
        options.accounts = std::move(wanted);
        accounts.apply(options);
        sharing->apply();
    }

    Guest& guest(std::string const& account) {
        guests.push_back(
            std::make_unique<Guest>(*this, *accounts.find(account), guests.size() + 1));
        return *guests.back();
    }

    void pass(Duration time = base::milliseconds(1)) { universe.simulation().run_for(time); }

    sim::Universe universe{1};
    observe::Observation observation{1, observe::Watch::Off};
    account::AccountDirectory accounts;
    NoRemoteInterest nobody_else;
    std::optional<sim::SimWorld> world;
    std::optional<Dispatcher> dispatcher;
    std::optional<Sharing> sharing;
    std::vector<std::unique_ptr<Guest>> guests;
};

inline void Guest::subscribe(std::string const& filter, std::string const& sid,
                             std::string const& queue) {
    stage_.world->run([&] {
        subscriptions_[sid] = &stage_.dispatcher->subscribe(
            account_, {.recipient = this, .filter = filter, .queue = queue, .sid = sid});
    });
}

inline void Guest::unsubscribe(std::string const& sid) {
    auto const found = subscriptions_.find(sid);
    message::Subscription& subscription = *found->second;
    subscriptions_.erase(found);
    stage_.world->run([&] { stage_.dispatcher->unsubscribe(account_, subscription); });
}

inline std::uint64_t Guest::publish(std::string const& subject, std::string const& payload,
                                    std::string const& reply, std::string const& headers) {
    std::uint64_t deliveries = 0;
    stage_.world->run([&] {
        message::BuiltMessage const built(reply, headers, payload);
        deliveries = stage_.dispatcher->publish(
            account_, built.run(subject::PublishSubject::from_token(subject)), *this);
    });
    return deliveries;
}

using Lines = std::vector<std::string>;

inline config::ExportOptions offers(config::ShareKind kind, std::string subject) {
    return {.kind = kind, .subject = std::move(subject)};
}

inline config::ImportOptions takes(config::ShareKind kind, std::string account, std::string subject,
                                   std::string to = {}) {
    return {.kind = kind,
            .account = std::move(account),
            .subject = std::move(subject),
            .to = std::move(to)};
}

inline config::AccountOptions account_of(std::string name,
                                         std::vector<config::ExportOptions> exports,
                                         std::vector<config::ImportOptions> imports = {}) {
    config::AccountOptions options{.name = std::move(name)};
    options.exports = std::move(exports);
    options.imports = std::move(imports);
    return options;
}

}  // namespace signalbox::dispatch
