#include "engine/protocol/http_response_parser.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <charconv>

namespace signalbox::protocol {
namespace {

/// Of what stands before the body, and of the lines between its chunks.
constexpr std::size_t kLineLimit = 16'384;
constexpr std::size_t kHeadLimit = 65'536;

Error malformed(std::string_view what) {
    return Error(Errc::Malformed, concat("HTTP response: ", what));
}

}  // namespace

Result<std::optional<HttpResponse>> HttpResponseParser::next() {
    while (state_ != State::Whole) {
        if (!TRY(step())) {
            if (finished_) {
                return malformed("it ends too early");
            }
            return std::optional<HttpResponse>();
        }
    }
    return std::optional(std::move(response_));
}

Result<bool> HttpResponseParser::step() {
    bool const within_body =
        state_ == State::Body || state_ == State::BodyToEnd || state_ == State::Chunk;
    if (within_body) {
        return take_body();
    }
    auto const line = take_line();
    if ((line ? line->size() : buffer_.size() - taken_) > kLineLimit) {
        return Error(Errc::LimitExceeded, "HTTP response: a line is too long");
    }
    if (!line) {
        return false;
    }
    switch (state_) {
        case State::StatusLine:
            return read_status(*line);
        case State::Fields:
            return line->empty() ? begin_body() : read_field(*line);
        case State::ChunkSize:
            return begin_chunk(*line);
        case State::ChunkEnd:
            if (!line->empty()) {
                return malformed("a chunk is longer than it says");
            }
            state_ = State::ChunkSize;
            return true;
        case State::Trailers:
            if (line->empty()) {
                state_ = State::Whole;
            }
            return true;
        case State::Body:
        case State::BodyToEnd:
        case State::Chunk:
        case State::Whole:
            break;
    }
    return false;
}

/// A line without its end. The view lasts until the next bytes are fed.
std::optional<std::string_view> HttpResponseParser::take_line() {
    std::size_t const end = buffer_.find('\n', taken_);
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::string_view line = std::string_view(buffer_).substr(taken_, end - taken_);
    taken_ = end + 1;
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

Result<bool> HttpResponseParser::read_status(std::string_view line) {
    bool const is_http = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ';
    auto const status =
        is_http ? base::parse_uint(line.substr(9, 3)) : std::optional<std::uint64_t>();
    if (!status || *status < 100 || *status > 599) {
        return malformed("no status line");
    }
    response_ = {.status = static_cast<int>(*status), .content_type = {}, .body = {}};
    length_.reset();
    chunked_ = false;
    state_ = State::Fields;
    return true;
}

Result<bool> HttpResponseParser::read_field(std::string_view line) {
    if (taken_ > kHeadLimit) {
        return Error(Errc::LimitExceeded, "HTTP response: its head is too long");
    }
    std::size_t const colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return malformed("a header without a name");
    }
    std::string_view const name = line.substr(0, colon);
    std::string_view const value = base::trim(line.substr(colon + 1));
    if (base::equal_ignoring_case(name, "content-length")) {
        auto const length = base::parse_uint(value);
        if (!length || (length_ && *length_ != *length)) {
            return malformed("a length that is none");
        }
        length_ = length;
    } else if (base::equal_ignoring_case(name, "transfer-encoding")) {
        if (!base::equal_ignoring_case(value, "chunked")) {
            return malformed("an encoding that is not spoken here");
        }
        chunked_ = true;
    } else if (base::equal_ignoring_case(name, "content-type")) {
        response_.content_type = value;
    }
    return true;
}

Result<bool> HttpResponseParser::begin_body() {
    if (response_.status < 200) {
        // Not the answer yet.
        state_ = State::StatusLine;
    } else if (response_.status == 204 || response_.status == 304) {
        state_ = State::Whole;
    } else if (chunked_) {
        state_ = State::ChunkSize;
    } else if (length_) {
        if (*length_ > body_limit_) {
            return Error(Errc::LimitExceeded, "HTTP response: its body is too large");
        }
        left_ = *length_;
        state_ = left_ == 0 ? State::Whole : State::Body;
    } else {
        state_ = State::BodyToEnd;
    }
    return true;
}

Result<bool> HttpResponseParser::begin_chunk(std::string_view line) {
    // What stands behind the size are its extensions, which nobody uses.
    std::string_view const digits = base::trim(line.substr(0, line.find(';')));
    std::uint64_t size = 0;
    auto const [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
        return malformed("a chunk without a size");
    }
    if (size > body_limit_ - response_.body.size()) {
        return Error(Errc::LimitExceeded, "HTTP response: its body is too large");
    }
    left_ = size;
    state_ = size == 0 ? State::Trailers : State::Chunk;
    return true;
}

Result<bool> HttpResponseParser::take_body() {
    std::string_view rest = std::string_view(buffer_).substr(taken_);
    bool const to_end = state_ == State::BodyToEnd;
    std::string_view const part = to_end ? rest : rest.substr(0, left_);
    if (part.size() > body_limit_ - response_.body.size()) {
        return Error(Errc::LimitExceeded, "HTTP response: its body is too large");
    }
    response_.body.append(part);
    taken_ += part.size();
    buffer_.erase(0, std::exchange(taken_, 0));
    if (to_end) {
        state_ = finished_ ? State::Whole : State::BodyToEnd;
        return finished_;
    }
    left_ -= part.size();
    if (left_ > 0) {
        return false;
    }
    state_ = state_ == State::Chunk ? State::ChunkEnd : State::Whole;
    return true;
}

}  // namespace signalbox::protocol
