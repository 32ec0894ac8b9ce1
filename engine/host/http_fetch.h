#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace signalbox::host {

/// What is to be fetched, with a limit to each of its costs.
struct HttpRequestOf {
    std::string host;
    std::uint16_t port = 80;
    std::string path;  ///< With its query, percent-encoded.
    Duration timeout = base::seconds(5);
    std::size_t most_bytes = std::size_t{32} << 20;  ///< Of the whole answer.
};

struct HttpAnswer {
    int status = 0;
    std::string body;
};

/// Reads a whole answer to a request of HTTP/1.0, after the peer has closed. Errors: Malformed,
/// also when it is cut short.
Result<HttpAnswer> read_http_answer(std::string const& bytes);

/// One GET in the clear, over a connection of its own. Its end gives up.
class HttpFetch final : private world::LinkOwner {
public:
    using OnDone = std::function<void(Result<HttpAnswer>)>;

    /// `done` is called once, never from within this call, and may not destroy the fetch. Errors,
    /// of `done`: NotFound, Io, TimedOut, Malformed, LimitExceeded.
    HttpFetch(World& world, HttpRequestOf request, OnDone done);
    ~HttpFetch() override;

    HttpFetch(HttpFetch const&) = delete;
    HttpFetch& operator=(HttpFetch const&) = delete;

private:
    void received(Bytes bytes) override;
    void writable() override;
    void ended(world::LinkEnd why, std::string_view detail) override;

    void dialled(Result<std::unique_ptr<world::Link>> link);
    void send();
    void finish(Result<HttpAnswer> result);

    World& world_;
    HttpRequestOf const request_;
    OnDone done_;
    std::unique_ptr<world::Dial> dial_;
    std::unique_ptr<world::Link> link_;
    std::string out_;
    std::string in_;
    world::TimerId timer_;
};

}  // namespace signalbox::host
