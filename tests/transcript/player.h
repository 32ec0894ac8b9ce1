#pragma once

#include "engine/base/time.h"

#include "tests/transcript/conversation.h"

#include <set>

namespace signalbox::transcript {

/// A running server and the clients that talk to it.
class Stage {
public:
    virtual ~Stage() = default;

    /// Connects a client of that name.
    virtual void open(std::string const& client) = 0;
    virtual void close(std::string const& client) = 0;
    /// Hands over bytes, in one piece, and lets them arrive.
    virtual void send(std::string const& client, std::string_view bytes) = 0;
    /// Waits until something more came, or the server closed, or the time is over; adds it.
    virtual void receive(std::string const& client, std::string& bytes, Duration limit) = 0;
    virtual bool closed(std::string const& client) = 0;
    virtual void pass(Duration time) = 0;
    virtual bool ours() const = 0;
};

/// How what clients send is cut on its way.
struct Cut {
    /// All lines of a client up to the next expectation in one piece.
    bool together = false;
    /// Each line in two pieces, the first of so many bytes; 0: in one.
    std::size_t at = 0;
};

/// Plays a conversation; answers what went other than written, empty when nothing did.
class Player {
public:
    Player(Stage& stage, Conversation const& conversation, Cut cut)
        : stage_(stage), conversation_(conversation), cut_(cut) {}

    std::string play();

private:
    struct Line {
        std::string text;
        bool found = false;
    };

    std::string act(Step const& step);
    std::string expect(Step const& step);
    std::string expect_closed(Step const& step);
    std::string expect_end();
    void make_sure_of(std::string const& client);
    void flush();
    void send(std::string const& client, std::string_view bytes);
    Line next_line(std::string const& client, Duration limit);
    Line next_line_but_ping(std::string const& client, Duration limit, bool ping_wanted);
    std::string complaint(Step const& step, std::string_view met) const;

    Stage& stage_;
    Conversation const& conversation_;
    Cut cut_;
    int version_ = 0;
    std::map<std::string, std::string> bytes_;  ///< Of each client, come and not yet expected.
    std::set<std::string> gone_;
    std::string sending_client_;
    std::string sending_;
};

}  // namespace signalbox::transcript
