#include "engine/host/lab/scenario_parser.h"

#include "engine/base/text.h"
#include "engine/host/lab/line_reader.h"
#include "engine/host/lab/plan.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::host::lab {

namespace {

constexpr Duration kLongestLatency = base::seconds(10);
constexpr std::uint64_t kMostSubjects = 1'000;
constexpr std::size_t kMostSettings = 100;

struct DeedWord {
    char const* word;
    Deed deed;
};
constexpr std::array<DeedWord, 8> kDeeds = {{{"pause", Deed::Pause},
                                             {"resume", Deed::Resume},
                                             {"kill", Deed::Kill},
                                             {"stop", Deed::Stop},
                                             {"start", Deed::Start},
                                             {"restart", Deed::Restart},
                                             {"drain", Deed::Drain},
                                             {"unplug", Deed::Unplug}}};

struct ClaimWord {
    char const* word;
    Claim claim;
};
constexpr std::array<ClaimWord, 4> kCounts = {{{"clients", Claim::Clients},
                                               {"routes", Claim::Routes},
                                               {"gateways", Claim::Gateways},
                                               {"leafs", Claim::Leafs}}};

/// `orders.{1..50}` stands for fifty subjects, and is subscribed to as `orders.*`.
Result<void> read_subjects(std::string_view text, LoadSpec& load) {
    std::size_t const open = text.find('{');
    std::size_t const close = text.find('}', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos) {
        load.subjects = {std::string(text)};
        load.filter = text;
    } else {
        std::string_view const before = text.substr(0, open);
        std::string_view const range =
            close == std::string_view::npos ? "" : text.substr(open + 1, close - open - 1);
        std::size_t const dots = range.find("..");
        bool const whole = close != std::string_view::npos &&
                           (before.empty() || before.back() == '.') &&
                           (close + 1 == text.size() || text[close + 1] == '.');
        LineReader first(range.substr(0, dots));
        LineReader last(dots == std::string_view::npos ? "" : range.substr(dots + 2));
        if (!whole) {
            return Error(Errc::Malformed, "a range is a whole token: a.{1..5}.b");
        }
        std::uint64_t const from = TRY(first.number("the first of a range", 0, 1'000'000));
        std::uint64_t const to =
            TRY(last.number("the last of a range", from, from + kMostSubjects - 1));
        std::string_view const after = text.substr(close + 1);
        for (std::uint64_t i = from; i <= to; ++i) {
            load.subjects.push_back(concat(before, i, after));
        }
        load.filter = concat(before, "*", after);
    }
    bool const wild = text.find_first_of("*>") != std::string_view::npos;
    if (wild || !subject::Subject::parse(load.subjects.front()).ok()) {
        return Error(Errc::Malformed,
                     concat(base::quoted(base::cut(text, 60)), " is not a literal subject"));
    }
    return {};
}

Result<shape::LinkProfile> read_profile(LineReader& in) {
    shape::LinkProfile profile;
    while (!in.done()) {
        if (in.accept("latency")) {
            profile.latency = TRY(in.duration("a latency", kLongestLatency));
        } else if (in.accept("jitter")) {
            profile.jitter = TRY(in.duration("a jitter", kLongestLatency));
        } else if (in.accept("bandwidth")) {
            profile.bytes_per_second = TRY(in.quantity("bytes a second", 1'000'000'000));
        } else {
            return Error(Errc::Malformed, "latency, jitter or bandwidth expected");
        }
    }
    return profile;
}

Result<LinkSpec> read_link(LineReader& in) {
    LinkSpec link;
    link.a = TRY(in.name("a server or cluster"));
    link.b = TRY(in.name("a server or cluster"));
    link.profile = TRY(read_profile(in));
    return link;
}

Result<LoadKind> read_kind(LineReader& in) {
    if (in.accept("publish")) {
        return LoadKind::Publish;
    }
    if (in.accept("queue")) {
        return LoadKind::Queue;
    }
    if (in.accept("request")) {
        return LoadKind::Request;
    }
    return Error(Errc::Malformed, "publish, queue or request expected");
}

Result<LoadSpec> read_load(LineReader& in) {
    LoadSpec load;
    load.name = TRY(in.name("a name"));
    load.kind = TRY(read_kind(in));
    std::string_view const subjects = TRY(in.word("a subject"));
    TRY(read_subjects(subjects, load));
    while (!in.done()) {
        if (in.accept("rate")) {
            load.rate = static_cast<std::uint32_t>(TRY(in.quantity("a rate", 100'000)));
        } else if (in.accept("from")) {
            load.from = TRY(in.names("a place", {"rate", "to", "workers", "size", "timeout"}));
        } else if (in.accept("to")) {
            load.to = TRY(in.names("a place", {"rate", "from", "workers", "size", "timeout"}));
        } else if (in.accept("workers")) {
            load.workers = static_cast<std::uint32_t>(TRY(in.number("workers", 1, 100)));
        } else if (in.accept("size")) {
            load.payload_bytes = static_cast<std::uint32_t>(TRY(in.quantity("bytes", 500'000)));
        } else if (in.accept("timeout") && load.kind == LoadKind::Request) {
            load.timeout = TRY(in.duration("a timeout", base::minutes(1)));
        } else {
            return Error(Errc::Malformed, "rate, from, to, workers or size expected");
        }
    }
    return load;
}

Result<Action> read_cut(LineReader& in) {
    Cut cut;
    cut.a = TRY(in.names("a server or cluster", {"|", ">"}));
    cut.one_way = in.next_is(">");
    if (!in.accept("|") && !in.accept(">")) {
        return Error(Errc::Malformed, "| or > expected between the two sides");
    }
    cut.b = TRY(in.names("a server or cluster", {}));
    return Action(std::move(cut));
}

Result<Action> read_heal(LineReader& in) {
    Heal heal;
    if (!in.done()) {
        heal.a = TRY(in.names("a server or cluster", {"|"}));
        if (!in.accept("|")) {
            return Error(Errc::Malformed, "| expected between the two sides");
        }
        heal.b = TRY(in.names("a server or cluster", {}));
    }
    return Action(std::move(heal));
}

Result<Action> read_clock(LineReader& in) {
    SetClock clock;
    clock.servers = TRY(in.names("a server", {"ahead", "behind"}));
    bool const behind = in.accept("behind");
    if (!behind && !in.accept("ahead")) {
        return Error(Errc::Malformed, "ahead or behind expected");
    }
    Duration const by = TRY(in.duration("a time", base::hours(24 * 365)));
    clock.ahead = behind ? -by : by;
    return Action(std::move(clock));
}

Result<Action> read_expect(LineReader& in) {
    Expect expect;
    if (in.accept("connected")) {
        expect.claim = Claim::Connected;
    } else if (!in.accept("delivery")) {
        std::string_view const word = TRY(in.word("what to expect"));
        auto const found =
            std::ranges::find_if(kCounts, [&](ClaimWord const& each) { return word == each.word; });
        if (found == kCounts.end()) {
            return Error(Errc::Malformed,
                         "delivery, connected, clients, routes, gateways or leafs expected");
        }
        expect.claim = found->claim;
        expect.server = TRY(in.name("a server"));
        expect.count = static_cast<std::uint32_t>(TRY(in.number("a number", 0, 100'000)));
    }
    if (!in.accept("within")) {
        return Error(Errc::Malformed, "within expected, and a time");
    }
    expect.within = TRY(in.duration("a time", kLongestRun));
    return Action(std::move(expect));
}

Result<Action> read_deed(LineReader& in) {
    std::string_view const word = TRY(in.word("an action"));
    auto const found =
        std::ranges::find_if(kDeeds, [&](DeedWord const& each) { return word == each.word; });
    if (found == kDeeds.end()) {
        return Error(Errc::Malformed,
                     concat(base::quoted(base::cut(word, 40)), " is no action that is known"));
    }
    Act act;
    act.deed = found->deed;
    act.servers = TRY(in.names("a server or cluster", {"for"}));
    if (in.accept("for") && act.deed == Deed::Pause) {
        act.time = TRY(in.duration("a time", kLongestRun));
    }
    return Action(std::move(act));
}

Result<Action> read_action(LineReader& in) {
    if (in.accept("cut")) {
        return read_cut(in);
    }
    if (in.accept("heal")) {
        return read_heal(in);
    }
    if (in.accept("link")) {
        return Action(ChangeLink{TRY(read_link(in))});
    }
    if (in.accept("break")) {
        std::string a = TRY(in.name("a server or cluster"));
        std::string b = TRY(in.name("a server or cluster"));
        return Action(Break{std::move(a), std::move(b)});
    }
    if (in.accept("clock")) {
        return read_clock(in);
    }
    if (in.accept("expect")) {
        return read_expect(in);
    }
    return read_deed(in);
}

/// Reads statement after statement, and checks what only the whole file can tell.
class Parser {
public:
    Result<void> read(std::string_view statement, int line) {
        LineReader in(statement);
        std::string_view const word = TRY(in.word("a statement"));
        if (word == "set") {
            scenario_.topology.settings.emplace_back(in.rest());
            bool const fits = scenario_.topology.settings.size() <= kMostSettings;
            return fits ? Result<void>() : Error(Errc::Malformed, "too many settings");
        }
        if (word == "at") {
            TRY(read_step(in, line));
        } else {
            TRY(read_part(word, in));
        }
        return in.end();
    }

    Result<Scenario> finish() {
        if (scenario_.until.count() == 0) {
            return Error(Errc::Malformed, "until is missing: when the run ends");
        }
        std::ranges::stable_sort(scenario_.steps, {}, &Step::at);
        TRY(check(scenario_));
        return std::move(scenario_);
    }

private:
    Result<void> read_part(std::string_view word, LineReader& in) {
        Topology& topology = scenario_.topology;
        if (word == "seed") {
            scenario_.seed = TRY(in.number("a seed", 0, UINT64_MAX));
        } else if (word == "cluster") {
            std::string name = TRY(in.name("a name"));
            auto const servers =
                static_cast<std::uint32_t>(TRY(in.number("a number of servers", 1, kMostServers)));
            topology.clusters.push_back({std::move(name), servers});
        } else if (word == "gateway") {
            topology.super_cluster = TRY(in.names("a cluster", {}));
        } else if (word == "leaf") {
            std::string name = TRY(in.name("a name"));
            if (!in.accept("to")) {
                return Error(Errc::Malformed, "to expected, and a cluster");
            }
            std::string hub = TRY(in.name("a cluster"));
            topology.leafs.push_back({std::move(name), std::move(hub)});
        } else if (word == "link") {
            topology.links.push_back(TRY(read_link(in)));
        } else if (word == "load") {
            if (scenario_.loads.size() == kMostLoads) {
                return Error(Errc::Malformed, "too many loads");
            }
            scenario_.loads.push_back(TRY(read_load(in)));
        } else if (word == "until") {
            scenario_.until = TRY(in.duration("a time", kLongestRun));
        } else {
            return Error(Errc::Malformed,
                         concat(base::quoted(base::cut(word, 40)), " is no statement"));
        }
        return {};
    }

    Result<void> read_step(LineReader& in, int line) {
        Step step;
        step.line = line;
        step.at = TRY(in.duration("a time", kLongestRun));
        step.action = TRY(read_action(in));
        if (scenario_.steps.size() == kMostSteps) {
            return Error(Errc::Malformed, "too many steps");
        }
        scenario_.steps.push_back(std::move(step));
        return {};
    }

    Scenario scenario_;
};

}  // namespace

Result<Scenario> parse_scenario(std::string_view text) {
    Parser parser;
    int line = 0;
    for (std::string_view whole : base::split(text, '\n')) {
        ++line;
        // A setting may hold what elsewhere ends a statement.
        bool const setting = base::trim(whole).starts_with("set ");
        std::string_view const said = setting ? whole : whole.substr(0, whole.find('#'));
        for (std::string_view statement :
             setting ? std::vector<std::string_view>{said} : base::split(said, ';')) {
            if (base::trim(statement).empty()) {
                continue;
            }
            Result<void> const read = parser.read(statement, line);
            if (!read.ok()) {
                return Error(Errc::Malformed, concat("line ", line, ": ", read.error().detail()));
            }
        }
    }
    Result<Scenario> scenario = parser.finish();
    if (!scenario.ok() && !scenario.error().detail().starts_with("line ")) {
        return Error(Errc::Malformed, concat("line ", line, ": ", scenario.error().detail()));
    }
    return scenario;
}

}  // namespace signalbox::host::lab
