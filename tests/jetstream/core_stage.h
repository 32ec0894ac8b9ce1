#pragma once

#include "engine/jetstream/stream/config_rules.h"
#include "engine/jetstream/stream/stream_core.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"
#include "engine/store/memory_store.h"

#include <functional>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// The state machine of one stream, without a server around it: entries in, outcomes out. Time is
/// what the entries say.
struct CoreStage {
    explicit CoreStage(std::function<void(StreamConfig&)> const& change = {}) {
        StreamConfig config;
        if (change) {
            change(config);
        }
        universe.exchange().add_machine("near", "10.0.0.1");
        world = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "near");
        store = std::make_unique<store::MemoryStore>(world->turn(), store::Medium::Memory);
        if (config.name.empty()) {
            config.name.assign(1, 'S');
        }
        if (config.subjects.empty()) {
            config.subjects = {"s.>"};
        }
        config.memory = true;
        settled(config);
        core = std::make_unique<StreamCore>(config, *store);
        core->begin_new();
    }

    static void settled(StreamConfig& config) {
        config::JetStreamTier const limits;
        (void)settle(config, false, {.longest_duplicate_window = {}, .limits = limits, .find = {}});
    }

    Outcome apply(StreamCommand const& command) {
        Result<Outcome> outcome = core->apply(encode(now, command));
        return outcome.ok() ? outcome.value()
                            : Outcome::refusal(api_error(ApiErrc::StreamGeneralError));
    }
    Outcome publish(std::string_view subject, std::string_view payload = "x",
                    std::vector<std::pair<std::string, std::string>> const& headers = {}) {
        std::string const block = headers_of(headers);
        return apply(PublishCommand{subject, block, payload});
    }
    static std::string headers_of(std::vector<std::pair<std::string, std::string>> const& headers) {
        if (headers.empty()) {
            return {};
        }
        std::string block = "NATS/1.0\r\n";
        for (auto const& [name, value] : headers) {
            append(block, name, ": ", value, "\r\n");
        }
        return block + "\r\n";
    }

    void pass(Duration time) { now = now + time; }
    /// What is too old by now goes.
    void expire() { apply(ExpireCommand{}); }

    /// `sequence:subject:payload`, with a blank between messages.
    std::string messages() const {
        std::string text;
        store::StoreState const& state = store->state();
        for (std::uint64_t at = state.first; at <= state.last; ++at) {
            auto const load = store->load(at);
            if (auto const* found = std::get_if<store::Found>(&load.value())) {
                append(text, text.empty() ? "" : " ", at, ":", found->message.subject, ":",
                       found->message.payload);
            }
        }
        return text;
    }
    std::string headers_at(std::uint64_t sequence) const {
        auto const load = store->load(sequence);
        auto const* found = std::get_if<store::Found>(&load.value());
        return found == nullptr ? "" : std::string(found->message.headers);
    }

    sim::Universe universe{1};
    std::unique_ptr<sim::SimWorld> world;
    std::unique_ptr<store::MemoryStore> store;
    std::unique_ptr<StreamCore> core;
    WallTime now{base::seconds(1'000'000)};
};

inline int error_of(Outcome const& outcome) {
    return outcome.refused ? static_cast<int>(outcome.refused->err_code) : 0;
}

}  // namespace signalbox::jetstream
