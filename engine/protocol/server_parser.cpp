#include "engine/protocol/server_parser.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <array>

namespace signalbox::protocol {

namespace {

constexpr std::size_t kMaxArguments = 5;

/// The words of a line between blanks; one more than there may be stands for too many.
struct Words {
    std::array<std::string_view, kMaxArguments + 1> at;
    std::size_t count = 0;
};

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

Words words_of(std::string_view text) {
    Words words;
    std::size_t i = 0;
    while (words.count <= kMaxArguments) {
        while (i < text.size() && is_blank(text[i])) {
            ++i;
        }
        if (i == text.size()) {
            break;
        }
        std::size_t const begin = i;
        while (i < text.size() && !is_blank(text[i])) {
            ++i;
        }
        words.at[words.count++] = text.substr(begin, i - begin);
    }
    return words;
}

/// Sizes have at most nine digits on this wire, so that none overflows.
std::optional<std::size_t> size_of(std::string_view text) {
    if (text.empty() || text.size() > 9) {
        return std::nullopt;
    }
    std::optional<std::uint64_t> const number = base::parse_uint(text);
    if (!number) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(*number);
}

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
        return text.substr(1, text.size() - 2);
    }
    return text;
}

Error malformed(std::string_view line) {
    return Error(Errc::Malformed,
                 concat("not of the protocol: ", base::quoted(base::cut(line, 64))));
}

}  // namespace

std::optional<int> status_of(Bytes headers) {
    constexpr std::string_view kVersion = "NATS/1.0 ";
    constexpr std::size_t kDigits = 3;
    if (!headers.starts_with(kVersion) || headers.size() < kVersion.size() + kDigits) {
        return std::nullopt;
    }
    std::optional<std::uint64_t> const code =
        base::parse_uint(headers.substr(kVersion.size(), kDigits));
    return code ? std::optional<int>(static_cast<int>(*code)) : std::nullopt;
}

void ServerParser::feed(Bytes bytes) {
    keep_rest();
    if (kept_.empty()) {
        fed_ = bytes;
    } else {
        kept_.append(bytes);
    }
}

Bytes ServerParser::rest() const {
    return (kept_.empty() ? fed_ : Bytes(kept_)).substr(taken_);
}

void ServerParser::keep_rest() {
    if (kept_.empty()) {
        kept_.assign(fed_.substr(taken_));
    } else if (taken_ > 0) {
        kept_.erase(0, taken_);
    }
    fed_ = {};
    taken_ = 0;
}

Result<std::optional<ServerOp>> ServerParser::next() {
    if (failed_) {
        return *failed_;
    }
    Bytes const bytes = rest();
    if (bytes.empty() || bytes.size() < needed_) {
        keep_rest();
        return std::optional<ServerOp>();
    }
    Result<std::optional<Frame>> frame = parse(bytes);
    if (!frame.ok()) {
        failed_ = frame.error();
        return *failed_;
    }
    if (!frame.value()) {
        keep_rest();
        return std::optional<ServerOp>();
    }
    taken_ += frame.value()->size;
    needed_ = 0;
    searched_ = 0;
    return std::optional<ServerOp>(frame.value()->op);
}

Result<std::optional<ServerParser::Frame>> ServerParser::parse(Bytes bytes) {
    std::size_t const end = bytes.find('\n', searched_);
    if (std::min(end, bytes.size()) > limits_.max_line) {
        return Error(Errc::LimitExceeded, "a line without an end");
    }
    if (end == Bytes::npos) {
        searched_ = bytes.size();
        return std::optional<Frame>();
    }
    // Found again at once should the payload be missing.
    searched_ = end;
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    std::size_t const verb_size = std::min(line.find_first_of(" \t{"), line.size());
    std::string_view const verb = line.substr(0, verb_size);
    std::string_view const arguments = line.substr(verb_size);
    auto const frame = [end](ServerOp op) { return std::optional<Frame>(Frame{op, end + 1}); };

    if (base::equal_ignoring_case(verb, "MSG")) {
        return parse_message(bytes, end + 1, arguments, false);
    }
    if (base::equal_ignoring_case(verb, "HMSG")) {
        return parse_message(bytes, end + 1, arguments, true);
    }
    if (base::equal_ignoring_case(verb, "PING")) {
        return frame(PingOp{});
    }
    if (base::equal_ignoring_case(verb, "PONG")) {
        return frame(PongOp{});
    }
    if (base::equal_ignoring_case(verb, "+OK")) {
        return frame(OkOp{});
    }
    if (base::equal_ignoring_case(verb, "-ERR")) {
        return frame(ErrorOp{unquoted(base::trim(arguments))});
    }
    if (base::equal_ignoring_case(verb, "INFO")) {
        return frame(InfoOp{base::trim(arguments)});
    }
    return malformed(line);
}

Result<std::optional<ServerParser::Frame>> ServerParser::parse_message(Bytes bytes,
                                                                       std::size_t line_size,
                                                                       std::string_view arguments,
                                                                       bool with_headers) {
    Words const words = words_of(arguments);
    std::size_t const sizes = with_headers ? 2 : 1;
    if (words.count < 2 + sizes || words.count > 3 + sizes) {
        return malformed(bytes.substr(0, line_size));
    }
    std::optional<std::size_t> const total = size_of(words.at[words.count - 1]);
    std::optional<std::size_t> const header_size =
        with_headers ? size_of(words.at[words.count - 2]) : std::optional<std::size_t>(0);
    if (!total || !header_size || *header_size > *total) {
        return malformed(bytes.substr(0, line_size));
    }
    if (*total > limits_.max_frame) {
        return Error(Errc::LimitExceeded, concat("a message of ", *total, " bytes"));
    }
    needed_ = line_size + *total + 2;
    if (bytes.size() < needed_) {
        return std::optional<Frame>();
    }
    if (bytes.substr(line_size + *total, 2) != "\r\n") {
        return malformed(bytes.substr(line_size + *total, 2));
    }
    MessageOp message;
    message.subject = words.at[0];
    message.sid = words.at[1];
    message.reply = words.count == 3 + sizes ? words.at[2] : std::string_view();
    message.headers = bytes.substr(line_size, *header_size);
    message.payload = bytes.substr(line_size + *header_size, *total - *header_size);
    return std::optional<Frame>(Frame{message, needed_});
}

}  // namespace signalbox::protocol
