#pragma once

#include "engine/consensus/replicated_log.h"
#include "engine/world/world.h"

#include <deque>
#include <memory>

namespace signalbox::consensus {

/// The log of a stream that is kept in memory and has no replicas: what is proposed in a turn is
/// committed at its end, and a restart finds nothing.
class MemoryLog final : public ReplicatedLog {
public:
    explicit MemoryLog(World& world) : world_(world) {}

    MemoryLog(MemoryLog const&) = delete;
    MemoryLog& operator=(MemoryLog const&) = delete;

    void start(StateMachine& machine) override;
    using ReplicatedLog::propose;
    Result<LogIndex> propose(std::span<Bytes const> pieces) override;
    void resume() override;
    bool is_leader() const override { return leader_; }
    LogIndex applied() const override { return applied_; }
    std::uint64_t bytes_waiting() const override { return bytes_waiting_; }
    void set_durability(Durability durability) override { durability_ = durability; }
    Durability durability() const override { return durability_; }

private:
    static constexpr std::uint64_t kMostBytesWaiting = std::uint64_t{64} << 20;

    void plan();
    void apply_all();

    World& world_;
    StateMachine* machine_ = nullptr;
    std::deque<std::string> waiting_;
    std::uint64_t bytes_waiting_ = 0;
    LogIndex last_ = 0;
    LogIndex applied_ = 0;
    bool leader_ = false;
    bool planned_ = false;
    bool held_ = false;  ///< The machine has to read something first.
    Durability durability_ = Durability::Relaxed;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');  ///< For late tasks.
};

}  // namespace signalbox::consensus
