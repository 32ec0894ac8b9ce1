#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::observe {

/// Who is thought to publish, and what.
struct ExplainQuestion {
    std::string account = "$G";
    std::string subject;
    /// Whose permissions count: a connection's; else a configured user's; neither: nobody's.
    std::uint64_t cid = 0;
    std::string user;
};

/// Whether something may be done, and the line of the permissions that says so, such as
/// `deny "a.>"`; empty: no line speaks of it.
struct ExplainedRule {
    bool allowed = true;
    std::string line;
};

/// Someone a message would be handed to.
struct ExplainedReceiver {
    std::string account;
    std::string subject;               ///< As it sees it.
    std::vector<std::string> through;  ///< The imports on the way, the first one first.
    std::uint64_t cid = 0;             ///< 0: a part of the server itself.
    std::string name;                  ///< As the client calls itself.
    std::string filter;
    std::string sid;
    std::string queue;             ///< Empty: gets each message.
    std::uint32_t group_size = 1;  ///< How many share what comes for the queue group.
    ExplainedRule hears;
};

/// One way that a message may take.
struct ExplainedWay {
    std::string subject;  ///< On which it goes on; empty: it is lost.
    std::string mapping;  ///< `a.* -> b.$1`; empty: none applies.
    int percent = 100;
    ExplainedRule publish;
    std::vector<ExplainedReceiver> receivers;
    std::vector<std::string> obstacles;  ///< What stands in the way, a sentence each.
    std::vector<std::string> hints;      ///< What nearly was, likewise: for who wonders why not.
};

/// What would become of a message.
struct Explanation {
    ExplainQuestion question;
    std::vector<std::string> obstacles;  ///< Why it is not even looked at.
    std::vector<ExplainedWay> ways;
};

}  // namespace signalbox::observe
