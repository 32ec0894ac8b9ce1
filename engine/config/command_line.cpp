#include "engine/config/command_line.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/config/address.h"
#include "engine/config/block_spec.h"
#include "engine/config/flags.h"
#include "engine/config/tls_files.h"
#include "engine/protocol/info.h"
#include "engine/tls/names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::config {

namespace {

bool is_boolean_text(std::string_view value) {
    constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
    return boolean_value(value) || std::ranges::find(kFalse, value) != kFalse.end();
}

bool is_number_text(std::string_view value) {
    std::string_view const digits = value.starts_with('-') ? value.substr(1) : value;
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether an option of that name can hold the number.
bool fits(Flag const& flag, std::int64_t value) {
    bool const port = flag.argument == "port";
    return port ? is_port(value) : flag.action == FlagAction::Absent || value >= 0;
}

}  // namespace

/// One pass over the arguments.
class CommandLineParser {
public:
    CommandLineParser(Program const& program, std::span<std::string const> arguments)
        : program_(program), arguments_(arguments) {}

    std::variant<CommandLine, Answer> parse() {
        while (!answer_ && at_ < arguments_.size() && is_flag(arguments_[at_])) {
            std::string const& argument = arguments_[at_++];
            if (argument == "--") {
                break;
            }
            take(argument);
        }
        finish();
        if (answer_) {
            return std::move(*answer_);
        }
        return std::move(result_);
    }

private:
    static bool is_flag(std::string_view argument) {
        return argument.size() >= 2 && argument.front() == '-';
    }

    void take(std::string const& argument) {
        std::string_view text(argument);
        text.remove_prefix(text.starts_with("--") ? 2 : 1);
        if (text.empty() || text.front() == '-' || text.front() == '=') {
            return misuse(concat("bad flag syntax: ", argument));
        }
        std::size_t const equals = text.find('=');
        std::string_view const name = text.substr(0, equals);
        Flag const* flag = find_flag(name);
        if (flag == nullptr) {
            return misuse(concat("flag provided but not defined: -", name));
        }
        std::string value;
        if (equals != std::string_view::npos) {
            value = text.substr(equals + 1);
        } else if (flag->type == FlagType::Boolean) {
            value = "true";
        } else if (at_ < arguments_.size()) {
            value = arguments_[at_++];
        } else {
            return misuse(concat("flag needs an argument: -", name));
        }
        if (check(*flag, name, value)) {
            accept(*flag, name, value);
        }
    }

    bool check(Flag const& flag, std::string_view name, std::string const& value) {
        if (flag.type == FlagType::Boolean && !is_boolean_text(value)) {
            misuse(concat("invalid boolean value ", base::quoted(value), " for -", name,
                          ": parse error"));
            return false;
        }
        if (flag.type != FlagType::Integer) {
            return true;
        }
        std::optional<std::int64_t> const number = base::parse_int(value);
        if (number && fits(flag, *number)) {
            return true;
        }
        if (number) {
            fail(concat("invalid value ", base::quoted(value), " for flag -", name,
                        ": out of range"));
            return false;
        }
        misuse(concat("invalid value ", base::quoted(value), " for flag -", name, ": ",
                      is_number_text(value) ? "value out of range" : "parse error"));
        return false;
    }

    void accept(Flag const& flag, std::string_view name, std::string const& value) {
        switch (flag.action) {
            case FlagAction::Set:
                result_.given_.emplace_back(&flag, value);
                return;
            case FlagAction::ConfigFile:
                result_.config_file_ = value;
                return;
            case FlagAction::Test:
                result_.test_only_ = boolean_value(value);
                return;
            case FlagAction::Signal:
                result_.signal_ = signal_request(value);
                return;
            case FlagAction::Help:
                help_ = boolean_value(value);
                return;
            case FlagAction::Version:
                version_ = boolean_value(value);
                return;
            case FlagAction::TlsHelp:
                tls_help_ = boolean_value(value);
                return;
            case FlagAction::Tls:
                take_tls(flag.names, value);
                return;
            case FlagAction::Absent:
                if (flag.type != FlagType::Boolean || boolean_value(value)) {
                    absent_ = concat("flag -", name, " belongs to ", flag.part,
                                     ", which is not part of this build yet");
                }
                return;
        }
    }

    void take_tls(std::string_view flag, std::string const& value) {
        TlsFlags& tls = result_.tls_;
        tls.given = true;
        if (flag == "tls") {
            tls.on = boolean_value(value);
        } else if (flag == "tlscert") {
            tls.cert_file = value;
        } else if (flag == "tlskey") {
            tls.key_file = value;
        } else if (flag == "tlscacert") {
            tls.ca_file = value;
        } else {
            tls.verify = boolean_value(value);
        }
    }

    static std::optional<SignalRequest> signal_request(std::string const& value) {
        std::size_t const equals = value.find('=');
        SignalRequest request{.command = value.substr(0, equals), .target = ""};
        if (equals != std::string::npos) {
            request.target = value.substr(equals + 1);
        }
        return value.empty() ? std::nullopt : std::optional(request);
    }

