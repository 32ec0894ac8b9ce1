#pragma once

#include "engine/base/text.h"
#include "engine/consensus/storage.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include <map>
#include <string>
#include <vector>

namespace signalbox::consensus {

/// Keeps the lines, and counts those that an operator must act on.
class LogLines final : public base::LogSink {
public:
    void write(LogLevel level, std::string_view line) override {
        lines.emplace_back(line);
        errors += level == LogLevel::Error ? 1 : 0;
    }

    std::vector<std::string> lines;
    int errors = 0;
};

/// The simplest stream there is: `+subject payload` adds a message, `-sequence` erases one,
/// `<first` drops those before. Counts what it applied, so that a state and its log can be
/// compared.
class Ledger final : public StateMachine {
public:
    explicit Ledger(KeptStream& kept) : kept_(kept) {}

    Applied apply(LogIndex index, Bytes entry) override {
        CHECK(index > last_index);
        last_index = index;
        ++applied;
        Bytes const rest = entry.substr(1);
        if (entry.front() == '+') {
            std::size_t const space = rest.find(' ');
            store::Sequence const sequence = kept_.store->state().last + 1;
            CHECK(kept_.store
                      ->append({.sequence = sequence,
                                .time = WallTime(Duration(static_cast<std::int64_t>(index))),
                                .subject = rest.substr(0, space),
                                .payload = rest.substr(space + 1)})
                      .ok());
            acknowledged[sequence] = std::string(rest);
        } else {
            std::uint64_t const number = std::stoull(std::string(rest));
            if (entry.front() == '-') {
                CHECK(kept_.store->erase(number, store::EraseMode::Forget).ok());
            } else {
                CHECK(kept_.store->compact(number).ok());
            }
        }
        return Applied::Done;
    }

    std::string save() const override { return concat(applied, " ", last_index); }
    Result<void> restore(Bytes state) override {
        std::size_t const space = state.find(' ');
        applied = std::stoull(std::string(state.substr(0, space)));
        last_index = std::stoull(std::string(state.substr(space + 1)));
        return {};
    }
    /// Each of them may have been a message.
    void entries_lost(LogIndex first, LogIndex last) override {
        last_index = last;
        kept_.store->skip(kept_.store->state().last + last + 1 - first);
    }
    void leadership_changed(bool is_leader) override { leader = is_leader; }
    void log_failed(Error const&) override { failed = true; }

    std::uint64_t applied = 0;
    LogIndex last_index = 0;
    std::map<store::Sequence, std::string> acknowledged;
    bool leader = false;
    bool failed = false;

private:
    KeptStream& kept_;
};

/// A storage on a simulated machine that is stopped and started.
class StorageStage {
public:
    explicit StorageStage(std::uint64_t seed) : universe(seed) {}

    std::uint64_t free_space = std::uint64_t{1} << 40;  ///< Of the disk at a start.
    StorageOptions options{.directory = "/data",
                           .cache_bytes = 4000,
                           .journal_file_bytes = 12'000,
                           .checkpoint_interval = base::hours(10),
                           .smallest_segment = 1500,
                           .largest_segment = 3000,
                           .block_bytes = 500};

    /// A new process; its ledgers are those of the streams it finds. False when it was not opened.
    bool start(std::optional<std::uint64_t> changes_left = std::nullopt) {
        world = std::make_unique<sim::SimWorld>(universe.simulation(), universe.exchange(), "m");
        world->disk().faults().changes_left = changes_left;
        world->disk().faults().free_space = free_space;
        storage = std::make_unique<Storage>(*world, log, options);
        std::optional<bool> opened;
        world->run([&] {
            storage->open([&](Result<void> const& done) {
                opened = done.ok();
                failure = done.ok() ? "" : done.error().detail();
            });
        });
        if (!wait([&] { return opened.has_value(); }) || !*opened) {
            return false;
        }
        bool replayed = false;
        world->run([&] {
            for (auto const& [id, kept] : storage->streams()) {
                start_ledger(*kept);
            }
            storage->replay([&](Result<void> const& done) { replayed = done.ok(); });
        });
        return wait([&] {
            bool all = replayed;
            for (auto const& [id, ledger] : ledgers) {
                all = all && ledger->leader;
            }
            return all;
        });
    }

    void start_ledger(KeptStream& kept) {
        ledgers[kept.id] = std::make_unique<Ledger>(kept);
        kept.log->start(*ledgers[kept.id]);
    }

    StreamId create(StreamSettings const& settings) {
        StreamId id = 0;
        bool made = false;
        world->run([&] {
            KeptStream& kept =
                storage->create(settings, [&](Result<void> const& done) { made = done.ok(); });
            id = kept.id;
            start_ledger(kept);
        });
        created = wait([&] { return made; });
        return id;
    }

    void propose(StreamId id, std::string const& entry) {
        world->run([&] {
            if (KeptStream* const kept = storage->find(id)) {
                refused = !kept->log->propose(entry).ok();
            }
        });
    }

    bool checkpoint() {
        std::optional<bool> made;
        world->run(
            [&] { storage->checkpoint([&](Result<void> const& done) { made = done.ok(); }); });
        return wait([&] { return made.has_value(); }) && *made;
    }

    bool close() {
        std::optional<bool> closed;
        world->run([&] { storage->close([&](Result<void> const& done) { closed = done.ok(); }); });
        return wait([&] { return closed.has_value(); }) && *closed;
    }

    /// The process is gone, and with the power what was not synced.
    void stop(bool power_cut) {
        storage.reset();
        ledgers.clear();
        world.reset();
        if (power_cut) {
            universe.simulation().lose_unsynced("m");
        }
    }

    void run_for(Duration time) { universe.simulation().run_for(time); }

    bool wait(std::function<bool()> const& until) {
        return universe.simulation().run_until(until, base::milliseconds(400));
    }

    /// `subject payload`, "-" for no message, "!" for one that cannot be read.
    std::string message(StreamId id, store::Sequence sequence) {
        for (int tries = 0; tries < 5; ++tries) {
            std::string text = "-";
            std::optional<store::FetchTicket> ticket;
            store::StreamStore& store = *storage->find(id)->store;
            world->run([&] {
                Result<store::Load> const loaded = store.load(sequence);
                if (!loaded.ok()) {
                    text.assign(1, '!');
                } else if (auto const* const found = std::get_if<store::Found>(&loaded.value())) {
                    text = concat(found->message.subject, " ", found->message.payload);
                } else if (auto const* const fetching =
                               std::get_if<store::Fetching>(&loaded.value())) {
                    ticket = fetching->ticket;
                }
            });
            if (!ticket) {
                return text;
            }
            bool resumed = false;
            world->run([&] { store.when_fetched(*ticket, [&] { resumed = true; }); });
            CHECK(wait([&] { return resumed; }));
        }
        return "?";
    }

    sim::SimFiles& files() { return universe.simulation().files_of("m"); }

    sim::Universe universe;
    LogLines lines;
    Logger log{lines};
    std::unique_ptr<sim::SimWorld> world;
    std::unique_ptr<Storage> storage;
    std::map<StreamId, std::unique_ptr<Ledger>> ledgers;
    std::string failure;
    bool created = false;
    bool refused = false;
};

}  // namespace signalbox::consensus
