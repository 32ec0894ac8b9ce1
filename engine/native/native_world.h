#pragma once

#include "engine/native/event_loop.h"
#include "engine/native/file_disk.h"
#include "engine/native/socket_network.h"
#include "engine/native/system_entropy.h"
#include "engine/native/timer_queue.h"
#include "engine/native/worker_threads.h"
#include "engine/world/world.h"

#include <string>

namespace signalbox::native {

/// The real world, for one engine thread.
class NativeWorld : public World {
public:
    explicit NativeWorld(std::string program_name) : program_name_(std::move(program_name)) {}

    EventLoop& loop() { return loop_; }

    world::Clock& clock() override { return loop_; }
    world::Timers& timers() override { return timers_; }
    world::Network& network() override { return network_; }
    world::Disk& disk() override { return disk_; }
    world::Entropy& entropy() override { return entropy_; }
    world::Workers& workers() override { return workers_; }
    world::Turn& turn() override { return loop_; }
    std::uint64_t process_id() const override;
    std::string const& program_name() const override { return program_name_; }
    Usage usage() const override;

private:
    std::string program_name_;
    EventLoop loop_;
    TimerQueue timers_{loop_};
    WorkerThreads workers_{loop_};
    SocketNetwork network_{loop_, timers_, workers_};
    FileDisk disk_{loop_};
    SystemEntropy entropy_;
};

/// What tools such as `top -H` show; at most 15 characters.
void name_this_thread(char const* name);

/// Raises the soft limit of open files to the hard one, and answers it.
std::uint64_t raise_descriptor_limit();

}  // namespace signalbox::native
