#include "engine/protocol/http_request.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::protocol {
namespace {

constexpr int kBadRequest = 400;
constexpr int kLengthRequired = 411;
constexpr int kContentTooLarge = 413;
constexpr int kUriTooLong = 414;
constexpr int kFieldsTooLarge = 431;
constexpr int kNotImplemented = 501;
constexpr int kVersionNotSupported = 505;

/// Taken bytes are cut off the buffer once there are so many.
constexpr std::size_t kCompactAt = 16'384;

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// What methods and field names are made of (RFC 9110, 5.6.2).
bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || kTokenMarks.find(c) != std::string_view::npos;
    });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char const lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The parameters of a query; a part that cannot be decoded, or holds `;`, is left out.
std::vector<HttpRequest::Field> parse_query(std::string_view text) {
    std::vector<HttpRequest::Field> query;
    if (text.empty()) {
        return query;
    }
    for (std::string_view const part : base::split(text, '&')) {
        if (part.empty() || part.find(';') != std::string_view::npos) {
            continue;
        }
        std::size_t const at = part.find('=');
        auto name = percent_decoded(part.substr(0, at), true);
        auto value = at == std::string_view::npos ? Result<std::string>(std::string())
                                                  : percent_decoded(part.substr(at + 1), true);
        if (name.ok() && value.ok()) {
            query.emplace_back(std::move(name).value(), std::move(value).value());
        }
    }
    return query;
}

