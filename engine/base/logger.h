#pragma once

#include "engine/base/text.h"

#include <string>
#include <string_view>
#include <utility>

namespace signalbox::base {

/// How much a line asks of the operator, and the label it has in the log.
enum class LogLevel {
    Fatal,    ///< `[FTL]`: the server ends.
    Error,    ///< `[ERR]`: an operator must act.
    Warning,  ///< `[WRN]`: may have to.
    Notice,   ///< `[INF]`: a life event, never one for each message.
    Debug,    ///< `[DBG]`: one for each connection or request.
    Trace,    ///< `[TRC]`: protocol lines.
};

/// Where finished lines go. Implementations live at the edges: files, syslog, a ring, a test.
class LogSink {
public:
    virtual ~LogSink() = default;
    virtual void write(LogLevel level, std::string_view line) = 0;
};

/// Says what happened. A logger carries the prefix by which one finds the lines of one connection.
class Logger {
public:
    explicit Logger(LogSink& sink, std::string prefix = {})
        : sink_(&sink), prefix_(std::move(prefix)) {}

    bool wants(LogLevel level) const {
        switch (level) {
            case LogLevel::Debug:
                return debug_;
            case LogLevel::Trace:
                return trace_;
            default:
                return true;
        }
    }

    void enable(bool debug, bool trace) {
        debug_ = debug;
        trace_ = trace;
    }

    void write(LogLevel level, std::string_view text) {
        if (prefix_.empty()) {
            sink_->write(level, text);
        } else {
            sink_->write(level, concat(prefix_, " - ", text));
        }
    }

    /// One whose lines start with `prefix`, of the same sink and levels.
    Logger with_prefix(std::string prefix) const {
        Logger other(*sink_, std::move(prefix));
        other.enable(debug_, trace_);
        return other;
    }

private:
    LogSink* sink_;
    std::string prefix_;
    bool debug_ = false;
    bool trace_ = false;
};

}  // namespace signalbox::base

namespace signalbox {
using base::Logger;
using base::LogLevel;
}  // namespace signalbox

/// Writes a line of the parts given, which are made into text only when the level is wanted.
#define LOG(logger, level, ...)                                     \
    do {                                                            \
        if ((logger).wants(::signalbox::base::LogLevel::level)) {   \
            (logger).write(::signalbox::base::LogLevel::level,      \
                           ::signalbox::base::concat(__VA_ARGS__)); \
        }                                                           \
    } while (false)
