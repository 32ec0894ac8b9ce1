// Building of PUB/HPUB frames and two readers of the server's byte stream:
// FrameCounter, which only counts, and MessageParser, which hands out messages.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace natsload {

inline std::string header_block(std::size_t wanted_bytes) {
    static constexpr std::string_view kPrefix = "NATS/1.0\r\nX-Load: ";
    std::string block(kPrefix);
    const std::size_t fixed = kPrefix.size() + 4;
    block.append(wanted_bytes > fixed ? wanted_bytes - fixed : 1, 'h');
    block += "\r\n\r\n";
    return block;
}

// Appends one complete PUB or HPUB frame.
inline void append_publish(std::string& out, std::string_view subject, std::string_view reply,
                           std::string_view headers, std::string_view payload) {
    out += headers.empty() ? "PUB " : "HPUB ";
    out += subject;
    out += ' ';
    if (!reply.empty()) {
        out += reply;
        out += ' ';
    }
    if (!headers.empty()) {
        out += std::to_string(headers.size());
        out += ' ';
    }
    out += std::to_string(headers.size() + payload.size());
    out += "\r\n";
    out += headers;
    out += payload;
    out += "\r\n";
}

// The number at the end of a control line (the total size of MSG and HMSG).
inline std::size_t trailing_number(std::string_view line) {
    std::size_t begin = line.size();
    while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9')
        --begin;
    std::size_t value = 0;
    for (std::size_t i = begin; i < line.size(); ++i)
        value = value * 10 + static_cast<std::size_t>(line[i] - '0');
    return value;
}

// Counts MSG and HMSG frames. Bodies are skipped, never looked at, and a header
// equal to the one before it is recognised by one comparison.
class FrameCounter {
public:
    std::uint64_t messages() const { return messages_; }
    std::uint64_t pongs() const { return pongs_; }
    std::string const& error() const { return error_; }

    // Number of PINGs seen since the last call: each wants a PONG.
    unsigned take_pings() {
        unsigned const pings = pings_;
        pings_ = 0;
        return pings;
    }

    // Bytes of the current body still to come; they may be dropped unread.
    std::size_t remaining_body() const { return skip_; }
    void body_dropped(std::size_t bytes) { skip_ -= bytes; }

    void feed(char const* at, std::size_t size) {
        char const* const end = at + size;
        while (at < end) {
            if (skip_ > 0) {
                const std::size_t take = std::min(skip_, static_cast<std::size_t>(end - at));
                at += take;
                skip_ -= take;
                continue;
            }
            if (partialLine_.empty() && predictedSize_ != 0 &&
                static_cast<std::size_t>(end - at) >= predictedSize_ &&
                std::memcmp(at, predicted_, predictedSize_) == 0) {
                ++messages_;
                at += predictedSize_;
                skip_ = predictedBody_;
                continue;
            }
            auto const* newline =
                static_cast<char const*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
            if (newline == nullptr) {
                partialLine_.append(at, end);
                return;
            }
            if (partialLine_.empty()) {
                take_line(at, static_cast<std::size_t>(newline + 1 - at));
            } else {
                partialLine_.append(at, newline + 1);
                take_line(partialLine_.data(), partialLine_.size());
                partialLine_.clear();
            }
            at = newline + 1;
        }
    }

private:
    void take_line(char const* line, std::size_t size_with_end) {
        const std::string_view text(line, size_with_end >= 2 ? size_with_end - 2 : 0);
        if (text.empty())
            return;
        if (text[0] == 'M' || text[0] == 'H') {
            ++messages_;
            skip_ = trailing_number(text) + 2;
            if (size_with_end <= sizeof predicted_) {
                std::memcpy(predicted_, line, size_with_end);
                predictedSize_ = size_with_end;
                predictedBody_ = skip_;
            }
        } else if (text == "PING") {
            ++pings_;
        } else if (text == "PONG") {
            ++pongs_;
        } else if (text[0] == '-') {
            error_ = text;
        }
    }

    std::uint64_t messages_ = 0;
    std::uint64_t pongs_ = 0;
    unsigned pings_ = 0;
    std::size_t skip_ = 0;
    char predicted_[128];
    std::size_t predictedSize_ = 0;
    std::size_t predictedBody_ = 0;
    std::string partialLine_;
    std::string error_;
};

struct Message {
    std::string_view subject;
    std::string_view reply;    // empty when there is none
    std::string_view headers;  // empty for MSG
    std::string_view payload;
};

// Keeps a contiguous buffer and calls back for each complete message.
class MessageParser {
public:
    explicit MessageParser(std::size_t capacity = 256 * 1024) : buffer_(capacity) {}

    char* writable() {
        if (begin_ == end_)
            begin_ = end_ = 0;
        if (buffer_.size() - end_ < buffer_.size() / 4) {
            std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
            if (buffer_.size() - end_ < buffer_.size() / 4)
                buffer_.resize(buffer_.size() * 2);
        }
        return buffer_.data() + end_;
    }
    std::size_t capacity() const { return buffer_.size() - end_; }
    void wrote(std::size_t bytes) { end_ += bytes; }

    unsigned take_pings() {
        unsigned const pings = pings_;
        pings_ = 0;
        return pings;
    }
    std::uint64_t pongs() const { return pongs_; }
    std::string const& error() const { return error_; }

    template <typename OnMessage>
    void parse(OnMessage&& on_message) {
        while (begin_ < end_) {
            char const* at = buffer_.data() + begin_;
            const std::size_t available = end_ - begin_;
            auto const* newline = static_cast<char const*>(std::memchr(at, '\n', available));
            if (newline == nullptr)
                return;
            const std::size_t line_size = static_cast<std::size_t>(newline + 1 - at);
            const std::string_view line(at, line_size >= 2 ? line_size - 2 : 0);
            if (!line.empty() && (line[0] == 'M' || line[0] == 'H')) {
                const std::size_t body = trailing_number(line);
                if (available < line_size + body + 2)
                    return;
                on_message(split(line, newline + 1, body));
                begin_ += line_size + body + 2;
                continue;
            }
            if (line == "PING")
                ++pings_;
            else if (line == "PONG")
                ++pongs_;
            else if (!line.empty() && line[0] == '-')
                error_ = line;
            begin_ += line_size;
        }
    }

private:
    static Message split(std::string_view line, char const* body, std::size_t body_size) {
        std::string_view fields[6];
        std::size_t count = 0;
        std::size_t at = 0;
        while (at < line.size() && count < 6) {
            const std::size_t space = std::min(line.find(' ', at), line.size());
            fields[count++] = line.substr(at, space - at);
            at = space + 1;
        }
        Message message;
        message.subject = fields[1];
        if (line[0] == 'M') {  // MSG subject sid [reply] size
            if (count == 5)
                message.reply = fields[3];
            message.payload = {body, body_size};
        } else {  // HMSG subject sid [reply] headers total
            if (count == 6)
                message.reply = fields[3];
            const std::size_t headers = std::min(trailing_number(fields[count - 2]), body_size);
            message.headers = {body, headers};
            message.payload = {body + headers, body_size - headers};
        }
        return message;
    }

    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    unsigned pings_ = 0;
    std::uint64_t pongs_ = 0;
    std::string error_;
};

}  // namespace natsload
