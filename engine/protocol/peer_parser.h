#pragma once

#include "engine/base/bytes.h"
#include "engine/protocol/frame_buffer.h"
#include "engine/protocol/peer_op.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace signalbox::protocol {

struct PeerLimits {
    std::uint64_t max_line = 65'536;  ///< Bytes of a line, its payload not counted.
    std::uint64_t max_payload = 64 * 1024 * 1024 + 65'536;  ///< Headers included.
};

/// Why bytes are not what servers say to each other. Each ends the connection.
enum class PeerFault {
    None,
    UnknownOperation,  ///< Or one of another kind of connection.
    LineTooLong,
    PayloadTooLarge,
    BadArguments,
    BadSize,
};

/// Turns the bytes of a connection to another server into operations; used as `ClientParser` is.
///
/// Knows neither account nor peer: that lines come in their order, and from whom, is the owner's
/// business. After a fault every later call answers the same.
class PeerParser {
public:
    enum class Step {
        NeedMore,
        Ping,
        Pong,
        Ok,
        Connect,            ///< `text()` holds the JSON.
        Info,               ///< Likewise.
        PeerError,          ///< `text()` holds what follows `-ERR`.
        Message,            ///< `message()`
        Interest,           ///< `interest()`: there is some.
        NoInterest,         ///< `interest()`: there is no more.
        AccountInterest,    ///< A+; `text()` holds the account.
        NoAccountInterest,  ///< A-; likewise.
        Fault,              ///< `fault()` says which.
    };

    PeerParser(PeerForm form, PeerLimits limits) : form_(form), limits_(limits) {}

    /// From the next operation on.
    void set_form(PeerForm form);
    PeerForm const& form() const { return form_; }

    void feed(Bytes bytes) { input_ = bytes; }

    /// The next whole operation. Its views last until the next `next`, or until the memory of what
    /// was fed is used again.
    Step next();

    /// Takes what was fed and not looked at, for from here on it is something else than lines, such
    /// as a compressed stream. Only right after a whole operation.
    Bytes take_rest();

    /// Whether the views of the last operation are into what was fed, and outlast the next `next`.
    bool reads_from_input() const { return used_partial_ == 0; }

    /// As `ClientParser::writable` and `commit`.
    std::span<char> writable();
    void commit(std::size_t n) { partial_.grow_by(n); }

    /// The first byte of what is parsed next, when that begins a line; nothing to say is 0.
    char first_byte() const { return partial_.empty() && !input_.empty() ? input_.front() : '\0'; }

    PeerMessage const& message() const { return message_; }
    PeerInterest const& interest() const { return interest_; }
    std::string_view text() const { return text_; }
    /// The last line without its end and payload, for traces.
    std::string_view line() const { return line_; }
    PeerFault fault() const { return fault_; }
    /// The head of what the fault was found in, for the log.
    std::string_view snippet() const { return {snippet_.data(), snippet_length_}; }

private:
    enum class Verb : std::uint8_t;
    struct VerbMatch {
        Verb verb;
        std::size_t length;
    };

    /// A message's line that was understood; the views are into it.
    struct MessageLine {
        PeerMessage parts;
        std::uint64_t header_size = 0;
        std::uint64_t total_size = 0;
        std::size_t tail_at = 0;  ///< Where in the line the tail begins; 0: it has none.
    };
    /// The last such line, by offsets: what follows is mostly alike.
    struct Memo {
        struct Part {
            std::uint8_t at = 0;
            std::uint8_t length = 0;
        };
        std::array<char, 128> text;
        std::uint8_t length = 0;  ///< 0: nothing is remembered.
        std::uint8_t tail_at = 0;
        bool names_queues = false;
        Part origin;
        Part account;
        Part subject;
        Part reply;
        Part queues;
        Part sizes;
        std::uint32_t header_size = 0;
        std::uint32_t total_size = 0;
    };

    static VerbMatch verb_of(Bytes line);
    Step parse_from_input();
    Step parse_from_partial();
    Step check_incomplete_line(Bytes line);
    Step parse_line(Bytes line, Bytes rest, std::size_t& used);
    Step parse_arguments(Verb verb, std::string_view arguments);
    bool read_message_line(Bytes line, Verb verb, std::string_view arguments, MessageLine& parsed);
    bool read_sizes(std::string_view& arguments, bool two, MessageLine& parsed);
    bool read_reply_and_queues(std::string_view arguments, PeerMessage& message);
    static void find_tail(Bytes line, MessageLine& parsed);
    Step finish_message(Bytes line, MessageLine const& parsed, Bytes rest, std::size_t& used);
    Step parse_interest(Verb verb, std::string_view arguments);
    bool recall(Bytes line_and_rest, MessageLine& parsed, std::size_t& line_length) const;
    void remember(Bytes line, MessageLine const& parsed);
    bool is_known_here(Verb verb) const;
    Step fail(PeerFault fault, Bytes where);

    PeerForm form_;
    PeerLimits limits_;
    Bytes input_;
    FrameBuffer partial_;
    std::size_t frame_needed_ = 0;  ///< The whole length of the frame in `partial_`; 0: not known.
    std::size_t used_partial_ = 0;  ///< Of `partial_`, taken by the last operation.
    Memo memo_;
    PeerMessage message_;
    PeerInterest interest_;
    std::string_view text_;
    std::string_view line_;
    PeerFault fault_ = PeerFault::None;
    std::array<char, 48> snippet_{};
    std::size_t snippet_length_ = 0;
};

}  // namespace signalbox::protocol
