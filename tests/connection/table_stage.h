#pragma once

#include "engine/auth/auth_chain.h"
#include "engine/base/text.h"
#include "engine/connection/connection_table.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/raw_client.h"

#include <memory>
#include <string>
#include <vector>

namespace signalbox::connection {

/// Keeps what is logged.
class KeptLog : public base::LogSink {
public:
    void write(LogLevel level, std::string_view line) override {
        lines.emplace_back(line);
        warned = warned || level == LogLevel::Error;
    }
    bool says(std::string_view text) const {
        return std::ranges::any_of(
            lines, [&](std::string const& line) { return line.find(text) != std::string::npos; });
    }

    std::vector<std::string> lines;
    bool warned = false;
};

/// A table of connections on one simulated machine, and clients on another.
class TableStage {
public:
    explicit TableStage(config::Options wanted = {}, observe::Watch watch = observe::Watch::Off)
        : observation(1, watch), options(std::move(wanted)) {
        universe.exchange().add_machine("near", "10.0.0.1");
        universe.exchange().add_machine("far", "10.0.0.2");
        near = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "near");
        far = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "far");
        dispatcher.emplace(near->clock(), near->entropy(), nobody_else, observation);
        flush.emplace(near->turn());
        authenticator = auth::make_authenticator(
            {.world = *near, .log = log, .failures = &failures, .observation = &observation},
            options);
        context.reset(new ConnectionContext{.world = *near,
                                            .log = log,
                                            .accounts = accounts,
                                            .dispatcher = *dispatcher,
                                            .observation = observation,
                                            .flush = *flush,
                                            .options = &options,
                                            .authenticator = authenticator.get(),
                                            .info = {.server_id = "N", .server_name = "box"}});
        accounts.apply(options);
        table.emplace(*context);
        listener = near->network()
                       .listen({"0.0.0.0", 4222},
                               [this](std::unique_ptr<world::Link> link) {
                                   table->accept(std::move(link));
                               })
                       .value();
    }

    TableStage(TableStage const&) = delete;
    TableStage& operator=(TableStage const&) = delete;

    ~TableStage() { peers.clear(); }

    support::RawClient& open() {
        peers.push_back(std::make_unique<support::RawClient>());
        support::RawClient& peer = *peers.back();
        far->run([&] { peer.connect(*far, "near", 4222); });
        pass(base::milliseconds(5));
        return peer;
    }

    /// Greeted, with what it was told so far taken.
    support::RawClient& connect(std::string_view json = "{\"verbose\":false,\"pedantic\":false}") {
        support::RawClient& peer = open();
        say(peer, concat("CONNECT ", json, "\r\n"));
        peer.take_bytes();
        return peer;
    }

    /// All of it in one piece.
    void say(support::RawClient& peer, std::string_view bytes) {
        far->run([&] { peer.send(bytes); });
        pass(base::milliseconds(5));
    }

    /// What it is told after saying so.
    std::string ask(support::RawClient& peer, std::string_view bytes) {
        say(peer, bytes);
        return peer.take_bytes();
    }

    void pass(Duration time) { universe.simulation().run_for(time); }

    /// As a reload does.
    void reload(config::Options now) {
        near->run([&] {
            bool const other_users = !auth::judge_alike(now, options);
            options = std::move(now);
            accounts.apply(options);
            if (other_users) {
                authenticator = auth::make_authenticator({.world = *near,
                                                          .log = log,
                                                          .failures = &failures,
                                                          .observation = &observation},
                                                         options);
                context->authenticator = authenticator.get();
                table->authenticate_again();
            }
            table->settings_changed();
        });
        pass(base::milliseconds(20));
    }

    /// Of the connection that closed last.
    std::string last_reason() const {
        return table->closed().empty() ? std::string()
                                       : std::string(text_of(table->closed().back().reason));
    }

    std::size_t subscription_count() { return accounts.global().subscription_count(); }

    sim::Universe universe{1};
    KeptLog sink;
    Logger log{sink};
    observe::Observation observation;
    account::AccountDirectory accounts;
    dispatch::NoRemoteInterest nobody_else;
    config::Options options;
    std::unique_ptr<sim::SimWorld> near;
    std::unique_ptr<sim::SimWorld> far;
    std::optional<dispatch::Dispatcher> dispatcher;
    std::optional<transport::FlushQueue> flush;
    auth::FailureTable failures;
    std::unique_ptr<auth::Authenticator> authenticator;
    std::unique_ptr<ConnectionContext> context;
    std::optional<ConnectionTable> table;
    std::unique_ptr<world::Listener> listener;
    std::vector<std::unique_ptr<support::RawClient>> peers;
};

inline constexpr char kRefused[] = "-ERR 'Authorization Violation'\r\n";

}  // namespace signalbox::connection
