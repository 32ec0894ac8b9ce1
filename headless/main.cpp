#include "engine/base/text.h"
#include "engine/config/command_line.h"
#include "engine/config/load.h"
#include "engine/host/check_options.h"
#include "engine/host/local_files.h"
#include "engine/host/service_log.h"
#include "engine/host/token_check.h"

#include "headless/lab_command.h"
#include "headless/send_signal.h"
#include "headless/service.h"
#include "headless/service_notify.h"
#include "headless/signals.h"

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox::headless {

namespace {

void print(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
}

/// What went wrong before there was a log.
int fail(config::Program const& program, std::string_view why) {
    print(stderr, concat(program.name, ": ", why, "\n"));
    return 1;
}

std::string base_name(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

/// `-t`: warnings count as faults.
int report(config::Program const& program, config::Loaded const& loaded) {
    if (!loaded.warnings.empty()) {
        return fail(program, base::join(loaded.warnings, "\n"));
    }
    Result<void> const sound = host::check_options(loaded.options);
    if (!sound.ok()) {
        return fail(program, sound.error().detail());
    }
    print(stderr, concat(program.name, ": configuration file ", loaded.options.files.config_file,
                         " is valid (", loaded.options.files.config_digest, ")\n"));
    return 0;
}

int serve(config::Program const& program, config::CommandLine const& command_line,
          config::Options options, std::string const& name) {
    // Before the first thread, which inherits it.
    Signals const signals;
    config::Environment const variables = host::environment();
    auto const socket = variables.find("NOTIFY_SOCKET");
    ServiceNotify const notify(socket == variables.end() ? "" : socket->second);
    Result<host::ServiceLog::Prepared> prepared = host::ServiceLog::prepare(options.logging, name);
    if (!prepared.ok()) {
        return fail(program, prepared.error().detail());
    }
    host::ServiceLog log(std::move(prepared).value());
    return Service(command_line, name, log, signals, notify).run(std::move(options));
}

int run(std::string const& name, std::vector<std::string> const& arguments) {
    if (!arguments.empty() && arguments.front() == "lab") {
        return run_lab(name, {arguments.begin() + 1, arguments.end()});
    }
    config::Program const program = config::Program::service();
    auto parsed = config::parse_command_line(program, arguments);
    if (auto const* answer = std::get_if<config::Answer>(&parsed)) {
        print(stderr, answer->err);
        print(stdout, answer->out);
        return answer->code;
    }
    auto const& command_line = std::get<config::CommandLine>(parsed);
    if (std::optional<config::SignalRequest> const& request = command_line.signal()) {
        LocalProcesses processes;
        Result<void> const sent = send_signal(*request, program.name, processes);
        return sent.ok() ? 0 : fail(program, sent.error().detail());
    }
    host::LocalFiles files;
    Result<config::Loaded> loaded = config::load(command_line, files, host::environment());
    if (!loaded.ok()) {
        return fail(program, loaded.error().detail());
    }
    if (Result<void> const sound = host::check_tokens(loaded.value().options); !sound.ok()) {
        return fail(program, sound.error().detail());
    }
    if (command_line.test_only()) {
        return report(program, loaded.value());
    }
    if (!loaded.value().warnings.empty()) {
        fail(program, base::join(loaded.value().warnings, "\n"));
    }
    return serve(program, command_line, std::move(loaded.value().options), name);
}

}  // namespace

}  // namespace signalbox::headless

int main(int argc, char** argv) {
    using signalbox::headless::base_name;
    std::string const name = argc > 0 ? base_name(argv[0]) : "signalboxd";
    return signalbox::headless::run(
        name, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
