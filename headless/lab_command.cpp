#include "headless/lab_command.h"

#include "engine/base/duration_text.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/host/lab/scenario_parser.h"
#include "engine/host/lab/simulated_run.h"
#include "engine/host/local_files.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

namespace signalbox::headless {

namespace {

using host::lab::TimelineEntry;
using host::lab::Verdict;

constexpr int kMistake = 2;

constexpr std::string_view kUsage =
    "usage: lab [--seed N] [--runs N] [--quiet] FILE\n"
    "\n"
    "Runs a scenario in the simulated world, in virtual time, and says whether all\n"
    "that it expects came true.\n"
    "\n"
    "  --seed N   another seed than the file's\n"
    "  --runs N   so many runs, each with the next seed; ends at the first wrong one\n"
    "  --quiet    the verdict alone\n"
    "\n"
    "Ends with 0 when it was right, 1 when it was wrong, 2 when the file is none, and\n"
    "3 when a server of it does not start.\n";

struct LabOptions {
    std::string file;
    std::optional<std::uint64_t> seed;
    std::uint64_t runs = 1;
    bool quiet = false;
};

void print(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
}

/// Nothing when they are not understood.
std::optional<LabOptions> read_arguments(std::vector<std::string> const& arguments) {
    LabOptions options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string const& word = arguments[i];
        if (word == "--quiet") {
            options.quiet = true;
        } else if (word == "--seed" || word == "--runs") {
            auto const number =
                i + 1 < arguments.size() ? base::parse_uint(arguments[++i]) : std::nullopt;
            if (!number || (word == "--runs" && *number == 0)) {
                return std::nullopt;
            }
            if (word == "--seed") {
                options.seed = number;
            } else {
                options.runs = *number;
            }
        } else if (word.starts_with("-") || !options.file.empty()) {
            return std::nullopt;
        } else {
            options.file = word;
        }
    }
    return options.file.empty() ? std::nullopt : std::optional(options);
}

std::string_view mark_of(TimelineEntry::Kind kind) {
    switch (kind) {
        case TimelineEntry::Kind::Fault:
            return "!";
        case TimelineEntry::Kind::Check:
            return "+";
        case TimelineEntry::Kind::Broken:
            return "X";
        case TimelineEntry::Kind::Server:
        case TimelineEntry::Kind::Link:
        case TimelineEntry::Kind::Client:
            return " ";
    }
    return " ";
}

void print_run(Verdict const& verdict, std::uint64_t seed, double seconds, bool quiet) {
    for (TimelineEntry const& entry : verdict.timeline) {
        if (quiet && entry.kind != TimelineEntry::Kind::Broken) {
            continue;
        }
        std::string time =
            base::duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(entry.at));
        time.resize(std::max<std::size_t>(time.size(), 9), ' ');
        print(stdout, concat(mark_of(entry.kind), " ", time, " ", entry.text, "\n"));
    }
    bool const unusable = verdict.kind == Verdict::Kind::Unusable;
    std::string_view const word =
        verdict.kind == Verdict::Kind::Right ? "right" : (unusable ? "unusable" : "WRONG");
    double const simulated = std::chrono::duration<double>(verdict.simulated).count();
    auto const times = static_cast<std::uint64_t>(seconds > 0 ? simulated / seconds : 0);
    std::string line = concat(word, ": seed ", seed);
    if (unusable) {
        append(line, ", ", verdict.why, "\n");
    } else {
        append(line, ", fingerprint ", verdict.fingerprint, ", ", verdict.published,
               " messages published, ", verdict.received, " received, ",
               base::duration_text(verdict.simulated), " simulated, ", times, " times real time\n");
    }
    print(stdout, line);
    if (verdict.kind == Verdict::Kind::Wrong && !quiet) {
        print(stderr, concat("\nthe last lines of the servers' logs:\n", verdict.log));
    }
}

}  // namespace

int run_lab(std::string const& program, std::vector<std::string> const& arguments) {
    std::optional<LabOptions> const options = read_arguments(arguments);
    if (!options) {
        print(stderr, kUsage);
        return kMistake;
    }
    host::LocalFiles files;
    Result<std::string> const text = files.read(options->file);
    if (!text.ok()) {
        print(stderr, concat(program, ": ", text.error().detail(), "\n"));
        return kMistake;
    }
    Result<host::lab::Scenario> parsed = host::lab::parse_scenario(text.value());
    if (!parsed.ok()) {
        print(stderr, concat(program, ": ", options->file, ": ", parsed.error().detail(), "\n"));
        return kMistake;
    }
    host::lab::Scenario scenario = std::move(parsed).value();
    scenario.seed = options->seed.value_or(scenario.seed);
    for (std::uint64_t run = 0; run < options->runs; ++run) {
        auto const before = std::chrono::steady_clock::now();
        Verdict const verdict = host::lab::run_simulated(scenario);
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - before;
        print_run(verdict, scenario.seed, took.count(), options->quiet || options->runs > 1);
        if (verdict.kind != Verdict::Kind::Right) {
            return host::lab::exit_code(verdict.kind);
        }
        ++scenario.seed;
    }
    return 0;
}

}  // namespace signalbox::headless
