#include "headless/service.h"

#include "engine/base/text.h"
#include "engine/host/local_files.h"

#include <utility>

namespace signalbox::headless {

namespace {

host::EngineOptions engine_options(std::string const& program_name, host::ServiceLog& log) {
    host::EngineOptions options;
    options.program_name = program_name;
    options.log = &log;
    return options;
}

}  // namespace

Service::Service(config::CommandLine command_line, std::string program_name, host::ServiceLog& log,
                 Signals const& signals, ServiceNotify const& notify)
    : command_line_(std::move(command_line)),
      program_name_(std::move(program_name)),
      log_(log),
      signals_(signals),
      notify_(notify),
      engine_(engine_options(program_name_, log)) {
    engine_.on_idle([this] { signals_.wake(); });
    engine_.on_reload_request([this] { signals_.ask_for_reload(); });
}

int Service::run(config::Options options) {
    logging_ = options.logging;
    if (!start(std::move(options))) {
        return 1;
    }
    notify_.ready();
    bool ended_by_itself = false;
    while (!ended_by_itself) {
        int const signal = signals_.wait();
        ended_by_itself = signal == SIGALRM;
        if (!ended_by_itself && !take(signal)) {
            break;
        }
    }
    notify_.stopping();
    if (ended_by_itself) {
        return in_lame_duck_ ? 0 : 1;
    }
    engine_.wait(engine_.post(host::StopServer{server_}));
    return 0;
}

bool Service::start(config::Options options) {
    host::Outcome const outcome = engine_.wait(engine_.post(host::StartServer{std::move(options)}));
    // The engine has logged why.
    if (outcome.error) {
        return false;
    }
    server_ = outcome.server;
    return true;
}

bool Service::take(int signal) {
    say(LogLevel::Notice, concat("Trapped \"", name_of_signal(signal), "\" signal"));
    switch (signal) {
        case SIGHUP:
            reload();
            return true;
        case SIGUSR1:
            log_.reopen();
            return true;
        case SIGUSR2:
            // It ends by itself; a second signal changes nothing.
            in_lame_duck_ = true;
            engine_.post(host::EnterLameDuck{server_});
            return true;
        case SIGTERM:
            return in_lame_duck_;
        default:
            return false;
    }
}

void Service::reload() {
    notify_.reloading();
    Result<void> const done = try_reload();
    if (!done.ok()) {
        // The server logs it, and tells whoever asked.
        engine_.wait(engine_.post(host::RefuseReload{server_, done.error().detail()}));
    }
    notify_.ready();
}

/// Everything that can fail is done before the server changes anything; what the server itself
/// refuses it has logged.
Result<void> Service::try_reload() {
    if (command_line_.config_file().empty()) {
        return Error(Errc::InvalidArgument,
                     "can only reload config when a file is provided using -c or --config");
    }
    host::LocalFiles files;
    config::Loaded loaded = TRY(config::load(command_line_, files, host::environment()));
    for (std::string const& warning : loaded.warnings) {
        say(LogLevel::Warning, warning);
    }
    config::Logging const logging = loaded.options.logging;
    std::optional<host::ServiceLog::Prepared> prepared;
    if (!(logging == logging_)) {
        prepared = TRY(host::ServiceLog::prepare(logging, program_name_));
    }
    host::Outcome const outcome =
        engine_.wait(engine_.post(host::ReloadServer{server_, std::move(loaded.options)}));
    if (!outcome.error && prepared) {
        log_.replace(std::move(*prepared));
        logging_ = logging;
    }
    return {};
}

}  // namespace signalbox::headless
