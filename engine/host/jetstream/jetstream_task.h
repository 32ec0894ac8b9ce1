#pragma once

#include "engine/host/jetstream/jetstream_order.h"

#include <functional>

namespace signalbox::host {

/// Who is told of something long. `done` is called once, never from within a call to the task, and
/// may destroy it.
struct TaskSink {
    std::function<void(JetStreamAnswer)> done;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

/// An order that takes more than one question. Its end gives up what is under way, and leaves
/// nothing half done behind.
class JetStreamTask {
public:
    virtual ~JetStreamTask() = default;
    virtual void start() = 0;
};

}  // namespace signalbox::host
