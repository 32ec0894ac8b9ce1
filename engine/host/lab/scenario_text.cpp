#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/host/lab/scenario_parser.h"

namespace signalbox::host::lab {

namespace {

std::string profile_text(shape::LinkProfile const& profile) {
    std::string out;
    if (profile.latency.count() > 0) {
        append(out, " latency ", base::duration_text(profile.latency));
    }
    if (profile.jitter.count() > 0) {
        append(out, " jitter ", base::duration_text(profile.jitter));
    }
    if (profile.bytes_per_second > 0) {
        append(out, " bandwidth ", profile.bytes_per_second);
    }
    return out;
}

std::string link_text(LinkSpec const& link) {
    return concat("link ", link.a, " ", link.b, profile_text(link.profile));
}

std::string_view word_of(Deed deed) {
    switch (deed) {
        case Deed::Pause:
            return "pause";
        case Deed::Resume:
            return "resume";
        case Deed::Kill:
            return "kill";
        case Deed::Stop:
            return "stop";
        case Deed::Start:
            return "start";
        case Deed::Restart:
            return "restart";
        case Deed::Drain:
            return "drain";
        case Deed::Unplug:
            return "unplug";
    }
    return {};
}

std::string_view word_of(Claim claim) {
    switch (claim) {
        case Claim::Delivery:
            return "delivery";
        case Claim::Connected:
            return "connected";
        case Claim::Clients:
            return "clients";
        case Claim::Routes:
            return "routes";
        case Claim::Gateways:
            return "gateways";
        case Claim::Leafs:
            return "leafs";
    }
    return {};
}

std::string_view word_of(LoadKind kind) {
    switch (kind) {
        case LoadKind::Publish:
            return "publish";
        case LoadKind::Queue:
            return "queue";
        case LoadKind::Request:
            return "request";
    }
    return {};
}

std::string text_of(Cut const& cut) {
    return concat("cut ", base::join(cut.a, " "), cut.one_way ? " > " : " | ",
                  base::join(cut.b, " "));
}
std::string text_of(Heal const& heal) {
    return heal.a.empty()
               ? std::string("heal")
               : concat("heal ", base::join(heal.a, " "), " | ", base::join(heal.b, " "));
}
std::string text_of(ChangeLink const& change) {
    return link_text(change.link);
}
std::string text_of(Break const& broken) {
    return concat("break ", broken.a, " ", broken.b);
}
std::string text_of(Act const& act) {
    std::string out = concat(word_of(act.deed), " ", base::join(act.servers, " "));
    if (act.time) {
        append(out, " for ", base::duration_text(*act.time));
    }
    return out;
}
std::string text_of(SetClock const& clock) {
    bool const behind = clock.ahead.count() < 0;
    return concat("clock ", base::join(clock.servers, " "), behind ? " behind " : " ahead ",
                  base::duration_text(behind ? -clock.ahead : clock.ahead));
}
std::string text_of(Expect const& expect) {
    std::string out = concat("expect ", word_of(expect.claim));
    if (!expect.server.empty()) {
        append(out, " ", expect.server, " ", expect.count);
    }
    return concat(out, " within ", base::duration_text(expect.within));
}

/// The range that the load's subjects were written as.
std::string subject_text(LoadSpec const& load) {
    if (load.subjects.size() == 1 && load.subjects.front() == load.filter) {
        return load.filter;
    }
    std::size_t const star = load.filter.find('*');
    std::size_t const after = load.filter.size() - star - 1;
    auto const number = [&](std::string const& subject) {
        return subject.substr(star, subject.size() - star - after);
    };
    return concat(load.filter.substr(0, star), "{", number(load.subjects.front()), "..",
                  number(load.subjects.back()), "}", load.filter.substr(star + 1));
}

std::string load_text(LoadSpec const& load) {
    std::string out = concat("load ", load.name, " ", word_of(load.kind), " ", subject_text(load),
                             " rate ", load.rate);
    if (!load.from.empty()) {
        append(out, " from ", base::join(load.from, " "));
    }
    if (!load.to.empty()) {
        append(out, " to ", base::join(load.to, " "));
    }
    append(out, " workers ", load.workers, " size ", load.payload_bytes);
    if (load.kind == LoadKind::Request) {
        append(out, " timeout ", base::duration_text(load.timeout));
    }
    return out;
}

}  // namespace

std::string action_text(Action const& action) {
    return std::visit([](auto const& one) { return text_of(one); }, action);
}

std::string scenario_text(Scenario const& scenario) {
    Topology const& topology = scenario.topology;
    std::string out = concat("seed ", scenario.seed, "\n");
    for (ClusterSpec const& cluster : topology.clusters) {
        append(out, "cluster ", cluster.name, " ", cluster.servers, "\n");
    }
    if (!topology.super_cluster.empty()) {
        append(out, "gateway ", base::join(topology.super_cluster, " "), "\n");
    }
    for (LeafSpec const& leaf : topology.leafs) {
        append(out, "leaf ", leaf.name, " to ", leaf.hub, "\n");
    }
    for (LinkSpec const& link : topology.links) {
        append(out, link_text(link), "\n");
    }
    for (std::string const& setting : topology.settings) {
        append(out, "set ", setting, "\n");
    }
    for (LoadSpec const& load : scenario.loads) {
        append(out, load_text(load), "\n");
    }
    for (Step const& step : scenario.steps) {
        append(out, "at ", base::duration_text(step.at), " ", action_text(step.action), "\n");
    }
    append(out, "until ", base::duration_text(scenario.until), "\n");
    return out;
}

}  // namespace signalbox::host::lab
