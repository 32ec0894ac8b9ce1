#pragma once

#include "engine/account/account_directory.h"
#include "engine/dispatch/internal_client.h"
#include "engine/jetstream/consumer/consumer_rules.h"
#include "engine/jetstream/consumer/consumers.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"
#include "engine/store/memory_store.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// What a log line of a test would be is not kept.
class NoLog final : public base::LogSink {
public:
    void write(base::LogLevel, std::string_view) override {}
};

/// A stream of the plainest kind, for its consumers: what is stored and proposed is applied at the
/// next turn, in order; a restart replays from what was saved.
class PlainStream final : public ConsumerHost {
public:
    PlainStream(World& world, account::Account& account, dispatch::Dispatcher& dispatcher,
                StreamFacts facts)
        : world_(world),
          account_(account),
          dispatcher_(dispatcher),
          facts_(std::move(facts)),
          store_(world.turn(), store::Medium::File) {}

    world::World& world() override { return world_; }
    Logger& log() override { return log_; }
    account::Account& account() override { return account_; }
    dispatch::Dispatcher& dispatcher() override { return dispatcher_; }
    StreamFacts const& facts() const override { return facts_; }
    StreamFacts& changeable_facts() { return facts_; }
    store::StreamStore& store() override { return store_; }
    bool is_leader() const override { return part_ != nullptr; }

    void propose(std::string command, Urgency, OnApplied done) override {
        entries_.push_back({std::move(command), std::move(done)});
        if (entries_.size() == 1) {
            world_.turn().defer([this] { apply_all(); });
        }
    }

    void release(std::uint64_t sequence) override { erase(sequence); }

    /// Answers the sequence.
    std::uint64_t add(std::string const& subject, std::string const& payload,
                      std::string const& headers = {}) {
        auto const parsed = subject::PublishSubject::from_token(subject);
        if (facts_.retention == Retention::Interest && !part_->is_wanted(parsed)) {
            store_.skip(store_.state().last + 1);
            return store_.state().last;
        }
        std::uint64_t const sequence = store_.state().last + 1;
        CHECK(store_
                  .append({.sequence = sequence,
                           .time = world_.clock().wall_now(),
                           .subject = subject,
                           .headers = headers,
                           .payload = payload})
                  .ok());
        part_->stored(
            {.sequence = sequence, .subject = parsed, .stored_at = world_.clock().wall_now()});
        return sequence;
    }

    void erase(std::uint64_t sequence) {
        Result<store::Load> const load = store_.load(sequence);
        if (auto const* const found = std::get_if<store::Found>(&load.value())) {
            std::string const subject(found->message.subject);
            part_->removing(sequence, subject::PublishSubject::from_token(subject));
            CHECK(store_.erase(sequence, store::EraseMode::Forget).ok());
        }
    }

    void purge(std::uint64_t first) {
        CHECK(store_.compact(first).ok());
        part_->purged(first, {});
    }

    void attach(ConsumerPart* part) { part_ = part; }
    std::size_t entries_applied() const { return applied_; }

private:
    struct Entry {
        std::string command;
        OnApplied done;
    };

    void apply_all() {
        for (Entry const& entry : std::exchange(entries_, {})) {
            if (part_ == nullptr) {
                return;
            }
            ++applied_;
            part_->apply(entry.command, world_.clock().wall_now());
            if (entry.done) {
                entry.done(true);
            }
        }
    }

    World& world_;
    account::Account& account_;
    dispatch::Dispatcher& dispatcher_;
    StreamFacts facts_;
    store::MemoryStore store_;
    NoLog sink_;
    Logger log_{sink_};
    ConsumerPart* part_ = nullptr;
    std::deque<Entry> entries_;
    std::size_t applied_ = 0;
};

