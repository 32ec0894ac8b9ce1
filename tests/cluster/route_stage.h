#pragma once

#include "engine/base/text.h"
#include "engine/sim/cluster.h"

#include "tests/support/raw_client.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::cluster {

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// A client of one server that keeps what it hears.
class Ear {
public:
    explicit Ear(sim::SimClient& client) : client_(client) {}

    void listen(std::string_view filter, std::string_view queue_group = {}) {
        client_.world().run([&] {
            auto const sid =
                client_.client().subscribe(filter, queue_group, [this](client::Incoming const& m) {
                    heard.push_back(concat(m.subject, " ", m.payload));
                });
            sids_[std::string(filter)] = sid.value();
        });
    }
    void forget(std::string_view filter) {
        client_.world().run([&] { client_.client().unsubscribe(sids_[std::string(filter)]); });
    }
    /// Says back what it is asked.
    void answer(std::string_view filter, std::string_view queue_group, std::string word) {
        client_.world().run([&] {
            auto const sid = client_.client().subscribe(
                filter, queue_group, [this, word](client::Incoming const& m) {
                    heard.push_back(concat(m.subject, " ", m.payload));
                    std::string const reply(m.reply);
                    (void)client_.client().publish({.subject = reply, .payload = word});
                });
            (void)sid;
        });
    }
    void say(std::string_view subject, std::string_view payload, std::string_view headers = {}) {
        client_.world().run([&] {
            (void)client_.client().publish(
                {.subject = subject, .headers = headers, .payload = payload});
        });
    }
    void ask(std::string_view subject, std::string_view payload) {
        client_.world().run([&] {
            (void)client_.client().request(
                {.subject = subject, .payload = payload}, base::seconds(2),
                [this](auto const& reply) {
                    answers.push_back(reply.ok() && !reply.value().no_responders
                                          ? std::string(reply.value().payload)
                                          : std::string("nobody"));
                });
        });
    }

    client::Client& client() { return client_.client(); }

    std::vector<std::string> heard;
    std::vector<std::string> answers;

private:
    sim::SimClient& client_;
    std::map<std::string, client::Sid> sids_;
};

/// Servers of one cluster in virtual time, and clients of them.
class RouteStage {
public:
    using Tweak = std::function<void(std::size_t place, config::Options&)>;

    explicit RouteStage(std::size_t servers, sim::Routes routes = sim::Routes::First,
                        Tweak const& tweak = {})
        : cluster_({.seed = 7,
                    .servers = servers,
                    .options = plain_options(),
                    .profile = {.latency = base::microseconds(200)},
                    .routes = routes}) {
        for (std::size_t place = 0; tweak && place < servers; ++place) {
            tweak(place, cluster_.server(place).options());
        }
    }

    bool start() {
        return cluster_.start() &&
               simulation().run_until([this] { return cluster_.is_meshed(); }, base::seconds(20)) &&
               settle();
    }
    /// Long enough for all that is on its way.
    bool settle() {
        simulation().run_for(base::milliseconds(50));
        return true;
    }

    Ear& ear(std::size_t place) {
        sim::SimClient& client = cluster_.add_client(place);
        ears_.push_back(std::make_unique<Ear>(client));
        client.connect();
        simulation().run_until([&] { return client.client().state() == client::State::Connected; },
                               base::seconds(5));
        return *ears_.back();
    }

    RouteTable const& routes(std::size_t place) {
        return *cluster_.server(place).server().routes();
    }
    sim::Cluster& cluster() { return cluster_; }
    sim::Simulation& simulation() { return cluster_.simulation(); }
    std::string log() { return cluster_.log().last_lines(); }

    static config::Options plain_options() {
        config::Options options;
        options.cluster.name = "sim";
        return options;
    }

private:
    sim::Cluster cluster_;
    std::vector<std::unique_ptr<Ear>> ears_;
};

}  // namespace signalbox::cluster
