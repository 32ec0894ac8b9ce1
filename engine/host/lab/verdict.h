#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::host::lab {

/// Something that happened in a run, for a person.
struct TimelineEntry {
    enum class Kind {
        Fault,   ///< What the scenario or a person did.
        Server,  ///< It is ready, or gone.
        Link,    ///< A route, gateway or leaf node connection is there, or lost.
        Client,  ///< One came to a server, or lost it.
        Check,   ///< An expectation was met.
        Broken,  ///< It was not, or something happened that must not.
    };
    Duration at{0};  ///< Since the scenario's time zero.
    Kind kind = Kind::Server;
    std::string text;
};

/// How a run ended.
struct Verdict {
    enum class Kind {
        Right,  ///< All expectations were met, and nothing happened that must not.
        Wrong,
        Unusable,  ///< It could not be run: a server did not start.
    };
    Kind kind = Kind::Right;
    std::string why;  ///< Of an unusable one.
    std::vector<TimelineEntry> timeline;
    std::uint64_t fingerprint = 0;  ///< Equal for two runs only when they were the same run.
    Duration simulated{0};
    std::uint64_t published = 0;
    std::uint64_t received = 0;
    std::string log;  ///< The last lines of the servers, of one that is wrong.
};

/// As the exit code of a program says it.
inline int exit_code(Verdict::Kind kind) {
    switch (kind) {
        case Verdict::Kind::Right:
            return 0;
        case Verdict::Kind::Wrong:
            return 1;
        case Verdict::Kind::Unusable:
            return 3;
    }
    return 3;
}

}  // namespace signalbox::host::lab
