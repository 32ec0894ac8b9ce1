#pragma once

#include "engine/base/logger.h"
#include "engine/base/result.h"
#include "engine/config/options.h"

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::host {

/// The log of a program: a file, a remote or local syslog, or standard error, whichever of them the
/// options name first. Any thread may write; none waits for what takes the lines. All lines taken
/// are written before it is gone.
class ServiceLog : public base::LogSink {
public:
    /// Where lines shall go, made ready so that nothing can fail when it is put in place.
    class Prepared {
    public:
        Prepared(Prepared&&) noexcept;
        Prepared& operator=(Prepared&&) noexcept;
        ~Prepared();

    private:
        friend class ServiceLog;
        class Impl;
        explicit Prepared(std::unique_ptr<Impl> impl);
        std::unique_ptr<Impl> impl_;
    };

    /// `tag` is the program's name in a syslog. Errors: Io, InvalidArgument.
    static Result<Prepared> prepare(config::Logging const& options, std::string const& tag);

    explicit ServiceLog(Prepared prepared);
    ~ServiceLog() override;

    ServiceLog(ServiceLog const&) = delete;
    ServiceLog& operator=(ServiceLog const&) = delete;

    void write(LogLevel level, std::string_view line) override;

    /// Lines from here on go there.
    void replace(Prepared prepared);

    /// Begins a log file anew that was moved away; the log says how that went.
    void reopen();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::host
