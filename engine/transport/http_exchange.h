#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/protocol/http_response_parser.h"
#include "engine/protocol/http_url.h"
#include "engine/tls/context.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <string>

namespace signalbox::transport {

/// What is asked of an HTTP server.
struct HttpQuery {
    std::string method = "GET";
    std::string url;  ///< `http://…` or `https://…`.
    std::string content_type;
    std::string body;
    Duration timeout = base::seconds(2);   ///< For all of it.
    std::uint64_t body_limit = 1'048'576;  ///< Of the answer, in bytes.
    /// For `https`, of a side that dials; null: the authorities of the system are trusted.
    tls::ContextPtr tls;
};

/// One request to a server that is dialled for it, and its answer, of whatever status; no redirect
/// is followed. Destroying it gives up, and nothing is called any more.
class HttpExchange : private world::LinkOwner {
public:
    using Outcome = Result<protocol::HttpResponse>;
    using OnDone = std::function<void(Outcome)>;

    /// `done` is called once, never from within this call, and may destroy the exchange. Errors,
    /// of `done`: those of `Network::dial`; TimedOut; Closed (the peer ended it, or TLS failed);
    /// Malformed and LimitExceeded (the answer). Errors: InvalidArgument (the URL), and those of
    /// `tls::Context::create`.
    static Result<std::unique_ptr<HttpExchange>> start(World& world, HttpQuery query, OnDone done);

    ~HttpExchange() override;

    HttpExchange(HttpExchange const&) = delete;
    HttpExchange& operator=(HttpExchange const&) = delete;

private:
    HttpExchange(World& world, HttpQuery query, protocol::HttpUrl url, OnDone done);

    void received(Bytes bytes) override;
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

    void dial();
    void dialled(std::unique_ptr<world::Link> link);
    void send();
    void look();
    void finish(Outcome outcome);

    World& world_;
    HttpQuery query_;
    protocol::HttpUrl url_;
    OnDone done_;
    protocol::HttpResponseParser parser_;
    std::unique_ptr<world::Dial> dial_;
    std::unique_ptr<world::Link> link_;
    std::string out_;
    std::size_t sent_ = 0;
    world::TimerId timer_;
};

}  // namespace signalbox::transport
