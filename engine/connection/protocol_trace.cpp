#include "engine/connection/protocol_trace.h"

#include "engine/base/json_reader.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"

#include <algorithm>
#include <array>

namespace signalbox::connection {
namespace {

constexpr std::array<std::string_view, 6> kSecretFields = {"pass", "auth_token", "jwt",
                                                           "sig",  "nkey",       "proxy_sig"};

bool is_secret(std::string_view field) {
    return std::ranges::any_of(kSecretFields, [&](std::string_view secret) {
        return base::equal_ignoring_case(secret, field);
    });
}

std::string_view cut_to(std::string_view text, std::int64_t limit) {
    return limit > 0 ? text.substr(0, static_cast<std::size_t>(limit)) : text;
}

}  // namespace

void trace_connect(Logger& log, std::uint64_t cid, std::string_view json_text) {
    if (!log.wants(LogLevel::Trace)) {
        return;
    }
    auto const json = Json::parse(json_text);
    if (!json.ok() || json.value().as_object() == nullptr) {
        trace_in(log, cid, "CONNECT {...}");
        return;
    }
    JsonWriter shown;
    shown.begin_object();
    for (Json::Member const& member : *json.value().as_object()) {
        shown.key(member.first);
        if (is_secret(member.first)) {
            shown.value("[REDACTED]");
        } else if (auto const* text = member.second.as_text()) {
            shown.value(std::string_view(*text));
        } else if (auto const* yes = member.second.as_bool()) {
            shown.value(*yes);
        } else if (auto const number = member.second.as_int()) {
            shown.value(*number);
        } else {
            shown.null();
        }
    }
    shown.end_object();
    trace_in(log, cid, "CONNECT ", shown.text());
}

void trace_publish(Logger& log, std::uint64_t cid, protocol::Publish const& message,
                   config::Logging const& logging) {
    trace_in(log, cid, message.headers.empty() ? "PUB " : "HPUB ", message.subject.text(), " ",
             message.reply, message.reply.empty() ? "" : " ", message.sizes);
    bool const headers_only = logging.trace_headers && !message.headers.empty();
    Bytes const whole =
        headers_only || !message.headers.empty() ? message.headers : message.payload;
    std::string text(whole);
    if (!headers_only && !message.headers.empty()) {
        text += message.payload;
    }
    if (text.empty()) {
        return;
    }
    std::string_view const shown = cut_to(text, logging.max_traced_msg_len);
    LOG(log, Trace, "cid:", cid, " - <<- MSG_PAYLOAD: [", base::quoted(shown),
        shown.size() < text.size() ? "..." : "", "]");
}

void trace_delivery(Logger& log, std::uint64_t cid, message::Subscription const& subscription,
                    message::MessageRun const& run, message::MessageView const& message) {
    trace_out(log, cid,
              concat(message.headers.empty() ? "MSG " : "HMSG ", run.subject.text(), " ",
                     subscription.sid, " ", message.reply, message.reply.empty() ? "" : " ",
                     message.sizes));
}

}  // namespace signalbox::connection
