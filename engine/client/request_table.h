#pragma once

#include "engine/base/result.h"
#include "engine/base/text.h"
#include "engine/base/time.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace signalbox::client {

/// What came back for a request. Views last while the callback runs.
struct Reply {
    std::string_view headers;
    std::string_view payload;
    Duration after{0};
    bool no_responders = false;  ///< The server found nobody; headers and payload are its answer.
};

/// Errors: TimedOut, Closed.
using OnReply = std::function<void(Result<Reply>)>;

/// The requests that wait for an answer. All share one inbox: the last token of the reply subject
/// says which one is meant.
class RequestTable {
public:
    RequestTable(World& world, std::string inbox_prefix);
    ~RequestTable();

    RequestTable(RequestTable const&) = delete;
    RequestTable& operator=(RequestTable const&) = delete;

    /// What to subscribe to.
    std::string inbox_filter() const { return prefix_ + "*"; }

    /// The reply subject of the request that is added next.
    std::string next_reply() const { return concat(prefix_, last_ + 1); }

    /// Takes the request in. `done` is called once, never from within this call.
    void add(Duration timeout, OnReply done);

    /// An answer came on `subject`; one that nobody waits for any more is dropped.
    void answer(std::string_view subject, Reply reply);

    /// Every request fails with this error.
    void fail_all(Error const& error);

    std::size_t size() const { return waiting_.size(); }

private:
    struct Waiting {
        OnReply done;
        Instant since;
        world::TimerId timer;
    };

    void expire(std::uint64_t number);

    World& world_;
    std::string const prefix_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Waiting> waiting_;
};

}  // namespace signalbox::client
