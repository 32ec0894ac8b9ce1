#include "engine/host/http_fetch.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <array>
#include <string_view>
#include <utility>

namespace signalbox::host {

namespace {

/// The number in `HTTP/1.x nnn …`.
std::optional<int> status_of(std::string_view line) {
    std::size_t const blank = line.find(' ');
    if (!line.starts_with("HTTP/1.") || blank == std::string_view::npos) {
        return std::nullopt;
    }
    std::optional<std::uint64_t> const number = base::parse_uint(line.substr(blank + 1, 3));
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

/// What a header field of that name, in lower case, holds; nothing when there is none.
std::optional<std::string_view> field_of(std::string_view head, std::string_view name) {
    for (std::string_view line : base::split(head, '\n')) {
        std::size_t const colon = line.find(':');
        if (colon != std::string_view::npos &&
            base::equal_ignoring_case(base::trim(line.substr(0, colon)), name)) {
            return base::trim(line.substr(colon + 1));
        }
    }
    return std::nullopt;
}

}  // namespace

Result<HttpAnswer> read_http_answer(std::string const& bytes) {
    std::string_view const all(bytes);
    std::size_t const end = all.find("\r\n\r\n");
    std::optional<int> const status = status_of(all.substr(0, all.find("\r\n")));
    if (end == std::string_view::npos || !status) {
        return Error(Errc::Malformed, "what answers does not speak HTTP");
    }
    std::string_view const head = all.substr(0, end);
    std::string_view body = all.substr(end + 4);
    if (field_of(head, "transfer-encoding")) {
        return Error(Errc::Malformed, "a form of HTTP/1.1 in answer to HTTP/1.0");
    }
    if (std::optional<std::string_view> const length = field_of(head, "content-length")) {
        std::optional<std::uint64_t> const announced = base::parse_uint(*length);
        if (!announced || body.size() < *announced) {
            return Error(Errc::Malformed, "the answer is cut short");
        }
        body = body.substr(0, *announced);
    }
    return HttpAnswer{.status = *status, .body = std::string(body)};
}

HttpFetch::HttpFetch(World& world, HttpRequestOf request, OnDone done)
    : world_(world), request_(std::move(request)), done_(std::move(done)) {
    // HTTP/1.0, so that the body ends with the connection and comes in one piece.
    bool const is_v6 = request_.host.find(':') != std::string::npos;
    out_ = concat("GET ", request_.path, " HTTP/1.0\r\nHost: ", is_v6 ? "[" : "", request_.host,
                  is_v6 ? "]:" : ":", request_.port,
                  "\r\nAccept: application/json\r\nUser-Agent: signalbox\r\n\r\n");
    dial_ = world_.network().dial(
        request_.host, request_.port, request_.timeout,
        [this](Result<std::unique_ptr<world::Link>> link) { dialled(std::move(link)); });
    timer_ = world_.timers().call_at(world_.clock().now() + request_.timeout, [this] {
        finish(Error(Errc::TimedOut, "no answer in time"));
    });
}

HttpFetch::~HttpFetch() {
    world_.timers().cancel(timer_);
}

void HttpFetch::dialled(Result<std::unique_ptr<world::Link>> link) {
    if (!link.ok()) {
        finish(link.error());
        return;
    }
    link_ = std::move(link).value();
    link_->start(*this);
    send();
}

void HttpFetch::send() {
    std::array<Bytes, 1> const pieces = {Bytes(out_)};
    out_.erase(0, link_->send(pieces));
}

void HttpFetch::writable() {
    if (link_ && !out_.empty()) {
        send();
    }
}

void HttpFetch::received(Bytes bytes) {
    if (in_.size() + bytes.size() > request_.most_bytes) {
        finish(Error(Errc::LimitExceeded,
                     concat("an answer of more than ", request_.most_bytes, " bytes")));
        return;
    }
    in_.append(bytes);
}

void HttpFetch::ended(world::LinkEnd why, std::string_view detail) {
    if (why == world::LinkEnd::ClosedByPeer) {
        finish(read_http_answer(in_));
    } else {
        finish(Error(Errc::Io, std::string(detail)));
    }
}

void HttpFetch::finish(Result<HttpAnswer> result) {
    world_.timers().cancel(timer_);
    dial_.reset();
    link_.reset();
    if (OnDone const done = std::exchange(done_, nullptr)) {
        done(std::move(result));
    }
}

}  // namespace signalbox::host
