#pragma once

#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"
#include "engine/store/memory_store.h"
#include "engine/store/segment_store.h"

#include <string>
#include <vector>

namespace signalbox::store {

/// Keeps the lines.
class LogLines final : public base::LogSink {
public:
    void write(LogLevel level, std::string_view line) override {
        lines.emplace_back(line);
        errors += level == LogLevel::Error ? 1 : 0;
    }

    std::vector<std::string> lines;
    int errors = 0;
};

/// A store on a simulated machine, whose fetches are waited for.
class StoreStage {
public:
    explicit StoreStage(std::uint64_t seed, std::uint64_t cache_bytes = std::uint64_t{1} << 20)
        : universe(seed), cache_bytes_(cache_bytes) {
        restart();
    }

    /// A process that begins anew on the same machine.
    void restart() {
        cache.reset();
        world.reset();
        world = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "m");
        cache = std::make_unique<BlockCache>(world->turn(), cache_bytes_);
    }

    void settle() { universe.simulation().run_for(base::seconds(1)); }

    /// What a load comes to, as text; "-" when there is no message.
    std::string text_of(StreamStore& store, std::function<Result<Load>()> const& load) {
        std::string text;
        bool again = true;
        for (int tries = 0; again; ++tries) {
            CHECK(tries < 10);
            again = false;
            FetchTicket ticket;
            world->run([&] {
                Result<Load> const loaded = load();
                if (!loaded.ok()) {
                    text = concat("error: ", name_of(loaded.error().code()));
                } else if (auto const* const found = std::get_if<Found>(&loaded.value())) {
                    text = text_of(found->message);
                } else if (auto const* const fetching = std::get_if<Fetching>(&loaded.value())) {
                    again = true;
                    ticket = fetching->ticket;
                } else {
                    text.assign(1, '-');
                }
            });
            if (again) {
                bool resumed = false;
                world->run([&] { store.when_fetched(ticket, [&] { resumed = true; }); });
                CHECK(universe.simulation().run_until([&] { return resumed; }, base::seconds(10)));
            }
        }
        return text;
    }

    static std::string text_of(StoredMessage const& message) {
        return concat(message.sequence, " ", message.time.since_epoch().count(), " ",
                      message.subject, " ", message.headers, " ", message.payload);
    }

    sim::Universe universe;
    std::unique_ptr<sim::SimWorld> world;
    std::unique_ptr<BlockCache> cache;
    LogLines lines;
    Logger log{lines};

private:
    std::uint64_t cache_bytes_;
};

}  // namespace signalbox::store
