#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::observe {

/// Where the figures of a remote server come from.
enum class FiguresFrom {
    Nowhere,
    OwnAccount,     ///< What the server tells an ordinary user: the connections of its account.
    Monitoring,     ///< Its monitoring documents, over HTTP.
    SystemAccount,  ///< Requests of a user of the system account.
};

/// What asking for one document has cost the server so far.
struct AskingCost {
    std::string document;  ///< `VARZ`.
    std::uint64_t asked = 0;
    std::uint64_t bytes = 0;  ///< Of all answers together.
    Duration last{0};         ///< How long the newest answer took.
    std::string error;        ///< Why the newest one did not come; empty: it came.
};

/// The subscription that counts subjects: a sample, and a load on the server.
struct Sampling {
    enum class State {
        Off,
        On,
        TooMuch,  ///< More came than was allowed, so the subscription was ended.
        Refused,
    };
    State state = State::Off;
    std::string filter;
    std::uint32_t most_per_second = 0;  ///< Past it the subscription is ended.
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    double per_second = 0;
    std::string note;  ///< Of `Refused`: what the server said.
};

/// How a remote server is looked at, what that costs it, and what is left out.
struct RemoteFacts {
    FiguresFrom figures = FiguresFrom::Nowhere;
    bool events = false;  ///< The server tells of connects and refusals as they happen.
    std::string version;  ///< Of the server.
    std::string cluster;
    Duration interval{0};           ///< Between two looks.
    Duration round_trip{0};         ///< Of a request over the client connection; 0: not known.
    std::uint64_t connections = 0;  ///< That there are; fewer may be listed.
    std::uint64_t subscriptions_listed = 0;
    std::vector<AskingCost> costs;
    Sampling sampling;
    Sampling tap;  ///< The subscription of the tap, likewise bounded.
};

}  // namespace signalbox::observe
