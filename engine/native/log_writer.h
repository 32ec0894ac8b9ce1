#pragma once

#include "engine/base/logger.h"
#include "engine/native/log_output.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace signalbox::native {

/// A log whose lines are written by a thread of its own: whoever writes to it never waits for a
/// disk or a peer. Any thread may call it. Lines are written in order, and all that were taken are
/// written before it is gone; those beyond what it holds are dropped, and their number is logged.
class LogWriter : public base::LogSink {
public:
    static constexpr std::size_t kMostBytes = 16U << 20U;

    explicit LogWriter(std::unique_ptr<LogOutput> output);
    ~LogWriter() override;

    LogWriter(LogWriter const&) = delete;
    LogWriter& operator=(LogWriter const&) = delete;

    void write(LogLevel level, std::string_view line) override;

    /// Lines from here on go there.
    void replace(std::unique_ptr<LogOutput> output);

    /// Begins a file anew that was moved away; the log says how that went.
    void reopen();

private:
    /// A line, or something to do between two lines.
    struct Item {
        LogLine line;
        std::unique_ptr<LogOutput> output;
        bool reopen = false;
    };

    void put(Item item);
    void work();
    void carry_out(Item& item);

    std::unique_ptr<LogOutput> output_;  ///< The thread's own.
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Item> items_;  ///< Guarded by `mutex_`, as all below.
    std::size_t bytes_ = 0;
    std::size_t dropped_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace signalbox::native
