#pragma once

#include "engine/account/account.h"
#include "engine/base/json_writer.h"
#include "engine/config/account_options.h"
#include "engine/event/client_info.h"
#include "engine/message/recipient.h"
#include "engine/world/clock.h"
#include "engine/world/entropy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::dispatch {

/// Where the way of a message is to be told, as its headers ask for it (ADR-41).
inline constexpr std::string_view kTraceDestination = "Nats-Trace-Dest";
inline constexpr std::string_view kTraceOnly = "Nats-Trace-Only";
/// Set by servers alone: which way out of the server before it took.
inline constexpr std::string_view kTraceHop = "Nats-Trace-Hop";
/// Instead of a destination: nothing more is told of it.
inline constexpr std::string_view kTraceDisabled = "trace disabled";

/// What the headers of a message ask for.
struct TraceWish {
    enum class Kind {
        None,
        Traced,
        Invalid,  ///< Its destination is no subject.
    };
    Kind kind = Kind::None;
    std::string destination;
    bool only = false;        ///< Nobody gets the message itself.
    bool by_context = false;  ///< The account says where, for messages with a W3C context.
};

/// `account`: where messages with a W3C context are told of, if the account wants that; `chance`
/// decides which of them.
TraceWish trace_wish(Bytes headers, std::optional<config::TraceOptions> const& account,
                     world::Entropy& chance);

/// One message being traced: writes down what becomes of it on this server.
class MessageTrace {
public:
    MessageTrace(world::Clock& clock, TraceWish wish, account::Account& origin)
        : clock_(clock), wish_(std::move(wish)), origin_(origin) {}

    MessageTrace(MessageTrace const&) = delete;
    MessageTrace& operator=(MessageTrace const&) = delete;

    /// It came from another server, where it was the so manieth way out: `1`, `1.2`.
    void came_by(std::string_view hop) { hop_ = hop; }

    std::string const& destination() const { return wish_.destination; }
    bool only() const { return wish_.only; }
    account::Account& origin() const { return origin_; }

    /// It came in; said first.
    void ingress(event::ClientInfo const& from, std::string_view subject);
    /// After all it was not taken in.
    void refused(std::string_view why) { refused_ = why; }
    void mapped(std::string_view to);
    /// It leaves the account for another, which imports the stream or the service.
    void stream_export(account::Account const& importer, std::string_view to);
    void service_import(account::Account const& exporter, std::string_view from,
                        std::string_view to);
    /// It was handed to a subscription of `account`, or not: `why_not`. `shown` is the one that
    /// matched: a subscription's shadow, when it came through an import.
    void egress(message::Subscription const& subscription, message::Subscription const& shown,
                account::Account const& account, std::string_view why_not);

    /// It goes to another server, or not: `why_not`. Answers which way out that is, to be told
    /// there.
    std::string egress_to_server(message::Recipient const& server, std::string_view why_not);

    /// The whole document, of a message with these headers.
    std::string document(std::string_view server_json, Bytes headers, std::size_t size) const;

private:
    JsonWriter begin(std::string_view type);
    void end(JsonWriter& json);
    std::string ingress_json() const;

    world::Clock& clock_;
    TraceWish wish_;
    account::Account& origin_;
    std::string ingress_;  ///< Without its end, where an error may stand.
    std::string refused_;
    std::string events_;  ///< Those after it, each after a comma.
    std::string hop_;
    unsigned ways_out_ = 0;
};

}  // namespace signalbox::dispatch