    /// What the flags ask for together, and the word after them.
    void finish() {
        if (answer_) {
            return;
        }
        if (help_) {
            answer_ = Answer{.out = usage_text(program_)};
        } else if (version_) {
            answer_ = Answer{.out = program_.version_line + "\n"};
        } else if (tls_help_) {
            answer_ = Answer{.out = tls_help_text()};
        } else if (at_ < arguments_.size()) {
            word(arguments_[at_]);
        } else if (!absent_.empty()) {
            fail(absent_);
        } else if (result_.test_only_ && result_.config_file_.empty()) {
            fail("must specify [-c, --config] option to check configuration file syntax");
        }
    }

    void word(std::string const& text) {
        std::string const lower = base::to_lower(text);
        if (lower == "version") {
            answer_ = Answer{.out = program_.version_line + "\n"};
        } else if (lower == "help") {
            answer_ = Answer{.out = usage_text(program_)};
        } else {
            fail(concat("unrecognized command: ", base::quoted(text)));
        }
    }

    void fail(std::string_view why) {
        answer_ = Answer{.code = 1, .err = concat(program_.name, ": ", why, "\n")};
    }

    /// The reference shows its usage after a flag it cannot take, and ends with 0.
    void misuse(std::string_view why) {
        answer_ = Answer{.out = usage_text(program_), .err = concat(why, "\n")};
    }

    Program const& program_;
    std::span<std::string const> arguments_;
    std::size_t at_ = 0;
    CommandLine result_;
    std::optional<Answer> answer_;
    std::string absent_;
    bool help_ = false;
    bool version_ = false;
    bool tls_help_ = false;
};

Program Program::service() {
    return {.name = "signalboxd",
            .version_line = concat("nats-server: v", protocol::kCompatibleVersion,
                                   " compatible (signalboxd ", SIGNALBOX_VERSION, ")"),
            .beside_flags =
                "\nInstead of serving:\n"
                "    lab <file>                        run a scenario in the simulated "
                "world (lab --help)\n"};
}

CommandLine CommandLine::for_file(std::string config_file) {
    CommandLine result;
    result.config_file_ = std::move(config_file);
    return result;
}

Result<void> CommandLine::apply(Options& options, FileReader& files) const {
    for (auto const& [flag, value] : given_) {
        flag->apply(options, value);
    }
    return apply_tls(options, files);
}

/// The flags take the place of the file's whole block, as with the reference.
Result<void> CommandLine::apply_tls(Options& options, FileReader& files) const {
    if (!tls_.given) {
        return {};
    }
    options.tls.reset();
    if (!tls_.on.value_or(true)) {
        return {};
    }
    if (tls_.cert_file.empty()) {
        return Error(Errc::InvalidArgument, "TLS Server certificate must be present and valid");
    }
    if (tls_.key_file.empty()) {
        return Error(Errc::InvalidArgument, "TLS Server private key must be present and valid");
    }
    TlsOptions tls;
    TlsCertificate& certificate = tls.certificates.emplace_back();
    certificate.cert_file = tls_.cert_file;
    certificate.key_file = tls_.key_file;
    tls.ca_file = tls_.ca_file;
    tls.verify = tls_.verify;
    TRY(load_tls_files(tls, files));
    options.tls = std::move(tls);
    return {};
}

std::variant<CommandLine, Answer> parse_command_line(Program const& program,
                                                     std::span<std::string const> arguments) {
    return CommandLineParser(program, arguments).parse();
}

std::string tls_help_text() {
    std::string out = concat("\nTLS is configured in the block tls of a configuration file:\n\n",
                             spec_of(Block::Tls).example, "\n\nCipher suites:\n");
    for (bool secure : {true, false}) {
        out += secure ? "" : "\nCipher suites with allow_insecure_cipher_suites:\n";
        for (tls::CipherSuite const& suite : tls::cipher_suites()) {
            append(out, suite.secure == secure ? concat("    ", suite.name, "\n") : "");
        }
    }
    out += "\nCurve preferences:\n";
    for (tls::Curve const& curve : tls::curves()) {
        append(out, "    ", curve.name, "\n");
    }
    append(out, "\nOCSP stapling is configured in the block ocsp:\n\n",
           spec_of(Block::Ocsp).example, "\n\nmodes: auto, always, must, never\n");
    return out;
}

std::string usage_text(Program const& program) {
    constexpr std::size_t kColumn = 38;
    std::string out = concat("\nUsage: ", program.name, " [options]\n");
    std::string_view group;
    for (Flag const& flag : flags()) {
        if (flag.action == FlagAction::Absent) {
            continue;
        }
        if (flag.group != group) {
            group = flag.group;
            append(out, "\n", group, " options:\n");
        }
        std::string left = "    ";
        for (std::string_view name : base::split(flag.names, ' ')) {
            append(left, left.size() > 4 ? ", " : "", name.size() > 3 ? "--" : "-", name);
        }
        if (!flag.argument.empty()) {
            append(left, " <", flag.argument, ">");
        }
        left.resize(std::max(left.size() + 2, kColumn), ' ');
        append(out, left, flag.about, "\n");
    }
    out += program.beside_flags;
    return out;
}

}  // namespace signalbox::config