/// A stream with consumers in a simulated world, and a client beside it.
struct ConsumerStage {
    explicit ConsumerStage(StreamFacts facts = {.name = "S", .domain = {}}) {
        universe.exchange().add_machine("near", "10.0.0.1");
        world.emplace(universe.simulation(), universe.exchange(), "near");
        dispatcher.emplace(world->clock(), world->entropy(), nobody_else, observation);
        facts.name.assign(1, 'S');
        stream.emplace(*world, accounts.global(), *dispatcher, std::move(facts));
        client.emplace(world->turn(), *dispatcher, accounts.global());
        open();
    }
    ~ConsumerStage() { close(); }

    void open() {
        consumers = std::make_unique<Consumers>(*stream);
        stream->attach(consumers.get());
        do_now([&] { consumers->leadership(true); });
    }
    void close() {
        if (consumers != nullptr) {
            do_now([&] { consumers->close(ConsumerPart::Close::Shutdown); });
            stream->attach(nullptr);
            consumers.reset();
        }
    }
    /// As after a stop of the server, with what was saved.
    void restart() {
        wait(base::milliseconds(20));
        std::string saved;
        consumers->save(saved);
        close();
        consumers = std::make_unique<Consumers>(*stream);
        stream->attach(consumers.get());
        CHECK(consumers->restore(saved).ok());
        do_now([&] { consumers->leadership(true); });
    }

    void do_now(std::function<void()> const& task) {
        world->run(task);
        wait(base::milliseconds(1));
    }
    void wait(Duration duration) { universe.simulation().run_for(duration); }

    Consumer& create(ConsumerConfig config) {
        std::string const name = config.name;
        ConsumerConfig const settled = with_defaults(std::move(config), stream->facts());
        CHECK(!check_config(settled, stream->facts()));
        do_now([&] { consumers->create(settled, {}); });
        Consumer* const made = consumers->find(name);
        CHECK(made != nullptr);
        return *made;
    }
    Consumer& consumer(std::string const& name) { return *consumers->find(name); }

    void store(std::string const& subject, std::string const& payload = "x") {
        do_now([&] { stream->add(subject, payload); });
    }
    void store_many(std::string const& subject, int count) {
        do_now([&] {
            for (int i = 0; i < count; ++i) {
                stream->add(subject, std::to_string(i));
            }
        });
    }

    void listen(std::string const& filter) {
        do_now([&] {
            client->subscribe(filter, "", [&](dispatch::ReceivedMessage const& message) {
                received.push_back(message);
            });
        });
    }
    void say(std::string const& subject, std::string const& payload = {},
             std::string const& reply = {}) {
        do_now([&] {
            client->publish(
                {.subject = subject, .reply = reply, .headers = {}, .payload = payload});
        });
    }
    /// Asks the consumer `c`; answers go to `inbox`, which `listen` hears.
    void pull(std::string const& body, std::string const& inbox = "inbox",
              std::string const& name = "c") {
        say("$JS.API.CONSUMER.MSG.NEXT.S." + name, body, inbox);
    }

    std::vector<dispatch::ReceivedMessage> take() { return std::exchange(received, {}); }
    /// One line for each message: its status line, or subject and payload.
    std::string lines() {
        std::string out;
        for (dispatch::ReceivedMessage const& message : take()) {
            std::string_view const headers = message.headers;
            bool const status = headers.starts_with("NATS/1.0 ");
            out += status ? std::string(headers.substr(9, headers.find('\r') - 9))
                          : message.subject + " " + message.payload;
            out += '\n';
        }
        return out;
    }

    sim::Universe universe{1};
    observe::Observation observation{1, observe::Watch::Off};
    account::AccountDirectory accounts;
    dispatch::NoRemoteInterest nobody_else;
    std::optional<sim::SimWorld> world;
    std::optional<dispatch::Dispatcher> dispatcher;
    std::optional<PlainStream> stream;
    std::optional<dispatch::InternalClient> client;
    std::unique_ptr<Consumers> consumers;
    std::vector<dispatch::ReceivedMessage> received;
};

inline ConsumerConfig durable(std::string const& name, AckPolicy policy = AckPolicy::Explicit) {
    ConsumerConfig config;
    config.durable_name = name;
    config.name = name;
    config.acks.policy = policy;
    return config;
}

}  // namespace signalbox::jetstream
