#pragma once

#include "engine/base/bytes.h"
#include "engine/protocol/client_op.h"
#include "engine/protocol/frame_buffer.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace signalbox::protocol {

struct ParserLimits {
    std::uint64_t max_control_line = 4'096;  ///< Bytes of arguments, verb and line end not counted.
    std::uint64_t max_payload = 1'048'576;   ///< Headers included.
};

/// Why bytes are not the protocol. Each ends the connection; what is said first is the connection's
/// business, for the reference answers only some of them.
enum class ParseFault {
    None,
    UnknownOperation,
    ControlLineTooLong,
    PayloadTooLarge,
    BadArguments,  ///< A wrong number of them, or no size where one must stand.
    BadHeaderSize,
    HeadersNotNegotiated,
};

/// Turns the bytes of one client connection into operations.
///
/// Knows no socket, no clock and no account: the owner feeds bytes as they arrive and takes whole
/// operations out until there are none. How the bytes were cut on the way is invisible. After a
/// fault every later call answers the same.
class ClientParser {
public:
    enum class Step {
        NeedMore,
        Ping,
        Pong,
        Connect,      ///< `json()` holds the argument.
        Info,         ///< Likewise.
        Publish,      ///< `publish()`
        Subscribe,    ///< `subscribe()`
        Unsubscribe,  ///< `unsubscribe()`
        Ok,
        PeerError,  ///< `json()` holds the text after `-ERR`.
        Fault,      ///< `fault()` says which.
    };

    explicit ClientParser(ParserLimits limits) : limits_(limits) {}

    void set_limits(ParserLimits limits) {
        limits_ = limits;
        // What was within the limits before need not be so now.
        memo_.length = 0;
    }
    void allow_headers(bool allowed) { headers_allowed_ = allowed; }

    /// `bytes` lie in the engine's read buffer; what is left of them once `next` has answered
    /// NeedMore is a partial frame and is copied.
    void feed(Bytes bytes) { input_ = bytes; }

    /// The next whole operation. Its views last until the next `next`, or until the read buffer is
    /// used again.
    Step next();

    /// Copies what was fed and not yet taken, to be continued by `resume_held` after the read
    /// buffer was used by others.
    void hold();
    void resume_held();

    /// Whether the next byte to be parsed begins a line, and which it is; nothing to say is 0.
    char first_byte() const;

    /// Where to receive the rest of a large frame instead of feeding it; empty when no such frame
    /// is open. `commit` says how many bytes came.
    std::span<char> writable();
    void commit(std::size_t n);

    /// Whether the views of the last operation are into what was fed, and outlast the next `next`.
    bool reads_from_input() const { return used_partial_ == 0; }

    Publish const& publish() const { return publish_; }
    /// After PayloadTooLarge: what was going to be published, without its payload, as far as its
    /// headers came along with the line; else its headers are empty. Views as of an operation.
    Publish const& refused() const { return publish_; }
    std::uint64_t refused_size() const { return refused_size_; }
    Subscribe const& subscribe() const { return subscribe_; }
    Unsubscribe const& unsubscribe() const { return unsubscribe_; }
    std::string_view json() const { return json_; }
    ParseFault fault() const { return fault_; }
    /// The head of what the fault was found in, for the log.
    std::string_view snippet() const { return {snippet_.data(), snippet_length_}; }

private:
    enum class Verb : std::uint8_t {
        Unknown,
        Incomplete,
        Ping,
        Pong,
        Ok,
        Connect,
        Info,
        Publish,
        HeaderPublish,
        Subscribe,
        Unsubscribe,
        PeerError,
    };
    struct VerbMatch {
        Verb verb;
        std::size_t length;
    };
    /// The parsed form of the last publish line, by offsets into it.
    struct LineMemo {
        std::array<char, 80> text;
        std::uint8_t length = 0;  ///< 0: nothing is remembered.
        std::uint8_t subject_at = 0;
        std::uint8_t subject_length = 0;
        std::uint8_t reply_at = 0;
        std::uint8_t reply_length = 0;
        std::uint8_t sizes_at = 0;
        std::uint8_t sizes_length = 0;
        bool regular = false;
        std::uint32_t header_size = 0;
        std::uint32_t total_size = 0;
    };
    /// A publish line that was understood; the views are into it.
    struct PublishLine {
        std::string_view subject;
        std::string_view reply;
        std::string_view sizes;
        std::uint64_t header_size = 0;
        std::uint64_t total_size = 0;
        bool regular = false;
    };

    static VerbMatch verb_of(Bytes line);
    std::size_t longest_line() const;
    bool is_too_long(Bytes line, std::string_view arguments) const;
    Step parse_from_input();
    Step parse_from_partial();
    Step parse_line(Bytes line, Bytes rest, std::size_t& used);
    Step parse_publish(Bytes line, VerbMatch match, Bytes rest, std::size_t& used);
    Step finish_publish(Bytes line, PublishLine const& parsed, Bytes rest, std::size_t& used);
    bool read_publish_line(Bytes line, VerbMatch match, PublishLine& parsed);
    bool recall(Bytes line_and_rest, PublishLine& parsed, std::size_t& line_length) const;
    void remember(Bytes line, PublishLine const& parsed);
    Step parse_subscribe(std::string_view arguments);
    Step parse_unsubscribe(std::string_view arguments);
    Step check_incomplete_line(Bytes line);
    Step fail(ParseFault fault, Bytes where);

    ParserLimits limits_;
    Bytes input_;
    FrameBuffer partial_;
    std::size_t frame_needed_ = 0;  ///< The whole length of the frame in `partial_`; 0: not known.
    std::size_t used_partial_ = 0;  ///< Of `partial_`, taken by the last operation.
    FrameBuffer held_;
    Verb skipping_ = Verb::Unknown;  ///< A verb whose line end is all that is still awaited.
    bool headers_allowed_ = false;
    ParseFault fault_ = ParseFault::None;
    LineMemo memo_;
    Publish publish_;
    std::uint64_t refused_size_ = 0;
    Subscribe subscribe_;
    Unsubscribe unsubscribe_;
    std::string_view json_;
    std::array<char, 32> snippet_{};
    std::size_t snippet_length_ = 0;
};

}  // namespace signalbox::protocol
