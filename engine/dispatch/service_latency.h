#pragma once

#include "engine/account/account.h"
#include "engine/config/account_options.h"
#include "engine/dispatch/internal_client.h"
#include "engine/event/client_info.h"
#include "engine/event/event_id.h"
#include "engine/message/recipient.h"
#include "engine/world/world.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::dispatch {

/// Headers that are repeated in a measurement, by their names as they are usually written.
using EchoedHeaders = std::vector<std::pair<std::string, std::string>>;

/// Whether a request is to be measured by what its headers say, and which of them made it so:
/// those of Jaeger (`Uber-Trace-Id`), Zipkin (`X-B3-…`, `B3`) and W3C (`Traceparent`).
struct HeaderSample {
    bool wanted = false;
    EchoedHeaders headers;
};
HeaderSample sampled_by_headers(Bytes headers);

/// How a request that was measured ended, when not with an answer.
enum class LatencyStatus {
    BadRequest,          ///< It asked for no answer.
    RequestTimeout,      ///< Whoever asked did not wait for it.
    ServiceUnavailable,  ///< Nobody was there to answer.
    ServiceTimeout,      ///< Nobody answered in time.
};

/// One request being measured.
struct Measurement {
    account::Account* exporter = nullptr;
    std::string subject;  ///< Where it is told.
    event::ClientInfo requester;
    WallTime wall;     ///< When the request came through.
    Instant asked_at;  ///< Likewise, on the clock that does not jump.
    EchoedHeaders headers;
};

/// Tells the account that exports a service how long its requests took.
class ServiceLatency {
public:
    ServiceLatency(World& world, Dispatcher& dispatcher);

    /// Null: this request is not measured, by the dice and by its headers.
    std::unique_ptr<Measurement> begin(config::LatencyOptions const& options,
                                       account::Account& exporter,
                                       event::ClientInfo const& requester, Bytes headers);

    /// The first answer came, from `responder`.
    void finish(Measurement const& measurement, message::Publisher const& responder);
    void fail(Measurement const& measurement, LatencyStatus status);

    /// The account is gone.
    void forget(account::Account const& account) { speakers_.erase(account.index()); }

private:
    struct Outcome {
        int status = 200;
        std::string_view description;
        event::ClientInfo const* responder = nullptr;
        Duration service{0};
        Duration total{0};
    };
    void tell(Measurement const& measurement, Outcome const& outcome);

    World& world_;
    Dispatcher& dispatcher_;
    std::unique_ptr<world::Entropy> entropy_;
    event::EventIds ids_;
    std::map<std::uint32_t, std::unique_ptr<InternalClient>> speakers_;  ///< By account index.
};

}  // namespace signalbox::dispatch
