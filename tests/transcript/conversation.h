#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::transcript {

/// What one line of a conversation asks for.
enum class StepKind {
    Send,           ///< `> text`: the text and CR LF.
    SendRaw,        ///< `>| text`: the text alone.
    Expect,         ///< `< text`: exactly this line comes next.
    ExpectPattern,  ///< `<~ pattern`: a line that the pattern matches as a whole.
    ExpectClosed,   ///< `<!closed`: nothing more comes, and the server closes.
    ExpectSilence,  ///< `<!silent`: nothing comes, and the connection stays.
    Open,           ///< `!open`: connects, and leaves INFO to be read.
    Close,          ///< `!close`: the client closes.
    Wait,           ///< `@wait 3s`.
};

/// For whom a line holds: versions of the protocol, and whether the server is ours.
struct Condition {
    std::optional<int> since;  ///< 2012 stands for 2.12.
    std::optional<int> before;
    std::optional<bool> ours;

    bool holds(int version, bool is_ours) const;
};

struct Step {
    StepKind kind = StepKind::Send;
    std::string client;  ///< Empty for the only one.
    std::string text;
    int line = 0;
    Condition condition;
};

/// What clients and a server say to each other, with the configuration of the server.
struct Conversation {
    std::string file;
    std::string title;
    std::string config;
    bool may_be_refused = false;  ///< An older server knows not all of the configuration.
    std::vector<Step> steps;

    std::string where(Step const& step) const;
};

/// The conversations of a file; a line that is none of the forms above ends the program.
///
/// `=== sentence` begins one, `@config` adds a line to its server's configuration, `#` begins a
/// comment; `@newer` says that older servers may refuse the configuration. A client's name may
/// stand before its mark: `a> PING`. `[2.12+]`, `[2.12-]`, `[ours]` and `[theirs]` before a line
/// limit it. In texts `\r`, `\n`, `\t`, `\\` and `\xHH` are escapes and `{x*1000}` repeats.
std::vector<Conversation> read_conversations(std::string const& path);

}  // namespace signalbox::transcript
