#include "engine/transport/http_exchange.h"

#include "engine/base/text.h"
#include "engine/transport/tls_link.h"

#include <span>
#include <utility>

namespace signalbox::transport {
namespace {

std::string request_text(HttpQuery const& query, protocol::HttpUrl const& url) {
    std::string text = concat(query.method, ' ', url.target, " HTTP/1.1\r\nHost: ", url.authority,
                              "\r\nUser-Agent: signalbox\r\nConnection: close\r\n");
    if (!query.content_type.empty()) {
        append(text, "Content-Type: ", query.content_type, "\r\n");
    }
    if (!query.body.empty() || query.method != "GET") {
        append(text, "Content-Length: ", query.body.size(), "\r\n");
    }
    append(text, "\r\n", query.body);
    return text;
}

}  // namespace

Result<std::unique_ptr<HttpExchange>> HttpExchange::start(World& world, HttpQuery query,
                                                          OnDone done) {
    auto url = TRY(protocol::HttpUrl::parse(query.url));
    if (url.secure && !query.tls) {
        query.tls = TRY(tls::Context::create(tls::Role::Client, {.verify = tls::Verify::Peer}));
    }
    std::unique_ptr<HttpExchange> made(
        new HttpExchange(world, std::move(query), std::move(url), std::move(done)));
    made->dial();
    return made;
}

HttpExchange::HttpExchange(World& world, HttpQuery query, protocol::HttpUrl url, OnDone done)
    : world_(world),
      query_(std::move(query)),
      url_(std::move(url)),
      done_(std::move(done)),
      parser_(query_.body_limit),
      out_(request_text(query_, url_)) {}

HttpExchange::~HttpExchange() {
    world_.timers().cancel(timer_);
}

void HttpExchange::dial() {
    timer_ = world_.timers().call_at(world_.clock().now() + query_.timeout, [this] {
        timer_ = {};
        finish(Error(Errc::TimedOut, concat("no answer from ", url_.authority, " in time")));
    });
    dial_ = world_.network().dial(url_.host, url_.port, query_.timeout,
                                  [this](Result<std::unique_ptr<world::Link>> link) {
                                      if (link.ok()) {
                                          dialled(std::move(link).value());
                                      } else {
                                          finish(link.error());
                                      }
                                  });
}

void HttpExchange::dialled(std::unique_ptr<world::Link> link) {
    link_ = std::move(link);
    if (url_.secure) {
        link_ = std::make_unique<TlsLink>(world_, std::move(link_),
                                          tls::Session::connect(query_.tls, url_.host));
    }
    link_->start(*this);
    send();
}

void HttpExchange::send() {
    Bytes const rest = Bytes(out_).substr(sent_);
    if (!rest.empty()) {
        sent_ += link_->send(std::span(&rest, 1));
    }
}

void HttpExchange::writable() {
    send();
}

void HttpExchange::received(Bytes bytes) {
    parser_.feed(bytes);
    look();
}

/// Called last, for the answer may destroy this.
void HttpExchange::look() {
    auto next = parser_.next();
    if (!next.ok()) {
        finish(next.error());
    } else if (next.value()) {
        finish(std::move(*next.value()));
    }
}

void HttpExchange::ended(world::LinkEnd why, std::string_view detail) {
    if (why == world::LinkEnd::ClosedByPeer && sent_ == out_.size()) {
        parser_.finish();
        look();
        return;
    }
    finish(Error(Errc::Closed, concat("connection to ", url_.authority, " lost: ", detail)));
}

/// Called last.
void HttpExchange::finish(Outcome outcome) {
    if (auto const done = std::exchange(done_, {})) {
        done(std::move(outcome));
    }
}

}  // namespace signalbox::transport
