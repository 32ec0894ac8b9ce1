#pragma once

#include "engine/base/result.h"
#include "engine/config/options.h"
#include "engine/observe/explanation.h"
#include "engine/observe/tap_filter.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace signalbox::host {

/// Names a server of an engine; never reused.
using ServerNumber = std::uint32_t;

/// Names a command given to an engine, so that its outcome finds who asked.
using Token = std::uint64_t;

/// What a person sends from the publish panel.
struct OutgoingMessage {
    std::string subject;
    std::string reply;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string payload;
    std::string user;  ///< Credentials, where the server asks for them.
    std::string password;
    std::string token;
};

struct StartServer {
    config::Options options;
};
struct StopServer {
    ServerNumber server = 0;
};
/// Ends it as `kill -9` would: what is pending is lost, and nobody is told.
struct KillServer {
    ServerNumber server = 0;
};
/// Empties it, which takes as long as its settings say, and stops it; answered at the end.
struct EnterLameDuck {
    ServerNumber server = 0;
};
struct ReloadServer {
    ServerNumber server = 0;
    config::Options options;
};
/// Why new settings could not even be read, for the log and for whoever asked for them.
struct RefuseReload {
    ServerNumber server = 0;
    std::string why;
};
struct Disconnect {
    ServerNumber server = 0;
    std::uint64_t cid = 0;
};
struct SetTap {
    ServerNumber server = 0;
    std::optional<observe::TapFilter> filter;  ///< None ends the tap.
};
/// Over a client connection of its own, as any client would.
struct Publish {
    ServerNumber server = 0;
    OutgoingMessage message;
};
struct Request {
    ServerNumber server = 0;
    OutgoingMessage message;
    Duration timeout = base::seconds(2);
};

/// As Publish; the reply's payload is what the server tells of the message's way (ADR-41).
struct Trace {
    ServerNumber server = 0;
    OutgoingMessage message;
    Duration timeout = base::seconds(2);
};

/// What would become of a message.
struct Explain {
    ServerNumber server = 0;
    observe::ExplainQuestion question;
};

using Command = std::variant<StartServer, StopServer, KillServer, EnterLameDuck, ReloadServer,
                             RefuseReload, Disconnect, SetTap, Publish, Request, Trace, Explain>;

/// What an answer to a request held.
struct Reply {
    std::string headers;
    std::string payload;
    Duration after{0};
    bool no_responders = false;
};

/// What became of a command.
struct Outcome {
    Token token = 0;
    std::optional<Error> error;
    ServerNumber server = 0;                          ///< Of StartServer: the new one.
    std::optional<Reply> reply;                       ///< Of Request and Trace.
    std::optional<observe::Explanation> explanation;  ///< Of Explain.
};

}  // namespace signalbox::host
