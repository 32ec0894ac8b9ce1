#include "engine/host/service_log.h"

#include "engine/native/log_file.h"
#include "engine/native/log_writer.h"
#include "engine/native/syslog.h"

#include <utility>

namespace signalbox::host {

class ServiceLog::Prepared::Impl {
public:
    std::unique_ptr<native::LogOutput> output;
};

class ServiceLog::Impl {
public:
    explicit Impl(std::unique_ptr<native::LogOutput> output) : writer(std::move(output)) {}
    native::LogWriter writer;
};

namespace {

Result<std::unique_ptr<native::LogOutput>> output_for(config::Logging const& options,
                                                      std::string const& tag) {
    native::LineStyle const style{
        .time = options.logtime, .utc = options.logtime_utc, .colour = false};
    std::unique_ptr<native::LogOutput> output;
    if (!options.log_file.empty()) {
        output = TRY(native::FileLog::open(
            options.log_file, style,
            {.size = options.log_size_limit, .max_num = options.log_max_num}));
    } else if (!options.remote_syslog.empty() || options.syslog) {
        output = TRY(native::Syslog::open(options.remote_syslog, tag));
    } else {
        output = std::make_unique<native::ConsoleLog>(style);
    }
    return output;
}

}  // namespace

ServiceLog::Prepared::Prepared(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServiceLog::Prepared::Prepared(Prepared&&) noexcept = default;
ServiceLog::Prepared& ServiceLog::Prepared::operator=(Prepared&&) noexcept = default;
ServiceLog::Prepared::~Prepared() = default;

Result<ServiceLog::Prepared> ServiceLog::prepare(config::Logging const& options,
                                                 std::string const& tag) {
    auto impl = std::make_unique<Prepared::Impl>();
    impl->output = TRY(output_for(options, tag));
    return Prepared(std::move(impl));
}

ServiceLog::ServiceLog(Prepared prepared)
    : impl_(std::make_unique<Impl>(std::move(prepared.impl_->output))) {}

ServiceLog::~ServiceLog() = default;

void ServiceLog::write(LogLevel level, std::string_view line) {
    impl_->writer.write(level, line);
}

void ServiceLog::replace(Prepared prepared) {
    impl_->writer.replace(std::move(prepared.impl_->output));
}

void ServiceLog::reopen() {
    impl_->writer.reopen();
}

}  // namespace signalbox::host
