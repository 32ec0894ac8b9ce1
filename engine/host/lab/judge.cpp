#include "engine/host/lab/judge.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/host/lab/scenario_parser.h"

#include <algorithm>
#include <utility>

namespace signalbox::host::lab {

namespace {

using Kind = TimelineEntry::Kind;

/// How often an expectation is looked at.
constexpr Duration kLook = base::milliseconds(10);
/// What was published that shortly before a fault may have met it, beside its way.
constexpr Duration kReaction = base::milliseconds(200);
/// Ways that a message goes at most: to a server, two between servers, from one, and back.
constexpr int kWays = 4;

}  // namespace

std::optional<std::uint32_t> peers_in(observe::Topology const& topology, Claim claim,
                                      std::string const& name) {
    auto const server = std::ranges::find(topology.servers, name, &observe::TopologyServer::name);
    if (server == topology.servers.end() || !server->answered) {
        return std::nullopt;
    }
    std::uint32_t count = 0;
    for (observe::TopologyLink const& link : topology.links) {
        bool const own = link.from == name || link.to == name;
        bool const counts =
            (claim == Claim::Routes && link.kind == observe::TopologyLinkKind::Route && own) ||
            (claim == Claim::Gateways && link.kind == observe::TopologyLinkKind::Gateway &&
             link.from == name) ||
            (claim == Claim::Leafs && link.kind == observe::TopologyLinkKind::Leaf && own);
        count += counts ? 1 : 0;
    }
    return count;
}

Judge::Judge(World& world, DeliveryRecord& record, Say say, CountPeers count_peers)
    : world_(world), record_(record), say_(std::move(say)), count_peers_(std::move(count_peers)) {}

Judge::~Judge() {
    world_.timers().cancel(timer_);
    world_.timers().cancel(settling_);
}

void Judge::expect(Expect const& expect, Instant begin, Instant end) {
    if (expect.claim == Claim::Delivery) {
        expect_delivery(expect, begin, end);
        return;
    }
    Instant const now = world_.clock().now();
    waiting_.push_back({expect, now, now + expect.within});
    if (waiting_.size() == 1) {
        look();
    }
}

void Judge::expect_delivery(Expect const& expect, Instant begin, Instant end) {
    Instant const now = world_.clock().now();
    windows_.push_back({begin, now, now + expect.within, end, expect.within});
    world_.timers().cancel(settling_);
    settling_ = world_.timers().call_at(now + expect.within, [this] {
        record_.settled(world_.clock().now());
        if (std::string const missing = unconnected(); !missing.empty()) {
            say_(Kind::Broken, concat("expect delivery: ", missing, " is not connected"));
        }
    });
}

void Judge::disturbed(Duration longest) {
    record_.settled(std::nullopt);
    world_.timers().cancel(settling_);
    Instant const sure(world_.clock().now().since_origin() - kReaction - kWays * longest);
    for (Window& window : windows_) {
        window.to = std::min(window.to, sure);
    }
}

void Judge::look() {
    std::erase_if(waiting_, [this](Waiting const& one) { return tell(one); });
    if (!waiting_.empty()) {
        timer_ = world_.timers().call_at(world_.clock().now() + kLook, [this] { look(); });
    }
}

/// True when it is told.
bool Judge::tell(Waiting const& one) {
    Instant const now = world_.clock().now();
    if (met(one.expect)) {
        say_(Kind::Check,
             concat(action_text(one.expect), ": after ", base::duration_text(now - one.asked)));
        return true;
    }
    if (now >= one.deadline) {
        say_(Kind::Broken, concat(action_text(one.expect), ": ", unmet(one.expect)));
        return true;
    }
    return false;
}

std::optional<std::uint32_t> Judge::count(Expect const& expect) const {
    return expect.claim == Claim::Clients ? clients_on(expect.server)
                                          : count_peers_(expect.claim, expect.server);
}

bool Judge::met(Expect const& expect) const {
    if (expect.claim == Claim::Connected) {
        return unconnected().empty();
    }
    return count(expect) == expect.count;
}

std::string Judge::unmet(Expect const& expect) const {
    if (expect.claim == Claim::Connected) {
        return concat(unconnected(), " is not");
    }
    std::optional<std::uint32_t> const found = count(expect);
    return found ? concat("there are ", *found) : std::string("the server does not run");
}

std::uint32_t Judge::clients_on(std::string const& server) const {
    return static_cast<std::uint32_t>(std::ranges::count_if(
        clients_, [&](LoadClient const* each) { return each->server() == server; }));
}

std::string Judge::unconnected() const {
    for (LoadClient const* const each : clients_) {
        if (!each->connected()) {
            return each->name();
        }
    }
    return {};
}

void Judge::judge(Window const& window) {
    DeliveryRecord::Span const all = record_.look(window.asked, window.to);
    DeliveryRecord::Span const sure = record_.look(window.from, window.to);
    std::string text = concat("expect delivery within ", base::duration_text(window.within),
                              ", at ", base::duration_text(window.asked - window.begin), ": ");
    if (sure.incomplete > 0) {
        append(text, sure.incomplete, " of ", sure.messages, " messages were not delivered; ",
               sure.example);
        say_(Kind::Broken, std::move(text));
        return;
    }
    if (sure.messages == 0) {
        append(text, "nothing was published");
        say_(Kind::Broken, std::move(text));
        return;
    }
    append(text, "all ", sure.messages, " messages, ");
    if (all.last_incomplete) {
        append(text, "whole after ", base::duration_text(*all.last_incomplete - window.asked));
    } else {
        append(text, "whole from the beginning");
    }
    say_(Kind::Check, std::move(text));
}

void Judge::finish() {
    for (Window const& window : windows_) {
        judge(window);
    }
    windows_.clear();
}

}  // namespace signalbox::host::lab