/// The path and query of a target; one that names a host is read past it.
std::optional<std::string_view> origin_form(std::string_view target) {
    if (target == "*" || target.starts_with('/')) {
        return target;
    }
    std::size_t const scheme = target.find("://");
    if (scheme == std::string_view::npos ||
        !base::equal_ignoring_case(target.substr(0, scheme), "http")) {
        return std::nullopt;
    }
    std::size_t const path = target.find_first_of("/?", scheme + 3);
    return path == std::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

Result<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            int const high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            int const low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return Error(Errc::Malformed, "percent sign without two hexadecimal digits");
            }
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
        }
    }
    return out;
}

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
    for (Field const& field : query) {
        if (field.first == name) {
            return field.second;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> HttpRequest::field(std::string_view name) const {
    for (Field const& field : fields) {
        if (field.first == name) {
            return field.second;
        }
    }
    return std::nullopt;
}

void HttpRequestParser::feed(Bytes bytes) {
    if (state_ == State::Refused) {
        return;
    }
    if (taken_ >= kCompactAt || taken_ == buffer_.size()) {
        buffer_.erase(0, taken_);
        scanned_ -= taken_;
        taken_ = 0;
    }
    buffer_ += bytes;
}

bool HttpRequestParser::is_within_request() const {
    return state_ != State::RequestLine || buffered() > 0;
}

Result<std::optional<HttpRequest>> HttpRequestParser::next() {
    while (true) {
        switch (state_) {
            case State::RequestLine:
                if (!TRY(read_request_line())) {
                    return std::optional<HttpRequest>();
                }
                break;
            case State::Headers:
                if (!TRY(read_header_line())) {
                    return std::optional<HttpRequest>();
                }
                if (state_ != State::Headers) {
                    return std::optional<HttpRequest>(std::move(request_));
                }
                break;
            case State::Body:
                if (!skip_body()) {
                    return std::optional<HttpRequest>();
                }
                break;
            case State::Refused:
                return Error(refusal_code_, refusal_detail_);
        }
    }
}

Result<std::optional<std::string_view>> HttpRequestParser::take_line(std::size_t limit,
                                                                     int status_over_limit) {
    std::size_t const end = buffer_.find('\n', scanned_);
    bool const whole = end != std::string::npos;
    std::size_t length = (whole ? end : buffer_.size()) - taken_;
    // The carriage return does not count, and may be the last byte that came.
    if (length > 0 && buffer_[taken_ + length - 1] == '\r') {
        --length;
    }
    if (length > limit) {
        return refuse(status_over_limit, Errc::LimitExceeded, "line too long");
    }
    scanned_ = whole ? end + 1 : buffer_.size();
    if (!whole) {
        return std::optional<std::string_view>();
    }
    std::string_view const line = std::string_view(buffer_).substr(taken_, length);
    taken_ = end + 1;
    return std::optional(line);
}

Result<bool> HttpRequestParser::read_request_line() {
    auto const taken = TRY(take_line(limits_.line_bytes, kUriTooLong));
    if (!taken) {
        return false;
    }
    std::string_view const line = *taken;
    // Empty lines before a request are what some clients leave behind a body (RFC 9112, 2.2).
    if (line.empty()) {
        return true;
    }
    auto const parts = base::split(line, ' ');
    if (parts.size() != 3 || !is_token(parts[0]) || has_control(line)) {
        return refuse(kBadRequest, Errc::Malformed, "malformed request line");
    }
    if (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") {
        return parts[2].starts_with("HTTP/")
                   ? refuse(kVersionNotSupported, Errc::Unavailable, "unsupported protocol version")
                   : refuse(kBadRequest, Errc::Malformed, "malformed protocol version");
    }
    auto const target = origin_form(parts[1]);
    if (!target) {
        return refuse(kBadRequest, Errc::Malformed, "malformed request target");
    }
    std::size_t const mark = target->find('?');
    auto path = percent_decoded(target->substr(0, mark), false);
    if (!path.ok()) {
        return refuse(kBadRequest, Errc::Malformed, "malformed request target");
    }
    request_ = HttpRequest();
    request_.method = parts[0];
    request_.path = path.value().empty() ? "/" : std::move(path).value();
    if (mark != std::string_view::npos) {
        request_.query = parse_query(target->substr(mark + 1));
    }
    request_.version_1_0 = parts[2] == "HTTP/1.0";
    headers_bytes_ = 0;
    state_ = State::Headers;
    return true;
}

Result<bool> HttpRequestParser::read_header_line() {
    auto const line = TRY(take_line(limits_.headers_bytes - headers_bytes_, kFieldsTooLarge));
    if (!line) {
        return false;
    }
    if (line->empty()) {
        TRY(finish_headers());
        return true;
    }
    // The end counts as well, so that a great many tiny fields are bounded too.
    headers_bytes_ += std::min(line->size() + 2, limits_.headers_bytes - headers_bytes_);
    TRY(add_header(*line));
    return true;
}

Result<void> HttpRequestParser::add_header(std::string_view line) {
    std::size_t const colon = line.find(':');
    // A line that begins with a blank continues the one before in old HTTP: refused (RFC
    // 9112, 5.2).
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || has_control(line)) {
        return refuse(kBadRequest, Errc::Malformed, "malformed header field");
    }
    if (request_.fields.size() == limits_.fields) {
        return refuse(kFieldsTooLarge, Errc::LimitExceeded, "too many header fields");
    }
    request_.fields.emplace_back(base::to_lower(line.substr(0, colon)),
                                 base::trim(line.substr(colon + 1)));
    return {};
}

Result<void> HttpRequestParser::finish_headers() {
    std::optional<std::string_view> length;
    bool close = false;
    bool keep = !request_.version_1_0;
    std::size_t hosts = 0;
    for (auto const& [name, value] : request_.fields) {
        if (name == "transfer-encoding") {
            return base::equal_ignoring_case(value, "chunked")
                       ? refuse(kLengthRequired, Errc::Unavailable, "a body needs a length")
                       : refuse(kNotImplemented, Errc::Unavailable, "unsupported transfer coding");
        }
        if (name == "content-length") {
            if (length && *length != value) {
                return refuse(kBadRequest, Errc::Malformed, "two content lengths");
            }
            length = value;
        } else if (name == "connection") {
            std::string const options = base::to_lower(value);
            close = close || options.find("close") != std::string::npos;
            keep = keep || options.find("keep-alive") != std::string::npos;
        } else if (name == "host") {
            ++hosts;
        }
    }
    if (hosts > 1 || (hosts == 0 && !request_.version_1_0)) {
        return refuse(kBadRequest, Errc::Malformed, "one host header is required");
    }
    body_left_ = 0;
    if (length) {
        bool const digits = length->find_first_not_of("0123456789") == std::string_view::npos;
        if (length->empty() || !digits) {
            return refuse(kBadRequest, Errc::Malformed, "malformed content length");
        }
        auto const bytes = base::parse_uint(*length);
        if (!bytes || *bytes > limits_.body_bytes) {
            return refuse(kContentTooLarge, Errc::LimitExceeded, "body too large");
        }
        body_left_ = *bytes;
    }
    request_.keep_alive = keep && !close;
    state_ = body_left_ > 0 ? State::Body : State::RequestLine;
    return {};
}

bool HttpRequestParser::skip_body() {
    std::uint64_t const skipped = std::min<std::uint64_t>(body_left_, buffered());
    taken_ += static_cast<std::size_t>(skipped);
    scanned_ = taken_;
    body_left_ -= skipped;
    if (body_left_ > 0) {
        return false;
    }
    state_ = State::RequestLine;
    return true;
}

Error HttpRequestParser::refuse(int status, Errc code, std::string_view detail) {
    state_ = State::Refused;
    refusal_status_ = status;
    refusal_code_ = code;
    refusal_detail_ = detail;
    buffer_.clear();
    taken_ = 0;
    scanned_ = 0;
    return Error(code, refusal_detail_);
}

}  // namespace signalbox::protocol
